"""What differs between versions, and when a version begins to hold."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.privacy.policy.rules import NOTICE_MS, compare, compute_applies_at, is_wider
from teahouse.privacy.policy.types import Datum, Purpose, Source

ROW = Datum(
    where="chat_event.sender",
    category="identifier",
    purpose="who sent an event",
    basis="contract",
    keep="30 days",
    seen_by=("self", "room"),
)


def source(*data: Datum, optional: tuple[Purpose, ...] = (), prose: str = "") -> Source:
    return Source(data=data, optional=optional, prose=prose)


def wider(before: Datum, **after: object) -> bool:
    changed = msgspec.structs.replace(before, **after)
    return is_wider(compare(source(before), source(changed), numbers=(1, 2)))


def test_more_is_done_where_anything_is_added_but_a_shorter_time_or_fewer_eyes() -> None:
    assert not wider(ROW, keep="7 days")
    assert not wider(ROW, seen_by=("self",))
    assert wider(ROW, keep="account")
    assert wider(ROW, seen_by=("self", "room", "operator"))
    assert wider(ROW, purpose="to show you ads")
    assert wider(ROW, basis="consent")
    assert wider(msgspec.structs.replace(ROW, keep="device"), keep="30 days")


def test_a_wider_version_holds_after_the_notice_and_a_narrower_one_at_once() -> None:
    more = msgspec.structs.replace(ROW, where="chat_event.mood")
    added = compare(source(ROW), source(ROW, more), numbers=(1, 2))
    assert compute_applies_at(added, 5) == 5 + NOTICE_MS
    assert compute_applies_at(compare(source(ROW, more), source(ROW), numbers=(2, 3)), 5) == 5
    assert compute_applies_at(compare(None, source(ROW), numbers=(0, 1)), 5) == 5


def test_something_optional_needs_no_notice() -> None:
    texts = {"en": "Ice", "zh": "冰"}
    ice = Purpose(name="ice", title=texts, text=texts, data=("content",))
    changes = compare(source(ROW), source(ROW, optional=(ice,), prose="new"), numbers=(1, 2))
    assert changes.optional_added == ("ice",)
    assert changes.is_prose_changed
    assert not is_wider(changes)


places = st.sampled_from("abcdef")
maps = st.dictionaries(places, st.sampled_from(["account", "room", "7 days", "30 days"]))


@settings(max_examples=50)
@given(before=maps, after=maps)
def test_exactly_the_rows_that_differ_are_listed(
    before: dict[str, str], after: dict[str, str]
) -> None:
    def rows(told: dict[str, str]) -> Source:
        return source(
            *(msgspec.structs.replace(ROW, where=where, keep=told[where]) for where in sorted(told))
        )

    changes = compare(rows(before), rows(after), numbers=(1, 2))
    differing = {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}
    assert [one.where for one in changes.data] == sorted(differing)
    for one in changes.data:
        assert (one.before.keep if one.before else None) == before.get(one.where)
        assert (one.after.keep if one.after else None) == after.get(one.where)

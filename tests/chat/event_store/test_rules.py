"""Relations and memberships as they stand in events."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat.event_store.rules import read_membership, read_relation
from teahouse.chat.event_store.types import splice

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(relation=_json, event_id=_json, rel_type=_json)
def test_whatever_stands_in_a_relation_is_a_pair_of_names_or_none(
    relation: Any, event_id: Any, rel_type: Any
) -> None:
    pair = {"event_id": event_id, "rel_type": rel_type}
    for said in (relation, pair):
        found = read_relation({"m.relates_to": said})
        assert found == (None, None) or all(
            isinstance(name, str) and name and "\0" not in name and len(name.encode()) <= 255
            for name in found
        )


@pytest.mark.parametrize(
    ("relation", "found"),
    [
        ({"event_id": "$a", "rel_type": "m.thread"}, ("$a", "m.thread")),
        ({"event_id": "$" + "a" * 254, "rel_type": "x"}, ("$" + "a" * 254, "x")),
        ({"event_id": "$" + "a" * 255, "rel_type": "x"}, (None, None)),
        ({"event_id": "$a"}, (None, None)),
        ({"event_id": "", "rel_type": "m.thread"}, (None, None)),
        ({"event_id": 1, "rel_type": "m.thread"}, (None, None)),
        ({"event_id": "$a", "rel_type": "\0"}, (None, None)),
        ([], (None, None)),
        # A reply is no relation of its own.
        ({"m.in_reply_to": {"event_id": "$a"}}, (None, None)),
    ],
)
def test_a_relation_has_both_names(relation: Any, found: tuple[str | None, str | None]) -> None:
    assert read_relation({"m.relates_to": relation}) == found


def test_a_membership_is_one_of_five() -> None:
    for known in ("invite", "join", "knock", "leave", "ban"):
        assert read_membership(b'{"content":{"membership":"%b"}}' % known.encode()) == known
    with pytest.raises(msgspec.ValidationError):
        read_membership(b'{"content":{"membership":"asleep"}}')


@given(
    event=st.dictionaries(st.text(), _json, min_size=1),
    room_id=st.none() | st.text(),
    unsigned=st.booleans(),
)
def test_what_is_spliced_in_is_there_and_the_rest_is_as_it_was(
    event: dict[str, Any], room_id: str | None, *, unsigned: bool
) -> None:
    event = {key: value for key, value in event.items() if key not in {"room_id", "unsigned"}}
    event["content"] = {}
    made = splice(
        msgspec.json.encode(event), room_id=room_id, unsigned=b'{"age":1}' if unsigned else b""
    )
    expected = event | ({} if room_id is None else {"room_id": room_id})
    assert msgspec.json.decode(made) == expected | ({"unsigned": {"age": 1}} if unsigned else {})

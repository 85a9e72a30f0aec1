"""Whatever reads what strangers send: it is understood or refused, and never a defect.

`TEAHOUSE_FUZZ_EXAMPLES` sets how many random inputs each parser is given; 80 unless told otherwise.
What other tests already give at random: payment codes (tests/wallet/codes), canonical JSON
(tests/chat/events), pictures (tests/chat/thumbnails), passkeys (tests/accounts/test_passkeys),
whole requests (tests/proof/test_hostile).
"""

import io
import json
import os
import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse import iso20022
from teahouse.chat.filters.rules import decode_filter, decode_room_event_filter
from teahouse.chat.media.rules import clean_content_type, parse_range
from teahouse.chat.push.rules import add_rule, build_ruleset, check_kind, check_rule, evaluate
from teahouse.chat.push.types import KINDS, MemberView, StoredRules
from teahouse.iso20022.reading import BadMessage
from teahouse.platform.errors import Refusal
from teahouse.platform.http import decode_body
from teahouse.platform.pages import parse_cursor
from teahouse.privacy.imports.live import open_archive, verify_files
from tests.iso20022 import kit
from tests.privacy.imports.test_hostile_archives import GOOD, make

FUZZ_EXAMPLES = int(os.environ.get("TEAHOUSE_FUZZ_EXAMPLES", "80"))
fuzz = settings(deadline=None, max_examples=FUZZ_EXAMPLES)

# What a parser may do with what it does not understand.
understood_or_refused = partial(suppress, BadMessage, Refusal)

# XML of banks

STATEMENT = iso20022.write_statement(kit.STATEMENT).decode()
BODY = STATEMENT.partition("?>")[2]
LAUGHS = '<!DOCTYPE d [<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
)
HOSTILE_XML: dict[str, bytes] = {
    "entities within entities": (LAUGHS + "]>" + BODY).encode(),
    "a file": ('<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + BODY).encode(),
    "another host": ('<!DOCTYPE d SYSTEM "http://192.0.2.1/d.dtd">' + BODY).encode(),
    "a parameter entity": (
        '<!DOCTYPE d [<!ENTITY % x SYSTEM "http://192.0.2.1/x"> %x;]>' + BODY
    ).encode(),
    "small letters": ("<!doctype d>" + BODY).encode(),
    # The same in other bytes than one would look for.
    "UTF-16": ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE d>' + BODY).encode("utf-16"),
    "UTF-16 without a mark": (
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE d [<!ENTITY a "a">]>' + BODY
    ).encode("utf-16-le"),
    "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE d>' + BODY.encode(),
    "UTF-32": ('<?xml version="1.0" encoding="UTF-32"?><!DOCTYPE d>' + BODY).encode("utf-32-be"),
    "very deep": b"<a>" * 100_000,
    "many attributes": b"<a " + b" ".join(b'x%d="1"' % n for n in range(50_000)) + b"/>",
}


@pytest.mark.parametrize("name", HOSTILE_XML)
def test_xml_that_names_files_hosts_or_entities_is_refused_in_every_encoding(name: str) -> None:
    with pytest.raises(BadMessage):
        iso20022.find_kind(HOSTILE_XML[name])


def test_what_only_says_another_encoding_is_read_as_utf_8() -> None:
    told = STATEMENT.replace("encoding='UTF-8'", "encoding='ISO-8859-1'")
    assert iso20022.read_statement(told.encode()) == iso20022.read_statement(STATEMENT.encode())


_scraps = st.sampled_from(
    [b"<", b">", b"&", b"&a;", b"<!DOCTYPE", b"<![CDATA[", b"]]>", b"<?xml?>", b"\0", b"\xff",
     b"xmlns=", b"<xi:include href='file:///etc/passwd'/>", b"-1", b"9" * 40]
)  # fmt: skip


@fuzz
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, len(STATEMENT)), st.integers(0, 40), _scraps | st.binary()),
        min_size=1,
        max_size=4,
    )
)
def test_a_statement_with_scraps_in_it_is_read_or_refused(
    cuts: list[tuple[int, int, bytes]],
) -> None:
    raw = STATEMENT.encode()
    for start, length, scrap in cuts:
        raw = raw[:start] + scrap + raw[start + length :]
    with understood_or_refused():
        iso20022.read_statement(raw)


# JSON

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_filter_names = st.sampled_from(
    ["room", "presence", "account_data", "event_fields", "event_format", "timeline", "state",
     "rooms", "not_rooms", "types", "not_types", "senders", "not_senders", "limit",
     "contains_url", "lazy_load_members", "include_leave", "unread_thread_notifications"]
)  # fmt: skip
_filters = st.recursive(
    _json, lambda inner: st.dictionaries(_filter_names, inner, max_size=4), max_leaves=8
)


@fuzz
@given(value=_filters, decode=st.sampled_from([decode_filter, decode_room_event_filter]))
def test_any_filter_is_read_or_refused(value: Any, decode: Callable[[str], object]) -> None:
    for text in (json.dumps(value), json.dumps(value)[:-1]):
        with understood_or_refused():
            decode(text)


_rule_names = st.sampled_from(
    ["actions", "conditions", "pattern", "kind", "key", "value", "is", "set_tweak", "default"]
)
_rule_values = (
    st.sampled_from(
        ["event_match", "event_property_is", "event_property_contains", "room_member_count",
         "contains_display_name", "sender_notification_permission", "notify", "content.body",
         "*", "?" * 40, "*a" * 40, "==2", ">", "content.m\\.x", ".", "\\"]
    )
    | _json
)  # fmt: skip
_rules = st.dictionaries(
    _rule_names,
    _rule_values | st.lists(st.dictionaries(_rule_names, _rule_values, max_size=3), max_size=3),
    max_size=3,
)


@fuzz
@given(
    kind=st.sampled_from([*KINDS, "other", ""]),
    rule_id=st.text(max_size=12),
    body=_rules,
    event=st.fixed_dictionaries({"type": st.text(max_size=8), "content": _json}),
)
def test_any_push_rule_is_refused_or_holds_of_an_event_or_not(
    kind: str, rule_id: str, body: dict[str, Any], event: dict[str, Any]
) -> None:
    try:
        checked = check_kind(kind)
        rule = check_rule(checked, rule_id, body)
    except Refusal:
        return
    stored = add_rule(StoredRules(), checked, rule=rule)
    member = MemberView(
        user_id="@rose:x", display_name="Rose", member_count=2, sender_power_level=0
    )
    evaluate(event, build_ruleset("@rose:x", stored), member)


@fuzz
@given(raw=st.binary(max_size=40) | _json.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_json_of_its_shape_or_refused(raw: bytes) -> None:
    with understood_or_refused():
        decode_body(raw, dict[str, Any])


@fuzz
@given(text=st.text(max_size=40) | st.text("AQIDBAU-_=", max_size=40))
def test_any_cursor_is_read_or_refused(text: str) -> None:
    with understood_or_refused():
        parse_cursor(text, tuple[str, int])


# Headers

_headers = st.text(max_size=30) | st.text("bytes=0123456789-, ;/\"'", max_size=30)


@fuzz
@given(header=_headers, size=st.integers(0, 10_000))
def test_any_range_lies_within_the_file_or_is_refused(header: str, size: int) -> None:
    try:
        found = parse_range(header, size)
    except Refusal:
        return
    assert found is None or 0 <= found[0] < found[1] <= size


@fuzz
@given(header=_headers)
def test_any_content_type_is_one_that_a_header_can_carry(header: str) -> None:
    cleaned = clean_content_type(header)
    assert cleaned.isascii()
    assert cleaned.isprintable()


# Archives

ARCHIVE = make({"data/accounts/profile.json": b'{"profile": {"displayname": "Eve"}}', **GOOD})


@fuzz
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, len(ARCHIVE)), st.integers(0, 60), st.binary(max_size=60)),
        min_size=1,
        max_size=4,
    )
)
def test_any_damage_to_an_archive_is_refused_or_does_not_matter(
    cuts: list[tuple[int, int, bytes]],
) -> None:
    raw = ARCHIVE
    for start, length, scrap in cuts:
        raw = raw[:start] + scrap + raw[start + length :]
    with understood_or_refused():
        archive, _, _ = open_archive(io.BytesIO(raw))
        verify_files(archive, zipfile.ZipFile(io.BytesIO(raw)))

"""The form of events, held against the specification's vectors and two other packages."""

import base64
import copy
from typing import cast

import canonicaljson
import msgspec
import pytest
import signedjson.key
import signedjson.sign
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.chat.events import (
    ROOM_VERSIONS,
    Event,
    EventDraft,
    EventTooLarge,
    Json,
    JsonObject,
    NotCanonical,
    RoomVersion,
    SigningKey,
    build_event,
    check_hash,
    check_json_signature,
    check_signature,
    compute_content_hash,
    compute_event_id,
    compute_room_id,
    decode_pdu,
    encode_canonical,
    redact_event,
    redact_pdu,
    redaction_target,
    sign_json,
    to_client_json,
    to_stripped_json,
)

# Appendix "Cryptographic Test Vectors".
SEED = base64.b64decode("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1=")
KEY = SigningKey.from_seed(SEED, key_id="ed25519:1", server_name="domain")

V10, V11, V12 = ROOM_VERSIONS["10"], ROOM_VERSIONS["11"], ROOM_VERSIONS["12"]
versions = pytest.mark.parametrize("version", [V10, V11, V12], ids=["v10", "v11", "v12"])

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    [
        "membership",
        "join_rule",
        "allow",
        "users",
        "invite",
        "ban",
        "creator",
        "history_visibility",
        "redacts",
        "body",
        "third_party_invite",
        "join_authorised_via_users_server",
    ]
)
INVITES = st.dictionaries(st.sampled_from(["signed", "display_name"]), JSON)
CONTENTS = st.dictionaries(NAMES | TEXT, JSON | INVITES, max_size=6)
EVENT_TYPES = st.sampled_from(
    [
        "m.room.member",
        "m.room.create",
        "m.room.join_rules",
        "m.room.power_levels",
        "m.room.history_visibility",
        "m.room.redaction",
        "m.room.message",
    ]
)


def make_draft(**changes: object) -> EventDraft:
    draft = EventDraft(
        room_id="!room:domain",
        type="m.room.message",
        sender="@alice:domain",
        origin_server_ts=1_700_000_000_000,
        content={"body": "a cup of tea", "msgtype": "m.text"},
        depth=7,
        prev_events=["$before"],
        auth_events=["$create", "$power", "$member"],
    )
    return msgspec.structs.replace(draft, **changes)


def read_object(pdu: bytes) -> JsonObject:
    return cast("JsonObject", msgspec.json.decode(pdu))


def is_signed(pdu: JsonObject, version: RoomVersion) -> bool:
    return check_signature(
        pdu, version, server_name="domain", key_id="ed25519:1", public_key=KEY.public_key
    )


# --- Canonical JSON -----------------------------------------------------------------------


# Appendix "Canonical JSON", "Examples". The last example there writes 1e10, which a JSON
# reader makes a float; room versions since 6 refuse it, see below.
@pytest.mark.parametrize(
    ("given_json", "canonical"),
    [
        ("{}", "{}"),
        ('{"one": 1, "two": "Two"}', '{"one":1,"two":"Two"}'),
        ('{"b": "2", "a": "1"}', '{"a":"1","b":"2"}'),
        ('{"b":"2","a":"1"}', '{"a":"1","b":"2"}'),
        (
            '{"auth": {"success": true, "mxid": "@john.doe:example.com", "profile":'
            ' {"display_name": "John Doe", "three_pids": [{"medium": "email", "address":'
            ' "john.doe@example.org"}, {"medium": "msisdn", "address": "123456789"}]}}}',
            '{"auth":{"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe",'
            '"three_pids":[{"address":"john.doe@example.org","medium":"email"},'
            '{"address":"123456789","medium":"msisdn"}]},"success":true}}',
        ),
        ('{"a": "日本語"}', '{"a":"日本語"}'),
        ('{"本": 2, "日": 1}', '{"日":1,"本":2}'),
        (r'{"a": "\u65E5"}', '{"a":"日"}'),
        ('{"a": null}', '{"a":null}'),
        ('{"a": -0, "b": 10000000000}', '{"a":0,"b":10000000000}'),
    ],
)
def test_canonical_json_is_as_in_the_specifications_examples(
    given_json: str, canonical: str
) -> None:
    assert encode_canonical(msgspec.json.decode(given_json)) == canonical.encode()


@given(JSON)
@settings(max_examples=200)
def test_canonical_json_is_what_the_canonicaljson_package_writes(value: Json) -> None:
    assert encode_canonical(value) == canonicaljson.encode_canonical_json(value)


def test_every_character_is_written_as_the_canonicaljson_package_writes_it() -> None:
    everything = [chr(code) for code in range(0x3000) if not 0xD800 <= code <= 0xDFFF]
    everything += ["\ufffe", "\uffff", "\U00010000", "\U0010ffff"]
    as_keys: JsonObject = dict.fromkeys(everything, 1)
    assert encode_canonical("".join(everything)) == canonicaljson.encode_canonical_json(
        "".join(everything)
    )
    assert encode_canonical(as_keys) == canonicaljson.encode_canonical_json(as_keys)


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        10_000_000_000.0,
        -0.0,
        float("nan"),
        float("inf"),
        2**53,
        -(2**53),
        "\ud800",
        {"\udfff": 1},
        {1: "one"},
        {"a": [{"b": 0.5}]},
        (1, 2),
        b"bytes",
    ],
)
def test_what_canonical_json_cannot_carry_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        encode_canonical(cast("Json", value))
    with pytest.raises(NotCanonical):
        encode_canonical({"content": [cast("Json", value)]})


def nest(depth: int) -> Json:
    value: Json = 1
    for level in range(depth):
        value = [value] if level % 2 else {"in": value}
    return value


def test_integers_and_nesting_are_allowed_up_to_their_limits() -> None:
    assert encode_canonical([2**53 - 1, -(2**53) + 1]) == b"[9007199254740991,-9007199254740991]"
    assert encode_canonical(nest(100))
    with pytest.raises(NotCanonical):
        encode_canonical(nest(101))
    with pytest.raises(NotCanonical):
        encode_canonical(nest(100_000))


# --- Hashes and signatures ----------------------------------------------------------------


# Appendix "Cryptographic Test Vectors", "JSON Signing".
@pytest.mark.parametrize(
    ("value", "signature"),
    [
        (
            {},
            "K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ",
        ),
        (
            {"one": 1, "two": "Two"},
            "KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw",
        ),
    ],
)
def test_json_is_signed_as_in_the_specifications_vectors(value: JsonObject, signature: str) -> None:
    signed = sign_json(value, KEY)
    assert signed == {**value, "signatures": {"domain": {"ed25519:1": signature}}}
    assert check_json_signature(
        signed, server_name="domain", key_id="ed25519:1", public_key=KEY.public_key
    )


MINIMAL_EVENT: JsonObject = {
    "room_id": "!x:domain",
    "sender": "@a:domain",
    "origin": "domain",
    "origin_server_ts": 1000000,
    "signatures": {},
    "hashes": {},
    "type": "X",
    "content": {},
    "prev_events": [],
    "auth_events": [],
    "depth": 3,
    "unsigned": {"age_ts": 1000000},
}
REDACTABLE_EVENT: JsonObject = {
    "content": {"body": "Here is the message content"},
    "event_id": "$0:domain",
    "origin": "domain",
    "origin_server_ts": 1000000,
    "type": "m.room.message",
    "room_id": "!r:domain",
    "sender": "@u:domain",
    "signatures": {},
    "unsigned": {"age_ts": 1000000},
}


# Appendix "Cryptographic Test Vectors", "Event Signing". The vectors have a top-level
# `origin`, which survives redaction up to version 10 only.
@pytest.mark.parametrize(
    ("pdu", "content_hash", "signature"),
    [
        (
            MINIMAL_EVENT,
            "5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos",
            "KxwGjPSDEtvnFgU00fwFz+l6d2pJM6XBIaMEn81SXPTRl16AqLAYqfIReFGZlHi5KLjAWbOoMszkwsQma+lYAg",
        ),
        (
            REDACTABLE_EVENT,
            "onLKD1bGljeBWQhWZ1kaP9SorVmRQNdN5aM2JYU2n/g",
            "Wm+VzmOUOz08Ds+0NTWb1d4CZrVsJSikkeRxh6aCcUwu6pNC78FunoD7KNWzqFn241eYHYMGCA5McEiVPdhzBA",
        ),
    ],
)
def test_events_are_hashed_and_signed_as_in_the_specifications_vectors(
    pdu: JsonObject, content_hash: str, signature: str
) -> None:
    assert compute_content_hash(pdu) == content_hash
    hashed: JsonObject = {**pdu, "hashes": {"sha256": content_hash}}
    signatures = sign_json(redact_pdu(hashed, V10), KEY)["signatures"]
    assert signatures == {"domain": {"ed25519:1": signature}}
    signed: JsonObject = {**hashed, "signatures": signatures}
    assert check_hash(signed)
    assert is_signed(signed, V10)


@given(CONTENTS)
@settings(max_examples=50)
def test_the_signedjson_package_accepts_our_signatures_and_we_its(value: JsonObject) -> None:
    verify_key = signedjson.key.decode_verify_key_bytes(
        "ed25519:1", base64.b64decode(KEY.public_key + "=")
    )
    value.pop("signatures", None)
    signedjson.sign.verify_signed_json(copy.deepcopy(sign_json(value, KEY)), "domain", verify_key)
    their_key = signedjson.key.decode_signing_key_base64("ed25519", "1", base64_seed())
    theirs = signedjson.sign.sign_json(copy.deepcopy(value), "domain", their_key)
    assert theirs == sign_json(value, KEY)


def base64_seed() -> str:
    return base64.b64encode(SEED).decode().rstrip("=")


def test_a_signature_is_added_beside_those_of_others() -> None:
    other = SigningKey.from_seed(b"o" * 32, key_id="ed25519:2", server_name="other")
    second = SigningKey.from_seed(b"s" * 32, key_id="ed25519:2", server_name="domain")
    signed: JsonObject = {"a": 1}
    for key in (other, KEY, second):
        signed = sign_json(signed, key)
    for key in (other, KEY, second):
        assert check_json_signature(
            signed, server_name=key.server_name, key_id=key.key_id, public_key=key.public_key
        )


def test_a_public_key_may_be_padded_and_of_either_alphabet() -> None:
    key = SigningKey.from_seed(b"\x05" * 32, key_id="ed25519:1", server_name="domain")
    signed = sign_json({}, key)
    written = [
        key.public_key,
        key.public_key + "=",
        key.public_key.replace("+", "-").replace("/", "_"),
    ]
    for public_key in written:
        assert check_json_signature(
            signed, server_name="domain", key_id="ed25519:1", public_key=public_key
        )


@pytest.mark.parametrize(
    ("value", "public_key"),
    [
        ({}, KEY.public_key),
        ({"signatures": "none"}, KEY.public_key),
        ({"signatures": {"domain": "none"}}, KEY.public_key),
        ({"signatures": {"domain": {"ed25519:1": 7}}}, KEY.public_key),
        ({"signatures": {"domain": {"ed25519:1": "no base64!"}}}, KEY.public_key),
        ({"signatures": {"domain": {"ed25519:1": "Zm9v"}}}, KEY.public_key),
        ({**sign_json({}, KEY), "added": 1}, KEY.public_key),
        ({**sign_json({}, KEY), "added": 1.5}, KEY.public_key),
        (sign_json({}, KEY), "Zm9v"),
        (sign_json({}, KEY), "é"),
    ],
)
def test_what_is_not_well_signed_is_told_apart(value: JsonObject, public_key: str) -> None:
    assert not check_json_signature(
        value, server_name="domain", key_id="ed25519:1", public_key=public_key
    )


def test_only_ed25519_signatures_are_understood() -> None:
    signed: JsonObject = {"signatures": {"domain": {"rsa:1": "Zm9v"}}}
    assert not check_json_signature(
        signed, server_name="domain", key_id="rsa:1", public_key=KEY.public_key
    )


@pytest.mark.parametrize(
    "hashes", [None, "none", {}, {"sha256": 7}, {"sha256": "no base64!"}, {"sha256": "Zm9v"}]
)
def test_a_missing_or_wrong_content_hash_is_told_apart(hashes: Json) -> None:
    assert not check_hash({"content": {}, "hashes": hashes})


# --- Making and reading events ------------------------------------------------------------


@versions
@given(event_type=EVENT_TYPES, content=CONTENTS, state_key=st.none() | TEXT)
@settings(max_examples=60)
def test_a_built_event_is_canonical_hashed_signed_and_named(
    version: RoomVersion, event_type: str, content: JsonObject, state_key: str | None
) -> None:
    state_key = None if state_key is None else state_key.replace("\0", "")
    draft = make_draft(type=event_type, content=content, state_key=state_key)
    event, pdu_bytes = build_event(draft, version, KEY)
    pdu = read_object(pdu_bytes)

    assert pdu_bytes == canonicaljson.encode_canonical_json(pdu)
    assert event.event_id == compute_event_id(pdu, version)
    assert check_hash(pdu)
    assert is_signed(pdu, version)
    assert decode_pdu(event.event_id, "!unused", pdu_bytes) == event


@versions
@given(event_type=EVENT_TYPES, content=CONTENTS)
@settings(max_examples=60)
def test_redaction_happens_once_and_keeps_id_and_signature(
    version: RoomVersion, event_type: str, content: JsonObject
) -> None:
    draft = make_draft(type=event_type, content=content, state_key="")
    event, pdu_bytes = build_event(draft, version, KEY)
    pdu = read_object(pdu_bytes)
    untouched = copy.deepcopy(pdu)
    redacted = redact_pdu(pdu, version)

    assert pdu == untouched
    assert redact_pdu(redacted, version) == redacted
    assert compute_event_id(redacted, version) == event.event_id
    assert is_signed(redacted, version)
    assert check_hash(redacted) == (redacted == pdu)
    read_again = decode_pdu(event.event_id, "!unused", encode_canonical(redacted))
    assert redact_event(event, version) == read_again


@versions
def test_a_change_to_what_survives_redaction_breaks_id_and_signature(
    version: RoomVersion,
) -> None:
    event, pdu_bytes = build_event(make_draft(), version, KEY)
    changes: JsonObject = {"sender": "@mallory:domain", "depth": 8, "hashes": {"sha256": "x"}}
    for name, value in changes.items():
        changed: JsonObject = {**read_object(pdu_bytes), name: value}
        assert compute_event_id(changed, version) != event.event_id
        assert not is_signed(changed, version)


@versions
def test_a_change_to_what_redaction_strips_breaks_only_the_content_hash(
    version: RoomVersion,
) -> None:
    event, pdu_bytes = build_event(make_draft(), version, KEY)
    changed: JsonObject = {**read_object(pdu_bytes), "content": {"body": "a cup of coffee"}}
    assert compute_event_id(changed, version) == event.event_id
    assert is_signed(changed, version)
    assert not check_hash(changed)


def test_unsigned_is_covered_by_nothing() -> None:
    event, pdu_bytes = build_event(make_draft(), V11, KEY)
    changed: JsonObject = {**read_object(pdu_bytes), "unsigned": {"age": 5}}
    assert compute_event_id(changed, V11) == event.event_id
    assert is_signed(changed, V11)
    assert check_hash(changed)


def test_the_create_event_of_version_12_names_the_room() -> None:
    draft = make_draft(
        type="m.room.create", room_id=None, state_key="", prev_events=[], auth_events=[]
    )
    event, pdu_bytes = build_event(draft, V12, KEY)
    assert "room_id" not in read_object(pdu_bytes)
    assert event.room_id == compute_room_id(event.event_id) == "!" + event.event_id[1:]
    assert decode_pdu(event.event_id, event.room_id, pdu_bytes) == event


def test_only_the_create_event_of_version_12_may_lack_a_room_id() -> None:
    for version, event_type in ((V11, "m.room.create"), (V12, "m.room.message")):
        with pytest.raises(AssertionError):
            build_event(make_draft(type=event_type, room_id=None), version, KEY)


def test_a_name_may_have_255_bytes_and_no_more() -> None:
    for name in ("type", "state_key", "sender", "room_id"):
        build_event(make_draft(**{name: "x" * 255}), V11, KEY)
        build_event(make_draft(**{name: "é" * 127}), V11, KEY)
        for too_long in ("x" * 256, "é" * 128):
            with pytest.raises(EventTooLarge) as refusal:
                build_event(make_draft(**{name: too_long}), V11, KEY)
            assert refusal.value.what == name
            assert refusal.value.bytes_count == 256


@pytest.mark.parametrize("name", ["type", "state_key", "sender", "room_id"])
@pytest.mark.parametrize("value", ["\ud800", "a\0b"])
def test_a_name_holds_no_surrogate_and_no_nul(name: str, value: str) -> None:
    with pytest.raises(NotCanonical):
        build_event(make_draft(**{name: value}), V11, KEY)


def test_a_time_beyond_all_numbers_is_refused() -> None:
    build_event(make_draft(origin_server_ts=2**53 - 1), V11, KEY)
    for too_far in (2**53, -(2**53)):
        with pytest.raises(NotCanonical):
            build_event(make_draft(origin_server_ts=too_far), V11, KEY)


def test_an_event_may_have_65536_bytes_and_no_more() -> None:
    empty = len(build_event(make_draft(content={"body": ""}), V11, KEY)[1])
    body = "x" * (65_536 - empty)
    assert len(build_event(make_draft(content={"body": body}), V11, KEY)[1]) == 65_536
    for too_long in (body + "x", "x" * 70_000):
        with pytest.raises(EventTooLarge) as refusal:
            build_event(make_draft(content={"body": too_long}), V11, KEY)
        assert refusal.value.what == "event"
    assert "at most 65536" in refusal.value.reason


def test_a_stored_form_that_lacks_a_key_is_not_read() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_pdu("$e", "!r", b'{"type": "m.room.message"}')


# --- Redaction ----------------------------------------------------------------------------

ALL_KEYS: JsonObject = {
    "event_id": "$e",
    "type": "X",
    "room_id": "!r",
    "sender": "@a:domain",
    "state_key": "",
    "content": {"any": 1},
    "hashes": {},
    "signatures": {},
    "depth": 1,
    "prev_events": [],
    "auth_events": [],
    "origin_server_ts": 1,
    "prev_state": [],
    "origin": "domain",
    "membership": "join",
    "unsigned": {},
    "redacts": "$other",
    "anything": 1,
}


def test_redaction_strips_top_level_keys() -> None:
    stripped: dict[str, set[str]] = {}
    for version in (V10, V11, V12):
        stripped[version.identifier] = ALL_KEYS.keys() - redact_pdu(ALL_KEYS, version).keys()
    always = {"unsigned", "redacts", "anything"}
    assert stripped["10"] == always
    assert stripped["11"] == stripped["12"] == always | {"prev_state", "origin", "membership"}


LEVELS = ("ban", "events", "events_default", "kick", "redact", "state_default", "users")


@pytest.mark.parametrize(
    ("event_type", "kept_v10", "kept_v11"),
    [
        (
            "m.room.member",
            {"membership", "join_authorised_via_users_server"},
            {"membership", "join_authorised_via_users_server", "third_party_invite"},
        ),
        ("m.room.create", {"creator"}, None),
        ("m.room.join_rules", {"join_rule", "allow"}, {"join_rule", "allow"}),
        (
            "m.room.power_levels",
            {*LEVELS, "users_default"},
            {*LEVELS, "users_default", "invite"},
        ),
        ("m.room.history_visibility", {"history_visibility"}, {"history_visibility"}),
        ("m.room.redaction", set(), {"redacts"}),
        ("m.room.message", set(), set()),
        ("m.room.aliases", set(), set()),
    ],
)
def test_redaction_strips_content_by_type(
    event_type: str, kept_v10: set[str], kept_v11: set[str] | None
) -> None:
    names = {
        *LEVELS,
        *("membership", "join_authorised_via_users_server", "third_party_invite", "creator"),
        *("join_rule", "allow", "users_default", "invite", "history_visibility", "redacts"),
        *("aliases", "notifications", "body", "reason", "room_version", "displayname"),
    }
    content: JsonObject = {name: {"signed": 1, "display_name": 2} for name in names}
    pdu: JsonObject = {**ALL_KEYS, "type": event_type, "content": content}
    for version, kept in ((V10, kept_v10), (V11, kept_v11), (V12, kept_v11)):
        redacted = redact_pdu(pdu, version)["content"]
        assert isinstance(redacted, dict)
        assert redacted.keys() == (names if kept is None else kept)


@pytest.mark.parametrize(
    ("invite", "kept"),
    [
        ({"signed": {"mxid": "@a:domain"}, "display_name": "A"}, {"signed": {"mxid": "@a:domain"}}),
        ({"display_name": "A"}, {}),
    ],
)
def test_redaction_keeps_the_signed_part_of_a_third_party_invite(invite: Json, kept: Json) -> None:
    content: JsonObject = {"membership": "invite", "third_party_invite": invite}
    pdu: JsonObject = {"type": "m.room.member", "content": content}
    assert redact_pdu(pdu, V10)["content"] == {"membership": "invite"}
    for version in (V11, V12):
        assert redact_pdu(pdu, version)["content"] == {
            "membership": "invite",
            "third_party_invite": kept,
        }


@pytest.mark.parametrize("pdu", [{}, {"type": 1, "content": {"a": 1}}, {"type": "X", "content": 1}])
def test_redaction_bears_what_is_no_event(pdu: JsonObject) -> None:
    assert redact_pdu(pdu, V11)["content"] == {}


@versions
def test_a_redaction_names_its_target_where_its_version_has_it(version: RoomVersion) -> None:
    draft = make_draft(type="m.room.redaction", content={"reason": "spam"}, redacts="$target")
    event, pdu_bytes = build_event(draft, version, KEY)
    pdu = read_object(pdu_bytes)
    if version is V10:
        assert pdu["redacts"] == "$target"
        assert pdu["content"] == {"reason": "spam"}
    else:
        assert "redacts" not in pdu
        assert pdu["content"] == {"reason": "spam", "redacts": "$target"}
    assert event.content == pdu["content"]
    assert redaction_target(event, version) == "$target"


def test_only_a_redaction_redacts() -> None:
    message, _ = build_event(make_draft(content={"redacts": "$target"}), V11, KEY)
    assert redaction_target(message, V11) is None
    odd, _ = build_event(make_draft(type="m.room.redaction", content={"redacts": 7}), V11, KEY)
    assert redaction_target(odd, V11) is None
    misplaced, _ = build_event(
        make_draft(type="m.room.redaction", content={"redacts": "$target"}), V10, KEY
    )
    assert redaction_target(misplaced, V10) is None


# --- For clients --------------------------------------------------------------------------


def build(**changes: object) -> Event:
    return build_event(make_draft(**changes), V11, KEY)[0]


def test_a_client_sees_a_message() -> None:
    event = build()
    expected: JsonObject = {
        "content": {"body": "a cup of tea", "msgtype": "m.text"},
        "event_id": event.event_id,
        "origin_server_ts": 1_700_000_000_000,
        "sender": "@alice:domain",
        "type": "m.room.message",
    }
    assert read_object(to_client_json(event, room_id=False)) == expected
    expected["room_id"] = "!room:domain"
    assert read_object(to_client_json(event, room_id=True)) == expected


def test_a_client_sees_the_state_key_even_if_empty() -> None:
    shown = read_object(to_client_json(build(state_key=""), room_id=False))
    assert shown["state_key"] == ""


def test_a_client_sees_what_is_added_to_unsigned() -> None:
    event = msgspec.structs.replace(build(), unsigned={"age": 1, "kept": 2})
    shown = read_object(to_client_json(event, room_id=False, unsigned={"age": 3, "new": 4}))
    assert shown["unsigned"] == {"age": 3, "kept": 2, "new": 4}
    assert event.unsigned == {"age": 1, "kept": 2}


@versions
def test_a_client_finds_the_target_of_a_redaction_in_both_places(version: RoomVersion) -> None:
    draft = make_draft(type="m.room.redaction", content={"reason": "spam"}, redacts="$target")
    event, _ = build_event(draft, version, KEY)
    shown = read_object(to_client_json(event, room_id=False))
    assert shown["redacts"] == "$target"
    assert shown["content"] == {"reason": "spam", "redacts": "$target"}


def test_a_redaction_without_target_is_shown_without() -> None:
    event = build(type="m.room.redaction", content={"redacts": 7})
    shown = read_object(to_client_json(event, room_id=False))
    assert "redacts" not in shown
    assert shown["content"] == {"redacts": 7}


def test_who_is_not_yet_in_the_room_sees_stripped_state() -> None:
    event = build(type="m.room.name", content={"name": "Tea"}, state_key="")
    assert read_object(to_stripped_json(event)) == {
        "content": {"name": "Tea"},
        "sender": "@alice:domain",
        "state_key": "",
        "type": "m.room.name",
    }

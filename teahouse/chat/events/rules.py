"""How events are written, hashed, signed, redacted and shown. Pure: no rooms, no database.

Source:
    Matrix specification: appendices "Canonical JSON" and "Signing JSON", server-server API
    "Signing Events", room versions 10, 11 and 12.
"""

import binascii
import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from teahouse.chat.events.errors import EventTooLarge, NotCanonical
from teahouse.chat.events.types import (
    ROOM_CREATE,
    ROOM_HISTORY_VISIBILITY,
    ROOM_JOIN_RULES,
    ROOM_MEMBER,
    ROOM_POWER_LEVELS,
    ROOM_REDACTION,
    Event,
    EventDraft,
    Json,
    JsonObject,
    RoomVersion,
    SigningKey,
    encode_base64,
)

PDU_BYTES_LIMIT: Final = 65_536
"""Client-server API "Size limits": the whole event in canonical JSON with signatures."""

NAME_BYTES_LIMIT: Final = 255
"""Client-server API "Size limits": `type`, `state_key` and each id, in UTF-8."""

NESTING_LIMIT: Final = 100
"""Ours: far more than any client sends, far less than breaks a recursive JSON reader."""

INTEGER_LIMIT: Final = 2**53 - 1
"""Appendix "Canonical JSON": what a double holds exactly."""

PREV_EVENTS_LIMIT: Final = 20
AUTH_EVENTS_LIMIT: Final = 10
"""Server-server API, PDU format: the most entries of `prev_events` and `auth_events`."""


# --- Canonical JSON -----------------------------------------------------------------------


def encode_canonical(value: Json) -> bytes:
    """Write a value as canonical JSON: sorted keys, no spaces, UTF-8, integers only.

    Args:
        value: nested at most `NESTING_LIMIT` deep.

    Returns:
        The only bytes that stand for this value.

    Raises:
        NotCanonical: it holds a float, an integer beyond 2^53-1, an unpaired surrogate, a
            key that is no string, or is nested too deeply.

    Source:
        Matrix specification, appendix "Canonical JSON".
    """
    _check_canonical(value, NESTING_LIMIT)
    return _encode(value)


def _check_canonical(value: Json, levels_left: int) -> None:
    if isinstance(value, dict):
        # msgspec would write an integer key as a string.
        if not all(isinstance(key, str) for key in value):
            raise NotCanonical("Keys of JSON objects must be strings.")
        _check_items(value.values(), levels_left)
    elif isinstance(value, list):
        _check_items(value, levels_left)
    elif not isinstance(value, str):
        _check_scalar(value)


def _check_items(items: Iterable[Json], levels_left: int) -> None:
    if levels_left == 0:
        raise NotCanonical(f"JSON may be nested at most {NESTING_LIMIT} deep.")
    for item in items:
        _check_canonical(item, levels_left - 1)


def _check_scalar(value: Json) -> None:
    if isinstance(value, float):
        raise NotCanonical("Numbers must be integers; floats are not allowed in events.")
    if isinstance(value, int):
        if not -INTEGER_LIMIT <= value <= INTEGER_LIMIT:
            raise NotCanonical("Integers must lie between -(2^53)+1 and 2^53-1.")
    elif value is not None:
        raise NotCanonical(f"{type(value).__name__} is no JSON type.")


# For strings, keys and integers within the limit this writes the same bytes as the
# specification's `json.dumps`; the tests compare it with the `canonicaljson` package.
_encoder = msgspec.json.Encoder(order="sorted")


def _encode(value: "Json | _Pdu | _ClientEvent") -> bytes:
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        raise NotCanonical("Text holds an unpaired surrogate, which is no character.") from None


# --- Making and reading events ------------------------------------------------------------


class _Pdu(msgspec.Struct, kw_only=True, gc=False):
    """The stored and federated form. Content stays in bytes, so that it is written only once."""

    auth_events: list[str]
    content: msgspec.Raw
    depth: int
    hashes: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    origin_server_ts: int
    prev_events: list[str]
    redacts: str | msgspec.UnsetType = msgspec.UNSET
    room_id: str | msgspec.UnsetType = msgspec.UNSET
    sender: str
    signatures: dict[str, dict[str, str]] | msgspec.UnsetType = msgspec.UNSET
    state_key: str | msgspec.UnsetType = msgspec.UNSET
    type: str


def build_event(draft: EventDraft, version: RoomVersion, key: SigningKey) -> tuple[Event, bytes]:
    """Hash and sign an event and name it.

    Args:
        draft: what the event says and where it stands among the others.
        version: of its room.
        key: of the sender's server.

    Returns:
        The event, and its stored form: canonical JSON with hashes and signature.

    Raises:
        NotCanonical: the content or a name cannot be written as canonical JSON.
        EventTooLarge: the whole is over 65,536 bytes, or a name over 255.

    Source:
        Server-server API, "Adding hashes and signatures to outgoing events".
    """
    _check_draft(draft, version)
    content = _place_redacts(draft, version)
    raw_content = msgspec.Raw(encode_canonical(content))
    # Refused before the costly signature; the exact check is on the finished bytes below.
    _check_size("event", len(raw_content), limit=PDU_BYTES_LIMIT)

    pdu = _Pdu(
        auth_events=draft.auth_events,
        content=raw_content,
        depth=draft.depth,
        origin_server_ts=draft.origin_server_ts,
        prev_events=draft.prev_events,
        redacts=_or_unset(None if version.redacts_in_content else draft.redacts),
        room_id=_or_unset(draft.room_id),
        sender=draft.sender,
        state_key=_or_unset(draft.state_key),
        type=draft.type,
    )
    pdu.hashes = {"sha256": encode_base64(hashlib.sha256(_encode(pdu)).digest())}

    # Signature and event id cover the same bytes: the redacted event with its hashes,
    # without signatures and without unsigned.
    redacted_bytes = _encode_redacted(pdu, content, version)
    event_id = "$" + _encode_url_base64(hashlib.sha256(redacted_bytes).digest())
    pdu.signatures = {key.server_name: {key.key_id: key.sign(redacted_bytes)}}
    pdu_bytes = _encode(pdu)
    _check_size("event", len(pdu_bytes), limit=PDU_BYTES_LIMIT)

    event = Event(
        event_id=event_id,
        room_id=compute_room_id(event_id) if draft.room_id is None else draft.room_id,
        type=draft.type,
        sender=draft.sender,
        origin_server_ts=draft.origin_server_ts,
        content=content,
        depth=draft.depth,
        prev_events=draft.prev_events,
        auth_events=draft.auth_events,
        state_key=draft.state_key,
        hashes=pdu.hashes,
        signatures=pdu.signatures,
        redacts=None if version.redacts_in_content else draft.redacts,
    )
    return event, pdu_bytes


def _check_draft(draft: EventDraft, version: RoomVersion) -> None:
    assert 0 <= draft.depth <= INTEGER_LIMIT
    assert len(draft.prev_events) <= PREV_EVENTS_LIMIT
    assert len(draft.auth_events) <= AUTH_EVENTS_LIMIT
    assert draft.redacts is None or draft.type == ROOM_REDACTION
    # The one number that may come from outside: an application service names the time.
    _check_scalar(draft.origin_server_ts)
    _check_name("type", draft.type)
    _check_name("sender", draft.sender)
    if draft.state_key is not None:
        _check_name("state_key", draft.state_key)
    if draft.redacts is not None:
        _check_name("redacts", draft.redacts)
    if draft.room_id is None:
        assert version.room_id_is_create_hash
        assert draft.type == ROOM_CREATE
    else:
        _check_name("room_id", draft.room_id)


def _check_name(what: str, name: str) -> None:
    if name.isascii():
        bytes_count = len(name)
    else:
        try:
            bytes_count = len(name.encode())
        except UnicodeEncodeError:
            raise NotCanonical(f"The {what} holds an unpaired surrogate.") from None
    if "\0" in name:
        # Canonical JSON could carry it, a text column of PostgreSQL cannot.
        raise NotCanonical(f"The {what} holds the character U+0000.")
    _check_size(what, bytes_count, limit=NAME_BYTES_LIMIT)


def _check_size(what: str, bytes_count: int, *, limit: int) -> None:
    if bytes_count > limit:
        raise EventTooLarge(what, bytes_count=bytes_count, bytes_limit=limit)


def _place_redacts(draft: EventDraft, version: RoomVersion) -> JsonObject:
    if draft.redacts is None or not version.redacts_in_content:
        return draft.content
    return {**draft.content, "redacts": draft.redacts}


def _or_unset(value: str | None) -> str | msgspec.UnsetType:
    return msgspec.UNSET if value is None else value


def _encode_redacted(pdu: _Pdu, content: JsonObject, version: RoomVersion) -> bytes:
    kept = _redact_content(pdu.type, content, version)
    redacted = _Pdu(
        auth_events=pdu.auth_events,
        content=pdu.content if kept is content else msgspec.Raw(_encode(kept)),
        depth=pdu.depth,
        hashes=pdu.hashes,
        origin_server_ts=pdu.origin_server_ts,
        prev_events=pdu.prev_events,
        room_id=pdu.room_id,
        sender=pdu.sender,
        state_key=pdu.state_key,
        type=pdu.type,
    )
    return _encode(redacted)


def compute_room_id(create_event_id: str) -> str:
    """Name the room that a create event makes, where the version derives it (12).

    Args:
        create_event_id: `$` and the hash.

    Returns:
        `!` and the same hash.

    Source:
        Room version 12, "Event format".
    """
    assert create_event_id.startswith("$")
    return "!" + create_event_id[1:]


class _StoredPdu(msgspec.Struct, kw_only=True, gc=False):
    auth_events: list[str]
    content: JsonObject
    depth: int
    hashes: dict[str, str] = {}
    origin_server_ts: int
    prev_events: list[str]
    redacts: str | None = None
    room_id: str | None = None
    sender: str
    signatures: dict[str, dict[str, str]] = {}
    state_key: str | None = None
    type: str
    unsigned: JsonObject = {}


_pdu_decoder = msgspec.json.Decoder(_StoredPdu)


def decode_pdu(event_id: str, room_id: str, pdu: bytes) -> Event:
    """Read an event from its stored form.

    Args:
        event_id: under which it is stored; the form itself holds none.
        room_id: under which it is stored; counts only where the form leaves it out, as the
            create event of version 12 does.
        pdu: JSON with the keys of an event.

    Returns:
        The event.

    Raises:
        msgspec.DecodeError: the bytes are no JSON, or a key is missing or of a wrong type.
    """
    stored = _pdu_decoder.decode(pdu)
    return Event(
        event_id=event_id,
        room_id=room_id if stored.room_id is None else stored.room_id,
        type=stored.type,
        sender=stored.sender,
        origin_server_ts=stored.origin_server_ts,
        content=stored.content,
        depth=stored.depth,
        prev_events=stored.prev_events,
        auth_events=stored.auth_events,
        state_key=stored.state_key,
        hashes=stored.hashes,
        signatures=stored.signatures,
        redacts=stored.redacts,
        unsigned=stored.unsigned,
    )


# --- Redaction ----------------------------------------------------------------------------

_KEPT_KEYS: Final = frozenset(
    {
        "event_id",
        "type",
        "room_id",
        "sender",
        "state_key",
        "content",
        "hashes",
        "signatures",
        "depth",
        "prev_events",
        "auth_events",
        "origin_server_ts",
    }
)
_KEPT_KEYS_V9: Final = _KEPT_KEYS | {"prev_state", "origin", "membership"}

_KEPT_CONTENT_V9: Final[dict[str, tuple[str, ...]]] = {
    ROOM_MEMBER: ("membership", "join_authorised_via_users_server"),
    ROOM_CREATE: ("creator",),
    ROOM_JOIN_RULES: ("join_rule", "allow"),
    ROOM_POWER_LEVELS: (
        "ban",
        "events",
        "events_default",
        "kick",
        "redact",
        "state_default",
        "users",
        "users_default",
    ),
    ROOM_HISTORY_VISIBILITY: ("history_visibility",),
}
_KEPT_CONTENT: Final[dict[str, tuple[str, ...]]] = {
    ROOM_MEMBER: _KEPT_CONTENT_V9[ROOM_MEMBER],
    ROOM_JOIN_RULES: _KEPT_CONTENT_V9[ROOM_JOIN_RULES],
    ROOM_POWER_LEVELS: (*_KEPT_CONTENT_V9[ROOM_POWER_LEVELS], "invite"),
    ROOM_HISTORY_VISIBILITY: _KEPT_CONTENT_V9[ROOM_HISTORY_VISIBILITY],
    ROOM_REDACTION: ("redacts",),
}


def redact_pdu(pdu: JsonObject, version: RoomVersion) -> JsonObject:
    """Strip an event of all that its room's working does not need.

    Args:
        pdu: the stored form, as an object; it stays as it is.
        version: of its room.

    Returns:
        A new object with only what survives; id, signature and room state stay valid.

    Source:
        Room version 11 "Redactions" for versions 11 and 12, version 9 for version 10.
    """
    kept_keys = _KEPT_KEYS if version.updated_redaction else _KEPT_KEYS_V9
    redacted = {key: value for key, value in pdu.items() if key in kept_keys}
    event_type, content = pdu.get("type"), pdu.get("content")
    if isinstance(event_type, str) and isinstance(content, dict):
        redacted["content"] = _redact_content(event_type, content, version)
    else:
        redacted["content"] = {}
    return redacted


def redact_event(event: Event, version: RoomVersion) -> Event:
    """Strip an event as `redact_pdu` does; `unsigned` goes as well.

    Args:
        event: any event.
        version: of its room.

    Returns:
        The event with the same id and what survives of the content.
    """
    return msgspec.structs.replace(
        event,
        content=_redact_content(event.type, event.content, version),
        redacts=None,
        unsigned={},
    )


def _redact_content(event_type: str, content: JsonObject, version: RoomVersion) -> JsonObject:
    if not version.updated_redaction:
        return _keep(content, _KEPT_CONTENT_V9.get(event_type, ()))
    if event_type == ROOM_CREATE:
        return content
    kept = _keep(content, _KEPT_CONTENT.get(event_type, ()))
    if event_type == ROOM_MEMBER:
        invite = content.get("third_party_invite")
        # The specification is silent on an invite without `signed`; we keep an empty object,
        # as the other homeservers do, for the event id follows from it.
        if isinstance(invite, dict):
            kept["third_party_invite"] = _keep(invite, ("signed",))
    return kept


def _keep(content: JsonObject, keys: tuple[str, ...]) -> JsonObject:
    return {key: content[key] for key in keys if key in content}


def redaction_target(event: Event, version: RoomVersion) -> str | None:
    """Tell which event a redaction is aimed at.

    Args:
        event: any event.
        version: of its room, which says where the target stands.

    Returns:
        An event id as the sender wrote it, or None if it redacts nothing.

    Source:
        Room version 11, "Moving the redacts property".
    """
    if event.type != ROOM_REDACTION:
        return None
    target = event.content.get("redacts") if version.redacts_in_content else event.redacts
    return target if isinstance(target, str) else None


# --- Hashes and signatures ----------------------------------------------------------------


def compute_content_hash(pdu: JsonObject) -> str:
    """Hash the whole event, so that a change to a part that redaction strips is noticed.

    Args:
        pdu: the stored form, as an object, with or without hashes and signatures.

    Returns:
        SHA-256 in unpadded base64.

    Raises:
        NotCanonical: it cannot be written as canonical JSON.

    Source:
        Server-server API, "Calculating the content hash for an event".
    """
    hashed = _without(pdu, "unsigned", "signatures", "hashes")
    return encode_base64(hashlib.sha256(encode_canonical(hashed)).digest())


def compute_event_id(pdu: JsonObject, version: RoomVersion) -> str:
    """Name an event by its reference hash.

    Args:
        pdu: the stored form with `hashes`, as an object; redacted or not.
        version: of its room.

    Returns:
        `$` and SHA-256 of the redacted event in URL-safe unpadded base64.

    Raises:
        NotCanonical: it cannot be written as canonical JSON.

    Source:
        Server-server API, "Calculating the reference hash for an event".
    """
    hashed = _without(redact_pdu(pdu, version), "unsigned", "signatures")
    return "$" + _encode_url_base64(hashlib.sha256(encode_canonical(hashed)).digest())


def check_hash(pdu: JsonObject) -> bool:
    """Tell whether the content hash that an event carries is that of its contents.

    Args:
        pdu: the stored form, as an object. False is the right answer for a redacted event.

    Returns:
        Whether `hashes.sha256` is there and fits.
    """
    hashes = pdu.get("hashes")
    if not isinstance(hashes, dict):
        return False
    claimed = hashes.get("sha256")
    if not isinstance(claimed, str):
        return False
    claimed_bytes = _decode_base64(claimed)
    return claimed_bytes is not None and encode_base64(claimed_bytes) == compute_content_hash(pdu)


def sign_json(value: JsonObject, key: SigningKey) -> JsonObject:
    """Sign an object that is no event, such as a server's published keys.

    Args:
        value: any object; `unsigned` is not covered.
        key: whose signature to add.

    Returns:
        A new object with the signature beside those that were there.

    Raises:
        NotCanonical: it cannot be written as canonical JSON.

    Source:
        Matrix specification, appendix "Signing JSON".
    """
    signature = key.sign(encode_canonical(_without(value, "unsigned", "signatures")))
    earlier = value.get("signatures")
    signatures: JsonObject = dict(earlier) if isinstance(earlier, dict) else {}
    of_server = signatures.get(key.server_name)
    by_key: JsonObject = dict(of_server) if isinstance(of_server, dict) else {}
    by_key[key.key_id] = signature
    signatures[key.server_name] = by_key
    return {**value, "signatures": signatures}


def check_signature(
    pdu: JsonObject,
    version: RoomVersion,
    *,
    server_name: str,
    key_id: str,
    public_key: str,
) -> bool:
    """Tell whether a server has signed an event with a certain key.

    Args:
        pdu: the stored form, as an object; redacted or not.
        version: of its room.
        server_name: of the signer.
        key_id: such as `ed25519:a_1b2c`.
        public_key: that belongs to `key_id`, in base64.

    Returns:
        Whether the signature is there and valid.

    Source:
        Server-server API, "Validating hashes and signatures on received events".
    """
    return check_json_signature(
        redact_pdu(pdu, version),
        server_name=server_name,
        key_id=key_id,
        public_key=public_key,
    )


def check_json_signature(
    value: JsonObject, *, server_name: str, key_id: str, public_key: str
) -> bool:
    """Tell whether an object that is no event bears a valid signature.

    Args:
        value: the object with `signatures`.
        server_name: of the signer, or whatever name stands in `signatures`.
        key_id: such as `ed25519:a_1b2c`; other algorithms are not understood.
        public_key: that belongs to `key_id`, in base64.

    Returns:
        Whether the signature is there and valid.

    Source:
        Matrix specification, appendix "Checking for a Signature".
    """
    signatures = value.get("signatures")
    by_key = signatures.get(server_name) if isinstance(signatures, dict) else None
    signature = by_key.get(key_id) if isinstance(by_key, dict) else None
    if not isinstance(signature, str) or not key_id.startswith("ed25519:"):
        return False
    signature_bytes, key_bytes = _decode_base64(signature), _decode_base64(public_key)
    if signature_bytes is None or key_bytes is None:
        return False
    try:
        message = encode_canonical(_without(value, "unsigned", "signatures"))
        Ed25519PublicKey.from_public_bytes(key_bytes).verify(signature_bytes, message)
    except (InvalidSignature, NotCanonical, ValueError):
        # ValueError: the key has not 32 bytes.
        return False
    return True


def _without(value: JsonObject, *keys: str) -> JsonObject:
    return {key: item for key, item in value.items() if key not in keys}


def _encode_url_base64(value: bytes) -> str:
    return encode_base64(value).translate(_URL_ALPHABET)


_URL_ALPHABET: Final = str.maketrans("+/", "-_")
_STANDARD_ALPHABET: Final = str.maketrans("-_", "+/")


def _decode_base64(value: str) -> bytes | None:
    # The appendix asks to accept padding; both alphabets are in use for public keys.
    unpadded = value.rstrip("=").translate(_STANDARD_ALPHABET)
    try:
        return binascii.a2b_base64(unpadded + "=" * (-len(unpadded) % 4), strict_mode=True)
    except ValueError:
        return None


# --- For clients --------------------------------------------------------------------------


class _ClientEvent(msgspec.Struct, kw_only=True, gc=False):
    content: JsonObject
    event_id: str
    origin_server_ts: int
    redacts: str | msgspec.UnsetType = msgspec.UNSET
    room_id: str | msgspec.UnsetType = msgspec.UNSET
    sender: str
    state_key: str | msgspec.UnsetType = msgspec.UNSET
    type: str
    unsigned: JsonObject | msgspec.UnsetType = msgspec.UNSET


_client_encoder = msgspec.json.Encoder()


def to_client_json(event: Event, *, room_id: bool, unsigned: JsonObject | None = None) -> bytes:
    """Write an event as clients get it.

    Args:
        event: redacted already if it is to be shown so.
        room_id: whether to say the room; `/sync` leaves it out.
        unsigned: what to add to the event's own `unsigned`, such as `age`,
            `transaction_id`, `prev_content` or `m.relations`.

    Returns:
        JSON, ready to be put into a response as `msgspec.Raw`.

    Source:
        Client-server API, "Room event format"; room version 11, "Moving the redacts
        property": both old and new clients find the target of a redaction.
    """
    content, redacts = event.content, event.redacts
    if event.type == ROOM_REDACTION:
        content, redacts = _spread_redacts(event)
    extra = {**event.unsigned, **unsigned} if unsigned else event.unsigned
    client_event = _ClientEvent(
        content=content,
        event_id=event.event_id,
        origin_server_ts=event.origin_server_ts,
        redacts=_or_unset(redacts),
        room_id=event.room_id if room_id else msgspec.UNSET,
        sender=event.sender,
        state_key=_or_unset(event.state_key),
        type=event.type,
        unsigned=extra or msgspec.UNSET,
    )
    return _client_encoder.encode(client_event)


def _spread_redacts(event: Event) -> tuple[JsonObject, str | None]:
    if event.redacts is not None:
        return {**event.content, "redacts": event.redacts}, event.redacts
    target = event.content.get("redacts")
    return event.content, target if isinstance(target, str) else None


def to_stripped_json(event: Event) -> bytes:
    """Write a state event as those see it who are invited and not yet in the room.

    Args:
        event: a state event.

    Returns:
        JSON with content, sender, state_key and type.

    Source:
        Client-server API, "Stripped state".
    """
    assert event.is_state
    stripped = {
        "content": event.content,
        "sender": event.sender,
        "state_key": event.state_key,
        "type": event.type,
    }
    return _client_encoder.encode(stripped)

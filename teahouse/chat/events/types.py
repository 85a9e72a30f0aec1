"""What a Matrix event is, and in what room versions differ. Knows no database and no room."""

import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

if TYPE_CHECKING:
    Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
else:
    # msgspec reads the annotations of a struct at run time and follows no recursive alias.
    Json = Any

JsonObject: TypeAlias = dict[str, Json]

StateSlot: TypeAlias = tuple[str, str]
"""Where a state event stands in the room state: event type and state key."""

ROOM_CREATE: Final = "m.room.create"
ROOM_HISTORY_VISIBILITY: Final = "m.room.history_visibility"
ROOM_JOIN_RULES: Final = "m.room.join_rules"
ROOM_MEMBER: Final = "m.room.member"
ROOM_POWER_LEVELS: Final = "m.room.power_levels"
ROOM_REDACTION: Final = "m.room.redaction"
ROOM_THIRD_PARTY_INVITE: Final = "m.room.third_party_invite"


class RoomVersion(msgspec.Struct, frozen=True, kw_only=True):
    """In what the rules of one room version differ from those of the others.

    Attributes:
        identifier: the version as it stands in `m.room.create`.
        restricted_join: the join rule `restricted` exists.
        knock_restricted: the join rule `knock_restricted` exists.
        integer_power_levels: power levels must be JSON integers, not strings.
        create_has_creator: the creator is `content.creator` of the create event,
            otherwise its sender.
        redacts_in_content: `redacts` of a redaction is in `content`, otherwise at the top.
        updated_redaction: redaction keeps what version 11 says, otherwise version 9.
        room_id_is_create_hash: the room id is the id of the create event, which itself has
            none and is never among the auth events.
        privileged_creators: creators have a level above all and stand in no `users` map.
        resolves_from_empty: states are resolved by version 2.1 of the algorithm, otherwise 2.

    Source:
        Matrix specification, room versions 10, 11 and 12.
    """

    identifier: str
    restricted_join: bool = True
    knock_restricted: bool = True
    integer_power_levels: bool = True
    create_has_creator: bool = False
    redacts_in_content: bool = True
    updated_redaction: bool = True
    room_id_is_create_hash: bool = False
    privileged_creators: bool = False
    resolves_from_empty: bool = False


ROOM_VERSIONS: Final[dict[str, RoomVersion]] = {
    "10": RoomVersion(
        identifier="10",
        create_has_creator=True,
        redacts_in_content=False,
        updated_redaction=False,
    ),
    "11": RoomVersion(identifier="11"),
    "12": RoomVersion(
        identifier="12",
        room_id_is_create_hash=True,
        privileged_creators=True,
        resolves_from_empty=True,
    ),
}


# An event is a tree built from JSON, so it can be in no reference cycle; without the
# cyclic collector a full cache of events costs it nothing.
class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event of a room, with the id and room id that its stored form may leave out.

    The objects inside are shared and must not be changed.

    Attributes:
        event_id: `$` and the reference hash.
        room_id: `!` and the rest; in version 12 the id of the create event with that sigil.
        type: such as `m.room.message`.
        sender: full user id.
        origin_server_ts: Unix time in ms, as the sender's server saw it.
        content: what clients wrote.
        depth: one more than the deepest of `prev_events`.
        prev_events: ids of the events it follows.
        auth_events: ids of the state events that allow it.
        state_key: of a state event, else None.
        hashes: content hashes by algorithm.
        signatures: by server name, then by key id.
        redacts: target of a redaction at the top level (version 10); see `redaction_target`.
        unsigned: what servers add for clients; covered by no signature.
    """

    event_id: str
    room_id: str
    type: str
    sender: str
    origin_server_ts: int
    content: JsonObject
    depth: int
    prev_events: list[str]
    auth_events: list[str]
    state_key: str | None = None
    hashes: dict[str, str] = {}
    signatures: dict[str, dict[str, str]] = {}
    redacts: str | None = None
    unsigned: JsonObject = {}

    @property
    def is_state(self) -> bool:
        """Whether it is a state event."""
        return self.state_key is not None

    @property
    def slot(self) -> StateSlot:
        """Where it stands in the room state; only of a state event."""
        assert self.state_key is not None, "a message event has no place in the room state"
        return (self.type, self.state_key)


class EventDraft(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event before it is hashed and signed; the fields mean what they mean in `Event`.

    Attributes:
        room_id: None only for the create event of a version in which its hash is the room id.
        redacts: target of an `m.room.redaction`; put where the room version has it.
    """

    room_id: str | None
    type: str
    sender: str
    origin_server_ts: int
    content: JsonObject
    depth: int
    prev_events: list[str]
    auth_events: list[str]
    state_key: str | None = None
    redacts: str | None = None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A server's ed25519 key.

    Attributes:
        key_id: algorithm and version, such as `ed25519:a_1b2c`.
        server_name: whose key it is.
    """

    key_id: str
    server_name: str
    _private_key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def from_seed(cls, seed: bytes, *, key_id: str, server_name: str) -> Self:
        """Make the key that follows from a seed.

        Args:
            seed: 32 secret bytes.
            key_id: `ed25519:` and a version of letters, digits and underscores.
            server_name: whose key it is.

        Returns:
            The key; the same seed gives the same key.
        """
        assert key_id.startswith("ed25519:")
        return cls(key_id, server_name, Ed25519PrivateKey.from_private_bytes(seed))

    def to_seed(self) -> bytes:
        """Return the 32 secret bytes it follows from, to be stored."""
        return self._private_key.private_bytes_raw()

    @property
    def public_key(self) -> str:
        """The public half in unpadded base64, as servers publish it."""
        return encode_base64(self._private_key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> str:
        """Sign bytes.

        Returns:
            The 64-byte signature in unpadded base64.
        """
        return encode_base64(self._private_key.sign(message))


def encode_base64(value: bytes) -> str:
    """Write bytes as unpadded base64.

    Source:
        Matrix specification, appendix "Unpadded Base64".
    """
    return binascii.b2a_base64(value, newline=False).rstrip(b"=").decode()

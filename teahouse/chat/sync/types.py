"""Sync tokens, and what is remembered of rooms and members."""

from __future__ import annotations

import re

import msgspec

from teahouse.platform.errors import InvalidParam

_TOKEN = re.compile(r"s([0-9]{1,18})_([0-9]{1,18})_([0-9]{1,18})")


class SyncToken(msgspec.Struct, frozen=True):
    """How far a client has seen.

    Attributes:
        position: in the stream of all that happens; survives restarts.
        ephemeral: serial of typing and presence, which are kept in memory only.
        to_device: position of the last to-device message that was handed out.
    """

    position: int
    ephemeral: int = 0
    to_device: int = 0

    def __str__(self) -> str:
        """The opaque form clients keep."""
        return f"s{self.position}_{self.ephemeral}_{self.to_device}"


def parse_sync_token(text: str) -> SyncToken:
    """Read a sync token.

    Raises:
        InvalidParam: not one of ours.
    """
    match = _TOKEN.fullmatch(text)
    if match is None:
        raise InvalidParam("The sync token is not one of this server.")
    return SyncToken(*(int(part) for part in match.groups()))


def room_token(position: int) -> str:
    """A place in a room's timeline, for `/messages`: after the event at a position."""
    return f"t{position}"


def parse_room_token(text: str) -> int:
    """Read a place in a timeline; a sync token is one too.

    Raises:
        InvalidParam: not one of ours.
    """
    if re.fullmatch(r"t[0-9]{1,18}", text):
        return int(text[1:])
    return parse_sync_token(text).position

"""Pure parts of reading state."""

from __future__ import annotations

from teahouse.chat.event_store.types import decode_content
from teahouse.chat.room_state.types import JoinedMember, MembersWanted, StateFormat
from teahouse.platform.errors import InvalidParam

_MEMBERSHIPS = frozenset({"join", "invite", "knock", "leave", "ban"})


def read_format(text: str | None) -> StateFormat:
    """`content` or `event`.

    Raises:
        InvalidParam: anything else.
    """
    if text is None or text == "content":
        return "content"
    if text == "event":
        return "event"
    raise InvalidParam("`format` must be `content` or `event`.")


def check_membership(name: str, text: str | None) -> None:
    """Check a membership in a query.

    Raises:
        InvalidParam: none that exists.
    """
    if text is not None and text not in _MEMBERSHIPS:
        raise InvalidParam(f"`{name}` must be one of {', '.join(sorted(_MEMBERSHIPS))}.")


def is_wanted(wanted: MembersWanted, membership: str) -> bool:
    """Whether members with a membership are asked for.

    Source:
        Client-Server API, `GET /rooms/{roomId}/members`: both parameters make an "or".
    """
    if wanted.membership is None and wanted.not_membership is None:
        return True
    if wanted.membership is not None and membership == wanted.membership:
        return True
    return wanted.not_membership is not None and membership != wanted.not_membership


def read_profile(event_json: bytes) -> JoinedMember:
    """How a member shows, by their membership event."""
    content = decode_content(event_json)
    name, avatar = content.get("displayname"), content.get("avatar_url")
    return JoinedMember(
        name if isinstance(name, str) else None, avatar if isinstance(avatar, str) else None
    )

"""Reading registration files, and what an application service is interested in. Pure.

Source:
    Application Service API, "Registration" and "Pushing events".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec
import yaml

from teahouse.chat.bridges.errors import BadRegistration
from teahouse.chat.bridges.types import Namespace, Registration

# Appendices, "User Identifiers".
_LOCALPART = re.compile(r"[a-z0-9._=/+-]+")
_USER_ID_LENGTH_MAX = 255

_Text = Annotated[str, msgspec.Meta(min_length=1)]


class _NamespaceInFile(msgspec.Struct):
    exclusive: bool
    regex: _Text


class _NamespacesInFile(msgspec.Struct):
    users: list[_NamespaceInFile] | None = None
    rooms: list[_NamespaceInFile] | None = None
    aliases: list[_NamespaceInFile] | None = None


class _File(msgspec.Struct):
    """A registration file; further members belong to other servers and are ignored."""

    id: _Text
    url: str | None
    as_token: _Text
    hs_token: _Text
    sender_localpart: _Text
    namespaces: _NamespacesInFile
    rate_limited: bool = True
    protocols: list[str] | None = None
    receive_ephemeral: bool = False
    # As it was called before it came into the specification; bridges write both.
    push_ephemeral: bool = msgspec.field(name="de.sorunome.msc2409.push_ephemeral", default=False)
    receive_keys: bool = msgspec.field(name="org.matrix.msc3202", default=False)


def parse_registration(text: str, *, file: str, server_name: str) -> Registration:
    """Read a registration file.

    Args:
        text: YAML.
        file: its name, for the message.
        server_name: the part of member ids after the colon.

    Raises:
        BadRegistration: not YAML, a member missing or of the wrong kind, an address that is none,
            a pattern that is none, or a sender that cannot be a member.
    """
    try:
        read = msgspec.convert(_load(text), _File)
        namespaces = read.namespaces
        return Registration(
            id=read.id,
            url=_check_url(read.url),
            as_token=read.as_token,
            hs_token=read.hs_token,
            user_id=_to_user_id(read.sender_localpart, server_name),
            users=_compile(namespaces.users),
            rooms=_compile(namespaces.rooms),
            aliases=_compile(namespaces.aliases),
            rate_limited=read.rate_limited,
            protocols=tuple(read.protocols or ()),
            receive_ephemeral=read.receive_ephemeral or read.push_ephemeral,
            receive_keys=read.receive_keys,
        )
    except msgspec.ValidationError as error:
        raise BadRegistration(f"{file}: {error}.") from None
    except _Wrong as wrong:
        raise BadRegistration(f"{file}: {wrong}") from None


class _Wrong(Exception):
    """What is wrong with a file, in a sentence."""


def _load(text: str) -> Any:  # noqa: ANN401 - converted at once
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        # Not the whole message: it quotes the file, which holds the tokens.
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark is not None else ""
        raise _Wrong(f"it is not YAML{where}.") from None


def _to_user_id(localpart: str, server_name: str) -> str:
    user_id = f"@{localpart}:{server_name}"
    if not _LOCALPART.fullmatch(localpart) or len(user_id) > _USER_ID_LENGTH_MAX:
        raise _Wrong("`sender_localpart` must be made of a-z, 0-9 and ._=-/+.")
    return user_id


def _check_url(url: str | None) -> str | None:
    if url is None or url == "":
        return None
    if not url.startswith(("http://", "https://")):
        raise _Wrong("`url` must begin with http:// or https://, or be null.")
    return url.rstrip("/")


def _compile(found: list[_NamespaceInFile] | None) -> tuple[Namespace, ...]:
    return tuple(Namespace(n.exclusive, _compile_pattern(n.regex)) for n in found or ())


def _compile_pattern(regex: str) -> re.Pattern[str]:
    try:
        return re.compile(regex)
    except re.error as error:
        raise _Wrong(f"`{regex}` is not a regular expression: {error}.") from None


def check_distinct(registrations: Sequence[Registration]) -> None:
    """Refuse registrations that could be taken for one another.

    Raises:
        BadRegistration: two share an id, a token or a user.
    """
    for name in ("id", "as_token", "user_id"):
        seen: dict[str, str] = {}
        for registration in registrations:
            value = getattr(registration, name)
            if value in seen:
                raise BadRegistration(
                    f"The application services `{seen[value]}` and `{registration.id}` have the "
                    f"same `{'sender_localpart' if name == 'user_id' else name}`."
                )
            seen[value] = registration.id


class Presence(msgspec.Struct, frozen=True):
    """A stretch of positions in which somebody was in a room: `first` to before `end`."""

    first: int
    end: int | None


def presences(memberships: Iterable[tuple[int, str]]) -> list[Presence]:
    """The stretches in which a member was in a room.

    Args:
        memberships: every membership of one member, by position, oldest first.

    Returns:
        The stretches; an end, too, is of interest (it is the leaving itself).
    """
    found: list[Presence] = []
    since: int | None = None
    for position, membership in memberships:
        if membership == "join" and since is None:
            since = position
        elif membership != "join" and since is not None:
            found.append(Presence(since, position))
            since = None
    if since is not None:
        found.append(Presence(since, None))
    return found


def is_within(stretches: Iterable[Presence], position: int) -> bool:
    """Whether a position lies in one of some stretches."""
    return any(s.first <= position and (s.end is None or position <= s.end) for s in stretches)

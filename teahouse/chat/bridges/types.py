"""Nouns of bridges: application services and what they may call their own."""

from __future__ import annotations

import re

import msgspec


class Namespace(msgspec.Struct, frozen=True):
    """Names that an application service is interested in.

    Attributes:
        exclusive: whether nobody else may create such a name.
        pattern: matched from the beginning of the name, as bridges expect it.
    """

    exclusive: bool
    pattern: re.Pattern[str]


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """One application service, as its registration file describes it.

    Attributes:
        id: never changes.
        url: where it answers, without a slash at the end; None where it wants to hear nothing.
        as_token: what it shows us.
        hs_token: what we show it.
        user_id: the full id of its own user.
        users, rooms, aliases: its namespaces.
        rate_limited: whether rate limits hold for members it acts for; never for its own user.
        protocols: networks that it bridges to.
        receive_ephemeral: whether it hears of receipts, typing and presence, and gets what is sent
            to its members' devices.
        receive_keys: whether it hears whose devices changed, and how many keys its members'
            devices still have to hand out: what it needs to encrypt.
    """

    id: str
    url: str | None
    as_token: str
    hs_token: str
    user_id: str
    users: tuple[Namespace, ...] = ()
    rooms: tuple[Namespace, ...] = ()
    aliases: tuple[Namespace, ...] = ()
    rate_limited: bool = True
    protocols: tuple[str, ...] = ()
    receive_ephemeral: bool = False
    receive_keys: bool = False

    def owns_user(self, user_id: str) -> bool:
        """Whether a member is its own user or lies in one of its namespaces."""
        return user_id == self.user_id or matches(self.users, user_id)

    def excludes_user(self, user_id: str) -> bool:
        """Whether nobody else may have this user id."""
        return user_id == self.user_id or excludes(self.users, user_id)


def matches(namespaces: tuple[Namespace, ...], name: str) -> bool:
    """Whether a name lies in one of some namespaces."""
    return any(namespace.pattern.match(name) for namespace in namespaces)


def excludes(namespaces: tuple[Namespace, ...], name: str) -> bool:
    """Whether a name lies in an exclusive one of some namespaces."""
    return any(n.exclusive and n.pattern.match(name) for n in namespaces)


class Push(msgspec.Struct, frozen=True):
    """The payload of the job that sends."""

    appservice_id: str

"""The nouns of push rules. Knows nothing of where they are kept.

Actions and conditions stay JSON: the specification lets clients and gateways agree on more of
both, and what a client stored it must get back unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

import msgspec

from teahouse.platform.json import Json, JsonObject

Kind: TypeAlias = Literal["override", "content", "room", "sender", "underride"]
# In the order in which they are tried.
KINDS: tuple[Kind, ...] = get_args(Kind)


class PushRule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule as clients see it.

    Attributes:
        rule_id: unique within its kind; a room or user id in `room` and `sender` rules.
        default: whether the server predefines it.
        enabled: a rule that is switched off never matches.
        actions: what to do; empty means to stay silent.
        conditions: all must hold; only in `override` and `underride` rules.
        pattern: glob for a part of `content.body`; only in `content` rules.
    """

    rule_id: str
    default: bool
    enabled: bool
    actions: tuple[Json, ...]
    conditions: tuple[JsonObject, ...] | None = None
    pattern: str | None = None


class PushRuleset(msgspec.Struct, frozen=True, kw_only=True):
    """All rules of a member, most important first. Encodes to the API's JSON."""

    override: tuple[PushRule, ...]
    content: tuple[PushRule, ...]
    room: tuple[PushRule, ...]
    sender: tuple[PushRule, ...]
    underride: tuple[PushRule, ...]

    def of_kind(self, kind: Kind) -> tuple[PushRule, ...]:
        """The rules of one kind, most important first."""
        rules: tuple[PushRule, ...] = getattr(self, kind)
        return rules


class CustomRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that a member made. Fields as in `PushRule`."""

    rule_id: str
    actions: tuple[Json, ...]
    enabled: bool = True
    conditions: tuple[JsonObject, ...] | None = None
    pattern: str | None = None


class PredefinedChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a member changed about a predefined rule; None is as the server has it."""

    enabled: bool | None = None
    actions: tuple[Json, ...] | None = None


class StoredRules(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a member's rules: only what differs from the server's.

    Attributes:
        custom: the member's own rules of each kind, most important first.
        predefined: changes to the server's rules, by rule id.
    """

    custom: Mapping[Kind, tuple[CustomRule, ...]] = {}
    predefined: Mapping[str, PredefinedChange] = {}


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules of one member may ask about the room at the time of an event.

    Attributes:
        user_id: whose rules are evaluated.
        display_name: the name this member has in the room.
        member_count: joined members.
        sender_power_level: of the event's sender. The caller gives creators of rooms of version
            12 and later a level above all others.
        notification_levels: `notifications` of the room's `m.room.power_levels`.
    """

    user_id: str
    display_name: str | None
    member_count: int
    sender_power_level: int
    notification_levels: Mapping[str, int] = {}


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What an event means to one member.

    Attributes:
        notify: whether it counts as unread and goes to the push gateway.
        highlight: whether it also counts as a highlight; never without `notify`.
        sound: the sound to play, if any.
        tweaks: all tweaks as set, for the push gateway.
    """

    notify: bool
    highlight: bool = False
    sound: str | None = None
    tweaks: JsonObject = {}


class EventProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What the predefined rules make of an event, as far as it is the same for every member.

    The fields stand in the order in which they decide.

    Attributes:
        sender: is never notified of their own event.
        for_all: the verdict whoever the member is.
        invited: the state key of an invite, which only the invited member is notified of.
        mentioned: user ids in `m.mentions`.
        body: folded text to look for names in; None where `m.mentions` makes that unnecessary.
        mentions_room: highlights for all, where the sender may do that.
        unless_mentioned: the verdict that comes before a look for user names.
        otherwise: the verdict if nothing above decides.
    """

    sender: Json
    for_all: tuple[bool, bool] | None
    invited: str | None
    mentioned: frozenset[str]
    body: str | None
    mentions_room: bool
    unless_mentioned: tuple[bool, bool] | None
    otherwise: tuple[bool, bool]

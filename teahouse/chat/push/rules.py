"""Push rules: which there are, how a member changes them, and what they make of an event.

Pure. Knows nothing of storage, unread counts or gateways, nor of ignored members.

Source: Matrix Client-Server API, section "Push Notifications" (v1.17), with the legacy rules
that looked for names in the body (up to v1.16) for clients that send no `m.mentions`.
"""

from __future__ import annotations

import operator
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from teahouse.chat.patterns.rules import (
    fold,
    is_glob_of,
    is_glob_within,
    is_name_within,
    value_at,
)
from teahouse.chat.push.errors import (
    InvalidRule,
    InvalidRuleId,
    InvalidRuleKind,
    NeighbourNotFound,
    PredefinedRule,
    RuleIncomplete,
    RuleNotFound,
    RuleTooLarge,
    TooManyRules,
)
from teahouse.chat.push.types import (
    KINDS,
    CustomRule,
    EventProfile,
    Kind,
    MemberView,
    PredefinedChange,
    PushRule,
    PushRuleset,
    StoredRules,
    Verdict,
)
from teahouse.platform.json import Json, JsonObject, decode_json, encode_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

# Ids of rules are room ids, user ids (255 bytes each) or words that clients encode.
RULE_ID_LENGTH_MAX = 255
# One rule for each of a member's rooms, and some more.
RULES_MAX = 2_000
# A room rule takes about 150 bytes; a keyword rule with three tweaks about 400.
RULE_BYTES_MAX = 4_096
# Patterns are tried on every message, and matching costs at worst one step for each character
# of the pattern at each of the 65,536 bytes of an event: 8,192 * 65,536 steps of about 2 ns are
# one second, and only for a member who wants to be cruel. 250 common keywords of ten letters
# are a third of it.
PATTERNS_MAX = 250
PATTERN_CHARACTERS_MAX = 8_192

# Of `notifications` in `m.room.power_levels`: the specification gives it for `room`, and we take
# it for the keys that clients may invent.
NOTIFICATION_LEVEL_DEFAULT = 50
# Canonical JSON has no larger integers.
INTEGER_MAX = 2**53 - 1

MASTER = ".m.rule.master"
# "Should only be enabled if the event does not have an m.mentions property" (v1.7 to v1.16).
LEGACY_RULES = frozenset(
    {".m.rule.contains_display_name", ".m.rule.roomnotif", ".m.rule.contains_user_name"}
)

_SILENT = Verdict(notify=False)

# Whether to notify and whether to highlight, without the room that a Verdict takes.
_NOTHING = (False, False)
_NOTICE = (True, False)
_HIGHLIGHT = (True, True)


# What a member's rules are


def build_ruleset(user_id: str, stored: StoredRules) -> PushRuleset:
    """All rules of a member, as the API shows them and as `evaluate` takes them.

    Args:
        user_id: the member.
        stored: what the member changed.

    Returns:
        Rules in the order in which they are tried: the member's own before the predefined ones,
        save for `.m.rule.master`, which stands before all.
    """
    return PushRuleset(**{kind: _rules_of_kind(user_id, stored, kind) for kind in KINDS})


def find_rule(user_id: str, stored: StoredRules, kind: Kind, rule_id: str) -> PushRule:
    """One rule of a member, custom or predefined.

    Raises:
        RuleNotFound: there is none of that kind and id.
    """
    for rule in _rules_of_kind(user_id, stored, kind):
        if rule.rule_id == rule_id:
            return rule
    raise RuleNotFound


def ruleset_json(ruleset: PushRuleset) -> JsonObject:
    """The ruleset as plain JSON, for instance for the content of `m.push_rules`."""
    plain: JsonObject = decode_json(encode_json(ruleset))
    return plain


# What a member may change


def check_kind(text: str) -> Kind:
    """The kind that a path names.

    Raises:
        InvalidRuleKind: the specification has no such kind.
    """
    for kind in KINDS:
        if kind == text:
            return kind
    raise InvalidRuleKind


def check_rule(kind: Kind, rule_id: str, body: Mapping[str, Json]) -> CustomRule:
    """The rule that a request describes.

    Parts that rules of this kind do not have are left out, and so are the historical actions
    `dont_notify` and `coalesce`; unknown actions and conditions are kept.

    Args:
        kind: the rule's kind.
        rule_id: 1 to 255 characters; no dot in front, no slashes, backslashes or control
            characters.
        body: `actions`, and by kind `conditions` (none if missing) or `pattern`.

    Returns:
        The rule, enabled.

    Raises:
        PredefinedRule: the id starts with a dot.
        InvalidRuleId: the id is empty, too long, or has characters it may not have.
        RuleIncomplete: `actions` or `pattern` is missing.
        InvalidRule: a part has the wrong shape.
        RuleTooLarge: the rule takes more than `RULE_BYTES_MAX`.
    """
    _check_rule_id(rule_id)
    if "actions" not in body:
        raise RuleIncomplete("A push rule needs actions.")
    rule = CustomRule(
        rule_id=rule_id,
        actions=check_actions(body["actions"]),
        conditions=_check_conditions(body) if kind in {"override", "underride"} else None,
        pattern=_check_pattern(body) if kind == "content" else None,
    )
    _check_size(rule)
    return rule


def check_actions(actions: Json) -> tuple[Json, ...]:
    """The actions that a request names, without the historical ones that do nothing.

    Raises:
        InvalidRule: not a list of strings and objects, or a tweak without a name.
        RuleTooLarge: the list takes more than `RULE_BYTES_MAX`.
    """
    if not isinstance(actions, list):
        raise InvalidRule("The actions of a push rule are a list.")
    for action in actions:
        if not isinstance(action, str | dict):
            raise InvalidRule("An action is a string or an object.")
        if isinstance(action, dict) and not isinstance(action.get("set_tweak", ""), str):
            raise InvalidRule("The name of a tweak is a string.")
    _check_size(actions)
    return tuple(action for action in actions if action not in ("dont_notify", "coalesce"))


def add_rule(
    stored: StoredRules,
    kind: Kind,
    *,
    rule: CustomRule,
    before: str | None = None,
    after: str | None = None,
) -> StoredRules:
    """Add a rule, or give an existing one new parts and perhaps another place.

    A new rule becomes the most important one of its kind unless told otherwise; a changed one
    keeps its place, and stays switched off if it was.

    Args:
        stored: the member's rules so far.
        kind: the rule's kind.
        rule: as `check_rule` returned it.
        before: the custom rule to be just more important than; wins over `after`.
        after: the custom rule to be just less important than.

    Returns:
        The changed rules.

    Raises:
        PredefinedRule: `before` or `after` names a predefined rule.
        NeighbourNotFound: the rule named by `before` or `after` does not exist.
        TooManyRules: the member would have more rules or patterns than the limits allow.
    """
    rules = stored.custom.get(kind, ())
    others = [other for other in rules if other.rule_id != rule.rule_id]
    earlier_index = _index_of(rules, rule.rule_id)
    if earlier_index is not None:
        rule = msgspec.structs.replace(rule, enabled=rules[earlier_index].enabled)

    if before is not None:
        index = _neighbour_index(others, before)
    elif after is not None:
        index = _neighbour_index(others, after) + 1
    else:
        index = earlier_index or 0
    changed = _with_kind(stored, kind, (*others[:index], rule, *others[index:]))
    _check_limits(changed)
    return changed


def delete_rule(stored: StoredRules, kind: Kind, rule_id: str) -> StoredRules:
    """Remove a rule of the member's own.

    Raises:
        PredefinedRule: the server's rules stay.
        RuleNotFound: there is none of that kind and id.
    """
    if rule_id in _PREDEFINED_IDS[kind]:
        raise PredefinedRule
    rules = stored.custom.get(kind, ())
    if _index_of(rules, rule_id) is None:
        raise RuleNotFound
    return _with_kind(stored, kind, tuple(rule for rule in rules if rule.rule_id != rule_id))


def set_enabled(stored: StoredRules, kind: Kind, *, rule_id: str, enabled: bool) -> StoredRules:
    """Switch a rule on or off, custom or predefined.

    Raises:
        RuleNotFound: there is none of that kind and id.
    """
    if rule_id in _PREDEFINED_IDS[kind]:
        change = stored.predefined.get(rule_id, PredefinedChange())
        return _with_predefined(stored, rule_id, msgspec.structs.replace(change, enabled=enabled))
    rules = stored.custom.get(kind, ())
    index = _index_of(rules, rule_id)
    if index is None:
        raise RuleNotFound
    changed = msgspec.structs.replace(rules[index], enabled=enabled)
    return _with_kind(stored, kind, (*rules[:index], changed, *rules[index + 1 :]))


def set_actions(
    stored: StoredRules, kind: Kind, *, rule_id: str, actions: tuple[Json, ...]
) -> StoredRules:
    """Give a rule other actions, custom or predefined.

    Args:
        stored: the member's rules so far.
        kind: the rule's kind.
        rule_id: the rule.
        actions: as `check_actions` returned them.

    Raises:
        RuleNotFound: there is none of that kind and id.
        RuleTooLarge: the rule would take more than `RULE_BYTES_MAX`.
    """
    if rule_id in _PREDEFINED_IDS[kind]:
        change = stored.predefined.get(rule_id, PredefinedChange())
        return _with_predefined(stored, rule_id, msgspec.structs.replace(change, actions=actions))
    rules = stored.custom.get(kind, ())
    index = _index_of(rules, rule_id)
    if index is None:
        raise RuleNotFound
    changed = msgspec.structs.replace(rules[index], actions=actions)
    _check_size(changed)
    return _with_kind(stored, kind, (*rules[:index], changed, *rules[index + 1 :]))


# What rules make of an event


def evaluate(event: Mapping[str, Json], ruleset: PushRuleset, member: MemberView) -> Verdict:
    """What an event means to a member by all of their rules.

    Args:
        event: as clients see it, with `type`, `sender`, `content`, `room_id` and, for state,
            `state_key`. Any of them may be missing or odd: then what asks for it does not match.
        ruleset: from `build_ruleset`.
        member: whose ruleset it is, and the room as it is now.

    Returns:
        The actions of the first rule that matches; silence for the member's own events and
        where no rule matches.
    """
    if event.get("sender") == member.user_id:
        return _SILENT
    has_mentions = _has_mentions(event)
    for kind in KINDS:
        for rule in ruleset.of_kind(kind):
            if not rule.enabled or (has_mentions and rule.rule_id in LEGACY_RULES):
                continue
            if _rule_matches(kind, rule, event, member):
                return compute_verdict(rule.actions)
    return _SILENT


def compute_verdict(actions: Iterable[Json]) -> Verdict:
    """What the actions of a rule amount to.

    Tweaks without `notify` have nothing to tweak, and of two with the same name the later one
    holds, for both set the same entry.
    """
    notify = False
    tweaks: JsonObject = {}
    for action in actions:
        if action == "notify":
            notify = True
        elif isinstance(action, dict):
            name = action.get("set_tweak")
            # Only `highlight` has a value by definition when none is given.
            if name == "highlight" or (isinstance(name, str) and "value" in action):
                tweaks[name] = action.get("value", True)
    if not notify:
        return _SILENT
    sound = tweaks.get("sound")
    return Verdict(
        notify=True,
        highlight=tweaks.get("highlight") is True,
        sound=sound if isinstance(sound, str) else None,
        tweaks=tweaks,
    )


def is_notification_allowed(
    sender_power_level: int, notification_levels: Mapping[str, int], key: str = "room"
) -> bool:
    """Whether a sender may trigger notifications of a type, such as `room` for the whole room.

    Args:
        sender_power_level: of the event's sender.
        notification_levels: `notifications` of the room's `m.room.power_levels`.
        key: the type of notification.
    """
    return sender_power_level >= notification_levels.get(key, NOTIFICATION_LEVEL_DEFAULT)


# The same for the many members who changed nothing


def profile_event(event: Mapping[str, Json]) -> EventProfile:
    """Do once for an event what the predefined rules would do again for each member.

    Args:
        event: as for `evaluate`.
    """
    content = event.get("content")
    if not isinstance(content, dict):
        content = {}
    event_type = _folded(event.get("type"))
    invited, for_all = _profile_of_all(event, event_type=event_type, content=content)
    mentions = content.get("m.mentions")
    user_ids = mentions.get("user_ids") if isinstance(mentions, dict) else None
    body = None if "m.mentions" in content else _folded(content.get("body"))
    return EventProfile(
        sender=event.get("sender"),
        for_all=for_all,
        invited=invited,
        mentioned=frozenset(
            user_id
            for user_id in (user_ids if isinstance(user_ids, list) else ())
            if isinstance(user_id, str)
        ),
        body=body,
        mentions_room=(isinstance(mentions, dict) and mentions.get("room") is True)
        or (body is not None and is_name_within("@room", body)),
        unless_mentioned=_profile_unless_mentioned(event, event_type=event_type, content=content),
        otherwise=_NOTICE if event_type in _NOTIFYING_TYPES else _NOTHING,
    )


def verdict_for_default_member(
    profile: EventProfile, user_id: str, display_name: str | None, *, sender_may_notify_room: bool
) -> tuple[bool, bool]:
    """What an event means to a member without rules of their own.

    Always the same as `evaluate` with the predefined rules, in about a microsecond.

    Args:
        profile: from `profile_event`.
        user_id: the member.
        display_name: the name this member has in the room.
        sender_may_notify_room: from `is_notification_allowed`.

    Returns:
        Whether to notify, and whether to highlight.
    """
    if user_id == profile.sender:
        return _NOTHING
    if profile.for_all is not None:
        return profile.for_all
    if profile.invited is not None:
        return _NOTICE if is_glob_of(user_id, profile.invited) else _NOTHING
    if _is_mentioned(profile, user_id, display_name) or (
        profile.mentions_room and sender_may_notify_room
    ):
        return _HIGHLIGHT
    if profile.unless_mentioned is not None:
        return profile.unless_mentioned
    is_user_named = profile.body is not None and is_glob_within(_localpart(user_id), profile.body)
    return _HIGHLIGHT if is_user_named else profile.otherwise


def _is_mentioned(profile: EventProfile, user_id: str, display_name: str | None) -> bool:
    if user_id in profile.mentioned:
        return True
    body = profile.body
    return body is not None and bool(display_name) and is_name_within(display_name or "", body)


def _profile_of_all(
    event: Mapping[str, Json], *, event_type: str | None, content: JsonObject
) -> tuple[str | None, tuple[bool, bool] | None]:
    if _folded(content.get("msgtype")) == "m.notice":
        return None, _NOTHING
    if event_type != "m.room.member":
        return None, None
    state_key = event.get("state_key")
    if _folded(content.get("membership")) == "invite" and isinstance(state_key, str):
        return state_key, None
    return None, _NOTHING


def _profile_unless_mentioned(
    event: Mapping[str, Json], *, event_type: str | None, content: JsonObject
) -> tuple[bool, bool] | None:
    is_state_alone = event.get("state_key") == ""
    if event_type == "m.room.tombstone" and is_state_alone:
        return _HIGHLIGHT
    relates_to = content.get("m.relates_to")
    is_edit = isinstance(relates_to, dict) and relates_to.get("rel_type") == "m.replace"
    is_acl = event_type == "m.room.server_acl" and is_state_alone
    return _NOTHING if event_type == "m.reaction" or is_acl or is_edit else None


_NOTIFYING_TYPES = frozenset({"m.call.invite", "m.room.message", "m.room.encrypted"})


# The predefined rules


def _rules_of_kind(user_id: str, stored: StoredRules, kind: Kind) -> tuple[PushRule, ...]:
    predefined = [
        _with_change(rule, stored.predefined.get(rule.rule_id))
        for rule in _predefined_rules(user_id)[kind]
    ]
    custom = (
        PushRule(
            rule_id=rule.rule_id,
            default=False,
            enabled=rule.enabled,
            actions=rule.actions,
            conditions=rule.conditions,
            pattern=rule.pattern,
        )
        for rule in stored.custom.get(kind, ())
    )
    first = 1 if kind == "override" else 0
    return (*predefined[:first], *custom, *predefined[first:])


def _with_change(rule: PushRule, change: PredefinedChange | None) -> PushRule:
    if change is None:
        return rule
    return msgspec.structs.replace(
        rule,
        enabled=rule.enabled if change.enabled is None else change.enabled,
        actions=rule.actions if change.actions is None else change.actions,
    )


# Building them takes longer than trying them; nobody changes what is in them.
@lru_cache(maxsize=1_024)
def _predefined_rules(user_id: str) -> dict[Kind, tuple[PushRule, ...]]:
    return {
        "override": _predefined_override_rules(user_id),
        "content": (
            PushRule(
                rule_id=".m.rule.contains_user_name",
                default=True,
                enabled=True,
                actions=_with_tweaks(sound="default", highlight=True),
                pattern=_localpart(user_id),
            ),
        ),
        "room": (),
        "sender": (),
        "underride": _predefined_underride_rules(),
    }


def _predefined_override_rules(user_id: str) -> tuple[PushRule, ...]:
    may_notify_room: JsonObject = {"kind": "sender_notification_permission", "key": "room"}
    is_room_mention = _property("is", r"content.m\.mentions.room", value=True)
    is_user_mention = _property("contains", r"content.m\.mentions.user_ids", value=user_id)
    is_member_event = _match("type", "m.room.member")
    is_invite = _match("content.membership", "invite")
    is_edit = _property("is", r"content.m\.relates_to.rel_type", value="m.replace")
    with_sound = _with_tweaks(sound="default")
    with_highlight = _with_tweaks(highlight=True)
    with_both = _with_tweaks(sound="default", highlight=True)
    named: JsonObject = {"kind": "contains_display_name"}
    rules = (
        _rule("master", (), enabled=False),
        _rule("suppress_notices", (), _match("content.msgtype", "m.notice")),
        _rule(
            "invite_for_me", with_sound, is_member_event, is_invite, _match("state_key", user_id)
        ),
        _rule("member_event", (), is_member_event),
        _rule("is_user_mention", with_both, is_user_mention),
        _rule("contains_display_name", with_both, named),
        _rule("is_room_mention", with_highlight, is_room_mention, may_notify_room),
        _rule("roomnotif", with_highlight, _match("content.body", "@room"), may_notify_room),
        _rule("tombstone", with_highlight, *_match_state("m.room.tombstone")),
        _rule("reaction", (), _match("type", "m.reaction")),
        _rule("room.server_acl", (), *_match_state("m.room.server_acl")),
        _rule("suppress_edits", (), is_edit),
    )
    assert rules[0].rule_id == MASTER
    return rules


def _predefined_underride_rules() -> tuple[PushRule, ...]:
    two_members: JsonObject = {"kind": "room_member_count", "is": "2"}
    is_message = _match("type", "m.room.message")
    is_encrypted = _match("type", "m.room.encrypted")
    with_sound = _with_tweaks(sound="default")
    return (
        _rule("call", _with_tweaks(sound="ring"), _match("type", "m.call.invite")),
        _rule("encrypted_room_one_to_one", with_sound, two_members, is_encrypted),
        _rule("room_one_to_one", with_sound, two_members, is_message),
        _rule("message", _with_tweaks(), is_message),
        _rule("encrypted", _with_tweaks(), is_encrypted),
    )


def _rule(
    name: str, actions: tuple[Json, ...], *conditions: JsonObject, enabled: bool = True
) -> PushRule:
    return PushRule(
        rule_id=f".m.rule.{name}",
        default=True,
        enabled=enabled,
        actions=actions,
        conditions=conditions,
    )


def _with_tweaks(*, sound: str | None = None, highlight: bool = False) -> tuple[Json, ...]:
    actions: list[Json] = ["notify"]
    if sound is not None:
        actions.append({"set_tweak": "sound", "value": sound})
    if highlight:
        actions.append({"set_tweak": "highlight"})
    return tuple(actions)


def _match(key: str, pattern: str) -> JsonObject:
    return {"kind": "event_match", "key": key, "pattern": pattern}


def _match_state(event_type: str) -> tuple[JsonObject, JsonObject]:
    return _match("type", event_type), _match("state_key", "")


def _property(how: str, key: str, *, value: Json) -> JsonObject:
    return {"kind": f"event_property_{how}", "key": key, "value": value}


def _localpart(user_id: str) -> str:
    return user_id[1:].partition(":")[0]


_PREDEFINED_IDS: dict[Kind, frozenset[str]] = {
    kind: frozenset(rule.rule_id for rule in rules)
    for kind, rules in _predefined_rules("@nobody:localhost").items()
}


# The parts of a change


def _check_rule_id(rule_id: str) -> None:
    if rule_id.startswith("."):
        raise PredefinedRule
    if not 1 <= len(rule_id) <= RULE_ID_LENGTH_MAX:
        raise InvalidRuleId(f"The id of a push rule has 1 to {RULE_ID_LENGTH_MAX} characters.")
    if "/" in rule_id or "\\" in rule_id:
        raise InvalidRuleId("The id of a push rule has no slashes and backslashes.")
    if _UNSTORABLE.search(rule_id):
        raise InvalidRuleId("The id of a push rule has no control characters.")


# PostgreSQL takes no NUL, UTF-8 has no surrogates, and nobody means the others.
_UNSTORABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def _check_conditions(body: Mapping[str, Json]) -> tuple[JsonObject, ...]:
    conditions = body.get("conditions", [])
    if not isinstance(conditions, list):
        raise InvalidRule("The conditions of a push rule are a list.")
    checked = []
    for condition in conditions:
        if not isinstance(condition, dict) or not isinstance(condition.get("kind"), str):
            raise InvalidRule("A condition is an object with a kind.")
        checked.append(condition)
    return tuple(checked)


def _check_pattern(body: Mapping[str, Json]) -> str:
    if "pattern" not in body:
        raise RuleIncomplete("A content rule needs a pattern.")
    pattern = body["pattern"]
    if not isinstance(pattern, str):
        raise InvalidRule("The pattern of a content rule is a string.")
    return pattern


def _check_size(part: object) -> None:
    if len(encode_json(part)) > RULE_BYTES_MAX:
        raise RuleTooLarge(f"A push rule takes at most {RULE_BYTES_MAX} bytes.")


def _check_limits(stored: StoredRules) -> None:
    rules = [rule for kind in KINDS for rule in stored.custom.get(kind, ())]
    if len(rules) > RULES_MAX:
        raise TooManyRules(f"A member has at most {RULES_MAX} push rules: delete one first.")
    patterns = [pattern for rule in rules for pattern in _patterns(rule)]
    if len(patterns) > PATTERNS_MAX or sum(map(len, patterns)) > PATTERN_CHARACTERS_MAX:
        raise TooManyRules(
            f"A member's push rules have at most {PATTERNS_MAX} patterns with "
            f"{PATTERN_CHARACTERS_MAX} characters together: delete one first."
        )


def _patterns(rule: CustomRule) -> Iterator[str]:
    if rule.pattern is not None:
        yield rule.pattern
    for condition in rule.conditions or ():
        pattern = condition.get("pattern")
        if isinstance(pattern, str):
            yield pattern


def _index_of(rules: Iterable[CustomRule], rule_id: str) -> int | None:
    return next((index for index, rule in enumerate(rules) if rule.rule_id == rule_id), None)


def _neighbour_index(rules: Iterable[CustomRule], rule_id: str) -> int:
    if rule_id.startswith("."):
        raise PredefinedRule
    index = _index_of(rules, rule_id)
    if index is None:
        raise NeighbourNotFound
    return index


def _with_kind(stored: StoredRules, kind: Kind, rules: tuple[CustomRule, ...]) -> StoredRules:
    return msgspec.structs.replace(stored, custom={**stored.custom, kind: rules})


def _with_predefined(stored: StoredRules, rule_id: str, change: PredefinedChange) -> StoredRules:
    return msgspec.structs.replace(stored, predefined={**stored.predefined, rule_id: change})


# Conditions


def _rule_matches(
    kind: Kind, rule: PushRule, event: Mapping[str, Json], member: MemberView
) -> bool:
    if kind == "room":
        return event.get("room_id") == rule.rule_id
    if kind == "sender":
        return event.get("sender") == rule.rule_id
    if kind == "content":
        body = value_at(event, "content.body")
        return (
            rule.pattern is not None
            and isinstance(body, str)
            and is_glob_within(rule.pattern, fold(body))
        )
    return all(_holds(condition, event, member) for condition in rule.conditions or ())


def _holds(condition: JsonObject, event: Mapping[str, Json], member: MemberView) -> bool:
    """Whether a condition holds; unknown and broken ones never do."""
    kind, key = condition.get("kind"), condition.get("key")
    if kind == "contains_display_name":
        return _is_named(member, value_at(event, "content.body"))
    if kind == "room_member_count":
        return _is_count(condition.get("is"), member.member_count)
    if not isinstance(key, str):
        return False
    if kind == "sender_notification_permission":
        return is_notification_allowed(member.sender_power_level, member.notification_levels, key)
    return _holds_at(condition, key, value_at(event, key))


def _holds_at(condition: JsonObject, key: str, value: Json | msgspec.UnsetType) -> bool:
    match condition.get("kind"):
        case "event_match":
            return _is_match(key, condition.get("pattern"), value)
        case "event_property_is":
            return _is_same(value, condition.get("value", msgspec.UNSET))
        case "event_property_contains" if isinstance(value, list):
            wanted = condition.get("value", msgspec.UNSET)
            return any(_is_same(part, wanted) for part in value)
        case _:
            return False


def _is_match(key: str, pattern: Json, value: object) -> bool:
    if not isinstance(pattern, str) or not isinstance(value, str):
        return False
    if key == "content.body":
        return is_glob_within(pattern, fold(value))
    return is_glob_of(pattern, value)


def _is_same(value: object, wanted: object) -> bool:
    # Python takes True for 1 and 1.0; canonical JSON has no fractions and no large integers.
    if type(value) is not type(wanted) or value != wanted:
        return False
    if isinstance(value, int):
        return -INTEGER_MAX <= value <= INTEGER_MAX
    return value is None or isinstance(value, str)


_COUNT = re.compile(r"(==|<=|>=|<|>)?([0-9]{1,16})")
_COMPARISONS: Mapping[str | None, Callable[[int, int], bool]] = {
    None: operator.eq,
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def _is_count(expression: Json, member_count: int) -> bool:
    found = _COUNT.fullmatch(expression) if isinstance(expression, str) else None
    return found is not None and _COMPARISONS[found[1]](member_count, int(found[2]))


def _is_named(member: MemberView, body: object) -> bool:
    name = member.display_name
    if not name or not isinstance(body, str):
        return False
    return is_name_within(name, fold(body))


def _has_mentions(event: Mapping[str, Json]) -> bool:
    content = event.get("content")
    return isinstance(content, dict) and "m.mentions" in content


def _folded(value: Json) -> str | None:
    return fold(value) if isinstance(value, str) else None

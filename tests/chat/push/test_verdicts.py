"""What push rules make of events, rule by rule and by the fast path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.chat.push.rules import (
    add_rule,
    build_ruleset,
    check_kind,
    check_rule,
    compute_verdict,
    evaluate,
    find_rule,
    is_notification_allowed,
    profile_event,
    set_enabled,
    verdict_for_default_member,
)
from teahouse.chat.push.types import MemberView, PushRuleset, StoredRules, Verdict
from tests.chat.push.examples import (
    ALICE,
    BOB,
    DEFAULT_SOUND,
    HIGHLIGHT,
    ROOM,
    SILENT,
    event,
    member,
    message,
    verdict,
    with_rule,
)

if TYPE_CHECKING:
    from teahouse.platform.json import Json, JsonObject


def holds(condition: JsonObject, plain: JsonObject, view: MemberView | None = None) -> bool:
    """Whether a rule with this condition alone matches."""
    stored = with_rule("override", "only", conditions=[condition], actions=["notify"])
    rule = find_rule(ALICE, stored, "override", "only")
    only = PushRuleset(override=(rule,), content=(), room=(), sender=(), underride=())
    return evaluate(plain, only, view or member()).notify


# The predefined rules


def with_mentions(**mentions: Json) -> JsonObject:
    return message("Alice Liddell, alice, @room", **{"m.mentions": mentions})


NOTICE: JsonObject = {"msgtype": "m.notice", "body": "Alice Liddell", "m.mentions": {}}
INVITE: JsonObject = {"membership": "invite"}
EDIT: JsonObject = {"m.relates_to": {"rel_type": "m.replace", "event_id": "$tea"}}


@pytest.mark.parametrize(
    ("plain", "view", "expected"),
    [
        (message(), {}, (True, False, None)),
        (message(), {"member_count": 2}, (True, False, "default")),
        (message(), {"user_id": BOB}, (False, False, None)),
        (event("M.Room.Message"), {}, (True, False, None)),
        (event("m.room.encrypted"), {}, (True, False, None)),
        (event("m.room.encrypted"), {"member_count": 2}, (True, False, "default")),
        (event("m.call.invite"), {}, (True, False, "ring")),
        (event("m.room.topic", state_key=""), {}, (False, False, None)),
        (event(content=NOTICE), {}, (False, False, None)),
        (event("m.room.member", state_key=ALICE, content=INVITE), {}, (True, False, "default")),
        (event("m.room.member", state_key=BOB, content=INVITE), {}, (False, False, None)),
        (message("Ask ALICE LIDDELL."), {}, (True, True, "default")),
        (message("Ask Alice Liddells."), {"user_id": "@al:x"}, (True, False, None)),
        (message("Ask alice."), {"display_name": None}, (True, True, "default")),
        (message("Ask malice."), {}, (True, False, None)),
        (message("Tea, @room"), {}, (True, False, None)),
        (message("Tea, @room"), {"sender_power_level": 50}, (True, True, None)),
        (
            message("Tea, @room"),
            {"sender_power_level": 50, "notification_levels": {"room": 51}},
            (True, False, None),
        ),
        (with_mentions(), {"sender_power_level": 50}, (True, False, None)),
        (with_mentions(user_ids=[BOB, ALICE]), {}, (True, True, "default")),
        (with_mentions(user_ids=[BOB]), {}, (True, False, None)),
        (with_mentions(room=True), {}, (True, False, None)),
        (with_mentions(room=True), {"sender_power_level": 50}, (True, True, None)),
        (with_mentions(room=1), {"sender_power_level": 50}, (True, False, None)),
        (event("m.room.tombstone", state_key=""), {}, (True, True, None)),
        (event("m.room.tombstone"), {}, (False, False, None)),
        (event("m.reaction"), {}, (False, False, None)),
        (event("m.room.server_acl", state_key=""), {}, (False, False, None)),
        (message("alice", **EDIT), {"display_name": None}, (False, False, None)),
    ],
)
def test_the_predefined_rules_decide_as_specified(
    plain: JsonObject, view: dict[str, Any], expected: tuple[bool, bool, str | None]
) -> None:
    seen = member(**view)
    found = evaluate(plain, build_ruleset(seen.user_id, StoredRules()), seen)
    assert (found.notify, found.highlight, found.sound) == expected
    assert expected[:2] == verdict_for_default_member(
        profile_event(plain),
        seen.user_id,
        seen.display_name,
        sender_may_notify_room=is_notification_allowed(
            seen.sender_power_level, seen.notification_levels
        ),
    )


# Conditions


LUNCH = event("m.room.topic", state_key="", content={"topic": "Lunch plans"})
EXAMPLE = message("An example event.")
CREATE = event("m.room.create", state_key="", content={"m.federate": True, "n": 1, "none": None})
ALIASES: JsonObject = {"alt_aliases": ["#somewhere:example.org", "#myroom:example.com", 1, None]}
CANONICAL = event("m.room.canonical_alias", state_key="", content=ALIASES)


@pytest.mark.parametrize(
    ("kind", "key", "wanted", "plain", "expected"),
    [
        ("event_match", "content.topic", "lunc?*", LUNCH, True),
        ("event_match", "content.topic", "lunch", LUNCH, False),
        ("event_match", "content.missing", "*", LUNCH, False),
        ("event_match", "content", "*", LUNCH, False),
        ("event_match", "content.topic.deeper", "*", LUNCH, False),
        ("event_match", "content.topic", "*", event(content={"topic": None}), False),
        ("event_match", "content.body", "ex*ple", EXAMPLE, True),
        ("event_match", "content.body", "exam", EXAMPLE, False),
        ("event_match", "content.body", "event", EXAMPLE, True),
        ("event_match", "state_key", "", LUNCH, True),
        ("event_match", "state_key", "", EXAMPLE, False),
        ("event_match", "room_id", "!TEA:*", EXAMPLE, True),
        ("event_match", "content.topic", 1, LUNCH, False),
        ("event_property_is", "content.m\\.federate", True, CREATE, True),
        ("event_property_is", "content.m.federate", True, CREATE, False),
        ("event_property_is", "content.m\\.federate", "true", CREATE, False),
        ("event_property_is", "content.m\\.federate", 1, CREATE, False),
        ("event_property_is", "content.n", 1, CREATE, True),
        ("event_property_is", "content.n", True, CREATE, False),
        ("event_property_is", "content.n", 1.0, CREATE, False),
        ("event_property_is", "content.none", None, CREATE, True),
        ("event_property_is", "content.missing", None, CREATE, False),
        ("event_property_is", "content.n", 2**53, event(content={"n": 2**53}), False),
        ("event_property_is", "content.n", 0.5, event(content={"n": 0.5}), False),
        ("event_property_is", "content", {}, event(content={}), False),
        ("event_property_contains", "content.alt_aliases", "#myroom:example.com", CANONICAL, True),
        ("event_property_contains", "content.alt_aliases", ":example.com", CANONICAL, False),
        ("event_property_contains", "content.alt_aliases", 1, CANONICAL, True),
        ("event_property_contains", "content.alt_aliases", True, CANONICAL, False),
        ("event_property_contains", "content.alt_aliases", None, CANONICAL, True),
        ("event_property_contains", "content.missing", None, CANONICAL, False),
        ("event_property_contains", "content.topic", "L", LUNCH, False),
        ("org.example.unknown", "content.topic", "*", LUNCH, False),
    ],
)
def test_a_condition_on_a_property_holds_as_specified(
    kind: str, key: str, wanted: Json, plain: JsonObject, *, expected: bool
) -> None:
    part = "pattern" if kind == "event_match" else "value"
    assert holds({"kind": kind, "key": key, part: wanted}, plain) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("10", True),
        ("==10", True),
        ("<10", False),
        ("<11", True),
        (">9", True),
        (">10", False),
        (">=10", True),
        ("<=9", False),
        ("<=10", True),
        ("010", True),
        ("10 ", False),
        ("10\n", False),
        ("!=9", False),
        ("-10", False),
        ("", False),
        ("\u0661\u0660", False),
        ("<" + "9" * 3_000, False),
        (10, False),
    ],
)
def test_a_member_count_is_compared_as_specified(expression: Json, *, expected: bool) -> None:
    assert holds({"kind": "room_member_count", "is": expression}, message()) == expected


def test_a_sender_needs_the_level_that_the_room_asks_for() -> None:
    condition: JsonObject = {"kind": "sender_notification_permission", "key": "room"}
    assert not holds(condition, message(), member(sender_power_level=49))
    assert holds(condition, message(), member(sender_power_level=50))
    levels = {"room": 20}
    seen = member(sender_power_level=20, notification_levels=levels)
    assert holds(condition, message(), seen)
    assert is_notification_allowed(20, levels)
    assert not is_notification_allowed(19, levels)


@pytest.mark.parametrize(
    "condition",
    [
        {"kind": "event_match"},
        {"kind": "event_match", "key": "type"},
        {"kind": "event_match", "key": 1, "pattern": "*"},
        {"kind": "event_property_is", "key": "content.body"},
        {"kind": "event_property_contains", "value": None},
        {"kind": "room_member_count"},
        {"kind": "sender_notification_permission"},
        {"kind": ""},
    ],
)
def test_a_broken_condition_never_holds(condition: JsonObject) -> None:
    assert not holds(condition, message(), member(sender_power_level=100))


def test_all_conditions_must_hold_and_none_always_does() -> None:
    one: Json = {"kind": "event_match", "key": "type", "pattern": "m.room.message"}
    other: Json = {"kind": "room_member_count", "is": "3"}
    sounds: Json = ["notify", {"set_tweak": "sound", "value": "bell"}]
    assert verdict(message(), with_rule("override", "r", actions=sounds)).sound == "bell"
    both = with_rule("override", "r", conditions=[one, other], actions=sounds)
    assert verdict(message(), both).sound is None
    assert verdict(message(), both, member(member_count=3)).sound == "bell"


# Actions


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ([], SILENT),
        (["dont_notify"], SILENT),
        ([HIGHLIGHT], SILENT),
        (["notify"], Verdict(notify=True)),
        (["coalesce", "notify"], Verdict(notify=True)),
        (["notify", "org.example.dance", {"org.example.step": 2}], Verdict(notify=True)),
        (["notify", HIGHLIGHT], Verdict(notify=True, highlight=True, tweaks={"highlight": True})),
        (
            ["notify", {"set_tweak": "highlight", "value": False}],
            Verdict(notify=True, tweaks={"highlight": False}),
        ),
        (
            [{"set_tweak": "sound", "value": "bell"}, "notify", DEFAULT_SOUND],
            Verdict(notify=True, sound="default", tweaks={"sound": "default"}),
        ),
        (["notify", {"set_tweak": "sound"}], Verdict(notify=True)),
        (["notify", {"set_tweak": "sound", "value": 3}], Verdict(notify=True, tweaks={"sound": 3})),
        (
            ["notify", {"set_tweak": "org.example.light", "value": ["red"]}],
            Verdict(notify=True, tweaks={"org.example.light": ["red"]}),
        ),
    ],
)
def test_actions_amount_to_what_is_specified(actions: list[Json], expected: Verdict) -> None:
    assert compute_verdict(actions) == expected


# Which rule decides


def test_kinds_are_tried_in_order_and_own_rules_before_predefined_ones() -> None:
    def sounding(name: str) -> Json:
        return ["notify", {"set_tweak": "sound", "value": name}]

    stored = StoredRules()
    plain = message("alice, tea")
    for kind, rule_id, parts in (
        ("underride", "u", {}),
        ("sender", BOB, {}),
        ("room", ROOM, {}),
        ("content", "c", {"pattern": "tea"}),
        ("override", "o", {}),
    ):
        checked = check_kind(kind)
        body: JsonObject = {"actions": sounding(kind), **parts}
        stored = add_rule(stored, checked, rule=check_rule(checked, rule_id, body))
    assert verdict(plain, stored).sound == "override"

    seen = []
    for kind, rule_id in (
        ("override", "o"),
        ("content", "c"),
        ("content", ".m.rule.contains_user_name"),
        ("room", ROOM),
        ("sender", BOB),
        ("underride", "u"),
        ("underride", ".m.rule.message"),
    ):
        stored = set_enabled(stored, check_kind(kind), rule_id=rule_id, enabled=False)
        found = verdict(plain, stored)
        seen.append((found.notify, found.sound))
    assert seen == [
        (True, "content"),
        (True, "default"),
        (True, "room"),
        (True, "sender"),
        (True, "underride"),
        (True, None),
        (False, None),
    ]


def test_the_master_rule_silences_even_own_override_rules() -> None:
    stored = with_rule("override", "always", actions=["notify"])
    assert verdict(event("m.reaction"), stored).notify
    stored = set_enabled(stored, "override", rule_id=".m.rule.master", enabled=True)
    assert build_ruleset(ALICE, stored).override[0].rule_id == ".m.rule.master"
    assert verdict(event("m.reaction"), stored) == SILENT


def test_room_and_sender_rules_are_about_their_id_alone() -> None:
    room = with_rule("room", ROOM, actions=[])
    assert not verdict(message(), room).notify
    assert verdict({**message(), "room_id": "!other:example.org"}, room).notify
    sender = with_rule("sender", BOB, actions=[])
    assert not verdict(message(), sender).notify
    assert verdict({**message(), "sender": "@eve:example.org"}, sender).notify


def test_nobody_is_notified_of_their_own_event() -> None:
    stored = with_rule("override", "always", actions=["notify"])
    assert verdict(message(), stored).notify
    assert verdict({**message(), "sender": ALICE}, stored) == SILENT


@pytest.mark.parametrize("content", [None, 1, "x", [], {"body": 1}, {"m.mentions": 1}])
def test_odd_events_match_nothing_they_should_not(content: Json) -> None:
    plain = event("m.room.message", content=content)
    assert verdict(plain) == Verdict(notify=True)
    assert verdict({"content": content}) == SILENT


# The fast path


def _or_odd(*usual: Json) -> st.SearchStrategy[Json]:
    odd: list[Json] = [None, True, 1, "", [], {}]
    return st.sampled_from([*usual, *usual, *odd])


MEMBERS = (ALICE, BOB, "@a*e:example.org", "@A.b:example.org", "@:example.org", "not an id")
WORDS = ("alice", "ALICE", "Alice Liddell", "@room", "a.b", "bob", "tea", "a*e", "able", "_", " ")
BODIES = st.lists(st.sampled_from([*WORDS, "-", "é", "茶"]), max_size=5).map("".join)
MENTIONS: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {},
    optional={
        "user_ids": st.lists(_or_odd(*MEMBERS), max_size=3) | _or_odd(),
        "room": st.booleans() | _or_odd(),
    },
)
RELATIONS: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {}, optional={"rel_type": _or_odd("m.replace", "M.REPLACE", "m.thread")}
)
CONTENTS: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {},
    optional={
        "msgtype": _or_odd("m.text", "m.text", "m.notice", "M.Notice"),
        "body": BODIES | _or_odd(),
        "membership": _or_odd("invite", "INVITE", "join", "leave"),
        "m.mentions": MENTIONS | _or_odd(),
        "m.relates_to": RELATIONS | _or_odd(),
    },
)
TYPES = _or_odd(
    "m.room.message",
    "M.ROOM.MESSAGE",
    "m.room.encrypted",
    "m.room.member",
    "m.room.tombstone",
    "m.room.server_acl",
    "m.reaction",
    "m.call.invite",
    "m.room.topic",
)
EVENTS: st.SearchStrategy[JsonObject] = st.fixed_dictionaries(
    {},
    optional={
        "type": TYPES,
        "sender": _or_odd(*MEMBERS, "@eve:example.org", "@eve:example.org"),
        "state_key": _or_odd("", *MEMBERS, "@ALICE:example.org", "@able:example.org"),
        "room_id": _or_odd(ROOM),
        "content": CONTENTS | CONTENTS | _or_odd(),
    },
)


@settings(max_examples=600, deadline=None)
@given(
    plain=EVENTS,
    user_id=st.sampled_from(MEMBERS),
    display_name=st.none() | st.sampled_from([*WORDS, "", "?", "Téa"]),
    member_count=st.sampled_from([1, 2, 3]),
    sender_power_level=st.sampled_from([0, 49, 50, 100]),
    notification_levels=st.sampled_from([{}, {"room": 0}, {"room": 75}]),
)
def test_the_fast_path_decides_as_all_predefined_rules_do(
    plain: JsonObject,
    user_id: str,
    display_name: str | None,
    member_count: int,
    sender_power_level: int,
    notification_levels: dict[str, int],
) -> None:
    seen = MemberView(
        user_id=user_id,
        display_name=display_name,
        member_count=member_count,
        sender_power_level=sender_power_level,
        notification_levels=notification_levels,
    )
    slow = evaluate(plain, build_ruleset(user_id, StoredRules()), seen)
    fast = verdict_for_default_member(
        profile_event(plain),
        user_id,
        display_name,
        sender_may_notify_room=is_notification_allowed(sender_power_level, notification_levels),
    )
    assert fast == (slow.notify, slow.highlight)

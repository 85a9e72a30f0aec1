"""Push rules: which there are, and how a member changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.chat.push import rules
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
from teahouse.chat.push.rules import (
    add_rule,
    build_ruleset,
    check_actions,
    check_kind,
    check_rule,
    delete_rule,
    find_rule,
    ruleset_json,
    set_actions,
    set_enabled,
)
from teahouse.chat.push.types import Kind, StoredRules
from tests.chat.push.examples import (
    ALICE,
    DEFAULT_SOUND,
    HIGHLIGHT,
    SILENT,
    message,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from teahouse.platform.errors import Refusal
    from teahouse.platform.json import Json, JsonObject

# The predefined rules


def test_the_predefined_rules_are_those_of_the_specification_in_its_order() -> None:
    ruleset = ruleset_json(build_ruleset(ALICE, StoredRules()))
    assert list(ruleset) == ["override", "content", "room", "sender", "underride"]
    assert {kind: [rule["rule_id"] for rule in found] for kind, found in ruleset.items()} == {  # type: ignore[call-overload, index, union-attr]  # plain JSON
        "override": [
            ".m.rule.master",
            ".m.rule.suppress_notices",
            ".m.rule.invite_for_me",
            ".m.rule.member_event",
            ".m.rule.is_user_mention",
            ".m.rule.contains_display_name",
            ".m.rule.is_room_mention",
            ".m.rule.roomnotif",
            ".m.rule.tombstone",
            ".m.rule.reaction",
            ".m.rule.room.server_acl",
            ".m.rule.suppress_edits",
        ],
        "content": [".m.rule.contains_user_name"],
        "room": [],
        "sender": [],
        "underride": [
            ".m.rule.call",
            ".m.rule.encrypted_room_one_to_one",
            ".m.rule.room_one_to_one",
            ".m.rule.message",
            ".m.rule.encrypted",
        ],
    }


@pytest.mark.parametrize(
    ("kind", "name", "parts"),
    [
        ("override", "master", {"enabled": False, "conditions": [], "actions": []}),
        (
            "override",
            "invite_for_me",
            {
                "conditions": [
                    {"key": "type", "kind": "event_match", "pattern": "m.room.member"},
                    {"key": "content.membership", "kind": "event_match", "pattern": "invite"},
                    {"key": "state_key", "kind": "event_match", "pattern": ALICE},
                ],
                "actions": ["notify", DEFAULT_SOUND],
            },
        ),
        (
            "override",
            "is_user_mention",
            {
                "conditions": [
                    {
                        "kind": "event_property_contains",
                        "key": "content.m\\.mentions.user_ids",
                        "value": ALICE,
                    }
                ],
                "actions": ["notify", DEFAULT_SOUND, HIGHLIGHT],
            },
        ),
        (
            "override",
            "is_room_mention",
            {
                "conditions": [
                    {
                        "kind": "event_property_is",
                        "key": "content.m\\.mentions.room",
                        "value": True,
                    },
                    {"kind": "sender_notification_permission", "key": "room"},
                ],
                "actions": ["notify", HIGHLIGHT],
            },
        ),
        (
            "override",
            "suppress_edits",
            {
                "conditions": [
                    {
                        "kind": "event_property_is",
                        "key": "content.m\\.relates_to.rel_type",
                        "value": "m.replace",
                    }
                ],
                "actions": [],
            },
        ),
        (
            "content",
            "contains_user_name",
            {"pattern": "alice", "actions": ["notify", DEFAULT_SOUND, HIGHLIGHT]},
        ),
        (
            "underride",
            "call",
            {
                "conditions": [{"key": "type", "kind": "event_match", "pattern": "m.call.invite"}],
                "actions": ["notify", {"set_tweak": "sound", "value": "ring"}],
            },
        ),
    ],
)
def test_a_predefined_rule_has_the_specified_json(kind: Kind, name: str, parts: JsonObject) -> None:
    found: Any = ruleset_json(build_ruleset(ALICE, StoredRules()))[kind]
    by_id = {rule["rule_id"]: rule for rule in found}
    rule_id = f".m.rule.{name}"
    assert by_id[rule_id] == {"rule_id": rule_id, "default": True, "enabled": True, **parts}


# What a member may change


def test_a_rule_comes_back_as_it_was_sent_without_what_its_kind_does_not_have() -> None:
    condition: Json = {"kind": "org.example.moon", "phase": "full"}
    kept: list[Json] = ["notify", {"org.example.x": [1]}]
    body: JsonObject = {
        "actions": [*kept, "dont_notify", "coalesce"],
        "conditions": [condition],
        "pattern": "tea",
        "enabled": False,
    }
    parts: dict[str, JsonObject] = {
        "override": {"conditions": [condition]},
        "content": {"pattern": "tea"},
        "room": {},
        "sender": {},
        "underride": {"conditions": [condition]},
    }
    for kind, expected in parts.items():
        checked = check_kind(kind)
        stored = add_rule(StoredRules(), checked, rule=check_rule(checked, "mine", body))
        position = 1 if kind == "override" else 0
        shown: Any = ruleset_json(build_ruleset(ALICE, stored))[kind]
        assert shown[position] == {
            "rule_id": "mine",
            "default": False,
            "enabled": True,
            "actions": kept,
            **expected,
        }
        assert find_rule(ALICE, stored, checked, "mine").actions == tuple(kept)


LONG = "x" * rules.RULE_BYTES_MAX


@pytest.mark.parametrize(
    ("kind", "rule_id", "body", "refusal", "errcode"),
    [
        ("room", ".m.rule.mine", {"actions": []}, PredefinedRule, "M_INVALID_PARAM"),
        ("room", "", {"actions": []}, InvalidRuleId, "M_INVALID_PARAM"),
        ("room", "a/b", {"actions": []}, InvalidRuleId, "M_INVALID_PARAM"),
        ("room", "a\\b", {"actions": []}, InvalidRuleId, "M_INVALID_PARAM"),
        ("room", "a\x00b", {"actions": []}, InvalidRuleId, "M_INVALID_PARAM"),
        ("room", "a\ud800b", {"actions": []}, InvalidRuleId, "M_INVALID_PARAM"),
        ("room", "a" * 256, {"actions": []}, InvalidRuleId, "M_INVALID_PARAM"),
        ("room", "a", {}, RuleIncomplete, "M_MISSING_PARAM"),
        ("room", "a", {"actions": "notify"}, InvalidRule, "M_INVALID_PARAM"),
        ("room", "a", {"actions": [1]}, InvalidRule, "M_INVALID_PARAM"),
        ("room", "a", {"actions": [{"set_tweak": 1}]}, InvalidRule, "M_INVALID_PARAM"),
        ("room", "a", {"actions": [LONG]}, RuleTooLarge, "M_TOO_LARGE"),
        ("content", "a", {"actions": []}, RuleIncomplete, "M_MISSING_PARAM"),
        ("content", "a", {"actions": [], "pattern": 1}, InvalidRule, "M_INVALID_PARAM"),
        ("content", "a", {"actions": [], "pattern": LONG}, RuleTooLarge, "M_TOO_LARGE"),
        ("override", "a", {"actions": [], "conditions": {}}, InvalidRule, "M_INVALID_PARAM"),
        ("override", "a", {"actions": [], "conditions": [1]}, InvalidRule, "M_INVALID_PARAM"),
        ("underride", "a", {"actions": [], "conditions": [{}]}, InvalidRule, "M_INVALID_PARAM"),
    ],
)
def test_a_bad_rule_is_refused(
    kind: Kind, rule_id: str, body: JsonObject, refusal: type[Refusal], errcode: str
) -> None:
    with pytest.raises(refusal) as caught:
        check_rule(kind, rule_id, body)
    assert caught.value.errcode == errcode


def test_an_unknown_kind_is_refused() -> None:
    assert check_kind("room") == "room"
    with pytest.raises(InvalidRuleKind):
        check_kind("device")


def add_all(*rule_ids: str) -> StoredRules:
    """Room rules that stand in this order."""
    stored = StoredRules()
    for rule_id in reversed(rule_ids):
        stored = add_rule(stored, "room", rule=check_rule("room", rule_id, {"actions": []}))
    return stored


def order(stored: StoredRules) -> list[str]:
    return [rule.rule_id for rule in stored.custom.get("room", ())]


@pytest.mark.parametrize(
    ("rule_id", "places", "expected"),
    [
        ("new", {}, "new a b c"),
        ("new", {"before": "b"}, "a new b c"),
        ("new", {"after": "b"}, "a b new c"),
        ("new", {"before": "b", "after": "c"}, "a new b c"),
        ("b", {}, "a b c"),
        ("c", {"before": "a"}, "c a b"),
        ("a", {"after": "c"}, "b c a"),
        ("a", {"before": "c"}, "b a c"),
    ],
)
def test_a_rule_takes_the_place_it_is_given(
    rule_id: str, places: dict[str, str], expected: str
) -> None:
    rule = check_rule("room", rule_id, {"actions": ["notify"]})
    changed = add_rule(add_all("a", "b", "c"), "room", rule=rule, **places)
    assert order(changed) == expected.split()
    assert find_rule(ALICE, changed, "room", rule_id).actions == ("notify",)


@pytest.mark.parametrize(
    ("places", "refusal"),
    [
        ({"before": "missing"}, NeighbourNotFound),
        ({"after": "missing"}, NeighbourNotFound),
        ({"before": "new"}, NeighbourNotFound),
        ({"before": ".m.rule.message"}, PredefinedRule),
        ({"after": ".m.rule.message"}, PredefinedRule),
    ],
)
def test_a_rule_stands_only_next_to_own_rules(
    places: dict[str, str], refusal: type[Refusal]
) -> None:
    rule = check_rule("room", "new", {"actions": []})
    with pytest.raises(refusal) as caught:
        add_rule(add_all("a"), "room", rule=rule, **places)
    assert caught.value.status == 400


NAMES = st.sampled_from("abcde")


@settings(max_examples=100, deadline=None)
@given(
    changes=st.lists(
        st.tuples(NAMES, st.none() | NAMES, st.none() | NAMES, st.booleans()), max_size=12
    )
)
def test_rules_keep_their_order_around_the_one_that_moves(
    changes: list[tuple[str, str | None, str | None, bool]],
) -> None:
    stored = StoredRules()
    for name, before, after, is_deleted in changes:
        earlier = order(stored)
        others = [other for other in earlier if other != name]
        neighbour = before or after
        if is_deleted:
            if name in earlier:
                stored = delete_rule(stored, "room", name)
                assert order(stored) == others
            continue
        rule = check_rule("room", name, {"actions": []})
        if neighbour is not None and neighbour not in others:
            with pytest.raises(NeighbourNotFound):
                add_rule(stored, "room", rule=rule, before=before, after=after)
            continue
        stored = add_rule(stored, "room", rule=rule, before=before, after=after)
        now = order(stored)
        assert [other for other in now if other != name] == others
        if before is not None:
            assert now.index(name) + 1 == now.index(before)
        elif after is not None:
            assert now.index(name) - 1 == now.index(after)
        else:
            assert now.index(name) == (earlier.index(name) if name in earlier else 0)


def test_a_changed_rule_stays_switched_off() -> None:
    stored = set_enabled(add_all("a", "b"), "room", rule_id="a", enabled=False)
    changed = check_rule("room", "a", {"actions": ["notify"]})
    stored = add_rule(stored, "room", rule=changed, after="b")
    found = find_rule(ALICE, stored, "room", "a")
    assert not found.enabled
    assert found.actions == ("notify",)


def test_a_deleted_rule_is_gone_and_predefined_ones_stay() -> None:
    stored = add_all("a", "b")
    assert order(delete_rule(stored, "room", "a")) == ["b"]
    assert order(stored) == ["a", "b"]
    with pytest.raises(RuleNotFound):
        delete_rule(stored, "sender", "a")
    with pytest.raises(RuleNotFound):
        delete_rule(stored, "override", ".m.rule.message")
    with pytest.raises(PredefinedRule):
        delete_rule(stored, "underride", ".m.rule.message")


def test_predefined_rules_can_be_switched_off_and_given_other_actions() -> None:
    name = ".m.rule.message"
    bell = check_actions(["notify", {"set_tweak": "sound", "value": "bell"}, "dont_notify"])
    stored = set_actions(StoredRules(), "underride", rule_id=name, actions=bell)
    assert verdict(message(), stored).sound == "bell"
    stored = set_enabled(stored, "underride", rule_id=name, enabled=False)
    assert verdict(message(), stored) == SILENT
    found = find_rule(ALICE, stored, "underride", name)
    assert (found.default, found.enabled, found.actions) == (True, False, bell)
    stored = set_enabled(stored, "underride", rule_id=name, enabled=True)
    assert verdict(message(), stored).sound == "bell"
    quiet = set_actions(stored, "underride", rule_id=name, actions=())
    assert verdict(message(), quiet) == SILENT


def test_other_actions_do_not_make_a_rule_too_large() -> None:
    body: JsonObject = {"actions": [], "pattern": "x" * 2_500}
    stored = add_rule(StoredRules(), "content", rule=check_rule("content", "a", body))
    actions = check_actions(["y" * 2_500])
    with pytest.raises(RuleTooLarge):
        set_actions(stored, "content", rule_id="a", actions=actions)


@pytest.mark.parametrize(
    "change",
    [
        lambda stored, name: set_enabled(stored, "room", rule_id=name, enabled=False),
        lambda stored, name: set_actions(stored, "room", rule_id=name, actions=()),
        lambda stored, name: delete_rule(stored, "room", name),
        lambda stored, name: find_rule(ALICE, stored, "room", name),
    ],
)
@pytest.mark.parametrize("name", ["missing", ".m.rule.message", ".m.rule.none"])
def test_what_is_not_there_cannot_be_changed(
    change: Callable[[StoredRules, str], object], name: str
) -> None:
    with pytest.raises(RuleNotFound) as caught:
        change(add_all("a"), name)
    assert (caught.value.status, caught.value.errcode) == (404, "M_NOT_FOUND")


def test_a_member_has_no_more_rules_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "RULES_MAX", 3)
    stored = add_all("a", "b", "c")
    again = check_rule("room", "a", {"actions": ["notify"]})
    assert order(add_rule(stored, "room", rule=again)) == ["a", "b", "c"]
    with pytest.raises(TooManyRules):
        add_rule(stored, "sender", rule=check_rule("sender", "d", {"actions": []}))


def test_a_member_has_no_more_patterns_than_the_limits() -> None:
    match: JsonObject = {"kind": "event_match", "key": "type", "pattern": "*"}
    many: Json = [dict(match) for _ in range(60)]
    stored = StoredRules()
    for index in range(4):
        body: JsonObject = {"actions": [], "conditions": many}
        stored = add_rule(stored, "override", rule=check_rule("override", f"{index}", body))
    with pytest.raises(TooManyRules):
        add_rule(stored, "override", rule=check_rule("override", "last", body))

    stored = StoredRules()
    body = {"actions": [], "pattern": "x" * 4_000}
    for index in range(2):
        stored = add_rule(stored, "content", rule=check_rule("content", f"{index}", body))
    with pytest.raises(TooManyRules):
        add_rule(stored, "content", rule=check_rule("content", "last", body))

"""Changing push rules. Every change is told to the member's clients as account data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from teahouse.chat.account_data.commands import store_account_data
from teahouse.chat.account_data.types import PUSH_RULES
from teahouse.chat.push import rules
from teahouse.chat.push.queries import find_rules
from teahouse.chat.push.tables import chat_push_rules
from teahouse.chat.push.types import Kind, StoredRules
from teahouse.platform.db import Tx, upsert
from teahouse.platform.json import Json, JsonObject, encode_json
from teahouse.platform.requester import Requester

_upsert: Final = upsert(chat_push_rules, "rules")


def put_rule(
    tx: Tx,
    requester: Requester,
    kind: Kind,
    *,
    rule_id: str,
    body: JsonObject,
    neighbours: tuple[str | None, str | None] = (None, None),
) -> None:
    """Add a rule of the member's own, or change one.

    Args:
        tx: the transaction.
        requester: whose rule.
        kind: the rule's kind.
        rule_id: its id, chosen by the client.
        body: what the client sent.
        neighbours: the rules to stand just before and just after, the first winning.

    Raises:
        PredefinedRule, InvalidRuleId, RuleIncomplete, InvalidRule: a rule that cannot be.
        NeighbourNotFound: there is no such neighbour.
        RuleTooLarge, TooManyRules: more than is kept.
    """
    before, after = neighbours
    rule = rules.check_rule(kind, rule_id, body)
    _change(
        tx,
        requester,
        lambda stored: rules.add_rule(stored, kind, rule=rule, before=before, after=after),
    )


def delete_rule(tx: Tx, requester: Requester, kind: Kind, rule_id: str) -> None:
    """Remove a rule of the member's own.

    Raises:
        PredefinedRule: the server's rules stay.
        RuleNotFound: there is none of that kind and id.
    """
    _change(tx, requester, lambda stored: rules.delete_rule(stored, kind, rule_id))


def set_enabled(tx: Tx, requester: Requester, kind: Kind, *, rule_id: str, enabled: bool) -> None:
    """Switch a rule on or off.

    Raises:
        RuleNotFound: there is none of that kind and id.
    """
    _change(
        tx,
        requester,
        lambda stored: rules.set_enabled(stored, kind, rule_id=rule_id, enabled=enabled),
    )


def set_actions(tx: Tx, requester: Requester, kind: Kind, *, rule_id: str, actions: Json) -> None:
    """Give a rule other actions.

    Raises:
        RuleNotFound: there is none of that kind and id.
        InvalidRule, RuleTooLarge: actions that cannot be.
    """
    checked = rules.check_actions(actions)
    _change(
        tx,
        requester,
        lambda stored: rules.set_actions(stored, kind, rule_id=rule_id, actions=checked),
    )


def remove_member(tx: Tx, user_id: str) -> None:
    """Forget the rules of a member whose account is closed."""
    tx.conn.execute(sa.delete(chat_push_rules).where(chat_push_rules.c.user_id == user_id))


def _change(tx: Tx, requester: Requester, change: Callable[[StoredRules], StoredRules]) -> None:
    user_id = requester.user_id
    before = find_rules(tx, user_id)
    after = change(before)
    if after == before:
        return
    tx.conn.execute(_upsert, {"user_id": user_id, "rules": encode_json(after)})
    ruleset = rules.ruleset_json(rules.build_ruleset(user_id, after))
    store_account_data(tx, user_id, data_type=PUSH_RULES, content={"global": ruleset})

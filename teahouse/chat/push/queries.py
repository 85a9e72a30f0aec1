"""Reading push rules."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from teahouse.chat.account_data.access import access_own_account_data
from teahouse.chat.push.rules import build_ruleset
from teahouse.chat.push.tables import chat_push_rules
from teahouse.chat.push.types import PushRuleset, StoredRules
from teahouse.platform.db import Read
from teahouse.platform.json import decode_json
from teahouse.platform.requester import Requester

_select_rules = sa.select(chat_push_rules.c.rules).where(
    chat_push_rules.c.user_id == sa.bindparam("user_id")
)


def find_custom_rules(read: Read, user_id: str) -> StoredRules | None:
    """What a member changed of the push rules, or None for nothing."""
    row = read.conn.execute(_select_rules, {"user_id": user_id}).first()
    return None if row is None else msgspec.convert(decode_json(row.rules), StoredRules)


def find_rules(read: Read, user_id: str) -> StoredRules:
    """What a member changed of the push rules."""
    return find_custom_rules(read, user_id) or StoredRules()


def find_own_ruleset(read: Read, requester: Requester, user_id: str) -> PushRuleset:
    """All rules of a member, as their account data shows them: changed or not.

    Raises:
        NotYourAccountData: someone else's.
    """
    access_own_account_data(requester, user_id)
    return build_ruleset(user_id, find_rules(read, user_id))

"""Judging a payment takes as long for who paid ten thousand times as for who pays first."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from teahouse.platform.clock import ManualClock
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.limits.commands import bind_payment, check_payment, give_back
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.wallets.commands import open_wallet
from tests.kit.database import Databases, open_database
from tests.kit.factors import confirm_identity
from tests.kit.wallet_house import make_wallet_house, register_payer

# A handful of rows, one for each change of the rules.
SMALL = "wallet_rule_set"


def test_no_statement_of_a_judgement_reads_a_whole_table(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> None:
    seen: list[tuple[str, Any]] = []
    with open_database(databases.create("sqlite"), ManualClock()) as db:
        house = make_wallet_house(db, tmp_path_factory.mktemp("d"), wallet_rule_set="pboc-2015")
        rose = asyncio.run(register_payer(house, "rose", cny=1000))
        lily = asyncio.run(register_payer(house, "lily", cny=1000))
        confirm_identity(rose, 3)

        @event.listens_for(db.engine, "before_cursor_execute")
        def note(_conn: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
            seen.append((statement, values))

        def judge(tx: Any) -> None:
            payer = open_wallet(tx, party_of(tx, rose.user_id), Currency("CNY"))
            payee = party_of(tx, lily.user_id)
            seen.clear()
            decision = check_payment(
                tx,
                authority=Authority(Requester(user_id=rose.user_id, device_id=rose.device_id)),
                payer=payer,
                payee_party=payee,
                amount=Money(100, Currency("CNY")),
                kind="transfer",
            )
            bind_payment(tx, decision, "pay_1")
            give_back(tx, "pay_1")

        db.run(judge)
        event.remove(db.engine, "before_cursor_execute", note)
        looked = [(text, values) for text, values in seen if text.startswith(("SELECT", "UPDATE"))]
        assert len(looked) > 10
        with db.engine.connect() as conn:
            plans = [plan for text, values in looked for plan in explain(conn, text, values)]
    assert [plan for plan in plans if plan.startswith("SCAN") and SMALL not in plan] == []


def explain(conn: sa.Connection, text: str, values: Any) -> list[str]:
    rows = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
    return [str(row[-1]) for row in rows]

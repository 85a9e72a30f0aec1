"""Lists of charges are ranges of an index, however many there are."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from teahouse.platform.clock import ManualClock
from teahouse.wallet.charges.tables import wallet_charge, wallet_refund
from tests.kit.database import Databases, open_database
from tests.kit.query_plans import explain

_c = wallet_charge.c
_r = wallet_refund.c

QUERIES = {
    "of a shop": sa.select(wallet_charge)
    .where(_c.shop_id == "s", _c.charge_id < "c")
    .order_by(_c.charge_id.desc())
    .limit(51),
    "of a payer": sa.select(wallet_charge)
    .where(_c.payer == "p")
    .order_by(_c.charge_id.desc())
    .limit(51),
    "by its code": sa.select(wallet_charge).where(_c.code == "c"),
    "of a payment": sa.select(wallet_charge).where(_c.payment_id == "p"),
    "overdue": sa.select(wallet_charge).where(_c.status == "open", _c.expires_at <= 5).limit(200),
    "taken": sa.select(wallet_charge)
    .where(_c.shop_id == "s", _c.paid_at >= 1, _c.paid_at < 2)
    .limit(100),
    "refunded": sa.select(wallet_refund)
    .where(_r.shop_id == "s", _r.created_at >= 1, _r.created_at < 2)
    .limit(100),
}


@pytest.mark.parametrize("name", QUERIES)
def test_no_list_reads_the_whole_table(databases: Databases, name: str) -> None:
    url = databases.create("sqlite")
    with open_database(url, ManualClock()) as db, db.reading() as read:
        plan = explain(read, QUERIES[name])
    databases.drop(url)
    assert "SCAN" not in plan, plan
    assert "SEARCH" in plan

"""Claims, and the lists of red packets and mandates, are ranges of an index."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from teahouse.platform.clock import ManualClock
from teahouse.wallet.mandates.tables import wallet_mandate, wallet_mandate_charge
from teahouse.wallet.red_packets import access, commands, queries
from teahouse.wallet.red_packets.tables import wallet_red_packet, wallet_red_packet_share
from teahouse.wallet.statements.tables import wallet_export
from tests.kit.database import Databases, open_database
from tests.kit.query_plans import explain

_p, _s = wallet_red_packet.c, wallet_red_packet_share.c
_m, _c, _e = wallet_mandate.c, wallet_mandate_charge.c, wallet_export.c

QUERIES: dict[str, sa.Select[Any]] = {
    "a packet": access._select_packet,
    "shares to claim": queries._select_shares,
    "given": sa.select(wallet_red_packet)
    .where(_p.sender == "p", _p.packet_id < "r")
    .order_by(_p.packet_id.desc())
    .limit(51),
    "received": sa.select(_s.packet_id).where(_s.claimant == "p"),
    "mandates of a payer": sa.select(wallet_mandate)
    .where(_m.payer == "p", _m.mandate_id < "m")
    .order_by(_m.mandate_id.desc())
    .limit(51),
    "mandates of a shop": sa.select(wallet_mandate)
    .where(_m.payee_party == "p")
    .order_by(_m.mandate_id.desc())
    .limit(51),
    "by a payee's key": sa.select(wallet_mandate).where(_m.payee == "w", _m.key == "k"),
    "due charges": sa.select(_c.charge_id)
    .where(_c.act_at <= 5)
    .order_by(_c.act_at, _c.charge_id)
    .limit(1000),
    "charges of a period": sa.select(_c.minor).where(_c.mandate_id == "m", _c.period_index == 3),
    "charges by day": sa.select(wallet_mandate_charge)
    .where(_c.mandate_id == "m", _c.due_on < date(2027, 1, 1))
    .order_by(_c.due_on.desc(), _c.charge_id.desc())
    .limit(51),
    "exports": sa.select(wallet_export)
    .where(_e.party == "p", _e.expires_at > 5)
    .order_by(_e.export_id.desc())
    .limit(51),
    "expired exports": sa.select(_e.export_id).where(_e.expires_at <= 5).limit(100),
}


def test_no_list_reads_a_whole_table(databases: Databases) -> None:
    url = databases.create("sqlite")
    with open_database(url, ManualClock()) as db, db.reading() as read:
        plans = {name: explain(read, query) for name, query in QUERIES.items()}
    databases.drop(url)
    for name, plan in plans.items():
        assert "SCAN" not in plan, (name, plan)
        assert "SEARCH" in plan, (name, plan)


@pytest.mark.parametrize("statement", [commands._claim_share, commands._take_share])
def test_what_a_claim_changes_is_found_by_key(databases: Databases, statement: sa.Update) -> None:
    url = databases.create("sqlite")
    found = sa.select(statement.table).where(statement.whereclause)  # type: ignore[arg-type]
    with open_database(url, ManualClock()) as db, db.reading() as read:
        plan = explain(read, found)
    databases.drop(url)
    assert "SCAN" not in plan, plan

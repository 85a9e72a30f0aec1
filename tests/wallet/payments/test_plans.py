"""Histories and lists are ranges of an index, read from its end."""

from typing import Any

import sqlalchemy as sa

from teahouse.platform.clock import ManualClock
from teahouse.wallet.parties.tables import wallet_party
from teahouse.wallet.payments.tables import wallet_payment
from teahouse.wallet.requests.tables import wallet_request
from teahouse.wallet.transfers.tables import wallet_transfer
from teahouse.wallet.wallets.tables import wallet_wallet
from tests.kit.database import Databases, open_database
from tests.kit.query_plans import explain

_p, _t, _r = wallet_payment.c, wallet_transfer.c, wallet_request.c

LISTS: dict[str, sa.Select[Any]] = {
    "paid": sa.select(wallet_payment)
    .where(_p.payer_party == "p", _p.payment_id < "x")
    .order_by(_p.payment_id.desc())
    .limit(51),
    "received": sa.select(wallet_payment)
    .where(_p.payee_party == "p", _p.kind.in_(["transfer"]))
    .order_by(_p.payment_id.desc())
    .limit(51),
    "of a charge": sa.select(wallet_payment)
    .where(_p.reference == "chg")
    .order_by(_p.payment_id)
    .limit(1000),
    "sent": sa.select(wallet_transfer)
    .where(_t.payer == "p", _t.transfer_id < "x")
    .order_by(_t.transfer_id.desc())
    .limit(51),
    "to be had": sa.select(wallet_transfer)
    .where(_t.payee == "p")
    .order_by(_t.transfer_id.desc())
    .limit(51),
    "asked": sa.select(wallet_request)
    .where(_r.payer == "p", _r.request_id < "x")
    .order_by(_r.request_id.desc())
    .limit(51),
    "overdue": sa.select(wallet_request)
    .where(_r.status == "open", _r.expires_at <= 5)
    .order_by(_r.expires_at)
    .limit(500),
}
FINDS: dict[str, sa.Select[Any]] = {
    "by its key": sa.select(wallet_payment).where(_p.key == "k"),
    "by their holds": sa.select(wallet_payment).where(_p.hold_id.in_(["h", "i"])),
    "of a payment": sa.select(wallet_transfer).where(_t.payment_id == "p"),
    "waiting": sa.select(sa.func.count())
    .select_from(wallet_transfer)
    .where(_t.payer == "p", _t.status == "pending"),
    "open": sa.select(sa.func.count())
    .select_from(wallet_request)
    .where(_r.asker == "p", _r.status == "open"),
    "a party": sa.select(wallet_party).where(wallet_party.c.user_id == "@u"),
    "a wallet": sa.select(wallet_wallet).where(
        wallet_wallet.c.party == "p", wallet_wallet.c.currency == "CNY"
    ),
}


def test_no_list_reads_more_than_its_page(databases: Databases) -> None:
    url = databases.create("sqlite")
    with open_database(url, ManualClock()) as db, db.reading() as read:
        plans = {name: explain(read, query) for name, query in {**LISTS, **FINDS}.items()}
    databases.drop(url)
    for name, plan in plans.items():
        assert "SCAN" not in plan, (name, plan)
        if name in LISTS:
            assert "TEMP B-TREE" not in plan, (name, plan)

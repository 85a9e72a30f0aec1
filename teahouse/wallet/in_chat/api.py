"""Routes of payments as rooms are told of them, below /api/v1/wallet."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import JSONBody

from teahouse.platform.db import Read
from teahouse.platform.http import Request
from teahouse.platform.requester import Requester
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.in_chat.queries import access_told_payment, verify_block
from teahouse.wallet.in_chat.types import PaymentDetail, ReceiptKey, Verdict, VerifyBody
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.payments.queries import view_payments
from teahouse.wallet.payments.types import Payment, PaymentStatusView

_ROOT = "/api/v1/wallet/payments"


@get(f"{_ROOT}/{{payment_id:str}}")
async def payment(request: Request) -> PaymentDetail | PaymentStatusView:
    """A payment of one's own, and how its room is told of it; others in that room: its status."""
    requester = await request.requester()
    teller = request.services.get(Teller)
    return await request.services.db.read(
        _find_detail, requester, request.path("payment_id"), teller
    )


@post(f"{_ROOT}/verify", status_code=200)
async def verify(request: Request, data: JSONBody[VerifyBody]) -> Verdict:
    """Whether a block `org.teahouse.payment` that one sees in a room is true, and why not."""
    requester = await request.requester()
    teller = request.services.get(Teller)
    return await request.services.db.read(
        verify_block, requester, data, signature=teller.signature, house=teller.voice.user_id
    )


@get("/api/v1/wallet/receipt-key")
async def receipt_key(request: Request) -> ReceiptKey:
    """The key with which this server signs receipts; clients keep it, to check without asking."""
    await request.requester()
    return request.services.get(Teller).key()


def _find_detail(
    read: Read, requester: Requester, payment_id: str, teller: Teller
) -> PaymentDetail | PaymentStatusView:
    found = access_told_payment(read, requester, payment_id)
    if not isinstance(found, Payment):
        return found
    party = find_party(read, requester.user_id)
    assert party is not None
    [view] = view_payments(read, party, [found])
    return PaymentDetail(view, teller.describe(read, found))


routes: list[Any] = [payment, verify, receipt_key]

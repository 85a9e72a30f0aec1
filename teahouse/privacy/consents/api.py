"""Routes of consents, below /api/v1/privacy/consents, and what the house says of signals."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Final

from litestar import Response, get, put
from litestar.params import JSONBody

from teahouse.platform.http import Request, answer
from teahouse.platform.json import decode_json
from teahouse.platform.pages import Page, encode_cursor, page_limit, parse_cursor
from teahouse.platform.router import OPEN
from teahouse.privacy.consents.commands import Asking, answer_purpose, heed_signal
from teahouse.privacy.consents.live import ReceiptSigner
from teahouse.privacy.consents.queries import find_receipt, list_consents, list_history
from teahouse.privacy.consents.rules import tell_purposes
from teahouse.privacy.consents.types import (
    ConsentEvent,
    ConsentView,
    ConsentWish,
    PurposeView,
    SignerKey,
)
from teahouse.privacy.policy.api import read_language
from teahouse.privacy.policy.live import Publisher

_ROOT: Final = "/api/v1/privacy/consents"
# The day on which the house began to honour the signal.
_GPC_SINCE: Final = "2026-11-24"
_PRIVATE: Final = {"Cache-Control": "private, no-store"}


@get(_ROOT)
async def consents(request: Request) -> list[ConsentView]:
    """What one may say yes to, and how one stands to it: off until one says yes."""
    requester = await request.requester()
    language = read_language(request)
    asking = await _asking(request)
    services = request.services
    if asking.signal == "1":
        return await services.db.write(
            heed_signal, requester.user_id, asking=asking, language=language
        )
    return await services.db.read(list_consents, requester.user_id, language=language)


@get(f"{_ROOT}/purposes", opt=OPEN)
async def purposes(request: Request) -> list[PurposeView]:
    """What one may say yes to, before there is an account to say it with."""
    request.services.rate_limits.check("address", request.address())
    return tell_purposes(read_language(request))


@put(f"{_ROOT}/{{purpose:str}}")
async def put_consent(request: Request, data: JSONBody[ConsentWish]) -> ConsentView:
    """Say yes or no. Both are this one request, at any time, and both have a receipt."""
    requester = await request.requester()
    asking = await _asking(request)
    name = request.path("purpose")
    return await request.services.db.write(
        answer_purpose, requester.user_id, name, data, asking=asking
    )


@get(f"{_ROOT}/history")
async def history(request: Request) -> Page[ConsentEvent]:
    """Every answer one has given, the newest first."""
    requester = await request.requester()
    place = parse_cursor(request.query("cursor"), tuple[int, str])
    limit = page_limit(request)
    found = await request.services.db.read(
        list_history, requester.user_id, before=place, limit=limit + 1
    )
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return Page(shown, encode_cursor(last.at, last.receipt_id) if last else None)


@get(f"{_ROOT}/receipts/{{receipt_id:str}}")
async def receipt(request: Request) -> Response[bytes]:
    """A receipt (ISO/IEC TS 27560, DPV JSON-LD) with its signature, as a file."""
    requester = await request.requester()
    receipt_id = request.path("receipt_id")
    found = await request.services.db.read(
        find_receipt,
        requester.user_id,
        receipt_id,
        public_key=request.services.get(ReceiptSigner).public_key,
    )
    body = {
        "receipt": decode_json(found.receipt.encode()),
        "proof": {
            "algorithm": "Ed25519",
            "canonical_form": "RFC 8785",
            "signature": found.signature,
            "public_key": found.public_key,
            "log_index": found.log_index,
            "log_salt": found.log_salt,
        },
    }
    name = f'attachment; filename="{receipt_id}.json"'
    return answer(body, headers={**_PRIVATE, "Content-Disposition": name})


@get(f"{_ROOT}/key", opt=OPEN)
async def key(request: Request) -> SignerKey:
    """The key that signs receipts: keep it beside yours."""
    request.services.rate_limits.check("address", request.address())
    return SignerKey(b64encode(request.services.get(ReceiptSigner).public_key).decode())


@get("/.well-known/gpc.json")
async def gpc(request: Request) -> Response[bytes]:
    """Says that Global Privacy Control is honoured here."""
    request.services.rate_limits.check("address", request.address())
    return answer({"gpc": True, "lastUpdate": _GPC_SINCE})


async def _asking(request: Request) -> Asking:
    publisher = request.services.get(Publisher)
    await publisher.ensure()
    signer = request.services.get(ReceiptSigner)
    return Asking(publisher.house, signer.sign, request.headers.get("sec-gpc"))


ROUTES: list[Any] = [consents, purposes, put_consent, history, receipt, key, gpc]

"""Routes of reconciliation, for staff, below /api/v1/wallet/admin/reconciliation."""

from __future__ import annotations

from typing import Any, get_args

from litestar import Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse.accounts import check_power, is_allowed
from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import Page, page_limit, parse_cursor
from teahouse.platform.requester import Requester
from teahouse.wallet.outside.live import BankLink
from teahouse.wallet.outside.queries import list_sent_files
from teahouse.wallet.outside.types import SentFile
from teahouse.wallet.reconciliation.commands import decide, look_at_items, propose
from teahouse.wallet.reconciliation.queries import find_standings, list_statements
from teahouse.wallet.reconciliation.types import (
    Item,
    ItemStatus,
    Proposal,
    Standing,
    Statement,
)

_ROOT = "/api/v1/wallet/admin/reconciliation"
_ITEM = _ROOT + "/items/{item_id:str}"


@get(_ROOT)
async def standing(request: Request) -> list[Standing]:
    """How bank and books stand to one another, by currency."""
    await _check_reader(request)
    house = request.services.get(BankLink).house
    currencies = sorted(house.accounts) if house else []
    return await request.services.db.read(find_standings, currencies)


@get(f"{_ROOT}/statements")
async def statements(request: Request) -> Page[Statement]:
    """Statements of the bank, the newest first. Query parameters: `cursor`, `limit`."""
    await _check_reader(request)
    return await request.services.db.read(
        list_statements, before=_place(request), limit=page_limit(request)
    )


@get(f"{_ROOT}/files")
async def files(request: Request) -> Page[SentFile]:
    """Files of orders to the bank, the newest first. Query parameters: `cursor`, `limit`."""
    await _check_reader(request)
    return await request.services.db.read(
        list_sent_files, before=_place(request), limit=page_limit(request)
    )


@get(f"{_ROOT}/items")
async def items(request: Request) -> Page[Item]:
    """What needs a person, the newest first. Query parameters: `status`, `cursor`, `limit`."""
    requester = await _check_reader(request)
    return await request.services.db.write(
        look_at_items,
        requester,
        status=_status(request),
        before=_place(request),
        limit=page_limit(request),
    )


@post(f"{_ITEM}/propose", status_code=200)
async def post_proposal(request: Request, data: JSONBody[Proposal]) -> Item:
    """Say how an item shall be resolved; another of the staff must agree."""
    requester = await request.requester()
    return await request.services.db.write(propose, requester, request.path("item_id"), data)


@post(
    f"{_ITEM}/agree",
    status_code=200,
    responses={200: ResponseSpec(Item, description="Done; the same again for the same key.")},
)
async def post_agreement(request: Request) -> Response[bytes]:
    """Agree to what another of the staff proposed, and do it."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    told = await request.services.db.write(
        run_once, once, decide, requester, request.path("item_id"), agrees=True
    )
    return answer(told)


@post(f"{_ITEM}/decline", status_code=200)
async def post_refusal(request: Request) -> Item:
    """Let an item be open again, whoever proposed something."""
    requester = await request.requester()
    return await request.services.db.write(decide, requester, request.path("item_id"), agrees=False)


async def _check_reader(request: Request) -> Requester:
    """Auditors read; whoever may decide reads too."""
    requester = await request.requester()
    if not is_allowed(requester.roles, "wallet.reconcile"):
        check_power(requester, "books.read")
    return requester


def _place(request: Request) -> str | None:
    place = parse_cursor(request.query("cursor"), tuple[str])
    return place[0] if place else None


def _status(request: Request) -> ItemStatus | None:
    found = request.query("status")
    known: tuple[ItemStatus, ...] = get_args(ItemStatus)
    if found is None:
        return None
    for one in known:
        if one == found:
            return one
    raise InvalidParam(f"`status` is one of: {', '.join(known)}.")


routes: list[Any] = [
    standing,
    statements,
    files,
    items,
    post_proposal,
    post_agreement,
    post_refusal,
]

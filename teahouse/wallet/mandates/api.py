"""Routes of mandates: for payers, for shops' people, and for shops' programs."""

from __future__ import annotations

from typing import Any, Final, get_args

from litestar import Response, get, post
from litestar.params import JSONBody

from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import Page, page_limit
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.mandates.commands import (
    accept_mandate,
    cancel_as_shop,
    cancel_mandate,
    charge_as_shop,
    decline_mandate,
    propose_as_shop,
)
from teahouse.wallet.mandates.queries import (
    find_mandate,
    find_mandate_of_shop,
    list_charges_of_shop,
    list_mandates,
    list_mandates_of_shop,
    list_own_charges,
)
from teahouse.wallet.mandates.types import (
    AcceptBody,
    Charge,
    ChargeBody,
    MandateStatus,
    MandateView,
    ProposalBody,
)
from teahouse.wallet.shops.api import FOR_KEYS, KEY_ROOT, SHOP, key_holder, told
from teahouse.wallet.shops.types import Clerk

_MINE: Final = "/api/v1/wallet/mandates"
_MY_ONE = _MINE + "/{mandate_id:str}"
_OF_SHOP = SHOP + "/mandates"
_ONE_OF_SHOP = _OF_SHOP + "/{mandate_id:str}"
_OF_KEY = KEY_ROOT + "/mandates"
_ONE_OF_KEY = _OF_KEY + "/{mandate_id:str}"


def _status(request: Request) -> MandateStatus | None:
    """The status that a list is asked for.

    Raises:
        InvalidParam: no such status.
    """
    wanted = request.query("status")
    known: dict[str, MandateStatus] = {one: one for one in get_args(MandateStatus)}
    if wanted is not None and wanted not in known:
        raise InvalidParam(f"`status` is one of {', '.join(known)}.")
    return None if wanted is None else known[wanted]


# Payers


@get(_MINE)
async def get_mandates(request: Request) -> Page[MandateView]:
    """The mandates that one gave or is asked for, the newest first; `status` chooses among them."""
    requester = await request.requester()
    return await request.services.db.read(
        list_mandates,
        requester,
        status=_status(request),
        cursor=request.query("cursor"),
        limit=page_limit(request),
    )


@get(_MY_ONE)
async def get_mandate(request: Request) -> MandateView:
    """A mandate of one's own, or a proposal that one was shown."""
    requester = await request.requester()
    return await request.services.db.read(find_mandate, requester, request.path("mandate_id"))


@get(f"{_MY_ONE}/charges")
async def get_mandate_charges(request: Request) -> Page[Charge]:
    """What was charged by a mandate of one's own, and what is announced; the newest first."""
    requester = await request.requester()
    return await request.services.db.read(
        list_own_charges,
        requester,
        request.path("mandate_id"),
        cursor=request.query("cursor"),
        limit=page_limit(request),
    )


@post(f"{_MY_ONE}/accept", status_code=200, responses=told(MandateView, 200))
async def post_mandate_consent(request: Request, data: JSONBody[AcceptBody]) -> Response[bytes]:
    """Consent to a proposal. One confirms it first, with what `confirm` of the mandate says."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    authority = Authority(requester, data.confirmation)
    done = await request.services.db.write(
        run_once, once, accept_mandate, authority, request.path("mandate_id")
    )
    return answer(done)


@post(f"{_MY_ONE}/decline", status_code=200, responses=told(MandateView, 200))
async def post_mandate_refusal(request: Request) -> Response[bytes]:
    """Refuse a proposal."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    done = await request.services.db.write(
        run_once, once, decline_mandate, requester, request.path("mandate_id")
    )
    return answer(done)


@post(f"{_MY_ONE}/cancel", status_code=200, responses=told(MandateView, 200))
async def post_mandate_end(request: Request) -> Response[bytes]:
    """Take one's consent back: from now on nothing is charged, announced or not."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    done = await request.services.db.write(
        run_once, once, cancel_mandate, requester, request.path("mandate_id")
    )
    return answer(done)


# Shops, whoever acts for them


Asking = tuple[Clerk, str, str]


async def _person(request: Request) -> Asking:
    """One of the shop's people, whose shop, and whose idempotency keys."""
    requester = await request.requester()
    return requester, request.path("shop_id"), requester.user_id


def _program(request: Request) -> Asking:
    """One of the shop's programs, whose shop, and whose idempotency keys."""
    holder = key_holder(request)
    return holder, holder.shop_id, holder.shop_key_id


async def _propose(request: Request, asking: Asking, body: ProposalBody) -> Response[bytes]:
    clerk, shop_id, who = asking
    once = await read_once(request, who)
    made = await request.services.db.write(run_once, once, propose_as_shop, clerk, shop_id, body)
    return answer(made, status=201)


async def _list(request: Request, asking: Asking) -> Page[MandateView]:
    clerk, shop_id, _ = asking
    return await request.services.db.read(
        list_mandates_of_shop,
        clerk,
        shop_id,
        status=_status(request),
        cursor=request.query("cursor"),
        limit=page_limit(request),
    )


async def _view(request: Request, asking: Asking) -> MandateView:
    clerk, shop_id, _ = asking
    return await request.services.db.read(
        find_mandate_of_shop, clerk, shop_id, request.path("mandate_id")
    )


async def _list_charges(request: Request, asking: Asking) -> Page[Charge]:
    clerk, shop_id, _ = asking
    return await request.services.db.read(
        list_charges_of_shop,
        clerk,
        shop_id,
        request.path("mandate_id"),
        cursor=request.query("cursor"),
        limit=page_limit(request),
    )


async def _charge(request: Request, asking: Asking, body: ChargeBody) -> Response[bytes]:
    clerk, shop_id, who = asking
    once, mandate_id = await read_once(request, who), request.path("mandate_id")
    made = await request.services.db.write(
        run_once, once, charge_as_shop, clerk, shop_id, mandate_id, body
    )
    return answer(made, status=201)


async def _cancel(request: Request, asking: Asking) -> Response[bytes]:
    clerk, shop_id, who = asking
    once, mandate_id = await read_once(request, who), request.path("mandate_id")
    done = await request.services.db.write(
        run_once, once, cancel_as_shop, clerk, shop_id, mandate_id
    )
    return answer(done)


# Shops' people


@post(_OF_SHOP, status_code=201, responses=told(MandateView))
async def post_shop_mandate(request: Request, data: JSONBody[ProposalBody]) -> Response[bytes]:
    """Ask a member for a mandate, for one's shop."""
    return await _propose(request, await _person(request), data)


@get(_OF_SHOP)
async def shop_mandates(request: Request) -> Page[MandateView]:
    """The mandates that one's shop has asked for, the newest first."""
    return await _list(request, await _person(request))


@get(_ONE_OF_SHOP)
async def shop_mandate(request: Request) -> MandateView:
    """A mandate of one's shop."""
    return await _view(request, await _person(request))


@get(f"{_ONE_OF_SHOP}/charges")
async def shop_mandate_charges(request: Request) -> Page[Charge]:
    """What was charged by a mandate of one's shop, the newest first."""
    return await _list_charges(request, await _person(request))


@post(f"{_ONE_OF_SHOP}/charges", status_code=201, responses=told(Charge))
async def post_shop_mandate_charge(request: Request, data: JSONBody[ChargeBody]) -> Response[bytes]:
    """Charge by a mandate of one's shop: at once, or announced where notice was agreed."""
    return await _charge(request, await _person(request), data)


@post(f"{_ONE_OF_SHOP}/cancel", status_code=200, responses=told(MandateView, 200))
async def post_shop_mandate_end(request: Request) -> Response[bytes]:
    """Give up a mandate of one's shop."""
    return await _cancel(request, await _person(request))


# Shops' programs


@post(_OF_KEY, status_code=201, responses=told(MandateView), **FOR_KEYS)
async def post_key_mandate(request: Request, data: JSONBody[ProposalBody]) -> Response[bytes]:
    """Ask a member for a mandate. Scope `charges:write`."""
    return await _propose(request, _program(request), data)


@get(_OF_KEY, **FOR_KEYS)
async def key_mandates(request: Request) -> Page[MandateView]:
    """The mandates that the shop has asked for, the newest first. Scope `charges:read`."""
    return await _list(request, _program(request))


@get(_ONE_OF_KEY, **FOR_KEYS)
async def key_mandate(request: Request) -> MandateView:
    """A mandate of the shop. Scope `charges:read`."""
    return await _view(request, _program(request))


@get(f"{_ONE_OF_KEY}/charges", **FOR_KEYS)
async def key_mandate_charges(request: Request) -> Page[Charge]:
    """What was charged by a mandate, the newest first. Scope `charges:read`."""
    return await _list_charges(request, _program(request))


@post(f"{_ONE_OF_KEY}/charges", status_code=201, responses=told(Charge), **FOR_KEYS)
async def post_key_mandate_charge(request: Request, data: JSONBody[ChargeBody]) -> Response[bytes]:
    """Charge by a mandate: at once, or announced where notice was agreed. Scope `charges:write`."""
    return await _charge(request, _program(request), data)


@post(f"{_ONE_OF_KEY}/cancel", status_code=200, responses=told(MandateView, 200), **FOR_KEYS)
async def post_key_mandate_end(request: Request) -> Response[bytes]:
    """Give up a mandate of the shop. Scope `charges:write`."""
    return await _cancel(request, _program(request))


routes: list[Any] = [
    get_mandates,
    get_mandate,
    get_mandate_charges,
    post_mandate_consent,
    post_mandate_refusal,
    post_mandate_end,
    post_shop_mandate,
    shop_mandates,
    shop_mandate,
    shop_mandate_charges,
    post_shop_mandate_charge,
    post_shop_mandate_end,
    post_key_mandate,
    key_mandates,
    key_mandate,
    key_mandate_charges,
    post_key_mandate_charge,
    post_key_mandate_end,
]

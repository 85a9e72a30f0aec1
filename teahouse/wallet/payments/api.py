"""Routes of payments, below /api/v1/wallet/payments."""

from __future__ import annotations

from enum import Enum
from typing import Any, get_args

import msgspec
from litestar import get

from teahouse.platform.db import Read
from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request
from teahouse.platform.money import MINOR_MAX
from teahouse.platform.pages import Page, page_limit
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.live import PayeeNames
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.queries import view_history
from teahouse.wallet.payments.types import (
    Direction,
    HistoryFilter,
    PaymentKind,
    PaymentStatus,
    PaymentView,
)

_ROOT = "/api/v1/wallet/payments"
_TEXT_LENGTH_MAX = 100
_LIST_MAX = 32
# An instant of the year 10889.
_INSTANT_MAX = 2**48


@get(_ROOT)
async def payments(request: Request) -> Page[PaymentView]:
    """One's payments, the newest first.

    Query parameters, all optional: `cursor`, `limit`, `currency`, `kind` and `status` (several
    with commas), `direction` (`in`, `out`), `with` (a member's id, or a shop's party), `since` and
    `until` (milliseconds), `least` and `most` (minor units), `text` (in the message), `reference`.
    """
    requester = await request.requester()
    page = await request.services.db.read(
        _find_history,
        requester,
        counterparty=request.query("with"),
        cursor=request.query("cursor"),
        limit=page_limit(request),
        wanted=read_filter(request),
    )
    names = request.services.get(PayeeNames)
    return await request.services.db.read(_name_shops, page, names)


def read_filter(request: Request) -> HistoryFilter:
    """Which payments a request asks for.

    Raises:
        InvalidParam: words and numbers that mean nothing here.
    """
    text = request.query("text") or None
    if text is not None and len(text) > _TEXT_LENGTH_MAX:
        raise InvalidParam(f"`text` has at most {_TEXT_LENGTH_MAX} characters.")
    direction = _one_of(request.query("direction"), "direction", get_args(Direction))
    return HistoryFilter(
        currency=request.query("currency"),
        kinds=tuple(map(PaymentKind, _words(request, "kind", _values(PaymentKind)))),
        statuses=_words(request, "status", get_args(PaymentStatus)),
        direction=direction,  # type: ignore[arg-type]  # checked against the literals
        since=_number(request, "since", most=_INSTANT_MAX),
        until=_number(request, "until", most=_INSTANT_MAX),
        least=_number(request, "least", most=MINOR_MAX),
        most=_number(request, "most", most=MINOR_MAX),
        text=text,
        reference=request.query("reference"),
    )


def _words(request: Request, name: str, known: tuple[str, ...]) -> tuple[Any, ...]:
    found = request.query(name)
    if found is None:
        return ()
    words = found.split(",", _LIST_MAX)
    return tuple(_one_of(word, name, known) for word in words)


def _one_of(word: str | None, name: str, known: tuple[str, ...]) -> str | None:
    if word is not None and word not in known:
        raise InvalidParam(f"`{name}` is one of: {', '.join(known)}.")
    return word


def _number(request: Request, name: str, *, most: int) -> int | None:
    if request.query(name) is None:
        return None
    return request.query_int(name, default=0, most=most)


def _values(kind: type[Enum]) -> tuple[str, ...]:
    return tuple(one.value for one in kind)


def _find_history(
    read: Read,
    requester: Requester,
    *,
    counterparty: str | None,
    cursor: str | None,
    limit: int,
    wanted: HistoryFilter,
) -> Page[PaymentView]:
    if counterparty is not None and counterparty.startswith("@"):
        # A member without a wallet has no party: no payment is with them.
        counterparty = find_party(read, counterparty) or "nobody"
    sought = msgspec.structs.replace(wanted, counterparty=counterparty)
    return view_history(read, requester.user_id, cursor=cursor, limit=limit, wanted=sought)


def _name_shops(read: Read, page: Page[PaymentView], names: PayeeNames) -> Page[PaymentView]:
    """Tell the names of those others who are no members."""
    others = {one.counterparty.party for one in page.items if one.counterparty.user_id is None}
    known = {party: names.find(read, party) or "" for party in others if party is not None}
    return Page([_name_shop(one, known) for one in page.items], page.next_cursor)


def _name_shop(payment: PaymentView, known: dict[PartyId, str]) -> PaymentView:
    other = payment.counterparty
    if other.party is None or not known.get(other.party):
        return payment
    named = msgspec.structs.replace(other, name=known[other.party])
    return msgspec.structs.replace(payment, counterparty=named)


routes: list[Any] = [payments]

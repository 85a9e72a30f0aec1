"""Reads requests and splits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from teahouse.platform.checks import PROBLEMS_MAX
from teahouse.platform.db import Read
from teahouse.platform.json import JsonObject
from teahouse.platform.money import Money
from teahouse.platform.pages import Page, encode_cursor, parse_cursor
from teahouse.platform.requester import Requester
from teahouse.wallet.in_chat.queries import find_note, name_of
from teahouse.wallet.in_chat.types import ChatNote
from teahouse.wallet.parties.queries import find_party, user_of, users_of
from teahouse.wallet.payments.tables import wallet_payment
from teahouse.wallet.requests.access import to_request, to_split
from teahouse.wallet.requests.rules import (
    make_request_content,
    make_split_content,
    possible_deeds,
)
from teahouse.wallet.requests.tables import wallet_request, wallet_split
from teahouse.wallet.requests.types import (
    PaymentRequest,
    RequestView,
    ShareView,
    Split,
    SplitView,
)
from teahouse.wallet.wallets.queries import language_of

_c, _s = wallet_request.c, wallet_split.c


# Requests


def count_open(read: Read, asker: str, payer: str | None = None) -> int:
    """How many requests of a party are open, to everybody or to one other."""
    query = (
        sa.select(sa.func.count())
        .select_from(wallet_request)
        .where(_c.asker == asker, _c.status == "open")
    )
    if payer is not None:
        query = query.where(_c.payer == payer)
    return read.conn.execute(query).scalar_one()


def list_open(read: Read, party: str) -> list[PaymentRequest]:
    """The open requests from and to a party, oldest first."""
    rows = read.conn.execute(
        sa.select(wallet_request)
        .where(sa.or_(_c.asker == party, _c.payer == party), _c.status == "open")
        .order_by(_c.request_id)
    )
    return [to_request(row) for row in rows]


def list_overdue(read: Read, *, limit: int) -> list[PaymentRequest]:
    """Open requests whose time is over, oldest first."""
    rows = read.conn.execute(
        sa.select(wallet_request)
        .where(_c.status == "open", _c.expires_at <= read.now)
        .order_by(_c.expires_at, _c.request_id)
        .limit(limit)
    )
    return [to_request(row) for row in rows]


def view_requests(
    read: Read,
    requester: Requester,
    *,
    direction: str | None,
    status: str | None,
    cursor: str | None,
    limit: int,
) -> Page[RequestView]:
    """A member's requests, the newest first: those they made and those they are asked by."""
    party = find_party(read, requester.user_id)
    if party is None:
        return Page([])
    place = parse_cursor(cursor, tuple[str])
    found: list[PaymentRequest] = []
    for side, way in ((_c.asker, "out"), (_c.payer, "in")):
        if direction not in {None, way}:
            continue
        query = sa.select(wallet_request).where(side == party)
        if status is not None:
            query = query.where(_c.status == status)
        if place is not None:
            query = query.where(_c.request_id < place[0])
        rows = read.conn.execute(query.order_by(_c.request_id.desc()).limit(limit + 1))
        found += [to_request(row) for row in rows]
    found.sort(key=lambda one: one.id, reverse=True)
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page([show_request(read, party, one) for one in found[:limit]], more)


def show_request(read: Read, party: str, request: PaymentRequest) -> RequestView:
    """A request as one of its sides sees it."""
    users = users_of(read, [request.asker, request.payer])
    is_asker = request.asker == party
    return RequestView(
        request_id=request.id,
        direction="out" if is_asker else "in",
        asker=users.get(request.asker),
        payer=users.get(request.payer),
        amount=request.amount,
        message=request.message,
        status=request.status,
        may=possible_deeds(request, is_asker=is_asker, now=read.now),
        split_id=request.split_id,
        payment_id=request.payment_id,
        created_at=request.created_at,
        expires_at=request.expires_at,
        ended_at=request.ended_at,
        in_chat=_note_of(
            read, request.id, room_id=request.room_id, content=request_content(read, request)
        ),
    )


def request_content(read: Read, request: PaymentRequest) -> JsonObject | None:
    """What a room is told of a request; None where none is, or where the bill is told."""
    users = users_of(read, [request.asker, request.payer])
    asker, payer = users.get(request.asker), users.get(request.payer)
    if request.room_id is None or request.split_id is not None or not asker or not payer:
        return None
    return make_request_content(
        request,
        asker=asker,
        payer=payer,
        names={one: name_of(read, one) for one in (asker, payer)},
        language=language_of(read, request.asker),
    )


# Splits


def find_split(read: Read, split_id: str) -> Split:
    """A bill that is there."""
    row = read.conn.execute(sa.select(wallet_split).where(_s.split_id == split_id)).one()
    return to_split(row)


def list_shares(read: Read, split_id: str) -> list[PaymentRequest]:
    """The requests of a bill, in the order of the shares."""
    rows = read.conn.execute(
        sa.select(wallet_request).where(_c.split_id == split_id).order_by(_c.place)
    )
    return [to_request(row) for row in rows]


def view_splits(
    read: Read, requester: Requester, *, cursor: str | None, limit: int
) -> Page[SplitView]:
    """The bills that a member splits or shares, the newest first."""
    party = find_party(read, requester.user_id)
    if party is None:
        return Page([])
    place = parse_cursor(cursor, tuple[str])
    shared = sa.select(_c.split_id).where(_c.payer == party, _c.split_id.is_not(None))
    query = sa.select(wallet_split).where(
        sa.or_(_s.asker == party, _s.split_id.in_(shared)),
    )
    if place is not None:
        query = query.where(_s.split_id < place[0])
    rows = read.conn.execute(query.order_by(_s.split_id.desc()).limit(limit + 1))
    found = [to_split(row) for row in rows]
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page([show_split(read, one) for one in found[:limit]], more)


def show_split(read: Read, split: Split) -> SplitView:
    """A bill as those who share it see it."""
    shares = show_shares(read, split)
    paid = sum(share.amount.minor for share in shares if share.status == "paid")
    left = sum(share.amount.minor for share in shares if share.status == "open")
    currency = split.total.currency
    return SplitView(
        split_id=split.id,
        asker=user_of(read, split.asker),
        room_id=split.room_id,
        total=split.total,
        own=split.own,
        message=split.message,
        shares=shares,
        paid=Money(paid, currency),
        left=Money(left, currency),
        created_at=split.created_at,
        in_chat=_note_of(
            read, split.id, room_id=split.room_id, content=split_content(read, split, shares)
        ),
    )


def show_shares(read: Read, split: Split) -> list[ShareView]:
    """The shares of all but the one who asks."""
    requests = list_shares(read, split.id)
    users = users_of(read, [one.payer for one in requests])
    return [
        ShareView(
            request_id=one.id,
            user_id=users.get(one.payer),
            amount=one.amount,
            status=one.status,
        )
        for one in requests
    ]


def split_content(read: Read, split: Split, shares: Sequence[ShareView]) -> JsonObject | None:
    """What a room is told of a bill; None once the one who asks was erased."""
    asker = user_of(read, split.asker)
    if asker is None or not split.room_id:
        return None
    return make_split_content(
        split,
        shares,
        asker=asker,
        name=name_of(read, asker),
        language=language_of(read, split.asker),
    )


def _note_of(
    read: Read, about: str, *, room_id: str | None, content: JsonObject | None
) -> ChatNote | None:
    if room_id is None or content is None:
        return None
    note = find_note(read, about)
    return ChatNote(room_id=room_id, event_id=None if note is None else note[1], content=content)


# Checks


def find_requests_amiss(read: Read) -> Iterator[str]:
    """Paid requests whose payment is of another amount or between others."""
    pay = wallet_payment.c
    fits = sa.and_(
        pay.payer_party == _c.payer,
        pay.payee_party == _c.asker,
        pay.minor == _c.minor,
        pay.currency == _c.currency,
        pay.reference == _c.request_id,
    )
    rows = read.conn.execute(
        sa.select(_c.request_id)
        .join_from(wallet_request, wallet_payment, pay.payment_id == _c.payment_id)
        .where(~fits)
        .order_by(_c.request_id)
        .limit(PROBLEMS_MAX)
    )
    for row in rows:
        yield f"request {row.request_id} was paid by a payment that does not fit it"


def find_splits_amiss(read: Read) -> Iterator[str]:
    """Bills whose shares do not sum to them."""
    shares = sa.func.coalesce(sa.func.sum(_c.minor), 0)
    rows = read.conn.execute(
        sa.select(_s.split_id)
        .join_from(wallet_split, wallet_request, _c.split_id == _s.split_id, isouter=True)
        .group_by(_s.split_id, _s.total_minor, _s.own_minor)
        .having(shares + _s.own_minor != _s.total_minor)
        .order_by(_s.split_id)
        .limit(PROBLEMS_MAX)
    )
    for row in rows:
        yield f"the shares of split {row.split_id} do not sum to the bill"

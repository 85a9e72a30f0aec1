"""Asks for money, splits bills, and answers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from teahouse import chat
from teahouse.platform.db import Tx
from teahouse.platform.money import Money
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.in_chat.queries import name_of
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.parties.queries import users_of
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.commands import pay
from teahouse.wallet.payments.queries import view_payments
from teahouse.wallet.payments.rules import check_amount
from teahouse.wallet.payments.types import PaymentDraft, PaymentId, PaymentKind
from teahouse.wallet.requests.access import access_request, access_split
from teahouse.wallet.requests.errors import RemindedAlready, RequestNotOpen, TooManyRequests
from teahouse.wallet.requests.queries import (
    count_open,
    find_split,
    list_open,
    list_overdue,
    list_shares,
    request_content,
    show_request,
    show_shares,
    show_split,
    split_content,
)
from teahouse.wallet.requests.rules import asked_of, divide, make_reminder, possible_deeds
from teahouse.wallet.requests.tables import wallet_request, wallet_split
from teahouse.wallet.requests.types import (
    OPEN_MAX,
    OPEN_MS,
    OPEN_WITH_ONE_MAX,
    REMIND_EVERY_MS,
    Deed,
    PaidRequest,
    PaymentRequest,
    Reminded,
    RequestBody,
    RequestId,
    RequestStatus,
    RequestView,
    Split,
    SplitBody,
    SplitId,
    SplitView,
)
from teahouse.wallet.transfers.commands import check_payee, check_room
from teahouse.wallet.wallets.commands import check_offered, open_wallet
from teahouse.wallet.wallets.errors import NoWallet
from teahouse.wallet.wallets.queries import find_wallet, language_of
from teahouse.wallet.wallets.types import HouseCurrencies

REQUEST, SPLIT = "req", "spl"
# A run of the job ends so many, some 50 ms; it comes again at once while there are more.
EXPIRED_AT_ONCE_MAX = 500
_c, _s = wallet_request.c, wallet_split.c


# Asking


def ask(
    tx: Tx,
    requester: Requester,
    body: RequestBody,
    *,
    teller: Teller,
    currencies: HouseCurrencies,
) -> RequestView:
    """Ask a member for money.

    Raises:
        CurrencyNotOffered, InvalidAmount, AmountTooLarge: an amount that nobody can pay.
        SelfPayment, PayeeUnknown: the payer is oneself, or nobody.
        NotInRoom: the two are not both in the room that shall be told.
        TooManyRequests: too many are open already.
    """
    check_offered(body.amount.currency, currencies)
    check_amount(body.amount)
    check_payee(tx, requester.user_id, body.payer)
    if body.room_id is not None:
        check_room(tx, body.room_id, [requester.user_id, body.payer])
    asker, payer = party_of(tx, requester.user_id), party_of(tx, body.payer)
    _check_count(tx, asker, [payer])
    request = _make(
        tx, (asker, payer), amount=body.amount, message=body.message, room_id=body.room_id
    )
    _tell(tx, request, teller)
    return show_request(tx, asker, request)


def split_bill(
    tx: Tx,
    requester: Requester,
    body: SplitBody,
    *,
    teller: Teller,
    currencies: HouseCurrencies,
) -> SplitView:
    """Ask those who share a bill for their parts.

    Raises:
        CurrencyNotOffered, InvalidAmount, AmountTooLarge: a bill that nobody can pay.
        InvalidSplit, SplitMismatch: shares that make no sense, or do not sum to the bill.
        PayeeUnknown, NotInRoom: somebody is nobody, or not in the room.
        TooManyRequests: too many are open already.
    """
    currency = check_offered(body.total.currency, currencies)
    check_amount(body.total)
    parts = divide(body)
    others = asked_of(body, parts, requester.user_id)
    check_room(tx, body.room_id, sorted({requester.user_id, *(one.user_id for one, _ in others)}))
    for share, _ in others:
        check_payee(tx, requester.user_id, share.user_id)
    asker = party_of(tx, requester.user_id)
    payers = [party_of(tx, share.user_id) for share, _ in others]
    _check_count(tx, asker, payers)
    asked = sum(part for _, part in others)
    split = Split(
        id=SplitId(tx.new_id(SPLIT)),
        asker=asker,
        room_id=body.room_id,
        total=body.total,
        own=Money(body.total.minor - asked, currency),
        message=body.message,
        created_at=tx.now,
    )
    _insert_split(tx, split)
    for place, (payer, (_, part)) in enumerate(zip(payers, others, strict=True)):
        _make(
            tx,
            (asker, payer),
            amount=Money(part, currency),
            message=body.message,
            room_id=body.room_id,
            share_of=(split.id, place),
        )
    _tell_split(tx, split, teller)
    teller.wake(tx, [share.user_id for share, _ in others], about=split.id)
    return show_split(tx, split)


# Answering


def pay_request(
    tx: Tx,
    requester: Requester,
    request_id: str,
    confirmation: str | None,
    *,
    teller: Teller,
) -> PaidRequest:
    """Pay what one is asked for.

    Raises:
        RequestNotFound: none to the requester.
        RequestNotOpen: it was paid, or ended otherwise.
        NoWallet: the requester has none in its currency.
        Refusal: what `pay` refuses.
    """
    request, party = _find_open(tx, requester, request_id, "pay")
    currency = request.amount.currency
    wallet = find_wallet(tx, party, currency)
    if wallet is None:
        raise NoWallet(currency=currency)
    payment = pay(
        tx,
        PaymentDraft(
            kind=PaymentKind.SPLIT_PAID if request.split_id else PaymentKind.REQUEST_PAID,
            payer=wallet.id,
            payee=open_wallet(tx, request.asker, currency).id,
            amount=request.amount,
            key=f"{request.id}:pay",
            reference=request.id,
            room_id=_room_of_both(tx, request),
            authority=Authority(requester, confirmation),
        ),
    )
    ended = _end(tx, request, "paid", teller, payment_id=payment.id)
    [view] = view_payments(tx, party, [payment])
    return PaidRequest(
        request=show_request(tx, party, ended),
        payment=view,
        in_chat=teller.describe(tx, payment),
    )


def decline_request(
    tx: Tx, requester: Requester, request_id: str, *, teller: Teller
) -> RequestView:
    """Let who asks know that one does not pay.

    Raises:
        RequestNotFound: none to the requester.
        RequestNotOpen: it was paid, or ended otherwise.
    """
    request, party = _find_open(tx, requester, request_id, "decline")
    return show_request(tx, party, _end(tx, request, "declined", teller))


def cancel_request(tx: Tx, requester: Requester, request_id: str, *, teller: Teller) -> RequestView:
    """Ask no longer.

    Raises:
        RequestNotFound: none of the requester.
        RequestNotOpen: it was paid, or ended otherwise.
    """
    request, party = _find_open(tx, requester, request_id, "cancel")
    return show_request(tx, party, _end(tx, request, "cancelled", teller))


def cancel_split(tx: Tx, requester: Requester, split_id: str, *, teller: Teller) -> SplitView:
    """Ask nobody any longer for a bill; who has paid has paid.

    Raises:
        SplitNotFound: none of the requester.
        RequestNotOpen: nobody is asked any more.
    """
    split, shares = _find_own_split(tx, requester, split_id)
    for request in shares:
        _end(tx, request, "cancelled", teller, tells=False)
    _tell_split(tx, split, teller)
    return show_split(tx, split)


# Reminding


def remind(tx: Tx, requester: Requester, request_id: str, *, teller: Teller) -> Reminded:
    """Remind who is asked, at most once a day.

    Raises:
        RequestNotFound: none of the requester.
        RequestNotOpen: it was paid, or ended otherwise.
        RemindedAlready: less than a day ago.
    """
    request, _ = _find_open(tx, requester, request_id, "remind")
    return _remind(tx, requester, [request], teller)


def remind_split(tx: Tx, requester: Requester, split_id: str, *, teller: Teller) -> Reminded:
    """Remind all who have not paid their part of a bill, each at most once a day.

    Raises:
        SplitNotFound: none of the requester.
        RequestNotOpen: nobody is asked any more.
        RemindedAlready: all of them less than a day ago.
    """
    _, shares = _find_own_split(tx, requester, split_id)
    return _remind(tx, requester, shares, teller)


def _remind(
    tx: Tx, requester: Requester, requests: Sequence[PaymentRequest], teller: Teller
) -> Reminded:
    latest = {one.id: max(one.created_at, one.reminded_at or 0) for one in requests}
    due = [one for one in requests if tx.now >= latest[one.id] + REMIND_EVERY_MS]
    if not due:
        raise RemindedAlready(retry_after_ms=min(latest.values()) + REMIND_EVERY_MS - tx.now)
    tx.conn.execute(
        sa.update(wallet_request)
        .where(_c.request_id.in_([one.id for one in due]))
        .values(reminded_at=tx.now)
    )
    users = users_of(tx, [one.payer for one in due])
    first = due[0]
    teller.wake(tx, users.values(), about=first.split_id or first.id)
    content = make_reminder(
        name_of(tx, requester.user_id),
        {user_id: name_of(tx, user_id) for user_id in users.values()},
        Money(sum(one.amount.minor for one in due), first.amount.currency),
        language=language_of(tx, first.asker),
    )
    sent = None
    if first.room_id is not None:
        sent = teller.voice.send_event(tx, first.room_id, content, on_behalf_of=requester.user_id)
    to_be_sent = content if first.room_id is not None and sent is None else None
    return Reminded([one.id for one in due], to_be_sent)


# Without anybody's doing


def expire_requests(tx: Tx, teller: Teller) -> int:
    """End requests whose time is over, at most `EXPIRED_AT_ONCE_MAX` of them.

    Returns:
        How many.
    """
    overdue = list_overdue(tx, limit=EXPIRED_AT_ONCE_MAX)
    for request in overdue:
        _end(tx, request, "expired", teller)
    return len(overdue)


def end_open(tx: Tx, party: PartyId, teller: Teller) -> None:
    """End what is asked by and of a party that goes away."""
    for request in list_open(tx, party):
        status: RequestStatus = "cancelled" if request.asker == party else "declined"
        _end(tx, request, status, teller)


def blank_words(tx: Tx, party: str) -> list[str]:
    """Erase what a party has asked for money for, and in which rooms.

    Returns:
        The requests and bills, which rooms may have been told of.
    """
    blank = {"message": "", "room_id": None}
    requests = tx.conn.execute(
        sa.update(wallet_request).where(_c.asker == party).values(blank).returning(_c.request_id)
    ).scalars()
    splits = tx.conn.execute(
        sa.update(wallet_split)
        .where(_s.asker == party)
        .values(message="", room_id="")
        .returning(_s.split_id)
    ).scalars()
    return [*requests, *splits]


# Steps


def _find_open(
    tx: Tx, requester: Requester, request_id: str, deed: Deed
) -> tuple[PaymentRequest, PartyId]:
    """A request with which the requester may do something now."""
    request = access_request(tx, requester, request_id)
    party = party_of(tx, requester.user_id)
    if deed not in possible_deeds(request, is_asker=request.asker == party, now=tx.now):
        is_over = request.status == "open" and tx.now >= request.expires_at
        raise RequestNotOpen(request_status="expired" if is_over else request.status)
    return request, party


def _find_own_split(
    tx: Tx, requester: Requester, split_id: str
) -> tuple[Split, list[PaymentRequest]]:
    """A bill of the requester, and what is still open of it."""
    split = access_split(tx, requester, split_id)
    shares = [
        one for one in list_shares(tx, split.id) if one.status == "open" and tx.now < one.expires_at
    ]
    if split.asker != party_of(tx, requester.user_id) or not shares:
        raise RequestNotOpen(request_status="ended")
    return split, shares


def _check_count(tx: Tx, asker: PartyId, payers: Sequence[PartyId]) -> None:
    if count_open(tx, asker) + len(payers) > OPEN_MAX:
        raise TooManyRequests(limit=OPEN_MAX)
    for payer in payers:
        if count_open(tx, asker, payer) >= OPEN_WITH_ONE_MAX:
            raise TooManyRequests(limit=OPEN_WITH_ONE_MAX)


def _make(
    tx: Tx,
    sides: tuple[PartyId, PartyId],
    *,
    amount: Money,
    message: str,
    room_id: str | None,
    share_of: tuple[SplitId | None, int] = (None, 0),
) -> PaymentRequest:
    asker, payer = sides
    request = PaymentRequest(
        id=RequestId(tx.new_id(REQUEST)),
        asker=asker,
        payer=payer,
        amount=amount,
        status="open",
        message=message,
        room_id=room_id,
        split_id=share_of[0],
        payment_id=None,
        created_at=tx.now,
        expires_at=tx.now + OPEN_MS,
        ended_at=None,
        reminded_at=None,
    )
    tx.conn.execute(
        sa.insert(wallet_request).values(
            request_id=request.id,
            asker=asker,
            payer=payer,
            currency=amount.currency,
            minor=amount.minor,
            status=request.status,
            message=message,
            room_id=room_id,
            split_id=request.split_id,
            place=share_of[1],
            created_at=request.created_at,
            expires_at=request.expires_at,
        )
    )
    return request


def _insert_split(tx: Tx, split: Split) -> None:
    tx.conn.execute(
        sa.insert(wallet_split).values(
            split_id=split.id,
            asker=split.asker,
            room_id=split.room_id,
            currency=split.total.currency,
            total_minor=split.total.minor,
            own_minor=split.own.minor,
            message=split.message,
            created_at=split.created_at,
        )
    )


def _end(
    tx: Tx,
    request: PaymentRequest,
    status: RequestStatus,
    teller: Teller,
    *,
    payment_id: PaymentId | None = None,
    tells: bool = True,
) -> PaymentRequest:
    tx.conn.execute(
        sa.update(wallet_request)
        .where(_c.request_id == request.id)
        .values(status=status, payment_id=payment_id, ended_at=tx.now)
    )
    ended = msgspec.structs.replace(request, status=status, payment_id=payment_id, ended_at=tx.now)
    if tells:
        _tell(tx, ended, teller)
    return ended


def _tell(tx: Tx, request: PaymentRequest, teller: Teller) -> None:
    """Tell the room and both sides' devices how a request stands."""
    users = users_of(tx, [request.asker, request.payer])
    teller.wake(tx, users.values(), about=request.id)
    if request.split_id is not None:
        _tell_split(tx, find_split(tx, request.split_id), teller)
        return
    content = request_content(tx, request)
    if content is not None and request.room_id is not None:
        teller.tell_room(
            tx,
            request.id,
            room_id=request.room_id,
            content=content,
            on_behalf_of=users.get(request.asker),
        )


def _tell_split(tx: Tx, split: Split, teller: Teller) -> None:
    content = split_content(tx, split, show_shares(tx, split))
    if content is not None:
        teller.tell_room(
            tx,
            split.id,
            room_id=split.room_id,
            content=content,
            on_behalf_of=users_of(tx, [split.asker]).get(split.asker),
        )


def _room_of_both(tx: Tx, request: PaymentRequest) -> str | None:
    """The room that was told of a request, if both are still in it."""
    if request.room_id is None:
        return None
    both = list(users_of(tx, [request.asker, request.payer]).values())
    is_whole = len(chat.find_joined_among(tx, request.room_id, both)) == len(both)
    return request.room_id if is_whole else None

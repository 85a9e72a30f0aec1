"""Links outside accounts, orders money from and to them, and moves orders on.

How money moves (a debit is positive): a top-up is held from `TOPUPS_IN_TRANSIT` for the wallet and
posted once the bank has booked it; a withdrawal moves to `WITHDRAWALS_IN_TRANSIT` at once and back
where the bank rejects or returns it. What stands on the bank's statement moves between the two
and `CASH_AT_BANK`: that is reconciliation's, and nobody else's.
"""

from __future__ import annotations

from collections.abc import Collection
from hmac import compare_digest

import sqlalchemy as sa

from teahouse import ledger
from teahouse.accounts import Seal
from teahouse.iso20022 import (
    Entry,
    Notification,
    StatusReport,
    TransactionStatus,
    describe_reason,
)
from teahouse.ledger import Posting, TransactionDraft
from teahouse.platform.db import Tx
from teahouse.platform.jobs import enqueue
from teahouse.platform.json import encode_json
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.access import access_confirmation
from teahouse.wallet.confirmations.errors import ConfirmationMismatch
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.limits.commands import give_back as give_back_limits
from teahouse.wallet.outside.access import Secret, access_outside_account, open_secret
from teahouse.wallet.outside.announcements import (
    BankOrderMoved,
    BankOrderReported,
    OutsideAccountLinked,
)
from teahouse.wallet.outside.errors import (
    AlreadyLinked,
    CodeExpired,
    CurrencyNotAtBank,
    DebitsNotAllowed,
    NoPartnerBank,
    TooManyOutsideAccounts,
    TooMuchOnItsWay,
    WrongCode,
)
from teahouse.wallet.outside.queries import (
    find_file_orders,
    find_order,
    list_unsent_files,
    view_order,
)
from teahouse.wallet.outside.rules import (
    ACCEPTED,
    DUPLICATES,
    REJECTED,
    advance,
    check_account_number,
    check_usable,
    file_kind_of,
    id_of,
    last4_of,
)
from teahouse.wallet.outside.tables import (
    wallet_bank_file,
    wallet_bank_message,
    wallet_bank_order,
    wallet_outside_account,
)
from teahouse.wallet.outside.types import (
    OUTGOING,
    BankOrder,
    Effect,
    FileId,
    HouseBank,
    NewOutsideAccount,
    NewTopUp,
    NewWithdrawal,
    OrderEvent,
    OrderId,
    OrderKind,
    OutsideAccount,
    OutsideAccountId,
    Reported,
    ReportKind,
    StoredOrder,
)
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.commands import (
    hold_payment,
    pay,
    reverse_payment,
    settle_payment,
    void_payment,
)
from teahouse.wallet.payments.queries import find_payment
from teahouse.wallet.payments.types import PaymentDraft, PaymentId, PaymentKind
from teahouse.wallet.wallets.commands import house_account, open_wallet
from teahouse.wallet.wallets.types import HouseAccount

OUTSIDE_ACCOUNT, BANK_ORDER, BANK_FILE = "oac", "bor", "bfl"
WRITE_JOB, READ_JOB = "wallet.write_bank_files", "wallet.read_bank_folder"
# While somebody may be waiting, the bank's folder is looked into this often.
SOON_MS = 1000
_DAY_MS = 86_400_000
# Each costs the house a small credit: five in a month are more than anybody needs.
ACCOUNTS_MAX = 5
_ACCOUNTS_WITHIN_MS = 30 * _DAY_MS
CODE_TRIES = 5
_CODE_LENGTH = 6
# A small credit arrives within days; a code that is told later is a guess.
_CODE_KEPT_MS = 30 * _DAY_MS
# A bank that has not answered in a month will not; what it books later is a matter for staff.
_TOP_UP_KEPT_MS = 31 * _DAY_MS
_TOP_UPS_MAX = 10
# One file. Banks take far more, but a rejected file should not hold up thousands.
ORDERS_MAX = 1000
_NONCE_BYTES = 12

_account, _order = wallet_outside_account.c, wallet_bank_order.c


# Linking


def link_account(
    tx: Tx, party: PartyId, new: NewOutsideAccount, house: HouseBank | None, seal: Seal
) -> OutsideAccount:
    """Link an account at another bank, and send a small credit with a code there.

    Args:
        tx: the transaction.
        party: whose it becomes; the caller has made sure of it.
        new: the account.
        house: the house's own accounts.
        seal: seals the number.

    Raises:
        NoPartnerBank: the house has no link to banks.
        CurrencyNotAtBank: the house has no account in that currency.
        BadAccountNumber: no account can have that number.
        TooManyOutsideAccounts: too many were linked lately.
        AlreadyLinked: this one is.
    """
    if house is None:
        raise NoPartnerBank
    if new.currency not in house.accounts:
        raise CurrencyNotAtBank(currencies=sorted(house.accounts))
    number = check_account_number(new.number)
    _check_linkable(tx, party, number.number, seal)
    made = OutsideAccountId(tx.new_id(OUTSIDE_ACCOUNT))
    code = tx.chance.secrets.letters(_CODE_LENGTH, "0123456789")
    secret = Secret(number.number, " ".join(new.holder.split()), code)
    tx.conn.execute(
        sa.insert(wallet_outside_account).values(
            outside_account_id=made,
            party=party,
            bank=" ".join(new.bank.split()),
            sealed=seal.seal(
                encode_json(secret).decode(),
                owner=made,
                nonce=tx.chance.secrets.token_bytes(_NONCE_BYTES),
            ),
            last4=last4_of(number),
            is_iban=number.is_iban,
            currency=new.currency,
            status="pending",
            reason="",
            allows_debits=new.allow_debits,
            linked_at=tx.now,
            tries_left=CODE_TRIES,
            name_check="wanted",
        )
    )
    tx.announce(OutsideAccountLinked(made, party))
    cent = Money(1, new.currency)
    order_id = _add_order(tx, "verification", party, made, cent, text=f"Code {code} {house.name}")
    post_between(
        tx, f"{order_id}:out", HouseAccount.FEE_EXPENSE, HouseAccount.WITHDRAWALS_IN_TRANSIT, cent
    )
    return access_outside_account(tx, party, made, seal)


def _check_linkable(tx: Tx, party: PartyId, number: str, seal: Seal) -> None:
    since = tx.now - _ACCOUNTS_WITHIN_MS
    rows = tx.conn.execute(
        sa.select(wallet_outside_account).where(
            _account.party == party,
            sa.or_(_account.status != "removed", _account.linked_at > since),
        )
    ).all()
    if len(rows) >= ACCOUNTS_MAX:
        raise TooManyOutsideAccounts
    for row in rows:
        if row.status != "removed" and open_secret(row, seal).number == number:
            raise AlreadyLinked


def verify_account(
    tx: Tx, party: PartyId | None, outside_account_id: str, code: str, seal: Seal
) -> OutsideAccount | WrongCode:
    """Prove to hold an account by the code that came with the small credit.

    Returns:
        The account; or what is wrong, so that the try counts although it is refused.

    Raises:
        UnknownOutsideAccount: there is none of this party's.
        CodeExpired: it was tried too often, or too late.
    """
    found = access_outside_account(tx, party, outside_account_id, seal)
    if found.status == "verified":
        return found
    is_late = tx.now > found.linked_at + _CODE_KEPT_MS
    if found.status != "pending" or found.tries_left == 0 or is_late:
        raise CodeExpired
    row = tx.conn.execute(
        sa.select(wallet_outside_account).where(_account.outside_account_id == outside_account_id)
    ).one()
    is_right = compare_digest(open_secret(row, seal).code.encode(), code.encode())
    changes: dict[str, object] = (
        {"status": "verified", "verified_at": tx.now}
        if is_right
        else {"tries_left": found.tries_left - 1}
    )
    _change_account(tx, outside_account_id, **changes)
    if not is_right:
        return WrongCode(tries_left=found.tries_left - 1)
    return access_outside_account(tx, party, outside_account_id, seal)


def remove_account(tx: Tx, party: PartyId | None, outside_account_id: str, seal: Seal) -> None:
    """Remove an outside account; its number is forgotten once nothing is on its way.

    Raises:
        UnknownOutsideAccount: there is none of this party's.
    """
    access_outside_account(tx, party, outside_account_id, seal)
    _change_account(tx, outside_account_id, status="removed", allows_debits=False)
    forget_numbers(tx)


def remove_accounts_of(tx: Tx, party: PartyId) -> None:
    """Remove every outside account of a party that is erased."""
    tx.conn.execute(
        sa.update(wallet_outside_account)
        .where(_account.party == party)
        .values(status="removed", allows_debits=False)
    )
    forget_numbers(tx)


def forget_numbers(tx: Tx) -> int:
    """Forget numbers and holders of removed accounts whose orders are all in the bank's hands.

    Returns:
        How many.
    """
    # Only a file that is not sent yet needs the number.
    waiting = sa.exists().where(
        _order.outside_account_id == _account.outside_account_id, _order.status == "requested"
    )
    forgotten = tx.conn.execute(
        sa.update(wallet_outside_account)
        .where(_account.status == "removed", _account.sealed.is_not(None), ~waiting)
        .values(sealed=None, bank="", last4="")
    )
    return forgotten.rowcount


def _change_account(tx: Tx, outside_account_id: str, **values: object) -> None:
    tx.conn.execute(
        sa.update(wallet_outside_account)
        .where(_account.outside_account_id == outside_account_id)
        .values(**values)
    )


# Ordering


def order_top_up(
    tx: Tx, requester: Requester, new: NewTopUp, house: HouseBank | None, seal: Seal
) -> BankOrder:
    """Ask the bank to collect money; the wallet is credited once it has booked it.

    Raises:
        NoPartnerBank: the house has no link to banks.
        UnknownOutsideAccount: there is none of this member's.
        OutsideAccountNotVerified, NameNotDecided: it cannot be used yet.
        DebitsNotAllowed: its holder has not allowed to collect.
        CurrencyMismatch: it is kept in another currency.
        TooMuchOnItsWay: too many others are on their way.
    """
    party = party_of(tx, requester.user_id)
    account = _find_usable(tx, party, new.outside_account_id, new.amount, house, seal)
    if not account.allows_debits:
        raise DebitsNotAllowed
    unfinished = sa.select(sa.func.count()).where(
        _order.party == party,
        _order.kind == "top_up",
        _order.status.in_(["requested", "sent", "accepted"]),
    )
    if tx.conn.execute(unfinished).scalar_one() >= _TOP_UPS_MAX:
        raise TooMuchOnItsWay
    wallet = open_wallet(tx, party, new.amount.currency)
    order_id = _add_order(tx, "top_up", party, account.outside_account_id, new.amount)
    payment = hold_payment(
        tx,
        PaymentDraft(
            kind=PaymentKind.TOPUP,
            payer=HouseAccount.TOPUPS_IN_TRANSIT,
            payee=wallet.id,
            amount=new.amount,
            key=f"{order_id}:in",
            reference=order_id,
        ),
        until=tx.now + _TOP_UP_KEPT_MS,
    )
    _change_order(tx, order_id, payment_id=payment.id)
    return view_order(tx, order_id)


def order_withdrawal(
    tx: Tx, requester: Requester, new: NewWithdrawal, house: HouseBank | None, seal: Seal
) -> BankOrder:
    """Take money from the wallet and ask the bank to send it.

    Raises:
        NoPartnerBank: the house has no link to banks.
        UnknownOutsideAccount: there is none of this member's.
        OutsideAccountNotVerified, NameNotDecided: it cannot be used yet.
        CurrencyMismatch: it is kept in another currency.
        InsufficientFunds: there is not enough in the wallet.
        ConfirmationMismatch: what was confirmed names another account, or none.
        LimitReached: a limit allows no more; and what else limits refuse.
    """
    party = party_of(tx, requester.user_id)
    account = _find_usable(tx, party, new.outside_account_id, new.amount, house, seal)
    if new.confirmation is not None:
        # What was confirmed is a withdrawal to this account, and to no other.
        confirmed = access_confirmation(tx, requester, new.confirmation)
        if confirmed.facts.reference != account.outside_account_id:
            raise ConfirmationMismatch
    return order_payout(
        tx,
        party,
        account.outside_account_id,
        new.amount,
        kind="withdrawal",
        authority=Authority(requester, new.confirmation),
    )


def order_payout(
    tx: Tx,
    party: PartyId,
    outside_account_id: OutsideAccountId,
    amount: Money,
    *,
    kind: OrderKind,
    authority: Authority | None = None,
) -> BankOrder:
    """Send money from a party's wallet to an outside account of theirs, which can be used.

    Args:
        tx: the transaction.
        party: whose wallet.
        outside_account_id: verified, and theirs.
        amount: in the account's currency.
        kind: a withdrawal, or a payout that settlement makes.
        authority: who asks; None: the house.

    Raises:
        InsufficientFunds: there is not enough in the wallet.
    """
    assert kind in {"withdrawal", "payout"}
    wallet = open_wallet(tx, party, amount.currency)
    order_id = _add_order(tx, kind, party, outside_account_id, amount)
    payment = pay(
        tx,
        PaymentDraft(
            kind=PaymentKind.WITHDRAWAL if kind == "withdrawal" else PaymentKind.PAYOUT,
            payer=wallet.id,
            payee=HouseAccount.WITHDRAWALS_IN_TRANSIT,
            amount=amount,
            key=f"{order_id}:out",
            reference=order_id,
            authority=authority,
        ),
    )
    _change_order(tx, order_id, payment_id=payment.id)
    return view_order(tx, order_id)


def _find_usable(
    tx: Tx,
    party: PartyId,
    outside_account_id: str,
    amount: Money,
    house: HouseBank | None,
    seal: Seal,
) -> OutsideAccount:
    if house is None:
        raise NoPartnerBank
    account = access_outside_account(tx, party, outside_account_id, seal)
    check_usable(account)
    if amount.minor <= 0:
        raise ledger.InvalidAmount("The amount must be more than zero.")
    if amount.currency != account.currency:
        raise ledger.CurrencyMismatch(f"The account is kept in {account.currency}.")
    if account.currency not in house.accounts:
        raise CurrencyNotAtBank(currencies=sorted(house.accounts))
    return account


def _add_order(
    tx: Tx,
    kind: OrderKind,
    party: PartyId,
    outside_account_id: OutsideAccountId,
    amount: Money,
    *,
    text: str = "",
) -> OrderId:
    order_id = OrderId(tx.new_id(BANK_ORDER))
    tx.conn.execute(
        sa.insert(wallet_bank_order).values(
            order_id=order_id,
            kind=kind,
            status="requested",
            party=party,
            outside_account_id=outside_account_id,
            currency=amount.currency,
            minor=amount.minor,
            text=text,
            reason="",
            payment_id="",
            requested_at=tx.now,
        )
    )
    # The outbox: the file is written after the commit, and never without it.
    enqueue(tx, WRITE_JOB, key="asked")
    return order_id


def _change_order(tx: Tx, order_id: str, **values: object) -> None:
    tx.conn.execute(
        sa.update(wallet_bank_order).where(_order.order_id == order_id).values(**values)
    )


# Files to the bank


def draw_files(tx: Tx, currencies: Collection[Currency]) -> list[FileId]:
    """Put orders that wait into files; each order is in one file, for good.

    Args:
        tx: the transaction.
        currencies: in which the house has accounts; orders in others wait until it has one again.

    Returns:
        Every file that may not have reached the bank, earlier ones too.
    """
    rows = tx.conn.execute(
        sa.select(_order.order_id, _order.kind, _order.currency, _order.minor)
        .where(
            _order.status == "requested",
            _order.file_id.is_(None),
            _order.currency.in_(sorted(currencies)),
        )
        .order_by(_order.order_id)
        .limit(ORDERS_MAX)
    ).all()
    heaps: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        heaps.setdefault((file_kind_of(row.kind), row.currency), {})[row.order_id] = row.minor
    for (kind, currency), heap in sorted(heaps.items()):
        file_id = FileId(tx.new_id(BANK_FILE))
        tx.conn.execute(
            sa.insert(wallet_bank_file).values(
                file_id=file_id,
                kind=kind,
                currency=currency,
                created_at=tx.now,
                order_count=len(heap),
                total_minor=sum(heap.values()),
            )
        )
        tx.conn.execute(
            sa.update(wallet_bank_order)
            .where(_order.order_id.in_(list(heap)))
            .values(file_id=file_id)
        )
    if len(rows) == ORDERS_MAX:
        enqueue(tx, WRITE_JOB, key="asked")
    return list_unsent_files(tx, currencies)


def mark_sent(tx: Tx, file_id: FileId) -> None:
    """Note that a file lies ready for the bank; again changes nothing."""
    marked = tx.conn.execute(
        sa.update(wallet_bank_file)
        .where(wallet_bank_file.c.file_id == file_id, wallet_bank_file.c.sent_at.is_(None))
        .values(sent_at=tx.now)
    )
    if marked.rowcount == 0:
        return
    for order in find_file_orders(tx, file_id):
        apply_event(tx, order, "sent")
    forget_numbers(tx)
    look_soon(tx)


def look_soon(tx: Tx) -> None:
    """Look into the bank's folder in a moment."""
    enqueue(tx, READ_JOB, run_at=tx.now + SOON_MS, key="soon")


# What the bank tells


def note_message(tx: Tx, message_id: str, kind: str, digest: bytes, *, problem: str = "") -> bool:
    """Note that a message of the bank came.

    Args:
        tx: the transaction that acts on it.
        message_id: its own id; of what cannot be read, one made of its digest.
        kind: which message.
        digest: SHA-256 of its bytes.
        problem: what is wrong with it; empty where nothing is.

    Returns:
        Whether it is new: one that came before must not be acted on again.
    """
    row = wallet_bank_message.c
    earlier = tx.conn.execute(
        sa.select(row.digest).where(row.kind == kind, row.message_id == message_id)
    ).scalar_one_or_none()
    if earlier == digest:
        return False
    if earlier is not None:
        # The same name and another content: somebody made a mistake, or worse.
        told = f"The bank's message {message_id} came twice with different contents."
        _report(tx, "contradiction", None, None, told)
        return False
    tx.conn.execute(
        sa.insert(wallet_bank_message).values(
            message_id=message_id, kind=kind, digest=digest, received_at=tx.now, problem=problem
        )
    )
    if problem:
        told = f"The bank's file {message_id} could not be read: {problem}"
        _report(tx, "contradiction", None, None, told)
    return True


def take_status(tx: Tx, report: StatusReport) -> None:
    """Act on what the bank has decided about a file of orders (pain.002)."""
    if not report.transactions:
        _take_file_decision(tx, report)
        return
    for one in report.transactions:
        order = find_order(tx, id_of(one.end_to_end_id))
        if order is None:
            told = f"The bank decided about {one.end_to_end_id}, which was never ordered."
            _report(tx, "contradiction", None, None, told)
            continue
        _take_decision(tx, order, one)


def _take_decision(tx: Tx, order: StoredOrder, one: TransactionStatus) -> None:
    if one.status in ACCEPTED:
        apply_event(tx, order, "accepted")
    elif one.status in REJECTED and one.reason not in DUPLICATES:
        apply_event(tx, order, "rejected", reason=one.reason or "MS03")


def _take_file_decision(tx: Tx, report: StatusReport) -> None:
    """Act on what was decided about all orders of a file alike."""
    if report.group_status in REJECTED and report.group_reason in DUPLICATES:
        # The bank has the file already; it is that one which counts.
        return
    for order in find_file_orders(tx, id_of(report.original_id)):
        if report.group_status in ACCEPTED:
            apply_event(tx, order, "accepted")
        elif report.group_status in REJECTED:
            apply_event(tx, order, "rejected", reason=report.group_reason or "MS03")


def take_notification(tx: Tx, notification: Notification, house: HouseBank) -> None:
    """Act on what the bank has booked (camt.054)."""
    if house.currency_of(notification.account) is None:
        told = f"The bank told of an account that is not ours: {notification.message_id}."
        _report(tx, "contradiction", None, None, told)
        return
    for entry in notification.entries:
        order = find_order(tx, id_of(entry.end_to_end_id)) if entry.end_to_end_id else None
        # What nobody ordered waits for the statement: there it is booked.
        if order is not None:
            take_entry(tx, order, entry)


def take_entry(tx: Tx, order: StoredOrder, entry: Entry) -> bool:
    """Act on a booked line that belongs to an order, from a notification or a statement.

    Returns:
        Whether it is what was ordered, to the unit.
    """
    comes_back = bool(entry.return_reason)
    goes_out = (order.kind in OUTGOING) != comes_back
    expected = -order.amount.minor if goes_out else order.amount.minor
    if entry.amount != Money(expected, order.amount.currency):
        told = "The bank has booked another amount than was ordered."
        _report(tx, "differs", order.order_id, entry.amount, told)
        return False
    event: OrderEvent = "returned" if comes_back else "booked"
    apply_event(tx, order, event, reason=entry.return_reason)
    return True


def apply_event(tx: Tx, order: StoredOrder, event: OrderEvent, *, reason: str = "") -> None:
    """Move an order on by what is told of it; told twice or late it changes nothing.

    Args:
        tx: the transaction.
        order: as it is kept.
        event: what is told.
        reason: the bank's code, where it rejects or returns.
    """
    step = advance(order.kind, order.status, event)
    if step.effect == "report":
        told = f"The order is {order.status}, and the bank says it is {event}."
        _report(tx, "contradiction", order.order_id, order.amount, told)
    if step.status == order.status:
        return
    changes: dict[str, object] = {"status": step.status}
    if step.status in {"sent", "booked"}:
        changes[f"{step.status}_at"] = tx.now
    if step.status in {"rejected", "returned"}:
        changes |= {"ended_at": tx.now, "reason": f"{reason} {describe_reason(reason)}"}
    _change_order(tx, order.order_id, **changes)
    _follow(tx, order, step.effect, reason)
    tx.announce(
        BankOrderMoved(order.order_id, order.kind, order.party, order.amount, step.status, reason)
    )


def _follow(tx: Tx, order: StoredOrder, effect: Effect, reason: str) -> None:
    """Move the money that an event moves."""
    match effect:
        case "credit":
            _credit(tx, order)
        case "void":
            void_payment(
                tx, PaymentId(order.payment_id), key=f"{order.order_id}:void", why="declined"
            )
        case "give_back":
            _give_back(tx, order, reason)
        case "take_back":
            _take_back(tx, order)
        case "none" | "report":
            pass


def _credit(tx: Tx, order: StoredOrder) -> None:
    """Credit the wallet of a top-up."""
    payment = find_payment(tx, PaymentId(order.payment_id))
    assert payment is not None
    if payment.status == "pending":
        settle_payment(tx, payment.id, key=f"{order.order_id}:booked")
        return
    # The bank took longer than the hold lasted: the money is there all the same.
    wallet = open_wallet(tx, order.party, order.amount.currency)
    if wallet.status == "closed":
        _put_aside(tx, order, HouseAccount.TOPUPS_IN_TRANSIT)
        return
    late = pay(
        tx,
        PaymentDraft(
            kind=PaymentKind.TOPUP,
            payer=HouseAccount.TOPUPS_IN_TRANSIT,
            payee=wallet.id,
            amount=order.amount,
            key=f"{order.order_id}:late",
            reference=order.order_id,
        ),
    )
    _change_order(tx, order.order_id, payment_id=late.id)


def _give_back(tx: Tx, order: StoredOrder, reason: str) -> None:
    """Return what did not arrive."""
    key = f"{order.order_id}:back"
    if order.kind == "verification":
        post_between(
            tx,
            key,
            HouseAccount.WITHDRAWALS_IN_TRANSIT,
            HouseAccount.FEE_EXPENSE,
            order.amount,
        )
        _change_account(
            tx,
            order.outside_account_id,
            status=sa.case((_account.status == "removed", "removed"), else_="failed"),
            reason=describe_reason(reason),
        )
        return
    wallet = open_wallet(tx, order.party, order.amount.currency)
    if wallet.status == "closed":
        _put_aside(tx, order, HouseAccount.WITHDRAWALS_IN_TRANSIT)
        return
    is_payout = order.kind == "payout"
    returned = pay(
        tx,
        PaymentDraft(
            kind=PaymentKind.PAYOUT_RETURN if is_payout else PaymentKind.WITHDRAWAL_RETURN,
            payer=HouseAccount.WITHDRAWALS_IN_TRANSIT,
            payee=wallet.id,
            amount=order.amount,
            key=key,
            reference=order.order_id,
        ),
    )
    give_back_limits(tx, order.payment_id)
    _change_order(tx, order.order_id, return_payment_id=returned.id)


def _take_back(tx: Tx, order: StoredOrder) -> None:
    """Take a returned top-up out of the wallet; what is not there any more, from suspense."""
    wallet = open_wallet(tx, order.party, order.amount.currency)
    there = max(ledger.find_balance(tx, wallet.account).available.minor, 0)
    taken = min(there, order.amount.minor) if wallet.status != "closed" else 0
    if taken == order.amount.minor:
        reverse_payment(tx, order.payment_id, key=f"{order.order_id}:taken")
        _change_order(tx, order.order_id, return_payment_id=order.payment_id)
        return
    if taken:
        draft = PaymentDraft(
            kind=PaymentKind.ADJUSTMENT,
            payer=wallet.id,
            payee=HouseAccount.TOPUPS_IN_TRANSIT,
            amount=Money(taken, order.amount.currency),
            key=f"{order.order_id}:taken",
            reference=order.order_id,
        )
        _change_order(tx, order.order_id, return_payment_id=pay(tx, draft).id)
    short = Money(order.amount.minor - taken, order.amount.currency)
    key = f"{order.order_id}:short"
    post_between(tx, key, HouseAccount.SUSPENSE, HouseAccount.TOPUPS_IN_TRANSIT, short)
    told = "A top-up came back, and the wallet no longer holds it."
    _report(tx, "short_return", order.order_id, -short, told)


def _put_aside(tx: Tx, order: StoredOrder, source: HouseAccount) -> None:
    """Keep money in suspense whose wallet is closed, until staff know whose it is."""
    key = f"{order.order_id}:aside"
    post_between(tx, key, source, HouseAccount.SUSPENSE, order.amount)
    told = "Money came for a wallet that is closed."
    _report(tx, "unclaimed", order.order_id, order.amount, told)


def _report(
    tx: Tx, kind: ReportKind, order_id: OrderId | None, amount: Money | None, told: str
) -> None:
    """Hand something to staff."""
    tx.announce(BankOrderReported(Reported(kind=kind, order_id=order_id, amount=amount, told=told)))


def post_between(
    tx: Tx, key: str, debit: HouseAccount, credit: HouseAccount, amount: Money
) -> None:
    """Move money between two of the house's own accounts."""
    currency = amount.currency
    ledger.post_transaction(
        tx,
        TransactionDraft(
            key=key,
            postings=(
                Posting(house_account(tx, debit, currency), amount.minor),
                Posting(house_account(tx, credit, currency), -amount.minor),
            ),
            kind="bank",
            reference=key.partition(":")[0],
        ),
    )

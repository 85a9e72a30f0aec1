"""Changes charges. Each checks in one order: who may, rule, change, announce.

What makes a repeated request the same one is the `Idempotency-Key` of the routes, and below it the
keys of payments, which begin with the charge's id.
"""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from teahouse.ledger import InsufficientFunds
from teahouse.platform.db import Tx
from teahouse.platform.money import Money
from teahouse.platform.requester import Requester
from teahouse.wallet.charges.access import (
    access_by_code,
    access_charge,
    access_own_charge,
    load_charge,
)
from teahouse.wallet.charges.announcements import (
    ChargeAwaitsMember,
    ChargeMoved,
    RefundMade,
    TipGiven,
)
from teahouse.wallet.charges.errors import (
    ChargeExpired,
    ChargeOfAnother,
    CurrencyNotTaken,
    RefundTooLarge,
    WrongChargeStatus,
)
from teahouse.wallet.charges.queries import (
    find_charge_of_payment,
    find_overdue,
    tell_shop_charge,
    view_own_charge,
)
from teahouse.wallet.charges.rules import (
    AUTHORISED_MS,
    CODE_ALPHABET,
    CODE_LENGTH,
    CONFIRM_MS,
    TIP_UNTIL_MS,
    authorise,
    capture,
    check_new_charge,
    compute_fee_return,
    compute_total,
    end,
    pay_directly,
    refund,
    tip_later,
)
from teahouse.wallet.charges.tables import wallet_charge, wallet_refund
from teahouse.wallet.charges.types import (
    CaptureWish,
    Charge,
    ChargeId,
    ChargeStatus,
    MyCharge,
    NewCharge,
    Origin,
    PayShopWish,
    PayWish,
    Refund,
    RefundId,
    RefundWish,
    ShopCharge,
    Standing,
    TipWish,
)
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.limits.commands import give_back
from teahouse.wallet.limits.errors import SecondFactorNeeded
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.announcements import PaymentVoided
from teahouse.wallet.payments.commands import hold_payment, pay, settle_payment, void_payment
from teahouse.wallet.payments.queries import find_payment
from teahouse.wallet.payments.rules import check_amount
from teahouse.wallet.payments.types import Payment, PaymentDraft, PaymentKind
from teahouse.wallet.shops.access import access_shop
from teahouse.wallet.shops.errors import ShopNotOpen
from teahouse.wallet.shops.queries import find_fee_rate, find_shop
from teahouse.wallet.shops.rules import compute_fee
from teahouse.wallet.shops.types import Clerk, Shop
from teahouse.wallet.wallets.errors import NoWallet
from teahouse.wallet.wallets.queries import find_wallet
from teahouse.wallet.wallets.types import HouseAccount, Wallet, WalletId

EXPIRED_AT_A_TIME = 200
_c = wallet_charge.c


# The shop asks


def create_charge(tx: Tx, clerk: Clerk, shop_id: str, wish: NewCharge) -> ShopCharge:
    """Ask for money.

    Raises:
        ShopNotFound, ShopPowerMissing, ScopeMissing, UnknownShopKey: as of `access_shop`.
        ShopNotOpen: the shop may take no money now.
        InvalidAmount, InvalidCharge, CurrencyNotTaken: what is asked for cannot be.
    """
    shop = access_shop(tx, clerk, shop_id, "charges.create")
    charge = _insert(tx, shop, wish, origin="shop", by=name_clerk(tx, clerk))
    return tell_shop_charge(tx, charge.charge_id)


def name_clerk(tx: Tx, clerk: Clerk) -> str:
    """What is kept of who acts for a shop: a party, or the id of an API key."""
    if isinstance(clerk, Requester):
        return party_of(tx, clerk.user_id)
    return clerk.shop_key_id


def _insert(
    tx: Tx, shop: Shop, wish: NewCharge, *, origin: Origin, by: str, payer: PartyId | None = None
) -> Charge:
    if not shop.is_open:
        raise ShopNotOpen
    check_amount(wish.amount)
    check_new_charge(wish)
    _find_shop_wallet(tx, shop, wish.amount)
    charge_id = ChargeId(tx.new_id("chg"))
    tx.conn.execute(
        sa.insert(wallet_charge).values(
            charge_id=charge_id,
            shop_id=shop.shop_id,
            code=tx.chance.secrets.letters(CODE_LENGTH, CODE_ALPHABET),
            origin=origin,
            capture=wish.capture,
            tip_mode=wish.tip,
            status="open",
            currency=wish.amount.currency,
            minor=wish.amount.minor,
            tip_minor=0,
            captured_minor=0,
            refunded_minor=0,
            refunded_by_house_minor=0,
            later_tip_minor=0,
            fee_minor=0,
            fee_returned_minor=0,
            description=wish.description,
            reference=wish.reference,
            terminal=wish.terminal,
            return_url=wish.return_url,
            created_at=tx.now,
            created_by=by,
            expires_at=tx.now + wish.expires_in_ms,
            payer=payer,
        )
    )
    tx.announce(ChargeMoved(charge_id=charge_id, shop_id=shop.shop_id, status="open"))
    return load_charge(tx, _c.charge_id == charge_id)


def _find_shop_wallet(tx: Tx, shop: Shop, amount: Money) -> Wallet:
    wallet = find_wallet(tx, shop.party, amount.currency)
    if wallet is None:
        raise CurrencyNotTaken
    return wallet


# A member pays


def pay_charge(tx: Tx, requester: Requester, code: str, wish: PayWish) -> MyCharge:
    """Pay the charge that a code names, at once or as a hold, as the shop asked.

    Raises:
        ChargeNotFound: no such charge.
        ChargeExpired, WrongChargeStatus: it cannot be paid (any more).
        ChargeOfAnother: it waits for another member.
        NoTipWanted: a tip where none was asked for.
        ShopNotOpen: the shop may take no money now.
        NoWallet: the member has none in the currency.
        Refusal: what `payments.pay` refuses.
    """
    return _pay_as_asked(tx, requester, access_by_code(tx, code), wish)


def confirm_charge(tx: Tx, requester: Requester, charge_id: str, wish: PayWish) -> MyCharge:
    """Pay a charge that waits for the requester's confirmation; refuses what `pay_charge` does."""
    return _pay_as_asked(tx, requester, access_own_charge(tx, requester, charge_id), wish)


def _pay_as_asked(tx: Tx, requester: Requester, charge: Charge, wish: PayWish) -> MyCharge:
    payer = party_of(tx, requester.user_id)
    if charge.payer not in {None, payer}:
        raise ChargeOfAnother(charge_status=charge.status)
    if charge.status in {"open", "awaiting_member"} and tx.now >= charge.expires_at:
        raise ChargeExpired(charge_status="expired")
    _collect(tx, charge, payer, tip=wish.tip, authority=Authority(requester, wish.confirmation))
    return view_own_charge(tx, requester, charge.charge_id)


def pay_shop(tx: Tx, requester: Requester, shop_id: str, wish: PayShopWish) -> MyCharge:
    """Pay a shop whose printed code was scanned, an amount that the member entered.

    Raises:
        ShopNotFound: no such shop.
        Refusal: what `create_charge` and `pay_charge` refuse.
    """
    payer = party_of(tx, requester.user_id)
    asked = NewCharge(amount=wish.amount, description=wish.description, tip="ask")
    charge = _insert(tx, find_shop(tx, shop_id), asked, origin="shop_code", by=payer, payer=payer)
    _collect(tx, charge, payer, tip=wish.tip, authority=Authority(requester, wish.confirmation))
    return view_own_charge(tx, requester, charge.charge_id)


def charge_order(tx: Tx, requester: Requester, shop_id: str, wish: NewCharge) -> Charge:
    """Ask a member for what they ordered at a shop; the caller has computed the price.

    Only this member can pay it, by its code.

    Raises:
        ShopNotFound: no such shop.
        Refusal: what `create_charge` refuses.
    """
    payer = party_of(tx, requester.user_id)
    return _insert(tx, find_shop(tx, shop_id), wish, origin="order", by=payer, payer=payer)


def drop_order_charge(tx: Tx, requester: Requester, charge_id: str) -> None:
    """Ask no more for what a member ordered and has not paid.

    Raises:
        ChargeNotFound: none of the requester's.
        WrongChargeStatus: it was paid, or has ended.
    """
    charge = access_own_charge(tx, requester, charge_id)
    _move(tx, charge, end(charge.standing, "cancelled"), ended_at=tx.now)


def charge_member(
    tx: Tx, clerk: Clerk, shop_id: str, wish: NewCharge, *, payer: Requester, needs_member: bool
) -> ShopCharge:
    """Charge a member who has shown a code at a till.

    Args:
        tx: the transaction.
        clerk: who acts for the shop.
        shop_id: the shop.
        wish: what is charged.
        payer: the member, on the device that showed the code.
        needs_member: whether they must confirm it anyway, because it is much.

    Returns:
        The charge: paid, or waiting for the member where they must confirm it.

    Raises:
        Refusal: what `create_charge` and `pay_charge` refuse, but `SecondFactorNeeded`.
    """
    shop = access_shop(tx, clerk, shop_id, "charges.create")
    party = party_of(tx, payer.user_id)
    asked = msgspec.structs.replace(wish, expires_in_ms=CONFIRM_MS)
    charge = _insert(tx, shop, asked, origin="payment_code", by=name_clerk(tx, clerk), payer=party)
    if needs_member or not _try_to_collect(tx, charge, party, Authority(payer)):
        _move(tx, charge, msgspec.structs.replace(charge.standing, status="awaiting_member"))
        tx.announce(
            ChargeAwaitsMember(
                charge_id=charge.charge_id,
                shop_id=shop.shop_id,
                payer=party,
                amount=charge.amount,
            )
        )
    return tell_shop_charge(tx, charge.charge_id)


def _try_to_collect(tx: Tx, charge: Charge, payer: PartyId, authority: Authority) -> bool:
    """Take the money unless the payer must confirm it first."""
    told = len(tx.announcements)
    part = tx.conn.begin_nested()
    try:
        _collect(tx, charge, payer, tip=0, authority=authority)
    except SecondFactorNeeded as needed:
        part.rollback()
        del tx.announcements[told:]
        tx.note(needed)
        return False
    part.commit()
    return True


def _collect(tx: Tx, charge: Charge, payer: PartyId, *, tip: int, authority: Authority) -> None:
    """Take a charge's money, or hold it."""
    shop = find_shop(tx, charge.shop_id)
    if not shop.is_open:
        raise ShopNotOpen
    is_held = charge.capture == "manual"
    after = authorise(charge.standing) if is_held else pay_directly(charge.standing, tip=tip)
    total = compute_total(charge.standing, tip=tip, tip_mode="none" if is_held else charge.tip_mode)
    wallet = find_wallet(tx, payer, charge.currency)
    if wallet is None:
        raise NoWallet
    draft = PaymentDraft(
        kind=PaymentKind.PURCHASE,
        payer=wallet.id,
        payee=_find_shop_wallet(tx, shop, charge.amount).id,
        amount=charge.money(total),
        fee=compute_fee(charge.amount, find_fee_rate(tx, shop.shop_id, charge.currency)),
        key=f"{charge.charge_id}:pay",
        reference=charge.charge_id,
        authority=authority,
    )
    if is_held:
        until = tx.now + AUTHORISED_MS
        held = hold_payment(tx, draft, until=until)
        _move(tx, charge, after, payer=payer, payment_id=held.id, authorised_until=until)
        return
    paid = pay(tx, draft)
    _move(
        tx, charge, after,
        payer=payer, payment_id=paid.id, paid_at=tx.now, fee_minor=paid.fee.minor,
    )  # fmt: skip


def decline_charge(tx: Tx, requester: Requester, charge_id: str) -> MyCharge:
    """Say no to a charge that waits for one's confirmation.

    Raises:
        ChargeNotFound: none of the requester's.
        WrongChargeStatus: it does not wait (any more).
    """
    charge = access_own_charge(tx, requester, charge_id)
    _move(tx, charge, end(charge.standing, "declined"), ended_at=tx.now)
    return view_own_charge(tx, requester, charge_id)


def tip_charge(tx: Tx, requester: Requester, charge_id: str, wish: TipWish) -> MyCharge:
    """Give a tip after one has paid.

    Raises:
        ChargeNotFound: none of the requester's.
        WrongChargeStatus: it was not paid, or given back, or too long ago.
        NoTipWanted: the shop asked for none, one was given, or it is too much.
        Refusal: what `payments.pay` refuses.
    """
    charge = access_own_charge(tx, requester, charge_id)
    if wish.amount.currency != charge.currency:
        raise CurrencyNotTaken("A tip is in the currency of the charge.")
    if charge.paid_at is not None and tx.now >= charge.paid_at + TIP_UNTIL_MS:
        raise WrongChargeStatus(
            "It is too late for a tip to this payment.", charge_status=charge.status
        )
    after = tip_later(charge.standing, wish.amount.minor, tip_mode=charge.tip_mode)
    purchase = _payment_of(tx, charge)
    assert purchase.payer_wallet is not None
    assert purchase.payee_wallet is not None
    paid = pay(
        tx,
        PaymentDraft(
            kind=PaymentKind.TIP,
            payer=purchase.payer_wallet,
            payee=purchase.payee_wallet,
            amount=wish.amount,
            key=f"{charge.charge_id}:tip",
            reference=charge.charge_id,
            authority=Authority(requester, wish.confirmation),
        ),
    )
    _move(tx, charge, after, later_tip_payment_id=paid.id, later_tip_at=tx.now)
    tx.announce(TipGiven(charge_id=charge.charge_id, shop_id=charge.shop_id, amount=wish.amount))
    return view_own_charge(tx, requester, charge_id)


# The shop settles


def capture_charge(
    tx: Tx, clerk: Clerk, shop_id: str, charge_id: str, wish: CaptureWish
) -> ShopCharge:
    """Capture what is held, in full or part.

    Raises:
        ChargeNotFound: the shop has none.
        WrongChargeStatus, ChargeExpired: nothing is held (any more).
        CaptureTooLarge: more than is held.
        CurrencyNotTaken: an amount in another currency.
        ShopNotOpen: the shop may take no money now.
        Refusal: what `payments.settle_payment` refuses.
    """
    shop, charge = access_charge(tx, clerk, shop_id, charge_id=charge_id, power="charges.settle")
    if not shop.is_open:
        raise ShopNotOpen
    amount = _amount_in(charge, wish.amount)
    after = capture(charge.standing, charge.standing.amount if amount is None else amount.minor)
    if charge.authorised_until is not None and tx.now >= charge.authorised_until:
        raise ChargeExpired(charge_status="expired")
    assert charge.payment_id is not None
    settled = settle_payment(
        tx,
        charge.payment_id,
        key=f"{charge.charge_id}:capture",
        amount=charge.money(after.captured),
    )
    _move(tx, charge, after, paid_at=tx.now, fee_minor=settled.fee.minor)
    return tell_shop_charge(tx, charge.charge_id)


def _amount_in(charge: Charge, amount: Money | None) -> Money | None:
    if amount is not None:
        check_amount(amount)
        if amount.currency != charge.currency:
            raise CurrencyNotTaken("The amount is not in the currency of the charge.")
    return amount


def void_charge(tx: Tx, clerk: Clerk, shop_id: str, charge_id: str) -> ShopCharge:
    """Let go of what is held.

    Raises:
        ChargeNotFound: the shop has none.
        WrongChargeStatus: nothing is held (any more).
    """
    _, charge = access_charge(tx, clerk, shop_id, charge_id=charge_id, power="charges.settle")
    after = end(charge.standing, "voided")
    assert charge.payment_id is not None
    # Before the payment, whose end is followed by `follow_void`.
    _move(tx, charge, after, ended_at=tx.now)
    void_payment(tx, charge.payment_id, key=f"{charge.charge_id}:void")
    return tell_shop_charge(tx, charge.charge_id)


def cancel_charge(tx: Tx, clerk: Clerk, shop_id: str, charge_id: str) -> ShopCharge:
    """Ask no more for what nobody has paid.

    Raises:
        ChargeNotFound: the shop has none.
        WrongChargeStatus: it was paid, or has ended.
    """
    _, charge = access_charge(tx, clerk, shop_id, charge_id=charge_id, power="charges.create")
    _move(tx, charge, end(charge.standing, "cancelled"), ended_at=tx.now)
    return tell_shop_charge(tx, charge.charge_id)


def refund_charge(tx: Tx, clerk: Clerk, shop_id: str, charge_id: str, wish: RefundWish) -> Refund:
    """Give back what was paid, in full or part; also where the shop was suspended since.

    The house gives back its fee in proportion, first, so that a shop with nothing but this
    payment can refund all of it.

    Raises:
        ChargeNotFound: the shop has none.
        WrongChargeStatus: it was not paid, or all of it was given back.
        RefundTooLarge: more than is left.
        CurrencyNotTaken: an amount in another currency.
        InsufficientFunds: the shop has not got it.
        PayeeUnavailable: the payer has no wallet any more.
    """
    _, charge = access_charge(tx, clerk, shop_id, charge_id=charge_id, power="refunds.create")
    amount = _amount_in(charge, wish.amount)
    left = charge.standing.captured - charge.standing.refunded
    minor = left if amount is None else amount.minor
    after = refund(charge.standing, minor)
    fee = compute_fee_return(
        fee=charge.fee,
        captured=charge.standing.captured,
        refunded=after.refunded,
        returned=charge.fee_returned,
    )
    made = Refund(
        refund_id=RefundId(tx.new_id("rfd")),
        charge_id=charge.charge_id,
        amount=charge.money(minor),
        fee_returned=charge.money(fee),
        reason=wish.reason,
        payment_id=_pay_back(tx, charge, charge.money(minor), fee=charge.money(fee)).id,
        created_at=tx.now,
    )
    _keep_refund(tx, charge, made, by=name_clerk(tx, clerk))
    _move(tx, charge, after, fee_returned_minor=charge.fee_returned + fee)
    assert charge.payer is not None
    tx.announce(
        RefundMade(
            refund_id=made.refund_id,
            charge_id=charge.charge_id,
            shop_id=charge.shop_id,
            payer=charge.payer,
            amount=made.amount,
        )
    )
    return made


def _pay_back(tx: Tx, charge: Charge, amount: Money, *, fee: Money) -> Payment:
    purchase = _payment_of(tx, charge)
    payer, shop = purchase.payer_wallet, purchase.payee_wallet
    assert payer is not None
    assert shop is not None
    # How far it is refunded tells the refunds of one charge apart.
    key = f"{charge.charge_id}:refund:{charge.standing.refunded}"
    if fee:
        _give_fee_back(tx, charge, shop, fee, key=f"{key}:fee")
    try:
        paid = pay(
            tx,
            PaymentDraft(
                kind=PaymentKind.REFUND,
                payer=shop,
                payee=payer,
                amount=amount,
                key=key,
                reference=charge.charge_id,
            ),
        )
    except InsufficientFunds:
        raise InsufficientFunds("The shop's wallet has not got what shall be refunded.") from None
    give_back(tx, purchase.id, amount)
    return paid


def _give_fee_back(tx: Tx, charge: Charge, shop: WalletId, fee: Money, *, key: str) -> None:
    pay(
        tx,
        PaymentDraft(
            kind=PaymentKind.FEE,
            payer=HouseAccount.FEE_INCOME,
            payee=shop,
            amount=fee,
            key=key,
            reference=charge.charge_id,
        ),
    )


def _payment_of(tx: Tx, charge: Charge) -> Payment:
    assert charge.payment_id is not None
    payment = find_payment(tx, charge.payment_id)
    assert payment is not None
    return payment


def _keep_refund(tx: Tx, charge: Charge, made: Refund, *, by: str) -> None:
    tx.conn.execute(
        sa.insert(wallet_refund).values(
            refund_id=made.refund_id,
            charge_id=made.charge_id,
            shop_id=charge.shop_id,
            currency=charge.currency,
            minor=made.amount.minor,
            fee_returned_minor=made.fee_returned.minor,
            reason=made.reason,
            payment_id=made.payment_id,
            created_at=tx.now,
            created_by=by,
        )
    )


# What happens by itself


def expire_charges(tx: Tx) -> int:
    """Let charges end that nobody paid in time.

    Returns:
        How many; at most `EXPIRED_AT_A_TIME`.
    """
    overdue = find_overdue(tx, limit=EXPIRED_AT_A_TIME)
    for charge in overdue:
        _move(tx, charge, end(charge.standing, "expired"), ended_at=tx.now)
    return len(overdue)


def follow_void(tx: Tx, voided: PaymentVoided) -> None:
    """Let a charge expire whose held money was let go because its time was over."""
    if voided.kind is not PaymentKind.PURCHASE:
        return
    charge = find_charge_of_payment(tx, voided.payment_id)
    if charge is not None and charge.status == "authorised":
        _move(tx, charge, end(charge.standing, "expired"), ended_at=tx.now)


def note_house_refund(tx: Tx, payment_id: str, amount: Money) -> None:
    """Note that the house gave a payer money back from the shop, by deciding a dispute.

    So the shop can refund only what is left. Nothing where no charge was paid by the payment.

    Args:
        tx: the transaction of the dispute's refund.
        payment_id: of the purchase.
        amount: what was given back.

    Raises:
        RefundTooLarge: more than is left.
    """
    charge = find_charge_of_payment(tx, payment_id)
    if charge is None:
        return
    if amount.currency != charge.currency:
        raise RefundTooLarge
    after = refund(charge.standing, amount.minor)
    _move(tx, charge, after, refunded_by_house_minor=_c.refunded_by_house_minor + amount.minor)


def _move(tx: Tx, charge: Charge, after: Standing, **values: object) -> None:
    """Store how far a charge has come, unless another has moved it meanwhile."""
    before = charge.standing
    moved = tx.conn.execute(
        sa.update(wallet_charge)
        .where(
            _c.charge_id == charge.charge_id,
            _c.status == before.status,
            _c.refunded_minor == before.refunded,
        )
        .values(
            status=after.status,
            tip_minor=after.tip,
            captured_minor=after.captured,
            refunded_minor=after.refunded,
            later_tip_minor=after.later_tip,
            **values,
        )
    )
    if moved.rowcount != 1:
        raise WrongChargeStatus("The charge was changed at the same time.")
    if after.status != before.status:
        _tell(tx, charge, after.status)


def _tell(tx: Tx, charge: Charge, status: ChargeStatus) -> None:
    tx.announce(ChargeMoved(charge_id=charge.charge_id, shop_id=charge.shop_id, status=status))


def blank_words(tx: Tx, party: str) -> None:
    """Erase what a member said to shops that they paid by scanning a printed code."""
    tx.conn.execute(
        sa.update(wallet_charge)
        .where(_c.payer == party, _c.origin == "shop_code")
        .values(description="")
    )

"""Changes one-time codes: shows them to members, charges them at tills, forgets them."""

from __future__ import annotations

import string
from typing import Any

import sqlalchemy as sa

from teahouse.accounts import find_device, is_active
from teahouse.platform.db import Tx
from teahouse.platform.requester import Requester
from teahouse.wallet.charges.commands import charge_member
from teahouse.wallet.charges.types import ShopCharge
from teahouse.wallet.codes.errors import (
    PaymentCodeExpired,
    PaymentCodeUnknown,
    PaymentCodeUsed,
    TooManyMisses,
    TooManyPaymentCodes,
    UnreadableCode,
)
from teahouse.wallet.codes.queries import (
    count_codes_of_hour,
    count_misses,
    find_by_digest,
    list_alive,
)
from teahouse.wallet.codes.rules import (
    MISSES_PER_MINUTE_MAX,
    PAYMENT_CODE_KEEP_MS,
    PAYMENT_CODE_LIFE_MS,
    PAYMENT_CODE_RANDOM_DIGITS,
    PAYMENT_CODES_ALIVE_MAX,
    PAYMENT_CODES_PER_HOUR_MAX,
    build_payment_code,
    draw_qr,
    group_digits,
    hash_payment_code,
    is_payment_code,
    needs_member,
    normalise_payment_code,
)
from teahouse.wallet.codes.tables import wallet_code_miss, wallet_payment_code
from teahouse.wallet.codes.types import CodeChargeWish, PaymentCodeId, ShownCode
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.parties.queries import find_party, user_of
from teahouse.wallet.shops.access import access_shop
from teahouse.wallet.shops.types import Clerk

_c = wallet_payment_code.c
_MISS_KEEP_MS = 3_600_000
_COME_BACK_MS = 60_000


def show_payment_code(tx: Tx, requester: Requester) -> ShownCode:
    """A new one-time code; the oldest ends where a member has several that still work.

    Raises:
        TooManyPaymentCodes: more than `PAYMENT_CODES_PER_HOUR_MAX` in an hour.
    """
    party = party_of(tx, requester.user_id)
    if count_codes_of_hour(tx, party) >= PAYMENT_CODES_PER_HOUR_MAX:
        raise TooManyPaymentCodes(retry_after_ms=_COME_BACK_MS)
    alive = list_alive(tx, party)
    _end_codes(tx, alive[: max(0, len(alive) + 1 - PAYMENT_CODES_ALIVE_MAX)])
    digits = tx.chance.secrets.letters(PAYMENT_CODE_RANDOM_DIGITS, string.digits)
    code = build_payment_code(digits)
    made = PaymentCodeId(tx.new_id("pcd"))
    tx.conn.execute(
        sa.insert(wallet_payment_code).values(
            payment_code_id=made,
            digest=hash_payment_code(code),
            party=party,
            device_id=requester.device_id,
            created_at=tx.now,
            expires_at=tx.now + PAYMENT_CODE_LIFE_MS,
        )
    )
    return ShownCode(
        payment_code_id=made,
        code=code,
        digits=group_digits(code),
        image=draw_qr(code, "svg").decode(),
        expires_at=tx.now + PAYMENT_CODE_LIFE_MS,
    )


def take_codes_back(tx: Tx, requester: Requester) -> None:
    """Let all codes of a member work no more, as when they close the screen."""
    party = find_party(tx, requester.user_id)
    if party is not None:
        _end_codes(tx, list_alive(tx, party))


def _end_codes(tx: Tx, ids: list[str]) -> None:
    if ids:
        tx.conn.execute(
            sa.update(wallet_payment_code)
            .where(_c.payment_code_id.in_(ids))
            .values(expires_at=tx.now)
        )


def charge_payment_code(tx: Tx, clerk: Clerk, shop_id: str, wish: CodeChargeWish) -> ShopCharge:
    """Charge the member who shows a code. What is refused uses no code up.

    Returns:
        The charge: paid, or waiting for the member where they must confirm it on their phone.

    Raises:
        ShopNotFound, ShopPowerMissing, ScopeMissing, UnknownShopKey: as of `access_shop`.
        TooManyMisses: the shop tries codes that nobody has shown.
        UnreadableCode: digits that are no code.
        PaymentCodeUnknown, PaymentCodeUsed, PaymentCodeExpired: no code that works.
        Refusal: what `charges.charge_member` refuses.
    """
    shop = access_shop(tx, clerk, shop_id, "charges.create")
    if count_misses(tx, shop_id) >= MISSES_PER_MINUTE_MAX:
        raise TooManyMisses(retry_after_ms=_COME_BACK_MS)
    code = normalise_payment_code(wish.code)
    if not is_payment_code(code):
        raise UnreadableCode
    row = find_by_digest(tx, hash_payment_code(code))
    if row is None:
        raise PaymentCodeUnknown(shop.shop_id)
    payer = _find_payer(tx, row)
    _use(tx, row)
    charged = charge_member(
        tx, clerk, shop_id, wish.charge, payer=payer, needs_member=needs_member(wish.charge.amount)
    )
    tx.conn.execute(
        sa.update(wallet_payment_code)
        .where(_c.payment_code_id == row.payment_code_id)
        .values(charge_id=charged.charge_id)
    )
    return charged


def _find_payer(tx: Tx, row: sa.Row[*tuple[Any, ...]]) -> Requester:
    """The member who shows a code, on a device that is still theirs."""
    user_id = user_of(tx, row.party)
    if user_id is None or not is_active(tx, user_id):
        raise PaymentCodeExpired
    if row.device_id is not None and find_device(tx, user_id, row.device_id) is None:
        raise PaymentCodeExpired
    return Requester(user_id=user_id, device_id=row.device_id)


def _use(tx: Tx, row: sa.Row[*tuple[Any, ...]]) -> None:
    """Use a code up; of two tills that scan it at once only one does."""
    if row.used_at is not None:
        raise PaymentCodeUsed
    if tx.now >= row.expires_at:
        raise PaymentCodeExpired
    used = tx.conn.execute(
        sa.update(wallet_payment_code)
        .where(_c.payment_code_id == row.payment_code_id, _c.used_at.is_(None))
        .values(used_at=tx.now)
    )
    if used.rowcount != 1:
        raise PaymentCodeUsed


def note_miss(tx: Tx, missed: PaymentCodeUnknown) -> None:
    """Note that a shop tried a code that nobody has shown."""
    if missed.shop_id:
        tx.conn.execute(
            sa.insert(wallet_code_miss).values(
                miss_id=tx.new_id("mis"), shop_id=missed.shop_id, at=tx.now
            )
        )


def forget_codes(tx: Tx) -> None:
    """Delete codes of yesterday, and misses of the hour before."""
    tx.conn.execute(
        sa.delete(wallet_payment_code).where(_c.created_at < tx.now - PAYMENT_CODE_KEEP_MS)
    )
    tx.conn.execute(
        sa.delete(wallet_code_miss).where(wallet_code_miss.c.at < tx.now - _MISS_KEEP_MS)
    )


def forget_codes_of(tx: Tx, party: str) -> None:
    """Delete the codes of an erased member."""
    tx.conn.execute(sa.delete(wallet_payment_code).where(_c.party == party))

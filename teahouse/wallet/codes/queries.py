"""Reads codes: what a scanned one leads to, what became of a shown one, how a shop's looks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.platform.money import parse_currency
from teahouse.platform.requester import Requester
from teahouse.wallet.charges.access import access_by_code, access_charge
from teahouse.wallet.charges.errors import ChargeNotFound, CurrencyNotTaken
from teahouse.wallet.charges.queries import preview_charge
from teahouse.wallet.charges.types import Charge, ChargeId
from teahouse.wallet.codes.errors import PaymentCodeUnknown
from teahouse.wallet.codes.rules import (
    build_shop_code,
    draw_qr,
    encode_code,
    find_code_in_link,
    find_ours,
    parse_code,
)
from teahouse.wallet.codes.tables import wallet_code_miss, wallet_payment_code
from teahouse.wallet.codes.types import CodeFate, DrawnCode, OurNetwork, PaymentCodeId, Scanned
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.shops.access import access_shop
from teahouse.wallet.shops.queries import find_shop, find_shop_page
from teahouse.wallet.shops.types import Clerk, Shop
from teahouse.wallet.wallets.queries import find_wallet

_c = wallet_payment_code.c
_miss = wallet_code_miss.c

_MINUTE_MS = 60_000
_HOUR_MS = 3_600_000


# What members scan


def scan_code(read: Read, requester: Requester, text: str, house: OurNetwork) -> Scanned:
    """What a code that a member has scanned leads to.

    Args:
        read: the view.
        requester: the member.
        text: what the camera has read: a shop's code, or a link to a pay page.
        house: this one.

    Raises:
        UnreadableCode: neither.
        CodeOfOthers: of other networks.
        ShopNotFound, ChargeNotFound, ChargeOfAnother: it leads to nothing (any more).
    """
    in_link = find_code_in_link(text, house)
    if in_link is not None:
        shop_id, charge_code = str(access_by_code(read, in_link).shop_id), in_link
    else:
        ours = find_ours(parse_code(text), house.network)
        shop_id, charge_code = ours.shop_id, ours.charge_code
    charge = preview_charge(read, requester, charge_code) if charge_code else None
    if charge is not None and charge.shop.shop_id != shop_id:
        # A code that names one shop and asks for another's charge was made up.
        raise ChargeNotFound
    shop = find_shop(read, shop_id)
    return Scanned(
        shop=find_shop_page(read, shop_id),
        charge=charge,
        currency=shop.currency if charge is None else charge.amount.currency,
    )


# What shops show


def draw_shop_code(
    read: Read, clerk: Clerk, shop_id: str, *, currency: str | None, house: OurNetwork
) -> DrawnCode:
    """The code for a shop to print: the payer enters the amount.

    Raises:
        ShopNotFound, ShopPowerMissing, ScopeMissing: as of `access_shop`.
        UnknownCurrency, CurrencyNotTaken: no currency of the shop's.
    """
    shop = access_shop(read, clerk, shop_id, "shop.see")
    chosen = shop.currency if currency is None else parse_currency(currency)
    if find_wallet(read, shop.party, chosen) is None:
        raise CurrencyNotTaken
    payload = encode_code(build_shop_code(shop, house, currency=chosen))
    return DrawnCode(payload=payload, image=draw_qr(payload, "svg").decode(), link="")


def draw_charge_code(
    read: Read, clerk: Clerk, shop_id: str, *, charge_id: str, house: OurNetwork
) -> DrawnCode:
    """The code of one charge, for a till to show.

    Raises:
        ShopNotFound, ShopPowerMissing, ScopeMissing: as of `access_shop`.
        ChargeNotFound: the shop has none.
    """
    shop, charge = access_charge(read, clerk, shop_id, charge_id=charge_id, power="charges.see")
    return _draw(shop, charge, house)


def draw_pay_code(read: Read, code: str, house: OurNetwork) -> DrawnCode:
    """The code of one charge, for its pay page, whoever looks at it.

    Raises:
        ChargeNotFound: no charge that a shop has asked anybody to pay.
    """
    charge = access_by_code(read, code)
    if charge.origin != "shop":
        raise ChargeNotFound
    return _draw(find_shop(read, charge.shop_id), charge, house)


def _draw(shop: Shop, charge: Charge, house: OurNetwork) -> DrawnCode:
    code = build_shop_code(shop, house, currency=charge.currency, charge=charge)
    payload = encode_code(code)
    return DrawnCode(
        payload=payload,
        image=draw_qr(payload, "svg").decode(),
        link=f"{house.url}/pay/{charge.code}",
    )


# One-time codes


def find_fate(read: Read, requester: Requester, payment_code_id: str) -> CodeFate:
    """What became of a code that the requester has shown.

    Raises:
        PaymentCodeUnknown: none of theirs, or long gone.
    """
    party = find_party(read, requester.user_id)
    row = read.conn.execute(
        sa.select(_c.expires_at, _c.used_at, _c.charge_id).where(
            _c.payment_code_id == payment_code_id, _c.party == party
        )
    ).one_or_none()
    if row is None:
        raise PaymentCodeUnknown
    is_alive = read.now < row.expires_at
    return CodeFate(
        payment_code_id=PaymentCodeId(payment_code_id),
        status="used" if row.used_at is not None else "waiting" if is_alive else "expired",
        charge_id=None if row.charge_id is None else ChargeId(row.charge_id),
    )


def find_by_digest(read: Read, digest: bytes) -> sa.Row[*tuple[Any, ...]] | None:
    """The row of a code, or None."""
    return read.conn.execute(
        sa.select(_c.payment_code_id, _c.party, _c.device_id, _c.expires_at, _c.used_at).where(
            _c.digest == digest
        )
    ).one_or_none()


def count_codes_of_hour(read: Read, party: PartyId) -> int:
    """How many codes a member had in the last hour."""
    return read.conn.execute(
        sa.select(sa.func.count()).where(_c.party == party, _c.created_at > read.now - _HOUR_MS)
    ).scalar_one()


def list_alive(read: Read, party: PartyId) -> list[str]:
    """The ids of a member's codes that still work, oldest first."""
    rows = read.conn.execute(
        sa.select(_c.payment_code_id)
        .where(_c.party == party, _c.expires_at > read.now, _c.used_at.is_(None))
        .order_by(_c.created_at, _c.payment_code_id)
    )
    return [*rows.scalars()]


def count_misses(read: Read, shop_id: str) -> int:
    """How many codes that nobody has shown a shop has tried in the last minute."""
    return read.conn.execute(
        sa.select(sa.func.count()).where(_miss.shop_id == shop_id, _miss.at > read.now - _MINUTE_MS)
    ).scalar_one()

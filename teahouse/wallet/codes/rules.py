"""Codes that are scanned: a shop's EMV code, and the one-time code of a member. Pure.

A shop's code is a row of elements: two digits that say what it is, two digits of length, and the
value; some values are rows of elements themselves. The length counts characters, the checksum
(CRC-16/CCITT-FALSE) is over the UTF-8 bytes of all that stands before it.

Source: EMV QR Code Specification for Payment Systems (QRCPS): Merchant-Presented Mode, version 1.1,
November 2020; sections 3 and 4.
"""

from __future__ import annotations

import binascii
import hashlib
import io
import re
import unicodedata
import uuid
from collections.abc import Callable, Iterable
from typing import Final, Literal

import iso4217
import msgspec
import segno

from teahouse.platform.errors import Refusal
from teahouse.platform.money import (
    Currency,
    Money,
    UnknownCurrency,
    parse_amount,
    parse_currency,
    plain_amount,
)
from teahouse.wallet.charges.types import Charge
from teahouse.wallet.codes.errors import CodeOfOthers, UnreadableCode
from teahouse.wallet.codes.types import (
    DataObject,
    ImageKind,
    LocalNames,
    MerchantAccount,
    MerchantCode,
    OurNetwork,
    Tip,
)
from teahouse.wallet.shops.types import Shop

# Section 3.1: what every reader can take.
PAYLOAD_LENGTH_MAX: Final = 512
VALUE_LENGTH_MAX: Final = 99
NAME_LENGTH_MAX: Final = 25
CITY_LENGTH_MAX: Final = 15
POSTAL_CODE_LENGTH_MAX: Final = 10
AMOUNT_LENGTH_MAX: Final = 13
NETWORK_LENGTH_MAX: Final = 32
_LABEL_LENGTH_MAX: Final = 25
_SECOND_LEVEL_MAX: Final = 100

# The identifiers of section 3.3 and tables 3.7, 3.8.
_FORMAT, _INITIATION = "00", "01"
_CATEGORY, _CURRENCY, _AMOUNT = "52", "53", "54"
_TIP, _TIP_FIXED, _TIP_PERCENT = "55", "56", "57"
_COUNTRY, _NAME, _CITY, _POSTAL = "58", "59", "60", "61"
_ADDITIONAL, _CRC, _LOCAL = "62", "63", "64"
_FIRST_CARD, _FIRST_ACCOUNT, _LAST_ACCOUNT = "02", "26", "51"
_FIRST_FREE = "65"
_VERSION = "01"
_NETWORK = "00"
REFERENCE_LABEL: Final = "05"
TERMINAL_LABEL: Final = "07"
_INITIATIONS = {"11": "static", "12": "dynamic"}
_TIPS = {"01": "ask", "02": "fixed", "03": "percent"}
_TEMPLATE_FROM = "50"  # of the additional data: templates of payment systems

_TWO_DIGITS: Final = re.compile("[0-9]{2}")
_ANS: Final = re.compile(r"[\x20-\x7e]+")
_MONEY: Final = re.compile(r"[0-9]+(?:\.[0-9]*)?")
_PERCENT: Final = re.compile(r"(?P<whole>[0-9]{1,2})(?:\.(?P<part>[0-9]{0,2}))?")
_LETTERS: Final = re.compile("[A-Za-z]{2}")
_NUMBERS: Final = {one.code: one.number for one in iso4217.Currency}
_CODES: Final = {one.number: one.code for one in iso4217.Currency}

# In our own merchant account.
_OUR_SHOP, _OUR_CHARGE = "01", "02"
_OUR_ACCOUNT = _FIRST_ACCOUNT


# The row of elements


def compute_crc(payload: str) -> str:
    """The checksum of a code, four hexadecimal digits.

    Args:
        payload: up to and with `6304`.

    Source:
        Section 4.7.3: ISO/IEC 13239, polynomial 1021 (hex), initial value FFFF (hex).
    """
    return f"{binascii.crc_hqx(payload.encode(), 0xFFFF):04X}"


def encode_objects(objects: Iterable[DataObject]) -> str:
    """The row of elements, as it is written."""
    parts = []
    for one in objects:
        assert _TWO_DIGITS.fullmatch(one.id)
        assert 0 < len(one.value) <= VALUE_LENGTH_MAX
        parts.append(f"{one.id}{len(one.value):02d}{one.value}")
    return "".join(parts)


def parse_objects(text: str) -> list[DataObject]:
    """The elements of a row.

    Raises:
        UnreadableCode: it ends in the middle of one, or one is there twice, or empty.
    """
    objects: list[DataObject] = []
    place = 0
    while place < len(text):
        head = text[place : place + 4]
        if not _TWO_DIGITS.fullmatch(head[:2]) or not _TWO_DIGITS.fullmatch(head[2:]):
            raise UnreadableCode(f"At character {place} an element must begin with four digits.")
        value = text[place + 4 : place + 4 + int(head[2:])]
        if not value or len(value) < int(head[2:]):
            raise UnreadableCode(f"The element {head[:2]} is empty or cut off.")
        objects.append(DataObject(head[:2], value))
        place += 4 + len(value)
        if len(objects) > _SECOND_LEVEL_MAX:
            raise UnreadableCode("There are too many elements.")
    if len({one.id for one in objects}) < len(objects):
        raise UnreadableCode("An element is there twice.")
    return objects


# Writing a code


def encode_code(code: MerchantCode) -> str:
    """The text of a code, checksum included.

    Args:
        code: with values within the bounds of the specification, which `shop_code` keeps.

    Returns:
        At most `PAYLOAD_LENGTH_MAX` characters.
    """
    objects = [DataObject(_FORMAT, _VERSION)]
    if code.initiation is not None:
        objects.append(DataObject(_INITIATION, _key_of(_INITIATIONS, code.initiation)))
    objects += code.cards
    objects += [_encode_account(account) for account in code.accounts]
    objects.append(DataObject(_CATEGORY, code.category_code))
    objects.append(DataObject(_CURRENCY, f"{_NUMBERS[code.currency]:03d}"))
    if code.amount is not None:
        assert code.amount.currency == code.currency
        objects.append(DataObject(_AMOUNT, plain_amount(code.amount)))
    objects += _encode_tip(code)
    objects.append(DataObject(_COUNTRY, code.country))
    objects.append(DataObject(_NAME, code.name))
    objects.append(DataObject(_CITY, code.city))
    if code.postal_code:
        objects.append(DataObject(_POSTAL, code.postal_code))
    if code.additional:
        objects.append(DataObject(_ADDITIONAL, encode_objects(code.additional)))
    if code.local is not None:
        objects.append(DataObject(_LOCAL, _encode_local(code.local)))
    objects += code.other
    payload = encode_objects(objects) + _CRC + "04"
    written = payload + compute_crc(payload)
    assert len(written) <= PAYLOAD_LENGTH_MAX
    return written


def _key_of(names: dict[str, str], name: str) -> str:
    return next(key for key, value in names.items() if value == name)


def _encode_account(account: MerchantAccount) -> DataObject:
    fields = [DataObject(_NETWORK, account.network), *account.fields]
    return DataObject(account.id, encode_objects(fields))


def _encode_tip(code: MerchantCode) -> list[DataObject]:
    if code.tip is None:
        return []
    told = [DataObject(_TIP, _key_of(_TIPS, code.tip.kind))]
    if code.tip.kind == "fixed":
        told.append(DataObject(_TIP_FIXED, plain_amount(Money(code.tip.fixed, code.currency))))
    if code.tip.kind == "percent":
        whole, part = divmod(code.tip.basis_points, 100)
        told.append(DataObject(_TIP_PERCENT, f"{whole}.{part:02d}" if part else f"{whole}"))
    return told


def _encode_local(local: LocalNames) -> str:
    objects = [DataObject("00", local.language), DataObject("01", local.name)]
    if local.city:
        objects.append(DataObject("02", local.city))
    return encode_objects(objects)


# Reading a code


def parse_code(text: str) -> MerchantCode:
    """What a scanned code says.

    Args:
        text: as the camera read it; anything.

    Raises:
        UnreadableCode: not of the specification's form, or the checksum does not fit.

    Source:
        Section 4; what is conditional (`C`) there is held too.
    """
    _check_frame(text)
    objects = {one.id: one.value for one in parse_objects(text[:-8])}
    read = _Reader(objects)
    currency = _read_currency(read.needed(_CURRENCY, _is_digits(3), "the currency"))
    accounts = [
        _read_account(key, value)
        for key, value in objects.items()
        if _FIRST_ACCOUNT <= key <= _LAST_ACCOUNT
    ]
    cards = [
        DataObject(key, value)
        for key, value in objects.items()
        if _FIRST_CARD <= key < _FIRST_ACCOUNT
    ]
    if not accounts and not cards:
        raise UnreadableCode("There is no merchant account in it.")
    return MerchantCode(
        initiation=_read_initiation(objects.get(_INITIATION)),
        cards=tuple(cards),
        accounts=tuple(accounts),
        category_code=read.needed(_CATEGORY, _is_digits(4), "the category of the merchant"),
        currency=currency,
        amount=_read_amount(objects.get(_AMOUNT), currency),
        tip=_read_tip(objects, currency),
        country=read.needed(_COUNTRY, _is_ans(2), "the country"),
        name=read.needed(_NAME, _is_ans(NAME_LENGTH_MAX), "the name of the merchant"),
        city=read.needed(_CITY, _is_ans(CITY_LENGTH_MAX), "the city"),
        postal_code=read.optional(_POSTAL, _is_ans(POSTAL_CODE_LENGTH_MAX), "the postal code"),
        additional=_read_additional(objects.get(_ADDITIONAL)),
        local=_read_local(objects.get(_LOCAL)),
        other=tuple(DataObject(k, v) for k, v in objects.items() if k >= _FIRST_FREE),
    )


def _check_frame(text: str) -> None:
    """What every code begins and ends with, and its checksum."""
    if not text.startswith(f"{_FORMAT}02{_VERSION}") or len(text) > PAYLOAD_LENGTH_MAX:
        raise UnreadableCode
    if text[-8:-4] != f"{_CRC}04":
        raise UnreadableCode("The checksum is missing.")
    try:
        expected = compute_crc(text[:-4])
    except UnicodeEncodeError:
        raise UnreadableCode from None
    if expected != text[-4:].upper():
        raise UnreadableCode("The checksum does not fit: the code is damaged.")


class _Reader:
    """Takes values out of a row and checks their form."""

    def __init__(self, objects: dict[str, str]) -> None:
        self._objects = objects

    def needed(self, key: str, is_valid: Callable[[str], bool], what: str) -> str:
        """A value that must be there."""
        value = self._objects.get(key)
        if value is None or not is_valid(value):
            raise UnreadableCode(f"The element {key}, {what}, is missing or malformed.")
        return value

    def optional(self, key: str, is_valid: Callable[[str], bool], what: str) -> str:
        """A value that may be left out, which reads as empty."""
        return self.needed(key, is_valid, what) if key in self._objects else ""


def _is_digits(length: int) -> Callable[[str], bool]:
    return lambda value: re.fullmatch(f"[0-9]{{{length}}}", value) is not None


def _is_ans(length_max: int) -> Callable[[str], bool]:
    """Alphanumeric special (section 4.1): the printable characters of ASCII."""
    return lambda value: len(value) <= length_max and _ANS.fullmatch(value) is not None


def _is_text(length_max: int) -> Callable[[str], bool]:
    return lambda value: len(value) <= length_max and value.isprintable()


def _read_initiation(value: str | None) -> Literal["static", "dynamic"] | None:
    if value is None:
        return None
    if value not in _INITIATIONS:
        raise UnreadableCode("The element 01, the point of initiation, is 11 or 12.")
    return "static" if value == "11" else "dynamic"


def _read_currency(number: str) -> Currency:
    try:
        return parse_currency(_CODES.get(int(number), ""))
    except UnknownCurrency:
        raise UnreadableCode(f"There is no currency of the number {number}.") from None


def _read_amount(value: str | None, currency: Currency) -> Money | None:
    if value is None:
        return None
    if len(value) > AMOUNT_LENGTH_MAX or not _MONEY.fullmatch(value):
        raise UnreadableCode("The element 54, the amount, is malformed.")
    # Section 4.7.7: the mark may stand at the end.
    try:
        amount = parse_amount(value.removesuffix("."), currency)
    except Refusal as refused:
        raise UnreadableCode(refused.text) from None
    if not amount:
        raise UnreadableCode("The element 54, the amount, is zero.")
    return amount


def _read_tip(objects: dict[str, str], currency: Currency) -> Tip | None:
    kind = objects.get(_TIP)
    fixed, percent = objects.get(_TIP_FIXED), objects.get(_TIP_PERCENT)
    if (kind == "02") != (fixed is not None) or (kind == "03") != (percent is not None):
        raise UnreadableCode("The elements 55, 56 and 57, the fee, do not fit together.")
    if kind is None:
        return None
    if kind not in _TIPS:
        raise UnreadableCode("The element 55, the tip indicator, is 01, 02 or 03.")
    if fixed is not None:
        amount = _read_amount(fixed, currency)
        assert amount is not None
        return Tip("fixed", fixed=amount.minor)
    if percent is not None:
        match = _PERCENT.fullmatch(percent)
        points = 0 if match is None else int(match["whole"] + (match["part"] or "").ljust(2, "0"))
        if points == 0:
            raise UnreadableCode("The element 57, the fee in percent, is 00.01 to 99.99.")
        return Tip("percent", basis_points=points)
    return Tip("ask")


def _read_account(key: str, value: str) -> MerchantAccount:
    objects = parse_objects(value)
    network = next((one.value for one in objects if one.id == _NETWORK), "")
    if not 0 < len(network) <= NETWORK_LENGTH_MAX:
        raise UnreadableCode(f"The account {key} names no network.")
    return MerchantAccount(key, network, tuple(one for one in objects if one.id != _NETWORK))


def _read_additional(value: str | None) -> tuple[DataObject, ...]:
    if value is None:
        return ()
    objects = tuple(parse_objects(value))
    is_label = _is_text(_LABEL_LENGTH_MAX)
    if any(one.id < _TEMPLATE_FROM and not is_label(one.value) for one in objects):
        raise UnreadableCode("The element 62, additional data, has a label that is too long.")
    return objects


def _read_local(value: str | None) -> LocalNames | None:
    if value is None:
        return None
    read = _Reader({one.id: one.value for one in parse_objects(value)})
    return LocalNames(
        language=read.needed("00", lambda text: bool(_LETTERS.fullmatch(text)), "the language"),
        name=read.needed("01", _is_text(NAME_LENGTH_MAX), "the local name"),
        city=read.optional("02", _is_text(CITY_LENGTH_MAX), "the local city"),
    )


# Our own codes


def compute_network_id(server_name: str) -> str:
    """The globally unique identifier of this house's network.

    Args:
        server_name: the name in members' ids, perhaps with a port.

    Returns:
        The name turned around, as `example.tea`; a UUID where that is too long.

    Source:
        Section 4.8.1: a reverse domain name, or a UUID without hyphens.
    """
    turned = ".".join(reversed(server_name.partition(":")[0].lower().split(".")))
    if turned.isascii() and len(turned) <= NETWORK_LENGTH_MAX:
        return turned
    return uuid.uuid5(uuid.NAMESPACE_DNS, server_name).hex


class OurCode(msgspec.Struct, frozen=True):
    """What a code of ours leads to.

    Attributes:
        shop_id: whose code it is.
        charge_code: the charge to pay; empty: the payer says how much.
    """

    shop_id: str
    charge_code: str = ""


def our_account(network: str, ours: OurCode) -> MerchantAccount:
    """The merchant account that leads back to this house."""
    fields = [DataObject(_OUR_SHOP, ours.shop_id)]
    if ours.charge_code:
        fields.append(DataObject(_OUR_CHARGE, ours.charge_code))
    return MerchantAccount(_OUR_ACCOUNT, network, tuple(fields))


def find_ours(code: MerchantCode, network: str) -> OurCode:
    """What a scanned code leads to in this house.

    Raises:
        CodeOfOthers: it is of other networks only.
    """
    for account in code.accounts:
        fields = {one.id: one.value for one in account.fields}
        if account.network == network and _OUR_SHOP in fields:
            return OurCode(fields[_OUR_SHOP], fields.get(_OUR_CHARGE, ""))
    raise CodeOfOthers(networks=[account.network for account in code.accounts])


def build_shop_code(
    shop: Shop, house: OurNetwork, *, currency: Currency, charge: Charge | None = None
) -> MerchantCode:
    """The code of a shop: to be printed, or of one charge.

    Args:
        shop: whose.
        house: this one.
        currency: what it takes; of the charge, where there is one.
        charge: None: the payer enters the amount.
    """
    labels = [] if charge is None else [(REFERENCE_LABEL, charge.reference)]
    labels += [] if charge is None else [(TERMINAL_LABEL, charge.terminal)]
    ours = OurCode(shop.shop_id, "" if charge is None else charge.code)
    asks_for_tip = charge is None or charge.tip_mode == "ask"
    return MerchantCode(
        initiation="static" if charge is None else "dynamic",
        accounts=(our_account(house.network, ours),),
        category_code=shop.category_code,
        currency=currency,
        amount=_tell_amount(charge),
        tip=Tip("ask") if asks_for_tip else None,
        country=shop.country,
        name=to_ans(shop.name, NAME_LENGTH_MAX, default="SHOP"),
        city=to_ans(shop.city, CITY_LENGTH_MAX, default="CITY"),
        postal_code=to_ans(shop.postal_code, POSTAL_CODE_LENGTH_MAX, default=""),
        additional=tuple(DataObject(key, value) for key, value in labels if value),
        local=_local_names(shop),
    )


def _tell_amount(charge: Charge | None) -> Money | None:
    """The amount, unless it has too many digits for the element; then it is with the charge."""
    if charge is None or len(plain_amount(charge.amount)) > AMOUNT_LENGTH_MAX:
        return None
    return charge.amount


def _local_names(shop: Shop) -> LocalNames | None:
    name = fit_text(shop.name_zh, NAME_LENGTH_MAX)
    return LocalNames("ZH", name, fit_text(shop.city_zh, CITY_LENGTH_MAX)) if name else None


def find_code_in_link(text: str, house: OurNetwork) -> str | None:
    """The code of a charge in a scanned link to one of our pay pages; None: no such link."""
    found = re.fullmatch(re.escape(house.url) + r"/pay/([0-9A-Z]{8,32})", text)
    return None if found is None else found[1]


def to_ans(text: str, length_max: int, *, default: str) -> str:
    """A name in printable ASCII, as the elements 59 and 60 need it: accents are left out.

    Args:
        text: in any script.
        length_max: characters.
        default: where nothing is left.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    kept = " ".join("".join(c for c in plain if c.isprintable()).split())
    return kept[:length_max].strip() or default


def fit_text(text: str, length_max: int) -> str:
    """A name cut to what an element takes."""
    return "".join(c for c in text if c.isprintable())[:length_max].strip()


# A member's one-time code

# Up to here a code alone pays, and beyond the member confirms on their phone: about what a card
# pays without contact and PIN (EUR 50: Commission Delegated Regulation (EU) 2018/389, article
# 11). In currencies that are not listed the member always confirms.
UNCONFIRMED_MAX: Final[dict[str, int]] = {
    "CNY": 1000_00,
    "EUR": 50_00,
    "USD": 50_00,
    "XAF": 30_000,
}

# Two digits that no payment code of Alipay (25 to 30), WeChat Pay (10 to 15) or UnionPay (62)
# begins with, so that a till sees whose code it scans.
PAYMENT_CODE_PREFIX: Final = "66"
# 20 digits: an even number, which Code 128 packs in pairs. 17 of them are random: a shop that
# tries ten codes a minute hits one of a thousand that are alive once in 10**13 minutes, some
# twenty million years.
PAYMENT_CODE_LENGTH: Final = 20
PAYMENT_CODE_RANDOM_DIGITS: Final = 17
PAYMENT_CODE_LIFE_MS: Final = 60_000
# The screen that shows the code fetches the next one before this one ends.
PAYMENT_CODES_ALIVE_MAX: Final = 3
PAYMENT_CODES_PER_HOUR_MAX: Final = 120
MISSES_PER_MINUTE_MAX: Final = 10
# Until then a till is told that a code was used, later that there is none.
PAYMENT_CODE_KEEP_MS: Final = 86_400_000
_PAYMENT_CODE: Final = re.compile(f"{PAYMENT_CODE_PREFIX}[0-9]{{18}}")


def build_payment_code(random_digits: str) -> str:
    """A one-time code from random digits: a prefix before them, a check digit behind."""
    assert re.fullmatch("[0-9]+", random_digits)
    assert len(random_digits) == PAYMENT_CODE_RANDOM_DIGITS
    body = PAYMENT_CODE_PREFIX + random_digits
    return body + compute_check_digit(body)


def compute_check_digit(digits: str) -> str:
    """The digit that finds every wrong digit and nearly every pair of neighbours swapped.

    Source:
        ISO/IEC 7812-1, annex B (Luhn).
    """
    doubled = [int(d) * 2 for d in reversed(digits)][::2]
    single = [int(d) for d in reversed(digits)][1::2]
    total = sum(d - 9 if d > 9 else d for d in doubled) + sum(single)  # noqa: PLR2004
    return str(-total % 10)


def is_payment_code(text: str) -> bool:
    """Whether a scanned text can be a one-time code at all, so that a slip counts as no guess."""
    return _PAYMENT_CODE.fullmatch(text) is not None and compute_check_digit(text[:-1]) == text[-1]


def normalise_payment_code(text: str) -> str:
    """A code as it was typed, without the gaps."""
    return text[:60].replace(" ", "").replace("-", "")


def needs_member(amount: Money) -> bool:
    """Whether a member must confirm an amount on their phone though they showed a code."""
    return amount.minor > UNCONFIRMED_MAX.get(amount.currency, 0)


def group_digits(code: str) -> str:
    """A code in groups of four."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


def hash_payment_code(code: str) -> bytes:
    """What is kept of a one-time code."""
    return hashlib.sha256(code.encode()).digest()


# Images

_IMAGE_SCALE: Final = 6


def draw_qr(text: str, kind: ImageKind) -> bytes:
    """A QR code as an image, with the quiet zone of four modules that readers need.

    Args:
        text: what it says; UTF-8 where it is not ASCII.
        kind: `svg` or `png`.

    Source:
        ISO/IEC 18004; error correction of level M, as QRCPS recommends in section 4.5.
    """
    made = segno.make_qr(text, error="m", encoding=None if text.isascii() else "utf-8", mode=None)
    written = io.BytesIO()
    made.save(written, kind=kind, scale=_IMAGE_SCALE, border=4)
    return written.getvalue()

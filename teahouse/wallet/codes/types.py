"""The nouns of payment codes: what a shop's printed code says, and what a member's phone shows."""

from __future__ import annotations

from typing import Annotated, Literal, NewType, TypeAlias

import msgspec

from teahouse.platform.money import Currency, Money
from teahouse.wallet.charges.types import ChargeId, MyCharge, NewCharge
from teahouse.wallet.shops.types import ShopPage

PaymentCodeId = NewType("PaymentCodeId", str)
ImageKind: TypeAlias = Literal["svg", "png"]


class DataObject(msgspec.Struct, frozen=True):
    """An element of a code: two digits that say what it is, and its value."""

    id: str
    value: str


class MerchantAccount(msgspec.Struct, frozen=True):
    """How to pay the shop on one network.

    Attributes:
        id: `26` to `51`.
        network: the globally unique identifier of the network.
        fields: what the network asks for, by two digits.
    """

    id: str
    network: str
    fields: tuple[DataObject, ...] = ()


class Tip(msgspec.Struct, frozen=True):
    """What shall be paid beside the amount.

    Attributes:
        kind: the payer is asked; or a fixed fee; or a fee in hundredths of a percent.
        fixed: minor units, for a fixed fee.
        basis_points: for a fee in percent, 1 to 9999.
    """

    kind: Literal["ask", "fixed", "percent"]
    fixed: int = 0
    basis_points: int = 0


class LocalNames(msgspec.Struct, frozen=True):
    """The shop's names in another language.

    Attributes:
        language: two letters of ISO 639-1, such as `ZH`.
        name: of the shop.
        city: where it is; may be empty.
    """

    language: str
    name: str
    city: str = ""


class MerchantCode(msgspec.Struct, frozen=True, kw_only=True):
    """What a merchant-presented code says.

    Attributes:
        initiation: the same code for every payment, or a new one for each.
        cards: accounts on card networks, `02` to `25`, not looked into.
        accounts: accounts on other networks.
        category_code: what the shop deals in, ISO 18245.
        currency: of the amount.
        amount: None: the payer enters it.
        tip: None: nothing.
        country: two letters of ISO 3166.
        name: of the shop, ASCII.
        city: where it is, ASCII.
        postal_code: may be empty.
        additional: the additional data field template, by two digits; `***` as a value asks the
            payer for it.
        local: names in another language.
        other: elements that have no meaning here.

    Source:
        EMV QR Code Specification for Payment Systems: Merchant-Presented Mode, 1.1, section 3.
    """

    currency: Currency
    country: str
    name: str
    city: str
    category_code: str = "0000"
    initiation: Literal["static", "dynamic"] | None = None
    cards: tuple[DataObject, ...] = ()
    accounts: tuple[MerchantAccount, ...] = ()
    amount: Money | None = None
    tip: Tip | None = None
    postal_code: str = ""
    additional: tuple[DataObject, ...] = ()
    local: LocalNames | None = None
    other: tuple[DataObject, ...] = ()


class ShownCode(msgspec.Struct, frozen=True, kw_only=True):
    """A one-time code for a member to show at a till.

    Attributes:
        payment_code_id: to ask what became of it.
        code: 20 digits, told once; also as a barcode (Code 128).
        digits: the same in groups of four, to be read out.
        image: a QR code of it, SVG.
        expires_at: milliseconds; it works once, until then.
    """

    payment_code_id: PaymentCodeId
    code: Annotated[str, msgspec.Meta(examples=["66031415926535897932"])]
    digits: Annotated[str, msgspec.Meta(examples=["6603 1415 9265 3589 7932"])]
    image: Annotated[str, msgspec.Meta(examples=["<svg …/>"])]
    expires_at: Annotated[int, msgspec.Meta(examples=[1448000000000])]


class CodeFate(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a one-time code.

    Attributes:
        payment_code_id: which.
        status: whether it still works.
        charge_id: what a till charged by it; perhaps it waits for a confirmation.
    """

    payment_code_id: PaymentCodeId
    status: Literal["waiting", "used", "expired"]
    charge_id: ChargeId | None


class CodeChargeWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a till charges a member whose code it has scanned.

    Attributes:
        code: as it was scanned or typed.
        charge: how much; `tip` and `expires_in_ms` do not matter here.
    """

    code: Annotated[str, msgspec.Meta(max_length=60, examples=["66031415926535897932"])]
    charge: NewCharge


class ScanWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a member's camera has read."""

    text: Annotated[str, msgspec.Meta(max_length=2000, examples=["00020101021126…6304A13A"])]


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """What a scanned code leads to.

    Attributes:
        shop: who would be paid.
        charge: what is asked for; None: the member enters an amount.
        currency: what the shop takes where the member enters an amount.
    """

    shop: ShopPage
    charge: MyCharge | None
    currency: Currency


class DrawnCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code for a shop to show or print.

    Attributes:
        payload: what it says, by the EMV specification.
        image: a QR code of it, SVG.
        link: the pay page, for payers without the app; empty for a printed code.
    """

    payload: Annotated[str, msgspec.Meta(examples=["00020101021126…6304A13A"])]
    image: Annotated[str, msgspec.Meta(examples=["<svg …/>"])]
    link: Annotated[str, msgspec.Meta(examples=["https://tea.example/pay/K7M2Q9X4T1B8W3ZC"])]


class OurNetwork(msgspec.Struct, frozen=True):
    """What codes say of this house.

    Attributes:
        network: its globally unique identifier.
        url: where its pay pages are, without a slash at the end.
    """

    network: str
    url: str

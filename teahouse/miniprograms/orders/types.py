"""The nouns of orders: a menu, what is ordered from it, and how far an order has come."""

from __future__ import annotations

from typing import Annotated, Literal, NewType, TypeAlias

import msgspec

from teahouse.platform.money import Money

OrderId = NewType("OrderId", str)

OrderStatus: TypeAlias = Literal[
    "unpaid",  # its charge waits to be paid
    "paid",  # the shop has not looked at it yet
    "accepted",  # it is being made
    "ready",  # it waits at the counter
    "collected",
    "refused",  # the shop gave the money back
    "cancelled",  # the member changed their mind before they paid
    "expired",  # nobody paid in time
]
OrderStep: TypeAlias = Literal["accepted", "ready", "collected", "refused"]

_Key = Annotated[str, msgspec.Meta(pattern="^[a-z0-9_-]{1,40}$", examples=["latte"])]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
_Note = Annotated[str, msgspec.Meta(max_length=200)]
_Minor = Annotated[int, msgspec.Meta(ge=0, le=10**9)]


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the choices of an option.

    Attributes:
        id: within its option.
        en, zh: what it is called.
        extra: minor units that it adds to the price.
    """

    id: _Key
    en: _Name
    zh: _Name
    extra: _Minor = 0


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to choose, such as the size. The first choice is made unless another is.

    Attributes:
        id: within the menu.
        en, zh: what it is called.
        choices: of which just one is made.
    """

    id: _Key
    en: _Name
    zh: _Name
    choices: Annotated[list[Choice], msgspec.Meta(min_length=1, max_length=12)]


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that can be ordered.

    Attributes:
        id: within the menu.
        section: the id of its section.
        en, zh: what it is called.
        about_en, about_zh: a line about it; may be empty.
        price: minor units of the shop's currency.
        options: ids of options.
        is_sold_out: whether there is none today.
    """

    id: _Key
    section: _Key
    en: _Name
    zh: _Name
    about_en: _Note = ""
    about_zh: _Note = ""
    price: Annotated[int, msgspec.Meta(ge=1, le=10**9)]
    options: Annotated[list[_Key], msgspec.Meta(max_length=8)] = []
    is_sold_out: bool = False


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A heading of the menu.

    Attributes:
        id: within the menu.
        en, zh: what it is called.
    """

    id: _Key
    en: _Name
    zh: _Name


class Menu(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a shop offers.

    Attributes:
        is_open: whether it takes orders now.
        sections, options, items: in the order in which they are shown.
    """

    is_open: bool = True
    sections: Annotated[list[Section], msgspec.Meta(max_length=20)] = []
    options: Annotated[list[Option], msgspec.Meta(max_length=20)] = []
    items: Annotated[list[Item], msgspec.Meta(max_length=200)] = []


class MenuShop(msgspec.Struct, frozen=True, kw_only=True):
    """A shop that takes orders.

    Attributes:
        shop_id: its id.
        name, name_zh, city, city_zh: as everybody sees them.
        currency: of its prices.
        is_open: whether it takes orders now.
    """

    shop_id: str
    name: str
    name_zh: str
    city: str
    city_zh: str
    currency: str
    is_open: bool


class ShopMenu(msgspec.Struct, frozen=True):
    """A shop with its menu.

    Attributes:
        shop: the shop.
        menu: what it offers.
        changed_at: when the menu was set, milliseconds; whoever changes it says from which they
            began.
    """

    shop: MenuShop
    menu: Menu
    changed_at: int


EditKind: TypeAlias = Literal[
    "opened", "closed", "added", "removed", "renamed", "repriced", "sold_out", "back", "other"
]


class MenuEdit(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that was changed of a menu.

    Attributes:
        kind: what happened.
        item: the id of the item; empty where it is about the menu as a whole.
        en, zh: what it was called then.
        before, after: prices in minor units; None where they are not what changed.
    """

    kind: EditKind
    item: str = ""
    en: str = ""
    zh: str = ""
    before: int | None = None
    after: int | None = None


class MenuChange(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody changed a shop's menu.

    Attributes:
        changed_at: milliseconds.
        changed_by: who of the shop; None once they are gone.
        edits: what.
    """

    changed_at: int
    changed_by: str | None
    edits: list[MenuEdit]


class LineWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of what is ordered; never a price.

    Attributes:
        item: its id.
        count: how many.
        choices: the id of a choice by the id of its option; the first ones where left out.
    """

    item: _Key
    count: Annotated[int, msgspec.Meta(ge=1, le=20)] = 1
    choices: Annotated[dict[str, str], msgspec.Meta(max_length=8)] = {}


class OrderWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member orders.

    Attributes:
        program_id: by which mini-program.
        lines: what.
        note: words to the shop.
        called: the name to call out; may be empty.
    """

    program_id: Annotated[str, msgspec.Meta(max_length=100)]
    lines: Annotated[list[LineWish], msgspec.Meta(min_length=1, max_length=30)]
    note: _Note = ""
    called: Annotated[str, msgspec.Meta(max_length=30)] = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an order, as it was when it was ordered.

    Attributes:
        item, count, choices: as of `LineWish`, every choice named.
        en, zh: what it was called, with what was chosen.
        unit: the price of one, minor units.
    """

    item: str
    count: int
    choices: dict[str, str]
    en: str
    zh: str
    unit: int


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order.

    Attributes:
        order_id: its id.
        number: called out at the counter; counts from 1 for each shop and day.
        shop_id: where.
        program_id: by which mini-program it was made.
        status: how far it has come.
        lines: what.
        total: what it costs.
        note, called: as of `OrderWish`.
        reason: the shop's words where it refused.
        charge_id: the charge that it is paid by.
        code: of that charge, for its payer; nothing for the shop.
        payment_id: once it was paid.
        placed_at, changed_at: milliseconds.
    """

    order_id: OrderId
    number: int
    shop_id: str
    program_id: str
    status: OrderStatus
    lines: list[Line]
    total: Money
    note: str
    called: str
    reason: str
    charge_id: str
    code: str | None
    payment_id: str | None
    placed_at: int
    changed_at: int


class StepWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The next step of an order.

    Attributes:
        status: from now on.
        reason: words to the member, where it is refused.
    """

    status: OrderStep
    reason: _Note = ""

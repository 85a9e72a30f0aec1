"""What an order costs, and what may follow what. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from teahouse.miniprograms.orders.errors import InvalidMenu, NotOnMenu, WrongOrderStatus
from teahouse.miniprograms.orders.types import (
    Choice,
    EditKind,
    Item,
    Line,
    LineWish,
    Menu,
    MenuEdit,
    Option,
    OrderStatus,
)

NEXT_STATUSES: Final[dict[OrderStatus, frozenset[OrderStatus]]] = {
    "unpaid": frozenset({"paid", "cancelled", "expired"}),
    "paid": frozenset({"accepted", "refused"}),
    "accepted": frozenset({"ready", "refused"}),
    "ready": frozenset({"collected"}),
    "collected": frozenset(),
    "refused": frozenset(),
    "cancelled": frozenset(),
    "expired": frozenset(),
}
_OPENING: Final[dict[bool, EditKind]] = {True: "opened", False: "closed"}
# What a counter looks at: paid, and not handed over yet.
AT_COUNTER: Final[tuple[OrderStatus, ...]] = ("paid", "accepted", "ready")


def check_step(before: OrderStatus, after: OrderStatus) -> None:
    """Check that an order may go on to a status.

    Raises:
        WrongOrderStatus: it may not.
    """
    if after not in NEXT_STATUSES[before]:
        raise WrongOrderStatus(
            f"An order that is {before} cannot become {after}.", order_status=before
        )


def check_menu(menu: Menu) -> None:
    """Check that a menu names only what it has, and everything once.

    Raises:
        InvalidMenu: it does not.
    """
    for what, ids in (
        ("section", [one.id for one in menu.sections]),
        ("option", [one.id for one in menu.options]),
        ("item", [one.id for one in menu.items]),
        *(("choice", [choice.id for choice in option.choices]) for option in menu.options),
    ):
        _check_unique(what, ids)
    sections = {section.id for section in menu.sections}
    options = {option.id for option in menu.options}
    for item in menu.items:
        if item.section not in sections or not set(item.options) <= options:
            raise InvalidMenu(f"`{item.id}` names a section or an option that is not there.")
        _check_unique("option", item.options)


def _check_unique(what: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise InvalidMenu(f"The {what} `{one}` is there twice.")
        seen.add(one)


def compare_menus(before: Menu, after: Menu) -> list[MenuEdit]:
    """What was changed, item by item; nothing where they are equal."""
    if before == after:
        return []
    edits = [] if before.is_open == after.is_open else [MenuEdit(_OPENING[after.is_open])]
    had, has = _by_id(before), _by_id(after)
    edits += [_edit("removed", item) for item in before.items if item.id not in has]
    for item in after.items:
        edits += _compare_items(had.get(item.id), item)
    # Sections, options or the order of things: nothing that a price or a name would tell.
    return edits or [MenuEdit("other")]


def _by_id(menu: Menu) -> dict[str, Item]:
    return {item.id: item for item in menu.items}


def _compare_items(before: Item | None, after: Item) -> list[MenuEdit]:
    if before is None:
        return [_edit("added", after, after=after.price)]
    edits = []
    if (before.en, before.zh) != (after.en, after.zh):
        edits.append(_edit("renamed", before))
    if before.price != after.price:
        edits.append(_edit("repriced", after, before=before.price, after=after.price))
    if before.is_sold_out != after.is_sold_out:
        edits.append(_edit("sold_out" if after.is_sold_out else "back", after))
    return edits if edits or before == after else [_edit("other", after)]


def _edit(
    kind: EditKind, item: Item, *, before: int | None = None, after: int | None = None
) -> MenuEdit:
    return MenuEdit(kind, item.id, item.en, item.zh, before, after)


def price_lines(menu: Menu, wishes: Iterable[LineWish]) -> list[Line]:
    """What is ordered, with the menu's names and prices: the client's word counts for neither.

    Raises:
        NotOnMenu: something that is not there, is sold out, or has no such choice.
    """
    items = {item.id: item for item in menu.items}
    options = {option.id: option for option in menu.options}
    return [_price_line(items.get(wish.item), options, wish) for wish in wishes]


def _price_line(item: Item | None, options: dict[str, Option], wish: LineWish) -> Line:
    if item is None or item.is_sold_out or not set(wish.choices) <= set(item.options):
        raise NotOnMenu(item=wish.item)
    chosen = [_choose(options[name], wish) for name in item.options]
    return Line(
        item=item.id,
        count=wish.count,
        choices=dict(zip(item.options, (choice.id for choice in chosen), strict=True)),
        en=" · ".join([item.en, *(choice.en for choice in chosen)]),
        zh=" · ".join([item.zh, *(choice.zh for choice in chosen)]),
        unit=item.price + sum(choice.extra for choice in chosen),
    )


def _choose(option: Option, wish: LineWish) -> Choice:
    wanted = wish.choices.get(option.id, option.choices[0].id)
    for choice in option.choices:
        if choice.id == wanted:
            return choice
    raise NotOnMenu(item=wish.item)


def compute_total(lines: Iterable[Line]) -> int:
    """What some lines cost together, minor units."""
    return sum(line.unit * line.count for line in lines)

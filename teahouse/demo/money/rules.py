"""Who has money in the town, and what they do with it. Pure."""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

CURRENCY: Final = "CNY"
# Numbers of bank cards as China has them; nobody's.
HOUSE_NUMBER: Final = "6200000000000000018"
HOUSE_MINOR: Final = 10_000_000
HOLDERS: Final = {
    "lin": ("6200000000000001016", "Lin Mu 林木"),
    "mei": ("6200000000000002014", "Mei Xue 梅雪"),
    "omar": ("6200000000000003012", "Omar Diallo"),
    "ada": ("6200000000000004010", "Ada Byron"),
}
STORY_DAYS: Final = 42
SHOP: Final = {
    "name": "Cloud Ridge Tea",
    "name_zh": "云岭茶铺",
    "category_code": "5812",
    "country": "CN",
    "city": "Cloud Ridge",
    "city_zh": "云岭",
    "currency": CURRENCY,
}
SHOP_OWNER: Final = "lin"
SHOP_CASHIER: Final = "mei"
OFFICER: Final = "bao"


class TopUp(msgspec.Struct, frozen=True):
    """Money from the bank."""

    day: int
    name: str
    minor: int


class Gift(msgspec.Struct, frozen=True):
    """Money for a friend; accepted by hand where it says so."""

    day: int
    name: str
    to: str
    minor: int
    text: str
    by_hand: bool = False


class Purchase(msgspec.Struct, frozen=True):
    """Something bought in the shop, over its counter."""

    day: int
    name: str
    minor: int
    text: str
    tip: int = 0
    is_refunded: bool = False


class Packet(msgspec.Struct, frozen=True):
    """A red packet in the square."""

    day: int
    name: str
    minor: int
    count: int
    text: str
    claimed_by: tuple[str, ...]


class Order(msgspec.Struct, frozen=True):
    """Something ordered by the mini-program, and how far the shop has come with it."""

    name: str
    lines: list[dict[str, object]]
    called: str
    steps: tuple[str, ...]


Deed: TypeAlias = TopUp | Gift | Purchase | Packet

DEEDS: Final[list[Deed]] = [
    TopUp(0, "omar", 60_000),
    TopUp(0, "ada", 80_000),
    TopUp(1, "mei", 40_000),
    TopUp(1, "lin", 30_000),
    Purchase(2, "omar", 3_600, "Spring tea, 200 g · 明前茶 200克"),
    Purchase(3, "ada", 1_800, "A pot for two · 一壶两人"),
    Gift(5, "ada", "omar", 4_500, "The book club's biscuits"),
    Purchase(7, "mei", 1_200, "Jasmine · 茉莉花茶"),
    Purchase(9, "omar", 2_400, "Lunch, dumplings · 饺子", tip=200),
    Gift(12, "mei", "lin", 6_600, "谢谢你帮我修门 🙏"),
    Purchase(14, "ada", 5_200, "Oolong for my mother · 乌龙茶"),
    Packet(16, "ada", 8_800, 4, "To a good harvest! 丰收！", ("omar", "lin", "mei")),
    Purchase(18, "omar", 1_800, "A pot for two · 一壶两人"),
    Purchase(20, "mei", 3_300, "A cup that was chipped · 杯子", is_refunded=True),
    TopUp(22, "omar", 30_000),
    Gift(24, "omar", "ada", 12_000, "Train tickets, thank you!"),
    Purchase(26, "ada", 2_900, "White tea · 白茶"),
    Purchase(28, "mei", 1_200, "Jasmine · 茉莉花茶", tip=100),
    Gift(30, "lin", "mei", 20_000, "工钱 Wages for the stall"),
    Purchase(33, "omar", 4_100, "Tea for the office"),
    Packet(35, "lin", 6_600, 5, "恭喜发财 🧧", ("omar", "ada", "mei", "keeper")),
    Purchase(37, "ada", 1_800, "A pot for two · 一壶两人"),
    Gift(40, "ada", "mei", 3_000, "For the flowers 🌷"),
    Purchase(41, "omar", 2_600, "Pu'er · 普洱"),
    Gift(42, "omar", "lin", 5_000, "My part of the rent for the hall", by_hand=True),
]
# A packet that whoever looks around can open, and a charge that waits at the till.
LAST_PACKET: Final = Packet(42, "mei", 1_800, 6, "Open me! 来拆我 🧧", ())
LAST_CHARGE: Final = Purchase(42, "", 2_200, "A pot of Longjing · 龙井一壶")


def _named(key: str, en: str, zh: str, **more: object) -> dict[str, object]:
    return {"id": key, "en": en, "zh": zh, **more}


# What the shop offers to be ordered by a mini-program.
MENU: Final[dict[str, object]] = {
    "sections": [_named("coffee", "Coffee", "咖啡"), _named("tea", "Tea", "茶")],
    "options": [
        _named(
            "size",
            "Size",
            "杯型",
            choices=[
                _named("medium", "Medium", "中杯"),
                _named("large", "Large", "大杯", extra=400),
            ],
        ),
        _named(
            "milk",
            "Milk",
            "奶",
            choices=[
                _named("whole", "Whole milk", "全脂奶"),
                _named("oat", "Oat", "燕麦奶", extra=200),
                _named("none", "No milk", "不加奶"),
            ],
        ),
    ],
    "items": [
        _named(
            "latte",
            "Latte",
            "拿铁",
            section="coffee",
            price=2_800,
            options=["size", "milk"],
            about_en="Two shots and steamed milk",
            about_zh="双份浓缩与热奶",
        ),
        _named(
            "americano", "Americano", "美式咖啡", section="coffee", price=2_200, options=["size"]
        ),
        _named("espresso", "Espresso", "意式浓缩", section="coffee", price=1_800),
        _named(
            "jasmine",
            "Jasmine tea",
            "茉莉花茶",
            section="tea",
            price=1_200,
            options=["size"],
            about_en="From Cloud Ridge",
            about_zh="云岭所产",
        ),
        _named("longjing", "Longjing", "龙井", section="tea", price=2_200, is_sold_out=True),
    ],
}

# One to order again, one that is being made, one that waits at the counter.
ORDERS: Final = [
    Order("ada", [{"item": "latte"}], "Ada", ("accepted", "ready", "collected")),
    Order("omar", [{"item": "espresso", "count": 2}], "Omar", ("accepted",)),
    Order("ada", [{"item": "jasmine", "choices": {"size": "large"}}], "Ada", ()),
]

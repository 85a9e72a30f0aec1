"""Who lives in the demo's town, what they say, and what the operator is told at the start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from teahouse.platform.requester import Role

# Without letters and digits that are read as one another: people type these passwords.
PASSWORD_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 - not a password
# 31^12 is 8 * 10^17: not guessed in years at the rate limit, or at a thousand times that.
PASSWORD_LETTERS: Final = 12


class Person(msgspec.Struct, frozen=True):
    """Somebody of the town.

    Attributes:
        name: the local part of their id.
        shown_as: their display name.
        roles: of the staff.
    """

    name: str
    shown_as: str
    roles: tuple[Role, ...] = ()


class Line(msgspec.Struct, frozen=True):
    """Something said in the square.

    Attributes:
        name: who says it.
        text: what they say.
    """

    name: str
    text: str


KEEPER: Final = Person("keeper", "The keeper · 掌柜", ("operator", "moderator"))
PEOPLE: Final = [
    KEEPER,
    Person("lin", "Lin 林"),
    Person("mei", "Mei 梅"),
    Person("omar", "Omar"),
    Person("ada", "Ada"),
    # Two, because what touches members' money takes two.
    Person("bao", "Bao 宝", ("bank_officer",)),
    Person("wen", "Wen 文", ("bank_officer", "auditor")),
]
SQUARE_ALIAS: Final = "square"
SQUARE_LINES: Final = [
    Line("keeper", "Welcome to the square. 欢迎来到茶馆。 Anybody may read along here."),
    Line("keeper", "This room is public and not encrypted. Direct and private rooms are."),
    Line("lin", "The first picking of Cloud Ridge is in. 云岭的头采到了。"),
    Line("omar", "Put 200 g aside for me, please. I come by on Saturday."),
    Line("mei", "林，给我也留一点 🍵"),
    Line("ada", "Is the kettle on? I bring the book club at four."),
    Line("lin", "It is always on."),
]
# In the tea company's room nothing is said: it is encrypted, and only its members' own clients
# could have written there.
COMPANY: Final = ["lin", "mei", "omar"]


def render_welcome(url: str, server_name: str, passwords: Mapping[str, str]) -> str:
    """What is printed once the demo listens.

    Args:
        url: where it listens.
        server_name: the part of member ids after the colon.
        passwords: by name; empty where the folder holds another world than the demo's.
    """
    lines = ["", f"Teahouse runs at {url}", ""]
    if passwords:
        width = max(len(name) for name in passwords) + len(server_name) + 2
        roles = {
            person.name: [role.replace("_", " ") for role in person.roles] for person in PEOPLE
        }
        lines += ["Sign in as one of them:"]
        for name, password in passwords.items():
            told = f"   ({', '.join(roles[name])})" if roles.get(name) else ""
            lines.append(f"  {f'@{name}:{server_name}'.ljust(width)}  {password}{told}")
    else:
        lines += ["This data folder holds a world of its own: sign in as its members."]
    lines += [
        "",
        "What to do next:",
        f"  1. Open {url} in a browser and sign in.",
        "  2. In Element, FluffyChat, nheko or another Matrix client choose to sign in,",
        f"     and change the homeserver to {url}",
        "  3. Sign in as two members with two clients, start a direct chat, and talk:",
        "     it is end-to-end encrypted. Or create an account of your own.",
        "",
        "Ctrl-C stops it. The next start finds everything as it was.",
        "",
    ]
    return "\n".join(lines)


class Spent(msgspec.Struct, frozen=True):
    """Something that somebody paid for the group that went on an outing, shared equally.

    Attributes:
        name: who paid.
        what: for what.
        minor: how much, in the town's currency.
        parts: who shares it.
    """

    name: str
    what: str
    minor: int
    parts: tuple[str, ...]


# The group's chat is not encrypted, since only its members' own clients could write there else.
OUTING: Final = ("ada", "omar", "mei")
OUTING_BOOK: Final = [
    Spent("ada", "Boat to the island · 船票", 9_000, OUTING),
    Spent("omar", "Lunch by the water · 湖边午饭", 13_500, OUTING),
    Spent("mei", "Oranges · 橘子", 1_800, ("mei", "ada")),
]

"""Walks all pages of the client and takes a picture of each, on a phone and on a laptop."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.async_api import ViewportSize, expect

from docs.routes import find_routes
from tests.web.browsers import LAPTOP, PHONE, Person

IMAGES: Final = Path(__file__).parent / "images"
# Long enough for a picture to be decrypted and for letters to be drawn.
SETTLE_MS: Final = 900
# The narrowest phone that people still have; WCAG 2.2, 1.4.10 asks for 320.
_NARROW: Final[ViewportSize] = {"width": 320, "height": 640}
_PHONE: Final[ViewportSize] = {"width": PHONE["width"], "height": PHONE["height"]}
_LAPTOP: Final[ViewportSize] = {"width": LAPTOP["width"], "height": LAPTOP["height"]}
# Flat colours need no more; a photograph in a picture is small.
_COLOURS: Final = 160

Who = Literal["stranger", "member", "friend", "owner", "officer"]


@dataclass
class Stage:
    """Who walks, and what they have that is named by an id.

    Attributes:
        member: sees most pages.
        friend: owns the group that both are in.
        owner: has a shop.
        officer: one of the staff, with every role.
        places: parts of addresses.
    """

    member: Person
    friend: Person
    owner: Person
    officer: Person
    places: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Visit:
    """How a page is reached.

    Attributes:
        name: of its pictures.
        path: with `{places}` of the stage; the route itself where it names nothing.
        who: sees it.
    """

    name: str
    path: str = ""
    who: Who = "member"


_APP: Final = "/sign-in/app?redirectUrl=https%3A%2F%2Felement.example%2F"

# Every route that `find_routes` finds.
VISITS: Final[dict[str, Visit]] = {
    "/sign-in": Visit("sign-in", who="stranger"),
    "/sign-in/app": Visit("sign-in-app", _APP, who="stranger"),
    "/sign-in/fallback": Visit("sign-in-fallback", who="stranger"),
    "/sign-up": Visit("sign-up", who="stranger"),
    "/privacy/log": Visit("log"),
    "/pay/:id": Visit("pay", "/pay/{code}"),
    "/till/:id": Visit("till", "/till/{shop}", who="owner"),
    "/chats": Visit("chats"),
    "/chats/archived": Visit("archived"),
    "/chats/search": Visit("search", "/chats/search/tea"),
    "/chats/:id": Visit("chat", "{chat}"),
    "/chats/:id/door": Visit("group-door", "{group}/door", who="officer"),
    "/chats/:id/info": Visit("group-info", "{group}/info", who="friend"),
    "/chats/:id/log": Visit("group-log", "{group}/log", who="friend"),
    "/chats/:id/pins": Visit("pins", "{chat}/pins"),
    "/chats/:id/search": Visit("search-chat", "{chat}/search"),
    "/chats/:id/thread": Visit("thread", "{thread}"),
    "/chats/:id/threads": Visit("threads", "{chat}/threads"),
    "/contacts": Visit("contacts"),
    "/contacts/:id": Visit("contact", "{friend}"),
    "/discover": Visit("discover"),
    "/discover/about": Visit("mini-program", "/discover/about/org.teahouse.coffee"),
    "/discover/open": Visit("mini-program-open", "/discover/open/org.teahouse.coffee"),
    "/discover/rooms": Visit("public-rooms"),
    "/me": Visit("me"),
    "/me/appearance": Visit("appearance"),
    "/me/banks": Visit("banks"),
    "/me/blocked": Visit("blocked"),
    "/me/code": Visit("my-code"),
    "/me/devices": Visit("devices"),
    "/me/disputes": Visit("disputes"),
    "/me/exports": Visit("exports"),
    "/me/freeze": Visit("freeze"),
    "/me/history": Visit("history"),
    "/me/limits": Visit("limits"),
    "/me/mandates": Visit("mandates"),
    "/me/menu": Visit("menu", "/me/menu/{shop}", who="owner"),
    "/me/orders": Visit("orders", "/me/orders/{shop}", who="owner"),
    "/me/pay-code": Visit("pay-code"),
    "/me/pay-in": Visit("pay-in"),
    "/me/privacy": Visit("privacy"),
    "/me/privacy/consents": Visit("consents"),
    "/me/privacy/court": Visit("court"),
    "/me/privacy/data": Visit("data-kept"),
    "/me/privacy/erase": Visit("erase"),
    "/me/privacy/export": Visit("export"),
    "/me/privacy/import": Visit("import"),
    "/me/privacy/looks": Visit("looks"),
    "/me/privacy/policy": Visit("policy"),
    "/me/privacy/retention": Visit("retention"),
    "/me/profile": Visit("profile"),
    "/me/reports": Visit("reports"),
    "/me/scan": Visit("scan"),
    "/me/security": Visit("security"),
    "/me/shortcuts": Visit("shortcuts"),
    "/me/shops": Visit("shops", who="owner"),
    "/me/staff": Visit("staff", who="officer"),
    "/me/staff/boxes": Visit("staff-boxes", who="officer"),
    "/me/staff/disputes": Visit("staff-disputes", who="officer"),
    "/me/staff/freezes": Visit("staff-freezes", who="officer"),
    "/me/staff/jobs": Visit("staff-jobs", who="officer"),
    "/me/staff/load": Visit("staff-load", who="officer"),
    "/me/staff/members": Visit("staff-members", who="officer"),
    "/me/staff/official": Visit("staff-official", who="officer"),
    "/me/staff/reports": Visit("staff-reports", who="officer"),
    "/me/staff/sanctions": Visit("staff-sanctions", who="officer"),
    "/me/staff/shops": Visit("staff-shops", who="officer"),
    "/me/staff/settings": Visit("staff-settings", who="officer"),
    "/me/summary": Visit("summary"),
    "/me/wallet": Visit("wallet"),
}

# What a list that scrolls sideways holds may be wider; the page itself may not.
_FIND_WIDE = """() => {
  const scrolls = (one) => {
    for (let at = one.parentElement; at && at !== document.body; at = at.parentElement) {
      if (getComputedStyle(at).overflowX !== "visible") return true;
    }
    return false;
  };
  const edge = document.documentElement.clientWidth + 1;
  const isOut = (one) => one.getBoundingClientRect().right > edge && !scrolls(one);
  const isCut = (one) => one.scrollWidth > one.clientWidth + 1
    && getComputedStyle(one).overflowX === "auto"
    && getComputedStyle(one).overflowY === "auto"
    && getComputedStyle(one).scrollSnapType === "none";
  return [...document.querySelectorAll("body *")]
    .filter((one) => isOut(one) || isCut(one))
    .map((one) => one.outerHTML.slice(0, 140))
    .slice(0, 3);
}"""


async def walk(stage: Stage) -> None:
    """Take every page; tell of those that have no place here, never load, or are too wide.

    Raises:
        AssertionError: some page has no place here, shows nothing, or is wider than a small phone.
    """
    missing = set(find_routes()) ^ set(VISITS)
    assert not missing, f"docs/walk.py and the client differ: {sorted(missing)}"
    stranger = await stage.member.town.open(viewport=PHONE, device_scale_factor=2)
    wrong = []
    for route, visit in VISITS.items():
        person: Person = stranger if visit.who == "stranger" else getattr(stage, visit.who)
        path = (visit.path or route).format(**stage.places)
        wrong += [f"{path}: {one}" for one in await _take(person, path, visit.name)]
    assert not wrong, "\n".join(wrong)


async def _take(person: Person, path: str, name: str) -> list[str]:
    """Take a page on both screens.

    Returns:
        What is wrong with it: nothing is shown, or something stands beyond the right edge of a
        small phone.
    """
    page = person.page
    await page.set_viewport_size(_PHONE)
    await person.go(path)
    try:
        await expect(page.get_by_role("heading").first).to_be_visible()
        await expect(page.get_by_text(person.says("One moment…", "请稍候…"))).to_have_count(0)
    except AssertionError as trouble:
        # The others are worth their pictures all the same.
        return [str(trouble)]
    await page.wait_for_timeout(SETTLE_MS)
    await page.screenshot(path=IMAGES / f"{name}-phone.png")
    await page.set_viewport_size(_NARROW)
    wide: list[str] = await page.evaluate(_FIND_WIDE)
    await page.set_viewport_size(_LAPTOP)
    await page.wait_for_timeout(SETTLE_MS)
    await page.screenshot(path=IMAGES / f"{name}-laptop.png", scale="css")
    await page.set_viewport_size(_PHONE)
    return wide


def shrink(file: Path) -> None:
    """Write a picture with fewer colours, which nobody sees and which halves it, or more."""
    with Image.open(file) as picture:
        if picture.mode == "P":
            return
        plain = picture.convert("RGB")
    few = plain.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(file, optimize=True)

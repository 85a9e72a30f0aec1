"""Mini-programs: coffee is ordered and paid, a group keeps its book, and a hostile one fails."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, FrameLocator, expect

from teahouse.demo.money.rules import MENU
from teahouse.platform.db import Read
from teahouse.wallet.payments.tables import wallet_payment
from tests.kit.server import Server, start_server
from tests.web.browsers import AXE, PHONE, STEP_MS, Person, Town
from tests.web.shops import open_shop, token_of
from tests.web.third_party import ThirdParty, third_party

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("browsers")]

HOSTILE = Path(__file__).parent / "hostile_program"
API = "/api/v1/miniprograms"
_REACH_BY_PEER = """async (address) => {
  const peer = new RTCPeerConnection({ iceServers: [{ urls: `stun:${address}` }] });
  peer.createDataChannel("control");
  await peer.setLocalDescription(await peer.createOffer());
}"""


@pytest.fixture(scope="module")
def outsider() -> Iterator[ThirdParty]:
    """Whom the hostile program tries to tell something."""
    with third_party() as found:
        yield found


@pytest.fixture(scope="module")
def program_server(
    built: None, outsider: ThirdParty, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A running house that has installed a hostile mini-program."""
    del built
    folder = tmp_path_factory.mktemp("programs")
    hostile = folder / "hostile"
    hostile.mkdir()
    for file in HOSTILE.iterdir():
        told = file.read_text().replace("THIRD_PARTY", outsider.address)
        (hostile / file.name).write_text(told)
    settings = {"wallet_rule_set": "open", "miniprograms": str(hostile)}
    with start_server(folder / "data", **settings) as running:
        yield running


@pytest.fixture
async def street(program_server: Server, browser: Browser) -> AsyncIterator[Town]:
    """Members of that house."""
    made = Town(program_server, browser)
    yield made
    # What is refused to a program is said in its frame's console.
    assert [one for one in made.troubles if not _is_refusal(one)] == []


def _is_refusal(text: str) -> bool:
    words = "Content.Security.Policy|sandbox|Blocked|Failed to load|frame|null|CORS"
    return bool(re.search(words, text))


async def _has_no_barriers(inside: FrameLocator, person: Person) -> None:
    frame = next(one for one in person.page.frames if "/miniprograms/files/" in one.url)
    await frame.evaluate(AXE.read_text())
    found = await frame.evaluate(
        """async () => (await axe.run(document, { runOnly: { type: "tag",
          values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] } }))
          .violations.map(({ id, nodes }) =>
            `${id}: ${nodes.map((one) => one.html).join(" | ")}`)"""
    )
    assert found == []
    await expect(inside.get_by_role("heading").first).to_be_visible()


def _inside(person: Person) -> FrameLocator:
    return person.page.frame_locator("iframe")


async def _ask(
    person: Person, method: str, path: str, body: dict[str, Any] | None = None
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {await token_of(person)}"}
    async with httpx.AsyncClient() as client:
        url = f"{person.town.server.url}{path}"
        return await client.request(method, url, json=body, headers=headers)


async def test_coffee_is_ordered_paid_and_made(  # noqa: PLR0915 - a story
    street: Town, tmp_path: Path
) -> None:
    owner = await street.member("barista")
    shop_id = await open_shop(street, owner)
    done = await _ask(owner, "PUT", f"{API}/shops/{shop_id}/menu", MENU)
    assert done.is_success, done.text
    guest = await street.member("guest", viewport=PHONE, color_scheme="dark")
    street.give(guest.user_id, 20_000)

    await guest.go("/discover")
    await guest.has_no_barriers()
    await guest.page.screenshot(path=tmp_path / "discover.png")
    await guest.page.get_by_role("link", name=re.compile("Coffee to order")).click()
    await guest.page.screenshot(path=tmp_path / "question.png")
    await expect(guest.page.get_by_role("dialog")).to_contain_text("Order at shops for you")
    await guest.has_no_barriers()
    await guest.button("Allow").click()
    inside = _inside(guest)
    await inside.get_by_role("button", name="Add: Latte").click()
    await inside.get_by_label(re.compile("Large")).check()
    await inside.get_by_label(re.compile("Oat")).check()
    await guest.page.screenshot(path=tmp_path / "options.png")
    await inside.get_by_role("button", name="Add", exact=True).click()
    await _has_no_barriers(inside, guest)
    await guest.page.screenshot(path=tmp_path / "menu.png")
    await inside.get_by_role("button", name=re.compile("Your order")).click()
    await inside.get_by_label("Name to call out").click()
    await guest.button("Allow").click()
    await expect(inside.get_by_label("Name to call out")).to_have_value(guest.name)
    await inside.get_by_label("A note to the shop").fill("Not too hot, please")
    await guest.page.screenshot(path=tmp_path / "cart.png")
    await inside.get_by_role("button", name="Order and pay · ¥34.00").click()
    await guest.button("Allow").click()
    sheet = guest.page.get_by_role("dialog")
    await expect(sheet).to_contain_text("Coffee to order asks for a payment")
    await guest.page.screenshot(path=tmp_path / "payment.png")
    await guest.button("Pay ¥34.00").click()
    await expect(inside.get_by_text("Thank you!")).to_be_visible()
    await expect(inside.get_by_text("Sent to the shop")).to_be_visible()

    await owner.go(f"/till/{shop_id}")
    await owner.page.get_by_role("link", name=re.compile("Orders")).click()
    order = owner.page.get_by_role("article", name="Order 1")
    await expect(order).to_contain_text("1 × Latte · Large · Oat")
    await expect(order).to_contain_text("Not too hot, please")
    await owner.has_no_barriers()
    await owner.page.screenshot(path=tmp_path / "counter.png")
    await owner.button("Accept").click()
    await expect(inside.get_by_text("Being made")).to_be_visible()
    await owner.button("It is ready").click()
    await expect(inside.get_by_text("Ready: come and get it")).to_be_visible()
    await owner.button("It was collected").click()
    await expect(inside.get_by_text("Collected")).to_be_visible()
    await guest.page.screenshot(path=tmp_path / "collected.png")

    await _change_the_menu(owner, shop_id, tmp_path)
    await guest.page.reload()
    await expect(inside.get_by_role("button", name="Add: Osmanthus oolong")).to_be_visible()
    await expect(inside.get_by_text("¥20.50")).to_be_visible()
    await expect(inside.get_by_role("button", name="Add: Latte")).to_have_count(0)
    await guest.page.screenshot(path=tmp_path / "menu-changed.png")

    # What was allowed is listed, and taken back in one step.
    await guest.page.get_by_role("link", name="About this mini-program").click()
    await expect(guest.page.get_by_role("switch", name=re.compile("See your name"))).to_be_checked()
    await guest.has_no_barriers()
    await guest.page.screenshot(path=tmp_path / "about.png")
    await guest.button("Take everything back").click()
    await expect(
        guest.page.get_by_role("switch", name=re.compile("See your name"))
    ).not_to_be_checked()


async def _change_the_menu(owner: Person, shop_id: str, tmp_path: Path) -> None:
    """Add an item in a new section, change its price, and say that another is sold out."""
    await owner.go(f"/till/{shop_id}")
    await owner.page.get_by_role("link", name=re.compile("^Menu")).click()
    await owner.has_no_barriers()
    await owner.button("Add an item").click()
    form = owner.page.get_by_role("dialog")
    await form.get_by_label("Section").select_option(label="A new section")
    for label, text in (
        ("Name in English", "Osmanthus oolong"),
        ("Name in Chinese", "桂花乌龙"),
        ("Price, CNY", "18"),
        ("Its name in English", "Of the season"),
        ("Its name in Chinese", "时令"),
    ):
        await form.get_by_label(label, exact=True).fill(text)
    await owner.has_no_barriers()
    await owner.page.screenshot(path=tmp_path / "item.png")
    await form.get_by_role("button", name="Save").click()
    item = owner.page.get_by_role("article", name="Osmanthus oolong")
    await expect(item).to_contain_text("桂花乌龙 · ¥18.00")
    await item.get_by_role("button").click()
    await form.get_by_label("Price, CNY").fill("20.50")
    await form.get_by_role("button", name="Save").click()
    await expect(owner.page.get_by_text("Osmanthus oolong: ¥18.00 → ¥20.50")).to_be_visible()
    latte = owner.page.get_by_role("article", name="Latte")
    await latte.get_by_role("switch").click()
    await expect(owner.page.get_by_text("Sold out: Latte")).to_be_visible()
    await expect(latte.get_by_role("switch")).to_be_checked()
    await owner.page.screenshot(path=tmp_path / "menu-page.png", full_page=True)


async def test_a_group_keeps_its_book_encrypted_and_settles(  # noqa: PLR0915 - a story
    street: Town, tmp_path: Path
) -> None:
    ada, omar = await street.member("ada"), await street.member("omar", viewport=PHONE)
    mei = await street.member("mei", locale="zh-CN", viewport=PHONE)
    for member in (ada, omar, mei):
        street.give(member.user_id, 50_000)
    await ada.start_group("Trip to the lake", [omar, mei])
    for member in (omar, mei):
        await member.go("/chats")
        await member.page.get_by_role("link", name=re.compile("Trip to the lake")).click()
        await member.button("Join", "加入").click()
        await expect(
            member.page.get_by_label(member.says("Message", "写消息"), exact=True)
        ).to_be_visible()
    await expect(
        ada.page.get_by_role("log").get_by_text(re.compile("mei.* joined"))
    ).to_be_visible()
    await ada.write("I keep the book.")

    for member in (ada, omar, mei):
        await member.plus("Mini-programs", "小程序")
        name = member.says("Shared expenses", "共同账本")
        await member.page.get_by_role("dialog").get_by_text(name, exact=True).click()
        await member.button("Allow", "允许").click()
        await expect(_inside(member).get_by_role("heading", name=name)).to_be_visible()
    book = _inside(ada)
    await book.get_by_role("button", name="Add an expense").click()
    await book.get_by_label("What for").fill("Boat with a secret name")
    await book.get_by_label("Amount", exact=True).fill("90")
    await _has_no_barriers(book, ada)
    await ada.page.screenshot(path=tmp_path / "form.png")
    await book.get_by_role("button", name="Save").click()
    await expect(book.get_by_text("Boat with a secret name")).to_be_visible()
    # The others hear of it at once.
    await expect(_inside(omar).get_by_text("Boat with a secret name")).to_be_visible()
    theirs = _inside(mei)
    await theirs.get_by_role("button", name="记一笔").click()
    await theirs.get_by_label("用途").fill("面条")
    await theirs.get_by_label("金额", exact=True).fill("30")
    await theirs.get_by_role("button", name="保存").click()
    await expect(theirs.get_by_test_id("settle")).to_contain_text("¥40.00")
    await mei.page.screenshot(path=tmp_path / "book-zh.png")

    pay = _inside(omar).get_by_role("button", name=re.compile("^Pay: omar.* → ada"))
    await expect(pay).to_be_visible()
    await pay.click()
    await omar.button("Allow").click()
    await omar.page.screenshot(path=tmp_path / "settle.png")
    await omar.button("Pay ¥40.00").click()
    await expect(_inside(omar).get_by_text(re.compile("paid back"))).to_be_visible()
    await expect(book.get_by_text(re.compile("omar.* paid back"))).to_be_visible()
    await expect(book.get_by_test_id("settle")).not_to_contain_text("omar")
    await ada.page.screenshot(path=tmp_path / "book.png")
    await _has_no_barriers(book, ada)
    async with ada.page.expect_download() as waiting:
        await book.get_by_role("button", name="Save as CSV").click()
    saved = await (await waiting.value).path()
    assert "Boat with a secret name,90.00,CNY" in _read(saved)
    # The server holds the book as ciphertext alone.
    assert street.places_that_hold("Boat with a secret name") == []

    await book.get_by_role("button", name="Undo: Boat with a secret name").click()
    await expect(_inside(omar).get_by_text("Boat with a secret name")).to_have_count(0)


async def test_a_hostile_program_gets_nothing(street: Town, outsider: ThirdParty) -> None:
    victim = await street.member("victim")
    street.give(victim.user_id, 10_000)
    await victim.go("/discover/open/org.example.hostile")
    inside = _inside(victim)

    await expect(inside.locator("#told")).to_contain_text("program")

    told = json.loads(await inside.locator("#told").inner_text())
    assert {name for name, found in told.items() if found != "failed"} == set()
    assert len(told) == 28
    assert outsider.heard == []
    # They would have heard it: from a page that nothing binds, the same gets through.
    await victim.page.evaluate(_REACH_BY_PEER, outsider.address)
    assert await asyncio.to_thread(outsider.has_heard.wait, STEP_MS / 1000)
    assert victim.page.url.endswith("/discover/open/org.example.hostile")
    frame = next(one for one in victim.page.frames if "/miniprograms/files/" in one.url)
    assert await frame.title() == "Hostile"
    # It may ask for payments; the member says no, and it gets none, and it cannot go elsewhere.
    await inside.get_by_role("button", name="Leave").click()
    await victim.button("Don't allow").first.click()
    await expect(victim.page.get_by_text("The mini-program was closed")).to_be_visible()
    with street.database() as db:
        assert db.look(_count_payments) == 1


def _read(file: Path) -> str:
    return file.read_text()


def _count_payments(read: Read) -> int:
    """Payments in the house: what the victim was given is the only one that is theirs."""
    found = read.conn.execute(
        sa.select(sa.func.count())
        .select_from(wallet_payment)
        .where(wallet_payment.c.minor == 10_000)
    )
    return int(found.scalar_one())

"""Takes the pictures of the web client in docs/images: `make screenshots`.

It runs a house of its own with a few people in it, so that pictures show what the code does. Every
page that the client has (`docs/routes.py`) is taken on a phone and on a laptop; a page without a
place in `docs/walk.py`, or one that is wider than a small phone, ends it.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import async_playwright, expect

from docs.walk import IMAGES, SETTLE_MS, Stage, shrink, walk
from teahouse.accounts import grant_role
from teahouse.iso20022 import AccountNumber
from teahouse.partner_bank import Account, PartnerBank, Terms
from teahouse.platform.clock import SystemClock
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Role
from tests.kit.server import start_server
from tests.web.browsers import CHROMIUM, LAPTOP, PASSWORD, PHONE, Person, Town
from tests.web.shops import open_shop, token_of

_HOUSE_IBAN = "DE89370400440532013000"
_ROLES: tuple[Role, ...] = ("operator", "moderator", "bank_officer", "auditor")
_keys = count(1)
# Calls are offered only where a TURN server is named; two browsers here need none.
_TURN = {"turn_uris": "turn:127.0.0.1:3478?transport=udp", "turn_shared_secret": "steep"}
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


async def main() -> None:
    """Take all pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        bank = _open_bank(Path(folder) / "bank")
        settings = {
            "wallet_rule_set": "open",
            "wallet_currencies": "CNY,EUR",
            "partner_bank_url": str(Path(folder) / "bank"),
            "partner_bank_accounts": f"EUR:{_HOUSE_IBAN}",
            "partner_bank_name": "Teahouse Cooperative",
            "partner_bank_bic": "COBADEFFXXX",
            **_TURN,
        }
        with start_server(Path(folder) / "data", **settings) as server:
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
                await _take(Town(server, browser), bank)
                await browser.close()
        bank.close()
    for picture in sorted(IMAGES.glob("*.png")):
        shrink(picture)


def _open_bank(folder: Path) -> PartnerBank:
    """A bank of the house's, that works when it is told to."""
    bank = PartnerBank(folder, Terms(), SystemClock())
    house = Account(_HOUSE_IBAN, Currency("EUR"), "Teahouse Cooperative", 0, is_customer=True)
    bank.open_account(AccountNumber(_HOUSE_IBAN, is_iban=True), house)
    return bank


async def _take(town: Town, bank: PartnerBank) -> None:
    door = await town.open(viewport=PHONE, device_scale_factor=2)
    await door.go("/sign-up")
    await door.page.get_by_label("Name", exact=True).fill("lin")
    await _shoot(door, "sign-up")

    lin = await _join(town, "lin", "Lin Yue", viewport=LAPTOP, device_scale_factor=2)
    bao = await _join(town, "bao", "Bao Chen", viewport=PHONE, device_scale_factor=2)
    mei = await _join(town, "mei", "梅子", viewport=PHONE, device_scale_factor=2, locale="zh-CN")
    for person in (lin, bao):
        town.give(person.user_id, 88_800)
    stage = Stage(member=bao, friend=lin, owner=mei, officer=await _make_officer(town))
    await _talk(lin, bao, mei)
    await _send_beside_text(lin, bao)
    await _pay(lin, bao)
    stage.places["shop"], stage.places["code"] = await _sell(town, mei, bao)
    stage.places["group"] = await _keep_order(lin, bao)
    await _discuss(lin, bao, stage)
    await _owe(bao, mei, stage)
    await _use_bank(bao, bank)
    await _look_around(bao, mei, lin)
    await walk(stage)
    await _open_accounts(town, lin)
    await _call(lin, bao)


async def _join(town: Town, name: str, shown: str, **screen: Any) -> Person:
    person = await town.open(**screen)
    await person.sign_up(name)
    await person.go("/me/profile")
    field = person.page.get_by_label(person.says("Name that others see", "别人看到的名字"))
    await expect(field).to_have_value(name)
    await field.fill(shown)
    await person.button("Save", "保存").click()
    await expect(
        person.page.get_by_role("status").get_by_text(person.says("Done", "完成"))
    ).to_be_visible()
    return person


async def _talk(lin: Person, bao: Person, mei: Person) -> None:
    await lin.start_group("Sunday tea · 周日茶会", [bao, mei])
    await lin.write("Shall we try the new place by the canal on Sunday? 🫖")
    for person in (bao, mei):
        await person.go("/chats")
        await person.page.get_by_role("link", name=re.compile("Sunday tea")).click()
        await person.button("Join", "加入").click()
    await mei.write("好啊！几点？")
    await bao.write("Three o'clock suits me.")
    await bao.write("https://canal-teas.example has their menu")
    await lin.start_chat(bao)
    await lin.write("Did the parcel from Wuyishan come?")
    await bao.accept_chat(lin)
    await bao.write("Yes, this morning. It smells of rain and stone.")
    await bao.write("I'll bring half of it over tonight.")
    await lin.message("I'll bring half").click(button="right")
    await lin.button("❤️").click()
    await lin.write("Wonderful. What do I owe you?")


async def _send_beside_text(lin: Person, bao: Person) -> None:
    await lin.plus("Poll", "投票")
    await lin.page.get_by_label("Question").fill("Which tea on Sunday?")
    for number, answer in enumerate(["Oolong from Wuyi", "Keemun"], start=1):
        await lin.page.get_by_label(f"Answer {number}", exact=True).fill(answer)
    await _shoot(lin, "poll-new")
    await lin.button("Start the poll").click()
    for person, answer in ((lin, "Keemun"), (bao, "Oolong from Wuyi")):
        vote = person.page.get_by_role("log").get_by_role("button", name=answer, exact=True)
        await vote.click()
    await bao.button("Emoji and stickers").click()
    await _shoot(bao, "emoji")
    await bao.page.get_by_role("radio", name="Stickers").click()
    await _shoot(bao, "stickers")
    await bao.button("Cheers!").click()
    await expect(lin.page.get_by_role("log").get_by_role("img", name="Cheers!")).to_be_visible()
    await _shoot(bao, "poll")
    chat = bao.page.url
    await bao.page.goto(f"{chat}/info")
    await bao.page.get_by_role("button", name="Disappearing messages").click()
    await _shoot(bao, "disappearing-messages")
    await bao.page.goto(f"{bao.town.server.url}/chats/search/tea")
    await expect(bao.page.get_by_role("list", name="Search messages")).to_be_visible()
    await _shoot(bao, "search")
    await bao.page.goto(chat)


async def _pay(lin: Person, bao: Person) -> None:
    await bao.plus("Request", "收款")
    await bao.page.get_by_label("Amount").fill("66")
    await bao.page.get_by_label("What for").fill("half the rock tea")
    await bao.button("Ask").click()
    await bao.button("Done").click()
    pay = lin.page.get_by_role("log").get_by_role("button", name="Pay")
    await pay.click()
    await expect(lin.message("Paid")).to_be_visible()
    await lin.plus("Red packet", "红包")
    await lin.page.get_by_label("Amount").fill("8.88")
    await lin.page.get_by_label("Greeting").fill("For the walk over here!")
    await _shoot(lin, "red-packet-give")
    await lin.button("Put ¥8.88 in").click()
    await expect(lin.message("For the walk")).to_be_visible()
    await _shoot(lin, "chat-laptop")
    await bao.page.get_by_role("button", name=re.compile("For the walk")).click()
    await bao.button("Open").click()
    await expect(bao.page.get_by_role("dialog").get_by_text("¥8.88").first).to_be_visible()
    await _shoot(bao, "red-packet")
    await bao.button("Close").click()
    await _shoot(bao, "chat-phone")
    await bao.page.emulate_media(color_scheme="dark")
    await _shoot(bao, "chat-dark")
    await bao.page.emulate_media(color_scheme="light")


async def _sell(town: Town, mei: Person, bao: Person) -> tuple[str, str]:
    """A purchase at the shop of one of them.

    Returns:
        The shop's id, and the code of another purchase that waits.
    """
    shop_id = await open_shop(town, mei)
    await mei.go(f"/till/{shop_id}")
    await mei.page.get_by_label("金额").fill("28")
    await mei.page.get_by_label("商品").fill("两杯茉莉花茶")
    await mei.page.get_by_role("button", name=re.compile("收款 ¥28")).click()
    path = (await mei.page.get_by_test_id("pay-path").inner_text()).partition("/pay/")[2]
    await _shoot(mei, "till-zh")
    stranger = await town.open(viewport=PHONE, device_scale_factor=2)
    await stranger.go(f"/pay/{path}")
    await _shoot(stranger, "pay-page-signed-out")
    await bao.go(f"/pay/{path}")
    await _shoot(bao, "pay-page")
    await bao.button("Pay ¥28.00").click()
    await expect(bao.page.get_by_text("Paid")).to_be_visible()
    await expect(mei.page.get_by_role("status").get_by_text("已付款").first).to_be_visible()
    wish = {"amount": {"minor": 3600, "currency": "CNY"}, "description": "茉莉花茶三杯"}
    waiting = await _ask(mei, f"/shops/{shop_id}/charges", wish)
    return shop_id, str(waiting["code"])


async def _keep_order(lin: Person, bao: Person) -> str:
    """A group's rules and log, a proven report, whom one has blocked."""
    await lin.go("/chats")
    await lin.page.get_by_role("link", name=re.compile("Sunday tea")).click()
    group = lin.page.url
    await lin.page.goto(f"{group}/info")
    await lin.page.get_by_label("Slow mode").select_option("60")
    await expect(lin.page.get_by_text("Done")).to_be_visible()
    await _shoot(lin, "group-rules")
    await lin.page.get_by_role("button", name=re.compile("Bao Chen")).click()
    await lin.button("Remove and ban").click()
    await _shoot(lin, "group-ban")
    await lin.page.goto(f"{group}/log")
    await expect(lin.page.get_by_text("set slow mode")).to_be_visible()
    await _shoot(lin, "group-log")
    await bao.go("/chats")
    await bao.page.get_by_role("link", name=re.compile("Sunday tea")).click()
    await bao.message("Shall we try").first.click(button="right")
    await bao.button("Report this message").click()
    await _shoot(bao, "report-message")
    await bao.button("Report").click()
    await expect(bao.page.get_by_text("Reported. Thank you.")).to_be_visible()
    return group.removeprefix(lin.town.server.url)


async def _discuss(lin: Person, bao: Person, stage: Stage) -> None:
    """A thread and a pin in the chat of two."""
    await bao.go("/chats")
    await bao.page.get_by_role("link", name=re.compile("Lin Yue")).first.click()
    stage.places["chat"] = bao.page.url.removeprefix(bao.town.server.url)
    stage.places["friend"] = f"/contacts/{lin.user_id}"
    await bao.message("Did the parcel").first.click(button="right")
    await bao.button("Pin").click()
    await bao.message("Did the parcel").first.click(button="right")
    await bao.button("Reply in a thread").click()
    beside = bao.page.get_by_label("Reply in the thread", exact=True)
    await beside.fill("It says Wuyishan, 12 November.")
    await beside.press("Enter")
    await expect(bao.page.get_by_text("It says Wuyishan").last).to_be_visible()
    stage.places["thread"] = bao.page.url.removeprefix(bao.town.server.url)


def _tomorrow() -> str:
    today = datetime.fromtimestamp(SystemClock().now_ms() / 1000, UTC).date()
    return (today + timedelta(days=1)).isoformat()


async def _ask(person: Person, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask the server for something past the pages."""
    headers = {
        "Authorization": f"Bearer {await token_of(person)}",
        "Idempotency-Key": f"picture-{next(_keys)}",
    }
    url = f"{person.town.server.url}/api/v1/wallet{path}"
    async with httpx.AsyncClient() as client:
        answer = await client.post(url, json=body, headers=headers)
    assert answer.is_success, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _make_officer(town: Town) -> Person:
    """One of the staff, with every role."""
    olga = await _join(town, "olga", "Olga", viewport=PHONE, device_scale_factor=2)
    with town.database() as db:
        for role in _ROLES:
            db.run(grant_role, olga.user_id, role, by=None)
    # With its next change the server sees that somebody else wrote, and forgets what it knew.
    await olga.create_open_room("Office")
    return olga


async def _owe(bao: Person, mei: Person, stage: Stage) -> None:
    """A subscription that was asked for, and a purchase that went wrong."""
    terms = {
        "charge_max": {"minor": 3000, "currency": "CNY"},
        "amount": {"minor": 2500, "currency": "CNY"},
        "period": "month",
        "start_on": _tomorrow(),
        "notice_days": 3,
        "description_en": "A tea of the month",
        "description_zh": "每月一茶",
    }
    proposal = {"terms": terms, "payer": bao.user_id, "key": "tea-of-the-month"}
    await _ask(mei, f"/shops/{stage.places['shop']}/mandates", proposal)
    await bao.go("/me/history")
    await bao.page.get_by_text("−¥28.00").click()
    await _shoot(bao, "receipt")
    await bao.button("Something went wrong").click()
    await bao.page.get_by_label("What went wrong").select_option("wrong_amount")
    await bao.page.get_by_label("What you want back (CNY)").fill("5")
    await bao.page.get_by_label("What happened").fill("The board said twenty-three.")
    await bao.button("Open the dispute").click()
    await expect(bao.page.get_by_test_id("dispute")).to_be_visible()


async def _use_bank(bao: Person, bank: PartnerBank) -> None:
    """An account whose holder the bank nearly knows, and money that came by reference."""
    await bao.go("/me/pay-in")
    await bao.button("Show the bank details").click()
    reference = bao.page.get_by_text(re.compile(r"^RF\d\d "))
    named = (await reference.inner_text()).replace(" ", "")
    await bao.go("/me/banks")
    await bao.button("Link a bank account").click()
    await bao.page.get_by_label("IBAN or account number").fill("DE28370400440000550031")
    await bao.page.get_by_label("Bank", exact=True).fill("West Bank")
    await bao.page.get_by_label("Name of the holder").fill("Bao Chen")
    await bao.page.get_by_label("Currency").select_option("EUR")
    await _shoot(bao, "bank-link")
    await bao.button("Link").click()
    await expect(bao.page.get_by_test_id("bank")).to_be_visible()
    bank.pay_in(
        _HOUSE_IBAN, Money(12_000, Currency("EUR")), name="Bao Chen", text="", reference=named
    )
    for _ in range(40):
        bank.work()
        await bao.page.wait_for_timeout(500)
        if await bao.page.get_by_text("Almost the same name").count():
            break
    await expect(bao.page.get_by_text("Almost the same name")).to_be_visible()


async def _look_around(bao: Person, mei: Person, lin: Person) -> None:
    """What the walk does not show: Chinese, and an archive being made."""
    for path, name in (("/chats", "chats-zh"), ("/me/wallet", "wallet-zh"), ("/me", "me-zh")):
        await mei.go(path)
        await _shoot(mei, name)
    for person, name in ((bao, "take-away"), (mei, "take-away-zh")):
        await person.go("/me/privacy/export")
        await person.button("Make my archive", "生成我的归档").click()
        ready = person.page.get_by_text(person.says("Ready", "可下载"), exact=True)
        await expect(ready).to_be_visible()
        await _shoot(person, name)
    await lin.page.emulate_media(color_scheme="dark")
    await lin.go("/chats")
    await lin.page.get_by_role("link", name=re.compile("Sunday tea")).click()
    await _shoot(lin, "chat-laptop-dark")


async def _open_accounts(town: Town, lin: Person) -> None:
    stranger = await town.open(viewport=PHONE, device_scale_factor=2)
    await stranger.go("/sign-in")
    await _shoot(stranger, "sign-in")
    await stranger.go("/sign-in/app?redirectUrl=https%3A%2F%2Felement.example%2F")
    await stranger.page.get_by_label("Name", exact=True).fill(lin.name)
    await stranger.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await stranger.button("Sign in").click()
    await expect(stranger.button("Yes, go on")).to_be_visible()
    await _shoot(stranger, "sign-in-to-an-app")
    other = await town.open(viewport=PHONE, device_scale_factor=2)
    await other.sign_in(lin.name)
    await other.go("/me/security")
    await other.button("With another device").click()
    await lin.button("Start").click()
    await expect(other.button("Scan the other device's code")).to_be_visible()
    await _shoot(other, "verify-by-code")
    await other.button("Close").click()
    await lin.page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    await lin.page.emulate_media(color_scheme="light")
    await lin.go("/me/security")
    await lin.page.get_by_text("Set up one-time codes").click()
    await lin.button("Continue").click()
    await _shoot(lin, "is-it-you")
    question = lin.page.get_by_role("dialog", name="Is it you?")
    await question.get_by_label("Password", exact=True).fill(PASSWORD)
    await question.get_by_role("button", name="Continue").click()
    await expect(lin.page.get_by_test_id("totp-secret")).to_be_visible()
    await _shoot(lin, "one-time-codes")
    await lin.button("Close").click()


async def _call(lin: Person, bao: Person) -> None:
    for person, shown in ((lin, "Bao Chen"), (bao, "Lin Yue")):
        await person.go("/chats")
        await person.page.get_by_role("link", name=re.compile(shown)).first.click()
    await lin.button("Video call").click()
    await expect(bao.button("Accept with video")).to_be_visible()
    await _shoot(bao, "call-incoming")
    await bao.button("Accept with video").click()
    await expect(bao.page.get_by_label("Your camera")).to_be_visible()
    await _shoot(lin, "call-laptop")
    await lin.button("Hang up").click()


async def _shoot(person: Person, name: str) -> None:
    # What shows under a mouse is nothing that a phone shows.
    await person.page.mouse.move(0, 0)
    await person.page.wait_for_timeout(SETTLE_MS)
    size = person.page.viewport_size
    is_phone = size is not None and size["width"] == PHONE["width"]
    # A phone's letters are small: sharper than on a laptop, where they would take too much room.
    await person.page.screenshot(path=IMAGES / f"{name}.png", scale="device" if is_phone else "css")


if __name__ == "__main__":
    asyncio.run(main())

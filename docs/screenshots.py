"""Takes the pictures of the web client in docs/images: `make screenshots`.

It runs a house of its own with a few people in it, so that pictures show what the code does.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright, expect

from tests.kit.server import start_server
from tests.web.browsers import CHROMIUM, LAPTOP, PASSWORD, PHONE, Person, Town
from tests.web.shops import open_shop

IMAGES = Path(__file__).parent / "images"
# Long enough for a picture to be decrypted and for letters to be drawn.
SETTLE_MS = 900
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
    with (
        tempfile.TemporaryDirectory() as folder,
        start_server(Path(folder) / "data", wallet_rule_set="open", **_TURN) as server,
    ):
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
            await _take(Town(server, browser))
            await browser.close()


async def _take(town: Town) -> None:
    door = await town.open(viewport=PHONE, device_scale_factor=2)
    await door.go("/sign-up")
    await door.page.get_by_label("Name", exact=True).fill("lin")
    await _shoot(door, "sign-up")

    lin = await _join(town, "lin", "Lin Yue", viewport=LAPTOP)
    bao = await _join(town, "bao", "Bao Chen", viewport=PHONE, device_scale_factor=2)
    mei = await _join(town, "mei", "梅子", viewport=PHONE, device_scale_factor=2, locale="zh-CN")
    for person in (lin, bao):
        town.give(person.user_id, 88_800)
    await _talk(lin, bao, mei)
    await _send_beside_text(lin, bao)
    await _pay(lin, bao)
    await _sell(town, mei, bao)
    await _keep_order(lin, bao)
    await _look_around(lin, bao, mei)
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


async def _sell(town: Town, mei: Person, bao: Person) -> None:
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


async def _keep_order(lin: Person, bao: Person) -> None:
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
    await bao.go("/me/reports")
    await expect(bao.page.get_by_text("checked by the server")).to_be_visible()
    await _shoot(bao, "reports")


async def _look_around(lin: Person, bao: Person, mei: Person) -> None:
    visits: list[tuple[Person, str, str]] = [
        (bao, "/chats", "chats-phone"),
        (bao, "/me", "me"),
        (bao, "/me/wallet", "wallet"),
        (bao, "/me/pay-code", "pay-code"),
        (bao, "/me/scan", "scan"),
        (bao, "/me/code", "my-code"),
        (bao, "/me/security", "security"),
        (bao, "/me/devices", "devices"),
        (bao, "/me/appearance", "appearance"),
        (bao, "/me/privacy/erase", "erase"),
        (bao, "/contacts", "contacts"),
        (bao, "/discover", "discover"),
        (bao, "/discover/about/org.teahouse.coffee", "mini-program"),
        (mei, "/chats", "chats-zh"),
        (mei, "/me/wallet", "wallet-zh"),
        (lin, "/me/wallet", "wallet-laptop"),
    ]
    for person, path, name in visits:
        await person.go(path)
        await _shoot(person, name)
    for person, name in ((bao, "take-away"), (mei, "take-away-zh")):
        await person.go("/me/privacy/export")
        await person.button("Make my archive", "生成我的归档").click()
        ready = person.page.get_by_text(person.says("Ready", "可下载"), exact=True)
        await expect(ready).to_be_visible()
        await _shoot(person, name)
    await bao.go("/me/privacy/import")
    await _shoot(bao, "bring-along")
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
    await person.page.wait_for_timeout(SETTLE_MS)
    await person.page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(main())

"""What can be done with words in an encrypted room: formatting, names, threads, pins."""

import re
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from playwright.async_api import Locator, expect

from tests.web.browsers import PASSWORD, PHONE, Person, Town

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("browsers")]

SMALL = {"locale": "zh-CN", "viewport": {"width": 360, "height": 700}}


async def _circle(town: Town, **screen: Any) -> tuple[Person, Person]:
    """A group of three: its owner, a member, and somebody who has not come yet."""
    lin = await town.member("lin", **screen)
    bao = await town.member("bao", **{"viewport": PHONE, **screen})
    absent = Person(town, lin.context, lin.page, "en", _register(town, f"absent-{lin.name}"))
    await lin.start_group("Tea circle", [bao, absent])
    await _enter(bao)
    await bao.button("Join", "加入").click()
    await expect(lin.message(bao.says("joined", "加入"))).to_be_visible()
    return lin, bao


def _register(town: Town, name: str) -> str:
    """A member without a browser."""
    body = {"username": name, "password": PASSWORD, "auth": {"type": "m.login.dummy"}}
    answer = httpx.post(f"{town.server.url}/_matrix/client/v3/register", json=body)
    answer.raise_for_status()
    return name


async def _enter(who: Person) -> None:
    await who.go("/chats")
    await who.page.get_by_role("link", name=re.compile("Tea circle")).first.click()


def _side(who: Person) -> Locator:
    """What stands beside the chat, or over it."""
    return who.page.get_by_role("complementary")


def _field(who: Person) -> Locator:
    return who.page.get_by_label(who.says("Message", "写消息"), exact=True)


async def _do(who: Person, text: str, deed: str) -> None:
    """Choose something from a message's menu."""
    await who.message(text).first.click(button="right")
    await who.page.get_by_role("dialog").get_by_text(deed, exact=True).click()


async def _answer(who: Person, text: str) -> None:
    """Write into the thread that is open."""
    await _side(who).get_by_label(who.says("Reply in the thread", "在话题中写回复")).fill(text)
    await _side(who).get_by_role("button", name=who.says("Send", "发送"), exact=True).click()
    said = _side(who).get_by_role("log").get_by_text(text.replace("*", ""))
    await expect(said.last).to_be_visible()


async def test_words_are_formatted_and_what_a_stranger_formats_does_no_harm(town: Town) -> None:
    lin, bao = await _circle(town)
    await _field(lin).fill("Warm the **second** pot, `95 °C`\n\n- Oolong\n- Keemun")
    await lin.page.keyboard.press("Enter")
    await _field(lin).fill("slowly")
    await lin.page.keyboard.press("Control+a")
    await lin.page.keyboard.press("Control+i")
    await expect(_field(lin)).to_have_value("_slowly_")
    await lin.page.keyboard.press("Control+z")
    await expect(_field(lin)).to_have_value("slowly")
    await lin.page.keyboard.press("Control+Shift+z")
    await expect(_field(lin)).to_have_value("_slowly_")
    await lin.page.keyboard.press("End")
    await lin.page.keyboard.type(" now")
    await lin.page.keyboard.press("Enter")

    for who in (lin, bao):
        log = who.page.get_by_role("log")
        await expect(log.locator("strong", has_text="second")).to_be_visible()
        await expect(log.locator("code", has_text="95 °C")).to_be_visible()
        await expect(log.get_by_role("listitem").filter(has_text="Keemun")).to_be_visible()
        await expect(log.locator("em", has_text="slowly")).to_be_visible()
    assert town.places_that_hold("Warm the") == []

    await lin.button("Formatting").click()
    await lin.button("Quote").click()
    await expect(_field(lin)).to_have_value("> ")
    await lin.button("Undo").click()
    await expect(_field(lin)).to_have_value("")
    await expect(lin.button("Undo")).to_be_disabled()
    await lin.button("Redo").click()
    await expect(_field(lin)).to_have_value("> ")
    await lin.page.keyboard.type("who said it")
    await lin.has_no_barriers()
    await lin.page.keyboard.press("Enter")
    await expect(bao.page.locator("blockquote", has_text="who said it")).to_be_visible()

    html = (
        '<mx-reply>old</mx-reply><b onclick="x()">tall</b> <img src="https://elsewhere.example/x">'
        '<script>document.title = "taken"</script><a href="javascript:alert(1)">harmless</a>'
    )
    content = {"msgtype": "m.text", "body": "tall", "formatted_body": html}
    room_id = unquote(bao.page.url.rpartition("/")[2])
    await bao.send(room_id, content | {"format": "org.matrix.custom.html"})
    await expect(lin.page.get_by_role("log").locator("b", has_text="tall")).to_be_visible()
    await expect(lin.message("harmless")).to_be_visible()
    await expect(lin.page.get_by_role("log").locator("img, script, a, [onclick]")).to_have_count(0)
    assert "taken" not in await lin.page.title()


async def test_somebody_is_named_and_sees_it_in_the_list(town: Town) -> None:
    lin, bao = await _circle(town)
    await bao.go("/chats")
    badge = bao.page.get_by_role("img", name="You are mentioned")
    await expect(bao.page.get_by_role("link", name=re.compile("Tea circle"))).to_be_visible()

    await _field(lin).press_sequentially("Will you come, @ba")
    await expect(lin.page.get_by_role("option", name=re.compile(bao.name))).to_be_visible()
    await lin.page.keyboard.press("Enter")
    await expect(_field(lin)).to_have_value(f"Will you come, @{bao.name} ")
    await lin.page.keyboard.press("Enter")
    await expect(badge).to_be_visible()
    await _enter(bao)
    await expect(
        bao.page.get_by_role("log").get_by_role("link", name=f"@{bao.name}")
    ).to_be_visible()
    await expect(lin.page.get_by_label("Seen").first).to_be_visible()
    await bao.go("/chats")
    await expect(badge).to_have_count(0)

    # Whoever owns the group may call everybody; a plain member may not.
    await _field(lin).press_sequentially("@roo")
    await lin.page.keyboard.press("ArrowDown")
    await lin.page.keyboard.press("Tab")
    await lin.page.keyboard.type("the water boils")
    await lin.page.keyboard.press("Enter")
    await expect(badge).to_be_visible()
    await _enter(bao)
    await _field(bao).press_sequentially("@roo")
    await expect(bao.page.get_by_role("option")).to_have_count(0)
    await _field(bao).fill("")


async def test_a_thread_stands_beside_the_chat(town: Town) -> None:
    lin, bao = await _circle(town)
    await lin.write("Which kettle for Sunday?")
    await expect(bao.message("Which kettle")).to_be_visible()
    await _do(bao, "Which kettle", "Reply in a thread")
    await _answer(bao, "The iron one")

    chat = lin.page.get_by_role("log", name="Messages")
    await expect(
        chat.get_by_role("button", name=re.compile("1 reply.*1 unread reply"))
    ).to_be_visible()
    await expect(chat.get_by_text("The iron one", exact=True)).to_have_count(0)
    await chat.get_by_role("button", name=re.compile("1 reply")).click()
    await expect(_side(lin).get_by_text("The iron one", exact=True)).to_be_visible()
    await _answer(lin, "It is heavy, **very**")
    await expect(_side(bao).locator("strong", has_text="very")).to_be_visible()
    await expect(chat.get_by_role("button", name=re.compile("2 replies"))).to_be_visible()
    await expect(chat.get_by_text("unread")).to_have_count(0)
    for who in (lin, bao):
        await who.has_no_barriers()

    # An answer, a reaction and an edit stay in the thread; it is there after a new start.
    await _side(lin).get_by_text("The iron one", exact=True).click(button="right")
    await lin.button("🫖").click()
    await expect(_side(bao).get_by_role("button", name="🫖: 1 person")).to_be_visible()
    await bao.page.reload()
    await expect(_side(bao).get_by_text("Which kettle for Sunday?")).to_be_visible()
    await expect(_side(bao).locator("strong", has_text="very")).to_be_visible()
    await _side(bao).get_by_role("button", name="Back").click()
    await expect(_field(bao)).to_be_visible()
    await bao.page.get_by_role("link", name="Threads").click()
    await _side(bao).get_by_role("link", name=re.compile("Which kettle.*2 replies")).click()
    await expect(_side(bao).get_by_text("The iron one", exact=True)).to_be_visible()
    assert town.places_that_hold("The iron one") == []


async def test_a_pinned_message_is_found_again(town: Town) -> None:
    lin, bao = await _circle(town)
    await lin.write("The gate's code is 4471")
    for number in range(30):
        await lin.page.evaluate("() => 0")
        await _field(lin).fill(f"leaf {number}")
        await lin.page.keyboard.press("Enter")
    await expect(bao.message("leaf 29")).to_be_visible()
    await lin.message("leaf 29").wait_for()
    await lin.page.get_by_role("log").focus()
    await lin.page.keyboard.press("Home")
    await _do(lin, "The gate", "Pin")

    banner = bao.page.get_by_role("region", name="Pinned messages")
    await expect(banner).to_contain_text("The gate's code is 4471")
    await expect(bao.message("The gate's code")).not_to_be_in_viewport()
    await banner.get_by_role("button").click()
    await expect(bao.message("The gate's code")).to_be_in_viewport()
    await banner.get_by_role("link", name="All pinned messages (1)").click()
    await expect(_side(bao).get_by_text("The gate's code is 4471")).to_be_visible()
    await expect(_side(bao).get_by_role("button", name="Unpin")).to_have_count(0)
    await bao.has_no_barriers()
    await lin.page.get_by_role("link", name="All pinned messages (1)").click()
    await _side(lin).get_by_role("button", name="Unpin").click()
    await expect(_side(lin).get_by_text("Nothing is pinned")).to_be_visible()
    await expect(banner).to_have_count(0)


async def test_the_same_in_chinese_at_360_pixels(town: Town) -> None:
    lin, bao = await _circle(town, **SMALL)
    await _field(lin).fill(f"请@{bao.name[:2]}")
    await lin.page.get_by_role("option", name=re.compile(bao.name)).click()
    await _field(lin).press_sequentially("带上**铁壶**")
    await lin.button("Send", "发送").click()
    await expect(bao.page.get_by_role("log").locator("strong", has_text="铁壶")).to_be_visible()
    await expect(
        bao.page.get_by_role("log").get_by_role("link", name=f"@{bao.name}")
    ).to_be_visible()

    await _do(bao, "带上", "在话题中回复")
    await _answer(bao, "好的，周日见")
    await lin.page.get_by_role("button", name=re.compile("1 条回复")).click()
    await _answer(lin, "三点")
    await expect(_side(bao).get_by_text("三点")).to_be_visible()
    await _side(lin).get_by_role("button", name="返回").click()
    await _do(lin, "带上", "置顶")
    await _side(bao).get_by_role("button", name="返回").click()
    await expect(bao.page.get_by_role("region", name="置顶消息")).to_contain_text("铁壶")
    for who in (lin, bao):
        wide = await who.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360
        await who.has_no_barriers()

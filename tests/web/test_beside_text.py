"""What members send beside text, each in a browser of their own and encrypted."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Locator, Request, async_playwright, expect

from tests.kit.server import Server
from tests.web.browsers import CHROMIUM, PHONE, Person, Town

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("browsers")]


async def _talk(town: Town, **screen: Any) -> tuple[Person, Person]:
    """Two members in an encrypted chat, one of them on a phone."""
    lin = await town.member("lin", **screen)
    bao = await town.member("bao", **{"viewport": PHONE, **screen})
    await lin.start_chat(bao)
    await bao.accept_chat(lin)
    return lin, bao


async def _ask(who: Person, question: str, answers: list[str], *switches: str) -> None:
    await who.plus("Poll", "投票")
    await who.page.get_by_label("Question").fill(question)
    for number, answer in enumerate(answers, start=1):
        if number > 2:
            await who.button("Add an answer").click()
        await who.page.get_by_label(f"Answer {number}", exact=True).fill(answer)
    for switch in switches:
        await who.page.get_by_role("switch", name=switch).check()
    await who.button("Start the poll").click()


def _vote(who: Person, name: str) -> Locator:
    """The button of an answer, by its text and what it has."""
    return who.page.get_by_role("log").get_by_role("button", name=name, exact=True)


async def test_a_poll_is_voted_on_changed_and_closed(town: Town) -> None:
    lin, bao = await _talk(town)
    await _ask(lin, "Which tea on Sunday?", ["Oolong", "Keemun", "Pu'er"])

    await _vote(bao, "Oolong").click()
    await expect(_vote(bao, "Oolong 1 vote, 100%")).to_be_visible()
    # Who has not voted is told how many have, and not for what.
    await expect(lin.message("1 vote")).to_be_visible()
    await _vote(lin, "Keemun").click()
    await expect(_vote(lin, "Oolong 1 vote, 50%")).to_be_visible()
    await _vote(bao, "Keemun 1 vote, 50%").click()
    await expect(_vote(lin, "Keemun 2 votes, 100%")).to_be_visible()
    await expect(_vote(lin, "Oolong 0 votes, 0%")).to_be_visible()
    await lin.has_no_barriers()
    # What came before this page was opened is fetched again.
    await bao.page.reload()
    await expect(_vote(bao, "Keemun 2 votes, 100%")).to_be_visible()

    await lin.button("Close the poll").click()
    await lin.page.get_by_role("dialog").get_by_role("button", name="Close the poll").click()
    for who in (lin, bao):
        await expect(who.message("Closed: 2 votes")).to_be_visible()
        await expect(who.page.get_by_role("listitem").filter(has_text="Keemun")).to_contain_text(
            "100%"
        )
        await expect(_vote(who, "Keemun 2 votes, 100%")).to_have_count(0)

    await _ask(bao, "When?", ["Noon", "Three", "Five"], "Several answers", "Show results only")
    await _vote(lin, "Noon").click()
    await _vote(lin, "Five").click()
    await expect(bao.message("1 person has voted")).to_be_visible()
    for name in ("Noon", "Five"):
        await expect(_vote(lin, name)).to_have_attribute("aria-pressed", "true")
    await bao.button("Close the poll").click()
    await bao.page.get_by_role("dialog").get_by_role("button", name="Close the poll").click()
    await expect(lin.page.get_by_role("listitem").filter(has_text="Five")).to_contain_text("100%")
    for text in ("Which tea on Sunday", "Keemun"):
        assert town.places_that_hold(text) == []


async def test_emoji_and_stickers_are_chosen_and_arrive(town: Town) -> None:
    lin, bao = await _talk(town)
    await lin.button("Emoji and stickers").click()
    await lin.page.get_by_label("Search emoji", exact=True).first.fill("teapot")
    await lin.page.get_by_role("button", name="teapot", exact=True).click()
    await lin.has_no_barriers()
    await lin.page.keyboard.press("Enter")
    await expect(bao.message("🫖")).to_be_visible()

    # Any emoji can be a reaction, not only the usual ones.
    await bao.message("🫖").click(button="right")
    await bao.button("More emoji").click()
    await bao.page.get_by_label("Search emoji", exact=True).first.fill("dragon")
    await bao.page.get_by_role("button", name="dragon", exact=True).click()
    await expect(lin.page.get_by_role("button", name="🐉: 1 person")).to_be_visible()

    await bao.button("Emoji and stickers").click()
    await bao.page.get_by_role("radio", name="Stickers").click()
    await bao.has_no_barriers()
    await bao.button("The tea has gone cold").click()
    sticker = lin.page.get_by_role("log").get_by_role("img", name="The tea has gone cold")
    await expect(sticker).to_be_visible()
    assert await sticker.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320
    assert town.places_that_hold("gone cold") == []


async def test_a_place_is_sent_once_it_was_turned_on_and_shown_without_a_map(town: Town) -> None:
    here = {"geolocation": {"latitude": 30.24567, "longitude": 120.15432}}
    lin, bao = await _talk(town, **here)
    await lin.button("More").click()
    await expect(lin.button("Poll")).to_be_visible()
    await expect(lin.button("Location")).to_have_count(0)
    chat = lin.page.url
    await lin.page.goto(f"{town.server.url}/me/appearance")
    await lin.page.get_by_role("switch", name="Let me send my location").check()
    await lin.page.goto(chat)

    await lin.plus("Location", "位置")
    await lin.button("Find out where I am").click()
    await expect(lin.page.get_by_role("alert")).to_contain_text(
        "does not tell Teahouse where you are"
    )
    await lin.context.grant_permissions(["geolocation"])
    await lin.button("Find out where I am").click()
    await expect(lin.page.get_by_text("30.24567° N, 120.15432° E")).to_be_visible()
    await lin.page.get_by_role("switch", name="Round it").check()
    await lin.page.get_by_label("What is there").fill("The stall by the lake")
    await lin.has_no_barriers()
    await lin.page.get_by_role("dialog").get_by_role("button", name="Send").click()

    await expect(bao.message("The stall by the lake")).to_be_visible()
    await expect(bao.message("30.25000° N, 120.15000° E")).to_be_visible()
    link = bao.page.get_by_role("link", name="Open in a map app")
    await expect(link).to_have_attribute("href", "geo:30.25,120.15;u=1000")
    await expect(bao.button("How far from me?")).to_have_count(0)
    await bao.has_no_barriers()
    assert town.places_that_hold("geo:30") == []


async def _set_disappearing(who: Person, label: str) -> None:
    await who.page.get_by_role("log").wait_for()
    chat = who.page.url
    await who.page.goto(f"{chat}/info")
    await who.page.get_by_role("button", name="Disappearing messages").click()
    await who.page.get_by_role("dialog").get_by_role("button", name=label).click()
    await expect(who.page.get_by_role("button", name="Disappearing messages")).to_contain_text(
        label
    )
    await who.page.goto(chat)


async def test_messages_disappear_on_time_by_the_rule_under_which_they_were_sent(
    town: Town,
) -> None:
    lin, bao = await _talk(town)
    await lin.write("This one stays")
    await _set_disappearing(lin, "1 hour")
    for who in (lin, bao):
        await expect(who.message("made new messages disappear after 1 hour")).to_be_visible()
    await lin.has_no_barriers()
    await bao.write("This one goes")
    await expect(lin.message("This one goes")).to_be_visible()

    # An hour later, by the clock of this page. Timers that run already keep the true clock, so the
    # page plans anew, as it does when a laptop wakes up.
    await lin.page.clock.install()
    await lin.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    await lin.page.clock.run_for(1000)
    await lin.page.clock.fast_forward("59:00")
    await expect(lin.message("This one goes")).to_be_visible()
    await lin.page.clock.fast_forward("01:05")
    await expect(lin.message("This one goes")).to_have_count(0)
    await expect(lin.message("This one stays")).to_be_visible()
    await expect(bao.message("This one goes")).to_be_visible()
    await _set_disappearing(bao, "Off")
    await expect(bao.message("turned disappearing messages off")).to_be_visible()
    town.troubles.clear()  # a request that waits for news does not like an hour in a moment


async def test_what_was_said_is_found_on_the_device_alone(town: Town) -> None:
    lin, bao = await _talk(town)
    await lin.write("The recipe is under the blue teapot")
    await bao.write("周日下午三点在老地方喝茶")
    await lin.start_group("Garden", [bao])
    await lin.write("Blue flowers for the garden")

    await lin.go("/chats")
    await lin.page.get_by_label("Search", exact=True).fill("blue")
    await lin.page.get_by_role("link", name="Search messages").click()
    results = lin.page.get_by_role("list", name="Search messages").get_by_role("link")
    await expect(results).to_have_count(2)
    await expect(lin.page.locator("mark").first).to_have_text("Blue")
    await lin.has_no_barriers()
    field = lin.page.get_by_label("Search all messages")
    await field.fill("喝茶")
    await expect(results).to_have_count(1)
    await field.fill("nobody said this")
    await expect(lin.page.get_by_text("No message says that")).to_be_visible()
    await field.fill("recipe")
    await results.first.click()
    await expect(lin.message("The recipe is under")).to_be_visible()

    # A deleted message is not found, in this chat or elsewhere; what is kept lasts.
    await lin.message("The recipe is under").click(button="right")
    await lin.page.get_by_role("dialog").get_by_text("Delete", exact=True).click()
    await lin.button("Delete").click()
    await expect(lin.message("Message deleted")).to_be_visible()
    await lin.page.goto(f"{town.server.url}/chats/search/blue")
    await expect(results).to_have_count(1)
    await lin.page.goto(f"{town.server.url}/chats/search/teapot")
    await expect(lin.page.get_by_text("No message says that")).to_be_visible()
    stored = """async () => {
      const names = (await indexedDB.databases()).map(({ name }) => name);
      if (!names.includes("teahouse-search")) return null;
      const db = await new Promise((done) => {
        const request = indexedDB.open("teahouse-search");
        request.onsuccess = () => done(request.result);
      });
      const all = await new Promise((done) => {
        const request = db.transaction("messages").objectStore("messages").getAll();
        request.onsuccess = () => done(request.result);
      });
      db.close();
      return all.map(({ box }) => new TextDecoder("latin1").decode(box)).join();
    }"""
    sealed = await lin.page.evaluate(stored)
    while not sealed:  # what comes is written together, a moment later
        await lin.page.wait_for_timeout(200)
        sealed = await lin.page.evaluate(stored)
    assert "flowers" not in sealed
    await lin.go("/me")
    await lin.page.get_by_text("Sign out").click()
    await lin.page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    await expect(lin.button("Sign in")).to_be_visible()
    assert await lin.page.evaluate(stored) is None


async def test_who_turned_it_off_tells_nobody_of_reading_and_typing(town: Town) -> None:
    lin, bao = await _talk(town)
    asked: list[str] = []

    def listen(request: Request) -> None:
        asked.append(f"{request.method} {request.url} {request.post_data or ''}")

    # Playwright takes functions of Python's own only.
    bao.page.on("request", listen)
    chat = bao.page.url
    await bao.page.goto(f"{town.server.url}/me/appearance")
    await bao.page.get_by_role("switch", name="Tell others what I have read").uncheck()
    await bao.page.get_by_role("switch", name="Show others that I am typing").uncheck()
    await bao.page.goto(chat)
    await expect(bao.message("joined")).to_be_visible()
    # The unread count is the member's own: for it a receipt goes that others are not shown.
    async with bao.page.expect_request(re.compile("/receipt/m.read.private/")):
        await lin.write("Have you read this?")
        await expect(bao.message("Have you read this?")).to_be_visible()
    await bao.page.get_by_label("Message", exact=True).press_sequentially("No", delay=30)
    await expect(lin.page.get_by_label("Seen")).to_have_count(0)
    await expect(lin.page.get_by_text("is typing")).to_have_count(0)
    assert not any("/receipt/m.read/" in each or "/typing/" in each for each in asked)


@pytest.fixture
async def speaking_town(server: Server) -> AsyncIterator[Town]:
    """A town whose browsers have a microphone, in which a machine beeps."""
    async with async_playwright() as playwright:
        args = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream"]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=args)
        town = Town(server, browser)
        yield town
        await browser.close()
    assert town.troubles == []


async def test_a_voice_message_is_recorded_once_it_may_be_and_played(speaking_town: Town) -> None:
    town = speaking_town
    lin, bao = await _talk(town)
    await lin.button("Record a voice message").focus()
    await lin.page.keyboard.press("Enter")
    await expect(lin.page.get_by_text("does not let Teahouse use the microphone")).to_be_visible()
    await lin.context.grant_permissions(["microphone"])
    await lin.button("Try again").click()
    await expect(lin.page.get_by_text("0:01", exact=True)).to_be_visible()
    await lin.button("Stop and listen").click()
    await expect(lin.button("Play")).to_be_visible()
    await lin.button("Cancel").click()
    await expect(lin.button("Play")).to_have_count(0)

    # Held, as on a phone.
    box = await lin.button("Record a voice message").bounding_box()
    assert box
    await lin.page.mouse.move(box["x"] + 20, box["y"] + 20)
    await lin.page.mouse.down()
    await expect(lin.page.get_by_text("0:02", exact=True)).to_be_visible()
    await lin.has_no_barriers()
    await lin.page.mouse.up()
    await lin.button("Send").click()

    log = bao.page.get_by_role("log")
    await log.get_by_role("button", name="Play").click()
    await expect(log.get_by_role("button", name="Pause")).to_be_visible()
    sound = await log.locator("audio").evaluate("a => [a.duration, a.currentTime >= 0]")
    # Ogg tells its length, so that one can move in it.
    assert 1.5 < sound[0] < 10
    await log.get_by_role("button", name="Speed: 1×").click()
    assert await log.locator("audio").evaluate("a => a.playbackRate") == 1.5
    await log.get_by_role("slider", name="Place in the voice message").focus()
    await bao.page.keyboard.press("Home")
    await bao.has_no_barriers()
    assert town.places_that_hold("OpusHead") == []


async def test_a_thread_takes_all_that_the_chat_takes(speaking_town: Town) -> None:
    town = speaking_town
    here = {"latitude": 30.24567, "longitude": 120.15432}
    lin, bao = await _talk(town, geolocation=here, permissions=["geolocation", "microphone"])
    chat = lin.page.url
    await lin.go("/me/appearance")
    await lin.page.get_by_role("switch", name="Let me send my location").check()
    await lin.page.goto(chat)
    await lin.write("What shall we bring?")
    await lin.message("What shall we bring?").click(button="right")
    await lin.button("Reply in a thread").click()
    side = lin.page.get_by_role("complementary")
    await _fill_a_thread(lin, side)

    await bao.page.get_by_role("button", name=re.compile("4 replies")).click()
    theirs = bao.page.get_by_role("complementary").get_by_role("log")
    await expect(theirs.get_by_role("img", name="The tea has gone cold")).to_be_visible()
    await expect(theirs.get_by_text("30.24567° N, 120.15432° E")).to_be_visible()
    await expect(theirs.get_by_role("button", name="Play")).to_be_visible()
    await theirs.get_by_role("button", name="Bowls", exact=True).click()
    await expect(theirs.get_by_role("button", name="Bowls 1 vote, 100%")).to_be_visible()
    await expect(side.get_by_text("1 vote", exact=True)).to_be_visible()
    for who in (lin, bao):
        await who.has_no_barriers()
    # None of it stands in the chat itself, nor is left out after a new start.
    await bao.page.reload()
    await expect(theirs.get_by_role("button", name="Bowls 1 vote, 100%")).to_be_visible()
    main = lin.page.get_by_role("log", name="Messages")
    await expect(main.get_by_role("button", name="Play")).to_have_count(0)
    await expect(main.get_by_text("Cups or bowls?", exact=True)).to_have_count(0)


async def _fill_a_thread(lin: Person, side: Locator) -> None:
    """Send a sticker, a poll, a place and a voice message into the thread that is open."""
    await side.get_by_role("button", name="Emoji and stickers").click()
    await side.get_by_role("radio", name="Stickers").click()
    await side.get_by_role("button", name="The tea has gone cold").click()
    await side.get_by_role("button", name="More").click()
    # Money belongs to the chat as a whole.
    await expect(side.get_by_role("button", name="Red packet")).to_have_count(0)
    await side.get_by_role("button", name="Poll").click()
    await lin.page.get_by_label("Question").fill("Cups or bowls?")
    await lin.page.get_by_label("Answer 1", exact=True).fill("Cups")
    await lin.page.get_by_label("Answer 2", exact=True).fill("Bowls")
    await lin.button("Start the poll").click()
    await side.get_by_role("button", name="More").click()
    await side.get_by_role("button", name="Location").click()
    await lin.button("Find out where I am").click()
    await lin.page.get_by_role("dialog").get_by_role("button", name="Send").click()
    await side.get_by_role("button", name="Record a voice message").focus()
    await lin.page.keyboard.press("Enter")
    await expect(side.get_by_text("0:01", exact=True)).to_be_visible()
    await side.get_by_role("button", name="Stop and listen").click()
    await side.get_by_role("button", name="Send").click()

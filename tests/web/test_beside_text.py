"""What members send beside text, each in a browser of their own and encrypted."""

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.web.browsers import PHONE, Person, Town

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
        await expect(who.page.get_by_role("listitem").filter(has_text="Keemun")).to_contain_text("100%")
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

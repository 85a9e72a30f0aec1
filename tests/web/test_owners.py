"""Owners of groups, reports that prove one message, blocking, appeals: in browsers."""

import json
import re
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa
from playwright.async_api import Download, expect

from teahouse import accounts
from teahouse.chat.duty_records.rules import verify_record
from teahouse.chat.verified_reports.tables import chat_report_proof
from tests.web.browsers import PHONE, Person, Town

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("browsers")]

RUDE = "Your oolong is dishwater and so are you"


async def _token(person: Person) -> str:
    return str(
        await person.page.evaluate(
            "JSON.parse(localStorage.getItem('teahouse.session')).accessToken"
        )
    )


def _room_of(person: Person) -> str:
    return person.page.url.partition("/chats/")[2].partition("/")[0]


async def _open_menu(person: Person, text: str) -> None:
    await person.message(text).first.click(button="right")


async def test_an_owner_lets_in_slows_down_and_removes_and_another_decides_the_appeal(
    town: Town,
) -> None:
    lin, bao = await town.member("lin"), await town.member("bao", viewport=PHONE)
    mei = await town.member("mei")
    await lin.start_group("Sunday tea", [mei])
    room = _room_of(lin)
    await _open_the_door(lin, bao, room)
    for person in (bao, mei):
        await _accept_group(person)
    await _keep_order(lin, bao, mei)
    await _appeal(bao)

    await lin.page.get_by_role("link", name="Log of this group").click()
    await expect(lin.page.get_by_text("Somebody else than you must decide")).to_be_visible()
    await expect(lin.page.get_by_text(f"{lin.name} let {bao.name} in")).to_be_visible()
    await lin.has_no_barriers()
    async with lin.page.expect_download() as coming:
        await lin.button("Save a signed record").click()
    record = verify_record(json.loads(await _read(await coming.value)))
    assert {"knock_accepted", "ban"} <= {one.deed for one in record.duties}
    await mei.go(f"/chats/{room}/log")
    await mei.button("Decide the appeal").click()
    await mei.page.get_by_label("Why, as they will read it").fill("Brothers do that")
    await mei.button("Lift").click()
    await expect(bao.page.get_by_text("Brothers do that")).to_be_visible()
    await expect(mei.page.get_by_text(f"{mei.name} lifted the ban of {bao.name}")).to_be_visible()


async def _read(download: Download) -> str:
    return (await download.path()).read_text()


async def _open_the_door(lin: Person, bao: Person, room: str) -> None:
    """Lin lets people ask, Bao finds the door by its link and is let in."""
    await lin.go(f"/chats/{room}/info")
    await lin.page.get_by_label("Who can join").select_option("knock")
    await expect(lin.page.get_by_text("Done")).to_be_visible()
    await lin.button("Link to this group").click()
    await expect(lin.page.get_by_role("img", name="Link to this group")).to_be_visible()
    await lin.page.keyboard.press("Escape")
    await bao.go(f"/to/{room}")
    await expect(bao.page.get_by_role("heading", name="Sunday tea")).to_be_visible()
    await bao.page.get_by_label("Who you are").fill("The one with the samovar")
    await bao.has_no_barriers()
    await bao.button("Ask to be let in").click()
    await expect(bao.page.get_by_text("You have asked")).to_be_visible()
    await expect(lin.page.get_by_text("The one with the samovar")).to_be_visible()
    await lin.has_no_barriers()
    await lin.button(f"Let in: {bao.name}").click()


async def _accept_group(person: Person) -> None:
    await person.go("/chats")
    await person.page.get_by_role("link", name=re.compile("Sunday tea")).click()
    await person.button("Join").click()
    await expect(person.page.get_by_label("Message", exact=True)).to_be_visible()


async def _keep_order(lin: Person, bao: Person, mei: Person) -> None:
    """Lin slows the group down, makes Mei a moderator and bans Bao."""
    await lin.page.get_by_label("Slow mode").select_option("3600")
    await expect(lin.page.get_by_text("Done")).to_be_visible()
    await bao.write("One cup")
    await expect(bao.page.get_by_role("timer")).to_contain_text("you can write again in")
    await bao.page.get_by_label("Message", exact=True).fill("And another")
    await expect(bao.button("Send")).to_be_disabled()
    await bao.has_no_barriers()
    await lin.page.get_by_role("button", name=re.compile(mei.name)).click()
    await lin.page.get_by_label("Role").select_option("moderator")
    await expect(lin.page.get_by_role("button", name=re.compile("Moderator"))).to_be_visible()
    await lin.page.get_by_role("button", name=re.compile(bao.name)).click()
    await lin.button("Remove and ban").click()
    await lin.page.get_by_label("Which rule was broken").select_option("abuse")
    await lin.page.get_by_label("Reason, as they will read it").fill("Called the cook names")
    remove = lin.page.get_by_role("dialog").get_by_role("button", name="Remove and ban")
    # It fades in as soon as a reason stands there.
    await expect(remove).to_have_css("opacity", "1")
    await lin.has_no_barriers()
    await remove.click()
    await expect(lin.page.get_by_text(f"{bao.name} was removed")).to_be_visible()


async def _appeal(bao: Person) -> None:
    await bao.go("/me/reports")
    await expect(bao.page.get_by_text("Called the cook names")).to_be_visible()
    await bao.button("Appeal").click()
    await bao.page.get_by_label("Your appeal").fill("The cook is my brother")
    await bao.button("Send appeal").click()
    await expect(bao.page.get_by_text("Waits for a decision")).to_be_visible()
    await bao.has_no_barriers()


async def test_one_encrypted_message_is_proven_and_opened_and_no_other(town: Town) -> None:
    lin, bao = await town.member("lin"), await town.member("bao")
    before, after = "My door code is on the samovar", "And my diary under the third stone"
    await lin.start_chat(bao)
    for text in (before, RUDE, after):
        await lin.write(text)
    await bao.accept_chat(lin)
    await expect(bao.message(after)).to_be_visible()

    await _open_menu(bao, RUDE)
    await bao.button("Report this message").click()
    await expect(bao.page.get_by_text("of this message and of no other")).to_be_visible()
    await bao.page.get_by_label("What is wrong").select_option("abuse")
    await bao.page.get_by_label("In your words").fill("It hurts")
    await bao.has_no_barriers()
    await bao.button("Report").click()
    await expect(bao.page.get_by_text("Reported. Thank you.")).to_be_visible()
    await bao.go("/me/reports")
    await expect(bao.page.get_by_text("checked by the server")).to_be_visible()

    # What the server now has opens that message, and it holds the text of none.
    with town.database() as db:
        db.run(accounts.grant_role, bao.user_id, "moderator", by=None)
        with db.engine.connect() as conn:
            proofs = conn.execute(sa.select(chat_report_proof)).all()
    [proof] = [one for one in proofs if one.sender == lin.user_id]
    assert proof.device == "known"
    for text in (before, RUDE, after):
        assert town.places_that_hold(text) == []
    # A role is known to the server that runs from the next sign-in on.
    await bao.context.close()
    judge = await town.open()
    await judge.sign_in(bao.name)
    headers = {"Authorization": f"Bearer {await _token(judge)}"}
    async with httpx.AsyncClient(base_url=town.server.url, headers=headers) as http:
        path = f"/api/v1/reports/{proof.report_id}/look"
        opened = await http.post(path, json={"reason": "Report of abuse"})
    assert opened.json()["content"]["body"] == RUDE
    headers = {"Authorization": f"Bearer {await _token(lin)}"}
    async with httpx.AsyncClient(base_url=town.server.url, headers=headers) as http:
        entries = await http.get("/api/v1/privacy/log/entries")
    assert "Report of abuse" in entries.text


async def test_who_is_blocked_is_not_heard_until_unblocked(town: Town) -> None:
    lin, bao = await town.member("lin"), await town.member("bao", viewport=PHONE, locale="zh-CN")
    await bao.go(f"/to/{quote(lin.user_id)}")
    await bao.button("", "屏蔽").click()
    await bao.page.get_by_role("dialog").get_by_role("button", name="屏蔽", exact=True).click()
    await expect(bao.button("", "取消屏蔽").or_(bao.page.get_by_text("取消屏蔽"))).to_be_visible()
    await lin.start_chat(bao)
    await lin.write("Hello?")

    await bao.go("/me/blocked")
    await bao.has_no_barriers()
    await expect(bao.page.get_by_text(lin.user_id)).to_be_visible()
    await bao.go("/chats")
    await expect(bao.page.get_by_role("link", name=re.compile(lin.name))).to_have_count(0)
    await bao.go("/me/blocked")
    await bao.page.get_by_role("button", name=f"取消屏蔽: {lin.name}").click()
    await expect(bao.page.get_by_text("没有屏蔽任何人")).to_be_visible()
    await bao.accept_chat(lin)

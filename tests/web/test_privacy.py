"""Me > Privacy: what is kept, who looked and the proof of it, what one allows, and no tricks."""

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
import sqlalchemy as sa
from playwright.async_api import Locator, Page, Route, expect

from teahouse.platform.db import Tx
from teahouse.privacy import Look, record_look
from teahouse.privacy.assembly import KEY_FILE as LOG_KEY_FILE
from teahouse.privacy.checkpoints.live import LogKey
from teahouse.privacy.checkpoints.rules import Checkpoint, open_checkpoint, parse_verifier_key
from teahouse.privacy.policy.commands import publish_version
from teahouse.privacy.policy.queries import find_version
from teahouse.privacy.policy.tables import privacy_policy_version
from teahouse.privacy.policy.types import House
from teahouse.privacy.transparency_log.queries import find_size
from teahouse.privacy.transparency_log.rules import is_consistent
from tests.kit.readability import reading_grade
from tests.web.browsers import LAPTOP, PHONE, Person, Town

pytestmark = pytest.mark.anyio
CATALOGUES = Path(__file__).parent.parent.parent / "web/src/lib/language/catalogues"
_DUMMY = {"type": "m.login.dummy"}
# The school year of somebody of twelve.
GRADE = 7


async def _picture(page: Page, name: str) -> None:
    """A picture of a page, where somebody wants to look at it (`TEAHOUSE_LOOK=folder`)."""
    folder = os.environ.get("TEAHOUSE_LOOK")
    if folder:
        for shape, size in (("laptop", LAPTOP), ("phone", PHONE)):
            await page.set_viewport_size({"width": size["width"], "height": size["height"]})
            await page.screenshot(path=f"{folder}/{name}-{shape}.png")


def _look(tx: Tx, user_id: str, reason: str) -> int:
    look = Look(
        actor="@moderator:tea.example",
        role="moderator",
        fields=("accounts_profile.value",),
        reason=reason,
        deed="members.list",
    )
    return record_look(tx, look, about=user_id)


async def test_who_looked_is_proven_in_the_browser_and_a_changed_log_is_noticed(
    town: Town,
) -> None:
    ada = await town.member("ada", viewport=PHONE)
    with town.database() as db:
        index = db.run(_look, ada.user_id, "A report about the picture.")
    await ada.go("/me/privacy")
    await expect(ada.page.get_by_role("link", name="Who looked at my data")).to_be_visible()
    await ada.has_no_barriers()
    await _picture(ada.page, "privacy")
    await ada.page.get_by_role("link", name="Who looked at my data").click()
    line = ada.page.get_by_test_id(f"look-{index}")
    await expect(line).to_contain_text("A report about the picture.")
    await expect(line).to_contain_text("looked at the list of members")
    await expect(line).to_contain_text("Your profile (What you say about yourself)")
    await expect(line).to_contain_text("Moderator")
    await expect(line).to_contain_text("Your browser has checked it")
    await ada.has_no_barriers()
    await _picture(ada.page, "looks")
    # The next look: the log still holds what this browser saw.
    with town.database() as db:
        db.run(_look, ada.user_id, "Once more.")
    await ada.go("/privacy/log")
    await expect(ada.page.get_by_text("It still holds all that your browser saw")).to_be_visible()
    await _picture(ada.page, "log")
    # The control: had the browser seen another log, it says so.
    await ada.page.evaluate(
        """() => {
          const kept = JSON.parse(localStorage.getItem("teahouse.log"));
          localStorage.setItem("teahouse.log", JSON.stringify({ ...kept, root: "00".repeat(32) }));
        }"""
    )
    await ada.button("Check again").click()
    await expect(ada.page.get_by_role("alert")).to_contain_text("The log was changed!")
    # An entry that says something else than what was committed to is no entry.
    await ada.page.evaluate("localStorage.removeItem('teahouse.log')")
    await ada.page.route("**/privacy/log/entries", _forge)
    await ada.go("/me/privacy/looks")
    await expect(line).to_contain_text("This line is not in the log")


async def _forge(route: object) -> None:
    answer = await route.fetch()  # type: ignore[attr-defined]  # Playwright's route
    text = (await answer.text()).replace("A report about the picture.", "No reason of note.")
    await route.fulfill(response=answer, body=text)  # type: ignore[attr-defined]


async def _show_another_log(town: Town, page: Page) -> None:
    """From now on the house shows this browser another log, as signed as the true one."""
    seed = (town.server.data_dir / "keys" / LOG_KEY_FILE).read_bytes()
    key = LogKey("tea.example/looks", seed)
    with town.database() as db:
        size = db.look(find_size)

    async def forge(route: Route) -> None:
        await route.fulfill(body=key.sign(size, b"\7" * 32), content_type="text/plain")

    await page.route("**/api/v1/privacy/log/checkpoint", forge)


def _open_evidence(found: Any) -> list[Checkpoint]:
    """What the house has signed for one member and for the other."""
    told = []
    for half in (found["told"], found["shown"]):
        origin, key = parse_verifier_key(half["key"])
        told.append(open_checkpoint(half["note"], origin=origin, key=key))
    return told


async def test_a_house_that_shows_two_logs_is_found_out_by_a_message(town: Town) -> None:
    with town.database() as db:
        for reason in ("One look.", "Another look."):
            db.run(_look, "@somebody:tea.example", reason)
    lin, mei = await town.member("lin"), await town.open(viewport=PHONE)
    await _show_another_log(town, mei.page)
    await mei.sign_up(f"mei-of-{lin.name}")

    await lin.start_chat(mei)
    await mei.accept_chat(lin)
    await lin.write("Tea at five?")
    await expect(mei.message("Tea at five?")).to_be_visible()

    # Mei's app asks for a proof that the two are one log, and there is none.
    await mei.go("/me/privacy")
    alarm = mei.page.get_by_role("alert").filter(has_text="This house shows two logs!")
    await expect(alarm.first).to_be_visible()
    await expect(alarm.filter(has_text=lin.user_id)).to_be_visible()
    await mei.has_no_barriers()
    await _picture(mei.page, "two-logs")
    async with mei.page.expect_download() as saving:
        await mei.button("Save the proof").click()
    found = _read_json(await (await saving.value).path())
    one, other = _open_evidence(found)
    assert one.origin == other.origin == "tea.example/looks"
    proof = [bytes.fromhex(one_hash) for one_hash in found["proof"]]
    older, newer = sorted((one, other), key=lambda checkpoint: checkpoint.size)
    assert not is_consistent(
        old_size=older.size,
        new_size=newer.size,
        old_root=older.root,
        new_root=newer.root,
        proof=proof,
    )
    # Lin was shown the true log and has seen nothing odd, until Mei's app tells.
    await expect(lin.page.get_by_role("alert")).to_have_count(0)
    await mei.go("/chats")
    await mei.page.get_by_role("link", name=re.compile(lin.name)).first.click()
    await mei.write("At five.")
    await expect(lin.message("At five.")).to_be_visible()
    await expect(
        lin.page.get_by_role("alert").filter(has_text="This house shows two logs!")
    ).to_be_visible()


async def _measure(button: Locator) -> tuple[object, ...]:
    box = await button.bounding_box()
    assert box is not None
    look = await button.evaluate(
        """(one) => {
          const { fontSize, fontWeight, color, backgroundColor, borderColor, opacity } =
            getComputedStyle(one);
          return [fontSize, fontWeight, color, backgroundColor, borderColor, opacity];
        }"""
    )
    return (round(box["width"]), round(box["height"]), *look)


async def test_yes_and_no_look_the_same_and_cost_one_tap_each(town: Town) -> None:
    ada = await town.member("ada")
    asked: list[str] = []
    ada.page.on("request", lambda request: asked.append(request.url))
    await ada.go("/me/privacy/consents")
    card = ada.page.get_by_test_id("consent-contact_suggestions")
    yes, no = (card.get_by_role("button", name=name, exact=True) for name in ("Yes", "No"))
    await expect(card).to_contain_text("Off: you were not asked yet")
    assert await _measure(yes) == await _measure(no)
    assert [await one.get_attribute("aria-pressed") for one in (yes, no)] == ["false", "false"]
    assert await ada.page.evaluate("document.activeElement === document.body")
    # One tap gives, one takes back, and nobody asks whether one is sure.
    await yes.click()
    await expect(card).to_contain_text("On: you said yes")
    given = await _measure(yes)
    await no.click()
    await expect(card).to_contain_text("Off: you took your yes back")
    await expect(ada.page.get_by_role("dialog")).to_have_count(0)
    assert (await _measure(no))[2:] == given[2:], "the chosen answer looks the same, whichever"
    async with ada.page.expect_download() as coming:
        await ada.page.get_by_role("button", name=re.compile("^Receipt")).first.click()
    receipt = _read_json(await (await coming.value).path())
    assert receipt["proof"]["algorithm"] == "Ed25519"
    await ada.has_no_barriers()
    await _picture(ada.page, "consents")
    await _walk_the_other_pages(ada)
    elsewhere = [url for url in asked if not url.startswith((town.server.url, "blob:", "data:"))]
    assert elsewhere == [], "nothing is loaded from elsewhere, so no advertisement can be"
    assert len(asked) > 20


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text())


async def _walk_the_other_pages(ada: Person) -> None:
    await ada.page.set_viewport_size({"width": LAPTOP["width"], "height": LAPTOP["height"]})
    await ada.go("/me/privacy/data")
    await expect(ada.page.get_by_text(re.compile(r"^\d+ entr")).first).to_be_visible()
    await ada.go("/me/privacy/policy")
    version = ada.page.get_by_test_id("policy-1")
    accept, refuse = (
        version.get_by_role("button", name=name, exact=True)
        for name in ("I agree", "I do not agree")
    )
    assert await _measure(accept) == await _measure(refuse)
    await refuse.click()
    await expect(refuse).to_have_attribute("aria-pressed", "true")
    await _picture(ada.page, "policy")
    await ada.page.set_viewport_size({"width": LAPTOP["width"], "height": LAPTOP["height"]})
    await ada.go("/me/privacy/retention")
    await expect(ada.page.get_by_text("Messages between devices").first).to_be_visible()
    await expect(ada.page.get_by_text(re.compile("^Last clean-up")).first).to_be_visible()
    await ada.has_no_barriers()
    await _picture(ada.page, "retention")
    await ada.go("/me/privacy/court")
    await ada.page.get_by_text("Show the file").click()
    shown = await ada.page.get_by_test_id("dry-run").text_content()
    token = await ada.page.evaluate("JSON.parse(localStorage['teahouse.session']).accessToken")
    real = await ada.page.request.get(
        f"{ada.town.server.url}/api/v1/privacy/official-requests/dry-run",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert shown is not None
    assert ada.user_id in shown
    assert shown.encode() == await real.body()
    await ada.has_no_barriers()
    await _picture(ada.page, "court")


def _publish(tx: Tx) -> None:
    """A version that does more with data, as a newer program would publish it."""
    newest = find_version(tx, None)
    more = msgspec.structs.replace(newest.source.data[0], where="tests_more.data")
    source = msgspec.structs.replace(newest.source, data=(*newest.source.data, more))
    publish_version(tx, source, House(server_name="tea.example", contact="house@tea.example"))


async def test_a_member_hears_of_new_rules_a_month_ahead_and_is_kept_from_nothing(
    town: Town,
) -> None:
    lin = await town.member("lin", locale="zh-CN", viewport=PHONE)
    with town.database() as db:
        db.run(_publish)
    try:
        await _hear_of_new_rules(lin)
    finally:
        # The other stories of this house know nothing of it.
        with town.database() as db:
            db.run(_retract)


def _retract(tx: Tx) -> None:
    tx.conn.execute(sa.delete(privacy_policy_version).where(privacy_policy_version.c.number == 2))


async def _hear_of_new_rules(lin: Person) -> None:
    await lin.go("/chats")
    await expect(lin.page.get_by_text("您什么都不用做")).to_be_visible()
    await expect(lin.button("New chat", "发起聊天").first).to_be_enabled()
    await lin.page.get_by_role("link", name="看看是什么").click()
    await expect(lin.page.get_by_text("第 2 版即将生效")).to_be_visible()
    await lin.go("/chats")
    await lin.button("Close", "关闭").click()
    await expect(lin.page.get_by_text("您什么都不用做")).to_have_count(0)


def test_what_is_said_of_privacy_is_read_at_twelve() -> None:
    text = (CATALOGUES / "en.ts").read_text()
    section = text.partition("// Privacy: who looked")[2].partition("\n  // ")[0]
    told = [
        re.sub(r"\{[^{}]*\}", "this", message)
        for message in re.findall(r'^\s+(?:\w+:\s+)?"([^"]+)",?$', section, re.MULTILINE)
        if message.endswith(".") and "plural" not in message
    ]
    assert len(told) > 20
    assert reading_grade(" ".join(told)) <= GRADE
    assert max(len(sentence.split()) for one in told for sentence in re.split("[.!?] ", one)) <= 24


async def test_who_says_yes_sees_people_they_may_know_until_they_take_it_back(town: Town) -> None:
    ada = await town.member("ada", viewport=PHONE)
    room_id = await ada.create_open_room("The tasting")
    async with httpx.AsyncClient(base_url=f"{town.server.url}/_matrix/client/v3") as http:
        for name in ("berta", "carl"):
            body = {"username": name, "password": "of oak and of leaf", "auth": _DUMMY}
            token = (await http.post("/register", json=body)).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            joined = await http.post(f"/join/{quote(room_id)}", headers=headers, json={})
            assert joined.status_code == 200, joined.text
    suggested = ada.page.get_by_role("link", name=re.compile("^berta"))
    await ada.go("/contacts")
    await expect(ada.page.get_by_text("No contacts yet")).to_be_visible()
    await ada.go("/me/privacy/consents")
    card = ada.page.get_by_test_id("consent-contact_suggestions")
    await card.get_by_role("button", name="Yes", exact=True).click()
    await expect(card).to_contain_text("On: you said yes")
    await ada.go("/contacts")
    await expect(ada.page.get_by_role("heading", name="People you may know")).to_be_visible()
    await expect(suggested).to_contain_text("1 chat in common")
    await ada.has_no_barriers()
    await _picture(ada.page, "suggestions")
    await ada.go("/me/privacy/consents")
    await card.get_by_role("button", name="No", exact=True).click()
    await expect(card).to_contain_text("Off: you took your yes back")
    async with ada.page.expect_response("**/api/v1/chat/suggestions") as coming:
        await ada.go("/contacts")
    assert await (await coming.value).json() == []
    await expect(ada.page.get_by_text("No contacts yet")).to_be_visible()
    await expect(suggested).to_have_count(0)

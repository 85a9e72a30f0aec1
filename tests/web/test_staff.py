"""The staff's console in the browser: each role sees its part, and what takes two takes two."""

import hashlib
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from teahouse.accounts import grant_role
from teahouse.platform.chance import Chance
from teahouse.platform.requester import Role
from teahouse.privacy import BoxContent
from teahouse.privacy.member_keys.live import KEY_FILE, MemberKeys
from teahouse.privacy.sealed_boxes.commands import seal_box
from tests.web.browsers import PHONE, Person, Town
from tests.web.shops import apply_for_shop, dispute_purchase

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("browsers")]


# So large a claim takes two officers.
_LARGE = 120_000


async def _grant(town: Town, person: Person, role: Role) -> None:
    with town.database() as db:
        db.run(grant_role, person.user_id, role, by=None)
    # With its next change the server sees that somebody else wrote, and forgets what roles it knew.
    await person.create_open_room("Office")


async def _say_why(person: Person, reason: str) -> None:
    """Say why one looks, before anything of a member is shown; it holds for this tab."""
    await person.page.get_by_label("Why do you look?").fill(reason)
    await person.button("Go on").click()


def _entry(person: Person, text: str) -> Locator:
    """The entry of a list in which something stands; others may be of other stories."""
    return person.page.get_by_role("article").filter(has_text=text)


async def _decide(person: Person, entry: Locator, name: str, reason: str) -> None:
    """Press a button of an entry that asks for a reason, and give one."""
    await entry.get_by_role("button", name=name, exact=True).click()
    dialog = person.page.get_by_role("dialog")
    await dialog.get_by_label("Reason").fill(reason)
    await dialog.get_by_role("button", name=name).click()
    await expect(dialog).to_have_count(0)


def _seal_something(town: Town, user_id: str) -> None:
    """A box, as the erasure of a member whom a register confirmed leaves one."""
    keys = MemberKeys(town.server.data_dir / "keys" / KEY_FILE, Chance())
    kept = BoxContent(
        {"identity_checks": 1}, {"identity_checks": [{"proof": "register file 4711"}]}
    )
    with town.database() as db:
        db.run(seal_box, keys, user_id, kept, keep_years=5)


async def test_two_officers_freeze_a_wallet_that_neither_could_alone(town: Town) -> None:
    lin = await town.member("lin")
    olga, otto = await town.member("olga"), await town.member("otto", viewport=PHONE)
    for officer in (olga, otto):
        await _grant(town, officer, "bank_officer")

    await olga.go("/me/staff/freezes")
    await olga.has_no_barriers()
    await _say_why(olga, "A call about a stolen phone.")
    await olga.button("Propose a freeze").click()
    dialog = olga.page.get_by_role("dialog")
    await dialog.get_by_label("Member id").fill(lin.user_id)
    await dialog.get_by_label("Reason").fill("The phone was reported stolen.")
    await dialog.get_by_role("button", name="Propose a freeze").click()
    await expect(olga.page.get_by_text("Another of the staff must approve this.")).to_be_visible()
    await expect(olga.button("Approve")).to_have_count(0)
    await olga.has_no_barriers()

    await otto.go("/me/staff/freezes")
    await _say_why(otto, "Olga asked for a second look.")
    await otto.button("Approve").click()
    dialog = otto.page.get_by_role("dialog")
    await dialog.get_by_label("Reason").fill("Called back, and it is so.")
    await dialog.get_by_role("button", name="Approve").click()
    await expect(otto.page.get_by_text("No freezes here")).to_be_visible()
    await otto.page.get_by_role("radio", name="In force").click()
    await expect(otto.page.get_by_text(lin.user_id)).to_be_visible()

    await lin.go("/me/freeze")
    await expect(lin.page.get_by_text("The phone was reported stolen.")).to_be_visible()


async def test_shops_and_disputes_are_decided_and_each_role_sees_its_pages(  # noqa: PLR0915 - a story
    town: Town, tmp_path: Path
) -> None:
    rose, lin = await town.member("rose"), await town.member("lin")
    olga, otto = await town.member("olga"), await town.member("otto", viewport=PHONE)
    for officer in (olga, otto):
        await _grant(town, officer, "bank_officer")
    town.give(lin.user_id, _LARGE)
    name = f"Teas of {rose.name}"
    shop_id = await apply_for_shop(town, rose, name)

    await olga.go("/me/staff")
    for page in ("Shops", "Disputes", "Official requests", "Sealed boxes"):
        await expect(olga.page.get_by_role("link", name=page, exact=True)).to_be_visible()
    await expect(olga.page.get_by_role("link", name="Members", exact=True)).to_have_count(0)
    await olga.page.screenshot(path=tmp_path / "console.png")
    await olga.go("/me/staff/members")
    await expect(olga.page.get_by_text("None of your roles needs this page")).to_be_visible()

    # Applied, verified; its money is frozen by two, and its owner sees why.
    await olga.go("/me/staff/shops")
    await _say_why(olga, "Shops that applied this week.")
    await olga.has_no_barriers()
    await _decide(olga, _entry(olga, name), "Verify", "Papers seen.")
    await expect(_entry(olga, name)).to_have_count(0)
    await dispute_purchase(town, rose, lin, shop_id, _LARGE)
    await olga.page.get_by_label("Show").select_option(label="Open")
    await olga.page.screenshot(path=tmp_path / "shops.png")
    await _decide(olga, _entry(olga, name), "Propose a freeze", "Stolen cards were used there.")
    await otto.go("/me/staff/freezes")
    await _say_why(otto, "Olga asked for a second look.")
    proposed = _entry(otto, "Stolen cards were used there.")
    await _decide(otto, proposed, "Approve", "So it is.")
    await expect(proposed).to_have_count(0)
    await rose.go(f"/till/{shop_id}")
    await expect(rose.page.get_by_text("Stolen cards were used there.")).to_be_visible()
    await rose.has_no_barriers()
    await rose.page.screenshot(path=tmp_path / "frozen.png")

    # So large a claim takes two.
    await olga.go("/me/staff/disputes")
    mine = _entry(olga, name)
    await expect(mine).to_contain_text("It was handed over at noon.")
    await mine.get_by_role("button", name="Decide").click()
    form = olga.page.get_by_role("dialog")
    await form.get_by_label("Back to the payer, CNY").fill("600")
    await form.get_by_label("Reason").fill("Each is half right.")
    await olga.has_no_barriers()
    await olga.page.screenshot(path=tmp_path / "decide.png")
    await form.get_by_role("button", name="Decide").click()
    await expect(mine).to_have_count(0)
    await olga.page.get_by_label("Show").select_option(label="A second officer is needed")
    await expect(mine).to_contain_text("Another of the staff must approve this.")
    await expect(mine.get_by_role("button")).to_have_count(0)
    await otto.go("/me/staff/disputes")
    await otto.page.get_by_label("Show").select_option(label="A second officer is needed")
    theirs = _entry(otto, name)
    await expect(theirs).to_contain_text("would give back ¥600.00")
    await otto.has_no_barriers()
    await otto.page.screenshot(path=tmp_path / "disputes.png")
    await theirs.get_by_role("button", name="Approve").click()
    await expect(theirs).to_have_count(0)
    await otto.page.get_by_label("Show").select_option(label="Decided, can be appealed")
    await expect(theirs).to_contain_text("Each is half right.")


async def test_what_an_authority_gets_and_a_box_takes_two(  # noqa: PLR0915 - a story
    town: Town, tmp_path: Path
) -> None:
    lin, ann = await town.member("lin"), await town.member("ann", viewport=PHONE)
    olga, otto = await town.member("olga"), await town.member("otto")
    await _grant(town, ann, "operator")
    for officer in (olga, otto):
        await _grant(town, officer, "bank_officer")
    paper = tmp_path / "order.pdf"
    paper.write_bytes(b"%PDF-1.7 a danger to life")

    await ann.go("/me/staff/official")
    await _say_why(ann, "A letter came in.")
    await ann.has_no_barriers()
    await ann.button("Enter a request").click()
    form = ann.page.get_by_role("dialog")
    await form.get_by_label("What kind of document").select_option(label="Emergency")
    for label, text in (
        ("Who asks", "Police of Teatown"),
        ("Country", "FR"),
        ("Law and article that it names", "Article 1"),
        ("Danger to life", "A child is missing."),
        ("Whom it names", lin.user_id),
    ):
        await form.get_by_label(label).fill(text)
    await form.get_by_label("The document, as a file").set_input_files(paper)
    boxes = form.get_by_role("checkbox")
    await boxes.nth(0).check()
    await boxes.nth(1).check()
    await ann.has_no_barriers()
    await ann.page.screenshot(path=tmp_path / "enter.png")
    await form.get_by_role("button", name="Enter a request").click()
    await ann.button("It is valid").click()
    await ann.button("Set the scope").click()
    await ann.page.get_by_role("dialog").get_by_role("checkbox").nth(1).uncheck()
    await ann.page.screenshot(path=tmp_path / "scope.png")
    await ann.page.get_by_role("dialog").get_by_role("button", name="Set the scope").click()
    await expect(ann.page.get_by_text("Two others must agree")).to_be_visible()
    await expect(ann.button("Approve")).to_have_count(0)

    for officer in (olga, otto):
        await officer.go("/me/staff/official")
        await _say_why(officer, "Ann entered a request.")
        await officer.button("Approve").click()
        await expect(officer.button("Approve")).to_have_count(0)
    await expect(otto.page.get_by_text("Agreed by two")).to_be_visible()
    await otto.button("Dry run").click()
    await expect(otto.page.get_by_text("bytes would be given")).to_be_visible()
    await otto.has_no_barriers()
    await otto.page.screenshot(path=tmp_path / "official.png")
    await expect(otto.button("Release")).to_have_count(0)

    await ann.page.reload()
    await ann.button("Release").click()
    async with ann.page.expect_download() as waiting:
        await ann.page.get_by_role("dialog").get_by_role("button", name="Release").click()
    given = await (await waiting.value).path()
    assert lin.user_id in given.read_text()
    told = hashlib.sha256(given.read_bytes()).hexdigest()
    await expect(ann.page.get_by_text(f"SHA-256 {told}")).to_be_visible()
    await expect(ann.page.get_by_text("Members told", exact=True)).to_be_visible()

    # What the law keeps of one who is gone: two and a case, once.
    _seal_something(town, "@gone:tea.example")
    await olga.go("/me/staff/boxes")
    await expect(olga.page.get_by_text("Kept until").first).to_be_visible()
    await olga.page.get_by_label("Member id").fill("@gone:tea.example")
    await olga.button("Search").click()
    await expect(olga.page.get_by_role("heading", name="@gone:tea.example")).to_be_visible()
    await olga.button("Ask to open it").click()
    form = olga.page.get_by_role("dialog")
    await form.get_by_label("Case").fill("12 Js 34/26")
    await form.get_by_label("Reason").fill("Money laundering, section 261")
    await olga.has_no_barriers()
    await form.get_by_role("button", name="Ask to open it").click()
    await expect(olga.page.get_by_text("Another of the staff must approve this.")).to_be_visible()
    await expect(olga.button("Open it now")).to_have_count(0)
    await olga.has_no_barriers()
    await olga.page.screenshot(path=tmp_path / "boxes.png")
    await ann.go("/me/staff/boxes")
    await expect(ann.page.get_by_text("12 Js 34/26")).to_be_visible()
    # Another trade agrees, and sees neither boxes nor what is in them.
    await expect(ann.page.get_by_text("Kept until")).to_have_count(0)
    await ann.button("Approve").click()
    await expect(ann.page.get_by_text("agreed", exact=False)).to_be_visible()
    await expect(ann.button("Open it now")).to_have_count(0)
    await olga.page.reload()
    await olga.button("Open it now").click()
    await expect(olga.page.get_by_role("dialog")).to_contain_text("register file 4711")
    await olga.page.screenshot(path=tmp_path / "opened.png")
    await olga.button("Close").click()
    await expect(olga.page.get_by_text("No box is asked for.")).to_be_visible()


async def test_an_operator_sees_members_settings_and_load_and_a_member_sees_none(
    town: Town,
) -> None:
    olga, lin = await town.member("olga"), await town.member("lin")
    await _grant(town, olga, "operator")

    await olga.go("/me")
    await olga.page.get_by_role("link", name="Running the house").click()
    await olga.page.get_by_role("link", name="Members", exact=True).click()
    await _say_why(olga, "Lin asked for help.")
    await olga.page.get_by_label("Part of a member id").fill(lin.name)
    await olga.button("Search").click()
    await expect(olga.page.get_by_text(lin.user_id)).to_be_visible()
    await olga.has_no_barriers()
    for path, text in (
        ("jobs", "No job has failed"),
        ("settings", "wallet_rule_set"),
        ("load", "Requests per second"),
    ):
        await olga.go(f"/me/staff/{path}")
        await expect(olga.page.get_by_text(text).first).to_be_visible()
        await olga.has_no_barriers()

    await lin.go("/me/staff")
    await expect(lin.page.get_by_text("This is for the staff")).to_be_visible()

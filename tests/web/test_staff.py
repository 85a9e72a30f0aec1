"""The staff's console in the browser: each role sees its part, and what takes two takes two."""

import pytest
from playwright.async_api import expect

from teahouse.accounts import grant_role
from teahouse.platform.requester import Role
from tests.web.browsers import PHONE, Person, Town

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("browsers")]


async def _grant(town: Town, person: Person, role: Role) -> None:
    with town.database() as db:
        db.run(grant_role, person.user_id, role, by=None)
    # With its next change the server sees that somebody else wrote, and forgets what roles it knew.
    await person.create_open_room("Office")


async def _say_why(person: Person, reason: str) -> None:
    """Say why one looks, before anything of a member is shown; it holds for this tab."""
    await person.page.get_by_label("Why do you look?").fill(reason)
    await person.button("Go on").click()


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

"""Whether an account belongs to whom its member says: asked of the bank, decided by the member."""

from pathlib import Path
from typing import Any

import pytest

from teahouse import iso20022
from teahouse.iso20022 import NameAnswer, NameReport
from teahouse.platform.db import Database
from tests.wallet.outside.kit import Town, iban, new_account
from tests.wallet.reconciliation.kit import make_officers, tell

pytestmark = pytest.mark.anyio


@pytest.fixture
def town(db: Database, tmp_path: Path) -> Town:
    return Town(db, tmp_path, opening=50_000)


async def find_account(payer: Any, account: dict[str, Any]) -> dict[str, Any]:
    path = f"/outside-accounts/{account['outside_account_id']}"
    found: dict[str, Any] = await payer.asked("GET", path)
    return found


def answer(account: dict[str, Any], result: str, name: str = "", *, message: str) -> bytes:
    """What the bank says of an account's holder."""
    reference = account["outside_account_id"].replace("_", "-")
    report = NameReport(
        message_id=message,
        created_at=1_700_000_000_000,
        name="Teahouse Cooperative",
        original_id=reference,
        original_at=1_700_000_000_000,
        answers=(NameAnswer(reference, result, name),),
    )
    return iso20022.write_name_report(report)


async def test_a_name_that_the_bank_knows_asks_nothing_of_the_member(town: Town) -> None:
    ada = await town.register("ada", eur=5000)
    linked = await ada.asked("POST", "/outside-accounts", new_account(iban("1111")))
    assert linked["name_check"] == "wanted"
    account = await town.link(ada, iban("1112"))
    assert (account["name_check"], account["name_at_bank"]) == ("match", "")
    assert (await find_account(ada, linked))["name_check"] == "match"
    await town.withdraw(ada, account, 1000)
    path = f"/outside-accounts/{account['outside_account_id']}/name"
    assert await ada.refused("POST", path, {"use": "own"}) == (409, "nothing-to-decide")


async def test_a_name_that_is_nearly_right_is_corrected_or_kept(town: Town) -> None:
    ada = await town.register("ada", eur=5000)
    account = await town.link(ada, iban("0031"))
    assert (account["name_check"], account["name_at_bank"]) == ("close", "A Lovelace")
    amount = {"minor": 1000, "currency": "EUR"}
    body = {"outside_account_id": account["outside_account_id"], "amount": amount}
    assert await ada.refused("POST", "/withdrawals", body) == (409, "name-not-decided")
    assert await ada.refused("POST", "/top-ups", body) == (409, "name-not-decided")
    path = f"/outside-accounts/{account['outside_account_id']}/name"
    corrected = await ada.asked("POST", path, {"use": "bank"})
    assert corrected["holder"] == "A Lovelace"
    assert (corrected["name_check"], corrected["name_at_bank"]) == ("match", "")
    order = await town.withdraw(ada, account, 1000)
    await town.exchange()
    sent = [file.read_text() for file in sorted((town.folder / "archive").glob("bfl-*.xml"))]
    assert "<Nm>A Lovelace</Nm>" in sent[-1]
    assert (await ada.asked("GET", f"/withdrawals/{order['order_id']}"))["status"] == "booked"


async def test_another_name_is_told_and_the_member_may_go_on(town: Town) -> None:
    ada = await town.register("ada", eur=5000)
    account = await town.link(ada, iban("0030"))
    # Whose account it is instead is nobody's to know.
    assert (account["name_check"], account["name_at_bank"]) == ("different", "")
    path = f"/outside-accounts/{account['outside_account_id']}/name"
    assert await ada.refused("POST", path, {"use": "bank"}) == (409, "nothing-to-decide")
    kept = await ada.asked("POST", path, {"use": "own"})
    assert (kept["name_check"], kept["holder"]) == ("kept", "Ada Lovelace")
    await town.withdraw(ada, account, 1000)


async def test_a_bank_that_cannot_tell_or_says_nothing_holds_nobody_up(town: Town) -> None:
    ada = await town.register("ada", eur=5000)
    account = await town.link(ada, iban("0032"))
    assert account["name_check"] == "impossible"
    await town.withdraw(ada, account, 1000)
    silent = await ada.asked("POST", "/outside-accounts", new_account(iban("1113")))
    await town.work()
    assert (await find_account(ada, silent))["name_check"] == "asked"
    assert len(list((town.folder / "inbox").glob("oac-*.xml"))) == 1


async def test_the_first_answer_counts_and_what_was_not_asked_goes_to_staff(town: Town) -> None:
    officer, _ = await make_officers(town)
    ada = await town.register("ada")
    account = await ada.asked("POST", "/outside-accounts", new_account(iban("1111")))
    await town.work()
    await tell(
        town,
        answer(account, "CMTC", "Ada Lovelace-King", message="V-1"),
        answer(account, "MTCH", message="V-2"),
        answer({"outside_account_id": "oac_nobody"}, "MTCH", message="V-3"),
    )
    found = await find_account(ada, account)
    assert (found["name_check"], found["name_at_bank"]) == ("close", "Ada Lovelace-King")
    [item] = await officer.items()
    assert item["kind"] == "contradiction"
    assert "never asked" in item["told"]


async def test_another_members_account_is_nobodys_to_decide_about(town: Town) -> None:
    ada, eve = await town.register("ada"), await town.register("eve")
    account = await town.link(ada, iban("0030"))
    path = f"/outside-accounts/{account['outside_account_id']}/name"
    assert await eve.refused("POST", path, {"use": "own"}) == (404, "unknown-outside-account")
    status, _ = await ada.refused("POST", path, {"use": "neither"})
    assert status == 400


async def test_a_removed_account_is_not_asked_about(town: Town) -> None:
    ada = await town.register("ada")
    account = await ada.asked("POST", "/outside-accounts", new_account(iban("1111")))
    await ada.ask("DELETE", f"/outside-accounts/{account['outside_account_id']}")
    await town.exchange()
    await tell(town, answer(account, "NMTC", message="V-9"))
    assert await ada.asked("GET", "/outside-accounts") == []

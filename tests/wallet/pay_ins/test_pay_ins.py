"""Money that comes with a member's reference is credited once; what names nobody's waits."""

from pathlib import Path
from typing import Any

import pytest

from teahouse.iso20022 import is_reference
from teahouse.platform.db import Database
from teahouse.platform.money import Money
from teahouse.wallet.leaving.commands import erase_member
from teahouse.wallet.pay_ins.personal_data import export_member
from tests.kit.wallet_house import find_problems
from tests.wallet.outside.kit import EUR, HOUSE_ACCOUNT, Town
from tests.wallet.reconciliation.kit import line, make_officers, notification, statement, tell

pytestmark = pytest.mark.anyio


@pytest.fixture
def town(db: Database, tmp_path: Path) -> Town:
    return Town(db, tmp_path, opening=0)


async def ask_reference(payer: Any, currency: str = "EUR") -> str:
    told = await payer.asked("POST", "/pay-in-references", {"currency": currency})
    reference: str = told["reference"]
    return reference


async def test_a_member_has_one_reference_for_each_currency(town: Town) -> None:
    ada, ben = await town.register("ada"), await town.register("ben")
    before = await ada.asked("GET", "/pay-in-references")
    assert {one["currency"]: one["reference"] for one in before} == {"EUR": None, "CNY": None}
    reference = await ask_reference(ada)
    assert is_reference(reference)
    assert await ask_reference(ada) == reference
    others = {await ask_reference(ada, "CNY"), await ask_reference(ben)}
    assert len(others | {reference}) == 3
    [euro, _] = await ada.asked("GET", "/pay-in-references")
    assert euro == {
        "currency": "EUR",
        "name": "Teahouse Cooperative",
        "number": HOUSE_ACCOUNT.number,
        "is_iban": True,
        "bic": "",
        "reference": reference,
    }
    refused = await ada.refused("POST", "/pay-in-references", {"currency": "USD"})
    assert refused == (400, "currency-not-offered")


async def test_the_bank_books_a_transfer_and_the_wallet_has_it(town: Town) -> None:
    ada = await town.register("ada")
    reference = await ask_reference(ada)
    for told in ({"reference": reference}, {"text": f"tea money {reference[:4]} {reference[4:]}"}):
        town.bank.pay_in(
            HOUSE_ACCOUNT.number, Money(2500, EUR), name="Ada L", **{"text": "", **told}
        )
    await town.exchange()
    assert town.balance(ada) == 5000
    assert town.books() == {"topups_in_transit": 5000}
    assert find_problems(town.house) == []
    await town.end_day()
    assert town.balance(ada) == 5000
    assert town.books() == {"cash_at_bank": 5000}
    [one, other] = (await ada.asked("GET", "/pay-ins"))["items"]
    assert one["reference"] == other["reference"] == reference
    assert one["name"] == "Ada L"
    history = (await ada.asked("GET", "/payments"))["items"]
    assert [(item["kind"], item["amount"]["minor"]) for item in history] == [("topup", 2500)] * 2
    assert find_problems(town.house) == []


async def test_whichever_message_tells_of_it_first_a_line_is_credited_once(town: Town) -> None:
    ada = await town.register("ada")
    reference = await ask_reference(ada)
    told = line(700, creditor_reference=reference, bank_reference="L-1")
    later = line(700, creditor_reference=reference, bank_reference="L-2")
    # Two of the same amount, one told of before the statement and one after it; all told twice.
    await tell(town, notification(told), notification(told))
    assert town.balance(ada) == 700
    await tell(town, statement(told, later), notification(later, told))
    assert town.balance(ada) == 1400
    # A bank that gives no name of its own to lines is believed once it has stated them.
    nameless = line(300, creditor_reference=reference)
    await tell(town, notification(nameless))
    assert town.balance(ada) == 1400
    await tell(town, statement(nameless, opening=1400, sequence=2))
    assert town.balance(ada) == 1700
    assert town.books() == {"cash_at_bank": 1700}
    assert find_problems(town.house) == []


async def test_what_names_nobodys_reference_waits_for_staff(town: Town) -> None:
    one, two = await make_officers(town)
    ada = await town.register("ada")
    reference = await ask_reference(ada)
    in_yuan = await ask_reference(ada, "CNY")
    wrong = f"{reference[:-1]}{(int(reference[-1]) + 1) % 10}"
    lines = (
        line(100, creditor_reference=wrong, bank_reference="L-1"),
        line(200, creditor_reference=in_yuan, bank_reference="L-2"),
        line(-300, creditor_reference=reference, bank_reference="L-3"),
        line(400, creditor_reference=reference, bank_reference="L-4", return_reason="AC04"),
    )
    await tell(town, notification(*lines), statement(*lines))
    assert town.balance(ada) == 0
    assert town.books() == {"cash_at_bank": 400, "suspense": 400}
    items = sorted(await one.items(), key=lambda item: item["amount"]["minor"])
    assert [item["amount"]["minor"] for item in items] == [-300, 100, 200, 400]
    assert items[2]["told"] == f"Nobody has the reference {in_yuan}."
    await one.propose(items[1], "to_wallet", user_id=ada.user_id)
    assert (await two.agree(items[1])).status_code == 200
    assert town.balance(ada) == 100
    assert find_problems(town.house) == []


async def test_who_is_erased_has_no_reference_any_more(town: Town) -> None:
    ada, ben = await town.register("ada"), await town.register("ben")
    reference = await ask_reference(ada)
    told = line(500, creditor_reference=reference, bank_reference="L-1", name="Ada L")
    await tell(town, statement(told))
    exported = town.house.db.look(export_member, ada.user_id)
    assert exported["references"] == [{"currency": "EUR", "reference": reference}]
    assert "Ada L" in str(exported["pay_ins"])
    body = {"payee": ben.user_id, "amount": {"minor": 500, "currency": "EUR"}}
    await ada.asked("POST", "/transfers", body)
    town.house.db.run(erase_member, ada.user_id)
    again = line(900, creditor_reference=reference, bank_reference="L-2")
    await tell(town, statement(again, opening=500, sequence=2))
    assert town.books() == {"cash_at_bank": 1400, "suspense": 900}
    assert find_problems(town.house) == []


async def test_references_and_what_came_are_ones_own(town: Town) -> None:
    ada, eve = await town.register("ada"), await town.register("eve")
    reference = await ask_reference(ada)
    await tell(town, notification(line(5, creditor_reference=reference, bank_reference="L")))
    assert reference not in (await eve.ask("GET", "/pay-in-references")).text
    assert (await eve.asked("GET", "/pay-ins"))["items"] == []

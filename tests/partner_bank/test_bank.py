"""What the partner bank does with orders."""

import random
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from teahouse import iso20022
from teahouse.iso20022 import AccountNumber, NameQuestion, NameRequest
from teahouse.partner_bank import Account, PartnerBank, Terms
from teahouse.partner_bank.rules import compare_names
from teahouse.platform.money import Currency, Money
from tests.iso20022.kit import find_schema_problems
from tests.partner_bank.kit import EUR, HOUSE, START, Branch, number

GOOD = number("1111")


def test_an_order_is_answered_booked_told_and_stated(tmp_path: Path) -> None:
    branch = Branch(tmp_path, Terms(delay_ms=1000))
    branch.order(("O-1", 500, GOOD), ("O-2", 25, number("2222")))
    branch.order(("O-3", -700, GOOD))
    branch.bank.work()
    assert branch.decisions() == dict.fromkeys(("O-1", "O-2", "O-3"), ("ACCP", ""))
    assert (branch.balance(), branch.told()) == (100_000, [])
    branch.clock.advance(1000)
    branch.bank.work()
    assert branch.balance() == 100_000 - 525 + 700
    assert branch.balance(GOOD) == 1_000_000 + 500 - 700
    assert {(one.end_to_end_id, one.amount.minor) for one in branch.told()} == {
        ("O-1", -500),
        ("O-2", -25),
        ("O-3", 700),
    }
    assert branch.statements() == []
    branch.pass_days(2)
    first, second = branch.statements()
    assert (first.opening, first.closing, len(first.entries)) == (100_000, 100_175, 3)
    assert (second.opening, second.closing, second.entries) == (100_175, 100_175, ())
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.closed_on == date(2026, 11, 18)
    assert second.closed_on == date(2026, 11, 19)


@pytest.mark.parametrize(
    ("ending", "minor", "decision"),
    [
        ("0001", 5, ("RJCT", "AC01")),
        ("0002", 5, ("ACCP", "")),
        ("0002", -5, ("RJCT", "MD01")),
        ("0003", 5, ("ACCP", "")),
        ("0003", -5, ("RJCT", "AM04")),
        ("0004", 5, ("RJCT", "AC04")),
        ("0006", -5, ("RJCT", "AC06")),
        ("1111", 100_001, ("RJCT", "AM04")),
        ("1111", -1_000_001, ("RJCT", "AM04")),
    ],
)
def test_an_order_is_rejected_by_its_account(
    tmp_path: Path, ending: str, minor: int, decision: tuple[str, str]
) -> None:
    branch = Branch(tmp_path)
    branch.order(("O-1", minor, number(ending)))
    branch.bank.work()
    assert branch.decisions() == {"O-1": decision}
    assert (branch.balance() == 100_000) == (decision[0] == "RJCT")


def test_what_comes_back_is_booked_twice(tmp_path: Path) -> None:
    branch = Branch(tmp_path, Terms(delay_ms=10))
    branch.order(("O-1", 40, number("0010")))
    branch.order(("O-2", -60, number("0011")))
    for _ in range(4):
        branch.bank.work()
        branch.clock.advance(10)
    assert {(one.end_to_end_id, one.amount.minor, one.return_reason) for one in branch.told()} == {
        ("O-1", -40, ""),
        ("O-1", 40, "AC04"),
        ("O-2", 60, ""),
        ("O-2", -60, "MD06"),
    }
    assert branch.balance() == 100_000


def test_a_silent_bank_says_and_books_nothing(tmp_path: Path) -> None:
    branch = Branch(tmp_path)
    branch.order(("O-1", 40, number("0020")))
    branch.bank.work()
    assert (branch.statuses(), branch.told(), branch.balance()) == ([], [], 100_000)


def test_two_orders_do_not_spend_the_same_money(tmp_path: Path) -> None:
    branch = Branch(tmp_path, Terms(delay_ms=1000))
    branch.order(("O-1", 60_000, GOOD), ("O-2", 60_000, GOOD))
    branch.bank.work()
    assert branch.decisions() == {"O-1": ("ACCP", ""), "O-2": ("RJCT", "AM04")}


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    branch = Branch(tmp_path)
    branch.order(("O-1", 40, GOOD), name="F-A")
    branch.bank.work()
    again = (tmp_path / "archive" / "F-A.xml").read_bytes()
    branch.lay("other-name.xml", again)
    branch.bank.work()
    assert (len(branch.statuses()), len(branch.told()), branch.balance()) == (1, 1, 99_960)


def test_another_file_of_the_same_name_and_another_order_of_the_same_name_are_refused(
    tmp_path: Path,
) -> None:
    branch = Branch(tmp_path)
    branch.order(("O-1", 40, GOOD), name="F-A")
    branch.bank.work()
    branch.order(("O-2", 41, GOOD), name="F-A")
    branch.order(("O-1", 42, GOOD), ("O-3", 1, GOOD), name="F-B")
    branch.bank.work()
    second, third = branch.statuses()[1:]
    assert (second.group_status, second.group_reason, second.original_id) == ("RJCT", "DU01", "F-A")
    assert third.group_status == "PART"
    assert [(one.status, one.reason) for one in third.transactions] == [
        ("RJCT", "DU04"),
        ("ACCP", ""),
    ]
    assert branch.balance() == 100_000 - 40 - 1


def test_a_file_that_cannot_be_done_is_refused_as_a_whole(tmp_path: Path) -> None:
    branch = Branch(tmp_path)
    branch.lay("a.xml", b"<Document/>")
    branch.lay("b.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")
    branch.order(("O-1", 40, GOOD), currency=Currency("USD"))
    branch.bank.work()
    assert [one.group_reason for one in branch.statuses()] == ["AM03", "FF01", "FF01"]
    assert sorted(file.name for file in (tmp_path / "refused").iterdir()) == ["a.xml", "b.xml"]
    assert branch.balance() == 100_000


def test_an_account_is_kept_in_one_currency(tmp_path: Path) -> None:
    branch = Branch(tmp_path)
    usd = Account(GOOD.number, Currency("USD"), "Ada", 5, is_customer=False)
    branch.bank.open_account(GOOD, usd)
    branch.order(("O-1", 40, GOOD))
    branch.bank.work()
    assert branch.decisions() == {"O-1": ("RJCT", "AM03")}


def test_rates_choose_by_the_seed(tmp_path: Path) -> None:
    def fates(seed: int, folder: str) -> list[str]:
        branch = Branch(tmp_path / folder, Terms(reject_rate=0.3, seed=seed))
        branch.order(*((f"O-{one}", 2, GOOD) for one in range(300)))
        branch.bank.work()
        return [status for status, _ in branch.decisions().values()]

    first = fates(1, "a")
    assert 60 < first.count("RJCT") < 120
    assert fates(1, "b") == first
    assert fates(2, "c") != first


def test_a_small_credit_arrives_but_where_no_account_is(tmp_path: Path) -> None:
    branch = Branch(tmp_path, Terms(reject_rate=1, return_rate=1))
    branch.order(*((f"O-{ending}", 1, number(ending)) for ending in ("0010", "0020", "1234")))
    branch.order(("O-0004", 1, number("0004")), ("O-2", 2, GOOD))
    for _ in range(3):
        branch.bank.work()
    rejected = [one for one, (status, _) in branch.decisions().items() if status == "RJCT"]
    assert rejected == ["O-0004", "O-2"]
    assert branch.balance() == 100_000 - 3


def test_money_that_nobody_ordered_is_on_the_statement_too(tmp_path: Path) -> None:
    branch = Branch(tmp_path)
    branch.bank.pay_in(HOUSE.number, Money(77, EUR), name="Somebody", text="For tea")
    branch.bank.pay_in(HOUSE.number, Money(-9, EUR), name="", text="Charges")
    branch.pass_days()
    entries = branch.statements()[0].entries
    assert [(one.amount.minor, one.end_to_end_id, one.text) for one in entries] == [
        (77, "", "For tea"),
        (-9, "", "Charges"),
    ]


@pytest.mark.parametrize(
    ("told", "known", "result"),
    [
        ("Ada Lovelace", "ADA LOVELACE", "MTCH"),
        ("Lovelace, Ada", "Mrs. Ada Lovelace", "MTCH"),
        ("Zoë Müller", "Zoe Muller", "MTCH"),
        ("王小明", "王小明", "MTCH"),
        ("A Lovelace", "Ada Lovelace", "CMTC"),
        ("Ada King Lovelace", "Ada Lovelace", "CMTC"),
        ("Ada Lovelase", "Ada Lovelace", "CMTC"),
        ("Ada Byron", "Ada Lovelace", "NMTC"),
        ("Ada Lovelace", "Sam Everyman", "NMTC"),
        ("王小明", "李小明", "NMTC"),
        ("A L", "Ada Lovelace", "NMTC"),
        ("...", "Ada Lovelace", "NMTC"),
    ],
)
def test_a_name_is_the_holders_nearly_or_not(told: str, known: str, result: str) -> None:
    assert compare_names(told, known) == result


def test_the_bank_says_whether_a_holder_bears_a_name(tmp_path: Path) -> None:
    branch = Branch(tmp_path)
    ada = Account(GOOD.number, EUR, "Ada Lovelace", 0, is_customer=False)
    branch.bank.open_account(GOOD, ada)
    told = {
        "Ada Lovelace": GOOD,
        "Ada M Lovelace": GOOD,
        "Eve Adams": GOOD,
        "Ben Eater": number("0031"),
        "Mei Li": number("0030"),
        "Someone": number("0032"),
        "Nobody": number("0001"),
        "Known From Now On": number("7777"),
    }
    questions = tuple(
        NameQuestion(f"Q-{at}", name, account, "EUR")
        for at, (name, account) in enumerate(told.items())
    )
    branch.lay(
        "q.xml", iso20022.write_name_request(NameRequest("A-1", START, "House", "", questions))
    )
    branch.bank.work()
    [report] = branch.name_reports()
    assert [(one.result, one.name) for one in report.answers] == [
        ("MTCH", ""),
        ("CMTC", "Ada Lovelace"),
        # Whose account it is is told to nobody who does not nearly know.
        ("NMTC", ""),
        ("CMTC", "B Eater"),
        ("NMTC", ""),
        ("NOAP", ""),
        ("AC01", ""),
        ("MTCH", ""),
    ]
    assert branch.balance() == 100_000


def test_a_reference_that_a_payer_names_is_on_every_message(tmp_path: Path) -> None:
    branch = Branch(tmp_path)
    reference = iso20022.make_reference("539007547034")
    branch.bank.pay_in(HOUSE.number, Money(77, EUR), name="Ada", text="Tea", reference=reference)
    branch.bank.pay_in(HOUSE.number, Money(8, EUR), name="Ben", text="Cake")
    branch.pass_days()
    for entries in (branch.told(), branch.statements()[0].entries):
        assert [one.creditor_reference for one in entries] == [reference, ""]


def test_a_clock_that_goes_back_adds_nothing_to_a_closed_day(tmp_path: Path) -> None:
    branch = Branch(tmp_path)
    branch.pass_days(2)
    branch.clock.advance(-2 * 86_400_000)
    branch.order(("O-1", 40, GOOD))
    branch.bank.work()
    branch.pass_days(4)
    assert [len(one.entries) for one in branch.statements()] == [0, 0, 1, 0]
    assert branch.statements()[-1].closing == branch.balance()


@pytest.mark.parametrize("seed", range(4))
def test_a_month_keeps_its_books(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    terms = Terms(
        delay_ms=chance.choice([0, 10, 50_000_000]),
        reject_rate=0.2,
        return_rate=0.2,
        seed=seed,
        outside_minor=500,
    )
    branch = Branch(tmp_path, terms)
    for day in range(10):
        for file in range(chance.randrange(3)):
            sign = chance.choice([1, -1])
            orders = [
                (f"O-{day}-{file}-{one}", sign * chance.randrange(1, 400), number(f"{one:04}"))
                for one in range(chance.randrange(1, 6))
            ]
            branch.order(*orders)
        branch.bank.work()
        branch.clock.advance(chance.randrange(86_400_000))
        branch.bank.work()
    branch.pass_days(5)
    accounts = branch.bank.list_accounts()
    outside = [one for one in accounts if not one.is_customer]
    assert sum(one.minor for one in accounts) == 100_000 + 500 * len(outside)
    assert all(one.minor >= 0 for one in outside)
    statements = branch.statements()
    assert all(a.closing == b.opening for a, b in pairwise(statements))
    assert [one.sequence for one in statements] == list(range(1, len(statements) + 1))
    assert statements[-1].closing == branch.balance()
    stated = [entry for one in statements for entry in one.entries]
    assert sorted(map(repr, stated)) == sorted(map(repr, branch.told()))
    for written in (tmp_path / "outbox").iterdir():
        assert find_schema_problems(written.read_bytes()) == [], written.name


def test_two_banks_over_one_folder_are_one_bank(tmp_path: Path) -> None:
    branch = Branch(tmp_path)
    other = PartnerBank(tmp_path, Terms(), branch.clock)
    other.open_account(
        AccountNumber(HOUSE.number, is_iban=True),
        Account(HOUSE.number, EUR, "House", 5, is_customer=True),
    )
    assert branch.balance() == 100_000
    branch.order(("O-1", 40, GOOD))
    other.work()
    branch.bank.work()
    assert (branch.balance(), len(branch.statuses())) == (99_960, 1)
    assert branch.clock.now_ms() == START

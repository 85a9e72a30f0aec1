"""Statements, receipts, summaries and exports over HTTP, on both databases."""

import csv
import io
from datetime import date
from typing import Any

import httpx
import pytest
from ofxtools.Parser import OFXTree
from pypdf import PdfReader

from teahouse import iso20022, ledger
from teahouse.platform.clock import ManualClock
from teahouse.platform.jobs import Worker
from teahouse.platform.money import Currency, Money
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.payments.commands import pay, reverse_payment
from teahouse.wallet.payments.types import Payment, PaymentDraft, PaymentKind
from teahouse.wallet.statements.jobs import JOB_KINDS
from teahouse.wallet.statements.personal_data import erase_member, export_member
from teahouse.wallet.statements.rules import DAY_MS, start_of_day
from teahouse.wallet.statements.tables import EXPORT_FILES
from teahouse.wallet.wallets.commands import open_wallet
from tests.kit.house import House
from tests.kit.wallet_house import (
    Payer,
    find_problems,
    fund,
    money,
    pass_time,
    register_payer,
)

pytestmark = pytest.mark.anyio
CNY = Currency("CNY")
DAYS = "first_on=2026-11-01&last_on=2026-11-30"


@pytest.fixture
def clock() -> ManualClock:
    """Ten in the morning of 24 November 2026, UTC."""
    return ManualClock(start_of_day(date(2026, 11, 24)) + 10 * 3_600_000)


class Pair:
    """Ada, who got 100.00 and paid Ben three times; Cleo, who has nothing to do with it."""

    house: House
    ada: Payer
    ben: Payer
    cleo: Payer
    payments: list[Payment]

    def pay(self, minor: int, message: str, kind: PaymentKind = PaymentKind.TRANSFER) -> Payment:
        """Ada pays Ben."""
        return self.house.db.run(
            lambda tx: pay(
                tx,
                PaymentDraft(
                    kind=kind,
                    payer=open_wallet(tx, party_of(tx, self.ada.user_id), CNY).id,
                    payee=open_wallet(tx, party_of(tx, self.ben.user_id), CNY).id,
                    amount=Money(minor, CNY),
                    key=tx.new_id("key"),
                    fee=Money(12, CNY) if kind == PaymentKind.PURCHASE else None,
                    message=message,
                    reference="ord_1",
                ),
            )
        )

    async def wallet(self, payer: Payer) -> str:
        found = await payer.asked("GET", "/wallets")
        return str(found["wallets"][0]["wallet_id"])


@pytest.fixture
async def pair(house: House) -> Pair:
    made = Pair()
    made.house = house
    made.ada = await register_payer(house, "ada", cny=10_000)
    made.ben = await register_payer(house, "ben")
    made.cleo = await register_payer(house, "cleo", cny=1)
    name = {"displayname": "本 =1+1"}
    await made.ben.change("PUT", f"/profile/{made.ben.user_id}/displayname", name)
    made.payments = []
    for minor, message, kind in (
        (2000, "恭喜发财", PaymentKind.TRANSFER),
        (350, "=HYPERLINK(1)", PaymentKind.PURCHASE),
        (5, "", PaymentKind.TIP),
    ):
        pass_time(house, DAY_MS)
        made.payments.append(made.pay(minor, message, kind))
    pass_time(house, 1000)
    return made


async def make_export(pair: Pair, payer: Payer, chosen: str, **changes: Any) -> Any:
    body = {
        "wallet_id": await pair.wallet(payer),
        "format": chosen,
        "first_on": "2026-11-01",
        "last_on": "2026-11-30",
        **changes,
    }
    made = await payer.asked("POST", "/exports", body)
    assert made["status"] == "waiting"
    await run_jobs(pair.house)
    return await payer.asked("GET", f"/exports/{made['export_id']}")


async def run_jobs(house: House) -> int:
    return await Worker(house.db, house.services, JOB_KINDS).run_due()


async def fetch(payer: Payer, export: Any) -> httpx.Response:
    return await payer.ask("GET", f"/exports/{export['export_id']}/file")


# Statements


async def test_a_statement_leads_from_one_balance_to_the_other(pair: Pair) -> None:
    path = f"/statements?wallet_id={await pair.wallet(pair.ada)}"
    whole = await pair.ada.asked("GET", f"{path}&{DAYS}")
    assert (whole["opening"], whole["closing"]) == (money(0), money(7645))
    amounts = [line["amount"]["minor"] for line in whole["lines"]]
    assert amounts == [10_000, -2000, -350, -5]
    assert [line["balance"]["minor"] for line in whole["lines"]] == [10_000, 8000, 7650, 7645]
    assert whole["lines"][1]["counterparty"] == "本 =1+1 (@ben:teahouse.test)"
    assert whole["lines"][1]["message"] == "恭喜发财"
    assert whole["lines"][1]["payment_id"] == pair.payments[0].id
    assert whole["lines"][0]["counterparty"] == ""

    later = await pair.ada.asked("GET", f"{path}&first_on=2026-11-26&last_on=2026-11-26")
    assert (later["opening"], later["closing"]) == (money(8000), money(7650))
    # What the payee gets is told without the fee.
    bens = f"/statements?wallet_id={await pair.wallet(pair.ben)}&{DAYS}"
    got = [line["amount"]["minor"] for line in (await pair.ben.asked("GET", bens))["lines"]]
    assert got == [2000, 338, 5]

    pages, cursor = [], ""
    while True:
        page = await pair.ada.asked("GET", f"{path}&{DAYS}&limit=3{cursor}")
        pages.append(page["lines"])
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert [line for part in pages for line in part] == whole["lines"]


async def test_statements_of_others_and_of_odd_days_are_refused(pair: Pair) -> None:
    path = f"/statements?wallet_id={await pair.wallet(pair.ada)}"
    for payer, query, expected in (
        (pair.ben, f"{path}&{DAYS}", (404, "wallet-not-found")),
        (pair.ada, f"/statements?wallet_id=wal_nothing&{DAYS}", (404, "wallet-not-found")),
        (pair.ada, f"/statements?{DAYS}", (400, "missing-parameter")),
        (pair.ada, f"{path}&first_on=2026-11-01", (400, "missing-parameter")),
        (pair.ada, f"{path}&first_on=2026-11-02&last_on=2026-11-01", (400, "invalid-parameter")),
        (pair.ada, f"{path}&first_on=1&last_on=2026-11-01", (400, "invalid-parameter")),
        (pair.ada, f"{path}&first_on=0001-01-01&last_on=9999-12-31", (400, "invalid-parameter")),
        (pair.ada, f"{path}&{DAYS}&cursor=W10", (400, "invalid-parameter")),
        (pair.ada, f"{path}&{DAYS}&limit=0", (400, "invalid-parameter")),
    ):
        assert await payer.refused("GET", query) == expected, query


async def test_a_month_is_summed_up(pair: Pair) -> None:
    summary = await pair.ada.asked("GET", "/summary?month=2026-11")
    [one] = summary["currencies"]
    assert (one["currency"], one["came_in"], one["went_out"], one["count"]) == (
        "CNY",
        10_000,
        2355,
        4,
    )
    assert [part["name"] for part in one["by_kind"]] == ["topup", "transfer", "purchase", "tip"]
    assert one["by_counterparty"][1]["went_out"] == 2355
    assert [part["name"] for part in one["by_day"]] == [
        "2026-11-24",
        "2026-11-25",
        "2026-11-26",
        "2026-11-27",
    ]
    assert (await pair.ada.asked("GET", "/summary?month=2026-10"))["currencies"] == []
    assert await pair.ada.refused("GET", "/summary?month=2026-13") == (400, "invalid-parameter")
    assert await pair.ada.refused("GET", "/summary") == (400, "missing-parameter")


# Receipts


async def test_a_receipt_proves_a_payment_to_both_sides_and_nobody_else(pair: Pair) -> None:
    payment = pair.payments[1]
    path = f"/receipts/{payment.id}"
    mine = await pair.ada.asked("GET", path)
    assert (mine["direction"], mine["fee"], mine["amount"]) == ("out", None, money(350))
    theirs = await pair.ben.asked("GET", path)
    assert (theirs["direction"], theirs["fee"]) == ("in", money(12))
    assert payment.transaction is not None
    booked = pair.house.db.look(ledger.find_transaction, payment.transaction)
    assert booked is not None
    assert (mine["transaction_id"], mine["chain_hash"]) == (booked.id, booked.hash)

    page = await pair.ada.ask("GET", f"{path}/html?language=zh")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert booked.hash in page.text
    assert "消费" in page.text
    pdf = await pair.ada.ask("GET", f"{path}/pdf?language=zh")
    assert pdf.headers["content-type"] == "application/pdf"
    text = PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    assert "本 =1+1 (@ben:teahouse.test)" in text
    assert payment.id in text
    for suffix in ("", "/html", "/pdf"):
        assert await pair.cleo.refused("GET", path + suffix) == (404, "payment-not-found")
        nothing = f"/receipts/pay_nothing{suffix}"
        assert await pair.ada.refused("GET", nothing) == (404, "payment-not-found")
    assert await pair.ada.refused("GET", f"{path}/pdf?language=fr") == (400, "invalid-parameter")


async def test_a_share_of_a_red_packet_is_from_who_gave_it(pair: Pair) -> None:
    room = await pair.ada.create_room()
    await pair.ben.join(room)
    body = {"room_id": room, "total": money(88), "for_member": pair.ben.user_id}
    packet = await pair.ada.asked("POST", "/red-packets", body)
    had = await pair.ben.asked("POST", f"/red-packets/{packet['packet_id']}/claim")
    receipt = await pair.ben.asked("GET", f"/receipts/{had['payment_id']}")
    assert (receipt["payer"], receipt["kind"]) == ("ada (@ada:teahouse.test)", "red_packet_claim")
    path = f"/statements?wallet_id={await pair.wallet(pair.ben)}&{DAYS}"
    line = (await pair.ben.asked("GET", path))["lines"][-1]
    assert (line["amount"], line["counterparty"]) == (money(88), "ada (@ada:teahouse.test)")
    # Who gave it did not pay anybody yet when it was given.
    path = f"/statements?wallet_id={await pair.wallet(pair.ada)}&{DAYS}"
    line = (await pair.ada.asked("GET", path))["lines"][-1]
    assert (line["amount"], line["counterparty"]) == (money(-88), "")


async def test_a_receipt_tells_of_a_reversal(pair: Pair) -> None:
    topup = fund(pair.house.db, pair.cleo.user_id, Money(500, CNY))
    pair.house.db.run(reverse_payment, topup.id, key="gone")
    receipt = await pair.cleo.asked("GET", f"/receipts/{topup.id}")
    assert (receipt["status"], receipt["payer"]) == ("reversed", "teahouse.test")
    path = f"/statements?wallet_id={await pair.wallet(pair.cleo)}&{DAYS}"
    lines = (await pair.cleo.asked("GET", path))["lines"]
    assert [line["amount"]["minor"] for line in lines] == [1, 500, -500]


# Exports


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_every_format_is_made_fetched_and_read_by_others(pair: Pair) -> None:
    files = {}
    for chosen in ("csv", "ofx", "qif", "camt053", "pdf"):
        export = await make_export(pair, pair.ada, chosen, language="zh")
        assert (export["status"], export["progress"], export["trouble"]) == ("done", 100, "")
        fetched = await fetch(pair.ada, export)
        assert fetched.status_code == httpx.codes.OK
        assert fetched.headers["x-content-type-options"] == "nosniff"
        assert "attachment" in fetched.headers["content-disposition"]
        assert len(fetched.content) == export["byte_count"]
        files[chosen] = fetched.content

    rows = list(csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig"), newline="")))
    assert [row["金额"] for row in rows] == ["100.00", "-20.00", "-3.50", "-0.05"]
    assert rows[2]["留言"] == "'=HYPERLINK(1)"
    tree = OFXTree()
    tree.parse(io.BytesIO(files["ofx"]))
    [told] = tree.convert().statements
    assert str(told.balance.balamt) == "76.45"
    assert files["qif"].decode().count("\n^\n") == 5
    statement = iso20022.read_statement(files["camt053"])
    assert (statement.opening, statement.closing, len(statement.entries)) == (0, 7645, 4)
    text = PdfReader(io.BytesIO(files["pdf"])).pages[0].extract_text()
    assert "恭喜发财" in text
    listed = await pair.ada.asked("GET", "/exports?limit=3")
    assert len(listed["items"]) == 3
    rest = await pair.ada.asked("GET", f"/exports?limit=3&cursor={listed['next_cursor']}")
    assert len(rest["items"]) == 2


async def test_what_is_paid_after_it_was_asked_for_is_not_in_it(pair: Pair) -> None:
    body = {
        "wallet_id": await pair.wallet(pair.ada),
        "format": "csv",
        "first_on": "2026-11-27",
        "last_on": "2026-11-30",
    }
    export = await pair.ada.asked("POST", "/exports", body, key="once")
    assert await pair.ada.asked("POST", "/exports", body, key="once") == export
    assert (await pair.ada.ask("GET", f"/exports/{export['export_id']}/file")).status_code == 409
    pass_time(pair.house, 1)
    pair.pay(1, "late")
    await run_jobs(pair.house)
    fetched = await fetch(pair.ada, export)
    assert len(fetched.text.splitlines()) == 2


async def test_exports_are_the_owners_alone_and_go_after_a_week(pair: Pair) -> None:
    export = await make_export(pair, pair.ada, "csv")
    one = f"/exports/{export['export_id']}"
    for method, path in (("GET", one), ("GET", f"{one}/file"), ("DELETE", one)):
        assert await pair.ben.refused(method, path) == (404, "unknown-export")
        gone = path.replace(export["export_id"], "exp_nothing")
        assert await pair.ada.refused(method, gone) == (404, "unknown-export")
    files = pair.house.services.files
    assert await files.find(EXPORT_FILES, export["export_id"]) is not None
    pass_time(pair.house, 7 * DAY_MS)
    assert await pair.ada.refused("GET", f"{one}/file") == (404, "unknown-export")
    await run_jobs(pair.house)
    assert await files.find(EXPORT_FILES, export["export_id"]) is None
    assert pair.house.db.look(export_member, pair.ada.user_id) == {"exports": []}

    second = await make_export(pair, pair.ada, "csv")
    done = await pair.ada.ask("DELETE", f"/exports/{second['export_id']}")
    assert done.status_code == httpx.codes.NO_CONTENT
    await run_jobs(pair.house)
    assert await files.find(EXPORT_FILES, second["export_id"]) is None

    third = await make_export(pair, pair.ada, "csv")
    exported: Any = pair.house.db.look(export_member, pair.ada.user_id)
    assert [row["export_id"] for row in exported["exports"]] == [third["export_id"]]
    pair.house.db.run(erase_member, pair.ada.user_id)
    await run_jobs(pair.house)
    assert await files.find(EXPORT_FILES, third["export_id"]) is None
    assert pair.house.db.look(export_member, pair.ada.user_id) == {"exports": []}


async def test_exports_that_cannot_be_are_refused(pair: Pair) -> None:
    usual = {
        "wallet_id": await pair.wallet(pair.ada),
        "format": "csv",
        "first_on": "2026-11-01",
        "last_on": "2026-11-30",
    }
    for changes, expected in (
        ({"wallet_id": await pair.wallet(pair.ben)}, (404, "wallet-not-found")),
        ({"format": "xls"}, (400, "bad-json")),
        ({"first_on": "2026-12-01"}, (400, "invalid-parameter")),
        ({"first_on": "2025-01-01"}, (400, "invalid-parameter")),
        ({"first_on": "0001-01-01", "last_on": "0001-01-02"}, (400, "invalid-parameter")),
        ({"first_on": "tomorrow"}, (400, "bad-json")),
        ({"language": "fr"}, (400, "bad-json")),
        ({"extra": 1}, (400, "bad-json")),
    ):
        told = await pair.ada.refused("POST", "/exports", {**usual, **changes})
        assert told == expected, changes
    for _ in range(10):
        await pair.ada.asked("POST", "/exports", usual)
    assert await pair.ada.refused("POST", "/exports", usual) == (409, "too-many-exports")


async def test_too_many_lines_are_told(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("teahouse.wallet.statements.jobs.lines_max_of", lambda _chosen: 3)
    export = await make_export(pair, pair.ada, "pdf")
    assert (export["status"], export["trouble"]) == ("failed", "too-many-lines")
    refused = await fetch(pair.ada, export)
    assert refused.json()["trouble"] == "too-many-lines"
    assert find_problems(pair.house) == []


async def test_a_long_statement_is_made_in_parts(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("teahouse.wallet.statements.jobs._LINES_AT_A_TIME", 2)
    export = await make_export(pair, pair.ada, "csv")
    fetched = await fetch(pair.ada, export)
    assert len(fetched.text.splitlines()) == 5

"""Statements as files, read back by others' programs."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ofxtools.Parser import OFXTree
from pypdf import PdfReader

from teahouse import iso20022
from teahouse.platform.errors import InvalidParam
from teahouse.platform.money import Currency, Money
from teahouse.wallet.statements.rules import (
    COUNTERPARTIES_MAX,
    check_days,
    defuse,
    list_facts,
    month_days,
    start_of_day,
    sum_up,
    write_receipt_html,
    write_receipt_pdf,
    write_statement,
)
from teahouse.wallet.statements.types import KIND_WORDS, WORDS, Format, Line, Receipt, Statement

CNY = Currency("CNY")
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
AT = start_of_day(date(2026, 11, 24)) + 41_000_000
# Text that means something to one of the formats.
ODD = [
    '恭喜发财 & <b>"Zoë"</b>',
    "two\r\nlines ^ !Type:Bank",
    '=HYPERLINK("https://evil.example")',
    "]]> --> \x07 \ufffe",
    "x" * 400,
    "'; DROP TABLE",
]


def line(minor: int, balance: int, number: int = 1, **changes: object) -> Line:
    usual: dict[str, object] = {
        "booked_at": AT + number,
        "valued_on": date(2026, 11, 24),
        "amount": Money(minor, CNY),
        "balance": Money(balance, CNY),
        "kind": "transfer",
        "counterparty": "李雷",
        "message": "for tea",
        "reference": "tra_1",
        "payment_id": f"pay_{number}",
        "transaction_id": f"txn_{number}",
    }
    return Line(**{**usual, **changes})  # type: ignore[arg-type]


def statement(*moves: tuple[int, str, str], currency: str = "CNY") -> Statement:
    code, balance, lines = Currency(currency), 10_000, []
    for number, (minor, counterparty, message) in enumerate(moves):
        balance += minor
        lines.append(
            line(minor, balance, number, counterparty=counterparty, message=message,
                 amount=Money(minor, code))
        )  # fmt: skip
    return Statement(
        wallet_id="wal_06cm0f8k0c2m0v8q3d1s5t7n",
        owner="韩梅梅",
        currency=code,
        first_on=FIRST,
        last_on=LAST,
        opening=Money(10_000, code),
        closing=Money(balance, code),
        lines=lines,
        made_at=AT,
    )


USUAL = statement(
    (2000, "李雷", "恭喜发财"), (-350, "Blue Kettle Café", "tea"), *((-1, t, t) for t in ODD)
)

texts = st.one_of(st.text(max_size=40), st.sampled_from(ODD))
statements = st.lists(
    st.tuples(st.integers(-(10**9), 10**9).filter(bool), texts, texts), max_size=6
).map(lambda moves: statement(*moves))


# CSV


@given(made=statements)
@settings(max_examples=60)
def test_a_table_says_every_line_and_holds_no_formula(made: Statement) -> None:
    raw = write_statement(made, "csv", "en")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert [row["Amount"] for row in rows] == [
        f"{Decimal(one.amount.minor) / 100:.2f}" for one in made.lines
    ]
    for row, one in zip(rows, made.lines, strict=True):
        assert row["Message"].removeprefix("'") == one.message.removeprefix("'")
        for name in ("Message", "Counterparty", "Reference"):
            assert not row[name].lstrip().startswith(tuple("=+-@＝＋－＠"))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "\n-1", "－1"]
)
def test_what_a_spreadsheet_would_run_is_defused(text: str) -> None:
    assert defuse(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "tea", "1+1", "恭喜", "a=b", "tea - green"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert defuse(text) == text


# OFX


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@given(made=statements)
@settings(max_examples=40)
def test_ofx_is_understood_by_ofxtools(made: Statement) -> None:
    tree = OFXTree()
    tree.parse(io.BytesIO(write_statement(made, "ofx", "en")))
    (told,) = tree.convert().statements
    assert told.curdef == "CNY"
    assert len(told.account.acctid) <= 22
    assert [one.trnamt for one in told.transactions] == [
        Decimal(one.amount.minor).scaleb(-2) for one in made.lines
    ]
    assert [one.fitid for one in told.transactions] == [one.transaction_id for one in made.lines]
    assert told.balance.balamt == Decimal(made.closing.minor).scaleb(-2)
    assert told.transactions.dtstart == datetime.fromisoformat("2026-11-01T00:00:00+00:00")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_ofx_keeps_names_and_kinds() -> None:
    tree = OFXTree()
    tree.parse(io.BytesIO(write_statement(USUAL, "ofx", "zh")))
    (told,) = tree.convert().statements
    assert (told.transactions[0].name, told.transactions[0].memo) == ("李雷", "恭喜发财")
    assert (told.transactions[0].trntype, told.transactions[1].trntype) == ("CREDIT", "DEBIT")
    assert told.transactions[2].name == ODD[0][:32]


# QIF


@given(made=statements)
@settings(max_examples=60)
def test_qif_has_one_record_for_each_line_whatever_is_written(made: Statement) -> None:
    text = write_statement(made, "qif", "en").decode()
    account, _, records = text.partition("!Type:Bank\n")
    assert account.startswith("!Account\n")
    found = [record.split("\n") for record in records.split("\n^\n")[:-1]]
    assert len(found) == len(made.lines)
    for fields, one in zip(found, made.lines, strict=True):
        assert [field[:1] for field in fields] == ["D", "T", "N", "P", "M", "L"]
        assert Decimal(fields[1][1:]) == Decimal(one.amount.minor).scaleb(-2)


# camt.053


@given(made=statements)
@settings(max_examples=40)
def test_camt053_is_read_back(made: Statement) -> None:
    told = iso20022.read_statement(write_statement(made, "camt053", "en"))
    assert (told.opening, told.closing) == (made.opening.minor, made.closing.minor)
    assert [one.amount for one in told.entries] == [one.amount for one in made.lines]
    assert [one.end_to_end_id for one in told.entries] == [
        one.payment_id.replace("_", "-") for one in made.lines
    ]


# PDF


def test_pdf_says_the_lines_and_the_sums_in_both_languages() -> None:
    for language, words in (
        ("en", ["Account statement", "Recurring", "CN¥100.00", "-CN¥3.50", "Page 1 of 1"]),
        ("zh", ["对账单", "转账", "¥100.00", "¥20.00", "第 1 页，共 1 页"]),
    ):
        made = statement((2000, "李雷", "恭喜发财"), (-350, "Blue Kettle Café", "tea"))
        if language == "en":
            words.remove("Recurring")
        pdf = write_statement(made, "pdf", language)  # type: ignore[arg-type]
        text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
        for expected in [*words, "2026-11-24", "李雷", "恭喜发财", "Blue Kettle Café", "韩梅梅"]:
            assert expected in text


@pytest.mark.parametrize("chosen", ["csv", "pdf", "ofx", "qif", "camt053"])
@pytest.mark.parametrize("currency", ["XAF", "KWD", "EUR"])
def test_every_format_bears_odd_text_every_exponent_and_nothing_at_all(
    chosen: Format, currency: str
) -> None:
    odd = statement(*((-1, text, text) for text in ODD), currency=currency)
    for made in (statement(currency=currency), odd):
        assert write_statement(made, chosen, "zh")


# Receipts


RECEIPT = Receipt(
    payment_id="pay_1",
    kind="red_packet_claim",
    direction="in",
    status="completed",
    payer='<script>alert("x")</script>',
    payee="Zoë's & 李雷",
    amount=Money(2000, CNY),
    fee=Money(12, CNY),
    message='" onload="x',
    reference="rpk_1",
    created_at=AT,
    booked_at=AT,
    transaction_id="txn_1",
    chain_hash="ab" * 32,
    server_name="teahouse.example",
)


def test_a_receipt_as_a_page_runs_nothing_that_a_member_wrote() -> None:
    page = write_receipt_html(RECEIPT, "zh").decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "Zoë&#39;s &amp; 李雷" in page
    assert '" onload="x' not in page
    assert "收到红包" in page
    assert "¥20.00" in page
    assert "ab" * 32 in page
    assert "src=" not in page
    assert "href=" not in page


def test_a_receipt_as_pdf_says_the_same() -> None:
    text = PdfReader(io.BytesIO(write_receipt_pdf(RECEIPT, "en"))).pages[0].extract_text()
    for label, value in list_facts(RECEIPT, "en"):
        assert label in text
        assert value in text
    assert "CN¥20.00" in text


def test_a_receipt_of_what_was_not_booked_leaves_that_out() -> None:
    pending = Receipt(
        **{
            **{name: getattr(RECEIPT, name) for name in RECEIPT.__struct_fields__},
            "status": "pending",
            "fee": None,
            "booked_at": None,
            "transaction_id": None,
            "chain_hash": None,
        }
    )
    labels = [label for label, _ in list_facts(pending, "en")]
    assert "Transaction" not in labels
    assert "Fee" not in labels


def test_words_are_there_in_both_languages() -> None:
    for english, chinese in [*WORDS.values(), *KIND_WORDS.values()]:
        assert english
        assert chinese
        assert not chinese.isascii()


# Summaries


@given(
    moves=st.lists(
        st.tuples(
            st.integers(-(10**9), 10**9).filter(bool),
            st.sampled_from(["transfer", "purchase", "topup"]),
            st.integers(0, 40).map(str),
            st.integers(0, 29),
        ),
        max_size=60,
    )
)
@settings(max_examples=60)
def test_every_heading_sums_to_the_whole(moves: list[tuple[int, str, str, int]]) -> None:
    lines = [
        line(minor, 0, kind=kind, counterparty=name, booked_at=AT + day * 86_400_000)
        for minor, kind, name, day in moves
    ]
    summed = sum_up(lines, "2026-11").currencies
    assert len(summed) == bool(moves)
    for one in summed:
        assert one.came_in - one.went_out == sum(move[0] for move in moves)
        assert one.count == len(moves)
        assert len(one.by_counterparty) <= COUNTERPARTIES_MAX
        for headings in (one.by_kind, one.by_counterparty, one.by_day):
            assert sum(part.came_in for part in headings) == one.came_in
            assert sum(part.went_out for part in headings) == one.went_out
            assert sum(part.count for part in headings) == one.count


def test_currencies_are_never_summed_together() -> None:
    lines = [line(1, 0), line(-5, 0, amount=Money(-5, Currency("EUR")))]
    summed = sum_up(lines, "2026-11").currencies
    assert [(one.currency, one.came_in, one.went_out) for one in summed] == [
        ("CNY", 1, 0),
        ("EUR", 0, 5),
    ]


# Days


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "2026-1", "26-01", "2026-01-01", "", "0"])
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(InvalidParam):
        month_days(month)


def test_a_month_ends_where_the_next_begins() -> None:
    assert month_days("2026-12") == (date(2026, 12, 1), date(2027, 1, 1))
    assert month_days("2028-02") == (date(2028, 2, 1), date(2028, 3, 1))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 2, 1), date(2026, 1, 31)),
        (date(2026, 1, 1), date(2027, 1, 2)),
        (date(1, 1, 1), date(1, 1, 2)),
        (date(9999, 12, 31), date(9999, 12, 31)),
    ],
)
def test_days_no_export_can_have_are_refused(first: date, last: date) -> None:
    check_days(date(2026, 1, 1), date(2027, 1, 1))
    with pytest.raises(InvalidParam):
        check_days(first, last)

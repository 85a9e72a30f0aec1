"""Writes statements in the formats that people, tables and other programs read. Pure.

CSV (RFC 4180), QIF (Intuit), OFX 2.2 (Financial Data Exchange), camt.053 (ISO 20022, by
`teahouse.iso20022`) and, through `wallet.papers`, PDF.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape

from teahouse import iso20022
from teahouse.platform.errors import InvalidParam
from teahouse.platform.money import Money, format_money, plain_amount
from teahouse.wallet.papers.types import Column, Paper
from teahouse.wallet.statements.types import (
    KIND_WORDS,
    WORDS,
    CurrencySummary,
    Format,
    Language,
    Line,
    Receipt,
    Statement,
    Sum,
    Summary,
)

DAY_MS = 86_400_000
# Ten years of a busy shop in one file would help nobody; a year at a time does.
EXPORT_DAYS_MAX = 366
COUNTERPARTIES_MAX = 20
# A formula in the eyes of a spreadsheet: these signs at the start, also in their full-width forms,
# also after the blanks that it skips.
# Source: OWASP, "CSV Injection".
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_XML_CANNOT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MONTH = re.compile(r"(2[0-9]{3})-(0[1-9]|1[0-2])")
_LOCALES: dict[Language, str] = {"en": "en", "zh": "zh-CN"}


# Words


def word(name: str, language: Language) -> str:
    """A word of papers and tables, in a language."""
    english, chinese = WORDS[name]
    return chinese if language == "zh" else english


def kind_word(kind: str, language: Language) -> str:
    """What people call a kind of payment; a kind without a word of its own is called as it is."""
    english, chinese = KIND_WORDS.get(kind, (kind, kind))
    return chinese if language == "zh" else english


# Days


def day_of(instant_ms: int) -> date:
    """The UTC day of an instant."""
    return datetime.fromtimestamp(instant_ms // 1000, UTC).date()


def start_of_day(day: date) -> int:
    """The first instant of a UTC day, milliseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def end_of_day(day: date) -> int:
    """The first instant after a UTC day, milliseconds."""
    return start_of_day(day) + DAY_MS


def month_days(month: str) -> tuple[date, date]:
    """The first day of a month and that of the next.

    Args:
        month: such as `2026-11`.

    Raises:
        InvalidParam: no month of this millennium.
    """
    match = _MONTH.fullmatch(month)
    if match is None:
        raise InvalidParam("`month` is written as 2026-11.")
    year, number = int(match[1]), int(match[2])
    following = date(year + number // 12, number % 12 + 1, 1)
    return date(year, number, 1), following


def check_days(first_on: date, last_on: date) -> None:
    """Check the days of an export.

    Raises:
        InvalidParam: in the wrong order, too many, or beyond what a date can be.
    """
    if not date(2000, 1, 1) <= first_on <= last_on <= date(2999, 12, 31):
        raise InvalidParam("`first_on` is not after `last_on`, and both are in this millennium.")
    if (last_on - first_on).days >= EXPORT_DAYS_MAX:
        raise InvalidParam(f"An export covers at most {EXPORT_DAYS_MAX} days.")


def write_instant(instant_ms: int) -> str:
    """An instant as people read it, in UTC, to the second."""
    return datetime.fromtimestamp(instant_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


# Statements


def write_statement(statement: Statement, chosen: Format, language: Language) -> bytes:
    """A statement as a file.

    Args:
        statement: whose lines lead from the opening to the closing balance.
        chosen: the format.
        language: of headings and words, where the format has any.
    """
    moved = sum(line.amount.minor for line in statement.lines)
    assert statement.opening.minor + moved == statement.closing.minor
    writers: dict[Format, Callable[[Statement, Language], bytes]] = {
        "csv": write_csv,
        "pdf": write_pdf,
        "ofx": write_ofx,
        "qif": write_qif,
        "camt053": write_camt053,
    }
    return writers[chosen](statement, language)


def lines_max_of(chosen: Format) -> int:
    """The most lines of a file: what its readers bear, and a job makes within a minute."""
    limits: dict[Format, int] = {
        "csv": 50_000,
        "ofx": 50_000,
        "qif": 50_000,
        # 250 pages.
        "pdf": 10_000,
        # What banks take in one file.
        "camt053": 5_000,
    }
    return limits[chosen]


def content_type_of(chosen: Format) -> str:
    """The media type of a file."""
    return {
        "csv": "text/csv; charset=utf-8; header=present",
        "pdf": "application/pdf",
        "ofx": "application/x-ofx",
        "qif": "application/x-qif; charset=utf-8",
        "camt053": "application/xml",
    }[chosen]


def file_name_of(statement_days: tuple[date, date], chosen: Format) -> str:
    """How a file is called where it is saved: nothing in it that a member wrote."""
    ending = "camt053.xml" if chosen == "camt053" else chosen
    first, last = statement_days
    return f"teahouse-{first.isoformat()}-{last.isoformat()}.{ending}"


_CSV_HEADS = (
    "booked_at", "valued_on", "kind", "counterparty", "message", "amount", "currency",
    "balance", "reference", "payment_id", "transaction_id",
)  # fmt: skip


def write_csv(statement: Statement, language: Language) -> bytes:
    """A table with one line for each payment; the first line names the columns.

    UTF-8 with a byte order mark, without which spreadsheets take Chinese for something else.
    """
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow([word(head, language) for head in _CSV_HEADS])
    for line in statement.lines:
        table.writerow(
            [
                datetime.fromtimestamp(line.booked_at // 1000, UTC).isoformat(),
                line.valued_on.isoformat(),
                defuse(kind_word(line.kind, language)),
                defuse(line.counterparty),
                defuse(line.message),
                plain_amount(line.amount),
                line.amount.currency,
                plain_amount(line.balance),
                defuse(line.reference),
                line.payment_id,
                line.transaction_id,
            ]
        )
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def defuse(text: str) -> str:
    """Text that no spreadsheet takes for a formula: a quote before what looks like one."""
    return f"'{text}" if _FORMULA.match(text) else text


def write_qif(statement: Statement, language: Language) -> bytes:
    """Quicken's text format, for programs that read nothing newer.

    Source:
        Intuit, "Quicken Interchange Format (QIF) files": `D` date as month/day/year, `T` amount,
        `P` payee, `M` memo, `N` number, `L` category, `^` end.
    """
    lines = ["!Account", f"N{_one_line(statement.wallet_id)}", "TBank", "^", "!Type:Bank"]
    for line in statement.lines:
        lines += [
            f"D{line.valued_on:%m/%d/%Y}",
            f"T{plain_amount(line.amount)}",
            f"N{line.payment_id or line.transaction_id}",
            f"P{_one_line(line.counterparty or kind_word(line.kind, language))}",
            f"M{_one_line(line.message or line.reference)}",
            f"L{_one_line(kind_word(line.kind, language))}",
            "^",
        ]
    return ("\n".join(lines) + "\n").encode()


def _one_line(text: str) -> str:
    # A line that began with `^` would end the record, one with `!` begin another list.
    return " ".join(text.split())


# OFX


_OFX_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    '<?OFX OFXHEADER="200" VERSION="220" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n'
)
# The lengths that the specification allows (11.3.1, 11.4.4).
_OFX_ACCOUNT_MAX, _OFX_NAME_MAX, _OFX_MEMO_MAX = 22, 32, 255
_OFX_KINDS_IN = {"topup": "XFER", "refund": "CREDIT", "red_packet_return": "CREDIT"}
_OFX_KINDS_OUT = {
    "fee": "FEE",
    "mandate_charge": "DIRECTDEBIT",
    "purchase": "POS",
    "topup": "XFER",
    "withdrawal": "XFER",
    "payout": "XFER",
}


def write_ofx(statement: Statement, language: Language) -> bytes:
    """OFX 2.2: a bank statement response, as finance programs import it.

    Source:
        OFX Banking Specification 2.2, 2.2 (headers), 2.5.1.6 (sign-on), 11.4.2 (statements).
    """
    made = _ofx_instant(statement.made_at)
    account = statement.wallet_id.rpartition("_")[2][-_OFX_ACCOUNT_MAX:]
    status = "<STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS>"
    tongue = {"en": "ENG", "zh": "ZHO"}[language]
    first = _ofx_instant(start_of_day(statement.first_on))
    last = _ofx_instant(end_of_day(statement.last_on))
    parts = [
        _OFX_HEAD,
        f"<OFX><SIGNONMSGSRSV1><SONRS>{status}<DTSERVER>{made}</DTSERVER>",
        f"<LANGUAGE>{tongue}</LANGUAGE></SONRS></SIGNONMSGSRSV1>",
        f"<BANKMSGSRSV1><STMTTRNRS><TRNUID>0</TRNUID>{status}",
        f"<STMTRS><CURDEF>{statement.currency}</CURDEF>",
        f"<BANKACCTFROM><BANKID>TEAHOUSE</BANKID><ACCTID>{account}</ACCTID>",
        "<ACCTTYPE>CHECKING</ACCTTYPE></BANKACCTFROM>",
        f"<BANKTRANLIST><DTSTART>{first}</DTSTART><DTEND>{last}</DTEND>",
        *(_ofx_line(line, language) for line in statement.lines),
        "</BANKTRANLIST>",
        f"<LEDGERBAL><BALAMT>{plain_amount(statement.closing)}</BALAMT>",
        f"<DTASOF>{last}</DTASOF></LEDGERBAL>",
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n",
    ]
    return "".join(parts).encode()


def _ofx_line(line: Line, language: Language) -> str:
    name = _ofx_text(line.counterparty or kind_word(line.kind, language), _OFX_NAME_MAX)
    memo = _ofx_text(line.message or line.reference, _OFX_MEMO_MAX)
    return "".join(
        [
            f"<STMTTRN><TRNTYPE>{_ofx_kind(line)}</TRNTYPE>",
            f"<DTPOSTED>{_ofx_instant(line.booked_at)}</DTPOSTED>",
            f"<TRNAMT>{plain_amount(line.amount)}</TRNAMT>",
            # Programs know by it what they have imported before.
            f"<FITID>{line.transaction_id}</FITID>",
            f"<NAME>{name}</NAME>",
            f"<MEMO>{memo}</MEMO>" if memo else "",
            "</STMTTRN>\n",
        ]
    )


def _ofx_kind(line: Line) -> str:
    if line.amount.minor > 0:
        return _OFX_KINDS_IN.get(line.kind, "CREDIT")
    return _OFX_KINDS_OUT.get(line.kind, "DEBIT")


def _ofx_instant(instant_ms: int) -> str:
    return datetime.fromtimestamp(instant_ms // 1000, UTC).strftime("%Y%m%d%H%M%S.000[0:UTC]")


def _ofx_text(text: str, length: int) -> str:
    return escape(_one_line(_XML_CANNOT.sub(" ", text))[:length].strip())


# camt.053


def write_camt053(statement: Statement, language: Language) -> bytes:
    """A bank's end-of-day statement of the wallet."""
    name = f"{statement.first_on:%Y%m%d}-{statement.last_on:%Y%m%d}"
    return iso20022.write_statement(
        iso20022.Statement(
            message_id=f"TH-{statement.made_at}-{name}"[:35],
            created_at=statement.made_at,
            id=f"TH-{name}",
            sequence=0,
            account=iso20022.AccountNumber(_identifier(statement.wallet_id), is_iban=False),
            currency=statement.currency,
            opened_on=statement.first_on,
            closed_on=statement.last_on,
            opening=statement.opening.minor,
            closing=statement.closing.minor,
            entries=tuple(
                iso20022.Entry(
                    amount=line.amount,
                    booked_on=day_of(line.booked_at),
                    valued_on=line.valued_on,
                    bank_reference=_identifier(line.transaction_id),
                    end_to_end_id=_identifier(line.payment_id),
                    name=line.counterparty,
                    text=line.message or kind_word(line.kind, language),
                )
                for line in statement.lines
            ),
        )
    )


def _identifier(ours: str) -> str:
    """An id of ours in the letters that every bank takes."""
    return ours.replace("_", "-")


# PDF


def write_pdf(statement: Statement, language: Language) -> bytes:
    """The statement as pages to be printed or kept."""
    came_in = sum(line.amount.minor for line in statement.lines if line.amount.minor > 0)
    went_out = came_in - (statement.closing.minor - statement.opening.minor)
    locale = _LOCALES[language]
    days = f"{statement.first_on.isoformat()} – {statement.last_on.isoformat()}"
    columns = (("valued_on", 14), ("kind", 13), ("counterparty", 20), ("message", 24))
    from teahouse.wallet.papers.rules import draw_paper  # heavy; only where a paper is drawn

    return draw_paper(
        Paper(
            language=language,
            title=word("statement", language),
            facts=[
                (word("owner", language), statement.owner),
                (word("wallet", language), statement.wallet_id),
                (word("days", language), days),
                (word("opening", language), format_money(statement.opening, locale)),
                (word("came_in", language), _money(came_in, statement, locale)),
                (word("went_out", language), _money(went_out, statement, locale)),
                (word("closing", language), format_money(statement.closing, locale)),
            ],
            columns=[
                *(Column(word(name, language), share) for name, share in columns),
                Column(word("amount", language), 15, "right"),
                Column(word("balance", language), 15, "right"),
            ],
            rows=[
                (
                    line.valued_on.isoformat(),
                    kind_word(line.kind, language),
                    line.counterparty,
                    line.message or line.reference,
                    format_money(line.amount, locale),
                    format_money(line.balance, locale),
                )
                for line in statement.lines
            ],
            footer=f"{word('made_at', language)} {write_instant(statement.made_at)}",
            page_word=word("page", language),
        )
    )


def _money(minor: int, statement: Statement, locale: str) -> str:
    return format_money(Money(minor, statement.currency), locale)


# Receipts


def list_facts(receipt: Receipt, language: Language) -> list[tuple[str, str]]:
    """What a receipt says, as labels and values, in the order in which it is read."""
    facts = [
        ("kind", kind_word(receipt.kind, language)),
        ("status", word(f"status_{receipt.status}", language)),
        ("payer", receipt.payer),
        ("payee", receipt.payee),
        ("fee", "" if receipt.fee is None else format_money(receipt.fee, _LOCALES[language])),
        ("message", receipt.message),
        ("reference", receipt.reference),
        ("created_at", write_instant(receipt.created_at)),
        ("booked_at", "" if receipt.booked_at is None else write_instant(receipt.booked_at)),
        ("payment_id", receipt.payment_id),
        ("transaction_id", receipt.transaction_id or ""),
        ("chain_hash", receipt.chain_hash or ""),
    ]
    return [(word(name, language), value) for name, value in facts if value]


def write_receipt_pdf(receipt: Receipt, language: Language) -> bytes:
    """A receipt as one page."""
    from teahouse.wallet.papers.rules import draw_paper  # heavy; only where a paper is drawn

    return draw_paper(
        Paper(
            language=language,
            title=word("receipt", language),
            headline=format_money(receipt.amount, _LOCALES[language]),
            facts=list_facts(receipt, language),
            footer=f"{receipt.server_name} · {word('proof', language)}",
            page_word=word("page", language),
        )
    )


_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} {payment_id}</title>
<style>
body {{ font: 16px/1.5 system-ui, "Noto Sans", "Noto Sans SC", sans-serif; color: #1a1a1a;
  max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.25rem; font-weight: 600; }}
.amount {{ font-size: 2rem; margin: 0.5rem 0 1.5rem; }}
dl {{ display: grid; grid-template-columns: minmax(7rem, 12rem) 1fr; gap: 0.5rem 1rem; }}
dt {{ color: #5c5c5c; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
footer {{ margin-top: 2rem; font-size: 0.8rem; color: #5c5c5c; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #16181c; color: #ececec; }}
  dt, footer {{ color: #a8a8a8; }} }}
@media print {{ body {{ margin: 0; }} }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p class="amount">{amount}</p>
<dl>
{facts}
</dl>
</main>
<footer>{server_name} · {proof}</footer>
</body>
</html>
"""


def write_receipt_html(receipt: Receipt, language: Language) -> bytes:
    """A receipt as a page of its own: no script, nothing loaded from elsewhere."""
    facts = "\n".join(
        f"<dt>{_html(label)}</dt><dd>{_html(value)}</dd>"
        for label, value in list_facts(receipt, language)
    )
    page = _PAGE.format(
        language={"en": "en", "zh": "zh-Hans"}[language],
        title=_html(word("receipt", language)),
        payment_id=_html(receipt.payment_id),
        amount=_html(format_money(receipt.amount, _LOCALES[language])),
        facts=facts,
        server_name=_html(receipt.server_name),
        proof=_html(word("proof", language)),
    )
    return page.encode()


def _html(text: str) -> str:
    return escape(_XML_CANNOT.sub(" ", text), {'"': "&quot;", "'": "&#39;"})


# Summaries


def sum_up(lines: Iterable[Line], month: str, *, is_complete: bool = True) -> Summary:
    """A month's lines, summed up by currency, kind, counterparty and day.

    Args:
        lines: of one member's wallets, in any order.
        month: such as `2026-11`; told, not looked at.
        is_complete: whether these are all.
    """
    by_currency: dict[str, list[Line]] = {}
    for line in lines:
        by_currency.setdefault(line.amount.currency, []).append(line)
    return Summary(
        month=month,
        currencies=[_sum_up_currency(by_currency[code]) for code in sorted(by_currency)],
        is_complete=is_complete,
    )


def _sum_up_currency(lines: Sequence[Line]) -> CurrencySummary:
    whole = _add(lines, "")
    counterparties = _largest_first(_group(lines, lambda line: line.counterparty))
    if len(counterparties) > COUNTERPARTIES_MAX:
        rest = counterparties[COUNTERPARTIES_MAX - 1 :]
        counterparties = counterparties[: COUNTERPARTIES_MAX - 1]
        counterparties.append(
            Sum(
                "…",
                sum(one.came_in for one in rest),
                sum(one.went_out for one in rest),
                sum(one.count for one in rest),
            )
        )
    by_day = _group(lines, lambda line: day_of(line.booked_at).isoformat())
    return CurrencySummary(
        currency=lines[0].amount.currency,
        came_in=whole.came_in,
        went_out=whole.went_out,
        count=whole.count,
        by_kind=_largest_first(_group(lines, lambda line: line.kind)),
        by_counterparty=counterparties,
        by_day=sorted(by_day, key=lambda one: one.name),
    )


def _group(lines: Iterable[Line], heading: Callable[[Line], str]) -> list[Sum]:
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(heading(line), []).append(line)
    return [_add(group, name) for name, group in groups.items()]


def _add(lines: Iterable[Line], name: str) -> Sum:
    amounts = [line.amount.minor for line in lines]
    came_in = sum(minor for minor in amounts if minor > 0)
    return Sum(name, came_in, came_in - sum(amounts), len(amounts))


def _largest_first(sums: list[Sum]) -> list[Sum]:
    return sorted(sums, key=lambda one: (-(one.came_in + one.went_out), one.name))

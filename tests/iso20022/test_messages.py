"""What is written follows the schemas, and is read as it was meant."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from xsdata.exceptions import ParserError

from teahouse import iso20022
from teahouse.iso20022 import AccountNumber, BadMessage, Transfer, TransferFile
from teahouse.iso20022.writing import is_identifier
from teahouse.platform.money import MINOR_MAX, Currency, Money
from tests.iso20022 import kit

Case = tuple[Any, Callable[[Any], bytes], Callable[[bytes], Any]]
CASES: dict[str, Case] = {
    "pain.001.001.09": (kit.TRANSFERS, iso20022.write_transfers, iso20022.read_transfers),
    "pain.008.001.08": (kit.DEBITS, iso20022.write_debits, iso20022.read_debits),
    "pain.002.001.10": (kit.STATUS, iso20022.write_status, iso20022.read_status),
    "camt.054.001.08": (
        kit.NOTIFICATION,
        iso20022.write_notification,
        iso20022.read_notification,
    ),
    "camt.053.001.08": (kit.STATEMENT, iso20022.write_statement, iso20022.read_statement),
}
each = pytest.mark.parametrize("kind", CASES)


NAMES: list[Case] = [
    (kit.NAME_REQUEST, iso20022.write_name_request, iso20022.read_name_request),
    (kit.NAME_REPORT, iso20022.write_name_report, iso20022.read_name_report),
]


@pytest.mark.parametrize(("message", "write", "read"), NAMES)
def test_questions_about_names_are_read_as_they_were_meant(
    message: Any, write: Callable[[Any], bytes], read: Callable[[bytes], Any]
) -> None:
    raw = write(message)
    assert iso20022.find_kind(raw) in {iso20022.NAME_REQUEST, iso20022.NAME_REPORT}
    assert read(raw) == message


def test_questions_about_names_have_the_elements_of_their_definition() -> None:
    """The order of elements in acmt.023.001.04 and acmt.024.001.04, from their schemas."""
    order = {
        "IdVrfctnReq": ["Assgnmt", "Vrfctn"],
        "IdVrfctnRpt": ["Assgnmt", "OrgnlAssgnmt", "Rpt"],
        "Assgnmt": ["MsgId", "CreDtTm", "Cretr", "FrstAgt", "Assgnr", "Assgne"],
        "OrgnlAssgnmt": ["MsgId", "CreDtTm", "FrstAgt"],
        "Vrfctn": ["Id", "PtyAndAcctId"],
        "PtyAndAcctId": ["Pty", "Acct", "Agt"],
        "Rpt": ["OrgnlId", "Vrfctn", "Rsn", "OrgnlPtyAndAcctId", "UpdtdPtyAndAcctId"],
        "UpdtdPtyAndAcctId": ["Pty", "Acct", "Agt"],
        "Acct": ["Id", "Tp", "Ccy", "Nm", "Prxy"],
        "Rsn": ["Cd", "Prtry"],
    }
    for message, write, _ in NAMES:
        for element in etree.fromstring(write(message)).iter():
            allowed = order.get(etree.QName(element).localname)
            names = [etree.QName(child).localname for child in element]
            if allowed is None or not names:
                continue
            assert names == sorted(names, key=allowed.index)


def test_an_answer_that_is_none_is_refused() -> None:
    raw = iso20022.write_name_report(kit.NAME_REPORT)
    with pytest.raises(BadMessage):
        iso20022.read_name_report(raw.replace(b"<Vrfctn>true<", b"<Vrfctn>perhaps<"))
    asked = iso20022.write_name_request(kit.NAME_REQUEST)
    with pytest.raises(BadMessage):
        iso20022.read_name_request(re.sub(rb"<Vrfctn>.*</Vrfctn>", b"", asked, flags=re.S))


# From the standard's own annex, and from what banks print.
@pytest.mark.parametrize("reference", ["RF18539007547034", "RF712348231", "RF45G72UUR", "RF6518K5"])
def test_references_of_the_standard_are_right(reference: str) -> None:
    assert iso20022.is_reference(reference)
    assert iso20022.make_reference(reference[4:]) == reference
    printed = iso20022.group_reference(reference)
    for text in (printed, f"Tea, {printed.lower()}. Thanks", f"{reference} Ada", f"TX{reference}"):
        assert iso20022.find_reference(text) == reference


@given(
    body=st.from_regex(r"[0-9]{12}", fullmatch=True), at=st.integers(4, 15), by=st.integers(1, 9)
)
def test_one_wrong_digit_is_noticed(body: str, at: int, by: int) -> None:
    reference = iso20022.make_reference(body)
    wrong = f"{reference[:at]}{(int(reference[at]) + by) % 10}{reference[at + 1 :]}"
    assert iso20022.is_reference(reference)
    assert not iso20022.is_reference(wrong)
    assert iso20022.find_reference(reference) == reference
    # A shorter one may be right by chance, one in 97: it is another's, and nobody has it.
    assert iso20022.find_reference(wrong) != reference


@given(text=st.text(max_size=200))
def test_no_text_is_taken_for_more_than_it_is(text: str) -> None:
    found = iso20022.find_reference(text)
    assert not found or iso20022.is_reference(found)


@each
def test_what_is_written_is_read_as_it_was_meant(kind: str) -> None:
    message, write, read = CASES[kind]
    raw = write(message)
    assert iso20022.find_kind(raw) == kind
    told = read(raw)
    if kind.startswith("camt"):  # a line without a code gets one
        entries = tuple(msgspec.structs.replace(one, code=("", "", "")) for one in told.entries)
        meant = tuple(msgspec.structs.replace(one, code=("", "", "")) for one in message.entries)
        assert entries == meant
        told = msgspec.structs.replace(told, entries=message.entries)
    assert told == message


@each
def test_what_is_written_follows_the_schema(kind: str) -> None:
    message, write, _ = CASES[kind]
    assert kit.find_schema_problems(write(message)) == []


def test_the_judges_object_to_what_is_wrong() -> None:
    raw = iso20022.write_statement(kit.STATEMENT)
    for wrong in (
        raw.replace(b"<Id>ST-1</Id>", b""),
        re.sub(rb"(<BookgDt>.*?</BookgDt>)\s*(<ValDt>.*?</ValDt>)", rb"\2\1", raw, flags=re.S),
        raw.replace(b"ElctrncSeqNb", b"ElctrncSqNb"),
    ):
        assert _is_objected_to(wrong)
    transfers = iso20022.write_transfers(kit.TRANSFERS)
    assert kit.find_schema_problems(transfers.replace(b"BF-0001", b"B" * 36))


def _is_objected_to(raw: bytes) -> bool:
    try:
        return bool(kit.find_schema_problems(raw))
    except (ParserError, TypeError):  # their classes cannot be made without what must be there
        return True


@pytest.mark.parametrize(
    ("currency", "minor", "text"),
    [("JPY", 1200, "1200"), ("EUR", 5, "0.05"), ("KWD", 1, "0.001"), ("CLF", 12345, "1.2345")],
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, minor: int, text: str) -> None:
    order = Transfer("O-1", Money(minor, Currency(currency)), "Ada", kit.ADA)
    file = msgspec.structs.replace(kit.TRANSFERS, transfers=(order,))
    raw = iso20022.write_transfers(file)
    assert f'<InstdAmt Ccy="{currency}">{text}</InstdAmt>'.encode() in raw
    assert iso20022.read_transfers(raw) == file
    assert kit.find_schema_problems(raw) == []


_words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=200)
_ids = st.from_regex(r"[A-Z][A-Za-z0-9-]{0,34}", fullmatch=True)


@settings(max_examples=60, deadline=None)
@given(
    ids=st.lists(_ids, min_size=1, max_size=5, unique=True),
    minor=st.integers(1, MINOR_MAX // 10),
    currency=st.sampled_from(["EUR", "CNY", "XAF", "KWD"]),
    words=_words,
    day=st.dates(date(2000, 1, 1), date(2099, 1, 1)),
    at=st.integers(0, 4_000_000_000_000),
)
def test_whatever_people_write_makes_a_sound_file(
    ids: list[str], minor: int, currency: str, words: str, day: date, at: int
) -> None:
    amount = Money(minor, Currency(currency))
    orders = tuple(Transfer(one, amount, "N " + words, kit.LIN, words, words) for one in ids)
    raw = iso20022.write_transfers(TransferFile("F-1", at, day, "House", kit.HOUSE, orders))
    assert kit.find_schema_problems(raw) == []
    told = iso20022.read_transfers(raw)
    assert [one.amount for one in told.transfers] == [amount] * len(ids)
    assert (told.created_at, told.execute_on) == (at, day)
    total = etree.fromstring(raw).findtext(".//{*}GrpHdr/{*}CtrlSum")
    assert Decimal(str(total)) == sum(
        Decimal(str(one.text)) for one in etree.fromstring(raw).iter("{*}InstdAmt")
    )


@pytest.mark.parametrize("good", ["A", "a-b", "A/b", "x" * 35, "A.B,C", "(1)'+?:"])
def test_identifiers_that_every_bank_accepts(good: str) -> None:
    assert is_identifier(good)


@pytest.mark.parametrize("bad", ["", "x" * 36, "/a", "a/", "a//b", "a_b", "é", "a\n", "茶", "a&b"])
def test_identifiers_that_some_bank_refuses(bad: str) -> None:
    assert not is_identifier(bad)


def test_a_zone_is_kept_in_an_instant_and_does_not_move_a_day() -> None:
    raw = iso20022.write_statement(kit.STATEMENT)
    moved = re.sub(
        rb"<CreDtTm>[^<]*</CreDtTm>", b"<CreDtTm>2026-11-24T00:30:00+08:00</CreDtTm>", raw
    )
    moved = re.sub(
        rb"<BookgDt>.*?</BookgDt>",
        b"<BookgDt><DtTm>2026-11-24T23:59:59+08:00</DtTm></BookgDt>",
        moved,
        flags=re.S,
    )
    told = iso20022.read_statement(moved)
    assert told.created_at == 1_795_451_400_000
    assert told.entries[0].booked_on == date(2026, 11, 24)
    assert told.created_at < 1_795_451_400_000 + timedelta(hours=8).total_seconds() * 1000


def test_many_payments_booked_in_one_line_are_told_one_by_one() -> None:
    raw = iso20022.write_statement(kit.STATEMENT)
    root = etree.fromstring(raw)
    lines = root.findall(".//{*}Ntry")
    first = lines[1]
    details = first.find("{*}NtryDtls")
    assert details is not None
    other = lines[3].find("{*}NtryDtls/{*}TxDtls")
    assert other is not None
    details.append(other)
    amount = first.find("{*}Amt")
    assert amount is not None
    amount.text = "25.00"
    parent = lines[3].getparent()
    assert parent is not None
    parent.remove(lines[3])
    told = iso20022.read_statement(etree.tostring(root))
    assert [one.amount.minor for one in told.entries][:4] == [-1, 2000, 500, 123_456]


# What others may send


BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>"""


def _with_prologue(prologue: bytes, raw: bytes) -> bytes:
    return prologue + raw.partition(b"?>")[2]


@each
def test_entities_and_document_types_are_refused(kind: str) -> None:
    message, write, read = CASES[kind]
    raw = write(message)
    secret = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    remote = b'<?xml version="1.0"?><!DOCTYPE d SYSTEM "http://127.0.0.1:1/evil.dtd">'
    for prologue in (BOMB, secret, remote, b"<!DOCTYPE Document>", b"<!doctype Document>"):
        with pytest.raises(BadMessage, match="document type"):
            read(_with_prologue(prologue, raw))
    with pytest.raises(BadMessage):
        read(_with_prologue(secret, raw).decode().encode("utf-16"))
    with pytest.raises(BadMessage):
        read(raw.replace(b"<MsgId>", b"<MsgId>&x;"))


@each
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_refused_or_read_and_never_a_defect(kind: str, data: Any) -> None:
    message, write, read = CASES[kind]
    raw = bytearray(write(message))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw) - 1))
        action = data.draw(st.sampled_from(["cut", "byte", "copy"]))
        if action == "cut":
            del raw[at : at + data.draw(st.integers(1, 60))]
        elif action == "byte":
            raw[at] = data.draw(st.integers(0, 255))
        else:
            raw[at:at] = raw[at : at + data.draw(st.integers(1, 80))]
        if not raw:
            break
    with suppress(BadMessage):
        read(bytes(raw))


@pytest.mark.parametrize(
    "amount",
    ["-1.00", "1e3", "0.00", "1.005", " ", "", "NaN", "Infinity", "1,00", "٣", "1" * 19, "+1"],
)
def test_an_amount_that_is_none_is_refused(amount: str) -> None:
    raw = iso20022.write_notification(kit.NOTIFICATION)
    wrong = raw.replace(b">20.00<", f">{amount}<".encode())
    assert wrong != raw
    with pytest.raises(BadMessage):
        iso20022.read_notification(wrong)


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (b'Ccy="EUR"', b'Ccy="XXX"'),
        (b'Ccy="EUR">20.00', b'Ccy="USD">20.00'),
        (b"<CdtDbtInd>CRDT", b"<CdtDbtInd>BOTH"),
        (b"<Cd>OPBD</Cd>", b"<Cd>ITBD</Cd>"),
        (b">20.00<", b">20.01<"),
        (b"<ElctrncSeqNb>7", b"<ElctrncSeqNb>-7"),
        (b"2026-11-24</Dt>", b"2026-13-24</Dt>"),
        (b"camt.053.001.08", b"camt.053.001.02"),
        (b"<IBAN>DE89", b"<IBAN>d'89"),
        (b"<MsgId>ST-1</MsgId>", b""),
    ],
)
def test_a_statement_that_cannot_be_right_is_refused(pattern: bytes, replacement: bytes) -> None:
    raw = iso20022.write_statement(kit.STATEMENT)
    wrong = raw.replace(pattern, replacement)
    assert wrong != raw
    with pytest.raises(BadMessage):
        iso20022.read_statement(wrong)


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (b"<NbOfTxs>2<", b"<NbOfTxs>3<"),
        (b"<CtrlSum>1234.57<", b"<CtrlSum>1234.56<"),
        (b"<EndToEndId>O-2<", b"<EndToEndId>O-1<"),
        (b"<EndToEndId>O-2<", b"<EndToEndId>NOTPROVIDED<"),
        (b'Ccy="EUR">0.01', b'Ccy="USD">0.01'),
    ],
)
def test_orders_whose_sums_do_not_agree_are_refused(pattern: bytes, replacement: bytes) -> None:
    raw = iso20022.write_transfers(kit.TRANSFERS)
    wrong = raw.replace(pattern, replacement)
    assert wrong != raw
    with pytest.raises(BadMessage):
        iso20022.read_transfers(wrong)


def test_a_file_that_is_too_large_is_not_parsed() -> None:
    with pytest.raises(BadMessage, match="bytes"):
        iso20022.find_kind(b"<" * (16 * 1024 * 1024 + 1))
    deep = b"<a>" * 100_000
    with pytest.raises(BadMessage):
        iso20022.find_kind(deep)


def test_what_is_only_pending_does_not_count() -> None:
    raw = iso20022.write_notification(kit.NOTIFICATION).replace(b"BOOK", b"PDNG")
    assert iso20022.read_notification(raw).entries == ()


def test_an_account_number_of_a_bank_without_iban_is_kept() -> None:
    message = msgspec.structs.replace(
        kit.NOTIFICATION, account=AccountNumber("6222021234567890123", is_iban=False)
    )
    assert iso20022.read_notification(iso20022.write_notification(message)).account == kit.LIN

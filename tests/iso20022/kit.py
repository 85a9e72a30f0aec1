"""Messages for tests, and others' judgement of what we write."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import import_module, resources
from typing import Any, cast
from xml.etree import ElementTree as ET

from lxml import etree
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from teahouse.iso20022 import (
    AccountNumber,
    Debit,
    DebitFile,
    Entry,
    NameAnswer,
    NameQuestion,
    NameReport,
    NameRequest,
    Notification,
    Statement,
    StatusReport,
    TransactionStatus,
    Transfer,
    TransferFile,
)
from teahouse.platform.money import Currency, Money

HOUSE = AccountNumber("DE89370400440532013000", is_iban=True)
ADA = AccountNumber("GB82WEST12345698765432", is_iban=True)
LIN = AccountNumber("6222021234567890123", is_iban=False)
DAY = date(2026, 11, 24)
AT = 1_795_000_000_123


def eur(minor: int) -> Money:
    return Money(minor, Currency("EUR"))


TRANSFERS = TransferFile(
    message_id="BF-0001",
    created_at=AT,
    execute_on=DAY,
    name="Teahouse Cooperative",
    account=HOUSE,
    bic="COBADEFFXXX",
    transfers=(
        Transfer("O-1", eur(1), "Ada <&> Lovelace", ADA, "West Bank", "Code 4821"),
        Transfer("O-2", eur(123_456), "林", LIN),
    ),
)
DEBITS = DebitFile(
    message_id="BF-0002",
    created_at=AT,
    collect_on=DAY,
    name="Teahouse Cooperative",
    account=HOUSE,
    creditor_id="DE98ZZZ09999999999",
    debits=(Debit("O-3", eur(2_000), "M-1", DAY, "Ada Lovelace", ADA, "West Bank", "Top-up"),),
)
STATUS = StatusReport(
    message_id="S-1",
    created_at=AT,
    original_id="BF-0001",
    original_kind="pain.001.001.09",
    group_status="PART",
    transactions=(
        TransactionStatus("O-1", "ACCP"),
        TransactionStatus("O-2", "RJCT", "AC04", "The account is closed."),
    ),
)
NAME_REQUEST = NameRequest(
    message_id="oac-1",
    created_at=AT,
    name="Teahouse Cooperative",
    bic="COBADEFFXXX",
    questions=(
        NameQuestion("Q-1", "Ada <&> Lovelace", ADA, "EUR", "West Bank"),
        NameQuestion("Q-2", "林", LIN, "CNY"),
    ),
)
NAME_REPORT = NameReport(
    message_id="V-1",
    created_at=AT,
    name="Teahouse Cooperative",
    original_id="oac-1",
    original_at=AT - 5,
    answers=(
        NameAnswer("Q-1", "CMTC", "A Lovelace"),
        NameAnswer("Q-2", "MTCH"),
        NameAnswer("Q-3", "NMTC"),
        NameAnswer("Q-4", "NOAP"),
        NameAnswer("Q-5", "AC01"),
    ),
)
ENTRIES = (
    Entry(eur(-1), DAY, DAY, "B-1", "O-1", name="Ada Lovelace", code=("PMNT", "ICDT", "ESCT")),
    Entry(eur(2_000), DAY, DAY, "B-2", "O-3", name="Ada", text="Top-up"),
    Entry(eur(123_456), DAY, DAY, "B-3", "O-2", return_reason="AC04"),
    Entry(eur(500), DAY, DAY),
    Entry(eur(700), DAY, DAY, "B-5", text="For tea", creditor_reference="RF18539007547034"),
    Entry(eur(800), DAY, DAY, "B-6", creditor_reference="RF18539007547034"),
)
NOTIFICATION = Notification("N-1", AT, "N-1", HOUSE, ENTRIES)
STATEMENT = Statement(
    message_id="ST-1",
    created_at=AT,
    id="ST-1",
    sequence=7,
    account=HOUSE,
    currency=Currency("EUR"),
    opened_on=DAY,
    closed_on=DAY,
    opening=-100,
    closing=-100 + sum(entry.amount.minor for entry in ENTRIES),
    entries=ENTRIES,
)


def find_schema_problems(raw: bytes) -> list[str]:
    """What the official schema, or the classes made from it, object to in a file."""
    kind = etree.fromstring(raw).tag.partition("}")[0].removeprefix("{").rpartition(":")[2]
    if kind.startswith(("pain.001", "pain.008")):
        schema = _schema(kind)
        schema.validate(etree.fromstring(raw))
        return [str(problem) for problem in cast("Any", schema.error_log)]
    return [*_misread(raw, kind), *_misjudged(raw)]


@cache
def _schema(kind: str) -> etree.XMLSchema:
    file = resources.files("sepaxml").joinpath("schemas", f"{kind}.xsd")
    return etree.XMLSchema(etree.fromstring(file.read_bytes()))


def _misread(raw: bytes, kind: str) -> list[str]:
    """Read with classes made from the schema: unknown elements, wrong types, wrong order."""
    name = kind.replace(".", "_")
    module = import_module(f"pyiso20022.{kind[:4]}.{name}")
    config = ParserConfig(fail_on_unknown_properties=True, fail_on_converter_warnings=True)
    read: Any = XmlParser(config=config).from_bytes(raw, module.Document)
    from xsdata.formats.dataclass.serializers import XmlSerializer
    from xsdata.formats.dataclass.serializers.config import SerializerConfig

    # Written again by the classes, elements come in the schema's order.
    again = XmlSerializer(config=SerializerConfig(encoding="UTF-8")).render(read)
    ours, theirs = (
        [str(one.tag) for one in etree.fromstring(text).iter()] for text in (raw, again.encode())
    )
    return [] if ours == theirs else ["The elements are not in the order of the schema."]


def _misjudged(raw: bytes) -> list[str]:
    """What somebody else's bank, which has its own dictionary of elements, says."""
    schema: Any = import_module("mockbank.schema")
    root = ET.fromstring(raw)
    return [str(found) for found in schema.check(schema.identify(root), root)]

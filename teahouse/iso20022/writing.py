"""Writes the elements that all messages share."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from lxml import etree

from teahouse.iso20022.types import AccountNumber, Kind
from teahouse.platform.money import Money, plain_amount

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
# What every bank takes in an identifier (EPC217-08, 1.3 and 2.1): Latin letters, digits and some
# signs, no slash at either end and no two together.
_IDENTIFIER = re.compile(r"(?!/)(?!.*//)(?!.*/$)[A-Za-z0-9/\-?:().,'+ ]{1,35}")
_NOT_TEXT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NAME_MAX = 140
TEXT_MAX = 140


def start_document(kind: Kind, body: str) -> tuple[etree._Element, etree._Element]:
    """A new message.

    Returns:
        The document, and its body to be filled.
    """
    namespace = f"{_NAMESPACE}{kind}"
    # lxml's stubs know no default namespace.
    document = etree.Element(f"{{{namespace}}}Document", nsmap={None: namespace})  # type: ignore[dict-item]
    return document, etree.SubElement(document, f"{{{namespace}}}{body}")


def finish_document(document: etree._Element) -> bytes:
    """The file's bytes."""
    written: bytes = etree.tostring(
        document, xml_declaration=True, encoding="UTF-8", pretty_print=True
    )
    return written


def add(parent: etree._Element, path: str, text: str | None = None) -> etree._Element:
    """Add an element at the end, and those between: `add(entry, "Sts/Cd", "BOOK")`.

    Returns:
        The innermost.
    """
    namespace = str(parent.tag).rpartition("}")[0]
    for name in path.split("/"):
        parent = etree.SubElement(parent, f"{namespace}}}{name}")
    if text is not None:
        parent.text = text
    return parent


def add_text(parent: etree._Element, path: str, text: str, *, most: int = TEXT_MAX) -> None:
    """Add what a person wrote, shortened to what fits; nothing where it is empty."""
    clean = " ".join(_NOT_TEXT.sub(" ", text).split())[:most].strip()
    if clean:
        add(parent, path, clean)


def add_identifier(parent: etree._Element, path: str, identifier: str) -> None:
    """Add an identifier; a wrong one is our own mistake."""
    assert is_identifier(identifier), identifier
    add(parent, path, identifier)


def is_identifier(text: str) -> bool:
    """Whether every bank accepts this as a message's or a payment's id."""
    return _IDENTIFIER.fullmatch(text) is not None


def add_amount(parent: etree._Element, path: str, amount: Money) -> None:
    """Add an amount, which is not negative, with all decimals of its currency."""
    assert amount.minor >= 0
    add(parent, path, plain_amount(amount)).set("Ccy", amount.currency)


def add_account(parent: etree._Element, path: str, account: AccountNumber) -> etree._Element:
    """Add the number of an account.

    Returns:
        The element of the account.
    """
    element = add(parent, path)
    if account.is_iban:
        add(element, "Id/IBAN", account.number)
    else:
        add(element, "Id/Othr/Id", account.number)
    return element


def add_bank(parent: etree._Element, path: str, *, bic: str = "", name: str = "") -> None:
    """Add a bank, by its BIC or its name; by neither, it is said that none was given."""
    institution = add(parent, f"{path}/FinInstnId")
    if bic:
        add(institution, "BICFI", bic)
    elif name:
        add_text(institution, "Nm", name, most=NAME_MAX)
    else:
        # EPC: where an IBAN is enough, the bank's element says so.
        add(institution, "Othr/Id", "NOTPROVIDED")


def write_instant(at: int) -> str:
    """An instant in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03}Z"


def write_date(day: date) -> str:
    """A day as `2026-11-24`."""
    return day.isoformat()

"""Reads XML that a stranger may have written: no entity, no surprise, no more than expected."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import get_args

from lxml import etree

from teahouse.iso20022.types import ITEMS_MAX, AccountNumber, Kind
from teahouse.platform.errors import Refusal
from teahouse.platform.money import MINOR_MAX, Currency, Money, exponent_of, parse_currency

# A statement of `ITEMS_MAX` lines has about five megabytes.
BYTES_MAX = 16 * 1024 * 1024
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
_KINDS: tuple[Kind, ...] = get_args(Kind)
# XML Schema's decimal, of at most 18 digits (ActiveOrHistoricCurrencyAndAmount): no sign, no
# exponent.
_AMOUNT = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,5})?")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class BadMessage(Exception):
    """A file that is not a message of its kind, or not one that can be right."""


class Node:
    """An element that was read, with ways to ask for what must or may be in it.

    Args:
        element: the element; its namespace was checked.
    """

    __slots__ = ("_element", "_prefix")

    def __init__(self, element: etree._Element, prefix: str) -> None:
        self._element = element
        self._prefix = prefix

    @property
    def tag(self) -> str:
        """Its name without the namespace."""
        return str(self._element.tag).rpartition("}")[2]

    def find(self, path: str) -> Node | None:
        """The first element at a path such as `GrpHdr/MsgId`, if there is one."""
        found = self._element.find(self._full(path))
        return None if found is None else Node(found, self._prefix)

    def need(self, path: str) -> Node:
        """The first element at a path.

        Raises:
            BadMessage: there is none.
        """
        found = self.find(path)
        if found is None:
            raise BadMessage(f"{self.tag} has no {path}.")
        return found

    def all(self, path: str) -> list[Node]:
        """Every element at a path, in order; at most `ITEMS_MAX`."""
        found = self._element.findall(self._full(path))
        if len(found) > ITEMS_MAX:
            raise BadMessage(f"{self.tag} has more than {ITEMS_MAX} {path}.")
        return [Node(one, self._prefix) for one in found]

    def text(self, path: str = "", *, most: int = 140) -> str:
        """The text at a path; empty where there is none.

        Raises:
            BadMessage: longer than the message definition allows.
        """
        element = self._element if not path else self._element.find(self._full(path))
        found = ((element.text or "") if element is not None else "").strip()
        if len(found) > most:
            raise BadMessage(f"{path or self.tag} has more than {most} characters.")
        return found

    def need_text(self, path: str, *, most: int = 140) -> str:
        """The text at a path, which must not be empty."""
        found = self.text(path, most=most)
        if not found:
            raise BadMessage(f"{self.tag} has no {path}.")
        return found

    def attribute(self, name: str) -> str:
        """An attribute's value; empty where there is none."""
        return str(self._element.get(name) or "")

    def _full(self, path: str) -> str:
        return "/".join(f"{self._prefix}{part}" for part in path.split("/"))


def find_kind(raw: bytes) -> Kind:
    """Which message a file holds.

    Raises:
        BadMessage: none that is known here, or no sound XML.
    """
    return _parse(raw)[0]


def read_document(raw: bytes, kind: Kind, body: str) -> Node:
    """The body of a message.

    Args:
        raw: the file.
        kind: what it must be.
        body: the name of its only element.

    Raises:
        BadMessage: not sound XML, or another message.
    """
    found, root = _parse(raw)
    if found != kind:
        raise BadMessage(f"This is {found}, not {kind}.")
    return Node(root, f"{{{_NAMESPACE}{kind}}}").need(body)


def _parse(raw: bytes) -> tuple[Kind, etree._Element]:
    if len(raw) > BYTES_MAX:
        raise BadMessage(f"The file has more than {BYTES_MAX} bytes.")
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise BadMessage("The file is not UTF-8.") from None
    # No message of these has a document type. Refused before the parser sees it, so that no
    # entity is ever expanded, fetched or counted.
    if _DOCTYPE.search(raw):
        raise BadMessage("The file declares a document type or an entity.")
    parser = etree.XMLParser(
        # Whatever the file says of itself, or looks like: in UTF-7 or UTF-16 a document type would
        # be other bytes than those looked for.
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as trouble:
        raise BadMessage(f"The file is not sound XML: {str(trouble)[:200]}") from None
    for kind in _KINDS:
        if root.tag == f"{{{_NAMESPACE}{kind}}}Document":
            return kind, root
    raise BadMessage(f"{str(root.tag)[:100]} is not a message that is known here.")


# What stands in elements


def read_amount(node: Node) -> Money:
    """An amount with its currency, from an element with `Ccy`.

    Raises:
        BadMessage: no such currency, more decimals than it has, zero, or too much.
    """
    try:
        currency = parse_currency(node.attribute("Ccy"))
    except Refusal as refusal:
        raise BadMessage(f"{node.tag}: {refusal.text}") from None
    minor = read_minor(node.text(most=24), currency)
    if minor == 0:
        raise BadMessage(f"{node.tag} is zero.")
    return Money(minor, currency)


def read_minor(text: str, currency: Currency) -> int:
    """Minor units from a decimal such as `12.5`.

    Raises:
        BadMessage: no plain decimal, more decimals than the currency has, or too much.
    """
    if not _AMOUNT.fullmatch(text):
        raise BadMessage(f"{text[:24]!r} is not an amount.")
    scaled = Decimal(text).scaleb(exponent_of(currency))
    minor = int(scaled)
    if minor != scaled:
        raise BadMessage(f"{text} has more decimals than {currency}.")
    if minor > MINOR_MAX:
        raise BadMessage(f"{text} {currency} is more than is accepted.")
    return minor


def read_account(node: Node) -> AccountNumber:
    """The number of an account, from an element with `Id`.

    Raises:
        BadMessage: none.
    """
    iban = node.text("Id/IBAN", most=34)
    if iban:
        if not _IBAN.fullmatch(iban):
            raise BadMessage("An IBAN is malformed.")
        return AccountNumber(iban, is_iban=True)
    return AccountNumber(node.need_text("Id/Othr/Id", most=34), is_iban=False)


def read_date(text: str) -> date:
    """A day, from `2026-11-24`; a zone behind it does not change which day is meant.

    Raises:
        BadMessage: no day.
    """
    match = _DATE.fullmatch(text)
    try:
        return date.fromisoformat(match[1] if match else "")
    except ValueError:
        raise BadMessage(f"{text[:40]!r} is not a date.") from None


def read_day(node: Node) -> date:
    """A day, from an element that holds `Dt` or `DtTm`.

    A time is taken as the bank wrote it: its own day is meant, not ours.
    """
    day = node.text("Dt", most=20)
    return read_date(day or node.need_text("DtTm", most=40)[:10])


def read_instant(text: str) -> int:
    """An instant, milliseconds since the epoch; without a zone it is taken as UTC.

    Raises:
        BadMessage: no instant, or one that no clock shows.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise BadMessage(f"{text[:40]!r} is not a time.") from None


def read_reason(node: Node | None) -> str:
    """A reason's code, from an element that holds `Cd` or `Prtry`; empty where there is none."""
    if node is None:
        return ""
    return node.text("Cd", most=4) or node.text("Prtry", most=35)

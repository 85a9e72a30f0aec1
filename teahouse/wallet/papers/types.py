"""What a paper says, before it is laid out."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Align: TypeAlias = Literal["left", "right"]


class Column(msgspec.Struct, frozen=True):
    """A column of a paper's table.

    Attributes:
        heading: its heading.
        share: of the table's width; the shares are compared with one another.
        align: `right` for amounts.
    """

    heading: str
    share: int
    align: Align = "left"


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A document of one or more A4 pages.

    Attributes:
        language: of its words, `en` or `zh`.
        title: in large letters.
        headline: what matters most, such as the amount; may be empty.
        facts: labels and values, one line each.
        columns: of the table; none: no table.
        rows: of the table, a text for each column.
        footer: at the foot of each page, before the page number.
        page_word: how a page is counted, with `{page}` and `{pages}`.
    """

    language: str
    title: str
    headline: str = ""
    facts: list[tuple[str, str]] = []
    columns: list[Column] = []
    rows: list[tuple[str, ...]] = []
    footer: str = ""
    page_word: str = "{page} / {pages}"

"""Draws a paper as PDF. Pure: the same paper gives the same bytes.

Latin, Greek and Cyrillic letters are Noto Sans, embedded. Chinese is set in Adobe's `STSong-Light`
of the Simplified Chinese collection, which PDF viewers bring or replace with the system's own: to
embed a Chinese font would cost 17 MB of every installation and 0.3 s of each receipt.

Source: ISO 32000-1, 9.7.5.2 (predefined CMaps, `UniGB-UCS2-H`).
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby

import fontpkg_noto_sans  # type: ignore[import-untyped]  # it is one path
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from teahouse.wallet.papers.types import Column, Paper

_LATIN = "NotoSans"
_CHINESE = "STSong-Light"
# What neither font has (emoji, rare signs) becomes an empty square, which Chinese fonts have.
_UNKNOWN = "\N{WHITE SQUARE}"
_BMP_LAST = 0xFFFF

_WIDTH, _HEIGHT = A4
_MARGIN = 18 * mm
_FOOT = 16 * mm
_TEXT_SIZE = 9.0
_SMALL_SIZE = 7.5
_TITLE_SIZE = 16.0
_HEADLINE_SIZE = 22.0
_LEADING = 1.35
_CELL_GAP = 3 * mm
_FACT_LABEL_WIDTH = 42 * mm
# A message fits; what is longer is cut with an ellipsis, and stands whole in the app.
_CELL_LINES_MAX = 4
_FACT_LINES_MAX = 6
_INK = HexColor(0x1A1A1A)
_FAINT = HexColor(0x6B6B6B)
_LINE = HexColor(0xD0D0D0)


def draw_paper(paper: Paper) -> bytes:
    """Lay a paper out on A4 pages.

    Args:
        paper: any text in it may come from members: signs that steer the direction or the layout
            of text are left out.

    Returns:
        The PDF.
    """
    pages = list(_paginate(paper))
    out = io.BytesIO()
    # `invariant`: no time of making and no random id, so that a paper can be compared.
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1, lang=paper.language)
    canvas.setTitle(_clean(paper.title))
    canvas.setAuthor("Teahouse")
    _register_fonts()
    for number, rows in enumerate(pages, 1):
        top = _HEIGHT - _MARGIN
        if number == 1:
            top = _draw_head(canvas, paper, top)
        if paper.columns:
            _draw_table(canvas, paper.columns, rows, top)
        _draw_foot(canvas, paper, number, len(pages))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


# Pages


_Row = list[list[str]]


def _paginate(paper: Paper) -> Iterator[list[_Row]]:
    """The rows of each page, each row wrapped into lines by cell."""
    _register_fonts()
    space = _HEIGHT - 2 * _MARGIN - _FOOT - _head_height(paper)
    page: list[_Row] = []
    left = space - _row_height(1)
    for row in paper.rows:
        wrapped = [
            wrap_text(cell, width - _CELL_GAP, _TEXT_SIZE, lines_max=_CELL_LINES_MAX)
            for cell, width in zip(row, _widths(paper.columns), strict=True)
        ]
        height = _row_height(max(len(lines) for lines in wrapped))
        if height > left and page:
            yield page
            page = []
            left = _HEIGHT - 2 * _MARGIN - _FOOT - _row_height(1)
        page.append(wrapped)
        left -= height
    yield page


def _row_height(lines: int) -> float:
    return (lines * _LEADING + 0.5) * _TEXT_SIZE


def _widths(columns: Sequence[Column]) -> list[float]:
    whole = sum(column.share for column in columns)
    return [(_WIDTH - 2 * _MARGIN) * column.share / whole for column in columns]


def _fact_lines(value: str) -> list[str]:
    width = _WIDTH - 2 * _MARGIN - _FACT_LABEL_WIDTH
    return wrap_text(value, width, _TEXT_SIZE, lines_max=_FACT_LINES_MAX)


def _head_height(paper: Paper) -> float:
    height = _TITLE_SIZE * 1.8
    if paper.headline:
        height += _HEADLINE_SIZE * 1.8
    for _label, value in paper.facts:
        height += len(_fact_lines(value)) * _TEXT_SIZE * _LEADING + 2
    return height + 8 * mm


def _draw_head(canvas: Canvas, paper: Paper, top: float) -> float:
    """Title, headline and facts; returns where the table may begin."""
    y = top - _TITLE_SIZE
    canvas.setFillColor(_INK)
    _draw_text(canvas, _MARGIN, y, paper.title, _TITLE_SIZE)
    y -= _TITLE_SIZE * 0.8
    if paper.headline:
        y -= _HEADLINE_SIZE
        _draw_text(canvas, _MARGIN, y, paper.headline, _HEADLINE_SIZE)
        y -= _HEADLINE_SIZE * 0.8
    y -= _TEXT_SIZE
    for label, value in paper.facts:
        canvas.setFillColor(_FAINT)
        _draw_text(canvas, _MARGIN, y, label, _TEXT_SIZE)
        canvas.setFillColor(_INK)
        for line in _fact_lines(value):
            _draw_text(canvas, _MARGIN + _FACT_LABEL_WIDTH, y, line, _TEXT_SIZE)
            y -= _TEXT_SIZE * _LEADING
        y -= 2
    return top - _head_height(paper)


def _draw_table(canvas: Canvas, columns: Sequence[Column], rows: list[_Row], top: float) -> None:
    canvas.setFillColor(_FAINT)
    heads: _Row = [[column.heading] for column in columns]
    y = _draw_row(canvas, columns, heads, top)
    canvas.setFillColor(_INK)
    for row in rows:
        y = _draw_row(canvas, columns, row, y)


def _draw_row(canvas: Canvas, columns: Sequence[Column], row: _Row, top: float) -> float:
    x = _MARGIN
    for column, width, lines in zip(columns, _widths(columns), row, strict=True):
        y = top - _TEXT_SIZE
        for line in lines:
            start = x
            if column.align == "right":
                start += width - _CELL_GAP - measure_text(line, _TEXT_SIZE)
            _draw_text(canvas, start, y, line, _TEXT_SIZE)
            y -= _TEXT_SIZE * _LEADING
        x += width
    bottom = top - _row_height(max(len(lines) for lines in row))
    canvas.setStrokeColor(_LINE)
    canvas.setLineWidth(0.4)
    canvas.line(_MARGIN, bottom + 2, _WIDTH - _MARGIN, bottom + 2)
    return bottom


def _draw_foot(canvas: Canvas, paper: Paper, number: int, count: int) -> None:
    canvas.setFillColor(_FAINT)
    y = _MARGIN
    counted = paper.page_word.format(page=number, pages=count)
    right = _WIDTH - _MARGIN - measure_text(counted, _SMALL_SIZE)
    _draw_text(canvas, right, y, counted, _SMALL_SIZE)
    width = _WIDTH - 2 * _MARGIN - 30 * mm
    for line in reversed(wrap_text(paper.footer, width, _SMALL_SIZE, lines_max=3)):
        _draw_text(canvas, _MARGIN, y, line, _SMALL_SIZE)
        y += _SMALL_SIZE * _LEADING


# Text


def wrap_text(text: str, width: float, size: float, *, lines_max: int) -> list[str]:
    """Break a text into lines: at spaces where there are any, else between two signs.

    Args:
        text: any; line breaks in it are kept.
        width: of a line, points.
        size: of the letters, points.
        lines_max: what is longer ends with an ellipsis.

    Returns:
        At least one line.
    """
    lines: list[str] = []
    for part in _clean(text, keep_breaks=True).split("\n"):
        lines += _wrap_line(part, width, size)
        if len(lines) > lines_max:
            break
    if len(lines) <= lines_max:
        return lines
    last = lines[lines_max - 1]
    while last and measure_text(last + "…", size) > width:
        last = last[:-1]
    return [*lines[: lines_max - 1], last + "…"]


def _wrap_line(text: str, width: float, size: float) -> list[str]:
    lines: list[str] = []
    line, line_width, space = "", 0.0, -1
    for sign in text:
        sign_width = measure_text(sign, size)
        if line and line_width + sign_width > width:
            if space > 0 and sign != " ":
                lines.append(line[:space])
                line = line[space + 1 :]
            else:
                lines.append(line)
                line = ""
            line_width, space = measure_text(line, size), -1
        if sign == " ":
            space = len(line)
        line += sign
        line_width += sign_width
    return [*lines, line]


def measure_text(text: str, size: float) -> float:
    """How wide a text is, points."""
    return sum(_sign_width(sign) for sign in text) * size


def _draw_text(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    shown = canvas.beginText(x, y)
    for font, run in groupby(_clean(text), key=_font_of):
        shown.setFont(font, size)
        shown.textOut("".join(run))
    canvas.drawText(shown)


@lru_cache(65_536)
def _sign_width(sign: str) -> float:
    width: float = pdfmetrics.stringWidth(sign, _font_of(sign), 1)
    return width


@lru_cache(65_536)
def _font_of(sign: str) -> str:
    return _LATIN if ord(sign) in _register_fonts() else _CHINESE


def _clean(text: str, *, keep_breaks: bool = False) -> str:
    """Leave out what would steer the layout, and replace what no font has."""
    kept = []
    for sign in unicodedata.normalize("NFC", text):
        if sign == "\n" and keep_breaks:
            kept.append(sign)
        elif sign.isspace():
            kept.append(" ")
        elif unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Mn"}:
            continue
        else:
            kept.append(sign if ord(sign) <= _BMP_LAST else _UNKNOWN)
    return "".join(kept)


@lru_cache(1)
def _register_fonts() -> frozenset[int]:
    """Make the fonts known to the library, once; returns what the Latin one has."""
    file = fontpkg_noto_sans.ROOT / "files" / "NotoSans[wdth,wght].ttf"
    latin = TTFont(_LATIN, str(file))
    pdfmetrics.registerFont(latin)
    pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))
    return frozenset(latin.face.charToGlyph)

"""Papers as PDF, read back by another library."""

import io

from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from teahouse.wallet.papers.rules import draw_paper, measure_text, wrap_text
from teahouse.wallet.papers.types import Column, Paper

PAPER = Paper(
    language="zh",
    title="收据 Receipt",
    headline="¥20.00",
    facts=[("付款人", "李雷"), ("Payee", "Café Łódź Привет"), ("Note", "恭喜发财 " * 20)],
    columns=[Column("日期", 2), Column("Payee", 5), Column("Amount", 2, "right")],
    rows=[(f"2026-11-{n:02}", f"茶馆 number {n}", f"{n}.00") for n in range(1, 100)],
    footer="Teahouse · txn_1",
    page_word="第 {page} 页，共 {pages} 页",
)


def read(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def test_a_paper_says_what_it_was_given_in_every_script() -> None:
    pages = read(draw_paper(PAPER))
    assert len(pages) > 1
    for text in ("收据 Receipt", "¥20.00", "付款人", "李雷", "Café Łódź Привет", "茶馆 number 1"):
        assert text in pages[0]
    assert "茶馆 number 99" in pages[-1]
    everything = "\n".join(pages)
    assert all(everything.count(f"茶馆 number {n} {n}.00") == 1 for n in range(1, 100))
    assert all("日期" in page and "Teahouse · txn_1" in page for page in pages)
    assert f"第 1 页，共 {len(pages)} 页" in pages[0]


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert draw_paper(PAPER) == draw_paper(PAPER)


def test_the_letters_are_embedded() -> None:
    fonts = PdfReader(io.BytesIO(draw_paper(PAPER))).pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    names = {str(font.get_object()["/BaseFont"]) for font in fonts.values()}
    assert any("NotoSans" in name for name in names)
    assert any("STSong" in name for name in names)


def test_a_paper_without_a_table_has_one_page() -> None:
    assert len(read(draw_paper(Paper(language="en", title="Receipt")))) == 1


def test_signs_that_steer_text_or_have_no_letter_do_no_harm() -> None:
    (page,) = read(draw_paper(Paper(language="en", title="pay\u202e20\u0000\u200b me \U0001f9e7")))
    assert "pay20 me □" in page


@given(
    text=st.text(max_size=200),
    width=st.floats(20, 400),
    lines_max=st.integers(1, 6),
)
@settings(max_examples=80)
def test_lines_fit_and_lose_nothing_but_spaces(text: str, width: float, lines_max: int) -> None:
    lines = wrap_text(text, width, 9, lines_max=lines_max)
    assert 1 <= len(lines) <= lines_max
    assert all(len(line) <= 2 or measure_text(line, 9) <= width + 1e-6 for line in lines)
    everything = wrap_text(text, width, 9, lines_max=10_000)
    whole = wrap_text(text, 1e9, 9, lines_max=10_000)
    assert "".join(everything).replace(" ", "") == "".join(whole).replace(" ", "")


def test_words_are_kept_whole_and_chinese_breaks_anywhere() -> None:
    assert wrap_text("two words", measure_text("two wor", 9), 9, lines_max=5) == ["two", "words"]
    assert wrap_text("恭喜发财", measure_text("恭喜", 9) + 1, 9, lines_max=5) == ["恭喜", "发财"]
    assert wrap_text("恭喜发财", measure_text("恭喜", 9) + 1, 9, lines_max=1) == ["恭…"]

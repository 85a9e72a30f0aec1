"""Words of texts in several scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat.search.rules import compute_rank, list_terms, list_words
from teahouse.chat.search.types import Term


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Green tea, please!", ["green", "tea", "please"]),
        ("snake_case and 42", ["snake", "case", "and", "42"]),
        ("STRASSE straße", ["strasse", "strasse"]),
        ("ＦＵＬＬ width", ["full", "width"]),
        ("龙井茶", ["龙井", "井茶", "茶"]),
        ("喝tea吗", ["喝", "tea", "吗"]),
        ("お茶", ["お茶", "茶"]),
        ("...", []),
    ],
)
def test_a_text_is_found_by_its_words(text: str, words: list[str]) -> None:
    assert list_words(text) == words


def test_one_character_is_looked_for_as_a_beginning() -> None:
    assert list_terms("茶") == [Term("茶", is_prefix=True)]
    assert list_terms("龙井茶") == [Term("龙井"), Term("井茶")]


@given(st.text(max_size=60))
def test_whoever_looks_for_a_text_finds_it(text: str) -> None:
    words = list_words(text)
    for term in list_terms(text):
        assert any(
            word.startswith(term.word) if term.is_prefix else word == term.word for word in words
        )


@given(st.text(max_size=60), st.text(max_size=20))
def test_a_rank_is_a_part_of_the_whole(text: str, sought: str) -> None:
    assert 0 <= compute_rank(list_words(text), list_terms(sought)) <= 1

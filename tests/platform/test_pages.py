"""Cursors name a place, and nothing else passes for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.platform.errors import InvalidParam
from teahouse.platform.pages import encode_cursor, parse_cursor


@given(st.text(max_size=50).filter(lambda t: "\ud800" not in t), st.integers(-(2**53), 2**53))
def test_a_cursor_names_its_place(name: str, number: int) -> None:
    assert parse_cursor(encode_cursor(name, number), tuple[str, int]) == (name, number)


def test_no_cursor_is_the_beginning() -> None:
    assert parse_cursor(None, tuple[str]) is None


@pytest.mark.parametrize("text", ["", "!", "é", "WzFd", "bm90IGpzb24", "WyJhIiwx", "W" * 5000])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidParam):
        parse_cursor(text, tuple[str, int])

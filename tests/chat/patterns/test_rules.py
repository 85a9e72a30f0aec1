"""Globs and paths against the specification's examples and against a slow and simple reference."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from teahouse.chat.patterns.rules import (
    fold,
    is_glob_of,
    is_glob_within,
    is_name_within,
    split_path,
    value_at,
)

if TYPE_CHECKING:
    from teahouse.platform.json import JsonObject

# Letters with and without case, word characters, boundaries, wildcards, a line end, and the two
# characters that fold to ASCII letters elsewhere.
ALPHABET = "aAbB_1 -@\n*?éÉ茶ſ\u212aßİ"
TEXTS = st.text(ALPHABET, max_size=12)
PATTERNS = st.text("aAbB*?@ É茶sk", max_size=8)


def is_same_character(one: str, other: str) -> bool:
    if one.isascii() != other.isascii():
        return False
    return one == other or one.swapcase() == other


def is_match_by_reference(pattern: str, text: str) -> bool:
    """Each row says which beginnings of the text the pattern so far matches."""
    reached = [True] + [False] * len(text)
    for part in pattern:
        if part == "*":
            first = reached.index(True) if True in reached else len(reached)
            reached = [index >= first for index in range(len(reached))]
        else:
            reached = [False] + [
                before and (part == "?" or is_same_character(part, character))
                for before, character in zip(reached, text, strict=False)
            ]
    return reached[-1]


def is_boundary(text: str, index: int) -> bool:
    return not 0 <= index < len(text) or not re.match("[A-Za-z0-9_]", text[index])


def is_part_by_reference(pattern: str, text: str) -> bool:
    return any(
        is_boundary(text, start - 1)
        and is_boundary(text, end)
        and is_match_by_reference(pattern, text[start:end])
        for start in range(len(text) + 1)
        for end in range(start, len(text) + 1)
    )


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("lunc?*", "Lunch plans", True),
        ("lunc?*", "LUNCH", True),
        ("lunc?*", " lunch", False),
        ("lunc?*", "lunc", False),
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("m.room.message", "mxroom.message", False),
        ("a*b*c", "a\nb\nc", True),
        ("a*a", "a", False),
    ],
)
def test_a_glob_matches_a_whole_text(pattern: str, text: str, *, expected: bool) -> None:
    assert is_glob_of(pattern, text) == expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("ex*ple", "An example event.", True),
        ("ex*ple", "exple", True),
        ("ex*ple", "An exciting triple-whammy", True),
        ("ex*ple", "inexple", False),
        ("ex*ple", "exples", False),
        ("cake", "I like Cake!", True),
        ("cake", "cheesecake", False),
        ("cake", "cheese_cake", False),
        ("cake", "pancake, cake", True),
        ("@room", "hi @room", True),
        ("@room", "hi @rooms", False),
        ("@room", "me@room", False),
        ("茶", "喝茶吧", True),
        ("alice", "你好alice你好", True),
        ("", "a", False),
        ("", "", True),
        ("*", "a", True),
    ],
)
def test_a_glob_matches_between_word_boundaries(pattern: str, text: str, *, expected: bool) -> None:
    assert is_glob_within(pattern, fold(text)) == expected


@settings(max_examples=300, deadline=None)
@given(pattern=PATTERNS, text=TEXTS)
def test_a_glob_matches_what_the_reference_matches(pattern: str, text: str) -> None:
    assert is_glob_of(pattern, text) == is_match_by_reference(pattern, text)


@settings(max_examples=300, deadline=None)
@given(pattern=PATTERNS, text=TEXTS)
def test_a_glob_matches_the_parts_that_the_reference_matches(pattern: str, text: str) -> None:
    assert is_glob_within(pattern, fold(text)) == is_part_by_reference(pattern, text)


@settings(max_examples=100, deadline=None)
@given(before=TEXTS, name=st.text(ALPHABET, min_size=1, max_size=6), after=TEXTS)
def test_a_name_is_found_between_boundaries_whatever_is_in_it(
    before: str, name: str, after: str
) -> None:
    assert is_name_within(name.swapcase(), fold(f"{before} {name} {after}")) == (
        fold(name.swapcase()) == fold(name)
    )


def test_the_wildcards_in_a_name_stand_for_themselves() -> None:
    assert is_name_within("what?", "so: what?!")
    assert not is_name_within("what?", "whats up")
    assert not is_name_within("*", "anything")
    assert is_name_within(":-)", "tea :-) and cake")
    assert not is_name_within("a.c", "xa.c abc")


def test_folding_keeps_length_and_word_boundaries_for_every_character() -> None:
    cased = [c for c in map(chr, range(sys.maxunicode + 1)) if c.casefold() != c]
    assert len(cased) > 1_000
    for character in cased:
        folded = fold(character)
        assert len(folded) == 1
        assert is_boundary(folded, 0) == is_boundary(character, 0)
    assert fold("".join(cased)) == "".join(map(fold, cased))


@pytest.mark.timeout(20)
def test_a_cruel_pattern_takes_no_longer_than_its_length_times_the_text() -> None:
    """With backtracking this would take longer than the age of the universe."""
    text = "a" * 2_000
    assert not is_glob_of("a*" * 20 + "b", text)
    assert not is_glob_within("a*" * 20 + "b", text)
    assert not is_glob_within("*a" * 20 + "?b", text)


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("content.body", ("content", "body")),
        (r"content.m\.relates_to", ("content", "m.relates_to")),
        (r"content.m\\foo", ("content", r"m\foo")),
        (r"content.m\\.foo", ("content", "m\\", "foo")),
        (r"content.m\x", ("content", r"m\x")),
        (r"content.m\\\.foo", ("content", r"m\.foo")),
        ("content\\", ("content\\",)),
        ("content.", ("content", "")),
        ("", ("",)),
        (".", ("", "")),
        ("a..b", ("a", "", "b")),
    ],
)
def test_a_path_is_split_at_dots_that_are_not_escaped(key: str, names: tuple[str, ...]) -> None:
    assert split_path(key) == names


@given(names=st.lists(st.text("ab.\\"), min_size=1, max_size=4))
def test_an_escaped_path_is_split_into_the_names_it_was_made_of(names: list[str]) -> None:
    path = ".".join(name.replace("\\", "\\\\").replace(".", "\\.") for name in names)
    assert split_path(path) == tuple(names)


def test_a_path_leads_to_what_stands_there_or_to_nothing() -> None:
    event: JsonObject = {"content": {"m.x": {"y": None}, "list": [1]}}
    assert value_at(event, r"content.m\.x.y") is None
    assert value_at(event, "content.list") == [1]
    for path in ("content.m.x.y", "content.list.0", r"content.m\.x.y.z", "x", ""):
        assert value_at(event, path) is UNSET

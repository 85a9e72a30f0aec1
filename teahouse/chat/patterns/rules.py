"""How clients say which events they mean: globs and paths to properties.

In globs, `*` stands for any characters and `?` for one, regardless of case. Matching takes at
most the length of the pattern times the length of the text, whatever the pattern: each `*` is
followed by an atomic group, for the first place where what follows it matches is as good as any
later one, so that nothing is tried twice.

Source: Matrix appendices, sections "Glob-style matching" and "Dot-separated property paths";
Client-Server API, section "Push Rules", for word boundaries.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from teahouse.platform.json import Json

_WORD = "[A-Za-z0-9_]"
_AFTER_BOUNDARY = f"(?<!{_WORD})"
_BEFORE_BOUNDARY = f"(?!{_WORD})"


def is_glob_of(pattern: str, text: str) -> bool:
    """Whether a glob matches the whole of a text.

    Args:
        pattern: the glob.
        text: not folded.
    """
    folded = _fold_pattern(pattern)
    if "*" not in folded and "?" not in folded:
        return folded == fold(text)
    return _whole_expression(folded).fullmatch(fold(text)) is not None


def is_glob_within(pattern: str, folded_text: str) -> bool:
    """Whether a glob matches a part of a text that starts and ends at word boundaries.

    A word boundary is the start or end of the text, or any character but ASCII letters, digits
    and the underscore.

    Args:
        pattern: the glob.
        folded_text: what `fold` made of the text.
    """
    if "*" not in pattern and "?" not in pattern:
        return is_name_within(pattern, folded_text)
    return _part_expression(_fold_pattern(pattern)).match(folded_text) is not None


def is_name_within(name: str, folded_text: str) -> bool:
    """The same for a name, in which `*` and `?` stand for themselves."""
    folded = _fold_pattern(name)
    # Most names are not there at all, and this takes a tenth of the time to find out.
    return folded in folded_text and _name_expression(folded).search(folded_text) is not None


def value_at(event: Mapping[str, Json], path: str) -> Json | UnsetType:
    """What stands at a dot-separated path in an event.

    Args:
        event: any JSON object.
        path: as `split_path` takes it.

    Returns:
        The value, or `msgspec.UNSET` where there is none.
    """
    *parents, last = split_path(path)
    holder = event
    for name in parents:
        inner = holder.get(name)
        if not isinstance(inner, dict):
            return UNSET
        holder = inner
    return holder.get(last, UNSET)


@lru_cache(maxsize=1_024)
def split_path(path: str) -> tuple[str, ...]:
    r"""The names in a dot-separated path, in which `\.` and `\\` stand for a dot and a backslash.

    Other backslashes stand for themselves.

    Source: Matrix appendices, section "Dot-separated property paths".
    """
    names = [""]
    for part in re.split(r"(\\[.\\]|\.)", path):
        if part == ".":
            names.append("")
        else:
            names[-1] += part[1:] if part in {r"\.", r"\\"} else part
    return tuple(names)


def fold(text: str) -> str:
    """A text in which letters that differ only by case are the same.

    Keeps the number of characters, so that `?` stands for one, and makes no word character of
    another one, so that boundaries stay where they were: no letter becomes two, and the long s
    and the kelvin sign become no ASCII letters.
    """
    if text.isascii():
        return text.lower()
    folded = text.casefold()
    if len(folded) == len(text) and "\u017f" not in text and "\u212a" not in text:
        return folded
    return "".join(map(_fold_character, text))


def _fold_character(character: str) -> str:
    folded = character.casefold()
    if len(folded) != 1 or (folded.isascii() and not character.isascii()):
        return character
    return folded


# Names and patterns come again and again, texts do not.
@lru_cache(maxsize=16_384)
def _fold_pattern(pattern: str) -> str:
    return fold(pattern)


@lru_cache(maxsize=1_024)
def _whole_expression(folded: str) -> re.Pattern[str]:
    first, *others = map(_segment, folded.split("*"))
    groups = "".join(f"(?>.*?{segment})" for segment in others[:-1])
    last = f".*{others[-1]}" if others else ""
    return re.compile(first + groups + last, re.DOTALL)


@lru_cache(maxsize=1_024)
def _part_expression(folded: str) -> re.Pattern[str]:
    segments = [_segment(segment) for segment in folded.split("*")]
    segments[0] = _AFTER_BOUNDARY + segments[0]
    segments[-1] += _BEFORE_BOUNDARY
    return re.compile("".join(f"(?>.*?{segment})" for segment in segments), re.DOTALL)


@lru_cache(maxsize=4_096)
def _name_expression(folded: str) -> re.Pattern[str]:
    return re.compile(_AFTER_BOUNDARY + re.escape(folded) + _BEFORE_BOUNDARY)


def _segment(glob: str) -> str:
    return ".".join(map(re.escape, glob.split("?")))

"""Words, and how well a text fits what was looked for. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from teahouse.chat.search.types import Key, Term
from teahouse.platform.errors import InvalidParam

if TYPE_CHECKING:
    from collections.abc import Sequence

    from teahouse.platform.json import JsonObject

# Type of event, and the member of its content that is searched.
SEARCHED: Final[dict[str, str]] = {
    "m.room.message": "body",
    "m.room.name": "name",
    "m.room.topic": "topic",
}
# A page of prose has about 250 different words; pasted logs are not worth more.
WORDS_MAX: Final = 200
TEXT_CHARACTERS_MAX: Final = 10_000
WORD_CHARACTERS_MAX: Final = 64
TERMS_MAX: Final = 16

# Scripts that put no spaces between words: kana, Han, Hangul. Found by pairs of characters.
_UNSPACED: Final = (
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUNS: Final = re.compile(f"([{_UNSPACED}]+)|([^\\W_{_UNSPACED}]+)")


def list_words(text: str) -> list[str]:
    """The words a text is found by, in order and with repetitions.

    Of a run of characters in an unspaced script: each pair of neighbours, and the last character.
    """
    words: list[str] = []
    for run, is_unspaced in _split(text[:TEXT_CHARACTERS_MAX]):
        if is_unspaced:
            words += [run[index : index + 2] for index in range(len(run))]
        else:
            words.append(run[:WORD_CHARACTERS_MAX])
    return words


def list_terms(text: str) -> list[Term]:
    """What to look for, of what somebody typed."""
    terms: dict[Term, None] = {}
    for run, is_unspaced in _split(text[:TEXT_CHARACTERS_MAX]):
        if not is_unspaced:
            terms[Term(run[:WORD_CHARACTERS_MAX])] = None
        elif len(run) == 1:
            # It begins a pair wherever it does not end its run.
            terms[Term(run, is_prefix=True)] = None
        else:
            terms.update({Term(run[index : index + 2]): None for index in range(len(run) - 1)})
    return list(terms)[:TERMS_MAX]


def list_highlights(text: str) -> list[str]:
    """What clients are to highlight in the results."""
    return list(dict.fromkeys(run for run, _ in _split(text[:TEXT_CHARACTERS_MAX])))[:TERMS_MAX]


def _split(text: str) -> Iterator[tuple[str, bool]]:
    """The runs of a text that are words, or of a script without spaces."""
    for match in _RUNS.finditer(unicodedata.normalize("NFKC", text).casefold()):
        yield match.group(), match.group(1) is not None


def searched_text(event_type: str, content: JsonObject) -> str:
    """The text of an event that is searched; empty where there is none."""
    name = SEARCHED.get(event_type)
    text = None if name is None else content.get(name)
    return text if isinstance(text, str) else ""


def is_among_keys(keys: Sequence[Key] | None, event_type: str) -> bool:
    """Whether the searched text of a type of event is one of those asked for."""
    return not keys or f"content.{SEARCHED.get(event_type)}" in keys


def compute_rank(words: Sequence[str], terms: Sequence[Term]) -> float:
    """How well a text fits: which part of its words was looked for.

    Returns:
        From 0 to 1; more is better.
    """
    if not words:
        return 0.0
    exact = {term.word for term in terms if not term.is_prefix}
    prefixes = tuple(term.word for term in terms if term.is_prefix)
    found = sum(word in exact or bool(prefixes and word.startswith(prefixes)) for word in words)
    return found / len(words)


def recent_token(position: int) -> str:
    """Where to go on among results in order of time: before a position."""
    return f"p{position}"


def rank_token(offset: int) -> str:
    """Where to go on among results in order of rank: after so many."""
    return f"r{offset}"


def read_token(text: str | None, *, kind: str, default: int) -> int:
    """What one of the tokens above says.

    Raises:
        InvalidParam: not one of ours, or of another order.
    """
    if not text:
        return default
    if re.fullmatch(rf"{kind}[0-9]{{1,18}}", text) is None:
        raise InvalidParam("`next_batch` is not a token of this search.")
    return int(text[1:])

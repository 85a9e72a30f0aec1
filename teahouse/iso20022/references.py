"""References that a payee gives a payer, so that what they pay is known: ISO 11649.

Source: ISO 11649:2009, structured creditor reference; ISO/IEC 7064, mod 97-10.
"""

from __future__ import annotations

import re

_PREFIX = "RF"
_REFERENCE = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}")
# People write it in groups of four, and banks break texts anywhere.
_SPACES = re.compile(r"[\s-]+")
_STARTS = re.compile(r"R[\s-]*F(?=[\s-]*[0-9])")
_LENGTH_MAX = 25


def make_reference(body: str) -> str:
    """A reference: `RF`, two check digits, and what the payee chose.

    Args:
        body: 1 to 21 capital letters and digits.
    """
    assert re.fullmatch(r"[0-9A-Z]{1,21}", body), body
    return f"{_PREFIX}{98 - _remainder(f'{body}{_PREFIX}00'):02}{body}"


def is_reference(text: str) -> bool:
    """Whether this is a whole reference, without spaces, whose check digits are right."""
    if not _REFERENCE.fullmatch(text):
        return False
    return _remainder(text[4:] + text[:4]) == 1


def find_reference(text: str) -> str:
    """The first right reference in what a person wrote; empty where there is none.

    Spaces and dashes do not matter. What stands behind it may have run together with it: the
    longest right one counts.
    """
    told = text.upper()
    for start in _STARTS.finditer(told):
        run = re.match(r"[0-9A-Z]*", _SPACES.sub("", told[start.start() :]))
        assert run is not None
        most = min(len(run.group()), _LENGTH_MAX)
        for length in range(most, 4, -1):
            if is_reference(run.group()[:length]):
                return run.group()[:length]
    return ""


def group_reference(reference: str) -> str:
    """As it is printed: in groups of four."""
    return " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))


def _remainder(text: str) -> int:
    """Of the number that stands for the text, letters counted from 10, divided by 97."""
    return int("".join(str(int(letter, 36)) for letter in text)) % 97

"""The languages that pages for people are written in."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["en", "zh"]

# A browser sends a handful of languages; what is longer was not written by one.
_ACCEPTED_MAX = 32
_RANGE = re.compile(r"\s*([A-Za-z*-]{1,35})\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?))?\s*")


def choose_language(accepted: str) -> Language:
    """The language a browser likes best, of those we write in.

    Args:
        accepted: the `Accept-Language` header, untrusted.

    Source: RFC 9110, section 12.5.4.
    """
    best: Language = "en"
    best_quality = 0.0
    for part in accepted.split(",")[:_ACCEPTED_MAX]:
        match = _RANGE.fullmatch(part)
        if match is None:
            continue
        quality = float(match[2] or 1)
        language = match[1].lower().partition("-")[0]
        if quality > best_quality and language in {"en", "zh"}:
            best = "zh" if language == "zh" else "en"
            best_quality = quality
    return best

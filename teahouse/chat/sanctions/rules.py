"""What a membership event says of a sanction; limits of sanctions. Pure."""

from __future__ import annotations

from typing import Final, get_args

from teahouse.chat.sanctions.errors import BadSanction
from teahouse.chat.sanctions.types import Rule
from teahouse.platform.json import JsonObject

TERMS: Final = "org.teahouse.sanction"
"""Member of a membership event's content: the rule that was broken, and when the ban ends."""

UNTIL_MAX_MS: Final = 366 * 86_400_000
APPEAL_MS: Final = 30 * 86_400_000
TEXT_LENGTH_MAX: Final = 2000


def check_sanction(reason: str, *, until: int | None, now: int) -> None:
    """Check that there is a reason, and an end within a year where there must be one.

    Raises:
        BadSanction: not so.
    """
    check_words(reason)
    if until is not None and not now < until <= now + UNTIL_MAX_MS:
        raise BadSanction


def check_words(text: str) -> None:
    """Check that something is said, and not too much.

    Raises:
        BadSanction: not so.
    """
    if not text.strip() or len(text) > TEXT_LENGTH_MAX:
        raise BadSanction(f"Say it in 1 to {TEXT_LENGTH_MAX} characters.")


def read_terms(content: JsonObject, *, now: int) -> tuple[Rule, int | None]:
    """Rule and end in a membership event, which any client may have written."""
    terms = content.get(TERMS)
    terms = terms if isinstance(terms, dict) else {}
    rule, until = terms.get("rule"), terms.get("until")
    found: Rule = rule if rule in get_args(Rule) else "other"  # type: ignore[assignment]  # checked
    is_end = type(until) is int and now < until <= now + UNTIL_MAX_MS
    return found, until if is_end else None  # type: ignore[return-value]  # checked

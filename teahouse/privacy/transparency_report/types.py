"""Nouns of the report: counts, and the canary."""

from __future__ import annotations

import msgspec


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests there were, and what became of them.

    Attributes:
        received: all that came in.
        granted: given in full.
        narrowed: given in part.
        refused: nothing given.
        undecided: neither yet.
        accounts_asked: members named, once for each request.
        accounts_given: of these, of whom something was given.
        content_given: of how many encrypted chats the content was given: always 0.
        gagged_now: requests of which the members may not be told yet.
        gags_ended: requests of which they may be told again.
        median_days_to_notice: from receipt until the members were told, begun days; None: nobody
            was told yet.
        fields_given: names of what was given.
    """

    received: int
    granted: int
    narrowed: int
    refused: int
    undecided: int
    accounts_asked: int
    accounts_given: int
    content_given: int
    gagged_now: int
    gags_ended: int
    median_days_to_notice: int | None
    fields_given: tuple[str, ...]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The requests of one kind within half a year.

    Attributes:
        period: `2026-H2`, by the day they came in (UTC).
        country: two capital letters.
        instrument: what kind of document.
        category: what kind of data.
        counts: how many.
    """

    period: str
    country: str
    instrument: str
    category: str
    counts: Counts


class Canary(msgspec.Struct, frozen=True, kw_only=True):
    """A signed statement in fixed words, worth something until it expires.

    Attributes:
        issued_at: when somebody of the staff had it signed, milliseconds.
        expires_at: after this instant it means nothing.
        is_expired: whether that is so.
        note: the signed text: to be verified with the log's key, and kept.
    """

    issued_at: int
    expires_at: int
    is_expired: bool
    note: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What the house publishes of official requests.

    Attributes:
        house: the server's name.
        generated_at: milliseconds.
        total: over all time.
        lines: by half year, country, instrument and category; the latest first.
        content_en: why content is never given.
        content_zh: the same in Chinese.
        canary: the newest; None: none was ever signed.
    """

    house: str
    generated_at: int
    total: Counts
    lines: list[Line]
    content_en: str
    content_zh: str
    canary: Canary | None

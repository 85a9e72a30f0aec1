"""What is asked and answered of relations."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from teahouse.chat.history.types import Span

Include: TypeAlias = Literal["all", "participated"]


class RelationsWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which relations of an event are asked for.

    Attributes:
        event_id: of the event that others relate to.
        rel_type: only these; None for all.
        event_type: only events of this type; None for all.
        span: from where to where, and which way.
        limit: the most events, at least one.
        is_recursive: also what relates to what relates to it; None where nothing was said of it.
    """

    event_id: str
    rel_type: str | None
    event_type: str | None
    span: Span
    limit: int
    is_recursive: bool | None


class RelationsAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer of `/relations`."""

    chunk: list[msgspec.Raw]
    next_batch: str | None = None
    prev_batch: str | None = None
    recursion_depth: int | None = None


class ThreadsAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer of `/threads`."""

    chunk: list[msgspec.Raw]
    next_batch: str | None = None

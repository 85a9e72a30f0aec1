"""Nouns of sealed boxes."""

from __future__ import annotations

from typing import Annotated, Any, NewType

import msgspec

from teahouse.platform.json import JsonObject

BoxId = NewType("BoxId", str)
OpeningId = NewType("OpeningId", str)

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
_Case = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A box, as all may know of it who may know of it.

    Attributes:
        box_id: its id.
        made_at: when its member was erased, milliseconds.
        expires_at: when its key is destroyed.
        contents: how many records of which kind are in it.
        destroyed_at: when its key was destroyed; None: not yet.
    """

    box_id: BoxId
    made_at: int
    expires_at: int
    contents: dict[str, int]
    destroyed_at: int | None = None


class NewOpening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one of the staff asks for.

    Attributes:
        case: names the case at the authority or the court.
        reason: why it must be opened, and by which law.
    """

    case: _Case
    reason: _Text


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody wants a box opened.

    Attributes:
        opening_id: its id.
        box_id: which box.
        case: names the case.
        reason: why.
        asked_by: who of the staff asked.
        asked_at: when.
        approved_by: who else of the staff agreed.
        approved_at: when.
        opened_at: when what is in it was shown, once.
    """

    opening_id: OpeningId
    box_id: BoxId
    case: str
    reason: str
    asked_by: str
    asked_at: int
    approved_by: str | None = None
    approved_at: int | None = None
    opened_at: int | None = None


class Opened(msgspec.Struct, frozen=True):
    """What was in a box.

    Attributes:
        opening: by which it was opened.
        content: what was in it.
    """

    opening: Opening
    content: dict[str, Any]


class BoxContent(msgspec.Struct, frozen=True):
    """What the law keeps of a member.

    Attributes:
        contents: how many records of which kind.
        content: the records.
    """

    contents: dict[str, int]
    content: JsonObject

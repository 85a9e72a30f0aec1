"""Reads sealed boxes, but for what is in them."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from teahouse.platform.db import Read
from teahouse.platform.requester import Requester
from teahouse.privacy.sealed_boxes.access import check_box_power
from teahouse.privacy.sealed_boxes.errors import BoxNotFound
from teahouse.privacy.sealed_boxes.tables import privacy_box_opening, privacy_sealed_box
from teahouse.privacy.sealed_boxes.types import Box, BoxId, Opening

_b, _o = privacy_sealed_box.c, privacy_box_opening.c
_SHOWN = (_b.box_id, _b.made_at, _b.expires_at, _b.contents, _b.destroyed_at)
_BOXES_MAX = 100
_DUE_MAX = 1000
_SHOWN_MAX = 200


def find_boxes(read: Read, index: bytes) -> list[Box]:
    """The boxes of a member by the index of their id; the newest first."""
    rows = read.conn.execute(
        sa.select(*_SHOWN)
        .where(_b.member_index == index)
        .order_by(_b.made_at.desc(), _b.box_id)
        .limit(_BOXES_MAX)
    )
    return [_to_box(row) for row in rows]


def list_all_boxes(read: Read, requester: Requester) -> list[Box]:
    """All boxes, those first whose date comes first. Nothing here says of whom they are.

    Raises:
        Forbidden: the requester may not know of boxes.
    """
    check_box_power(requester, "boxes.find")
    rows = read.conn.execute(
        sa.select(*_SHOWN)
        .order_by(_b.destroyed_at.is_not(None), _b.expires_at, _b.box_id)
        .limit(_SHOWN_MAX)
    )
    return [_to_box(row) for row in rows]


def list_openings(read: Read, requester: Requester) -> list[Opening]:
    """The openings that wait for somebody, the latest first: to be approved, or to be made.

    Raises:
        Forbidden: the requester may neither ask for one nor agree.
    """
    check_box_power(requester, "boxes.approve")
    rows = read.conn.execute(
        sa.select(privacy_box_opening)
        .join(privacy_sealed_box, _b.box_id == _o.box_id)
        .where(_o.opened_at.is_(None), _b.destroyed_at.is_(None))
        .order_by(_o.asked_at.desc(), _o.opening_id)
        .limit(_SHOWN_MAX)
    )
    return [_to_opening(row) for row in rows]


def load_box(read: Read, box_id: str) -> Box:
    """A box.

    Raises:
        BoxNotFound: there is none.
    """
    row = read.conn.execute(sa.select(*_SHOWN).where(_b.box_id == box_id)).one_or_none()
    if row is None:
        raise BoxNotFound
    return _to_box(row)


def load_opening(read: Read, opening_id: str) -> Opening:
    """An opening.

    Raises:
        BoxNotFound: there is none.
    """
    row = read.conn.execute(
        sa.select(privacy_box_opening).where(_o.opening_id == opening_id)
    ).one_or_none()
    if row is None:
        raise BoxNotFound
    return _to_opening(row)


def list_due(read: Read) -> list[BoxId]:
    """The boxes whose date has come and that are not destroyed yet."""
    rows = read.conn.execute(
        sa.select(_b.box_id)
        .where(_b.expires_at <= read.now, _b.destroyed_at.is_(None))
        .order_by(_b.expires_at, _b.box_id)
        .limit(_DUE_MAX)
    )
    return [BoxId(one) for one in rows.scalars()]


def _to_opening(row: sa.Row[*tuple[Any, ...]]) -> Opening:
    fields = {str(name): value for name, value in row._asdict().items()}
    return msgspec.convert({**fields, "case": fields.pop("case_name")}, Opening)


def _to_box(row: Any) -> Box:  # noqa: ANN401 - a row of `_SHOWN`
    return Box(
        box_id=row.box_id,
        made_at=row.made_at,
        expires_at=row.expires_at,
        contents=msgspec.json.decode(row.contents, type=dict[str, int]),
        destroyed_at=row.destroyed_at,
    )

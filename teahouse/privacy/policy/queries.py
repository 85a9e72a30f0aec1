"""Reading versions, what members said to them, and what is kept about a member."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from teahouse.platform.data_map import FILE_CLASSES, PersonalData, declaration
from teahouse.platform.db import Read, metadata
from teahouse.platform.languages import Language
from teahouse.privacy.policy.errors import NoSuchVersion
from teahouse.privacy.policy.rules import collect_data, compare, compute_standing, tell_datum
from teahouse.privacy.policy.tables import privacy_policy_reply, privacy_policy_version
from teahouse.privacy.policy.types import (
    Changes,
    Datum,
    Held,
    HeldColumn,
    PolicyStanding,
    Source,
    Version,
    VersionView,
)

_version = privacy_policy_version.c
_reply = privacy_policy_reply.c
_VIEW: Final = (
    _version.number,
    _version.published_at,
    _version.applies_at,
    _version.sha256_en,
    _version.sha256_zh,
)
# A house that changes its mind every week for twenty years has fewer.
_VERSIONS_MAX = 1000
# Of columns that hold a member's id or what stands for it, as do all that end in `_by`. Those of
# other names hold neither, or are told of by another column of their row.
_NAMES: Final = frozenset({
    "user_id", "sender", "about", "reporter", "creator", "staff_user_id", "by_user_id",
    "target_user_id", "signer_user_id", "who", "state_key", "owner", "party", "party_id", "payer",
    "payee", "payer_party", "payee_party", "asker", "recipient", "claimant", "by_party",
    "wallet_party",
})  # fmt: skip

_SEEN_BY_MEMBERS: Final = {"self", "members", "room", "public", "counterparty"}
# The register of official requests tells members itself, once it may.
_TOLD_ELSEWHERE: Final = "privacy_official_"


def find_latest_hash(read: Read) -> tuple[int, str] | None:
    """The number of the newest version and the hash of what it was made from."""
    row = read.conn.execute(
        sa.select(_version.number, _version.source_hash).order_by(_version.number.desc()).limit(1)
    ).first()
    return None if row is None else (row.number, row.source_hash)


def list_versions(read: Read) -> list[VersionView]:
    """Every version, the newest first."""
    rows = read.conn.execute(
        sa.select(*_VIEW).order_by(_version.number.desc()).limit(_VERSIONS_MAX)
    )
    return [_view(row) for row in rows]


def find_version(read: Read, number: int | None) -> Version:
    """A version with its text and what it was made from.

    Args:
        read: a view.
        number: which; None for the newest.

    Raises:
        NoSuchVersion: it is not there.
    """
    statement = sa.select(privacy_policy_version)
    if number is not None:
        statement = statement.where(_version.number == number)
    row = read.conn.execute(statement.order_by(_version.number.desc()).limit(1)).first()
    if row is None:
        raise NoSuchVersion
    return Version(
        view=_view(row),
        source=msgspec.json.decode(row.source, type=Source),
        html={"en": row.html_en, "zh": row.html_zh},
    )


def find_text(read: Read, sha256: str) -> str:
    """The archived page that has this hash.

    Raises:
        NoSuchVersion: none has.
    """
    row = read.conn.execute(
        sa.select(_version.html_en, _version.html_zh, _version.sha256_en).where(
            sa.or_(_version.sha256_en == sha256, _version.sha256_zh == sha256)
        )
    ).first()
    if row is None:
        raise NoSuchVersion
    found: str = row.html_en if row.sha256_en == sha256 else row.html_zh
    return found


def find_changes(read: Read, *, old: int | None, new: int | None) -> Changes:
    """What differs between two versions.

    Args:
        read: a view.
        old: the older one; None for the one before `new`; 0 for nothing at all.
        new: the newer one; None for the newest.

    Raises:
        NoSuchVersion: one of them is not there.
    """
    newer = find_version(read, new)
    number = newer.view.number
    number_before = max(number - 1, 0) if old is None else old
    older = find_version(read, number_before).source if number_before else None
    return compare(older, newer.source, numbers=(number_before, number))


def find_standing(read: Read, user_id: str) -> PolicyStanding:
    """A member against the policy.

    Raises:
        NoSuchVersion: there is no policy yet.
    """
    versions = list_versions(read)
    in_force = next((one for one in versions if one.applies_at <= read.now), None)
    if in_force is None:
        raise NoSuchVersion
    rows = read.conn.execute(
        sa.select(_reply.number, _reply.reply)
        .where(_reply.user_id == user_id)
        .order_by(_reply.number.desc())
        .limit(_VERSIONS_MAX)
    )
    replies = {row.number: row.reply for row in rows}
    return PolicyStanding(
        standing=compute_standing(replies, in_force.number),
        version=in_force,
        coming=versions[0] if versions[0].number > in_force.number else None,
        replies=replies,
    )


def _view(row: Any) -> VersionView:  # noqa: ANN401 - a row of `_VIEW`, or more
    return VersionView(
        number=row.number,
        published_at=row.published_at,
        applies_at=row.applies_at,
        sha256={"en": row.sha256_en, "zh": row.sha256_zh},
    )


# What is kept about a member


def list_held(read: Read, user_id: str, *, language: Language) -> list[Held]:
    """Every table and folder that can hold something about a member, and how much it holds now.

    Args:
        read: a view.
        user_id: the member.
        language: of the words.
    """
    stands_for = [user_id, *list_aliases(read, user_id)]
    data = collect_data(metadata, FILE_CLASSES)
    stores: dict[str, list[Datum]] = {}
    for datum in data:
        stores.setdefault(datum.where.partition(".")[0], []).append(datum)
    return [
        Held(
            store=store,
            rows=_count_rows(read, metadata.tables.get(store), stands_for),
            data=tuple(_tell_column(one, language) for one in rows),
        )
        for store, rows in stores.items()
    ]


def list_naming_columns(table: sa.Table) -> list[sa.Column[Any]]:
    """The columns of a table that say whom a row is about, and that this member may see.

    What a member may not see must not be counted for them either: a report about them, or a
    request under a gag order, would show in the number.
    """
    if table.name.startswith(_TOLD_ELSEWHERE):
        return []
    return [
        column
        for column in table.columns
        if (column.name in _NAMES or column.name.endswith("_by"))
        and isinstance(declared := declaration(column), PersonalData)
        and not _SEEN_BY_MEMBERS.isdisjoint(declared.seen_by)
    ]


def list_aliases(read: Read, user_id: str) -> list[str]:
    """What stands for the member in tables that do not name them."""
    found: list[str] = []
    for table in metadata.tables.values():
        for column in table.columns:
            declared = declaration(column)
            if isinstance(declared, PersonalData) and declared.is_alias:
                rows = read.conn.execute(sa.select(column).where(table.c.user_id == user_id))
                found.extend(rows.scalars())
    return found


def _count_rows(read: Read, table: sa.Table | None, stands_for: Iterable[str]) -> int | None:
    naming = [] if table is None else list_naming_columns(table)
    if table is None or not naming:
        return None
    is_mine = sa.or_(*(column.in_(list(stands_for)) for column in naming))
    found: int = read.conn.execute(
        sa.select(sa.func.count()).select_from(table).where(is_mine)
    ).scalar_one()
    return found


def _tell_column(datum: Datum, language: Language) -> HeldColumn:
    told = tell_datum(datum, language)
    return HeldColumn(
        name=datum.where.partition(".")[2],
        category=told.category,
        purpose=told.purpose,
        basis=told.basis,
        keep=told.keep,
        seen_by=told.seen_by,
    )


def find_versions_amiss(read: Read) -> Iterator[str]:
    """Verify that each archived text still has the hash that receipts name."""
    for told in list_versions(read):
        version = find_version(read, told.number)
        for language, text in version.html.items():
            if hashlib.sha256(text.encode()).hexdigest() != version.view.sha256[language]:
                yield f"Version {told.number} of the policy ({language}) is not what was shown"

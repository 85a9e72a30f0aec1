"""Reading the log: its head, proofs, and what a member may see of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import msgspec
import sqlalchemy as sa

from teahouse.platform.checks import ROWS_A_STEP, Check, count_table_steps
from teahouse.platform.data_map import FILE_CLASSES
from teahouse.platform.db import Read, metadata
from teahouse.platform.errors import InvalidParam
from teahouse.platform.languages import Language
from teahouse.privacy.policy.rules import collect_data, tell_datum
from teahouse.privacy.transparency_log.rules import (
    Node,
    compute_consistency_proof,
    compute_inclusion_proof,
    compute_new_nodes,
    compute_root,
    hash_entry,
)
from teahouse.privacy.transparency_log.tables import (
    privacy_log_entry,
    privacy_log_head,
    privacy_log_node,
)
from teahouse.privacy.transparency_log.types import EVERYBODY, Entry, Head, LogWords

MAIN = "main"
_node = privacy_log_node.c
_entry = privacy_log_entry.c
_select_node = sa.select(_node.hash).where(
    _node.level == sa.bindparam("level"), _node.node_index == sa.bindparam("node_index")
)


def find_head(read: Read) -> Head:
    """The whole log, now."""
    size = find_size(read)
    return Head(size, compute_root(size, node_of(read)))


def find_size(read: Read) -> int:
    """How many entries there are."""
    found = read.conn.execute(
        sa.select(privacy_log_head.c.size).where(privacy_log_head.c.name == MAIN)
    ).scalar_one_or_none()
    return found or 0


def prove_inclusion(read: Read, *, index: int, size: int) -> list[bytes]:
    """What proves that an entry is in the log of some size.

    Raises:
        InvalidParam: there is no such entry in a log of that size, or the log never had it.
    """
    if not 0 <= index < size <= find_size(read):
        raise InvalidParam("`index` must be below `size`, and `size` not above the log's.")
    return compute_inclusion_proof(index, size, node_of(read))


def prove_consistency(read: Read, *, old_size: int, new_size: int) -> list[bytes]:
    """What proves that the log of one size begins with the log of another.

    Raises:
        InvalidParam: the log never had such sizes, or in the other order.
    """
    if not 0 < old_size <= new_size <= find_size(read):
        raise InvalidParam("`old` must be from 1 to `new`, and `new` not above the log's size.")
    return compute_consistency_proof(old_size, new_size, node_of(read))


def list_entries_about(read: Read, user_id: str, *, before: int | None, limit: int) -> list[Entry]:
    """The entries about a member, or about everybody, newest first.

    Args:
        read: a view.
        user_id: the member.
        before: only entries before this index.
        limit: at most so many.
    """
    statement = sa.select(privacy_log_entry).where(_entry.about.in_([user_id, EVERYBODY]))
    if before is not None:
        statement = statement.where(_entry.entry_index < before)
    rows = read.conn.execute(statement.order_by(_entry.entry_index.desc()).limit(limit))
    return [
        Entry(
            index=row.entry_index,
            entered_at=row.entered_at,
            salt=row.salt.hex(),
            body=row.body,
            commitment=row.commitment.hex(),
        )
        for row in rows
    ]


@cache
def tell_words(language: Language) -> LogWords:
    """What the names in entries mean."""
    file = files("teahouse.privacy.transparency_log") / "words.json"
    words = msgspec.json.decode(file.read_bytes(), type=dict[str, dict[str, dict[Language, str]]])
    data = collect_data(metadata, FILE_CLASSES)
    return LogWords(
        deeds={name: told[language] for name, told in words["deeds"].items()},
        stores={name: told[language] for name, told in words["stores"].items()},
        kinds={one.where: tell_datum(one, language).category for one in data},
    )


def list_commitments(read: Read, *, start: int, limit: int) -> list[bytes]:
    """What the log holds for all to see, from an index on."""
    rows = read.conn.execute(
        sa.select(_entry.commitment)
        .where(_entry.entry_index >= start)
        .order_by(_entry.entry_index)
        .limit(limit)
    )
    return list(rows.scalars())


def node_of(read: Read) -> Node:
    """Gives the stored hashes of complete subtrees."""

    def node(level: int, index: int) -> bytes:
        wanted = {"level": level, "node_index": index}
        found: bytes = read.conn.execute(_select_node, wanted).scalar_one()
        return found

    return node


def _find_broken_entries(read: Read) -> Iterator[str | None]:
    """Build the tree a second time from what it commits to, and compare."""
    nodes: dict[tuple[int, int], bytes] = {}
    size = 0
    rows = read.conn.execution_options(yield_per=ROWS_A_STEP).execute(
        sa.select(privacy_log_entry).order_by(_entry.entry_index)
    )
    stored = node_of(read)
    for row in rows:
        if row.entry_index != size:
            yield f"Entry {size} of the log is not there"
            return
        if row.body is not None:
            told = hashlib.sha256(row.salt + row.body.encode()).digest()
            if told != row.commitment:
                yield f"Entry {size} of the log does not say what was committed to"
        made = compute_new_nodes(size, hash_entry(row.commitment), lambda *at: nodes[at])
        for level, index, digest in made:
            nodes[level, index] = digest
            if stored(level, index) != digest:
                yield f"The tree of the log differs at entry {size}, level {level}"
        size += 1
        if size % ROWS_A_STEP == 0:
            yield None
    if size != find_size(read):
        yield f"The log has {size} entries, its head says {find_size(read)}"


LOG_CHECKS = [
    Check(
        "privacy: The log of who looked is the tree over its entries",
        _find_broken_entries,
        lambda read: count_table_steps(read, privacy_log_entry),
    )
]

"""The stored log: entries follow one another, prove themselves, and can be forgotten."""

import hashlib

import pytest
import sqlalchemy as sa

from teahouse.platform.db import Database, Read
from teahouse.platform.errors import InvalidParam
from teahouse.privacy.transparency_log.commands import (
    forget_entries_about,
    record_commitment,
    record_look,
)
from teahouse.privacy.transparency_log.queries import (
    find_head,
    list_commitments,
    list_entries_about,
    prove_consistency,
    prove_inclusion,
)
from teahouse.privacy.transparency_log.rules import (
    EMPTY_ROOT,
    hash_entry,
    is_consistent,
    is_included,
)
from teahouse.privacy.transparency_log.tables import privacy_log_entry
from teahouse.privacy.transparency_log.types import Entry, Look

ADA, BEN = "@ada:teahouse.test", "@ben:teahouse.test"
LOOK = Look(actor="@mo:teahouse.test", role="moderator", fields=("report.text",), reason="report")


def _entries(read: Read, user_id: str) -> list[Entry]:
    return list_entries_about(read, user_id, before=None, limit=100)


def test_an_empty_log_has_a_head(db: Database) -> None:
    head = db.look(find_head)
    assert (head.size, head.root) == (0, EMPTY_ROOT)


def test_every_entry_is_proved_by_what_its_member_sees(db: Database) -> None:
    for number in range(7):
        assert db.run(record_look, LOOK, about=ADA if number % 2 else BEN) == number
    head = db.look(find_head)
    assert head.size == 7
    for entry in [*db.look(_entries, ADA), *db.look(_entries, BEN)]:
        commitment = hashlib.sha256(bytes.fromhex(entry.salt) + entry.body.encode()).digest()
        assert commitment.hex() == entry.commitment
        proof = db.look(prove_inclusion, index=entry.index, size=7)
        assert is_included(
            hash_entry(commitment), index=entry.index, size=7, proof=proof, root=head.root
        )


def test_a_member_sees_only_what_is_about_them_newest_first(db: Database) -> None:
    for about in (ADA, BEN, ADA):
        db.run(record_look, LOOK, about=about)
    assert [entry.index for entry in db.look(_entries, ADA)] == [2, 0]
    assert '"about":"@ada:teahouse.test"' in db.look(_entries, ADA)[0].body
    older = db.look(list_entries_about, ADA, before=2, limit=100)
    assert [entry.index for entry in older] == [0]


def test_forgetting_a_member_leaves_the_tree_as_it_was(db: Database) -> None:
    for about in (ADA, BEN, ADA):
        db.run(record_look, LOOK, about=about)
    before = db.look(find_head)
    db.run(forget_entries_about, ADA)
    assert db.look(_entries, ADA) == []
    assert len(db.look(_entries, BEN)) == 1
    assert db.look(find_head) == before
    with db.engine.connect() as conn:
        bodies = conn.execute(sa.select(privacy_log_entry.c.body)).scalars().all()
    assert sum(body is None for body in bodies) == 2


def test_a_grown_log_is_consistent_with_every_head_it_had(db: Database) -> None:
    heads = [db.look(find_head)]
    for number in range(9):
        db.run(record_commitment, hashlib.sha256(bytes([number])).digest())
        heads.append(db.look(find_head))
    newest = heads[-1]
    for head in heads[1:]:
        proof = db.look(prove_consistency, old_size=head.size, new_size=newest.size)
        assert is_consistent(
            old_size=head.size,
            new_size=newest.size,
            old_root=head.root,
            new_root=newest.root,
            proof=proof,
        )
    assert len(db.look(list_commitments, start=4, limit=3)) == 3


@pytest.mark.parametrize(("index", "size"), [(0, 0), (2, 1), (0, 3), (-1, 1), (2**62, 2**63)])
def test_proofs_of_what_never_was_are_refused(db: Database, index: int, size: int) -> None:
    db.run(record_look, LOOK, about=ADA)
    with pytest.raises(InvalidParam):
        db.look(prove_inclusion, index=index, size=size)
    with pytest.raises(InvalidParam):
        db.look(prove_consistency, old_size=size, new_size=index)

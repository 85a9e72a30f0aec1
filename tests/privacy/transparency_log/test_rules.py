"""The Merkle tree, against the published vectors and against its definition."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.privacy.transparency_log.rules import (
    EMPTY_ROOT,
    compute_consistency_proof,
    compute_inclusion_proof,
    compute_new_nodes,
    compute_root,
    hash_entry,
    is_consistent,
    is_included,
)

# The eight entries that implementations of Certificate Transparency are tested with.
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Tree:
    """The stored nodes of a log."""

    def __init__(self, entries: Sequence[bytes] = ()) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.size = 0
        for entry in entries:
            self.append(entry)

    def append(self, entry: bytes) -> None:
        for level, index, made in compute_new_nodes(self.size, hash_entry(entry), self.node):
            assert (level, index) not in self.nodes
            self.nodes[level, index] = made
        self.size += 1

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


def _defined_root(entries: Sequence[bytes]) -> bytes:
    """The recursive definition of section 2.1.1, word for word."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\0" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    children = _defined_root(entries[:split]) + _defined_root(entries[split:])
    return hashlib.sha256(b"\1" + children).digest()


def test_the_roots_are_the_published_ones() -> None:
    tree = Tree(ENTRIES)
    assert [compute_root(size, tree.node).hex() for size in range(1, 9)] == ROOTS


def test_an_empty_log_has_the_hash_of_nothing() -> None:
    assert compute_root(0, Tree().node) == EMPTY_ROOT == _defined_root([])


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40))
def test_roots_of_all_past_sizes_follow_the_definition(entries: list[bytes]) -> None:
    tree = Tree(entries)
    for size in range(len(entries) + 1):
        assert compute_root(size, tree.node) == _defined_root(entries[:size])


@pytest.mark.parametrize("size", range(1, 34))
def test_every_entry_is_proved_and_no_other(size: int) -> None:
    entries = [bytes([number]) for number in range(size)]
    tree = Tree(entries)
    root = compute_root(size, tree.node)
    for index, entry in enumerate(entries):
        proof = compute_inclusion_proof(index, size, tree.node)
        leaf = hash_entry(entry)
        assert is_included(leaf, index=index, size=size, proof=proof, root=root)
        assert not is_included(hash_entry(b"other"), index=index, size=size, proof=proof, root=root)
        assert not is_included(leaf, index=index + 1, size=size, proof=proof, root=root)
        assert not is_included(leaf, index=index, size=size, proof=[*proof, leaf], root=root)
        if proof:
            assert not is_included(leaf, index=index, size=size, proof=proof[:-1], root=root)


@given(st.data())
def test_a_log_that_only_grew_is_consistent(data: st.DataObject) -> None:
    new_size = data.draw(st.integers(1, 70))
    old_size = data.draw(st.integers(1, new_size))
    tree = Tree([bytes([number]) for number in range(new_size)])
    old_root, new_root = compute_root(old_size, tree.node), compute_root(new_size, tree.node)
    proof = compute_consistency_proof(old_size, new_size, tree.node)

    def holds(*, old: bytes = old_root, new: bytes = new_root, given: list[bytes]) -> bool:
        return is_consistent(
            old_size=old_size, new_size=new_size, old_root=old, new_root=new, proof=given
        )

    assert holds(given=proof)
    assert not holds(old=EMPTY_ROOT, given=proof)
    assert not holds(new=EMPTY_ROOT, given=proof)
    assert not holds(given=[*proof, EMPTY_ROOT])
    if proof:
        assert not holds(given=proof[:-1])


@given(st.data())
def test_a_rewritten_log_cannot_be_proved_consistent(data: st.DataObject) -> None:
    new_size = data.draw(st.integers(2, 40))
    old_size = data.draw(st.integers(1, new_size - 1))
    changed = data.draw(st.integers(0, old_size - 1))
    entries = [bytes([number]) for number in range(new_size)]
    old_root = compute_root(old_size, Tree(entries).node)
    entries[changed] = b"rewritten"
    forged = Tree(entries)
    assert not is_consistent(
        old_size=old_size,
        new_size=new_size,
        old_root=old_root,
        new_root=compute_root(new_size, forged.node),
        proof=compute_consistency_proof(old_size, new_size, forged.node),
    )

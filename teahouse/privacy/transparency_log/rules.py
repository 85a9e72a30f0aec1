"""The Merkle tree of the log: roots, proofs, and how anybody verifies them. Pure.

A tree of `size` entries is known by the hashes of its complete subtrees: `node(level, index)` is
the hash over the entries `index * 2**level` up to the next such number. They never change once
there, so they are stored, and every root and proof of every past size is put together from them.

Source: RFC 9162, section 2.1 (SHA-256).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from hmac import compare_digest
from typing import TypeAlias

Node: TypeAlias = Callable[[int, int], bytes]

EMPTY_ROOT = hashlib.sha256(b"").digest()
# Domain separation: no entry can be mistaken for an inner node.
_LEAF = b"\x00"
_INNER = b"\x01"


def hash_entry(entry: bytes) -> bytes:
    """The hash of an entry as a leaf of the tree.

    Returns:
        32 bytes.
    """
    return hashlib.sha256(_LEAF + entry).digest()


def hash_children(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node over its two children, 32 bytes each."""
    return hashlib.sha256(_INNER + left + right).digest()


def compute_new_nodes(index: int, leaf: bytes, node: Node) -> list[tuple[int, int, bytes]]:
    """The complete subtrees that an entry completes.

    Args:
        index: the entry's place, from 0.
        leaf: `hash_entry` of it.
        node: gives the hashes of the subtrees that are complete already.

    Returns:
        (level, index, hash) of each, the leaf first.
    """
    level, made = 0, [(0, index, leaf)]
    while index % 2 == 1:
        leaf = hash_children(node(level, index - 1), leaf)
        level, index = level + 1, index // 2
        made.append((level, index, leaf))
    return made


def compute_root(size: int, node: Node) -> bytes:
    """The root of the tree of the first `size` entries (2.1.1)."""
    assert size >= 0
    return _hash_range(0, size, node) if size else EMPTY_ROOT


def compute_inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """What proves that an entry is in the tree of the first `size` (2.1.3.1).

    Args:
        index: the entry's place, from 0, below `size`.
        size: of the tree.
        node: gives the hashes of complete subtrees.

    Returns:
        At most 64 hashes, from the leaf upwards.
    """
    assert 0 <= index < size
    return _path(index, 0, size, node)


def compute_consistency_proof(old_size: int, new_size: int, node: Node) -> list[bytes]:
    """What proves that the newer tree only added to the older (2.1.4.1).

    Args:
        old_size: at least 1.
        new_size: not below `old_size`.
        node: gives the hashes of complete subtrees.

    Returns:
        The hashes; none where both sizes are the same.
    """
    assert 0 < old_size <= new_size
    if old_size == new_size:
        return []
    return _subproof(old_size, 0, new_size, node=node, is_known=True)


def is_included(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof shows that a leaf is in a tree (2.1.3.2).

    Args:
        leaf: `hash_entry` of the entry.
        index: its place, from 0.
        size: of the tree.
        proof: from `compute_inclusion_proof`.
        root: of the tree, as somebody signed it.
    """
    if not 0 <= index < size:
        return False
    position, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position % 2 == 1 or position == last:
            computed = hash_children(sibling, computed)
            while position % 2 == 0 and position != 0:
                position, last = position // 2, last // 2
        else:
            computed = hash_children(computed, sibling)
        position, last = position // 2, last // 2
    return last == 0 and compare_digest(computed, root)


def is_consistent(
    *, old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether a proof shows that one tree begins with another (2.1.4.2).

    Args:
        old_size: of the older tree.
        new_size: of the newer.
        old_root: of the older, as somebody kept it.
        new_root: of the newer, as somebody signed it.
        proof: from `compute_consistency_proof`.
    """
    if old_size == new_size:
        return not proof and compare_digest(old_root, new_root)
    if not 0 < old_size < new_size or not proof:
        return False
    hashes = list(proof)
    if old_size & (old_size - 1) == 0:
        hashes.insert(0, old_root)  # a complete tree is a node itself and left out of the proof
    position, last = old_size - 1, new_size - 1
    while position % 2 == 1:
        position, last = position // 2, last // 2
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if position % 2 == 1 or position == last:
            old, new = hash_children(sibling, old), hash_children(sibling, new)
            while position % 2 == 0 and position != 0:
                position, last = position // 2, last // 2
        else:
            new = hash_children(new, sibling)
        position, last = position // 2, last // 2
    return last == 0 and compare_digest(old, old_root) and compare_digest(new, new_root)


def _hash_range(start: int, end: int, node: Node) -> bytes:
    """The hash over the entries from `start` to `end`, one of the ranges a proof is made of."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(count)
    return hash_children(_hash_range(start, middle, node), _hash_range(middle, end, node))


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _path(index: int, start: int, end: int, node: Node) -> list[bytes]:
    count = end - start
    if count == 1:
        return []
    middle = start + _split(count)
    if index < middle:
        return [*_path(index, start, middle, node), _hash_range(middle, end, node)]
    return [*_path(index, middle, end, node), _hash_range(start, middle, node)]


def _subproof(old_end: int, start: int, end: int, *, node: Node, is_known: bool) -> list[bytes]:
    """`is_known`: whether the verifier has the hash of this range, being the whole old tree."""
    if old_end == end:
        return [] if is_known else [_hash_range(start, end, node)]
    middle = start + _split(end - start)
    if old_end <= middle:
        below = _subproof(old_end, start, middle, node=node, is_known=is_known)
        return [*below, _hash_range(middle, end, node)]
    below = _subproof(old_end, middle, end, node=node, is_known=False)
    return [*below, _hash_range(start, middle, node)]

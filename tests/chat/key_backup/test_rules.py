"""Which of two keys for one session a backup keeps."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat.key_backup.errors import BackupNotFound
from teahouse.chat.key_backup.rules import is_better, parse_version
from teahouse.chat.key_backup.types import SessionKey

DATA = msgspec.Raw(b"{}")
counts = st.integers(0, 3)
keys = st.builds(
    SessionKey,
    first_message_index=counts,
    forwarded_count=counts,
    is_verified=st.booleans(),
    session_data=st.just(DATA),
)


def make_key(*, verified: bool, index: int, forwarded: int) -> SessionKey:
    return SessionKey(
        first_message_index=index,
        forwarded_count=forwarded,
        is_verified=verified,
        session_data=DATA,
    )


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        # A verified key goes before everything else.
        ((True, 9, 9), (False, 0, 0)),
        ((True, 1, 9), (True, 2, 0)),
        ((False, 1, 9), (False, 2, 0)),
        ((True, 1, 0), (True, 1, 1)),
        ((False, 1, 0), (False, 1, 1)),
    ],
)
def test_the_better_key_replaces_the_worse(
    better: tuple[bool, int, int], worse: tuple[bool, int, int]
) -> None:
    first, second = (
        make_key(verified=key[0], index=key[1], forwarded=key[2]) for key in (better, worse)
    )
    assert is_better(first, second)
    assert not is_better(second, first)


@given(one=keys, other=keys)
def test_of_two_keys_at_most_one_is_better(one: SessionKey, other: SessionKey) -> None:
    same = (one.is_verified, one.first_message_index, one.forwarded_count) == (
        other.is_verified,
        other.first_message_index,
        other.forwarded_count,
    )
    assert is_better(one, other) + is_better(other, one) == (0 if same else 1)


@given(st.lists(keys, min_size=1), st.randoms(use_true_random=False))
def test_the_order_of_uploads_does_not_matter(uploads: list[SessionKey], order: object) -> None:
    def keep(found: list[SessionKey]) -> SessionKey:
        kept = found[0]
        for key in found[1:]:
            kept = key if is_better(key, kept) else kept
        return kept

    shuffled = list(uploads)
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random, whose import is banned
    assert keep(shuffled) == keep(uploads)
    assert not any(is_better(key, keep(uploads)) for key in uploads)


@pytest.mark.parametrize("text", ["", "0", "01", "-1", "+1", "1 ", "x", "1" * 19, "\u0661"])
def test_what_is_no_version_is_not_found(text: str) -> None:
    with pytest.raises(BackupNotFound):
        parse_version(text)

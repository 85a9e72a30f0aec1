"""Time, chance and ids, which everything else is handed."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from teahouse.platform.chance import Chance, Secrets
from teahouse.platform.clock import ManualClock, SystemClock
from teahouse.platform.ids import IdSource


def test_the_same_seed_gives_the_same_chance() -> None:
    one, same, other = Chance(1), Chance(1), Chance(2)
    assert one.secrets.token() == same.secrets.token() != other.secrets.token()
    assert one.games.random() == same.games.random() != other.games.random()


def test_without_a_seed_nothing_repeats() -> None:
    assert Chance().secrets.token() != Chance().secrets.token()


@given(count=st.integers(0, 64), byte_count=st.integers(1, 64))
def test_tokens_and_letters_have_their_length_and_alphabet(count: int, byte_count: int) -> None:
    secrets = Chance(0).secrets
    assert len(secrets.token_bytes(byte_count)) == byte_count
    assert len(secrets.token(byte_count)) == -(-byte_count * 4 // 3)
    letters = secrets.letters(count, "abc")
    assert len(letters) == count
    assert set(letters) <= set("abc")


def test_no_letter_is_favoured() -> None:
    # Every byte once: with 100 letters, 56 bytes would favour the first ones if not thrown away.
    every_byte = iter(bytes(range(256)) * 100)
    secrets = Secrets(lambda count: bytes(next(every_byte) for _ in range(count)))
    alphabet = "".join(map(chr, range(0x100, 0x100 + 100)))
    counts = Counter(secrets.letters(2000, alphabet))
    assert max(counts.values()) - min(counts.values()) <= 1


@given(first=st.integers(0, 2**47), later=st.integers(1, 2**46))
def test_ids_of_later_milliseconds_sort_later(first: int, later: int) -> None:
    clock = ManualClock(first)
    ids = IdSource(clock, Chance(0))
    earlier_id = ids.new("job")
    clock.advance(later)
    later_id = ids.new("job")
    assert earlier_id < later_id
    assert earlier_id.startswith("job_")
    assert len(earlier_id) == len("job_") + 24


def test_ids_of_one_millisecond_differ() -> None:
    ids = IdSource(ManualClock(), Chance(0))
    assert len({ids.new("job") for _ in range(1000)}) == 1000


def test_a_manual_clock_stands_still_until_it_is_moved() -> None:
    clock = ManualClock(1000)
    assert (clock.now_ms(), clock.ticks()) == (1000, 1.0)
    clock.advance(500)
    assert (clock.now_ms(), clock.ticks()) == (1500, 1.5)


def test_the_systems_clock_goes_on() -> None:
    clock = SystemClock()
    before = clock.ticks()
    assert clock.ticks() >= before
    assert clock.now_ms() > 1_700_000_000_000

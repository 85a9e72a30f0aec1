"""Counts of what is unread, kept up to date, against counting anew each time."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat.sync.unread import MAIN, UNTHREADED, Counts, Unread
from tests.chat.sync.kit import make_event

_threads = st.sampled_from([None, "$a", "$b"])
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("said"), _threads, st.booleans()),
        st.tuples(
            st.just("read"), st.sampled_from([UNTHREADED, MAIN, "$a", "$b"]), st.integers(0, 30)
        ),
        st.tuples(st.just("redacted"), st.none(), st.integers(1, 30)),
    ),
    max_size=30,
)


@given(steps=_steps)
def test_counts_are_those_of_counting_anew(steps: list[tuple[str, str | None, int | bool]]) -> None:
    unread = Unread({}, 0)
    said: dict[int, tuple[str, bool]] = {}
    read: dict[str, int] = {}
    for position, (kind, where, value) in enumerate(steps, 1):
        if kind == "said":
            relation: dict[str, Any] = (
                {} if where is None else {"rel_type": "m.thread", "relates_to": where}
            )
            unread.add(make_event(position, **relation), highlight=bool(value))
            said[position] = (where or MAIN, bool(value))
        elif kind == "read":
            assert where is not None
            unread.read_up_to(where, int(value))
            read[where] = max(read.get(where, 0), int(value))
        else:
            unread.remove(int(value))
            said.pop(int(value), None)

        left = [
            (thread, highlight)
            for at, (thread, highlight) in said.items()
            if at > max(read.get(UNTHREADED, 0), read.get(thread, 0))
        ]
        assert unread.total() == Counts(len(left), sum(highlight for _, highlight in left))
        by_thread = unread.by_thread()
        assert set(by_thread) == {MAIN, *(thread for thread, _ in left)}
        for thread, counts in by_thread.items():
            own = [highlight for where_said, highlight in left if where_said == thread]
            assert counts == Counts(len(own), sum(own))


def test_beyond_what_clients_show_the_oldest_are_forgotten() -> None:
    unread = Unread({}, 0)
    for position in range(1, 601):
        unread.add(make_event(position), highlight=position <= 150)
    assert unread.total() == Counts(500, 50)

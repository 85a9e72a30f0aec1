"""What is remembered of a connection."""

import pytest

from teahouse.chat.sliding_sync.errors import UnknownPos
from teahouse.chat.sliding_sync.live import Connection
from teahouse.chat.sliding_sync.types import NOTHING_SEEN, Seen


def view(position: int) -> Seen:
    return Seen(position, 0, {})


def test_a_retry_finds_its_view_and_older_ones_are_forgotten() -> None:
    connection = Connection()
    _, turn = connection.begin(None)
    first = connection.keep(view(1), after=None, turn=turn)
    _, turn = connection.begin(first)
    second = connection.keep(view(2), after=first, turn=turn)
    assert connection.begin(first)[0] == view(1)
    assert connection.begin(second)[0] == view(2)
    _, turn = connection.begin(second)
    connection.keep(view(3), after=second, turn=turn)
    with pytest.raises(UnknownPos):
        connection.begin(first)


@pytest.mark.parametrize("late_by", [0, 1])
def test_a_request_that_was_given_up_takes_nothing_from_the_next(late_by: int) -> None:
    connection = Connection()
    _, turn = connection.begin(None)
    pos = connection.keep(view(1), after=None, turn=turn)
    _, given_up = connection.begin(pos)
    asked, turn = connection.begin(pos)
    assert asked == view(1)
    second = connection.keep(view(2), after=pos, turn=turn)
    for _ in range(late_by):
        _, turn = connection.begin(second)
        second = connection.keep(view(3), after=second, turn=turn)
    connection.keep(view(4), after=pos, turn=given_up)
    assert connection.begin(second)[0] == view(2 + late_by)


def test_who_begins_anew_is_not_disturbed_by_what_went_before() -> None:
    connection = Connection()
    _, before = connection.begin(None)
    seen, turn = connection.begin(None)
    assert seen == NOTHING_SEEN
    pos = connection.keep(view(1), after=None, turn=turn)
    connection.keep(view(1), after=None, turn=before)
    assert connection.begin(pos)[0] == view(1)

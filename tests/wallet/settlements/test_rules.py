"""When shops are settled."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.wallet.settlements.rules import compute_next_at
from teahouse.wallet.settlements.types import Schedule

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


@pytest.mark.parametrize(
    ("now", "schedule", "weekday", "zone", "expected"),
    [
        ("2026-11-24 02:59", "daily", 1, SHANGHAI, "2026-11-24 03:00"),
        ("2026-11-24 03:00", "daily", 1, SHANGHAI, "2026-11-25 03:00"),
        ("2026-11-24 12:00", "weekly", 1, SHANGHAI, "2026-11-30 03:00"),
        ("2026-11-24 02:00", "weekly", 2, SHANGHAI, "2026-11-24 03:00"),
        ("2026-11-24 04:00", "weekly", 2, SHANGHAI, "2026-12-01 03:00"),
        # The clocks go forward from two to three, and back from three to two.
        ("2026-03-28 12:00", "daily", 1, BERLIN, "2026-03-29 03:00"),
        ("2026-10-24 12:00", "daily", 1, BERLIN, "2026-10-25 03:00"),
    ],
)
def test_settled_at_three_in_the_morning(
    now: str, schedule: Schedule, weekday: int, zone: ZoneInfo, expected: str
) -> None:
    assert compute_next_at(at(now, zone), schedule, weekday, zone) == at(expected, zone)


@given(now=st.integers(0, 4_000_000_000_000), weekday=st.integers(1, 7))
def test_the_next_time_is_after_now_and_within_its_period(now: int, weekday: int) -> None:
    day = compute_next_at(now, "daily", weekday, BERLIN)
    week = compute_next_at(now, "weekly", weekday, BERLIN)
    assert day is not None
    assert week is not None
    assert 0 < day - now <= 25 * 3_600_000
    assert 0 < week - now <= (7 * 24 + 1) * 3_600_000
    assert compute_next_at(now, "manual", weekday, BERLIN) is None

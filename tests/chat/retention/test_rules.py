"""How long messages of a room live."""

from typing import Any

import pytest

from teahouse.chat.retention.rules import DAY_MS, lifetime_of


@pytest.mark.parametrize(
    ("rule", "days", "expected"),
    [
        ({}, 0, None),
        ({}, 3, 3 * DAY_MS),
        ({"max_lifetime": 5}, 0, 5),
        ({"max_lifetime": 5}, 3, 5),
        ({"max_lifetime": 4 * DAY_MS}, 3, 4 * DAY_MS),
        ({"min_lifetime": 5}, 0, None),
        ({"min_lifetime": 4 * DAY_MS}, 3, 4 * DAY_MS),
        ({"min_lifetime": 9, "max_lifetime": 5}, 0, 9),
        ({"max_lifetime": 0}, 0, None),
        ({"max_lifetime": -1}, 0, None),
        ({"max_lifetime": True}, 0, None),
        ({"max_lifetime": "5"}, 0, None),
        ({"max_lifetime": None}, 3, 3 * DAY_MS),
        ({"max_lifetime": 2**53}, 0, None),
    ],
)
def test_the_rule_of_the_room_comes_before_that_of_the_house(
    rule: dict[str, Any], days: int, expected: int | None
) -> None:
    assert lifetime_of(rule, default_days=days) == expected

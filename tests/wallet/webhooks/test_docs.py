"""The page for receivers lists what is sent, and its numbers are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

from teahouse.wallet.webhooks.rules import EVENT_TYPES, RETRY_GAPS_MS

PAGE = (Path(__file__).parents[3] / "docs/how-to/receive-webhooks.md").read_text()


def test_every_event_type_is_listed() -> None:
    listed = re.findall(r"^\| `([a-z_.]+)` \|", PAGE, re.MULTILINE)
    assert sorted(listed) == sorted(EVENT_TYPES)
    assert len(listed) == len(set(listed))


def test_the_gaps_between_tries_are_told() -> None:
    assert [gap // 1000 for gap in RETRY_GAPS_MS] == [
        5, 300, 1800, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24))
    ]  # fmt: skip
    assert "5 seconds, 5 minutes, half an hour, and 2, 5,\n10, 14, 20 and 24 hours" in PAGE

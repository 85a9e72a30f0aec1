"""The nouns of retention: what ends data, and reports of what was removed."""

from __future__ import annotations

from typing import Final

import msgspec

from teahouse.platform.data_map import Keep

REPORTS_KEEP_DAYS: Final = 90

# What ends data that has no age: something happens, and a job or a check sees to it.
ENDED_BY: Final[dict[Keep, str]] = {
    "account": "privacy.erase_member",
    "financial law": "privacy.destroy_boxes",
    "room": "chat.remove_outlived_messages",
    "device": "chat: Device keys are of devices",
    "replaced": "privacy.erase_member",
    "job": "the worker removes a job once it is done",
}
TIMED: Final[tuple[Keep, ...]] = ("session", "delivery", "7 days", "30 days")


class RetentionReport(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a job that removes what is too old. Says nothing of anybody.

    Attributes:
        store: `table (keep)`, or `files folder/`.
        job: what ran.
        ran_at: when it began, ms.
        deleted: how many rows or files were too old then, and are gone.
        left: how many were too old then, and are still there: 0 where all is well.
        oldest_at: the instant of the oldest that stays, ms; None where nothing does.
    """

    store: str
    job: str
    ran_at: int
    deleted: int
    left: int
    oldest_at: int | None


class RetentionLimit(msgspec.Struct, frozen=True, kw_only=True):
    """How long a kind of data stays, and how that went lately.

    Attributes:
        store: `table (keep)`, or `files folder/`.
        keep_ms: how long it may stay; 0 for until the instant that stands with each row.
        job: what removes it.
        last: the last run, or None before the first.
        deleted: how many went in the runs that are remembered.
    """

    store: str
    keep_ms: int
    job: str
    last: RetentionReport | None
    deleted: int


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is told of how data ends.

    Attributes:
        limits: of data that has an age.
        ended_by: by keep, what ends data that has none.
        report_days: how long reports are remembered.
    """

    limits: list[RetentionLimit]
    ended_by: dict[str, str]
    report_days: int

"""What a command tells others: in the same transaction, and after its commit."""

from __future__ import annotations

import msgspec


class Announcement(msgspec.Struct, frozen=True, tag=True):
    """A thing that happened, named in the past tense.

    Subclasses are plain data: with several servers they travel over the bus as JSON, so that each
    server can drop what it remembers.
    """


class CachesOutdated(Announcement, frozen=True):
    """Another process wrote to the database without the bus: forget everything remembered."""


def announcement_types() -> list[type[Announcement]]:
    """Every kind of announcement that has been defined so far."""
    found: list[type[Announcement]] = []
    waiting = list(Announcement.__subclasses__())
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting.extend(kind.__subclasses__())
    return found

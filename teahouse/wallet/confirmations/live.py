"""Who knows the names of payees that are no members: the subjects above, which this one cannot."""

from __future__ import annotations

from collections.abc import Callable

from teahouse.platform.db import Read


class PayeeNames:
    """Finds the name of a payee that is no member.

    Args:
        find: a query: the name of a party, or None.
    """

    def __init__(self, find: Callable[[Read, str], str | None]) -> None:
        self.find = find

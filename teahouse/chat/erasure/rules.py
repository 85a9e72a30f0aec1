"""Whom events are about that the house itself sent. Pure."""

from __future__ import annotations

import re
from typing import Final

# What the house tells rooms of payments holds names, words and ids of those who paid.
_TOLD_BY_HOUSE: Final = (b'"org.teahouse.payment', b'"org.teahouse.bill_split')
_NAMED: Final = re.compile(rb'"(@[a-z0-9._=/+-]{1,200}:[A-Za-z0-9.:\[\]-]{1,200})"')


def find_named(pdu: bytes) -> list[str]:
    """The members of whose payments an event tells; none where it tells of none."""
    if not any(block in pdu for block in _TOLD_BY_HOUSE):
        return []
    return sorted({one.decode() for one in _NAMED.findall(pdu)})

"""What consents refuse: only what is not there. No refusal ever follows from an answer.

Refusal
└── NotFound
    ├── NoSuchPurpose
    └── NoSuchReceipt
"""

from __future__ import annotations

from typing import ClassVar

from teahouse.platform.errors import NotFound


class NoSuchPurpose(NotFound):
    """Nothing of this name is asked for."""

    code: ClassVar[str] = "no-such-purpose"
    message: ClassVar[str] = "Nothing of this name is asked for."


class NoSuchReceipt(NotFound):
    """No receipt of this member has this id."""

    code: ClassVar[str] = "no-such-receipt"
    message: ClassVar[str] = "You have no such receipt."

"""What the policy refuses: only questions about versions that are not there.

Refusal
└── NotFound
    └── NoSuchVersion
"""

from __future__ import annotations

from typing import ClassVar

from teahouse.platform.errors import NotFound


class NoSuchVersion(NotFound):
    """The policy has no version of this number, or no text of this hash."""

    code: ClassVar[str] = "no-such-policy-version"
    message: ClassVar[str] = "There is no such version of the policy."

"""Nouns of name checks."""

from __future__ import annotations

from typing import Literal

import msgspec


class NameChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which name of an account's holder is right.

    Attributes:
        use: the bank's, where it nearly knew the name; or one's own, whatever the bank says.
    """

    use: Literal["bank", "own"]

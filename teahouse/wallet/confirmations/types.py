"""Nouns of confirmations."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from teahouse.platform.requester import Requester

# What a member can prove themself with, freshly and for one payment.
Factor: TypeAlias = Literal["password", "totp", "passkey"]


class Authority(msgspec.Struct, frozen=True):
    """Who asks for a payment, and with what proof.

    Attributes:
        requester: the signed-in member.
        confirmation: the id of a confirmation of this very payment, if they made one.
    """

    requester: Requester
    confirmation: str | None = None

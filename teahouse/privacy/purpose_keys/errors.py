"""What stops a server that would keep what was derived when consent is taken back."""

from __future__ import annotations


class UnsealedPurpose(Exception):
    """Something is derived under a consent and would not go with it."""

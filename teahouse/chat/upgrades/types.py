"""What is asked for when a room is upgraded."""

from __future__ import annotations

import msgspec


class UpgradeRoom(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST rooms/{roomId}/upgrade`; see the specification."""

    new_version: str
    additional_creators: list[str] = []

"""Pure parts of the list of notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from teahouse.chat.push.types import Verdict
    from teahouse.platform.json import Json


def actions_of(verdict: Verdict) -> list[Json]:
    """The actions that a verdict came from."""
    tweaks: list[Json] = [
        {"set_tweak": name, "value": value} for name, value in verdict.tweaks.items()
    ]
    return ["notify", *tweaks]

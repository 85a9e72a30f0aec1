"""Why a state is not shown.

Refusal
└── NotFound
    └── StateNotFound    nothing stands in this slot
"""

from __future__ import annotations

from teahouse.platform.errors import NotFound


class StateNotFound(NotFound):
    """Nothing stands in a slot of the state."""

    code = "state-not-found"
    message = "This room has no such state."

"""Why a sliding sync request is refused.

Refusal
└── UnknownPos    the connection is not remembered: begin again without `pos`
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class UnknownPos(Refusal):
    """The position is not one of a connection that is remembered."""

    code, errcode = "unknown-pos", "M_UNKNOWN_POS"
    message = "This connection is not remembered. Begin again without `pos`."

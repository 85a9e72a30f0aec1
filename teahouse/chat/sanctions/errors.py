"""Why a sanction cannot be imposed, appealed or decided.

Refusal
├── BadSanction           it lacks a reason or an end
├── AppealedAlready       an appeal is heard once
├── TooLateToAppeal       30 days have passed
├── NothingToDecide       there is no appeal, or it is decided
├── Forbidden
│   ├── OwnDecision       who imposed it does not decide
│   └── NotSuspendable    oneself, or one of the staff
└── NotFound
    └── NoSuchSanction    none, or none of theirs
"""

from __future__ import annotations

from teahouse.platform.errors import Forbidden, NotFound, Refusal


class BadSanction(Refusal):
    """It lacks a reason or an end."""

    code, errcode = "bad-sanction", "M_INVALID_PARAM"
    message = "A sanction needs a reason, and an end within a year."


class AppealedAlready(Refusal):
    """An appeal is heard once."""

    status, code = 409, "appealed-already"
    message = "You have appealed against this already."


class TooLateToAppeal(Refusal):
    """30 days have passed."""

    status, code = 409, "too-late-to-appeal"
    message = "An appeal is possible within 30 days."


class NothingToDecide(Refusal):
    """There is no appeal, or it is decided."""

    status, code = 409, "nothing-to-decide"
    message = "There is no appeal to decide."


class OwnDecision(Forbidden):
    """Who imposed a sanction does not decide about it; nor does who it is about."""

    code = "own-decision"
    message = "Somebody else than who imposed it must decide."


class NotSuspendable(Forbidden):
    """Oneself, or one of the staff."""

    code = "not-suspendable"
    message = "Neither oneself nor one of the staff can be suspended."


class NoSuchSanction(NotFound):
    """None, or none that the requester has to do with."""

    code = "no-such-sanction"
    message = "There is no such sanction."

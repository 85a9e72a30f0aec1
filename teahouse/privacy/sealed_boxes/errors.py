"""What is refused of sealed boxes.

Refusal
├── BoxNotFound      404  no such box or opening
├── BoxDestroyed     410  its key was destroyed on its date
├── OnePerson        403  who asks can't be who agrees
└── NotApproved      409  nobody else has agreed yet, or it was opened before
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class BoxNotFound(Refusal):
    """No such box or opening."""

    status, code, errcode = 404, "box-not-found", "M_NOT_FOUND"
    message = "There is no such sealed box, or nobody asked to open it."


class BoxDestroyed(Refusal):
    """The key of the box was destroyed."""

    status, code, errcode = 410, "box-destroyed", "M_NOT_FOUND"
    message = "The key of this box was destroyed on its date: nobody can open it any more."


class OnePerson(Refusal):
    """Two people are needed."""

    status, code, errcode = 403, "one-person", "M_FORBIDDEN"
    message = "Somebody else of the staff must agree: two people open a box."


class NotApproved(Refusal):
    """The opening is not approved, or was used."""

    status, code, errcode = 409, "not-approved", "M_UNKNOWN"
    message = "Nobody else has agreed to this opening yet, or the box was opened by it before."

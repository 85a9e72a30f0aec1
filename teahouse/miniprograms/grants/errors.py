"""What is refused about permissions.

Refusal
    PermissionNotDeclared   400 M_INVALID_PARAM
    PermissionMissing       403 M_FORBIDDEN
    TooManyGrants           409 M_UNKNOWN
"""

from __future__ import annotations

from teahouse.platform.errors import Forbidden, InvalidParam, Refusal


class PermissionNotDeclared(InvalidParam):
    """The program's manifest does not name this permission, or the chat is missing or too much."""

    code = "permission-not-declared"
    message = "The mini-program does not ask for this permission."


class PermissionMissing(Forbidden):
    """The member has not allowed it, or has taken it back; `permission` in `data`."""

    code = "permission-missing"
    message = "You have not allowed this mini-program to do that."


class TooManyGrants(Refusal):
    """More answers of one member than are kept."""

    status, code = 409, "too-many-grants"
    message = "There are as many answers as are kept: take some back first."

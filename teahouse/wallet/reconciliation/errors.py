"""What reconciliation refuses.

UnknownItem                                 the list
NotOpen, NotProposed, SamePerson            dual control
ActionImpossible                            what cannot be done about an item
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class UnknownItem(Refusal):
    """No such item."""

    status, code, errcode = 404, "unknown-item", "M_NOT_FOUND"
    message = "There is no such item."


class NotOpen(Refusal):
    """It is proposed or resolved already."""

    status, code, errcode = 409, "item-not-open", "M_FORBIDDEN"
    message = "Somebody has proposed or done something about this already."


class NotProposed(Refusal):
    """There is nothing to decide about."""

    status, code, errcode = 409, "item-not-proposed", "M_FORBIDDEN"
    message = "Nobody has proposed anything about this."


class SamePerson(Refusal):
    """Whoever proposes cannot decide."""

    status, code, errcode = 403, "same-person", "M_FORBIDDEN"
    message = "Another of the staff must decide about what you proposed."


class ActionImpossible(Refusal):
    """This cannot be done about this item."""

    status, code, errcode = 422, "action-impossible", "M_INVALID_PARAM"
    message = "This cannot be done about this item."

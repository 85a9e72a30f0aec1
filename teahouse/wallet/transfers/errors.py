"""What transfers refuse. Nothing has moved where one of these is raised.

Refusal
├── TransferNotFound     404  none of the requester's
├── PayeeUnknown         404  no such member, or none for this payer
├── NotInRoom            403  payer and payee are not both in the room that shall be told
├── TransferNotPending   409  it was answered, or went back
├── TooManyPending       409  too many wait already
└── what `payments` refuses
"""

from __future__ import annotations

from teahouse.platform.errors import NotFound, Refusal


class TransferNotFound(NotFound):
    """No such transfer, or one between others."""

    code = "transfer-not-found"
    message = "You have no such transfer."


class PayeeUnknown(NotFound):
    """There is no member of this id who could be paid, or who wants to hear of the payer."""

    code = "payee-unknown"
    message = "There is no such member here."


class NotInRoom(Refusal):
    """Only a room in which both sides are can be told of a payment."""

    status, code, errcode = 403, "not-in-room", "M_FORBIDDEN"
    message = "Only a room in which both of you are can be told of it."


class TransferNotPending(Refusal):
    """It was answered or went back; `transfer_status` in `data`."""

    status, code, errcode = 409, "transfer-not-pending", "ORG.TEAHOUSE.TRANSFER_NOT_PENDING"
    message = "This transfer is no longer waiting for an answer."


class TooManyPending(Refusal):
    """Too many transfers of the payer wait already; `limit` in `data`."""

    status, code, errcode = 409, "too-many-pending", "ORG.TEAHOUSE.TOO_MANY_PENDING"
    message = "Too many of your transfers wait for an answer already: cancel some first."

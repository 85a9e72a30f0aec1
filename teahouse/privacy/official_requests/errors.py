"""Refusals of official requests.

Refusal
    OfficialRequestNotFound  none that the requester may know of (404)
    WrongStep                it is not at that point (409)
    Lapsed                   an emergency is over after 24 hours (409)
    ScopeChanged             the scope is not the one that was read (409)
    FourEyes                 somebody else must do this (403)
    Concerned                who is named in a request does not decide about it (403)
    NotHonoured              nothing is given on such a document (422)
    BadEmergency             a danger is named in an emergency, and only there (422)
    BadGag                   not a dated order of at most 90 days (422)
    NotReleasable            a field that cannot be given (422)
    OutsideDocument          a scope beyond what the document asks for (422)
    UnknownDocument          a document that was not uploaded (422)
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class OfficialRequestNotFound(Refusal):
    """No such request, or none that the requester may know of."""

    status, code, errcode = 404, "official-request-not-found", "M_NOT_FOUND"
    message = "There is no such request."


class WrongStep(Refusal):
    """The request is not at a point at which this can be done. `data`: `request_status`."""

    status, code, errcode = 409, "official-request-wrong-step", "M_UNKNOWN"
    message = "This cannot be done to the request as it stands."


class Lapsed(Refusal):
    """An emergency holds for 24 hours; after that a court must be asked."""

    status, code, errcode = 409, "emergency-lapsed", "M_UNKNOWN"
    message = "An emergency holds for 24 hours. It is over: a court must be asked."


class ScopeChanged(Refusal):
    """The scope was edited since it was read: what was approved is no longer what it says."""

    status, code, errcode = 409, "scope-changed", "M_UNKNOWN"
    message = "The scope was changed since you read it: read it again."


class FourEyes(Refusal):
    """Neither who entered a request nor who set its scope approves it, and nobody does twice."""

    status, code, errcode = 403, "two-others-must-approve", "M_FORBIDDEN"
    message = "Two others than who entered the request or set its scope must approve it."


class Concerned(Refusal):
    """The request names the staff member."""

    status, code, errcode = 403, "concerned", "M_FORBIDDEN"
    message = "This request names you: others decide about it."


class NotHonoured(Refusal):
    """Nothing is given without a warrant or order of a court that this house obeys."""

    status, code, errcode = 422, "not-honoured", "M_FORBIDDEN"
    message = (
        "Data is given only on a document signed by a court that this house obeys (the setting "
        "`official_courts`), or in an emergency with a named danger. This one can be rejected."
    )


class BadEmergency(Refusal):
    """An emergency names a danger; nothing else does."""

    status, code, errcode = 422, "bad-emergency", "M_INVALID_PARAM"
    message = "An emergency names the danger in `danger`; other requests name none."


class BadGag(Refusal):
    """A gag order ends within 90 days, and a new one is a new document."""

    status, code, errcode = 422, "bad-gag", "M_INVALID_PARAM"
    message = (
        "A gag order is a document with an end at most 90 days ahead. To prolong it takes a new "
        "document, entered while the old one holds."
    )


class NotReleasable(Refusal):
    """A field that no domain can give. `data`: `fields` that can be."""

    status, code, errcode = 422, "not-releasable", "M_INVALID_PARAM"
    message = (
        "This field cannot be given. What is said in encrypted chats is not readable for this "
        "house: it has no keys to it, so no order can make it give any."
    )


class OutsideDocument(Refusal):
    """The scope names a field, a member or a time that the document does not ask for."""

    status, code, errcode = 422, "outside-document", "M_INVALID_PARAM"
    message = "The scope goes beyond what the document asks for."


class UnknownDocument(Refusal):
    """No document of this SHA-256 was uploaded."""

    status, code, errcode = 422, "unknown-document", "M_INVALID_PARAM"
    message = "Upload the document first, and name it by its SHA-256."

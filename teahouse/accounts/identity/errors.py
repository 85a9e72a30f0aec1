"""Refusals of identity.

Refusal
    IdentityNotConfirmed   the provider does not confirm what was said
    UnknownProvider        no such provider is set up here
    OwnIdentity            nobody confirms themself
    CheckRevoked           it was taken back before
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class IdentityNotConfirmed(Refusal):
    """The provider looked, and what was said is not what it knows."""

    status, code, errcode = 422, "identity-not-confirmed", "ORG.TEAHOUSE.IDENTITY_NOT_CONFIRMED"
    message = "The provider does not confirm this: compare it with your document, letter by letter."


class UnknownProvider(Refusal):
    """A provider that is not set up here, or one that does not confirm this kind."""

    status, code, errcode = 404, "unknown-identity-provider", "M_NOT_FOUND"
    message = "No such provider is set up here."


class OwnIdentity(Refusal):
    """An officer tried to confirm themself."""

    status, code, errcode = 403, "own-identity", "M_FORBIDDEN"
    message = "Nobody confirms their own identity: ask another officer."


class CheckRevoked(Refusal):
    """The check was taken back before."""

    status, code, errcode = 409, "identity-check-revoked", "M_UNKNOWN"
    message = "This check was taken back already."

"""What goes wrong with application services.

SettingsError
└── BadRegistration         a registration file; the server does not start
Refusal
├── NotItsOwn               403 M_FORBIDDEN: another application service's id
├── AliasReserved           400 M_EXCLUSIVE: an alias that only a bridge creates
├── UrlNotSet               400 M_URL_NOT_SET
├── BadStatus               502 M_BAD_STATUS
├── ConnectionFailed        502 M_CONNECTION_FAILED
└── ConnectionTimedOut      504 M_CONNECTION_TIMEOUT
Exception
└── NotDelivered            the fault that makes the sending job try again
"""

from __future__ import annotations

from teahouse.platform.errors import Forbidden, Refusal
from teahouse.platform.settings import SettingsError


class BadRegistration(SettingsError):
    """A registration file that cannot be used; the text names the file and what is wrong."""


class NotDelivered(Exception):
    """An application service did not take what was sent to it."""


class NotItsOwn(Forbidden):
    """Only an application service itself may ask this."""

    code = "not-its-own"
    message = "This takes the `as_token` of that application service."


class AliasReserved(Refusal):
    """An alias in the exclusive namespace of an application service."""

    code, errcode = "alias-reserved", "M_EXCLUSIVE"
    message = "This alias belongs to a bridge or bot: choose another."


class UrlNotSet(Refusal):
    """The application service's registration has no address."""

    code, errcode = "url-not-set", "M_URL_NOT_SET"
    message = "The registration file of this application service has no `url`."


class BadStatus(Refusal):
    """The application service answered with something else than success."""

    status, code, errcode = 502, "bad-status", "M_BAD_STATUS"
    message = "The application service answered the ping with an error."


class ConnectionFailed(Refusal):
    """The application service cannot be reached."""

    status, code, errcode = 502, "connection-failed", "M_CONNECTION_FAILED"
    message = "The application service cannot be reached at its `url`."


class ConnectionTimedOut(Refusal):
    """The application service does not answer in time."""

    status, code, errcode = 504, "connection-timeout", "M_CONNECTION_TIMEOUT"
    message = "The application service did not answer in time."

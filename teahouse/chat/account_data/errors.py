"""What is refused about account data.

Forbidden
    NotYourAccountData      403 M_FORBIDDEN
NotFound
    AccountDataNotFound     404 M_NOT_FOUND
Refusal
    KeptByTheServer         405 M_BAD_JSON
InvalidParam
    InvalidRoomId           400 M_INVALID_PARAM
    InvalidDataType         400 M_INVALID_PARAM
    InvalidTag              400 M_INVALID_PARAM
TooLarge
    AccountDataTooLarge     413 M_TOO_LARGE
    TooMuchAccountData      413 M_TOO_LARGE
    TooManyTags             413 M_TOO_LARGE
"""

from __future__ import annotations

from teahouse.platform.errors import (
    Forbidden,
    InvalidParam,
    NotFound,
    Refusal,
    TooLarge,
)


class NotYourAccountData(Forbidden):
    """Someone else's account data, whether there is any or not."""

    code = "not-your-account-data"
    message = "You can read and change only your own account data."


class AccountDataNotFound(NotFound):
    """Nothing of that type was stored."""

    code = "account-data-not-found"
    message = "There is no account data of that type."


class KeptByTheServer(Refusal):
    """A type that has an endpoint of its own.

    Source: Client-Server API, section "Server behaviour" of "Client Config".
    """

    status, code, errcode = 405, "kept-by-the-server", "M_BAD_JSON"
    message = "This type is changed through an endpoint of its own, not through this one."


class InvalidRoomId(InvalidParam):
    """No room id."""

    code = "invalid-room-id"
    message = "A room id starts with an exclamation mark and has at most 255 bytes."


class InvalidDataType(InvalidParam):
    """An empty or too long type."""

    code = "invalid-account-data-type"
    message = "A type of account data has 1 to 255 bytes."


class InvalidTag(InvalidParam):
    """A tag with a name or an order that it cannot have."""

    code = "invalid-tag"
    message = "A tag has a name of 1 to 255 bytes, and its order is a number."


class AccountDataTooLarge(TooLarge):
    """One content with more than the limit."""

    code = "account-data-too-large"
    message = "The content is larger than this server keeps as account data."


class TooMuchAccountData(TooLarge):
    """More types and rooms than one member may use."""

    code = "too-much-account-data"
    message = "You have as many kinds of account data as this server keeps."


class TooManyTags(TooLarge):
    """More tags than one room may have."""

    code = "too-many-tags"
    message = "The room has as many tags as this server keeps: remove one first."

"""What is refused about pushers.

InvalidParam
    InvalidPusher           400 M_INVALID_PARAM
    InvalidGateway          400 M_INVALID_PARAM
MissingParam
    PusherIncomplete        400 M_MISSING_PARAM
TooLarge
    TooManyPushers          413 M_TOO_LARGE
"""

from __future__ import annotations

from teahouse.platform.errors import InvalidParam, MissingParam, TooLarge


class InvalidPusher(InvalidParam):
    """A part of the pusher has a value it cannot have."""

    code = "invalid-pusher"
    message = "The pusher has a part that is not valid."


class InvalidGateway(InvalidParam):
    """A URL that this server does not send notifications to."""

    code = "invalid-push-gateway"
    message = "data.url must be an https URL with the path /_matrix/push/v1/notify."


class PusherIncomplete(MissingParam):
    """A required part of the pusher is missing."""

    code = "pusher-incomplete"
    message = "A part of the pusher is missing."


class TooManyPushers(TooLarge):
    """More pushers than one member may have."""

    code = "too-many-pushers"
    message = "You have as many pushers as this server keeps: remove one first."

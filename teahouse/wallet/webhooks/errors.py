"""What is refused about webhooks.

Refusal
    InvalidWebhook          400 M_INVALID_PARAM
    EndpointNotFound        404 M_NOT_FOUND
    WebhookNotFound         404 M_NOT_FOUND
    TooManyEndpoints        409 M_UNKNOWN
    EndpointDisabled        409 M_UNKNOWN
"""

from __future__ import annotations

from teahouse.platform.errors import InvalidParam, NotFound, Refusal


class InvalidWebhook(InvalidParam):
    """An event type that there is not, or none at all."""

    code = "invalid-webhook"
    message = "An event type is not known."


class EndpointNotFound(NotFound):
    """No endpoint of this shop has that id."""

    code = "webhook-endpoint-not-found"
    message = "The shop has no webhook endpoint of that id."


class WebhookNotFound(NotFound):
    """No message to this shop has that id, or it is too old to be kept."""

    code = "webhook-not-found"
    message = "The shop was sent no webhook of that id, or too long ago."


class TooManyEndpoints(Refusal):
    """More endpoints than one shop may have."""

    status, code = 409, "too-many-webhook-endpoints"
    message = "The shop has as many webhook endpoints as it may: remove one first."


class EndpointDisabled(Refusal):
    """The endpoint takes no messages now."""

    status, code = 409, "webhook-endpoint-disabled"
    message = "The webhook endpoint is disabled: enable it first."

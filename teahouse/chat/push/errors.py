"""What is refused about push rules.

NotFound
    RuleNotFound            404 M_NOT_FOUND
InvalidParam
    InvalidRuleId           400 M_INVALID_PARAM
    InvalidRuleKind         400 M_INVALID_PARAM
    InvalidRule             400 M_INVALID_PARAM
    PredefinedRule          400 M_INVALID_PARAM
MissingParam
    RuleIncomplete          400 M_MISSING_PARAM
Refusal
    NeighbourNotFound       400 M_UNKNOWN
TooLarge
    RuleTooLarge            413 M_TOO_LARGE
    TooManyRules            413 M_TOO_LARGE
"""

from __future__ import annotations

from teahouse.platform.errors import InvalidParam, MissingParam, NotFound, Refusal, TooLarge


class RuleNotFound(NotFound):
    """No push rule of that kind has that id."""

    code = "push-rule-not-found"
    message = "The push rule was not found."


class InvalidRuleId(InvalidParam):
    """An id that no rule of a member may have."""

    code = "invalid-push-rule-id"
    message = "This id cannot be given to a push rule."


class InvalidRuleKind(InvalidParam):
    """A kind that the specification does not know."""

    code = "invalid-push-rule-kind"
    message = "A push rule is an override, content, room, sender or underride rule."


class InvalidRule(InvalidParam):
    """A part of the rule has the wrong shape."""

    code = "invalid-push-rule"
    message = "The push rule has the wrong shape."


class PredefinedRule(InvalidParam):
    """A server-default rule was to be replaced, deleted or taken as a neighbour."""

    code = "predefined-push-rule"
    message = (
        "Rules whose id starts with a dot belong to the server: they can be switched off or "
        "given other actions, nothing else."
    )


class RuleIncomplete(MissingParam):
    """A required part of the rule is missing."""

    code = "push-rule-incomplete"
    message = "A part of the push rule is missing."


class NeighbourNotFound(Refusal):
    """The rule named by `before` or `after` is not among the member's rules of that kind."""

    code = "push-rule-neighbour-not-found"
    message = "The rule named by before or after was not found."


class RuleTooLarge(TooLarge):
    """One rule with more than the limit."""

    code = "push-rule-too-large"
    message = "The push rule is too large."


class TooManyRules(TooLarge):
    """More rules than one member may have."""

    code = "too-many-push-rules"
    message = "You have as many push rules as this server keeps: delete one first."

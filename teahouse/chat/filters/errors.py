"""What is refused about filters.

Forbidden
    NotYourFilter           403 M_FORBIDDEN
NotFound
    FilterNotFound          404 M_NOT_FOUND
InvalidParam
    InvalidFilter           400 M_INVALID_PARAM
    UnknownFilter           400 M_INVALID_PARAM
TooLarge
    FilterTooLarge          413 M_TOO_LARGE
    TooManyFilters          413 M_TOO_LARGE
"""

from __future__ import annotations

from teahouse.platform.errors import Forbidden, InvalidParam, NotFound, TooLarge


class NotYourFilter(Forbidden):
    """Someone else's filters, whether there are any or not."""

    code = "not-your-filter"
    message = "You can store and read only your own filters."


class FilterNotFound(NotFound):
    """The member has no filter of that id."""

    code = "filter-not-found"
    message = "The filter was not found."


class InvalidFilter(InvalidParam):
    """A filter in a query that is no JSON, or JSON of another shape."""

    code = "invalid-filter"
    message = "The filter is neither a known id nor JSON in the shape of a filter."


class UnknownFilter(InvalidParam):
    """A request names a filter that the member does not have."""

    code = "unknown-filter"
    message = "There is no filter of that id: store it again."


class FilterTooLarge(TooLarge):
    """One filter with more than the limit."""

    code = "filter-too-large"
    message = "The filter is larger than this server keeps."


class TooManyFilters(TooLarge):
    """More filters than one member may have."""

    code = "too-many-filters"
    message = "You have as many filters as this server keeps: use those, or send it as JSON."

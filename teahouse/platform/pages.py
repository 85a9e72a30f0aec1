"""Lists in pages: an opaque cursor says where the next page begins."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Generic, TypeVar

import msgspec

from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request
from teahouse.platform.json import encode_json

T = TypeVar("T")

PAGE_SIZE = 50
# What a phone shows in ten screens, and a database finds in a few milliseconds.
PAGE_SIZE_MAX = 200
_CURSOR_LENGTH_MAX = 500


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list.

    Attributes:
        items: in the order of the list.
        next_cursor: to be sent as `cursor` for the next page; None on the last.
    """

    items: list[T]
    next_cursor: str | None = None


def page_limit(request: Request) -> int:
    """How many items a page shall have, from the query parameter `limit`.

    Raises:
        InvalidParam: not a number from 1.
    """
    return request.query_int("limit", default=PAGE_SIZE, least=1, most=PAGE_SIZE_MAX)


def encode_cursor(*place: str | int) -> str:
    """A cursor that names a place in a list.

    Args:
        place: the sort key of the last item shown.
    """
    return urlsafe_b64encode(encode_json(place)).rstrip(b"=").decode()


def parse_cursor(text: str | None, shape: type[T]) -> T | None:
    """The place that a cursor names.

    Args:
        text: from the query parameter `cursor`; None at the beginning of the list.
        shape: the tuple that `encode_cursor` was given.

    Raises:
        InvalidParam: not a cursor of this list.
    """
    if text is None:
        return None
    try:
        raw = urlsafe_b64decode(text[:_CURSOR_LENGTH_MAX] + "=" * (-len(text) % 4))
        return msgspec.json.decode(raw, type=shape)
    except (NotBase64, ValueError, msgspec.MsgspecError):
        raise InvalidParam("`cursor` is not one that this list has given.") from None

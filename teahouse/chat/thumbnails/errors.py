"""What is refused about thumbnails.

Refusal
    NotAPicture             400 M_UNKNOWN
InvalidParam
    InvalidSize             400 M_INVALID_PARAM
TooLarge
    PictureTooLarge         413 M_TOO_LARGE
"""

from __future__ import annotations

from teahouse.platform.errors import InvalidParam, Refusal, TooLarge


class NotAPicture(Refusal):
    """Content of which no thumbnail can be made."""

    code, errcode = "not-a-picture", "M_UNKNOWN"
    message = "No thumbnail can be made of this: it is no JPEG, PNG, GIF or WebP picture."


class InvalidSize(InvalidParam):
    """A width or height that is not positive, or an unknown method."""

    code = "invalid-thumbnail-size"
    message = "A thumbnail is at least one pixel wide and high, and made by crop or scale."


class PictureTooLarge(TooLarge):
    """More pixels, or more bytes, than this server decodes."""

    code = "picture-too-large"
    message = "The picture is too large to make a thumbnail of it."

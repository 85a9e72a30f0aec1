"""The nouns of thumbnails."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Method: TypeAlias = Literal["crop", "scale"]
ImageFormat: TypeAlias = Literal["JPEG", "PNG", "GIF", "WEBP"]


class ThumbnailForm(msgspec.Struct, frozen=True):
    """Which thumbnail of a picture: one of few, however many sizes are asked for.

    Attributes:
        width: pixels.
        height: pixels.
        method: `crop` fills the size and cuts the rest off, `scale` fits into it.
        animated: whether it may move, where the picture does.
    """

    width: int
    height: int
    method: Method
    animated: bool = False

    @property
    def name(self) -> str:
        """A name for files, such as `96x96-crop`."""
        return f"{self.width}x{self.height}-{self.method}{'-animated' * self.animated}"


class Thumbnail(msgspec.Struct, frozen=True):
    """A thumbnail.

    Attributes:
        content: the encoded picture, without any metadata of its source.
        content_type: `image/jpeg`, `image/png` or `image/webp`.
        width: pixels.
        height: pixels.
    """

    content: bytes
    content_type: str
    width: int
    height: int

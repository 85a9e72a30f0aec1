"""Making thumbnails. Pure, and slow: not for the event loop.

A picture can be made so that decoding it takes gigabytes. So its format is read from its first
bytes, only the decoder of that format sees it, and its size is read before its pixels are.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from teahouse.chat.thumbnails.errors import InvalidSize, NotAPicture, PictureTooLarge
from teahouse.chat.thumbnails.types import ImageFormat, Method, Thumbnail, ThumbnailForm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

# A picture of 24 megapixels takes 96 MB while it is made smaller.
PIXELS_MAX: Final = 24_000_000
# A JPEG can be decoded at an eighth of its size; cameras make up to 50 megapixels.
JPEG_PIXELS_MAX: Final = 50_000_000
SOURCE_BYTES_MAX: Final = 20_971_520
# A longer animation gets a thumbnail that stands still.
FRAMES_MAX: Final = 120
ANIMATED_PIXELS_MAX: Final = 20_000_000

# Whatever is asked for, one of these is made, so that a picture has few thumbnails.
# Client-Server API, section "Thumbnails".
_SCALE_BOXES: Final = ((32, 32), (96, 96), (320, 240), (640, 480), (800, 600))
_CROP_SIDES: Final = (32, 96, 320, 640)

_MAGIC: Final[tuple[tuple[bytes, ImageFormat], ...]] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
)
_PICTURE_TYPES: Final = frozenset(
    {"image/jpeg", "image/jpg", "image/png", "image/apng", "image/gif", "image/webp"}
)
# Between a file that is small enough and one that looks clean.
_JPEG_QUALITY: Final = 80


def choose_form(width: int, height: int, *, method: str | None, animated: bool) -> ThumbnailForm:
    """The thumbnail that serves a request: the smallest that is large enough, or the largest.

    Args:
        width: pixels asked for.
        height: pixels asked for.
        method: `crop` or `scale`, which is meant where nothing is said.
        animated: whether it may move.

    Raises:
        InvalidSize: not positive, or an unknown method.
    """
    if width < 1 or height < 1:
        raise InvalidSize
    chosen: Method
    match method:
        case "scale" | None:
            chosen, size = "scale", _scale_box(width, height)
        case "crop":
            chosen, size = "crop", (_crop_side(width), _crop_side(height))
        case _:
            raise InvalidSize
    return ThumbnailForm(*size, chosen, animated)


def sniff_format(source: bytes) -> ImageFormat | None:
    """The picture's format by its first bytes, or None for anything that is not decoded here."""
    if source[:4] == b"RIFF" and source[8:12] == b"WEBP":
        return "WEBP"
    return next((name for magic, name in _MAGIC if source.startswith(magic)), None)


def is_picture_type(content_type: str) -> bool:
    """Whether content said to be of this type may have a thumbnail."""
    return content_type.partition(";")[0].strip().lower() in _PICTURE_TYPES


def make_thumbnail(source: bytes, form: ThumbnailForm) -> Thumbnail:
    """Decode a picture, make it small and encode it anew, without its metadata.

    It never gets larger than the picture, which is turned as its EXIF data says.

    Args:
        source: of any format; at most `SOURCE_BYTES_MAX` bytes.
        form: how it shall be.

    Raises:
        NotAPicture: no picture, a broken one, or of a format that is not decoded here.
        PictureTooLarge: more bytes or pixels than are decoded here.
    """
    # Pillow takes 40 ms and 15 MB, which a server that starts can do without.
    from PIL import Image

    if len(source) > SOURCE_BYTES_MAX:
        raise PictureTooLarge
    image_format = sniff_format(source)
    if image_format is None:
        raise NotAPicture
    try:
        with Image.open(io.BytesIO(source), formats=(image_format,)) as image:
            _check_pixels(image)
            moving = _make_moving(image, form) if form.animated else None
            return moving or _make_still(image, form)
    except (NotAPicture, PictureTooLarge):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise PictureTooLarge from None
    except Exception:  # noqa: BLE001 - a decoder of hostile bytes raises anything, meaning one thing
        raise NotAPicture("The picture is broken.") from None


def _scale_box(width: int, height: int) -> tuple[int, int]:
    fitting = (box for box in _SCALE_BOXES if box[0] >= width and box[1] >= height)
    return next(fitting, _SCALE_BOXES[-1])


def _crop_side(side: int) -> int:
    return next((known for known in _CROP_SIDES if known >= side), _CROP_SIDES[-1])


def _check_pixels(image: Image) -> None:
    limit = JPEG_PIXELS_MAX if image.format == "JPEG" else PIXELS_MAX
    if image.width * image.height > limit or image.width < 1 or image.height < 1:
        raise PictureTooLarge


def _make_still(image: Image, form: ThumbnailForm) -> Thumbnail:
    from PIL import ImageOps

    image.seek(0)
    # Decodes a JPEG at a fraction of its size, still twice what is needed. Its sides may
    # be swapped by its orientation.
    side = 2 * max(form.width, form.height)
    image.draft("RGB", (side, side))
    turned = ImageOps.exif_transpose(image)
    assert turned is not None
    return _encode(_resize(_to_plain(turned), form))


def _make_moving(image: Image, form: ThumbnailForm) -> Thumbnail | None:
    """The moving thumbnail, or None where the picture stands still or moves for too long."""
    frame_count = getattr(image, "n_frames", 1)
    pixel_count = form.width * form.height * frame_count
    if not 1 < frame_count <= FRAMES_MAX or pixel_count > ANIMATED_PIXELS_MAX:
        return None
    frames, durations = [], []
    for frame in _frames(image, frame_count):
        frames.append(_resize(frame.convert("RGBA"), form))
        durations.append(_duration_ms(frame.info))
    output = io.BytesIO()
    frames[0].save(
        output,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
        quality=_JPEG_QUALITY,
        method=0,
    )
    return Thumbnail(output.getvalue(), "image/webp", *frames[0].size)


def _frames(image: Image, frame_count: int) -> Iterator[Image]:
    for index in range(frame_count):
        image.seek(index)
        # A frame may be larger than the picture said it is.
        _check_pixels(image)
        yield image


def _duration_ms(info: dict[Any, Any]) -> int:
    duration = info.get("duration", 100)
    return round(min(max(duration, 20), 60_000)) if isinstance(duration, int | float) else 100


def _to_plain(image: Image) -> Image:
    """The picture as RGB, or RGBA where something shows through."""
    see_through = image.has_transparency_data
    wanted = "RGBA" if see_through else "RGB"
    return image if image.mode == wanted else image.convert(wanted)


def _resize(image: Image, form: ThumbnailForm) -> Image:
    from PIL import Image as images  # noqa: N813 - a module, as above
    from PIL import ImageOps

    if form.method == "scale":
        factor = min(form.width / image.width, form.height / image.height, 1)
        size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
        return image.resize(size, images.Resampling.LANCZOS, reducing_gap=2)
    # A smaller picture is cut to the shape that was asked for, and stays as small.
    factor = min(image.width / form.width, image.height / form.height, 1)
    size = max(1, round(form.width * factor)), max(1, round(form.height * factor))
    return ImageOps.fit(image, size, images.Resampling.LANCZOS)


def _encode(image: Image) -> Thumbnail:
    output = io.BytesIO()
    # Colour profiles, comments and positions are in `info`, which encoders would copy.
    image.info = {}
    if image.mode == "RGBA":
        image.save(output, "PNG")
        return Thumbnail(output.getvalue(), "image/png", *image.size)
    image.save(output, "JPEG", quality=_JPEG_QUALITY, progressive=True)
    return Thumbnail(output.getvalue(), "image/jpeg", *image.size)

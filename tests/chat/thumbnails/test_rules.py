"""Small pictures from good and from hostile ones."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from teahouse.chat.thumbnails import rules
from teahouse.chat.thumbnails.errors import InvalidSize, NotAPicture, PictureTooLarge
from teahouse.chat.thumbnails.types import Method, Thumbnail, ThumbnailForm
from teahouse.platform.errors import Refusal
from tests.chat.thumbnails.kit import (
    animation,
    gif_bomb,
    moving_webp_bomb,
    picture,
    png_bomb,
    webp_bomb,
)

SCALED = ThumbnailForm(96, 96, "scale")
CROPPED = ThumbnailForm(96, 96, "crop")
MOVING = ThumbnailForm(96, 96, "crop", animated=True)
SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>"


def opened(thumbnail: Thumbnail) -> Image.Image:
    image = Image.open(io.BytesIO(thumbnail.content))
    assert image.get_format_mimetype() == thumbnail.content_type
    assert image.size == (thumbnail.width, thumbnail.height)
    return image


@pytest.mark.parametrize(
    ("width", "height", "method", "expected"),
    [
        (1, 1, None, ThumbnailForm(32, 32, "scale")),
        (33, 20, "scale", ThumbnailForm(96, 96, "scale")),
        (97, 97, "scale", ThumbnailForm(320, 240, "scale")),
        (800, 600, "scale", ThumbnailForm(800, 600, "scale")),
        (10**9, 10**9, "scale", ThumbnailForm(800, 600, "scale")),
        (40, 200, "crop", ThumbnailForm(96, 320, "crop")),
        (10**9, 1, "crop", ThumbnailForm(640, 32, "crop")),
    ],
)
def test_a_request_is_served_with_the_smallest_form_that_is_large_enough(
    width: int, height: int, method: Method | None, expected: ThumbnailForm
) -> None:
    assert rules.choose_form(width, height, method=method, animated=False) == expected


@pytest.mark.parametrize(
    ("width", "height", "method"), [(0, 1, "crop"), (1, -1, "scale"), (1, 1, "stretch")]
)
def test_an_impossible_form_is_refused(width: int, height: int, method: str) -> None:
    with pytest.raises(InvalidSize):
        rules.choose_form(width, height, method=method, animated=True)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_picture_is_scaled_and_cropped(image_format: str) -> None:
    source = picture(image_format)
    assert opened(rules.make_thumbnail(source, SCALED)).size == (96, 48)
    cropped = opened(rules.make_thumbnail(source, CROPPED)).convert("RGB")
    assert cropped.size == (96, 96)
    left, right = cropped.getpixel((10, 48)), cropped.getpixel((86, 48))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert left[0] - left[2] > 150
    assert right[2] - right[0] > 150


def test_a_small_picture_stays_small() -> None:
    source = picture(size=(40, 20))
    assert opened(rules.make_thumbnail(source, SCALED)).size == (40, 20)
    assert opened(rules.make_thumbnail(source, CROPPED)).size == (20, 20)
    assert opened(rules.make_thumbnail(picture(size=(1, 1)), SCALED)).size == (1, 1)


def test_a_long_picture_keeps_a_pixel() -> None:
    assert opened(rules.make_thumbnail(picture(size=(4000, 1)), SCALED)).size == (96, 1)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_pixel_is_understood(mode: str) -> None:
    output = io.BytesIO()
    Image.new(mode, (200, 100)).save(output, "PNG")
    opened(rules.make_thumbnail(output.getvalue(), SCALED))


def test_what_shows_through_still_does() -> None:
    output = io.BytesIO()
    Image.new("RGBA", (200, 100), (255, 0, 0, 0)).save(output, "PNG")
    thumbnail = rules.make_thumbnail(output.getvalue(), SCALED)
    assert thumbnail.content_type == "image/png"
    assert opened(thumbnail).getpixel((5, 5)) == (0, 0, 0, 0)


def test_where_a_picture_was_taken_is_left_out_and_its_turn_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "taken at home"
    exif.get_ifd(0x8825)[1] = "N"
    source = picture("JPEG", exif=exif, comment=b"taken at home")
    assert b"taken at home" in source
    thumbnail = rules.make_thumbnail(source, SCALED)
    assert b"taken at home" not in thumbnail.content
    assert b"Exif" not in thumbnail.content
    image = opened(thumbnail)
    assert image.size == (48, 96)
    assert not image.getexif()


def test_a_picture_with_a_profile_loses_it() -> None:
    source = picture("PNG", icc_profile=b"profile of my screen" * 10, mode="RGBA")
    assert "icc_profile" not in opened(rules.make_thumbnail(source, SCALED)).info


@pytest.mark.parametrize("image_format", ["GIF", "PNG", "WEBP"])
def test_a_moving_picture_moves_only_when_asked_to(image_format: str) -> None:
    source = animation(image_format)
    still = opened(rules.make_thumbnail(source, CROPPED))
    assert getattr(still, "n_frames", 1) == 1
    moving = opened(rules.make_thumbnail(source, MOVING))
    assert moving.format == "WEBP"
    assert getattr(moving, "n_frames", 1) == 5


def test_a_still_or_very_long_picture_does_not_move() -> None:
    assert opened(rules.make_thumbnail(picture(), MOVING)).format == "JPEG"
    long = animation(frame_count=rules.FRAMES_MAX + 1)
    assert opened(rules.make_thumbnail(long, MOVING)).format == "JPEG"


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"nonsense",
        SVG,
        b"%PDF-1.7",
        b"BM" + bytes(100),
        b"\xff\xd8\xff",
        b"RIFF\0\0\0\0WEBP",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        picture()[:60],
    ],
)
def test_what_is_no_picture_is_refused(source: bytes) -> None:
    with pytest.raises(NotAPicture):
        rules.make_thumbnail(source, SCALED)


@pytest.mark.parametrize(
    "source",
    [
        png_bomb(30_000, 30_000),
        png_bomb(5000, 5000),
        png_bomb(2**31 - 1, 1),
        webp_bomb(16_384, 16_384),
        moving_webp_bomb(16_384),
        moving_webp_bomb(2**24),
        picture() + bytes(rules.SOURCE_BYTES_MAX),
    ],
)
def test_a_bomb_is_not_decoded(source: bytes) -> None:
    with pytest.raises(PictureTooLarge):
        rules.make_thumbnail(source, SCALED)


def test_a_later_frame_cannot_be_a_bomb() -> None:
    with pytest.raises(Refusal):
        rules.make_thumbnail(gif_bomb(), MOVING)


def test_a_type_says_what_may_be_a_picture() -> None:
    assert rules.is_picture_type("image/PNG; charset=binary")
    assert not rules.is_picture_type("image/svg+xml")
    assert not rules.is_picture_type("application/octet-stream")


GOOD = [picture(f) for f in ("JPEG", "PNG", "GIF", "WEBP")] + [animation(), animation("PNG")]


@given(
    source=st.sampled_from(GOOD),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=12),
    cut=st.integers(0, 200),
    form=st.sampled_from([SCALED, CROPPED, MOVING]),
)
def test_a_damaged_picture_gives_a_thumbnail_or_a_refusal(
    source: bytes, changes: list[tuple[int, int]], cut: int, form: ThumbnailForm
) -> None:
    damaged = bytearray(source)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    try:
        thumbnail = rules.make_thumbnail(bytes(damaged[: len(damaged) - cut]), form)
    except Refusal:
        return
    assert thumbnail.width <= form.width
    assert thumbnail.height <= form.height

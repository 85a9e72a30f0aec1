"""Pictures for tests, good ones and hostile ones."""

import io
import struct
import zlib
from typing import Any

from PIL import Image


def picture(
    image_format: str = "PNG",
    size: tuple[int, int] = (200, 100),
    *,
    mode: str = "RGB",
    **options: Any,
) -> bytes:
    """A picture, red on its left half and blue on its right one."""
    image = Image.new(mode, size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    output = io.BytesIO()
    image.save(output, image_format, **options)
    return output.getvalue()


def animation(image_format: str = "GIF", *, frame_count: int = 5) -> bytes:
    """A picture that changes its colour."""
    frames = [
        Image.new("RGB", (100, 100), (40 * number % 256, 10, 99)) for number in range(frame_count)
    ]
    output = io.BytesIO()
    frames[0].save(
        output, image_format, save_all=True, append_images=frames[1:], duration=50, loop=0
    )
    return output.getvalue()


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that claims, and partly has, very many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 5_000_000, 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def webp_bomb(width: int, height: int) -> bytes:
    """A WebP of some hundred bytes that claims very many pixels; at most 16,384 on a side."""
    # Lossless WebP, section 3: a signature, and 14 bits for each side less one.
    bits = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + bytes(65)
    chunk = b"VP8L" + struct.pack("<I", len(bits)) + bits
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def moving_webp_bomb(side: int) -> bytes:
    """A moving WebP of very many pixels, with one small frame; at most 2**24 on a side."""
    size = (side - 1).to_bytes(3, "little")
    still = webp_bomb(16, 16)[12:]
    frame = bytes(6) + (15).to_bytes(3, "little") * 2 + bytes(4) + still
    chunks = [
        (b"VP8X", b"\x02" + bytes(3) + size + size), (b"ANIM", bytes(6)), (b"ANMF", frame),
    ]  # fmt: skip
    body = b"WEBP" + b"".join(name + struct.pack("<I", len(part)) + part for name, part in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif_bomb() -> bytes:
    """A GIF that says it is tiny, with a frame of 65,535 by 65,535 pixels."""
    screen = struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    small = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    large = b"," + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x02\x44\x01\x00"
    return b"GIF89a" + screen + small + large + b";"

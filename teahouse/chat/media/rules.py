"""What must hold of media, and the headers that make them safe to show. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from teahouse.chat.media.errors import InvalidFileName, RangeNotSatisfiable
from teahouse.chat.media.types import MEDIA_ID

if TYPE_CHECKING:
    from teahouse.chat.media.types import Media

# Client-Server API, section "Content repository": 24 hours are recommended.
UNUSED_MS: Final = 86_400_000
# An upload in one request is cut off by the server long before.
UPLOAD_MS: Final = 3_600_000
PENDING_UPLOADS_MAX: Final = 50
# A client may say how long it waits for content that is on its way; 20 s are its default.
WAIT_MS_DEFAULT: Final = 20_000
WAIT_MS_MAX: Final = 30_000
# How exact `last_used_at` is: each medium costs one small write a day at most.
LOOKS_NOTED_MS: Final = 86_400_000
OCTET_STREAM: Final = "application/octet-stream"

_FILE_NAME_BYTES_MAX: Final = 1024
# RFC 9110, section 8.3.1, without quoted parameters of odd characters.
_WORD: Final = r"[\w!#$&^.+-]{1,100}"
_CONTENT_TYPE: Final = re.compile(
    rf'{_WORD}/{_WORD}(; ?{_WORD}=("[\w!#$&^.+ :/-]{{1,100}}"|{_WORD})){{0,5}}', re.ASCII
)
_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
# RFC 9110, section 5.6.4, less what browsers were seen to take apart.
_PLAIN_NAME: Final = re.compile(r"[\w !#$&'()+,.@^`{}~-]+", re.ASCII)

# Client-Server API, section "Serving inline content": types that cannot run scripts.
_INLINE_TYPES: Final = frozenset(
    {
        "text/css",
        "text/plain",
        "text/csv",
        "application/json",
        "application/ld+json",
        "image/jpeg",
        "image/gif",
        "image/png",
        "image/apng",
        "image/webp",
        "image/avif",
        "video/mp4",
        "video/webm",
        "video/ogg",
        "video/quicktime",
        "audio/mp4",
        "audio/webm",
        "audio/aac",
        "audio/mpeg",
        "audio/ogg",
        "audio/wave",
        "audio/wav",
        "audio/x-wav",
        "audio/x-pn-wav",
        "audio/flac",
        "audio/x-flac",
    }
)

# Beside what every answer carries, `nosniff` among it.
_SAFE_HEADERS: Final = {
    # Client-Server API, section "Content repository", "Security considerations"; and no plugins.
    "content-security-policy": (
        "sandbox; default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; "
        "media-src 'self'; object-src 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-resource-policy": "cross-origin",
    "accept-ranges": "bytes",
    # What is at a content URI never changes; it is told only to who has a token.
    "cache-control": "private, max-age=86400, immutable",
}


def is_media_id(media_id: str) -> bool:
    """Whether a text can be the last part of a content URI."""
    return MEDIA_ID.fullmatch(media_id) is not None


def check_file_name(file_name: str | None) -> str | None:
    """The name that an upload is given.

    Returns:
        None for no name, or an empty one.

    Raises:
        InvalidFileName: too long.
    """
    if not file_name:
        return None
    if len(file_name.encode()) > _FILE_NAME_BYTES_MAX:
        raise InvalidFileName
    return file_name


def clean_content_type(header: str | None) -> str:
    """The content type of an upload: as the client said, where that is one at all.

    Source:
        Client-Server API, `GET /media/download`: unknown types are `application/octet-stream`.
    """
    said = (header or "").strip()
    return said if _CONTENT_TYPE.fullmatch(said) else OCTET_STREAM


def is_inline_type(content_type: str) -> bool:
    """Whether a browser may show content of this type, instead of saving it."""
    return content_type.partition(";")[0].strip().lower() in _INLINE_TYPES


def content_disposition(content_type: str, file_name: str | None) -> str:
    """The header that says whether to show or to save a file, and under which name.

    Source:
        RFC 6266; RFC 8187 for names of other than plain characters.
    """
    kind = "inline" if is_inline_type(content_type) else "attachment"
    if not file_name:
        return kind
    if _PLAIN_NAME.fullmatch(file_name):
        return f'{kind}; filename="{file_name}"'
    return f"{kind}; filename*=utf-8''{quote(file_name, safe='')}"


def download_headers(media: Media, *, file_name: str | None = None) -> dict[str, str]:
    """The headers of a download, apart from its length.

    Args:
        media: what is downloaded.
        file_name: another name that the request asks for.
    """
    disposition = content_disposition(media.content_type, file_name or media.file_name)
    return _SAFE_HEADERS | {
        "content-type": media.content_type,
        "content-disposition": disposition,
        "etag": etag(media.media_id),
    }


def thumbnail_headers(content_type: str, etag_text: str) -> dict[str, str]:
    """The headers of a thumbnail."""
    extension = content_type.partition("/")[2]
    return _SAFE_HEADERS | {
        "content-type": content_type,
        "content-disposition": f'inline; filename="thumbnail.{extension}"',
        "etag": etag_text,
    }


def etag(media_id: str, form: str = "") -> str:
    """The entity tag of a file or of its thumbnail, which never change.

    Made from the id, not from the content: nobody learns that two are the same.
    """
    return f'"{media_id}-{form}"' if form else f'"{media_id}"'


def is_known(if_none_match: str | None, etag_text: str) -> bool:
    """Whether the client has this already."""
    if if_none_match is None:
        return False
    known = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag_text in known or known == ["*"]


def find_media_ids(text: bytes | str, server_name: str) -> list[str]:
    """The media of this server whose content URIs stand in a text, each once.

    Args:
        text: JSON, in which a URI stands as it is.
        server_name: of this server.
    """
    if isinstance(text, str):
        text = text.encode()
    if b"mxc://" not in text:
        return []
    found = _uris_of(server_name).findall(text)
    return [media_id.decode() for media_id in dict.fromkeys(found)]


@lru_cache(16)
def _uris_of(server_name: str) -> re.Pattern[bytes]:
    return re.compile(rb"mxc://" + re.escape(server_name).encode() + rb"/([A-Za-z0-9_-]{1,128})")


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The part of a file that a request asks for.

    Args:
        header: the `Range` header.
        size: of the file, bytes.

    Returns:
        The first byte and the byte behind the last; None for the whole file, also where several
        parts are asked for or another unit, as RFC 9110 allows.

    Raises:
        RangeNotSatisfiable: it begins behind the end.

    Source:
        RFC 9110, section 14.
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return None
    if start >= end:
        raise RangeNotSatisfiable(size=size)
    return start, end

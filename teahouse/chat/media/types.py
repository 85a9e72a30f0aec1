"""The nouns of media."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

import msgspec

MediaStatus: TypeAlias = Literal["waiting", "stored"]
MEDIA_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")


class MediaLimits(msgspec.Struct, frozen=True):
    """What the operator has set.

    Attributes:
        upload_bytes: the largest upload.
        member_bytes: all uploads of one member.
    """

    upload_bytes: int
    member_bytes: int


class UploadDetails(msgspec.Struct, frozen=True):
    """What a client says of its upload.

    Attributes:
        content_type: as it will be told to whoever downloads it.
        file_name: as the member named it, None for no name.
    """

    content_type: str
    file_name: str | None


class ReceivedFile(msgspec.Struct, frozen=True):
    """A file that has arrived in the file store.

    Attributes:
        stored_as: its name there, which no other upload has.
        size: bytes.
        sha256: of its content, hexadecimal.
    """

    stored_as: str
    size: int
    sha256: str


class Media(msgspec.Struct, frozen=True, kw_only=True):
    """Something uploaded, or about to be.

    Attributes:
        media_id: the last part of its content URI; nobody can guess it.
        user_id: who uploads it.
        status: `waiting` until its content is there.
        content_type: as the client said.
        file_name: the same.
        size: bytes.
        sha256: of its content, hexadecimal; empty while waiting.
        stored_as: its name in the file store; empty while waiting.
        created_at: milliseconds since the epoch.
        expires_at: until when the content must have come; 0 once it has.
        is_quarantined: a moderator keeps it from everybody.
        last_used_at: when somebody last looked at it, exact to a day.
    """

    media_id: str
    user_id: str
    status: MediaStatus
    content_type: str
    file_name: str | None
    size: int
    sha256: str
    stored_as: str
    created_at: int
    expires_at: int
    is_quarantined: bool
    last_used_at: int


class StoredThumbnail(msgspec.Struct, frozen=True):
    """A thumbnail in the file store.

    Attributes:
        stored_as: its name there.
        content_type: of the thumbnail, not of its source.
        size: bytes.
    """

    stored_as: str
    content_type: str
    size: int


class FilesOutdated(msgspec.Struct, frozen=True):
    """Files to be removed: the payload of a job.

    Attributes:
        media: names among the media.
        thumbnails: names among the thumbnails.
    """

    media: list[str]
    thumbnails: list[str]

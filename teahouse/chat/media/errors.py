"""What is refused about media.

NotFound
    MediaNotFound           404 M_NOT_FOUND
Forbidden
    NotYourUpload           403 M_FORBIDDEN
    QuotaExceeded           403 M_FORBIDDEN
    NotAModerator           403 M_FORBIDDEN
TooLarge
    UploadTooLarge          413 M_TOO_LARGE
LimitExceeded
    TooManyPendingUploads   429 M_LIMIT_EXCEEDED
InvalidParam
    InvalidFileName         400 M_INVALID_PARAM
Refusal
    NotYetUploaded          504 M_NOT_YET_UPLOADED
    AlreadyUploaded         409 M_CANNOT_OVERWRITE_MEDIA
    UploadInterrupted       400 M_UNKNOWN
    RangeNotSatisfiable     416 M_UNKNOWN
"""

from __future__ import annotations

from teahouse.platform.errors import (
    Forbidden,
    InvalidParam,
    LimitExceeded,
    NotFound,
    Refusal,
    TooLarge,
)


class MediaNotFound(NotFound):
    """Never there, expired, quarantined, or of another server."""

    code = "media-not-found"
    message = "There is no such media here."


class NotYourUpload(Forbidden):
    """A content URI that someone else has created."""

    code = "not-your-upload"
    message = "Only who has created a content URI can upload to it."


class QuotaExceeded(Forbidden):
    """All uploads of a member would take more than the operator allows."""

    code = "upload-quota-exceeded"
    message = "All your uploads together would take more space than this server gives a member."


class NotAModerator(Forbidden):
    """Quarantine is for moderators and operators."""

    code = "not-a-moderator"
    message = "Only moderators and operators can do this."


class UploadTooLarge(TooLarge):
    """One upload with more than the limit."""

    code = "upload-too-large"
    message = "The file is larger than this server accepts."


class TooManyPendingUploads(LimitExceeded):
    """More uploads begun than may wait at a time."""

    code = "too-many-pending-uploads"
    message = "You have begun many uploads: finish some, or wait until they expire."


class InvalidFileName(InvalidParam):
    """A name that is too long."""

    code = "invalid-file-name"
    message = "A file's name has at most 1,024 bytes."


class NotYetUploaded(Refusal):
    """The content URI exists, and its content has not come in time."""

    status, code, errcode = 504, "not-yet-uploaded", "M_NOT_YET_UPLOADED"
    message = "This has not been uploaded yet: try again in a moment."


class AlreadyUploaded(Refusal):
    """A content URI that has its content."""

    status, code, errcode = 409, "already-uploaded", "M_CANNOT_OVERWRITE_MEDIA"
    message = "This has been uploaded already, and what is uploaded never changes."


class UploadInterrupted(Refusal):
    """The client went away before it had sent everything."""

    code, errcode = "upload-interrupted", "M_UNKNOWN"
    message = "The upload broke off."


class RangeNotSatisfiable(Refusal):
    """A part that lies outside of the file."""

    status, code, errcode = 416, "range-not-satisfiable", "M_UNKNOWN"
    message = "The file has no such part."

    def __init__(self, *, size: int) -> None:
        super().__init__()
        self.size = size

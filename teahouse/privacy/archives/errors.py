"""What is refused of archives.

Refusal
├── UnknownArchive    404
├── ArchiveNotReady   409
├── ArchiveUnderWay   409
└── UnknownTicket     403
"""

from __future__ import annotations

from teahouse.platform.errors import NotFound, Refusal


class UnknownArchive(NotFound):
    """Somebody else's, or there is none."""

    code = "unknown-archive"
    message = "There is no such archive. Archives are deleted after 7 days."


class ArchiveNotReady(Refusal):
    """It is still being made, or it could not be."""

    status, code, errcode = 409, "archive-not-ready", "M_UNKNOWN"
    message = "This archive is not ready to be downloaded."


class ArchiveUnderWay(Refusal):
    """One is being made already."""

    status, code, errcode = 409, "archive-under-way", "M_UNKNOWN"
    message = "An archive of your data is being made already. Wait for it, or delete it."


class UnknownTicket(Refusal):
    """A ticket that was used, is too old, or never was."""

    status, code, errcode = 403, "unknown-ticket", "M_FORBIDDEN"
    message = "This download ticket was used or is too old. Ask for another one."

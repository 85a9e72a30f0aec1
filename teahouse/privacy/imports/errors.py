"""What is refused of imports.

Refusal
├── NotAnArchive        400
├── UnsafeArchive       400
├── ArchiveTampered     400
├── ArchiveTooLarge     413
├── UnknownImport       404
└── ImportNotPossible   409
"""

from __future__ import annotations

from teahouse.platform.errors import NotFound, Refusal


class NotAnArchive(Refusal):
    """No ZIP file, or not one of a Teahouse."""

    code, errcode = "not-an-archive", "M_UNKNOWN"
    message = "This is no archive of a Teahouse. Choose the ZIP file as it was downloaded."


class UnsafeArchive(Refusal):
    """It is built to do harm: paths that lead elsewhere, or far more than it seems."""

    code, errcode = "unsafe-archive", "M_UNKNOWN"
    message = "This archive is not built as a Teahouse builds them. Nothing of it was read."


class ArchiveTampered(Refusal):
    """Its files are not those that its house signed."""

    code, errcode = "archive-tampered", "M_UNKNOWN"
    message = "This archive was changed or damaged since it was made. Download it again."


class ArchiveTooLarge(Refusal):
    """More than this house takes."""

    status, code, errcode = 413, "archive-too-large", "M_TOO_LARGE"
    message = "This archive is larger than this house takes."


class UnknownImport(NotFound):
    """Somebody else's, or there is none."""

    code = "unknown-import"
    message = "There is no such import."


class ImportNotPossible(Refusal):
    """What was asked for does not go with how far it is."""

    status, code, errcode = 409, "import-not-possible", "M_UNKNOWN"
    message = "That is not possible now: the import is under way, was taken back, or is over."

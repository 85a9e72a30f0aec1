"""What can be refused of statements.

Refusal
├── UnknownExport     none there, or somebody else's
├── ExportNotReady    its file is not made yet, or could not be made
├── TooManyExports    old ones must go first
└── TooManyLines      more than a file of this format takes
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class UnknownExport(Refusal):
    """None there, somebody else's, or deleted by now."""

    status, code, errcode = 404, "unknown-export", "M_NOT_FOUND"
    message = "You have no such export; files are deleted after seven days."


class ExportNotReady(Refusal):
    """`data`: `export_status`, and `trouble` where it failed."""

    status, code, errcode = 409, "export-not-ready", "M_UNKNOWN"
    message = "This file is not there (yet)."


class TooManyExports(Refusal):
    """`data`: `limit`."""

    status, code, errcode = 409, "too-many-exports", "M_LIMIT_EXCEEDED"
    message = "You have too many exports: delete one, or wait until one expires."


class TooManyLines(Refusal):
    """`data`: `limit`."""

    status, code, errcode = 422, "too-many-lines", "M_TOO_LARGE"
    message = "There are too many lines for this format: choose fewer days."

"""What is refused of erasures.

Refusal
├── ErasureHindered    409  something must be settled before
├── NoErasure          404  none was asked for, or it is under way
└── NoCertificate      404  the claim names none, or it was 30 days ago
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class ErasureHindered(Refusal):
    """Something must be settled before; `obstacles` in `data`."""

    status, code, errcode = 409, "erasure-hindered", "ORG.TEAHOUSE.ERASURE_HINDERED"
    message = "Something must be settled before the account can be erased."


class NoErasure(Refusal):
    """There is nothing to take back."""

    status, code, errcode = 404, "no-erasure", "M_NOT_FOUND"
    message = "No erasure was asked for, or it is under way already."


class NoCertificate(Refusal):
    """The claim is unknown, or the certificate was kept its 30 days."""

    status, code, errcode = 404, "no-certificate", "M_NOT_FOUND"
    message = "There is no certificate here. It is kept for 30 days after the erasure."

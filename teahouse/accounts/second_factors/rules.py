"""One-time codes by time (RFC 6238), recovery codes, and how long wrong codes lock."""

from __future__ import annotations

import hashlib
import hmac
import re

import pyotp

STEP_MS = 30_000
# One step to either side, for clocks that differ (RFC 6238, section 5.2).
STEPS_AROUND = 1
_CODE = re.compile(r"[0-9]{6}")
# 28 of 32 letters: 140 bits, which nobody finds by trying. Those made before had 16.
RECOVERY_CODE_LETTERS = 28
RECOVERY_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
FREE_FAILURES = 5
LOCK_MS_MAX = 3_600_000


def find_step(secret: str, code: str, *, now: int, last_step: int) -> int | None:
    """The time step that a one-time code belongs to.

    Args:
        secret: in base 32.
        code: as typed; spaces are ignored.
        now: milliseconds since the epoch.
        last_step: the last step used; it and earlier ones no longer count (RFC 6238,
            section 5.2: a code is accepted once).

    Returns:
        The step, or None where the code is wrong, too old or was used.
    """
    typed = code.replace(" ", "")
    if not _CODE.fullmatch(typed):
        return None
    generator = pyotp.TOTP(secret)
    current = now // STEP_MS
    for step in range(current - STEPS_AROUND, current + STEPS_AROUND + 1):
        if step > last_step and hmac.compare_digest(generator.generate_otp(step), typed):
            return step
    return None


def compute_otpauth_uri(secret: str, user_id: str, server_name: str) -> str:
    """What a QR code shows to an authenticator app."""
    return pyotp.TOTP(secret).provisioning_uri(name=user_id, issuer_name=server_name)


def format_recovery_code(letters: str) -> str:
    """Letters in groups of four, to be written down."""
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def compute_recovery_digest(code: str) -> bytes:
    """What a recovery code is recognised by; dashes, spaces and capitals do not matter.

    It is kept under the house's key only (`Seal.mark`).
    """
    letters = re.sub(r"[\s-]", "", code).lower()
    return hashlib.sha256(letters.encode("utf-8", "surrogatepass")).digest()


def compute_lock_ms(failures: int) -> int:
    """How long nobody may try again after so many wrong codes in a row.

    Five are free; then a minute, doubled each time, up to an hour: 29 tries a day at most, of
    which each has a chance of 3 in a million.
    """
    if failures < FREE_FAILURES:
        return 0
    doublings = min(failures - FREE_FAILURES, 10)
    return min(60_000 << doublings, LOCK_MS_MAX)

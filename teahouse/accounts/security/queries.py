"""Reads what opens an account."""

from __future__ import annotations

from teahouse.accounts.members.queries import find_member
from teahouse.accounts.passkeys.queries import list_passkeys
from teahouse.accounts.second_factors.queries import count_recovery_codes, has_totp
from teahouse.accounts.security.types import SecurityState
from teahouse.platform.db import Read


def find_security_state(read: Read, user_id: str) -> SecurityState:
    """What opens an account."""
    member = find_member(read, user_id)
    return SecurityState(
        has_password=member is not None and member.has_password,
        has_totp=has_totp(read, user_id),
        recovery_codes_left=count_recovery_codes(read, user_id),
        passkeys=list_passkeys(read, user_id),
    )

"""What a route calls where somebody signs in with a password."""

from __future__ import annotations

from teahouse.accounts.devices.queries import was_seen_at
from teahouse.accounts.errors import LoginRefused
from teahouse.accounts.passwords.access import PasswordHasher
from teahouse.platform.http import Request


async def prove_password(request: Request, user_id: str, password: str) -> None:
    """Return once somebody has shown that they know a member's password.

    Guessing is held off without giving a stranger the means to lock a member out. Tries count
    for the address, and for the member together with the address. Failures count for the member
    alone too; when they are many, addresses from which the member has not been seen these seven
    days must wait longer between tries, and those from which they have go on as ever.

    Args:
        request: the request.
        user_id: who they say they are; perhaps nobody.
        password: as typed.

    Raises:
        LimitExceeded: too many tries.
        LoginRefused: the name or the password is wrong.
        Overloaded: too many passwords are being checked.
    """
    services, address = request.services, request.address()
    limits = services.rate_limits
    limits.check("login_address", address)
    limits.check("login", user_id, address)
    if limits.is_over("login_name", user_id) and not await services.db.read(
        was_seen_at, user_id, address
    ):
        limits.check("login_slow", user_id, address)
    if not await services.get(PasswordHasher).check(user_id, password):
        limits.count("login_name", user_id)
        raise LoginRefused

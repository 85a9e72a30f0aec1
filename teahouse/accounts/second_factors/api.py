"""What a route calls where a second factor may be needed."""

from __future__ import annotations

from teahouse.accounts.errors import SecondFactorNeeded, SecondFactorRefused
from teahouse.accounts.second_factors.access import Seal
from teahouse.accounts.second_factors.commands import use_second_factor
from teahouse.accounts.second_factors.queries import has_totp
from teahouse.platform.services import Services


async def check_second_factor(
    services: Services, user_id: str, *, totp: str | None, recovery_code: str | None
) -> None:
    """Return once a member who has a second factor has shown it.

    Args:
        services: the server's parts.
        user_id: who signs in; their password was right.
        totp: the one-time code they sent, if any.
        recovery_code: the recovery code they sent, if any.

    Raises:
        SecondFactorNeeded: one is set up, and no code was sent.
        SecondFactorRefused: the code is wrong or was used.
        SecondFactorLocked: too many wrong codes.
    """
    # Most members have none: they need not wait for the writer.
    if not await services.db.read(has_totp, user_id):
        return
    outcome = await services.db.write(
        use_second_factor, user_id, services.get(Seal), totp=totp, recovery_code=recovery_code
    )
    if outcome == "needed":
        raise SecondFactorNeeded
    if outcome == "refused":
        raise SecondFactorRefused


async def is_second_factor(
    services: Services, user_id: str, *, totp: str | None, recovery_code: str | None
) -> bool:
    """Whether a code proves the second factor of a member, who must have one.

    Raises:
        SecondFactorLocked: too many wrong codes.
    """
    outcome = await services.db.write(
        use_second_factor, user_id, services.get(Seal), totp=totp, recovery_code=recovery_code
    )
    return outcome == "passed"

"""The second factor of a sign-in."""

from __future__ import annotations

from teahouse.platform.services import Services


async def check_second_factor(
    services: Services, user_id: str, *, totp: str | None, recovery_code: str | None
) -> None:
    """Placeholder until the next commit."""

"""What accounts do on a timetable: forget what is no longer needed."""

from __future__ import annotations

from teahouse.accounts.devices.commands import forget_old_visits
from teahouse.accounts.logins.commands import forget_expired_tokens
from teahouse.accounts.passkeys.commands import forget_expired_challenges
from teahouse.accounts.reauthentication.commands import forget_expired_sessions
from teahouse.accounts.second_factors.access import Seal
from teahouse.accounts.second_factors.commands import mark_old_recovery_codes
from teahouse.platform.db import Tx
from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.services import Services

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


def forget_expired(tx: Tx) -> None:
    """Forget expired tokens, sessions and challenges, and addresses older than seven days."""
    forget_expired_tokens(tx)
    forget_expired_sessions(tx)
    forget_expired_challenges(tx)
    forget_old_visits(tx)


async def _forget_expired(services: Services, _payload: NoPayload) -> None:
    await services.db.write(forget_expired)


async def _mark_old_recovery_codes(services: Services, _payload: NoPayload) -> None:
    while await services.db.write(mark_old_recovery_codes, services.get(Seal)):
        pass


def job_kinds() -> list[JobKind]:
    """The kinds of jobs that accounts bring."""
    return [
        JobKind("accounts.forget_expired", _forget_expired, every_ms=_HOUR_MS),
        # After an update, and after a backup of an earlier release was put back.
        JobKind("accounts.mark_old_recovery_codes", _mark_old_recovery_codes, every_ms=_DAY_MS),
    ]

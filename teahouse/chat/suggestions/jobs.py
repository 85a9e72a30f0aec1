"""Makes suggestions anew each day, for members who said yes to that."""

from __future__ import annotations

from typing import Final

from teahouse import privacy
from teahouse.chat.suggestions.commands import forget_old, suggest_to_some
from teahouse.chat.suggestions.tables import SUGGEST_JOB
from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.services import Services

_HOUR_MS: Final = 3_600_000


async def suggest_all(services: Services, _payload: NoPayload) -> None:
    """Make the suggestions of all who consent anew, and forget what is too old."""
    keys = services.get(privacy.PurposeKeys)
    after: str | None = ""
    while after is not None:
        after = await services.db.write(suggest_to_some, keys, after)
    await services.db.write(forget_old)


JOBS: Final = [JobKind(SUGGEST_JOB, suggest_all, lease_ms=_HOUR_MS, every_ms=24 * _HOUR_MS)]

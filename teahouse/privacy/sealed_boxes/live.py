"""Files that the law keeps and that name many members at once: sealed, month by month, with a date.

What is of one member alone goes into their box when they are erased. A file of a bank can't be
taken apart for that, so each is sealed from its first moment, under a key of its month; when the
years that the law wants are over, the key is destroyed, and with it every copy of the file.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

from teahouse.platform.data_map import FileClass
from teahouse.platform.services import Services
from teahouse.privacy.member_keys.live import MemberKeys
from teahouse.privacy.member_keys.rules import NONCE_BYTES, NotOpened, open_sealed, seal
from teahouse.privacy.sealed_boxes.errors import BoxDestroyed
from teahouse.privacy.sealed_boxes.rules import compute_expiry, find_month_end, owner_of_month

_MONTH: Final = "%Y-%m"


class LawfulFiles:
    """Seals, opens and destroys such files.

    Args:
        services: the file store, the clock and chance.
        keys: of members, and of months.
    """

    def __init__(self, services: Services, keys: MemberKeys) -> None:
        self._services = services
        self._keys = keys

    async def put(self, file_class: FileClass, name: str, content: bytes) -> str:
        """Keep a file.

        Args:
            file_class: what kind of file.
            name: without the month.
            content: at once; such files are small.

        Returns:
            Its name in the store: the month stands before it.
        """
        now = self._services.clock.now_ms()
        month = datetime.fromtimestamp(now / 1000, UTC).strftime(_MONTH)
        owner = owner_of_month(file_class.prefix, month)
        made = await asyncio.to_thread(self._keys.ensure, [owner], now=now)
        key = made[owner].key
        assert key is not None, "the key of this month is not due"
        place = f"{month}/{name}"
        nonce = self._services.chance.secrets.token_bytes(NONCE_BYTES)
        sealed = seal(key, content, place=f"{file_class.prefix}/{place}", nonce=nonce)
        await self._services.files.put(file_class, place, sealed)
        return place

    async def get(self, file_class: FileClass, place: str) -> bytes:
        """Open a file.

        Args:
            file_class: what kind of file.
            place: its name in the store.

        Raises:
            NotFound: there is none.
            BoxDestroyed: its key was destroyed, or it is not what was sealed.
        """
        opened = await self._services.files.get(file_class, place)
        owner = owner_of_month(file_class.prefix, place.partition("/")[0])
        found = await asyncio.to_thread(self._keys.find, owner)
        if found is None or found.key is None:
            raise BoxDestroyed
        try:
            sealed = await opened.read()
            return open_sealed(found.key, sealed, place=f"{file_class.prefix}/{place}")
        except NotOpened:
            raise BoxDestroyed from None

    async def destroy_due(self, file_class: FileClass, *, keep_years: int) -> int:
        """Destroy the months whose years are over: first the key, then the files.

        Returns:
            How many files went.
        """
        now, destroyed, count = self._services.clock.now_ms(), set[str](), 0
        async for file in self._services.files.list(file_class):
            month = file.name.partition("/")[0]
            if compute_expiry(find_month_end(month), keep_years) > now:
                continue
            if month not in destroyed:
                owner = owner_of_month(file_class.prefix, month)
                await asyncio.to_thread(self._keys.destroy, owner, now=now)
                destroyed.add(month)
            await self._services.files.delete(file_class, file.name)
            count += 1
        return count


def install_lawful_files(services: Services) -> None:
    """Join them to a server."""
    services.put(LawfulFiles(services, services.get(MemberKeys)))

"""Takes a member's profile out of the archive of another house."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from teahouse import privacy
from teahouse.accounts.archives.commands import bring_field, take_back_field
from teahouse.platform.json import JsonObject
from teahouse.platform.services import Services

_FILE: Final = "data/accounts/profile.json"
# Chat brings the picture: it is a file.
_PICTURE: Final = "avatar_url"
KIND: Final = "profile"


class _ProfileFile(msgspec.Struct):
    """What `data/accounts/profile.json` holds."""

    profile: JsonObject


class ProfileReceiver:
    """Brings in the name and what else a member shows."""

    def offer(self, archive: privacy.BroughtArchive) -> list[privacy.Offer]:
        """How many fields there are."""
        return [privacy.Offer(kind=KIND, count=len(_read_fields(archive)))]

    async def receive(self, services: Services, receiving: privacy.Receiving) -> None:
        """Bring them in."""
        if not receiving.wants(KIND):
            return
        for field, value in _read_fields(receiving.archive).items():
            if await receiving.find_item(KIND, field) is None:
                place = (receiving.import_id, receiving.user_id)
                await services.db.write(bring_field, *place, field=field, value=value)
            await receiving.advance(KIND)

    async def undo(self, services: Services, user_id: str, items: Sequence[privacy.Item]) -> None:
        """Take them back."""
        for item in items:
            if item.kind == KIND:
                await services.db.write(take_back_field, user_id, item)


def _read_fields(archive: privacy.BroughtArchive) -> JsonObject:
    raw = archive.read(_FILE)
    if raw is None:
        return {}
    found = msgspec.json.decode(raw, type=_ProfileFile).profile
    return {field: value for field, value in found.items() if field != _PICTURE}

"""What accounts put into a member's archive: who one is here, and by what one signs in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Final

from teahouse import privacy
from teahouse.accounts.personal_data import export_member
from teahouse.accounts.profiles.queries import list_fields
from teahouse.platform.services import Services

_TITLES: Final = {
    "profile": ("What you show of yourself", "您的个人资料"),
    "account": ("Your account and devices", "您的账户和设备"),
}


class AccountsSource:
    """The profile, devices, and all else that accounts know of a member."""

    told: Mapping[str, str] = {}
    left_out: Mapping[str, str] = {
        "accounts_search_word": "Made from your name, which is in here, so that you can be found.",
    }

    async def measure(self, _services: Services, _member: privacy.ArchiveMember) -> int:
        """Little."""
        return 0

    async def write(
        self, services: Services, member: privacy.ArchiveMember
    ) -> AsyncIterator[privacy.ArchiveEntry | privacy.Document]:
        """Its files."""
        language = 1 if member.language == "zh" else 0
        profile = await services.db.read(list_fields, member.user_id)
        yield privacy.Document(
            name="accounts/profile",
            title=_TITLES["profile"][language],
            group="account",
            data={"user_id": member.user_id, "profile": profile},
        )
        held = await services.db.read(export_member, member.user_id)
        yield privacy.Document(
            name="accounts/account",
            title=_TITLES["account"][language],
            group="account",
            data={name: value for name, value in held.items() if name != "profile"},
        )

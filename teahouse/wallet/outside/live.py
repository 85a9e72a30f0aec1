"""How the house reaches its bank: a folder or bucket by default, else an installed provider."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from teahouse.iso20022.reading import BYTES_MAX
from teahouse.platform.errors import NotFound, Refusal
from teahouse.platform.files import Files
from teahouse.platform.services import Services
from teahouse.platform.settings import Settings, SettingsError
from teahouse.wallet.outside.rules import parse_house_accounts
from teahouse.wallet.outside.tables import ANSWER_FILES, ORDER_FILES
from teahouse.wallet.outside.types import HouseBank

ENTRY_POINTS = "teahouse.partner_bank"
_DEFAULT = "folder"
_FILE_SCHEME = "file://"
# What is looked at in one go; the rest comes with the next.
_LISTED_MAX = 1000


class PartnerBank(Protocol):
    """Exchanges files with a bank. Every call may be made twice, after a crash.

    A provider is a function of the settings that returns one, named by an entry point of the
    group `teahouse.partner_bank`.
    """

    async def send(self, name: str, content: bytes) -> None:
        """Hand a file over, whole or not at all; the same again changes nothing."""
        ...

    async def list_answers(self) -> list[str]:
        """The names of files that the bank has laid ready, in a steady order."""
        ...

    async def fetch(self, name: str) -> bytes | None:
        """A file's bytes; None where it is gone. At most a byte more than `BYTES_MAX` of them."""
        ...

    async def forget(self, name: str) -> None:
        """Put a file away that was read and kept; nothing happens where it is gone."""
        ...

    async def take_back(self, before: int) -> None:
        """Remove files that were handed over before an instant, ms, and never fetched."""
        ...


class FolderBank:
    """A bank that shares a folder, or a bucket, with the house: `inbox` to it, `outbox` from it.

    Args:
        files: the store whose folder or bucket it is.
    """

    def __init__(self, files: Files) -> None:
        self._files = files

    async def send(self, name: str, content: bytes) -> None:
        """Lay a file into the bank's inbox."""
        await self._files.put(ORDER_FILES, name, content)

    async def list_answers(self) -> list[str]:
        """What lies in the outbox, by name; drafts of the bank's are not seen."""
        names = []
        async for file in self._files.list(ANSWER_FILES):
            if file.name.endswith(".xml") and not file.name.startswith("."):
                names.append(file.name)
            if len(names) >= _LISTED_MAX:
                break
        return sorted(names)

    async def fetch(self, name: str) -> bytes | None:
        """Read a file of the outbox."""
        try:
            opened = await self._files.get(ANSWER_FILES, name)
            if opened.size > BYTES_MAX:
                opened = await self._files.get(ANSWER_FILES, name, end=BYTES_MAX + 1)
            return await opened.read()
        except NotFound:
            return None

    async def forget(self, name: str) -> None:
        """Remove a file from the outbox."""
        await self._files.delete(ANSWER_FILES, name)

    async def take_back(self, before: int) -> None:
        """Remove old files from the inbox."""
        async for file in self._files.list(ORDER_FILES):
            if file.modified_at < before:
                await self._files.delete(ORDER_FILES, file.name)


class BankLink:
    """What a server knows of its bank.

    Attributes:
        house: the house's accounts there; None without a link.
        bank: how it is reached; None without a link.
    """

    def __init__(self, house: HouseBank | None, bank: PartnerBank | None) -> None:
        self.house = house
        self.bank = bank


def make_folder_bank(settings: Settings) -> PartnerBank:
    """The bank behind a folder or bucket, as the settings name it."""
    url = settings.partner_bank_url
    if url.startswith(_FILE_SCHEME) or "://" not in url:
        # Written and flushed by our own store, so that a power cut leaves no half file.
        return FolderBank(Files("", Path(url.removeprefix(_FILE_SCHEME))))
    return FolderBank(Files(url, settings.data_dir))


def make_link(settings: Settings) -> BankLink:
    """The link to the bank, as the settings describe it.

    Raises:
        SettingsError: they do not describe one.
    """
    if not settings.partner_bank_url:
        return BankLink(None, None)
    try:
        accounts = parse_house_accounts(settings.partner_bank_accounts)
    except Refusal as refusal:
        raise SettingsError(refusal.text) from None
    house = HouseBank(
        name=settings.partner_bank_name or settings.server_name,
        bic=settings.partner_bank_bic,
        creditor_id=settings.partner_bank_creditor_id,
        accounts=accounts,
    )
    return BankLink(house, _make_bank(settings))


def install_link(services: Services) -> None:
    """Join the link to a server."""
    services.put(make_link(services.settings))


def _make_bank(settings: Settings) -> PartnerBank:
    if settings.partner_bank == _DEFAULT:
        return make_folder_bank(settings)
    found = entry_points(group=ENTRY_POINTS, name=settings.partner_bank)
    if not found:
        raise SettingsError(
            f"`partner_bank`: no provider {settings.partner_bank!r} is installed; entry points of "
            f"the group {ENTRY_POINTS} name them."
        )
    made: PartnerBank = next(iter(found)).load()(settings)
    return made

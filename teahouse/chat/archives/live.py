"""Takes chats, files, contacts and settings out of the archive of another house."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

import msgspec

from teahouse import accounts, privacy
from teahouse.chat.archives.commands import (
    BroughtRoom,
    Part,
    Position,
    bring_contacts,
    bring_ignored,
    bring_setting,
    let_member_in,
    open_brought_room,
    remove_brought_room,
    say_again,
    take_back_contacts,
    take_back_ignored,
    take_back_media,
    take_back_setting,
)
from teahouse.chat.archives.rules import Said, is_brought, to_archived
from teahouse.chat.auth_rules import is_user_id
from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.media.errors import QuotaExceeded, UploadTooLarge
from teahouse.chat.media.live import MediaDesk
from teahouse.chat.media.types import UploadDetails
from teahouse.chat.rooms.commands import RoomDefaults
from teahouse.platform.json import JsonObject
from teahouse.platform.requester import Requester
from teahouse.platform.services import Services

# What is said in one transaction: others wait for it.
_SAID_AT_ONCE: Final = 100
_LIST_MAX: Final = 5000
_NAME_LENGTH_MAX: Final = 200
_TYPES: Final = {
    ".jpg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp",
    ".avif": "image/avif", ".mp4": "video/mp4", ".webm": "video/webm", ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg", ".m4a": "audio/mp4", ".weba": "audio/webm", ".pdf": "application/pdf",
    ".txt": "text/plain", ".csv": "text/csv", ".xml": "application/xml",
}  # fmt: skip


class _RoomFile(msgspec.Struct):
    """What `chats/<number>/room.json` holds."""

    room_id: str
    name: str
    is_encrypted: bool = False
    names: dict[str, str] = {}


class _Contact(msgspec.Struct):
    user_id: str
    name: str = ""


class _ContactsFile(msgspec.Struct):
    """What `data/chat/contacts.json` holds."""

    contacts: list[_Contact] = []
    ignored: list[str] = []


class _Setting(msgspec.Struct):
    type: str
    content: JsonObject


class _SettingsFile(msgspec.Struct):
    """What `data/chat/settings.json` holds."""

    account_data: list[_Setting] = []


class _ShownFile(msgspec.Struct):
    avatar_url: str = ""


class _ProfileFile(msgspec.Struct):
    """What `data/accounts/profile.json` holds, of the picture."""

    profile: _ShownFile


class ChatReceiver:
    """Brings in what was said, shown and set elsewhere."""

    def offer(self, archive: privacy.BroughtArchive) -> list[privacy.Offer]:
        """What it finds."""
        found = _Finder(archive)
        rooms = list(found.rooms())
        locked = sum(room.is_encrypted for _, room in rooms)
        contacts = found.contacts()
        offers = [
            privacy.Offer(kind="avatar", count=int(found.picture() is not None)),
            privacy.Offer(kind="settings", count=len(found.settings())),
            privacy.Offer(kind="contacts", count=len(contacts.contacts)),
            privacy.Offer(kind="ignored", count=len(contacts.ignored)),
            privacy.Offer(kind="chats", count=len(rooms) - locked),
            privacy.Offer(kind="documents", count=len(found.documents())),
            privacy.Offer(kind="encrypted", count=locked, will=False, why="locked"),
        ]
        keys = archive.paths("data/records/chat_key_backup_version.jsonl")
        money = archive.paths("data/records/wallet_wallet.jsonl")
        return [
            *offers,
            privacy.Offer(kind="keys", count=len(keys), will=False, why="keys-stay"),
            privacy.Offer(kind="money", count=len(money), will=False, why="money-stays"),
        ]

    async def receive(self, services: Services, receiving: privacy.Receiving) -> None:
        """Bring in what is wanted."""
        await _Bringer(services, receiving).bring()

    async def undo(self, services: Services, user_id: str, items: Sequence[privacy.Item]) -> None:
        """Take it back."""
        db = services.db
        gone = {
            kind: frozenset(item.key for item in items if item.kind == kind)
            for kind in ("contacts", "ignored")
        }
        await db.write(take_back_contacts, user_id, gone["contacts"])
        await db.write(take_back_ignored, user_id, gone["ignored"])
        for item in items:
            if item.kind in {"chats", "documents"}:
                await db.write(remove_brought_room, item.made)
            elif item.kind == "settings":
                await db.write(take_back_setting, user_id, item)
            elif item.kind == "avatar":
                await db.write(accounts.take_back_field, user_id, item)
        for item in items:
            if item.kind == "files":
                await db.write(take_back_media, user_id, item.made)


class _Finder:
    """Finds what chat knows in an archive."""

    def __init__(self, archive: privacy.BroughtArchive) -> None:
        self._archive = archive

    def rooms(self) -> Iterator[tuple[str, _RoomFile]]:
        """Every chat, with its folder."""
        for path in self._archive.paths("chats/"):
            if path.endswith("/room.json"):
                raw = self._archive.read(path)
                assert raw is not None
                yield path.removesuffix("room.json"), msgspec.json.decode(raw, type=_RoomFile)

    def said(self, folder: str) -> Iterator[Said]:
        """The events of a chat."""
        for line in self._archive.lines(f"{folder}events.jsonl"):
            yield msgspec.json.decode(line, type=Said)

    def contacts(self) -> _ContactsFile:
        """Whom the member knew, and whom they ignored."""
        raw = self._archive.read("data/chat/contacts.json")
        found = _ContactsFile() if raw is None else msgspec.json.decode(raw, type=_ContactsFile)
        return _ContactsFile(
            [one for one in found.contacts if is_user_id(one.user_id)][:_LIST_MAX],
            [one for one in found.ignored if is_user_id(one)][:_LIST_MAX],
        )

    def settings(self) -> list[_Setting]:
        """What their apps kept, as far as it means something elsewhere."""
        raw = self._archive.read("data/chat/settings.json")
        found = [] if raw is None else msgspec.json.decode(raw, type=_SettingsFile).account_data
        return [one for one in found if is_brought(one.type) and one.content][:_LIST_MAX]

    def documents(self) -> list[str]:
        """Statements and receipts."""
        return self._archive.paths("money/statements/")

    def picture(self) -> str | None:
        """The path of the member's picture."""
        raw = self._archive.read("data/accounts/profile.json")
        if raw is None:
            return None
        return self.media_path(msgspec.json.decode(raw, type=_ProfileFile).profile.avatar_url)

    def media_path(self, uri: str) -> str | None:
        """The path of a file that came along, by its content URI there."""
        prefix = f"mxc://{self._archive.manifest.server_name}/"
        if not uri.startswith(prefix):
            return None
        stem = f"media/{uri.removeprefix(prefix)}."
        return next((path for path in self._archive.paths(stem)), None)


class _Bringer:
    """Brings one archive in."""

    def __init__(self, services: Services, receiving: privacy.Receiving) -> None:
        self._db = services.db
        self._store = services.get(RoomStore)
        self._defaults = services.get(RoomDefaults)
        self._desk = services.get(MediaDesk)
        self._receiving = receiving
        self._found = _Finder(receiving.archive)
        self._place = (receiving.import_id, receiving.user_id)
        self._from = receiving.archive.manifest.server_name

    async def bring(self) -> None:
        """What is wanted, the small things first."""
        receiving = self._receiving
        contacts = self._found.contacts()
        if receiving.wants("contacts"):
            told: list[JsonObject] = [
                {"user_id": one.user_id, "name": one.name[:_NAME_LENGTH_MAX], "from": self._from}
                for one in contacts.contacts
            ]
            await self._db.write(bring_contacts, *self._place, told)
            await receiving.advance("contacts")
        if receiving.wants("ignored"):
            await self._db.write(bring_ignored, *self._place, contacts.ignored)
            await receiving.advance("ignored")
        if receiving.wants("settings"):
            for one in self._found.settings():
                await self._db.write(
                    bring_setting, *self._place, data_type=one.type, content=one.content
                )
                await receiving.advance("settings")
        if receiving.wants("avatar"):
            await self._bring_picture()
        if receiving.wants("chats"):
            for folder, room in self._found.rooms():
                if not room.is_encrypted:
                    await self._bring_chat(folder, room)
                    await receiving.advance("chats")
        if receiving.wants("documents"):
            await self._bring_documents()

    async def _bring_picture(self) -> None:
        path = self._found.picture()
        if path is not None and await self._receiving.find_item("avatar", "avatar_url") is None:
            uri = await self._upload(path)
            if uri is not None:
                await self._db.write(
                    accounts.bring_field,
                    *self._place,
                    field="avatar_url",
                    value=uri,
                    kind="avatar",
                )
        await self._receiving.advance("avatar")

    async def _bring_chat(self, folder: str, found: _RoomFile) -> None:
        name = f"{found.name[:_NAME_LENGTH_MAX]} ({self._from})"
        room = BroughtRoom(
            kind="chats",
            key=folder.strip("/").rpartition("/")[2],
            name=name,
            topic=f"{self._from} · {found.room_id}",
            from_server=self._from,
            from_room=found.room_id,
        )
        await self._say(room, self._contents(folder, found))

    async def _contents(
        self, folder: str, found: _RoomFile
    ) -> AsyncIterator[tuple[int, JsonObject | None]]:
        """The messages of a chat as they are said here; None for a line that is not."""
        for event in self._found.said(folder):
            url = event.content.get("url")
            path = self._found.media_path(url) if isinstance(url, str) else None
            uri = None if path is None else await self._upload(path)
            urls = {str(url): uri} if uri is not None else {}
            name = found.names.get(event.sender, event.sender)[:_NAME_LENGTH_MAX]
            yield event.origin_server_ts, to_archived(event, name, urls=urls)

    async def _bring_documents(self) -> None:
        room = BroughtRoom(
            kind="documents",
            key="statements",
            name=f"{self._from}: statements · 对账单",
            topic=self._from,
            from_server=self._from,
        )
        await self._say(room, self._documents())

    async def _documents(self) -> AsyncIterator[tuple[int, JsonObject | None]]:
        at = self._receiving.archive.manifest.created_at
        for path in self._found.documents():
            name = path.rpartition("/")[2]
            uri = await self._upload(path)
            content: JsonObject = {"msgtype": "m.file", "body": name, "url": uri, "filename": name}
            await self._receiving.advance("documents")
            yield at, None if uri is None else content

    async def _say(
        self, room: BroughtRoom, contents: AsyncIterator[tuple[int, JsonObject | None]]
    ) -> None:
        """Say the messages of a room, from where a crash left off."""
        item = await self._receiving.find_item(room.kind, room.key)
        position = Position() if item is None else msgspec.json.decode(item.before, type=Position)
        if position.is_whole:
            return
        room_id = (
            item.made
            if item is not None
            else await self._db.write(
                open_brought_room, self._store, self._defaults, place=self._place, room=room
            )
        )
        line, waiting = 0, list[tuple[int, JsonObject]]()
        async for at, content in contents:
            line += 1
            if line <= position.lines or content is None:
                continue
            waiting.append((at, content))
            if len(waiting) >= _SAID_AT_ONCE:
                await self._say_part(room, Part(room_id, waiting, line))
                waiting = []
        if waiting:
            await self._say_part(room, Part(room_id, waiting, line))
        await self._db.write(
            let_member_in, self._store, place=self._place, room=room, room_id=room_id
        )

    async def _say_part(self, room: BroughtRoom, part: Part) -> None:
        await self._db.write(say_again, self._store, place=self._place, room=room, part=part)

    async def _upload(self, path: str) -> str | None:
        """The content URI here of a file of the archive; None where there is no room for it."""
        before = await self._receiving.find_item("files", path)
        if before is not None:
            return self._desk.uri(before.made)
        ending = path[path.rfind(".") :]
        details = UploadDetails(
            _TYPES.get(ending, "application/octet-stream"), path.rpartition("/")[2]
        )
        requester = Requester(user_id=self._receiving.user_id)
        content = self._receiving.archive.stream(path)
        try:
            media_id = await self._desk.upload(requester, content, details)
        except (QuotaExceeded, UploadTooLarge):
            return None
        # Between the two a crash leaves a file more, which the member sees among their uploads.
        item = privacy.Item(kind="files", key=path, made=media_id)
        await self._db.write(privacy.note_item, *self._place, item)
        return self._desk.uri(media_id)

"""What chat puts into a member's archive: chats as they may see them, files, contacts, settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

import msgspec

from teahouse import privacy
from teahouse.chat.archives.queries import (
    ChatOutline,
    export_contacts,
    export_settings,
    find_media,
    find_names,
    list_rooms,
    measure,
    outline_room,
    read_events,
    read_own_media,
)
from teahouse.chat.archives.rules import Said, media_path, render_files, render_said, word
from teahouse.chat.event_store.types import StoredEvent
from teahouse.chat.media.rules import find_media_ids
from teahouse.chat.media.tables import MEDIA_FILES
from teahouse.chat.media.types import Media
from teahouse.chat.moderation.personal_data import export_member as export_reports
from teahouse.chat.sanctions.personal_data import export_member as export_sanctions
from teahouse.chat.suggestions.queries import list_suggestions
from teahouse.platform.errors import NotFound
from teahouse.platform.json import encode_json
from teahouse.platform.services import Services

# Of a page: a browser shows it at once.
_PAGE_EVENTS: Final = 1000
# About what an event takes, twice: as JSON and as a line of a page.
_EVENT_BYTES: Final = 1000
# A topic that fits beside a name.
_NOTE_LENGTH_MAX: Final = 60
# Ids in one statement.
_IDS_MAX: Final = 500


class ChatSource:
    """Chats, files, contacts and settings."""

    told: Mapping[str, str] = {
        "chat_event.pdu": "chats/",
        "chat_report": "data/chat/reports.json",
        "chat_sanction": "data/chat/sanctions.json",
        "chat_suggestion.sealed": "data/chat/suggestions.json",
    }
    left_out: Mapping[str, str] = {
        "chat_search_event": "Made from your messages, which are in here, to find them again.",
        "chat_search_word": "Made from your messages, which are in here, to find them again.",
    }

    async def measure(self, services: Services, member: privacy.ArchiveMember) -> int:
        """About how many bytes it will write."""
        events, files = await services.db.read(measure, member.user_id)
        return events * _EVENT_BYTES + files

    async def write(
        self, services: Services, member: privacy.ArchiveMember
    ) -> AsyncIterator[privacy.ArchiveEntry | privacy.Document]:
        """Its files."""
        is_zh = member.language == "zh"
        contacts = await services.db.read(export_contacts, member.user_id)
        yield privacy.Document(
            name="chat/contacts",
            title="联系人和屏蔽名单" if is_zh else "Contacts, and whom you ignore",
            group="account",
            data=contacts,
        )
        settings = await services.db.read(export_settings, member.user_id)
        yield privacy.Document(
            name="chat/settings",
            title="应用设置" if is_zh else "Settings of your apps",
            group="account",
            data=settings,
        )
        yield privacy.Document(
            name="chat/reports",
            title="您的举报" if is_zh else "What you reported",
            group="privacy",
            data=await services.db.read(export_reports, member.user_id),
        )
        yield privacy.Document(
            name="chat/sanctions",
            title="对您的处罚和您的申诉" if is_zh else "Sanctions against you, and your appeals",
            group="privacy",
            data=await services.db.read(export_sanctions, member.user_id),
        )
        found = await services.db.read(
            list_suggestions, member.user_id, services.get(privacy.PurposeKeys)
        )
        yield privacy.Document(
            name="chat/suggestions",
            title="推荐给您的人" if is_zh else "People suggested to you",
            group="privacy",
            data={"suggestions": msgspec.to_builtins(found)},
        )
        writer = _Chats(services, member)
        for room_id in await services.db.read(list_rooms, member.user_id):
            async for entry in writer.write_room(room_id):
                yield entry
        async for entry in writer.write_files():
            yield entry


class _Chats:
    """Writes chats one after another, and remembers which files they show."""

    def __init__(self, services: Services, member: privacy.ArchiveMember) -> None:
        self._db, self._files = services.db, services.files
        self._member = member
        self._shown: dict[str, None] = {}
        self._count = 0

    async def write_room(self, room_id: str) -> AsyncIterator[privacy.ArchiveEntry]:
        """The files of a room."""
        own = self._member.user_id
        room = await self._db.read(outline_room, own, room_id)
        if room is None:
            return
        self._count += 1
        folder = f"chats/{self._count:04}"
        names: dict[str, str] = {}
        yield _entry(f"{folder}/events.jsonl", self._events(room, names))
        about = {**msgspec.to_builtins(room), "names": names}
        del about["stretches"]
        yield _entry(f"{folder}/room.json", encode_json(about))
        async for page in self._pages(room, folder):
            yield page

    async def _events(self, room: ChatOutline, names: dict[str, str]) -> AsyncIterator[bytes]:
        """All events as lines of JSON, noting who speaks and which files are shown."""
        after = -1
        while part := await self._db.read(read_events, room, after=after):
            after = part[-1].position
            unknown = {event.sender for event in part} - names.keys()
            names.update(await self._db.read(find_names, unknown))
            for event in part:
                shown = find_media_ids(event.json, self._member.server_name)
                self._shown.update(dict.fromkeys(shown))
            yield b"".join(event.json + b"\n" for event in part)

    async def _pages(self, room: ChatOutline, folder: str) -> AsyncIterator[privacy.ArchiveEntry]:
        """The chat to be read, some hundred messages a page."""
        number, after = 1, -1
        part = await self._db.read(read_events, room, after=after, limit=_PAGE_EVENTS)
        while True:
            following: list[StoredEvent] = []
            if len(part) == _PAGE_EVENTS:
                after = part[-1].position
                following = await self._db.read(read_events, room, after=after, limit=_PAGE_EVENTS)
            page = await self._render(room, part, number=number, is_last=not following)
            note = room.topic if len(room.topic) <= _NOTE_LENGTH_MAX else ""
            yield privacy.ArchiveEntry(
                path=f"{folder}/page-{number}.html",
                content=page,
                group="chats",
                title=room.name if number == 1 else "",
                note=note if number == 1 else "",
            )
            if not following:
                return
            part, number = following, number + 1

    async def _render(
        self, room: ChatOutline, part: Sequence[StoredEvent], *, number: int, is_last: bool
    ) -> bytes:
        language = self._member.language
        said = [msgspec.json.decode(event.json, type=Said) for event in part]
        who = {one.sender for one in said} | {one.state_key for one in said if one.state_key}
        names = await self._db.read(find_names, {one for one in who if one.startswith("@")})
        media: dict[str, str] = {}
        ids = {m for e in part for m in find_media_ids(e.json, self._member.server_name)}
        for media_id, found in (await self._find_media(ids)).items():
            uri = f"mxc://{self._member.server_name}/{media_id}"
            media[uri] = f"../../{media_path(media_id, found.content_type)}"
        nav = [("../../index.html", word("start", language))]
        if number > 1:
            nav.append((f"page-{number - 1}.html", word("earlier", language)))
        if not is_last:
            nav.append((f"page-{number + 1}.html", word("later", language)))
        nav.append(("events.jsonl", word("as_json", language)))
        body = render_said(
            said, own=self._member.user_id, names=names, media=media, language=language
        )
        return privacy.render_page(room.name, body, language=language, nav=nav)

    async def _find_media(self, ids: set[str]) -> dict[str, Media]:
        found: dict[str, Media] = {}
        ordered = sorted(ids)
        for start in range(0, len(ordered), _IDS_MAX):
            found |= await self._db.read(find_media, ordered[start : start + _IDS_MAX])
        return found

    async def write_files(self) -> AsyncIterator[privacy.ArchiveEntry]:
        """What the member has uploaded, and what their chats show of others."""
        told: list[tuple[str, str, str]] = []
        after = ""
        while own := await self._db.read(read_own_media, self._member.user_id, after=after):
            after = own[-1].media_id
            for media in own:
                self._shown.pop(media.media_id, None)
                async for entry in self._write_file(media, told):
                    yield entry
        for media in (await self._find_media(set(self._shown))).values():
            async for entry in self._write_file(media, told):
                yield entry
        if told:
            language = self._member.language
            page = render_files(told, language)
            yield privacy.ArchiveEntry(
                path="pages/chat/files.html",
                content=page,
                group="files",
                title=word("files", language),
                note=str(len(told)),
            )

    async def _write_file(
        self, media: Media, told: list[tuple[str, str, str]]
    ) -> AsyncIterator[privacy.ArchiveEntry]:
        try:
            opened = await self._files.get(MEDIA_FILES, media.stored_as)
        except NotFound:
            # Deleted since its row was read.
            return
        path = media_path(media.media_id, media.content_type)
        note = f"{media.size:,} B · {privacy.tell_instant(media.created_at)[:10]}"
        told.append((f"../../{path}", media.file_name or media.media_id, note))
        yield privacy.ArchiveEntry(
            path=path, content=opened.stream(), group="files", is_packed=True
        )


def _entry(path: str, content: bytes | AsyncIterator[bytes]) -> privacy.ArchiveEntry:
    return privacy.ArchiveEntry(path=path, content=content, group="chats")

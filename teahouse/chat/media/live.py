"""Takes in and hands out media: where the file store, the database and those who wait meet.

Files are never touched inside a transaction. Used in the event loop only.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING, TypeAlias

from litestar.exceptions import InternalServerException

from teahouse.chat.media import commands, queries, rules
from teahouse.chat.media.access import access_download
from teahouse.chat.media.announcements import MediaUploaded
from teahouse.chat.media.errors import (
    MediaNotFound,
    NotYetUploaded,
    QuotaExceeded,
    UploadInterrupted,
    UploadTooLarge,
)
from teahouse.chat.media.tables import MEDIA_FILES, THUMBNAIL_FILES
from teahouse.chat.media.types import (
    Media,
    MediaLimits,
    ReceivedFile,
    StoredThumbnail,
    UploadDetails,
)
from teahouse.chat.thumbnails.errors import NotAPicture, PictureTooLarge
from teahouse.chat.thumbnails.rules import SOURCE_BYTES_MAX, is_picture_type, make_thumbnail
from teahouse.platform.errors import Overloaded, Refusal, TooLarge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from teahouse.chat.thumbnails.types import ThumbnailForm
    from teahouse.platform.announcements import Announcement
    from teahouse.platform.files import OpenedFile
    from teahouse.platform.requester import Requester
    from teahouse.platform.services import Services

# Decoding takes a core and up to 100 MB; others shall not feel it.
_MAKING_AT_ONCE = 2
_MAKING_MAX = 64
# What could not be decoded is not tried again and again.
_FAILED_MAX = 1000
_FILE_NAME_BYTES = 18

_Key: TypeAlias = tuple[str, str]
"""A media id and the name of a thumbnail's form."""


class MediaDesk:
    """Uploads, downloads and thumbnails of one server.

    Args:
        services: the running server's parts.

    Attributes:
        limits: what the operator has set.
    """

    def __init__(self, services: Services) -> None:
        settings = services.settings
        self.limits = MediaLimits(settings.upload_bytes_limit, settings.upload_member_bytes_limit)
        self._server_name = settings.server_name
        self._db = services.db
        self._files = services.files
        self._secrets = services.chance.secrets
        self._waiting: dict[str, set[asyncio.Future[None]]] = {}
        self._making: dict[_Key, asyncio.Task[StoredThumbnail]] = {}
        self._making_slots = asyncio.Semaphore(_MAKING_AT_ONCE)
        self._failed: OrderedDict[_Key, type[Refusal]] = OrderedDict()
        self._noting: dict[str, asyncio.Task[None]] = {}
        self._db.listen(self._hear)

    # Uploads

    async def create(self, requester: Requester) -> Media:
        """Give out a content URI whose content will come later.

        Raises:
            TooManyPendingUploads: too many wait already.
            QuotaExceeded: nothing more may be uploaded.
        """
        return await self._db.write(
            commands.create_media, requester, limits=self.limits, unused_ms=rules.UNUSED_MS
        )

    async def upload(
        self, requester: Requester, content: AsyncIterator[bytes], details: UploadDetails
    ) -> str:
        """Take in a file.

        Returns:
            Its media id.

        Raises:
            TooManyPendingUploads: too many uploads at a time.
            QuotaExceeded: more than is left to the member.
            UploadTooLarge: more than the limit.
            UploadInterrupted: the client went away.
        """
        media = await self._db.write(
            commands.create_media, requester, limits=self.limits, unused_ms=rules.UPLOAD_MS
        )
        try:
            await self._receive(requester, media.media_id, content=content, details=details)
        except BaseException:
            # Also where the request was cancelled: its place would count as pending.
            await asyncio.shield(
                self._db.write(commands.abandon_upload, requester, media_id=media.media_id)
            )
            raise
        return media.media_id

    async def upload_to(
        self,
        requester: Requester,
        media_id: str,
        *,
        content: AsyncIterator[bytes],
        details: UploadDetails,
    ) -> None:
        """Take in the content of a content URI that was created before.

        Raises:
            MediaNotFound: never created, or expired.
            NotYourUpload: created by someone else.
            AlreadyUploaded: its content is there.
            QuotaExceeded: more than is left to the member.
            UploadTooLarge: more than the limit.
            UploadInterrupted: the client went away.
        """
        await self._receive(requester, media_id, content=content, details=details)

    async def _receive(
        self,
        requester: Requester,
        media_id: str,
        *,
        content: AsyncIterator[bytes],
        details: UploadDetails,
    ) -> None:
        bytes_left = await self._db.read(
            queries.find_upload_bytes_left, requester, limits=self.limits, media_id=media_id
        )
        received = await self._store(content, bytes_left)
        try:
            await self._db.write(
                commands.complete_upload,
                requester,
                limits=self.limits,
                media_id=media_id,
                details=details,
                received=received,
            )
        except Refusal:
            await self._files.delete(MEDIA_FILES, received.stored_as)
            raise

    async def _store(self, content: AsyncIterator[bytes], bytes_left: int) -> ReceivedFile:
        token = self._secrets.token(_FILE_NAME_BYTES)
        stored_as = f"{token[:2]}/{token}"
        digest = hashlib.sha256()
        try:
            size = await self._files.put(
                MEDIA_FILES, stored_as, _digested(content, digest), bytes_limit=bytes_left
            )
        except TooLarge:
            if bytes_left < self.limits.upload_bytes:
                raise QuotaExceeded from None
            raise UploadTooLarge(limit=bytes_left) from None
        return ReceivedFile(stored_as, size, digest.hexdigest())

    # Downloads

    def check_server(self, server_name: str) -> None:
        """Check that a content URI is of this server; there is no federation.

        Raises:
            MediaNotFound: it is not.
        """
        if server_name != self._server_name:
            raise MediaNotFound

    def uri(self, media_id: str) -> str:
        """The content URI."""
        return f"mxc://{self._server_name}/{media_id}"

    async def find(self, requester: Requester, media_id: str, *, wait_ms: int) -> Media:
        """Media whose content is there; waits for one that is on its way.

        Args:
            requester: any member.
            media_id: the last part of a content URI of this server.
            wait_ms: for how long, milliseconds; cut to `rules.WAIT_MS_MAX`.

        Raises:
            MediaNotFound: never there, expired or quarantined.
            NotYetUploaded: the time is over.
        """
        media = await self._db.read(access_download, requester, media_id)
        if media.status == "stored":
            self._note_look(media)
            return media
        arrival = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(media_id, set()).add(arrival)
        try:
            # It may have come between the first look and the waiting.
            media = await self._db.read(access_download, requester, media_id)
            if media.status == "waiting":
                seconds = min(wait_ms, rules.WAIT_MS_MAX) / 1000
                await asyncio.wait([arrival], timeout=seconds)
                media = await self._db.read(access_download, requester, media_id)
        finally:
            self._stop_waiting(media_id, arrival)
        if media.status == "waiting":
            raise NotYetUploaded
        return media

    async def open(self, media: Media, *, start: int = 0, end: int | None = None) -> OpenedFile:
        """The content of media that `find` has found, or a part of it."""
        return await self._files.get(MEDIA_FILES, media.stored_as, start=start, end=end)

    def _note_look(self, media: Media) -> None:
        is_noted = media.last_used_at > self._db.clock.now_ms() - rules.LOOKS_NOTED_MS
        if is_noted or media.media_id in self._noting:
            return
        # The request does not wait for this.
        task = asyncio.create_task(self._write_look(media.media_id), name="look")
        self._noting[media.media_id] = task

    async def settle(self) -> None:
        """Wait until all looks are noted (in tests)."""
        await asyncio.gather(*self._noting.values())

    async def _write_look(self, media_id: str) -> None:
        try:
            await self._db.write_batched(commands.note_looks, media_id)
        except Overloaded:
            pass  # the next look will do
        finally:
            del self._noting[media_id]

    def _stop_waiting(self, media_id: str, arrival: asyncio.Future[None]) -> None:
        arrival.cancel()
        waiting = self._waiting.get(media_id, set())
        waiting.discard(arrival)
        if not waiting:
            self._waiting.pop(media_id, None)

    def _hear(self, announcements: list[Announcement], _position: int) -> None:
        if not self._waiting:
            return
        for announcement in announcements:
            if isinstance(announcement, MediaUploaded):
                for arrival in self._waiting.get(announcement.media_id, ()):
                    # The listener may be called in the writer thread.
                    arrival.get_loop().call_soon_threadsafe(_arrive, arrival)

    # Thumbnails

    async def find_thumbnail(
        self, requester: Requester, media_id: str, *, form: ThumbnailForm, wait_ms: int
    ) -> StoredThumbnail:
        """A thumbnail, made now if nobody has asked for it before.

        Raises:
            MediaNotFound: never there, expired or quarantined.
            NotYetUploaded: the picture has not come in time.
            NotAPicture: there can be no thumbnail.
            PictureTooLarge: more than is decoded here.
            Overloaded: many others are being made.
        """
        await self.find(requester, media_id, wait_ms=wait_ms)
        media, stored = await self._db.read(
            queries.find_thumbnail, requester, media_id=media_id, form=form.name
        )
        if stored is not None:
            return stored
        if not is_picture_type(media.content_type):
            raise NotAPicture
        if media.size > SOURCE_BYTES_MAX:
            raise PictureTooLarge
        # Whoever asks while it is being made gets the same one; who goes away stops nothing.
        return await asyncio.shield(self._start_making(media, form))

    async def open_thumbnail(self, thumbnail: StoredThumbnail) -> OpenedFile:
        """The content of a thumbnail."""
        return await self._files.get(THUMBNAIL_FILES, thumbnail.stored_as)

    def _start_making(self, media: Media, form: ThumbnailForm) -> asyncio.Task[StoredThumbnail]:
        key = (media.media_id, form.name)
        if key in self._failed:
            raise self._failed[key]
        if key not in self._making:
            if len(self._making) >= _MAKING_MAX:
                raise Overloaded
            task = asyncio.create_task(self._make(media, form), name="thumbnail")
            self._making[key] = task
            task.add_done_callback(lambda done: self._finish_making(key, done))
        return self._making[key]

    def _finish_making(self, key: _Key, task: asyncio.Task[StoredThumbnail]) -> None:
        del self._making[key]
        if task.cancelled():
            return
        trouble = task.exception()
        if isinstance(trouble, NotAPicture | PictureTooLarge):
            self._failed[key] = type(trouble)
            if len(self._failed) > _FAILED_MAX:
                self._failed.popitem(last=False)

    async def _make(self, media: Media, form: ThumbnailForm) -> StoredThumbnail:
        async with self._making_slots:
            source = await (await self.open(media)).read()
            made = await asyncio.to_thread(make_thumbnail, source, form)
        stored_as = f"{media.stored_as}/{form.name}"
        await self._files.put(THUMBNAIL_FILES, stored_as, made.content)
        thumbnail = StoredThumbnail(stored_as, made.content_type, len(made.content))
        try:
            await self._db.write(
                commands.store_thumbnail, media.media_id, form=form.name, thumbnail=thumbnail
            )
        except MediaNotFound:
            await self._files.delete(THUMBNAIL_FILES, stored_as)
            raise
        return thumbnail


def _arrive(arrival: asyncio.Future[None]) -> None:
    if not arrival.done():
        arrival.set_result(None)


async def _digested(content: AsyncIterator[bytes], digest: hashlib._Hash) -> AsyncIterator[bytes]:
    try:
        async for piece in content:
            digest.update(piece)
            yield piece
    except InternalServerException:
        # The router's word for a client that went away; it is nobody's defect.
        raise UploadInterrupted from None

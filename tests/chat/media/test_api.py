"""Uploading and downloading over HTTP, on both databases."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from teahouse.chat import media
from teahouse.chat.media import api, commands, jobs, queries, rules
from teahouse.chat.media.errors import NotAModerator
from teahouse.chat.media.live import MediaDesk
from teahouse.chat.media.personal_data import erase_member, export_member
from teahouse.chat.media.tables import MEDIA_FILES, THUMBNAIL_FILES
from teahouse.chat.media.types import UploadDetails
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.jobs import NoPayload, Worker
from tests.chat.media.kit import SERVER, make_open_house, make_open_services, requester
from tests.chat.thumbnails.kit import animation, picture, png_bomb
from tests.kit.house import House

V1 = "/_matrix/client/v1/media"
UPLOAD = "/_matrix/media/v3/upload"
CREATE = "/_matrix/media/v1/create"


class Desk:
    """A house with media only, and short ways to use them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.services = house.services
        self.db = house.db

    async def upload(
        self, content: bytes, content_type: str = "image/png", *, by: str = "ada", name: str = ""
    ) -> str:
        answered = await self.try_upload(content, content_type, by=by, name=name)
        assert answered.status_code == 200, answered.text
        uri: str = answered.json()["content_uri"]
        assert uri.startswith(f"mxc://{SERVER}/")
        return uri.rpartition("/")[2]

    async def try_upload(
        self,
        content: bytes | AsyncIterator[bytes],
        content_type: str = "image/png",
        *,
        by: str = "ada",
        name: str = "",
    ) -> httpx.Response:
        return await self.house.call(
            "POST",
            UPLOAD,
            token=by,
            content=content,
            headers={"Content-Type": content_type},
            params={"filename": name} if name else {},
        )

    async def download(
        self, media_id: str, *, by: str | None = "ben", **headers: str
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        path = f"{V1}/download/{SERVER}/{media_id}"
        return await self.house.call("GET", path, token=by, headers=named)

    async def thumbnail(self, media_id: str, *, by: str = "ben", **query: Any) -> httpx.Response:
        asked = {"width": 96, "height": 96, "method": "crop", **query}
        path = f"{V1}/thumbnail/{SERVER}/{media_id}"
        return await self.house.call("GET", path, token=by, params=asked)

    async def files(self) -> list[str]:
        return [
            file.name
            for file_class in (MEDIA_FILES, THUMBNAIL_FILES)
            async for file in self.services.files.list(file_class)
        ]

    async def run_jobs(self) -> None:
        await Worker(self.db, self.services, jobs.JOBS).run_due()


Test = Callable[[Desk], Awaitable[None]]


@pytest.fixture
def run(db: Database, tmp_path: Path) -> Callable[..., None]:
    """Runs a test in a house of its own."""

    def run_in_loop(test: Test, **settings: Any) -> None:
        async def in_loop() -> None:
            services = make_open_services(db, tmp_path, **settings)
            media.install(services)
            await test(Desk(make_open_house(services, api.ROUTES)))

        asyncio.run(in_loop())

    return run_in_loop


def refused(answered: httpx.Response, status: int, errcode: str) -> None:
    assert (answered.status_code, answered.json()["errcode"]) == (status, errcode)


def opened(answered: httpx.Response) -> Image.Image:
    assert answered.status_code == 200, answered.text
    return Image.open(io.BytesIO(answered.content))


def test_what_is_uploaded_is_downloaded_by_any_member(run: Callable[..., None]) -> None:
    async def test(desk: Desk) -> None:
        content = bytes(range(256)) * 5000
        media_id = await desk.upload(content, "application/octet-stream", name="é.bin")
        answered = await desk.download(media_id)
        assert answered.status_code == 200
        assert answered.content == content
        assert answered.headers["content-type"] == "application/octet-stream"
        assert answered.headers["content-length"] == str(len(content))
        assert answered.headers["content-disposition"] == "attachment; filename*=utf-8''%C3%A9.bin"
        assert "sandbox" in answered.headers["content-security-policy"]
        assert answered.headers["x-content-type-options"] == "nosniff"
        named = await desk.house.call(
            "GET", f"{V1}/download/{SERVER}/{media_id}/my%20cat.png", token="ben"
        )
        assert named.headers["content-disposition"] == 'attachment; filename="my cat.png"'

    run(test)


def test_an_empty_file_is_a_file(run: Callable[..., None]) -> None:
    async def test(desk: Desk) -> None:
        media_id = await desk.upload(b"", "text/plain")
        answered = await desk.download(media_id)
        assert (answered.status_code, answered.content) == (200, b"")
        assert answered.headers["content-type"] == "text/plain"
        refused(await desk.download(media_id, range="bytes=0-"), 416, "M_UNKNOWN")

    run(test)


def test_a_stranger_sees_nothing(run: Callable[..., None]) -> None:
    async def test(desk: Desk) -> None:
        media_id = await desk.upload(picture())
        refused(await desk.download(media_id, by=None), 401, "M_MISSING_TOKEN")
        for path in (
            f"download/{SERVER}/{media_id}",
            f"download/{SERVER}/{media_id}/x.png",
            f"thumbnail/{SERVER}/{media_id}",
        ):
            legacy = await desk.house.call("GET", f"/_matrix/media/v3/{path}", token="ada")
            refused(legacy, 404, "M_NOT_FOUND")
        for method, path in (
            ("POST", UPLOAD),
            ("POST", CREATE),
            ("PUT", f"{UPLOAD}/{SERVER}/{media_id}"),
            ("GET", f"{V1}/thumbnail/{SERVER}/{media_id}?width=1&height=1"),
            ("GET", f"{V1}/config"),
            ("GET", f"{V1}/preview_url?url=http://localhost/"),
        ):
            refused(await desk.house.call(method, path), 401, "M_MISSING_TOKEN")

    run(test)


@pytest.mark.parametrize(
    "path",
    ["other.server/abc", f"{SERVER}/abc", f"{SERVER}/..%2F..%2Fetc%2Fpasswd", f"{SERVER}/a%00"],
)
def test_what_was_never_uploaded_is_not_found(run: Callable[..., None], path: str) -> None:
    async def test(desk: Desk) -> None:
        for kind in ("download", "thumbnail"):
            answered = await desk.house.call(
                "GET", f"{V1}/{kind}/{path}", token="ada", params={"width": 32, "height": 32}
            )
            assert answered.status_code in {400, 404}
            assert answered.json()["errcode"] in {"M_NOT_FOUND", "M_INVALID_PARAM"}

    run(test)


def test_a_part_can_be_downloaded(run: Callable[..., None]) -> None:
    async def test(desk: Desk) -> None:
        media_id = await desk.upload(b"0123456789", "video/mp4")
        part = await desk.download(media_id, range="bytes=2-4")
        assert (part.status_code, part.content) == (206, b"234")
        assert part.headers["content-range"] == "bytes 2-4/10"
        assert part.headers["content-length"] == "3"
        beyond = await desk.download(media_id, range="bytes=10-")
        refused(beyond, 416, "M_UNKNOWN")
        assert beyond.headers["content-range"] == "bytes */10"
        etag = part.headers["etag"]
        whole = await desk.download(media_id, range="bytes=2-4", if_range='"other"')
        assert (whole.status_code, whole.content) == (200, b"0123456789")
        known = await desk.download(media_id, if_none_match=etag)
        assert (known.status_code, known.content) == (304, b"")

    run(test)


def test_an_upload_has_a_limit(run: Callable[..., None]) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield bytes(100)

    async def test(desk: Desk) -> None:
        await desk.upload(bytes(1000))
        refused(await desk.try_upload(bytes(1001)), 413, "M_TOO_LARGE")
        refused(await desk.try_upload(pieces()), 413, "M_TOO_LARGE")
        assert len(await desk.files()) == 1
        assert len(desk.db.look(queries.list_media, f"@ada:{SERVER}")) == 1
        config = await desk.house.call("GET", f"{V1}/config", token="ada")
        assert config.json() == {"m.upload.size": 1000}

    run(test, upload_bytes_limit=1000)


def test_a_member_has_a_quota(run: Callable[..., None]) -> None:
    async def test(desk: Desk) -> None:
        await desk.upload(bytes(600))
        refused(await desk.try_upload(bytes(600)), 403, "M_FORBIDDEN")
        await desk.upload(bytes(400))
        refused(await desk.try_upload(b"x"), 403, "M_FORBIDDEN")
        refused(await desk.house.call("POST", CREATE, token="ada"), 403, "M_FORBIDDEN")
        await desk.upload(bytes(1000), by="ben")
        assert len(await desk.files()) == 3

    run(test, upload_bytes_limit=1000, upload_member_bytes_limit=1000)


def test_the_same_file_of_two_members_is_kept_twice(run: Callable[..., None]) -> None:
    async def test(desk: Desk) -> None:
        ids = {await desk.upload(b"same", by="ada"), await desk.upload(b"same", by="ben")}
        assert len(ids) == 2
        assert len(await desk.files()) == 2

    run(test)


def test_content_may_come_after_its_uri(run: Callable[..., None]) -> None:
    async def test(desk: Desk) -> None:
        created = await desk.house.call("POST", CREATE, token="ada")
        assert created.json()["unused_expires_at"] == desk.db.clock.now_ms() + rules.UNUSED_MS
        media_id = created.json()["content_uri"].rpartition("/")[2]
        put = f"{UPLOAD}/{SERVER}/{media_id}"
        early = await desk.house.call(
            "GET", f"{V1}/download/{SERVER}/{media_id}?timeout_ms=1", token="ben"
        )
        refused(early, 504, "M_NOT_YET_UPLOADED")
        foreign = await desk.house.call("PUT", put, token="ben", content=b"x")
        refused(foreign, 403, "M_FORBIDDEN")
        waiting = asyncio.create_task(desk.download(media_id))
        await asyncio.sleep(0.05)
        done = await desk.house.call(
            "PUT", put, token="ada", content=b"late", headers={"Content-Type": "text/plain"}
        )
        assert (done.status_code, done.json()) == (200, {})
        answered = await waiting
        assert (answered.status_code, answered.content) == (200, b"late")
        again = await desk.house.call("PUT", put, token="ada", content=b"other")
        refused(again, 409, "M_CANNOT_OVERWRITE_MEDIA")
        assert (await desk.download(media_id)).content == b"late"
        assert len(await desk.files()) == 1
        unknown = await desk.house.call("PUT", f"{UPLOAD}/{SERVER}/x", token="ada", content=b"")
        refused(unknown, 404, "M_NOT_FOUND")
        other = await desk.house.call("PUT", f"{UPLOAD}/other/x", token="ada", content=b"")
        refused(other, 404, "M_NOT_FOUND")

    run(test)


def test_of_two_uploads_to_one_uri_the_first_stays(run: Callable[..., None]) -> None:
    async def test(desk: Desk) -> None:
        created = await desk.house.call("POST", CREATE, token="ada")
        put = f"{UPLOAD}/{SERVER}/{created.json()['content_uri'].rpartition('/')[2]}"
        both = await asyncio.gather(
            *(desk.house.call("PUT", put, token="ada", content=text) for text in (b"one", b"two"))
        )
        assert sorted(answered.status_code for answered in both) == [200, 409]
        winner = (b"one", b"two")[both[1].status_code == 200]
        assert (await desk.download(put.rpartition("/")[2])).content == winner
        assert len(await desk.files()) == 1

    run(test)


def test_an_unused_uri_expires(run: Callable[..., None], clock: ManualClock) -> None:
    async def test(desk: Desk) -> None:
        created = await desk.house.call("POST", CREATE, token="ada")
        media_id = created.json()["content_uri"].rpartition("/")[2]
        clock.advance(rules.UNUSED_MS)
        put = f"{UPLOAD}/{SERVER}/{media_id}"
        refused(await desk.house.call("PUT", put, token="ada", content=b"x"), 404, "M_NOT_FOUND")
        refused(await desk.download(media_id), 404, "M_NOT_FOUND")
        await desk.run_jobs()
        assert desk.db.look(queries.list_media, f"@ada:{SERVER}") == []

    run(test)


def test_only_some_uploads_may_be_pending(
    run: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "PENDING_UPLOADS_MAX", 2)

    async def test(desk: Desk) -> None:
        for _ in range(2):
            assert (await desk.house.call("POST", CREATE, token="ada")).status_code == 200
        refused(await desk.house.call("POST", CREATE, token="ada"), 429, "M_LIMIT_EXCEEDED")
        assert (await desk.house.call("POST", CREATE, token="ben")).status_code == 200

    run(test)


def test_an_upload_that_breaks_off_leaves_nothing(run: Callable[..., None]) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"begun"
        raise ConnectionError

    async def test(desk: Desk) -> None:
        uploads = desk.services.get(MediaDesk)
        details = UploadDetails(rules.OCTET_STREAM, None)
        with pytest.raises(ConnectionError):
            await uploads.upload(requester("ada"), pieces(), details)
        assert await desk.files() == []
        assert desk.db.look(queries.list_media, f"@ada:{SERVER}") == []

    run(test)


def test_a_thumbnail_is_made_once(run: Callable[..., None]) -> None:
    async def test(desk: Desk) -> None:
        media_id = await desk.upload(picture("JPEG"), "image/jpeg")
        both = await asyncio.gather(*(desk.thumbnail(media_id) for _ in range(4)))
        assert len({answered.content for answered in both}) == 1
        image = opened(both[0])
        assert image.size == (96, 96)
        assert both[0].headers["content-type"] == "image/jpeg"
        assert both[0].headers["content-disposition"] == 'inline; filename="thumbnail.jpeg"'
        assert "sandbox" in both[0].headers["content-security-policy"]
        again = await desk.thumbnail(media_id, width=90, height=60)
        assert again.content == both[0].content
        assert len(await desk.files()) == 2
        assert opened(await desk.thumbnail(media_id, method="scale")).size == (96, 48)

    run(test)


def test_a_thumbnail_moves_when_asked_to(run: Callable[..., None]) -> None:
    async def test(desk: Desk) -> None:
        media_id = await desk.upload(animation(), "image/gif")
        moving = await desk.thumbnail(media_id, animated="true")
        assert moving.headers["content-type"] == "image/webp"
        still = await desk.thumbnail(media_id, animated="false")
        assert still.headers["content-type"] == "image/jpeg"

    run(test)


@pytest.mark.parametrize(
    ("content", "content_type", "status", "errcode"),
    [
        (b"no picture", "image/png", 400, "M_UNKNOWN"),
        (picture(), "application/octet-stream", 400, "M_UNKNOWN"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", 400, "M_UNKNOWN"),
        (png_bomb(30_000, 30_000), "image/png", 413, "M_TOO_LARGE"),
    ],
)
def test_there_is_no_thumbnail_of_what_is_no_harmless_picture(
    run: Callable[..., None], content: bytes, content_type: str, status: int, errcode: str
) -> None:
    async def test(desk: Desk) -> None:
        media_id = await desk.upload(content, content_type)
        for _ in range(2):
            refused(await desk.thumbnail(media_id), status, errcode)
        assert len(await desk.files()) == 1

    run(test)


@pytest.mark.parametrize(
    ("query", "errcode"),
    [
        ("width=32", "M_MISSING_PARAM"),
        ("height=32", "M_MISSING_PARAM"),
        ("width=a&height=1", "M_INVALID_PARAM"),
        ("width=-1&height=1", "M_INVALID_PARAM"),
        ("width=0&height=0", "M_INVALID_PARAM"),
        ("width=1&height=1&method=melt", "M_INVALID_PARAM"),
        ("width=1&height=1&animated=maybe", "M_INVALID_PARAM"),
    ],
)
def test_a_thumbnail_has_a_possible_size(
    run: Callable[..., None], query: str, errcode: str
) -> None:
    async def test(desk: Desk) -> None:
        path = f"{V1}/thumbnail/{SERVER}/{await desk.upload(picture())}?{query}"
        refused(await desk.house.call("GET", path, token="ben"), 400, errcode)

    run(test)


def test_this_server_looks_at_no_urls(run: Callable[..., None]) -> None:
    async def test(desk: Desk) -> None:
        path = f"{V1}/preview_url?url=http://localhost/"
        refused(await desk.house.call("GET", path, token="ada"), 404, "M_UNRECOGNIZED")

    run(test)


def test_a_moderator_quarantines_and_deletes(run: Callable[..., None]) -> None:
    async def test(desk: Desk) -> None:
        media_id = await desk.upload(picture())
        other_id = await desk.upload(picture())
        await desk.thumbnail(media_id)
        with pytest.raises(NotAModerator):
            await desk.db.write(
                commands.set_quarantine, requester("ben"), media_id=media_id, is_quarantined=True
            )
        with pytest.raises(NotAModerator):
            await desk.db.write(commands.delete_media, requester("ada"), media_id=media_id)
        with pytest.raises(NotAModerator):
            await desk.db.write(
                commands.quarantine_media_of_member, requester("ben"), user_id=f"@ada:{SERVER}"
            )
        await desk.db.write(
            commands.set_quarantine, requester("mo"), media_id=media_id, is_quarantined=True
        )
        refused(await desk.download(media_id), 404, "M_NOT_FOUND")
        refused(await desk.thumbnail(media_id), 404, "M_NOT_FOUND")
        assert (await desk.download(other_id)).status_code == 200
        counted = await desk.db.write(
            commands.quarantine_media_of_member, requester("olga"), user_id=f"@ada:{SERVER}"
        )
        assert counted == 1
        await desk.db.write(
            commands.set_quarantine, requester("mo"), media_id=media_id, is_quarantined=False
        )
        assert (await desk.download(media_id)).status_code == 200
        await desk.db.write(commands.delete_media, requester("olga"), media_id=media_id)
        await desk.run_jobs()
        refused(await desk.download(media_id), 404, "M_NOT_FOUND")
        assert len(await desk.files()) == 1

    run(test)


def test_a_members_media_can_be_exported_and_erased(run: Callable[..., None]) -> None:
    async def test(desk: Desk) -> None:
        media_id = await desk.upload(picture())
        await desk.thumbnail(media_id)
        kept_id = await desk.upload(picture(), by="ben")
        exported = desk.db.look(export_member, f"@ada:{SERVER}")["media"]
        assert isinstance(exported, list)
        assert len(exported) == 1
        await desk.db.write(erase_member, f"@ada:{SERVER}")
        await desk.run_jobs()
        refused(await desk.download(media_id), 404, "M_NOT_FOUND")
        assert (await desk.download(kept_id)).status_code == 200
        assert len(await desk.files()) == 1

    run(test)


def test_what_a_crash_left_is_swept(run: Callable[..., None], clock: ManualClock) -> None:
    async def test(desk: Desk) -> None:
        media_id = await desk.upload(picture())
        await desk.thumbnail(media_id)
        await desk.services.files.put(MEDIA_FILES, "ab/orphan", b"x")
        await desk.services.files.put(THUMBNAIL_FILES, "ab/orphan/96x96-crop", b"x")
        # Files bear the machine's time.
        clock.advance(10 * 365 * 86_400_000)
        await jobs.sweep_files(desk.services, NoPayload())
        assert len(await desk.files()) == 2
        assert (await desk.download(media_id)).status_code == 200
        assert (await desk.thumbnail(media_id)).status_code == 200

    run(test)


def test_a_young_file_is_not_swept(run: Callable[..., None]) -> None:
    async def test(desk: Desk) -> None:
        await desk.services.files.put(MEDIA_FILES, "ab/young", b"x")
        await jobs.sweep_files(desk.services, NoPayload())
        assert await desk.files() == ["ab/young"]

    run(test)

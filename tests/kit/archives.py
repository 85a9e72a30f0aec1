"""Archives for tests: asked for, made, downloaded and opened."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import httpx

from teahouse.app import job_kinds
from teahouse.platform.jobs import Worker
from tests.kit.chat_house import Guest

ARCHIVES = "/api/v1/privacy/archives"


async def run_jobs(guest: Guest) -> None:
    """Do what waits to be done, and nothing of timetables twice."""
    house = guest.house
    await Worker(house.db, house.services, job_kinds()).run_due()


async def ask_archive(guest: Guest, key: str = "archive", language: str = "en") -> Any:
    """Ask for an archive."""
    headers = {"Idempotency-Key": key}
    done = await guest.call("POST", ARCHIVES, {"language": language}, headers=headers)
    assert done.status_code == httpx.codes.CREATED, done.text
    return done.json()


async def make_archive(guest: Guest, key: str = "archive", language: str = "en") -> bytes:
    """Ask for an archive, let it be made, and download it."""
    asked = await ask_archive(guest, key, language)
    await run_jobs(guest)
    place = f"{ARCHIVES}/{asked['archive_id']}"
    done = await download_archive(guest, place, await get_ticket(guest, place))
    assert done.status_code == httpx.codes.OK, done.text
    return done.content


async def get_ticket(guest: Guest, place: str) -> str:
    """A ticket to download an archive with; they show that it is them.

    Args:
        guest: whose it is.
        place: the archive's route.
    """
    done = await guest.house.confirm("POST", f"{place}/ticket", {}, token=guest.token)
    assert done.status_code == httpx.codes.CREATED, done.text
    return str(done.json()["ticket"])


async def download_archive(guest: Guest, place: str, ticket: str) -> httpx.Response:
    """Download an archive, as a browser does by a form."""
    return await guest.house.http.post(f"{place}/file", data={"ticket": ticket})


def open_archive(content: bytes) -> zipfile.ZipFile:
    """An archive as a ZIP file that has been tested."""
    opened = zipfile.ZipFile(io.BytesIO(content))
    assert opened.testzip() is None
    return opened

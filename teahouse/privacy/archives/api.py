"""Routes of archives, below /api/v1/privacy/archives."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qs

from litestar import Response, delete, get, post
from litestar.params import JSONBody
from litestar.response import Stream

from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.router import OPEN
from teahouse.platform.sealed_files import unseal
from teahouse.privacy.archives.commands import (
    ask_archive,
    delete_archive,
    give_ticket,
    take_ticket,
)
from teahouse.privacy.archives.errors import ArchiveNotReady
from teahouse.privacy.archives.queries import (
    StoredKey,
    find_archive,
    list_archives,
)
from teahouse.privacy.archives.rules import make_name
from teahouse.privacy.archives.tables import ARCHIVE_FILES
from teahouse.privacy.archives.types import Archive, ArchiveBody, Ticket, TicketBody
from teahouse.privacy.erasure.types import Eraser

_ROOT: Final = "/api/v1/privacy/archives"
_ARCHIVE: Final = _ROOT + "/{archive_id:str}"
_PRIVATE: Final = {"Cache-Control": "private, no-store"}
_TICKET_LENGTH_MAX: Final = 100


@post(_ROOT, status_code=201)
async def create_archive(request: Request, data: JSONBody[ArchiveBody]) -> Response[bytes]:
    """Ask for an archive of all that is kept about oneself. Needs an `Idempotency-Key`."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    made = await request.services.db.write(run_once, once, ask_archive, requester, data)
    return answer(made, status=201)


@get(_ROOT)
async def get_archives(request: Request) -> list[Archive]:
    """One's archives of the last seven days, the newest first."""
    requester = await request.requester()
    return await request.services.db.read(list_archives, requester)


@get(_ARCHIVE)
async def get_archive(request: Request) -> Archive:
    """How far an archive is, and what it is at."""
    requester = await request.requester()
    return await request.services.db.read(find_archive, requester, request.path("archive_id"))


@delete(_ARCHIVE, status_code=204)
async def remove_archive(request: Request) -> None:
    """Delete an archive now, also one that is being made."""
    requester = await request.requester()
    await request.services.db.write(delete_archive, requester, request.path("archive_id"))


@post(f"{_ARCHIVE}/ticket", status_code=201)
async def create_ticket(request: Request, data: JSONBody[TicketBody]) -> Ticket:
    """A ticket to download the archive with: good once, for a minute.

    It is all of somebody's life here in one file, so one confirms first that it is oneself (401,
    as in Matrix): a token that was stolen, or a phone left open, does not get it.
    """
    requester = await request.requester()
    services, archive_id = request.services, request.path("archive_id")
    archive = await services.db.read(find_archive, requester, archive_id)
    if archive.status != "done":
        raise ArchiveNotReady(archive_status=archive.status)
    operation = f"POST /privacy/archives/{archive_id}/ticket"
    await services.get(Eraser).confirm(request, data.auth, requester, operation)
    return await services.db.write(give_ticket, requester, archive_id)


@post(f"{_ARCHIVE}/file", media_type="application/zip", status_code=200, opt=OPEN)
async def post_archive_file(request: Request) -> Stream:
    """The archive, for who sends its `ticket` in a form: addresses are logged, bodies are not."""
    request.services.rate_limits.check("address", request.address())
    fields = parse_qs((await request.body()).decode(errors="replace"), max_num_fields=4)
    ticket = fields.get("ticket", [""])[0][:_TICKET_LENGTH_MAX].replace("\0", "")
    archive_id = request.path("archive_id")
    stored = await request.services.db.write(take_ticket, archive_id, ticket)
    return await _send(request, stored)


async def _send(request: Request, stored: StoredKey) -> Stream:
    archive = stored.archive
    opened = await request.services.files.get(ARCHIVE_FILES, archive.archive_id)
    house = make_name(request.services.settings.server_name)
    headers = {
        **_PRIVATE,
        "Content-Type": "application/zip",
        "Content-Length": str(archive.byte_count),
        "Content-Disposition": f'attachment; filename="teahouse-{house}-{archive.archive_id}.zip"',
    }
    return Stream(unseal(opened.stream(), stored.file_key), headers=headers)


ROUTES: list[Any] = [
    create_archive,
    get_archives,
    get_archive,
    remove_archive,
    create_ticket,
    post_archive_file,
]

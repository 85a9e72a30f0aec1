"""Routes of imports, below /api/v1/privacy/imports."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, delete, get, post
from litestar.params import JSONBody

from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request, answer
from teahouse.privacy.imports.commands import begin_import, undo_import
from teahouse.privacy.imports.errors import ArchiveTooLarge
from teahouse.privacy.imports.live import ImportDesk
from teahouse.privacy.imports.queries import find_import, list_imports
from teahouse.privacy.imports.types import ARCHIVE_BYTES_MAX, Import, ImportBody

_ROOT: Final = "/api/v1/privacy/imports"
_IMPORT: Final = _ROOT + "/{import_id:str}"


@post(_ROOT, status_code=201, request_max_body_size=None)
async def create_import(request: Request) -> Response[bytes]:
    """Bring the archive of another house: the ZIP file itself is the body.

    It is verified whole, and what it holds is told; nothing of it is brought in yet. The same
    archive is kept once.
    """
    requester = await request.requester()
    length = request.headers.get("content-length", "0")
    if not length.isascii() or not length.isdecimal():
        raise InvalidParam("`Content-Length` must be a whole number.")
    if int(length[:20]) > ARCHIVE_BYTES_MAX:
        raise ArchiveTooLarge(limit=ARCHIVE_BYTES_MAX)
    taken = await request.services.get(ImportDesk).take(requester, request.stream())
    return answer(taken, status=201)


@get(_ROOT)
async def get_imports(request: Request) -> list[Import]:
    """What one has brought, the latest first."""
    requester = await request.requester()
    return await request.services.db.read(list_imports, requester)


@get(_IMPORT)
async def get_import(request: Request) -> Import:
    """How far an import is, and what it holds."""
    requester = await request.requester()
    return await request.services.db.read(find_import, requester, request.path("import_id"))


@post(f"{_IMPORT}/begin", status_code=202)
async def post_begin(request: Request, data: JSONBody[ImportBody]) -> Import:
    """Bring in the kinds of things that one wants."""
    requester = await request.requester()
    return await request.services.db.write(begin_import, requester, request.path("import_id"), data)


@delete(_IMPORT, status_code=202)
async def remove_import(request: Request) -> Import:
    """Take back all that was brought in, or drop an archive that waits."""
    requester = await request.requester()
    return await request.services.db.write(undo_import, requester, request.path("import_id"))


ROUTES: list[Any] = [create_import, get_imports, get_import, post_begin, remove_import]

"""Routes of the registry: which programs there are, and their files."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get

from teahouse.miniprograms.registry.live import Registry, type_of
from teahouse.miniprograms.registry.rules import (
    FILES_PATH,
    SDK_PATH,
    is_host,
    make_policy,
    serve_content,
    to_info,
)
from teahouse.miniprograms.registry.types import Program, ProgramInfo
from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request

ROOT: Final = "/api/v1/miniprograms"
_ALL_OFF: Final = ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer",
        "camera",
        "clipboard-read",
        "display-capture",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "publickey-credentials-get",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)
# An opaque origin reads its own modules and fonts as somebody else's: they are public.
_COMMON: Final = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-DNS-Prefetch-Control": "off",
}
_LASTS: Final = {"Cache-Control": "public, max-age=31536000, immutable"}


@get(ROOT)
async def programs(request: Request) -> list[ProgramInfo]:
    """The mini-programs of this house."""
    return [to_info(program) for program in request.services.get(Registry).list_programs()]


@get(FILES_PATH + "/{program_id:str}/{digest:str}/{path:path}")
async def program_file(request: Request) -> Response[bytes]:
    """A file of a mini-program; pages come with the policy they run under."""
    registry = request.services.get(Registry)
    program_id, path = request.path("program_id"), request.path("path").removeprefix("/")
    content = registry.find_file(program_id, request.path("digest"), path)
    kind = type_of(path)
    # A picture is a page too where somebody opens it by itself.
    headers = {**_COMMON, **_LASTS, **_page_headers(request, registry.find(program_id))}
    return Response(serve_content(path, content), media_type=kind, headers=headers)


def _page_headers(request: Request, program: Program) -> dict[str, str]:
    host = request.headers.get("host", "")
    if not is_host(host):
        raise InvalidParam("The header `Host` is not a host.")
    return {
        "Content-Security-Policy": make_policy(host, program),
        "Permissions-Policy": _ALL_OFF,
        "Vary": "Host",
    }


@get(SDK_PATH + "/{name:str}")
async def shared_file(request: Request) -> Response[bytes]:
    """A file of the library that mini-programs share."""
    name = request.path("name")
    content = request.services.get(Registry).find_shared(name)
    headers = {**_COMMON, "Cache-Control": "no-cache"}
    return Response(content, media_type=type_of(name), headers=headers)


routes: list[Any] = [programs, program_file, shared_file]

"""The endpoints of media."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Response, get, post, put
from litestar.response import Stream

from teahouse.chat.media import rules
from teahouse.chat.media.errors import MediaNotFound, RangeNotSatisfiable, UploadTooLarge
from teahouse.chat.media.live import MediaDesk
from teahouse.chat.media.types import Media, UploadDetails
from teahouse.chat.thumbnails.rules import choose_form
from teahouse.platform.errors import Unrecognised
from teahouse.platform.http import Request, answer, answer_refusal

if TYPE_CHECKING:
    from teahouse.platform.requester import Requester

_CLIENT = "/_matrix/client/v1/media"
_LEGACY = "/_matrix/media/v3"
_MEDIA = "/{server_name:str}/{media_id:str}"


# Uploads. Their size is limited while they are read, by what is left to the member.


@post(f"{_LEGACY}/upload", request_max_body_size=None)
async def post_upload(request: Request) -> Response[bytes]:
    """Upload a file."""
    requester = await request.requester()
    desk = request.services.get(MediaDesk)
    _check_announced_size(request, desk)
    media_id = await desk.upload(requester, request.stream(), _details(request))
    return answer({"content_uri": desk.uri(media_id)})


@post("/_matrix/media/v1/create")
async def post_create(request: Request) -> Response[bytes]:
    """Create a content URI whose content comes later."""
    requester = await request.requester()
    desk = request.services.get(MediaDesk)
    media = await desk.create(requester)
    uri = desk.uri(media.media_id)
    return answer({"content_uri": uri, "unused_expires_at": media.expires_at})


@put(f"{_LEGACY}/upload{_MEDIA}", request_max_body_size=None)
async def put_upload(request: Request) -> Response[bytes]:
    """Upload the content of a content URI that was created before."""
    requester = await request.requester()
    desk, media_id = _desk_and_id(request)
    _check_announced_size(request, desk)
    await desk.upload_to(requester, media_id, content=request.stream(), details=_details(request))
    return answer({})


# Downloads


@get([f"{_CLIENT}/download{_MEDIA}", f"{_CLIENT}/download{_MEDIA}/{{file_name:str}}"])
async def get_download(request: Request) -> Response[bytes] | Stream:
    """Download a file, or a part of it, under its own name or another one."""
    requester = await request.requester()
    desk, media_id = _desk_and_id(request)
    media = await desk.find(requester, media_id, wait_ms=_wait_ms(request))
    file_name = request.path("file_name") if "file_name" in request.path_params else None
    headers = rules.download_headers(media, file_name=rules.check_file_name(file_name))
    if rules.is_known(request.headers.get("if-none-match"), headers["etag"]):
        return _not_modified(headers)
    try:
        part = rules.parse_range(_wanted_range(request, headers["etag"]), media.size)
    except RangeNotSatisfiable as refusal:
        refused = answer_refusal(request, refusal)
        refused.headers["content-range"] = f"bytes */{media.size}"
        return refused
    return await _stream(desk, media, headers=headers, part=part)


@get(f"{_CLIENT}/thumbnail{_MEDIA}")
async def get_thumbnail(request: Request) -> Response[bytes] | Stream:
    """Download a small form of a picture."""
    requester = await request.requester()
    return await _get_thumbnail(request, requester)


@get([f"{_CLIENT}/config", f"{_LEGACY}/config"])
async def get_config(request: Request) -> Response[bytes]:
    """Tell how large an upload may be."""
    await request.requester()
    return answer({"m.upload.size": request.services.get(MediaDesk).limits.upload_bytes})


@get([f"{_CLIENT}/preview_url", f"{_LEGACY}/preview_url"])
async def get_preview_url(request: Request) -> Response[bytes]:
    """Refuse to look at what a URL leads to: this server visits no addresses for members."""
    await request.requester()
    raise Unrecognised("This server makes no previews of URLs.")


@get(
    [
        f"{_LEGACY}/download{_MEDIA}",
        f"{_LEGACY}/download{_MEDIA}/{{file_name:str}}",
        f"{_LEGACY}/thumbnail{_MEDIA}",
    ]
)
async def get_without_token(request: Request) -> Response[bytes]:
    """Refuse to show anything to who has not signed in.

    All media are younger than the freeze of unauthenticated access (Matrix 1.11).
    """
    request.services.rate_limits.check("address", request.address())
    raise MediaNotFound("Media are downloaded with an access token, at /_matrix/client/v1/media.")


async def _get_thumbnail(request: Request, requester: Requester) -> Response[bytes] | Stream:
    desk, media_id = _desk_and_id(request)
    request.query_needed("width"), request.query_needed("height")
    form = choose_form(
        request.query_int("width", default=0),
        request.query_int("height", default=0),
        method=request.query("method"),
        animated=request.query_bool("animated"),
    )
    thumbnail = await desk.find_thumbnail(requester, media_id, form=form, wait_ms=_wait_ms(request))
    headers = rules.thumbnail_headers(thumbnail.content_type, rules.etag(media_id, form.name))
    if rules.is_known(request.headers.get("if-none-match"), headers["etag"]):
        return _not_modified(headers)
    opened = await desk.open_thumbnail(thumbnail)
    headers |= {"content-length": str(thumbnail.size), "accept-ranges": "none"}
    return Stream(opened.stream(), headers=headers)


async def _stream(
    desk: MediaDesk, media: Media, *, headers: dict[str, str], part: tuple[int, int] | None
) -> Stream:
    if part is None:
        opened = await desk.open(media)
        return Stream(opened.stream(), headers=headers | {"content-length": str(media.size)})
    start, end = part
    opened = await desk.open(media, start=start, end=end)
    headers |= {
        "content-length": str(end - start),
        "content-range": f"bytes {start}-{end - 1}/{media.size}",
    }
    return Stream(opened.stream(), headers=headers, status_code=206)


def _desk_and_id(request: Request) -> tuple[MediaDesk, str]:
    desk = request.services.get(MediaDesk)
    desk.check_server(request.path("server_name"))
    return desk, request.path("media_id")


def _details(request: Request) -> UploadDetails:
    return UploadDetails(
        rules.clean_content_type(request.headers.get("content-type")),
        rules.check_file_name(request.query("filename")),
    )


def _check_announced_size(request: Request, desk: MediaDesk) -> None:
    """Refuse at once what would be refused after many megabytes."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:19]) > desk.limits.upload_bytes:
        raise UploadTooLarge(limit=desk.limits.upload_bytes)


def _wait_ms(request: Request) -> int:
    return request.query_int("timeout_ms", default=rules.WAIT_MS_DEFAULT, most=rules.WAIT_MS_MAX)


def _wanted_range(request: Request, etag: str) -> str | None:
    """The `Range` header, unless it is for another content than there is."""
    if_range = request.headers.get("if-range")
    return request.headers.get("range") if if_range in {None, etag} else None


def _not_modified(headers: dict[str, str]) -> Response[bytes]:
    kept = {name: headers[name] for name in ("etag", "cache-control")}
    return Response(b"", status_code=304, headers=kept)


ROUTES = [
    post_upload,
    post_create,
    put_upload,
    get_download,
    get_thumbnail,
    get_config,
    get_preview_url,
    get_without_token,
]

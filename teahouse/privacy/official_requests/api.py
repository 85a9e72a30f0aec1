"""Routes of official requests, below /api/v1/privacy/official-requests.

For the staff, but for two of the member's own: a dry run, and requests about themself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, get_args

import msgspec
from litestar import Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import Page, encode_cursor, page_limit, parse_cursor
from teahouse.privacy.official_requests.access import check_official_power
from teahouse.privacy.official_requests.commands import (
    approve_request,
    enter_request,
    look_at_request,
    look_at_requests,
    prolong_gag,
    reject_request,
    release_request,
    review_request,
    scope_request,
    try_request,
    validate_request,
)
from teahouse.privacy.official_requests.errors import OfficialRequestNotFound, UnknownDocument
from teahouse.privacy.official_requests.queries import (
    NO_CONTENT_EN,
    NO_CONTENT_ZH,
    list_requests_about,
    try_release,
)
from teahouse.privacy.official_requests.tables import DOCUMENT_FILES
from teahouse.privacy.official_requests.types import (
    DOCUMENT_BYTES_MAX,
    DataHolders,
    Instrument,
    MemberView,
    NewApproval,
    NewGag,
    NewRequest,
    NewScope,
    Note,
    Released,
    RequestStatus,
    StaffView,
    Trial,
)

_ROOT = "/api/v1/privacy/official-requests"
_ONE = _ROOT + "/{request_id:str}"
_PRIVATE = {"Cache-Control": "private, no-store"}


class FormField(msgspec.Struct, frozen=True):
    """Something that can be asked for: its name, and what it is in English and Chinese."""

    name: str
    en: str
    zh: str
    columns: list[str]


class Form(msgspec.Struct, frozen=True):
    """What a request is entered by.

    Attributes:
        fields: what can be given at all.
        instruments: kinds of documents.
        courts: those whose orders the house obeys.
        content_en: why nothing that members wrote can be given.
        content_zh: the same in Chinese.
    """

    fields: list[FormField]
    instruments: list[str]
    courts: list[str]
    content_en: str
    content_zh: str


class Document(msgspec.Struct, frozen=True):
    """An uploaded document, by its SHA-256."""

    sha256: str
    size: int


# The member's own


@get(f"{_ROOT}/form")
async def get_form(request: Request) -> Form:
    """What can be asked for, and why content cannot: the same for the staff and for members."""
    services = request.services
    fields = [
        FormField(field.name, field.en, field.zh, sorted(field.columns.values()))
        for field in services.get(DataHolders).fields.values()
    ]
    courts = services.settings.official_courts
    return Form(fields, list(get_args(Instrument)), courts, NO_CONTENT_EN, NO_CONTENT_ZH)


@get(f"{_ROOT}/dry-run")
async def get_dry_run(request: Request) -> Response[bytes]:
    """What a court would get today of oneself: some `fields`, `from` and `to` instants."""
    requester = await request.requester()
    names = request.query("fields")
    end = request.query_int("to", default=-1)
    content = await request.services.db.read(
        try_release,
        requester,
        request.services.get(DataHolders),
        names=None if names is None else names.split(","),
        start=request.query_int("from", default=0),
        end=None if end < 0 else end,
    )
    return answer(content, headers=_PRIVATE)


@get(f"{_ROOT}/mine")
async def get_mine(request: Request) -> list[MemberView]:
    """Requests about oneself, as soon as one may know; the latest first."""
    requester = await request.requester()
    return await request.services.db.read(list_requests_about, requester.user_id)


# The staff's


@post(
    f"{_ROOT}/documents",
    status_code=201,
    request_max_body_size=DOCUMENT_BYTES_MAX,
    responses={201: ResponseSpec(Document)},
)
async def post_document(request: Request) -> Response[bytes]:
    """Upload a document, at most 10 MiB, as it is. Removed after a week if nobody names it."""
    requester = await request.requester()
    check_official_power(requester, "official.enter")
    content = await request.body()
    if not content:
        raise InvalidParam("The document is empty.")
    sha256 = hashlib.sha256(content).hexdigest()
    await request.services.files.put(DOCUMENT_FILES, sha256, content)
    return answer(Document(sha256, len(content)), status=201)


@get(_ROOT)
async def get_requests(request: Request) -> Page[StaffView]:
    """The register, the latest first; of one `status` where that is named."""
    requester = await request.requester()
    place, limit = parse_cursor(request.query("cursor"), tuple[str]), page_limit(request)
    found = await request.services.db.write(
        look_at_requests,
        requester,
        status=_status(request),
        before=place[0] if place else None,
        limit=limit + 1,
    )
    shown = found[:limit]
    more = len(found) > limit
    return Page(shown, encode_cursor(shown[-1].request.request_id) if more else None)


@post(_ROOT, status_code=201, responses={201: ResponseSpec(StaffView)})
async def post_request(request: Request, data: JSONBody[NewRequest]) -> Response[bytes]:
    """Enter a request; its commitment is in the log from now on."""
    requester = await request.requester()
    check_official_power(requester, "official.enter")
    await _check_documents(request, [data.document, data.gag.document if data.gag else None])
    once = await read_once(request, requester.user_id)
    made = await request.services.db.write(run_once, once, enter_request, requester, data)
    return answer(made, status=201)


@get(_ONE)
async def get_request(request: Request) -> StaffView:
    """A request and all that was done to it."""
    requester = await request.requester()
    return await request.services.db.write(look_at_request, requester, request.path("request_id"))


@get(f"{_ONE}/document", media_type="application/octet-stream")
async def get_document(request: Request) -> Response[bytes]:
    """The document of a request."""
    requester = await request.requester()
    request_id = request.path("request_id")
    view = await request.services.db.write(look_at_request, requester, request_id)
    if view.request.document is None:
        raise OfficialRequestNotFound
    file = await request.services.files.get(DOCUMENT_FILES, view.request.document)
    # Never shown by a browser as anything: it comes from outside.
    headers = {**_PRIVATE, "Content-Disposition": f'attachment; filename="{request_id}"'}
    return Response(await file.read(), media_type="application/octet-stream", headers=headers)


@post(f"{_ONE}/validate", status_code=200)
async def post_validate(request: Request) -> StaffView:
    """Find a request valid: signed by a court that the house obeys, or an emergency."""
    requester = await request.requester()
    courts = request.services.settings.official_courts
    return await request.services.db.write(
        validate_request, requester, request.path("request_id"), courts
    )


@post(f"{_ONE}/scope", status_code=200)
async def post_scope(request: Request, data: JSONBody[NewScope]) -> StaffView:
    """Say what shall be given, line by line. What was approved before is void."""
    requester = await request.requester()
    holders = request.services.get(DataHolders)
    return await request.services.db.write(
        scope_request, requester, request.path("request_id"), data.scope, holders
    )


@post(f"{_ONE}/approve", status_code=200)
async def post_approve(request: Request, data: JSONBody[NewApproval]) -> StaffView:
    """Agree to the scope. It takes two, neither of them who entered or scoped the request."""
    requester = await request.requester()
    return await request.services.db.write(
        approve_request, requester, request.path("request_id"), data.scope_version
    )


@get(f"{_ONE}/try")
async def get_trial(request: Request) -> Trial:
    """A dry run of the release: how much would be given, and of what; the items are not shown."""
    requester = await request.requester()
    holders = request.services.get(DataHolders)
    return await request.services.db.write(
        try_request, requester, request.path("request_id"), holders
    )


@post(f"{_ONE}/release", status_code=200, responses={200: ResponseSpec(Released)})
async def post_release(request: Request) -> Response[bytes]:
    """Give what was approved. The members are told in the same moment, or when the gag ends."""
    requester = await request.requester()
    check_official_power(requester, "official.enter")
    once = await read_once(request, requester.user_id)
    holders = request.services.get(DataHolders)
    given = await request.services.db.write(
        run_once, once, release_request, requester, request.path("request_id"), holders
    )
    return answer(given, headers=_PRIVATE)


@post(f"{_ONE}/reject", status_code=200)
async def post_reject(request: Request, data: JSONBody[Note]) -> StaffView:
    """Give nothing; the members are told why."""
    requester = await request.requester()
    return await request.services.db.write(
        reject_request, requester, request.path("request_id"), data.note
    )


@post(f"{_ONE}/gags", status_code=200)
async def post_gag(request: Request, data: JSONBody[NewGag]) -> StaffView:
    """Enter a new gag order in place of one that still holds."""
    requester = await request.requester()
    check_official_power(requester, "official.enter")
    await _check_documents(request, [data.document])
    return await request.services.db.write(prolong_gag, requester, request.path("request_id"), data)


@post(f"{_ONE}/review", status_code=200)
async def post_review(request: Request, data: JSONBody[Note]) -> StaffView:
    """Look at an emergency afterwards, by somebody who had no part in it."""
    requester = await request.requester()
    return await request.services.db.write(
        review_request, requester, request.path("request_id"), data.note
    )


async def _check_documents(request: Request, digests: Iterable[str | None]) -> None:
    """Refuse documents that are not there.

    Raises:
        UnknownDocument: one of them was not uploaded.
    """
    for sha256 in digests:
        if sha256 and await request.services.files.find(DOCUMENT_FILES, sha256) is None:
            raise UnknownDocument


def _status(request: Request) -> RequestStatus | None:
    status = request.query("status")
    known: tuple[RequestStatus, ...] = get_args(RequestStatus)
    for one in known:
        if one == status:
            return one
    if status is not None:
        raise InvalidParam(f"`status` is one of {', '.join(known)}.")
    return None


ROUTES: list[Any] = [
    get_form,
    get_dry_run,
    get_mine,
    post_document,
    get_requests,
    post_request,
    get_request,
    get_document,
    post_validate,
    post_scope,
    post_approve,
    get_trial,
    post_release,
    post_reject,
    post_gag,
    post_review,
]

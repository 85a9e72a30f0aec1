"""Routes of statements, receipts, summaries and exports."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from litestar import Response, delete, get, post
from litestar.params import JSONBody
from litestar.response import Stream

from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once
from teahouse.platform.pages import Page, page_limit
from teahouse.wallet.shops.api import told
from teahouse.wallet.statements.commands import ask_export, delete_export
from teahouse.wallet.statements.errors import ExportNotReady
from teahouse.wallet.statements.queries import (
    find_export,
    find_receipt,
    find_statement,
    find_summary,
    list_exports,
)
from teahouse.wallet.statements.rules import (
    content_type_of,
    file_name_of,
    write_receipt_html,
    write_receipt_pdf,
)
from teahouse.wallet.statements.tables import EXPORT_FILES
from teahouse.wallet.statements.types import (
    Export,
    ExportBody,
    Language,
    Receipt,
    StatementPage,
    Summary,
)

_ROOT: Final = "/api/v1/wallet"
_EXPORTS = _ROOT + "/exports"
_EXPORT = _EXPORTS + "/{export_id:str}"
_RECEIPT = _ROOT + "/receipts/{payment_id:str}"
# A page of ours that runs nothing and loads nothing, whatever a member wrote into it.
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
_PRIVATE = {"Cache-Control": "private, no-store"}


def _day(request: Request, name: str) -> date:
    """A day from the query.

    Raises:
        MissingParam: it is not there.
        InvalidParam: not a day.
    """
    text = request.query_needed(name)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidParam(f"`{name}` is written as 2026-11-24.") from None


def _language(request: Request) -> Language:
    """The language of papers: `language` of the query; English where nobody says."""
    wanted = request.query("language") or "en"
    if wanted not in {"en", "zh"}:
        raise InvalidParam("`language` is `en` or `zh`.")
    return "zh" if wanted == "zh" else "en"


# Statements


@get(f"{_ROOT}/statements")
async def get_statement(request: Request) -> StatementPage:
    """The lines of a wallet (`wallet_id`) in the books, from `first_on` to `last_on` (UTC)."""
    requester = await request.requester()
    return await request.services.db.read(
        find_statement,
        requester,
        request.query_needed("wallet_id"),
        days=(_day(request, "first_on"), _day(request, "last_on")),
        cursor=request.query("cursor"),
        limit=page_limit(request),
    )


@get(f"{_ROOT}/summary")
async def get_summary(request: Request) -> Summary:
    """What came and went in a `month` (2026-11), by currency, kind, counterparty and day."""
    requester = await request.requester()
    return await request.services.db.read(find_summary, requester, request.query_needed("month"))


# Receipts


async def _receipt(request: Request) -> Receipt:
    requester = await request.requester()
    services = request.services
    return await services.db.read(
        find_receipt, requester, request.path("payment_id"), services.settings.server_name
    )


@get(_RECEIPT)
async def get_receipt(request: Request) -> Receipt:
    """The receipt of a payment that one made or got."""
    return await _receipt(request)


@get(f"{_RECEIPT}/html", media_type="text/html")
async def get_receipt_page(request: Request) -> Response[bytes]:
    """The receipt as a page, in a `language`."""
    page = write_receipt_html(await _receipt(request), _language(request))
    headers = {**_PRIVATE, "Content-Security-Policy": _PAGE_POLICY}
    return Response(page, media_type="text/html", headers=headers)


@get(f"{_RECEIPT}/pdf", media_type="application/pdf")
async def get_receipt_pdf(request: Request) -> Response[bytes]:
    """The receipt as PDF, in a `language`."""
    receipt = await _receipt(request)
    # Three milliseconds: less than it would cost to hand it to a thread.
    pdf = write_receipt_pdf(receipt, _language(request))
    name = f'attachment; filename="receipt-{receipt.payment_id}.pdf"'
    headers = {**_PRIVATE, "Content-Disposition": name}
    return Response(pdf, media_type="application/pdf", headers=headers)


# Exports


@post(_EXPORTS, status_code=201, responses=told(Export))
async def create_export(request: Request, data: JSONBody[ExportBody]) -> Response[bytes]:
    """Ask for a statement as a file: CSV, PDF, OFX, QIF or camt.053. Needs an `Idempotency-Key`."""
    requester = await request.requester()
    once = await read_once(request, requester.user_id)
    made = await request.services.db.write(run_once, once, ask_export, requester, data)
    return answer(made, status=201)


@get(_EXPORTS)
async def get_exports(request: Request) -> Page[Export]:
    """One's exports of the last seven days, the newest first."""
    requester = await request.requester()
    return await request.services.db.read(
        list_exports, requester, cursor=request.query("cursor"), limit=page_limit(request)
    )


@get(_EXPORT)
async def get_export(request: Request) -> Export:
    """How far an export is."""
    requester = await request.requester()
    return await request.services.db.read(find_export, requester, request.path("export_id"))


@get(f"{_EXPORT}/file", media_type="application/octet-stream")
async def get_export_file(request: Request) -> Stream:
    """The file of an export that is done."""
    requester = await request.requester()
    services = request.services
    export = await services.db.read(find_export, requester, request.path("export_id"))
    if export.status != "done":
        raise ExportNotReady(export_status=export.status, trouble=export.trouble)
    opened = await services.files.get(EXPORT_FILES, export.export_id)
    name = file_name_of((export.first_on, export.last_on), export.format)
    headers = {
        **_PRIVATE,
        "Content-Type": content_type_of(export.format),
        "Content-Length": str(opened.size),
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Stream(opened.stream(), headers=headers)


@delete(_EXPORT, status_code=204)
async def remove_export(request: Request) -> None:
    """Delete an export and its file now."""
    requester = await request.requester()
    await request.services.db.write(delete_export, requester, request.path("export_id"))


routes: list[Any] = [
    get_statement,
    get_summary,
    get_receipt,
    get_receipt_page,
    get_receipt_pdf,
    create_export,
    get_exports,
    get_export,
    get_export_file,
    remove_export,
]

"""The route of the page."""

from __future__ import annotations

from litestar import Response, get

from teahouse.chat.discovery.api import base_url
from teahouse.chat.welcome_page.rules import compute_policy, render_page
from teahouse.platform.http import Request
from teahouse.platform.languages import choose_language


@get("/")
async def welcome(request: Request) -> Response[str]:
    """Say what this is, that it runs, and how to connect a client."""
    settings = request.services.settings
    page = render_page(
        choose_language(request.headers.get("accept-language", "")),
        server_name=settings.server_name,
        url=base_url(request),
        registration=settings.registration,
    )
    return Response(
        page,
        media_type="text/html",
        headers={
            "Content-Security-Policy": compute_policy(),
            "Cache-Control": "no-store",
            "Vary": "Accept-Language",
        },
    )


ROUTES = [welcome]

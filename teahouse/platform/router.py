"""The router: finds a request's handler, and lets in nobody who does not say who they are."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from litestar import Litestar, Router
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from teahouse.platform.errors import Refusal
from teahouse.platform.http import (
    Request,
    answer_defect,
    answer_http_exception,
    answer_not_text,
    answer_refusal,
    answer_too_deep,
)
from teahouse.platform.services import Services

# The `opt` of a route below /api that anybody may call, or that has a guard of its own.
OPEN: Final = {"is_open": True}


def make_router(services: Services, routes: list[Any]) -> Litestar:
    """The router of some routes.

    Those below /api are described by OpenAPI, and their bodies are decoded before their handlers
    run: whoever is not signed in is refused before that, but on routes marked `OPEN`.

    Args:
        services: the server's parts, for handlers.
        routes: Litestar's handlers.
    """
    described = [route for route in routes if _is_described(route)]
    for route in described:
        for told in (route.responses or {}).values():
            # Examples stand in our structs. Made-up ones break rules: no currency is `dutFmqCQ`.
            told.generate_examples = False
    others = [route for route in routes if not _is_described(route)]
    return Litestar(
        [
            Router("/", route_handlers=described, guards=[refuse_strangers]),
            Router("/", route_handlers=others, include_in_schema=False),
        ],
        request_class=Request,
        state=State({"services": services}),
        request_max_body_size=services.settings.body_bytes_limit,
        exception_handlers={
            Refusal: answer_refusal,
            HTTPException: answer_http_exception,
            RecursionError: answer_too_deep,
            UnicodeDecodeError: answer_not_text,
            Exception: answer_defect,
        },
        openapi_config=OpenAPIConfig(
            title="Teahouse",
            version=version("teahouse"),
            path="/api",
            use_handler_docstrings=True,
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
    )


async def refuse_strangers(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Let only signed-in members reach a route.

    Raises:
        MissingToken: no token.
        UnknownToken: a token nobody holds.
        LimitExceeded: the member asks too often.
    """
    if not handler.opt.get("is_open"):
        assert isinstance(connection, Request)
        await connection.requester()


def _is_described(route: Any) -> bool:  # noqa: ANN401 - Litestar's handlers
    """Whether a route is in our own API description; Matrix has its own."""
    return all(path.startswith("/api/") for path in route.paths)

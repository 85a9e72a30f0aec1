"""A short way for the few routes that carry nearly all requests.

The router spends about a quarter of a millisecond on each request; for `/sync` and `send`, which
need little else, that was half of the processor time of a busy server. Here they are found by two
comparisons, and their handlers, the very same functions, are called directly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Litestar, Response
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.routes import HTTPRoute

from teahouse.platform.errors import Refusal
from teahouse.platform.http import (
    JSON_TYPE,
    Request,
    answer_defect,
    answer_http_exception,
    answer_refusal,
    answer_too_deep,
)

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler
    from litestar.types import Receive, Scope, Send


class HotRoutes:
    """Serves some routes of a router directly, all others through it.

    Args:
        router: the application.
        hot: method and template of each hot route, such as
            `("PUT", "/rooms/{room_id:str}/send/{event_type:str}/{txn_id:str}")`.
    """

    def __init__(self, router: Litestar, hot: list[tuple[str, str]]) -> None:
        self._router = router
        self._plain: dict[tuple[str, str], HTTPRouteHandler] = {}
        self._patterns: dict[tuple[str, int], list[_Pattern]] = {}
        for method, template in hot:
            handler = _find_handler(router, method, template)
            parts = template.split("/")
            if "{" in template:
                pattern = _Pattern(handler, template, parts)
                self._patterns.setdefault((method, len(parts)), []).append(pattern)
            else:
                self._plain[method, template] = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        found = None
        if scope["type"] == ScopeType.HTTP:
            found = self._find(scope["method"], scope["path"])
        if found is None:
            await self._router(scope, receive, send)
            return
        handler, template, params = found
        scope["path_params"] = params
        scope["path_template"] = template
        scope["route_handler"] = handler
        scope["litestar_app"] = self._router
        await _send(await _call(handler, Request(scope, receive=receive, send=send)), send)

    def _find(self, method: str, path: str) -> tuple[HTTPRouteHandler, str, dict[str, str]] | None:
        handler = self._plain.get((method, path))
        if handler is not None:
            return handler, path, {}
        parts = path.split("/")
        for pattern in self._patterns.get((method, len(parts)), ()):
            params = pattern.match(parts)
            if params is not None:
                return pattern.handler, pattern.template, params
        return None


class _Pattern:
    """A template, taken apart."""

    def __init__(self, handler: HTTPRouteHandler, template: str, parts: list[str]) -> None:
        self.handler = handler
        self.template = template
        self._fixed = [(i, part) for i, part in enumerate(parts) if not part.startswith("{")]
        self._named = [
            (i, part[1:].partition(":")[0]) for i, part in enumerate(parts) if part.startswith("{")
        ]

    def match(self, parts: list[str]) -> dict[str, str] | None:
        """The path parameters, or None where the path is another one."""
        if any(parts[i] != part for i, part in self._fixed):
            return None
        params = {name: parts[i] for i, name in self._named}
        # An empty part is a case for the router.
        return params if all(params.values()) else None


def _find_handler(router: Litestar, method: str, template: str) -> HTTPRouteHandler:
    for route in router.routes:
        if isinstance(route, HTTPRoute) and route.path == template:
            handlers = {str(name): found[0] for name, found in route.route_handler_map.items()}
            return handlers[method]
    raise AssertionError(f"no route {method} {template}")


async def _send(response: Response[Any], send: Send) -> None:
    content: bytes = response.content
    headers = [
        (b"content-type", str(response.media_type or JSON_TYPE).encode()),
        (b"content-length", str(len(content)).encode()),
        *((name.lower().encode(), value.encode()) for name, value in response.headers.items()),
    ]
    status = response.status_code or 200
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content, "more_body": False})


async def _call(handler: HTTPRouteHandler, request: Request) -> Response[Any]:
    try:
        response: Response[Any] = await handler.fn(request)
    except Refusal as refusal:
        return answer_refusal(request, refusal)
    except HTTPException as error:
        return answer_http_exception(request, error)
    except RecursionError as error:
        return answer_too_deep(request, error)
    except Exception as error:  # noqa: BLE001 - the edge: logged, and told without detail
        return answer_defect(request, error)
    return response

"""The outermost layer of the server: paths, CORS, request ids, time limits, metrics.

Plain ASGI around the router, because it must also act where no route is found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from teahouse.platform.http import is_matrix_path

if TYPE_CHECKING:
    from teahouse.platform.services import Services

RequestDone = Callable[[HTTPScope, int, float], None]

# Client-Server API, section "Web Browser Clients".
_CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE, PATCH, OPTIONS"),
    (b"access-control-allow-headers", b"X-Requested-With, Content-Type, Authorization"),
    (b"access-control-expose-headers", b"Retry-After"),
    (b"access-control-max-age", b"86400"),
]
_SAFE = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
# Who has once come by TLS shall come by nothing else: for a year, as browsers' own lists ask.
_ONLY_TLS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
# What does not say itself how long it may be kept is nobody's to keep: nearly every answer is of
# somebody, and browsers and proxies would guess.
_NOT_KEPT = (b"cache-control", b"no-store")
# r0 is what clients called v3 before Matrix 1.1; some still do.
_OLD_PREFIXES = {
    "/_matrix/client/r0/": "/_matrix/client/v3/",
    "/_matrix/media/r0/": "/_matrix/media/v3/",
}
# Files take as long as somebody's line does: 50 MB at 128 kbit/s are 55 minutes.
_TRANSFERS = (
    "/_matrix/media/v3/upload",
    "/_matrix/client/v1/media/download/",
    "/api/v1/privacy/archives/",
    "/api/v1/privacy/imports",
)
_TRANSFER_SECONDS_MAX = 3600


class Edge:
    """Wraps the router.

    Args:
        app: the router.
        services: the running server's parts.
        request_done: called with the scope, the status and the seconds a request took.
    """

    def __init__(self, app: ASGIApp, services: Services, request_done: RequestDone) -> None:
        self._app = app
        self._services = services
        self._request_done = request_done
        # Unique among all servers and starts, at the cost of one random number per start.
        self._run_id = services.chance.secrets.token(9)
        self._serial = count(1)
        safe = [*_SAFE]
        if services.settings.public_url.startswith("https://"):
            safe.append(_ONLY_TLS)
        self._safe_headers = safe
        self._matrix_headers = [*safe, *_CORS]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == ScopeType.HTTP:
            await self._serve_http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _serve_http(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        path = _undecoded_path(scope)
        scope["path"] = path
        matrix = is_matrix_path(path)
        if matrix and scope["method"] == "OPTIONS":
            await _preflight(send)
        else:
            await self._serve(scope, receive, send, matrix=matrix)

    async def _serve(self, scope: HTTPScope, receive: Receive, send: Send, *, matrix: bool) -> None:
        request_id = f"{self._run_id}-{next(self._serial)}"
        scope.setdefault("state", {})["request_id"] = request_id
        common = self._matrix_headers if matrix else self._safe_headers
        started = self._services.clock.ticks()
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = [*message["headers"]]
                if not any(name.lower() == b"cache-control" for name, _ in given):
                    given.append(_NOT_KEPT)
                given.append((b"x-request-id", request_id.encode()))
                message["headers"] = [*given, *common]
            await send(message)

        seconds = self._limit_seconds(scope["path"])
        try:
            if seconds is None:
                await self._app(scope, receive, send_with_headers)
            else:
                async with asyncio.timeout(seconds):
                    await self._app(scope, receive, send_with_headers)
        finally:
            self._request_done(scope, status, self._services.clock.ticks() - started)

    def _limit_seconds(self, path: str) -> int | None:
        if path.endswith("/sync"):
            # A long poll limits itself, by the time its client asked for.
            return None
        if path.startswith(_TRANSFERS):
            return _TRANSFER_SECONDS_MAX
        return self._services.settings.request_seconds_limit


def _undecoded_path(scope: HTTPScope) -> str:
    """The path as sent, so that `%2F` in a room alias does not look like a separator."""
    raw = scope.get("raw_path") or b""
    path = raw.partition(b"?")[0].decode("latin-1") or scope["path"]
    for old, new in _OLD_PREFIXES.items():
        if path.startswith(old):
            return new + path[len(old) :]
    return path


async def _preflight(send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": [*_CORS, *_SAFE]})
    await send({"type": "http.response.body", "body": b"", "more_body": False})

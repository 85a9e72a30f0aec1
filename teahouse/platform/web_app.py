"""Serves the built web client: files that never change by name, and one page for its own paths.

It stands before the router as plain ASGI, since the same path is the welcome page where no client
was built. It knows no domain: what a page shows is the client's matter.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

# Where `make web` puts what it builds; the wheel carries it.
WEB_DIST: Final = Path(__file__).parent.parent / "web_dist"

# First parts of the paths that the client itself has pages for (web/src/app/App.tsx).
_PAGES: Final = frozenset(
    {"", "chats", "contacts", "discover", "me", "pay", "sign-in", "sign-up", "till", "to"}
)
# Whole paths, where the server itself has pages beside them.
_SINGLE_PAGES: Final = frozenset({"/privacy/log"})
_TYPES: Final = {
    ".css": b"text/css; charset=utf-8",
    ".html": b"text/html; charset=utf-8",
    ".ico": b"image/x-icon",
    ".js": b"text/javascript; charset=utf-8",
    ".png": b"image/png",
    ".svg": b"image/svg+xml",
    ".wasm": b"application/wasm",
    ".webmanifest": b"application/manifest+json",
    ".woff2": b"font/woff2",
}
# The encodings that the build leaves beside a file, the smaller one first.
_ENCODINGS: Final = ((b"br", ".br"), (b"gzip", ".gz"))

# Nothing from elsewhere, no script or style within the page. The client's crypto is WebAssembly;
# its one Trusted Types policy makes the address of the service worker.
_POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        # Mini-programs, each under a policy of its own.
        "frame-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types teahouse",
    ]
)
# Of devices only what a member asks for by a deed of their own: the camera for codes and calls, the
# microphone, and, once it is turned on, the place.
_PAGE_HEADERS: Final = [
    (b"content-security-policy", _POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(self), geolocation=(self)"),
]


class WebApp:
    """Answers for the web client, and hands all else to the application behind it.

    Args:
        app: the application behind it.
        folder: the built client; empty: the one within the package. Without an `index.html` in
            it everything is handed on.
    """

    def __init__(self, app: ASGIApp, folder: str | Path = "") -> None:
        self._app = app
        folder = Path(folder or WEB_DIST)
        # Listed once: a path asked for can only name what the build made.
        self._files = {
            f"/{file.relative_to(folder).as_posix()}": file
            for file in (folder.rglob("*") if (folder / "index.html").is_file() else ())
            if file.is_file()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == ScopeType.HTTP and scope["method"] in {"GET", "HEAD"}:
            name = self._find(scope["path"])
            if name is not None:
                scope["path_template"] = "web"
                await self._send(name, scope, send)
                return
        await self._app(scope, receive, send)

    def _find(self, path: str) -> str | None:
        """The name of the file that answers a path."""
        if not self._files:
            return None
        if path in _SINGLE_PAGES or path.removeprefix("/").partition("/")[0] in _PAGES:
            return "/index.html"
        return path if path in self._files and Path(path).suffix in _TYPES else None

    async def _send(self, name: str, scope: HTTPScope, send: Send) -> None:
        file, encoding = self._choose(name, scope)
        content = await asyncio.to_thread(file.read_bytes)
        # Names under /assets hold the hash of what is in them.
        lasts = name.startswith("/assets/")
        headers = [
            (b"content-type", _TYPES[Path(name).suffix]),
            (b"content-length", str(len(content)).encode()),
            (b"vary", b"Accept-Encoding"),
            (b"cache-control", b"public, max-age=31536000, immutable" if lasts else b"no-cache"),
        ]
        if encoding:
            headers.append((b"content-encoding", encoding))
        if name == "/index.html":
            headers += _PAGE_HEADERS
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else content
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _choose(self, name: str, scope: HTTPScope) -> tuple[Path, bytes]:
        """The smallest form of a file that a browser reads."""
        accepted = next(
            (value for key, value in scope["headers"] if key == b"accept-encoding"), b""
        )
        tokens = {part.partition(b";")[0].strip() for part in accepted.split(b",")}
        for token, suffix in _ENCODINGS:
            packed = self._files.get(name + suffix)
            if packed is not None and token in tokens:
                return packed, token
        return self._files[name], b""

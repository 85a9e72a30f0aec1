"""Pages for everybody that work without a script: their frame, their one style, their language."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Final

from teahouse.platform.languages import Language, choose_language

if TYPE_CHECKING:
    from teahouse.platform.http import Request

_STYLE: Final = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1b1b;background:#fff}h1{font-size:1.6rem}h2{font-size:1.2rem}"
    "div{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "th,td{border-bottom:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f4;padding:1rem}"
    "code{overflow-wrap:anywhere;font-size:.85em}small{color:#555}"
    ".yes{font-weight:bold;color:#0a6b2d}.no,.expired{font-weight:bold;color:#a00000}"
    "a{color:#004f9e}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}"
    "pre{background:#242424}a{color:#8ec5ff}small{color:#bbb}.yes{color:#7fe3a0}"
    ".no,.expired{color:#ff9d9d}}"
)
HEADERS: Final = {
    # Nothing but this one style: no script, no picture, nothing from elsewhere.
    "Content-Security-Policy": "default-src 'none'; style-src 'sha256-"
    + b64encode(sha256(_STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Vary": "Accept-Language",
}


def language_of(request: Request) -> Language:
    """The language of a page: as its address says (`?language=zh`), else as the browser likes."""
    asked = request.query("language")
    return choose_language(asked or request.headers.get("accept-language") or "")


def frame_page(title: str, body: str, language: Language) -> str:
    """A whole page.

    Args:
        title: plain text.
        body: HTML, in which what came from people is escaped.
        language: of both.
    """
    lang = "zh-Hans" if language == "zh" else "en"
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )

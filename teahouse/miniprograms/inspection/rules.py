"""What a program's frame will not run or load, found by reading its files. Pure.

It helps whoever writes a program. It holds nobody back who means harm: that is the policy's part
(`registry.rules.make_policy`).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import Final

from teahouse.miniprograms.inspection.types import Finding, Level
from teahouse.miniprograms.registry.rules import SDK_PATH
from teahouse.miniprograms.registry.types import Program

# What loads something, by element. A link of `a` leaves the page, which closes the program.
_LOADS: Final = {
    "audio": "src", "image": "href", "img": "src", "input": "src", "link": "href",
    "script": "src", "source": "src", "track": "src", "use": "href", "video": "src",
}  # fmt: skip
_NEVER: Final = frozenset({"applet", "base", "embed", "frame", "iframe", "object"})
_ELSEWHERE: Final = re.compile(r"\s*([a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_AWAY: Final = re.compile(r"\s*(https?:|//)", re.IGNORECASE)
_CARRIED: Final = re.compile(r"\s*(data|blob):", re.IGNORECASE)
_OF_CSS: Final = re.compile(r"(?:@import\s+|url\()\s*[\"']?([^\"')\s;]+)", re.IGNORECASE)
_OF_MODULES: Final = re.compile(
    r"(?:\bfrom\s*|\bimport\s*\(?\s*)[\"']((?:https?:)?//[^\"']+|data:[^\"']*)[\"']"
)
_IN_SCRIPTS: Final = {
    "no-eval": (
        re.compile(r"\beval\s*\(|\bnew\s+Function\s*\("),
        "The policy runs no text as code.",
    ),
    "no-network": (
        re.compile(
            r"\bfetch\s*\(|\b(?:XMLHttpRequest|WebSocket|EventSource|WebTransport)\b|\bsendBeacon\b"
        ),
        "A program has no network: ask the house by the shared library.",
    ),
    "no-webrtc": (re.compile(r"\bRTC[A-Z]\w+"), "There is no WebRTC in a program's frame."),
    "no-storage": (
        re.compile(r"\b(?:localStorage|sessionStorage|indexedDB|caches|document\.cookie)\b"),
        "A program keeps nothing in the browser: its origin is a new one each time.",
    ),
    "no-workers": (
        re.compile(r"\bnew\s+(?:Shared)?Worker\s*\(|\bserviceWorker\b"),
        "A program's origin may start no workers.",
    ),
    "no-windows": (
        re.compile(r"\bwindow\.open\s*\(|\balert\s*\(|\bconfirm\s*\(|\bprompt\s*\("),
        "A program opens no windows and none of the browser's dialogs.",
    ),
}
_COMMENTS: Final = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)


def inspect_program(program: Program) -> list[Finding]:
    """What the frame of a program will not run or load, in the order of files and lines."""
    found = [
        finding
        for path, content in program.files.items()
        for finding in _inspect_file(path, content, program.files)
    ]
    return sorted(found)


def _inspect_file(path: str, content: bytes, files: Mapping[str, bytes]) -> Iterator[Finding]:
    kind = PurePosixPath(path).suffix
    if kind not in {".css", ".html", ".js", ".mjs", ".svg"}:
        return
    try:
        text = content.decode()
    except UnicodeDecodeError:
        yield Finding(path, 0, "error", "not-utf-8", "The file is not UTF-8.")
        return
    if kind == ".css":
        yield from _inspect_css(path, text, files)
    elif kind in {".html", ".svg"}:
        page = _Page(path, files)
        page.feed(text)
        page.close()
        yield from page.findings
    else:
        yield from _inspect_script(path, text)


def _inspect_css(path: str, text: str, files: Mapping[str, bytes]) -> Iterator[Finding]:
    for match in _OF_CSS.finditer(_blank_comments(text)):
        trouble = _judge_address(path, match[1], files)
        if trouble:
            yield Finding(path, _line_of(text, match.start()), "error", *trouble)


def _inspect_script(path: str, text: str) -> Iterator[Finding]:
    code = _blank_comments(text)
    for match in _OF_MODULES.finditer(code):
        yield Finding(
            path, _line_of(text, match.start()), "error", "third-party",
            f"`{match[1]}` is not of the program: put a copy into its folder.",
        )  # fmt: skip
    for name, (pattern, why) in _IN_SCRIPTS.items():
        for match in pattern.finditer(code):
            yield Finding(path, _line_of(text, match.start()), "warning", name, why)


class _Page(HTMLParser):
    """Reads one page or drawing."""

    def __init__(self, path: str, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self.findings: list[Finding] = []
        self._path, self._files = path, files
        self._is_in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._is_in_script = tag == "script" and _is_code(given)
        self._judge_attributes(tag, given)
        if tag in _NEVER:
            self._note("no-frames", f"`<{tag}>` is not loaded in a program's page.")
        if "integrity" in given:
            self._note("integrity", "A script is sent with a guard before it: no `integrity` fits.")
        if tag == "style":
            self._note("inline-style", "Styles stand in files of their own: `<style>` is ignored.")
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            self._note("leaves", "A program that leaves its page is closed.")
        if tag == "form" and "action" in given:
            self._note("no-forms", "Forms are sent nowhere: handle `submit` in a script.")
        address = given.get(_LOADS.get(tag, ""), given.get("xlink:href", ""))
        if tag in _LOADS and address and not address.startswith("#"):
            self._judge_link(address)
        if tag == "a" and _AWAY.match(given.get("href", "")):
            self._note("leaves", "A program that leaves its page is closed.", "warning")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._is_in_script = False

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._is_in_script = False

    def handle_data(self, data: str) -> None:
        if self._is_in_script and data.strip():
            self._note("inline-script", "Scripts stand in files of their own: this one is not run.")

    def _judge_attributes(self, tag: str, given: Mapping[str, str]) -> None:
        for name, value in given.items():
            if name.startswith("on"):
                self._note("inline-script", f"`{name}` is not run: add a listener in a script.")
            if name == "style":
                self._note("inline-style", f"`style` of `<{tag}>` is ignored: use a class.")
            if value.strip().lower().startswith("javascript:"):
                self._note("inline-script", "An address `javascript:` is not run.")

    def _judge_link(self, address: str) -> None:
        trouble = _judge_address(self._path, address, self._files)
        if trouble:
            self._note(*trouble)

    def _note(self, code: str, text: str, level: Level = "error") -> None:
        self.findings.append(Finding(self._path, self.getpos()[0], level, code, text))


def _is_code(given: Mapping[str, str]) -> bool:
    """Whether a script's text would be run: data blocks (`application/json`) are not."""
    return "src" not in given and given.get("type", "module") in {"", "module", "text/javascript"}


def _judge_address(path: str, address: str, files: Mapping[str, bytes]) -> tuple[str, str] | None:
    """The code and the words of what is amiss with an address; None: nothing."""
    if _CARRIED.match(address):
        return None
    if _ELSEWHERE.match(address):
        return "third-party", f"`{address}` is not of the program: put a copy into its folder."
    plain = re.split(r"[?#]", address)[0]
    if plain.startswith("/"):
        if plain.startswith(f"{SDK_PATH}/"):
            return None
        return "outside", f"`{address}` is neither the program's nor of the shared library."
    place = posixpath.normpath(posixpath.join(posixpath.dirname(path), plain))
    if place in files:
        return None
    return "missing-file", f"`{address}` is not there."


def _blank_comments(text: str) -> str:
    """A text without its comments, every line at its number."""
    return _COMMENTS.sub(lambda match: "\n" * match[0].count("\n"), text)


def _line_of(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1

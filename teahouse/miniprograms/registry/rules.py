"""What a mini-program may be made of, and the policy its pages run under. Pure."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

import msgspec

from teahouse.miniprograms.registry.errors import InvalidProgram
from teahouse.miniprograms.registry.types import Manifest, Program, ProgramInfo

MANIFEST: Final = "manifest.toml"
FILES_PATH: Final = "/miniprograms/files"
# What programs share: our own small library and the look of the house.
SDK_PATH: Final = "/miniprograms/sdk/1"
# Everything is kept in memory; a program is a few pages and pictures.
FILES_MAX: Final = 200
FILE_BYTES_MAX: Final = 2 * 1024 * 1024
PROGRAM_BYTES_MAX: Final = 8 * 1024 * 1024
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".toml": "text/plain; charset=utf-8",
    ".ts": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
# Stands before every script that is served, on its first line, so that lines keep their numbers.
# No policy that browsers obey forbids WebRTC, by which a page reaches any address. So it is gone
# before a program's first line: also in a frame that a program makes for itself, since whatever
# runs there is such a script, and the one page cannot reach into the other.
GUARD: Final = (
    b"for(const n of Object.getOwnPropertyNames(globalThis))"
    b"if(/^(webkit|moz)?RTC/.test(n))delete globalThis[n];"
)
_SCRIPTS: Final = (".js", ".mjs")
_DIGEST_LETTERS: Final = 32
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


def make_program(files: Mapping[str, bytes]) -> Program:
    """A program from its files.

    Args:
        files: by path below its folder, with `/`.

    Raises:
        InvalidProgram: with what is wrong.
    """
    if MANIFEST not in files:
        raise InvalidProgram(f"There is no `{MANIFEST}`.")
    _check_files(files)
    manifest = read_manifest(files[MANIFEST])
    for path in (manifest.entry, manifest.icon):
        if path not in files:
            raise InvalidProgram(f"The manifest names `{path}`, which is not there.")
    if not manifest.entry.endswith(".html"):
        raise InvalidProgram("`entry` is an HTML page.")
    if not manifest.icon.endswith((".svg", ".png", ".webp")):
        raise InvalidProgram("`icon` is a picture: SVG, PNG or WebP.")
    return Program(manifest, _compute_digest(files), dict(files))


def _check_files(files: Mapping[str, bytes]) -> None:
    if len(files) > FILES_MAX:
        raise InvalidProgram(f"It has more than {FILES_MAX} files.")
    if sum(map(len, files.values())) > PROGRAM_BYTES_MAX:
        raise InvalidProgram(f"Its files are more than {PROGRAM_BYTES_MAX} bytes together.")
    for path, content in files.items():
        parts = path.split("/")
        if not path.isascii() or not all(parts) or any(part.startswith(".") for part in parts):
            raise InvalidProgram(f"`{path}` is no path of a file.")
        if PurePosixPath(path).suffix not in TYPES:
            raise InvalidProgram(f"`{path}` is of no kind that is served.")
        if len(content) > FILE_BYTES_MAX:
            raise InvalidProgram(f"`{path}` has more than {FILE_BYTES_MAX} bytes.")


def read_manifest(content: bytes) -> Manifest:
    """A manifest.

    Raises:
        InvalidProgram: with what is wrong.
    """
    try:
        found = msgspec.convert(tomllib.loads(content.decode()), Manifest)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InvalidProgram(f"`{MANIFEST}`: {error}") from None
    has_room = bool(found.room.sends or found.room.reads or found.room.state)
    if has_room != ("room" in found.permissions):
        raise InvalidProgram("The permission `room` and the table `room` go together.")
    if has_room and found.opens != "room":
        raise InvalidProgram('What does something in a chat opens in one: `opens = "room"`.')
    if len(set(found.permissions)) != len(found.permissions):
        raise InvalidProgram("`permissions` names one twice.")
    return found


def _compute_digest(files: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for path in sorted(files):
        for part in (path.encode(), files[path]):
            whole.update(len(part).to_bytes(8))
            whole.update(part)
    return whole.hexdigest()[:_DIGEST_LETTERS]


def serve_content(path: str, content: bytes) -> bytes:
    """A file as it is sent: a script with the guard before it."""
    return GUARD + content if PurePosixPath(path).suffix in _SCRIPTS else content


def folder_path(program: Program) -> str:
    """Where a program's files are on this server; ends with `/`."""
    return f"{FILES_PATH}/{program.manifest.id}/{program.digest}/"


def to_info(program: Program) -> ProgramInfo:
    """A program as members' clients see it."""
    manifest, folder = program.manifest, folder_path(program)
    return ProgramInfo(
        program_id=manifest.id,
        version=manifest.version,
        name=manifest.name,
        description=manifest.description,
        author=manifest.author,
        opens=manifest.opens,
        permissions=list(manifest.permissions),
        room=manifest.room,
        entry_path=folder + manifest.entry,
        icon_path=folder + manifest.icon,
    )


def make_policy(host: str, program: Program) -> str:
    """The Content Security Policy of a program's pages.

    It may load what is in its own folder and our library, and nothing else from anywhere; it may
    connect to nothing. `sandbox` gives it an origin of its own even where somebody opens its
    address by itself, so that it never reads what the members' client keeps.

    Args:
        host: as the client asked for it, with the port.
        program: whose pages.
    """
    assert is_host(host)
    own = f"{host}{folder_path(program)}"
    # Without a scheme: the page's own, which a proxy may have changed from ours.
    shared = f"{host}{SDK_PATH}/"
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {own} {shared}",
            f"style-src {own} {shared}",
            f"img-src {own} {shared} data: blob:",
            f"font-src {own}",
            f"media-src {own} blob:",
            "connect-src 'none'",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
            # No browser obeys it yet; until then the guard of `serve_content` does.
            "webrtc 'block'",
            "sandbox allow-scripts allow-forms",
        ]
    )


def is_host(text: str) -> bool:
    """Whether a text can stand for a host in a policy."""
    return _HOST.fullmatch(text) is not None

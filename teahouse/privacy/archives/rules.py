"""How an archive reads: its pages, its manifest, how its pieces are sealed. Pure."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from teahouse.platform.json import Json, JsonObject
from teahouse.platform.languages import Language
from teahouse.privacy.archives.types import (
    FORMAT,
    GROUPS,
    MANIFEST,
    SIGNATURE,
    ArchiveMember,
    Group,
    Manifest,
    ManifestSignature,
)

# What a file system, a browser and a ZIP reader all take for the same name.
_PATH: Final = re.compile(
    r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,120}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,120}){0,5}"
)
_SAFE_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_LENGTH_MAX: Final = 60
# Whole numbers at or above this, in members named so, are instants: 1973 and later.
_INSTANT_LEAST: Final = 10**11
_INSTANT_NAMES: Final = re.compile(r"(.*_)?(at|ts|until)")
_DEPTH_MAX: Final = 12
_TAGS: Final[dict[Language, str]] = {"en": "en", "zh": "zh-Hans"}

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #23302a; --soft: #5d6b62; --paper: #f7f5ef;
  --card: #fffdf8; --leaf: #2f6b47; --line: #dcdccf; --mine: #e3efe4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e6dd; --soft: #a3aea5; --paper: #171c19; --card: #1f2622; --leaf: #9cc7a9;
    --line: #35403a; --mine: #24382c; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", sans-serif; }
main { max-width: 52rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
header p, .soft, time { color: var(--soft); }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
a { color: var(--leaf); }
nav { margin-bottom: 1.5rem; display: flex; gap: 1rem; flex-wrap: wrap; }
ul.list { list-style: none; margin: 0; padding: 0; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; overflow: hidden; }
ul.list li + li { border-top: 1px solid var(--line); }
ul.list a { display: flex; justify-content: space-between; gap: 1rem; padding: .7rem 1rem;
  text-decoration: none; color: inherit; overflow-wrap: anywhere; }
ul.list a:hover { background: var(--mine); }
ul.list span { color: var(--soft); text-align: right; flex-shrink: 0; max-width: 50%; }
dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .3rem 1rem;
  margin: .5rem 0; }
dt { color: var(--soft); overflow-wrap: anywhere; }
dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
.item { background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: .5rem 1rem; margin: .75rem 0; }
.day { text-align: center; color: var(--soft); margin: 1.5rem 0 .5rem; font-size: .85rem; }
.said { background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: .45rem .8rem; margin: .4rem 4rem .4rem 0; overflow-wrap: anywhere; }
.said.mine { background: var(--mine); margin: .4rem 0 .4rem 4rem; }
.said b { font-size: .85rem; color: var(--leaf); }
.said time { font-size: .75rem; float: right; margin: .2rem 0 0 .8rem; }
.said p { margin: .1rem 0; white-space: pre-wrap; }
.said img { max-width: 100%; max-height: 24rem; border-radius: .5rem; display: block; }
.told { color: var(--soft); font-size: .85rem; text-align: center; margin: .4rem 0;
  overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  dl { grid-template-columns: 1fr; } dt { margin-top: .4rem; }
  .said { margin-right: 1.5rem; } .said.mine { margin-left: 1.5rem; }
}
"""
# The page runs nothing and loads nothing from elsewhere, wherever it is opened.
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file: data:;"
    " media-src 'self' file:; form-action 'none'; base-uri 'none'"
)

WORDS: Final[dict[str, dict[Language, str]]] = {
    "title": {"en": "Your data from {house}", "zh": "您在 {house} 的数据"},
    "of": {"en": "{member}, as of {when}.", "zh": "{member}，截至 {when}。"},
    "how": {
        "en": "All of it is in this folder. It needs no network. The pages are for reading; the "
        "same is in data/ as JSON for programs, and schema/ says how it is built.",
        "zh": "全部数据都在这个文件夹中，无需联网。网页供阅读；data/ 中是同样内容的 JSON，"
        "供程序使用，schema/ 说明其结构。",
    },
    "sealed": {
        "en": "Messages of encrypted chats stand here as they are on the server: locked. Your app "
        "can add them in a second file that it makes on your device.",
        "zh": "加密聊天的消息以服务器上的样子保存在此：无法读取。您的应用可以在您的设备上"
        "另外生成一个包含这些消息的文件。",
    },
    "bring": {
        "en": "To move into another Teahouse, open Me, Privacy, Bring my data there and choose the "
        "archive as it was downloaded.",
        "zh": "要搬到另一个 Teahouse，请在那里打开“我 > 隐私 > 带来我的数据”，"
        "并选择下载的归档文件。",
    },
    "account": {"en": "You", "zh": "您"},
    "chats": {"en": "Chats", "zh": "聊天"},
    "files": {"en": "Photos and files", "zh": "照片和文件"},
    "money": {"en": "Money", "zh": "资金"},
    "privacy": {"en": "Privacy", "zh": "隐私"},
    "records": {"en": "Everything else, row by row", "zh": "其余所有记录"},
    "left_out": {"en": "What is not in here, and why", "zh": "未包含的内容及原因"},
    "rows": {"en": "{count} rows", "zh": "{count} 条"},
    "nothing": {"en": "Nothing.", "zh": "无。"},
    "yes": {"en": "yes", "zh": "是"},
    "no": {"en": "no", "zh": "否"},
    "start": {"en": "Start", "zh": "首页"},
    "as_json": {"en": "the same as JSON", "zh": "同样内容的 JSON"},
}  # fmt: skip


class Link(msgspec.Struct, frozen=True):
    """A line of the first page."""

    group: Group
    path: str
    title: str
    note: str


def say(name: str, language: Language, **values: object) -> str:
    """A phrase in a language."""
    return WORDS[name][language].format(**values)


def is_path(path: str) -> bool:
    """Whether a path may stand in an archive: nothing that leads out of its folder."""
    return _PATH.fullmatch(path) is not None and ".." not in path


def make_name(text: str) -> str:
    """A part of a path out of anything; `x` where nothing is left of it."""
    made = _SAFE_NAME.sub("-", text).strip("-.")[:_NAME_LENGTH_MAX].rstrip("-.")
    return re.sub(r"\.{2,}", ".", made) or "x"


def tell_instant(instant_ms: int) -> str:
    """An instant as people read it, in UTC."""
    try:
        return datetime.fromtimestamp(instant_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return str(instant_ms)


# Pages


def render_page(
    title: str, body: str, *, language: Language, nav: Sequence[tuple[str, str]] = ()
) -> bytes:
    """A page that needs nothing but a browser.

    Args:
        title: text; escaped here.
        body: HTML; whoever makes it has escaped what members wrote.
        language: of the page.
        nav: links at the top, as path and text.
    """
    links = "".join(f'<a href="{escape(path)}">{escape(text)}</a>' for path, text in nav)
    return (
        f'<!doctype html>\n<html lang="{_TAGS[language]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"{f'<nav>{links}</nav>' if links else ''}\n<h1>{escape(title)}</h1>\n{body}\n"
        "</main>\n</body>\n</html>\n"
    ).encode()


def render_start(
    member: ArchiveMember, links: Iterable[Link], left_out: Iterable[tuple[str, str]], *, now: int
) -> bytes:
    """The first page."""
    language = member.language
    told = [
        say("of", language, member=member.user_id, when=tell_instant(now)),
        say("how", language), say("sealed", language), say("bring", language),
    ]  # fmt: skip
    parts = ["<header>", *(f"<p>{escape(one)}</p>" for one in told), "</header>"]
    found = list(links)
    for group in GROUPS:
        own = [link for link in found if link.group == group]
        if own:
            parts += [f"<h2>{escape(say(group, language))}</h2>", _list_links(own)]
    parts.append(f"<h2>{escape(say('left_out', language))}</h2><dl>")
    parts += [f"<dt>{escape(what)}</dt><dd>{escape(why)}</dd>" for what, why in left_out]
    parts.append("</dl>")
    title = say("title", language, house=member.server_name)
    return render_page(title, "\n".join(parts), language=language)


def _list_links(links: Iterable[Link]) -> str:
    lines = (
        f'<li><a href="{escape(link.path)}">{escape(link.title)}'
        f"<span>{escape(link.note)}</span></a></li>"
        for link in links
    )
    return f'<ul class="list">{"".join(lines)}</ul>'


def render_document(title: str, data: JsonObject, *, json_path: str, language: Language) -> bytes:
    """JSON as a page: members as labels and values, lists as boxes, instants as dates.

    Args:
        title: the heading.
        data: what is shown.
        json_path: where the same stands as JSON, from the page.
        language: of the page.
    """
    nav = [("../../index.html", say("start", language)), (json_path, say("as_json", language))]
    return render_page(title, _render(data, language, 0), language=language, nav=nav)


def _render(value: Json, language: Language, depth: int) -> str:
    if depth >= _DEPTH_MAX:
        return escape(msgspec.json.encode(value).decode())
    if isinstance(value, dict | list):
        if not value:
            return f'<span class="soft">{escape(say("nothing", language))}</span>'
        return _render_many(value, language, depth)
    if isinstance(value, bool):
        return escape(say("yes" if value else "no", language))
    return "" if value is None else escape(str(value))


def _render_many(value: JsonObject | list[Json], language: Language, depth: int) -> str:
    if isinstance(value, list):
        return "".join(
            f'<div class="item">{_render(one, language, depth + 1)}</div>' for one in value
        )
    rows = (
        f"<dt>{escape(name.replace('_', ' '))}</dt>"
        f"<dd>{_render_member(name, one, language, depth)}</dd>"
        for name, one in value.items()
    )
    return f"<dl>{''.join(rows)}</dl>"


def _render_member(name: str, value: Json, language: Language, depth: int) -> str:
    is_instant = (
        isinstance(value, int)
        and not isinstance(value, bool)
        and value >= _INSTANT_LEAST
        and _INSTANT_NAMES.fullmatch(name) is not None
    )
    if is_instant:
        assert isinstance(value, int)
        return f"<time>{escape(tell_instant(value))}</time>"
    return _render(value, language, depth + 1)


# The manifest


def text_to_sign(manifest_json: bytes, server_name: str) -> str:
    """What is signed: it begins as no receipt and no checkpoint does.

    Args:
        manifest_json: the manifest's bytes as they stand in the archive.
        server_name: who signs.
    """
    return f"{FORMAT}\n{server_name}\n{hashlib.sha256(manifest_json).hexdigest()}\n"


def make_signature(text: str, signature: bytes, public_key: bytes) -> ManifestSignature:
    """The signature's file."""
    return ManifestSignature(
        algorithm="Ed25519",
        signed=text,
        signature=b64encode(signature).decode(),
        public_key=b64encode(public_key).decode(),
    )


def is_signed(manifest: Manifest, manifest_json: bytes, signature: ManifestSignature) -> bool:
    """Whether a manifest is what the holder of the named key has signed."""
    text = text_to_sign(manifest_json, manifest.server_name)
    if signature.signed != text:
        return False
    try:
        raw = b64decode(signature.public_key, validate=True)
        key = Ed25519PublicKey.from_public_bytes(raw)
        key.verify(b64decode(signature.signature, validate=True), text.encode())
    except (ValueError, NotBase64, InvalidSignature):
        return False
    return True


SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_INDEX: Final = "schema/index.json"
_RECORDS: Final = re.compile(r"data/records/([a-z0-9_]+)\.jsonl")

# What holds in every document, however deep: a program need not guess what a number means.
DOCUMENT_SCHEMA: Final[JsonObject] = {
    "$schema": SCHEMA_DIALECT,
    "title": "data/<domain>/<subject>.json",
    "description": "What a domain tells of you. Members that end in _at, _ts or _until are "
    "milliseconds since 1970 UTC; amounts are {minor, currency}: whole minor units and ISO 4217.",
    "type": "object",
    "$ref": "#/$defs/members",
    "$defs": {
        "any": {
            "if": {"type": "object"},
            "then": {"$ref": "#/$defs/members"},
            "else": {"if": {"type": "array"}, "then": {"items": {"$ref": "#/$defs/any"}}},
        },
        "members": {
            "patternProperties": {
                "_(at|ts|until)$": {"type": ["integer", "null"]},
                "(^|_)minor$": {"type": ["integer", "null"]},
                "^currency$": {"type": ["string", "null"], "pattern": "^[A-Z]{3}$"},
            },
            "additionalProperties": {"$ref": "#/$defs/any"},
        },
    },
}
EVENT_SCHEMA: Final[JsonObject] = {
    "$schema": SCHEMA_DIALECT,
    "title": "A line of chats/<number>/events.jsonl",
    "description": "An event of a chat in the form of the Matrix client-server API, oldest first.",
    "type": "object",
    "required": ["event_id", "type", "sender", "origin_server_ts", "content"],
    "properties": {
        "event_id": {"type": "string"},
        "type": {"type": "string"},
        "sender": {"type": "string"},
        "origin_server_ts": {"type": "integer"},
        "state_key": {"type": "string"},
        "content": {"type": "object"},
    },
}
DATA_MAP_SCHEMA: Final[JsonObject] = {
    "$schema": SCHEMA_DIALECT,
    "title": "data/data-map.json",
    "description": "What each column is for, by table and column.",
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "additionalProperties": False,
            "required": ["category", "purpose", "basis", "keep", "seen_by"],
            "properties": {
                "category": {"type": "string"},
                "purpose": {"type": "string"},
                "basis": {"type": "string"},
                "keep": {"type": "string"},
                "seen_by": {"type": "array", "items": {"type": "string"}},
            },
        },
    },
}
_LEFT_OUT_SCHEMA: Final[JsonObject] = {
    "$schema": SCHEMA_DIALECT,
    "title": "data/left-out.json",
    "description": "Why a table or column is not in here.",
    "type": "object",
    "additionalProperties": {"type": "string"},
}
_INDEX_SCHEMA: Final[JsonObject] = {
    "$schema": SCHEMA_DIALECT,
    "title": SCHEMA_INDEX,
    "description": "By which schema each JSON file is built; of .jsonl files, each line.",
    "type": "object",
    "additionalProperties": {"type": "string"},
}
SCHEMAS: Final[dict[str, JsonObject]] = {
    "manifest": msgspec.json.schema(Manifest),
    "signature": msgspec.json.schema(ManifestSignature),
    "document": DOCUMENT_SCHEMA,
    "event": EVENT_SCHEMA,
    "data-map": DATA_MAP_SCHEMA,
    "left-out": _LEFT_OUT_SCHEMA,
    "index": _INDEX_SCHEMA,
}
_OWN: Final = {
    MANIFEST: "manifest",
    SIGNATURE: "signature",
    "data/data-map.json": "data-map",
    "data/left-out.json": "left-out",
    SCHEMA_INDEX: "index",
}


def schema_path(path: str) -> str | None:
    """The schema by which a file of an archive is built; None for one that is not JSON.

    Every JSON file has one: of a row the one of its table, of an event that of events, and what
    else domains tell follows the rules of all documents.
    """
    if not path.endswith((".json", ".jsonl", SIGNATURE)) or path.startswith("media/"):
        return None
    found = _RECORDS.fullmatch(path)
    if found is not None:
        return record_schema_path(found[1])
    if path.endswith("/events.jsonl"):
        return "schema/event.schema.json"
    return f"schema/{_OWN.get(path, 'document')}.schema.json"


def record_schema_path(table: str) -> str:
    """Where the schema of a table's rows is."""
    return f"schema/records/{table}.schema.json"

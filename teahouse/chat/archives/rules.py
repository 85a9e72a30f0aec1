"""How a chat reads as a page, and what becomes of its messages in another house. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

import msgspec

from teahouse import privacy
from teahouse.platform.json import Json, JsonObject
from teahouse.platform.languages import Language

# What a browser shows by itself; all else is a file to be opened by other means.
_ENDINGS: Final = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/mp4": ".m4a",
    "audio/webm": ".weba",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
}
_WORDS: Final[dict[str, dict[Language, str]]] = {
    "locked": {"en": "{count} encrypted messages", "zh": "{count} 条加密消息"},
    "deleted": {"en": "Deleted.", "zh": "已删除。"},
    "joined": {"en": "{who} joined", "zh": "{who} 加入了聊天"},
    "left": {"en": "{who} left", "zh": "{who} 离开了聊天"},
    "invited": {"en": "{who} was invited", "zh": "{who} 收到邀请"},
    "named": {"en": "The chat is now called {who}", "zh": "聊天更名为 {who}"},
    "edited": {"en": "edited", "zh": "已编辑"},
    "file": {"en": "File", "zh": "文件"},
    "earlier": {"en": "Earlier", "zh": "更早"},
    "later": {"en": "Later", "zh": "更晚"},
    "start": {"en": "Start", "zh": "首页"},
    "as_json": {"en": "the same as JSON", "zh": "同样内容的 JSON"},
    "empty": {"en": "Nothing was said here.", "zh": "这里没有消息。"},
    "files": {"en": "Photos and files", "zh": "照片和文件"},
}
_STATE_WORDS: Final = {"join": "joined", "leave": "left", "ban": "left", "invite": "invited"}


class Said(msgspec.Struct, frozen=True):
    """An event, as a page needs it. The form of the client-server API."""

    type: str
    sender: str
    origin_server_ts: int
    content: JsonObject
    event_id: str = ""
    state_key: str | None = None


def word(name: str, language: Language, **values: object) -> str:
    """A phrase in a language."""
    return _WORDS[name][language].format(**values)


def media_path(media_id: str, content_type: str) -> str:
    """Where media stand in an archive."""
    ending = _ENDINGS.get(content_type.partition(";")[0].strip().lower(), ".bin")
    return f"media/{media_id[:100]}{ending}"


def is_shown_as_picture(content_type: str) -> bool:
    """Whether a browser shows it as a picture."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith("image/") and kind in _ENDINGS


def render_said(
    events: Sequence[Said],
    *,
    own: str,
    names: Mapping[str, str],
    media: Mapping[str, str],
    language: Language,
) -> str:
    """Events as HTML: bubbles for messages, a line for what else people want to know.

    Args:
        events: oldest first.
        own: whose archive it is.
        names: of senders.
        media: paths from the page by content URI, of those that are in the archive.
        language: of the words.
    """
    parts: list[str] = []
    day, locked = "", 0
    for event in events:
        if locked and event.type != "m.room.encrypted":
            parts.append(_line(word("locked", language, count=locked)))
            locked = 0
        if event.type == "m.room.encrypted":
            locked += 1
            continue
        shown = _render_event(event, own=own, names=names, media=media, language=language)
        if not shown:
            continue
        when = privacy.tell_instant(event.origin_server_ts)
        if when[:10] != day:
            day = when[:10]
            parts.append(f'<p class="day">{escape(day)}</p>')
        parts.append(shown)
    if locked:
        parts.append(_line(word("locked", language, count=locked)))
    return "\n".join(parts) or _line(word("empty", language))


def _render_event(
    event: Said,
    *,
    own: str,
    names: Mapping[str, str],
    media: Mapping[str, str],
    language: Language,
) -> str:
    name = names.get(event.sender, event.sender)
    if event.type in {"m.room.message", "m.sticker"}:
        css = "said mine" if event.sender == own else "said"
        time = privacy.tell_instant(event.origin_server_ts)[11:16]
        body = _render_body(event.content, media, language)
        return f'<div class="{css}"><time>{time}</time><b>{escape(name)}</b>{body}</div>'
    if event.type == "m.room.member" and event.state_key is not None:
        kind = _STATE_WORDS.get(str(event.content.get("membership")))
        target = names.get(event.state_key, event.state_key)
        return _line(word(kind, language, who=target)) if kind else ""
    if event.type == "m.room.name":
        return _line(word("named", language, who=str(event.content.get("name", ""))))
    return ""


def _render_body(content: JsonObject, media: Mapping[str, str], language: Language) -> str:
    if not content:
        return f'<p class="soft">{word("deleted", language)}</p>'
    newer = content.get("m.new_content")
    note = ""
    if isinstance(newer, dict):
        content, note = newer, f' <span class="soft">({word("edited", language)})</span>'
    body = content.get("body")
    text = escape(body) if isinstance(body, str) else ""
    path = media.get(str(content.get("url")))
    if path is None:
        return f"<p>{text}{note}</p>"
    if path.endswith((".jpg", ".png", ".gif", ".webp", ".avif")):
        return f'<img src="{escape(path)}" alt="{text}" loading="lazy">'
    return f'<p><a href="{escape(path)}">{text or word("file", language)}</a></p>'


def _line(text: str) -> str:
    return f'<p class="told">{escape(text)}</p>'


def render_files(files: Sequence[tuple[str, str, str]], language: Language) -> bytes:
    """A page of all photos and files.

    Args:
        files: path from the page, name, and note of each.
        language: of the page.
    """
    pictures = "".join(
        f'<a href="{escape(path)}"><img src="{escape(path)}" alt="{escape(name)}" loading="lazy"'
        ' width="160" height="160" style="object-fit:cover;border-radius:8px;margin:2px"></a>'
        for path, name, _note in files
        if path.endswith((".jpg", ".png", ".gif", ".webp", ".avif"))
    )
    lines = "".join(
        f'<li><a href="{escape(path)}">{escape(name)}<span>{escape(note)}</span></a></li>'
        for path, name, note in files
    )
    return privacy.render_page(
        word("files", language),
        f'<p>{pictures}</p><ul class="list">{lines}</ul>',
        language=language,
        nav=[("../../index.html", word("start", language))],
    )


# Into another house

# What apps keep for this house alone: secrets of its own encryption, and what points into it.
_KEPT_BEHIND: Final = (
    "m.secret_storage.",
    "m.cross_signing.",
    "m.megolm_backup.",
    "m.org.matrix.",
    "m.push_rules",
    "m.fully_read",
    "m.direct",
    "m.ignored_user_list",
    "m.identity_server",
    "m.accepted_terms",
    "m.widgets",
)
ARCHIVED: Final = "org.teahouse.archived"


def is_brought(data_type: str) -> bool:
    """Whether account data mean something in another house."""
    return not data_type.startswith(_KEPT_BEHIND)


def to_archived(event: Said, name: str, *, urls: Mapping[str, str]) -> JsonObject | None:
    """A message of another house, as the archive's account says it here.

    Args:
        event: as it stood there.
        name: what its sender was called there.
        urls: content URIs here by those there, of files that came along.

    Returns:
        The content of an `m.room.message`; None for what is not said again.
    """
    content = event.content
    newer = content.get("m.new_content")
    if isinstance(newer, dict):
        content = newer
    body, kind = content.get("body"), content.get("msgtype")
    if event.type not in {"m.room.message", "m.sticker"} or not isinstance(body, str):
        return None
    said: JsonObject = {
        "msgtype": "m.text",
        # Apps that know nothing of archives show who said it.
        "body": f"{name}: {body}",
        ARCHIVED: {
            "sender": event.sender,
            "name": name,
            "body": body,
            "event_id": event.event_id,
            "origin_server_ts": event.origin_server_ts,
        },
    }
    url = urls.get(str(content.get("url")))
    if url is not None and kind in {"m.image", "m.file", "m.audio", "m.video"}:
        said |= {"msgtype": kind, "url": url, "filename": _file_name(content, body)}
        info = content.get("info")
        if isinstance(info, dict):
            # Thumbnails did not come along.
            said["info"] = {k: v for k, v in info.items() if not k.startswith("thumbnail")}
    return said


def _file_name(content: Mapping[str, Json], body: str) -> str:
    name = content.get("filename")
    return name if isinstance(name, str) else body

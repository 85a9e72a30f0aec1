"""Which pages the web client has: read from where it chooses them, so that none is forgotten."""

from __future__ import annotations

import re
from pathlib import Path

_SOURCE = Path(__file__).parent.parent / "web" / "src"
# Leads on to another page, and shows nothing itself.
_LEADS_ON = {"to"}


def find_routes() -> list[str]:
    """Every address at which the client shows a page, such as `/me/wallet` or `/chats/:room`."""
    return sorted({*_before_sign_in(), *_tabs(), *_pages(), *_lists(), *_chats()})


def _before_sign_in() -> set[str]:
    found = re.findall(r'path(?: === |=)"(/[^"]+)"', _read("app/App.tsx"))
    return {re.sub(r":\w+", ":id", one) for one in found}


def _tabs() -> set[str]:
    house = _read("app/House.tsx")
    listed = re.search(r"!\[([^\]]+)\]\.includes\(tab\)", house)
    assert listed, "House.tsx no longer lists its tabs as this expects"
    tabs = {f"/{one}" for one in re.findall(r'"(\w+)"', listed[1])}
    alone = set(re.findall(r'if \(tab === "(\w+)"\) return', house)) - _LEADS_ON
    return {*tabs, *(f"/{one}/:id" for one in alone)}


def _pages() -> set[str]:
    """What `/me` and `/discover` lead to: keys of tables such as `"me/wallet": <Wallet />`."""
    sources = [_read("app/House.tsx"), *map(_text, _SOURCE.glob("domains/*/pages.tsx"))]
    found = {one for text in sources for one in re.findall(r'"((?:me|discover)/[a-z-]+)": <', text)}
    assert found, "No table of pages was found"
    return {f"/{one}" for one in found}


def _lists() -> set[str]:
    """What privacy and the staff's console lead to."""
    found = {
        f"/me/{domain}/{one}"
        for domain in ("privacy", "staff")
        for one in re.findall(r'\bpath: "([a-z-]+)"', _read(f"domains/{domain}/pages.tsx"))
    }
    assert found, "No list of pages was found"
    return found


def _chats() -> set[str]:
    house = _read("app/House.tsx")
    beside = re.search(r"SIDES = new Set\(\[([^\]]+)\]\)", _read("domains/chat/ChatRoom.tsx"))
    assert beside, "ChatRoom.tsx no longer lists what stands beside a chat as this expects"
    below = {
        *re.findall(r'second === "(\w+)"', house),
        *re.findall(r'"(\w+)"', beside[1]),
    }
    return {
        "/chats/:id",
        "/contacts/:id",
        *(f"/chats/:id/{one}" for one in below),
        *(f"/chats/{one}" for one in re.findall(r'first === "(\w+)"', house)),
    }


def _read(name: str) -> str:
    return _text(_SOURCE / name)


def _text(file: Path) -> str:
    return file.read_text("utf-8")

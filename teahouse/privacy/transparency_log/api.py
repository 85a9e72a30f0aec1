"""Routes of the log, below /api/v1/privacy/log. All but a member's own entries are public."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get

from teahouse.platform.http import Request
from teahouse.platform.pages import Page, encode_cursor, page_limit, parse_cursor
from teahouse.platform.router import OPEN
from teahouse.privacy.checkpoints.live import LogKey
from teahouse.privacy.policy.api import read_language
from teahouse.privacy.transparency_log.queries import (
    find_head,
    list_commitments,
    list_entries_about,
    prove_consistency,
    prove_inclusion,
    tell_words,
)
from teahouse.privacy.transparency_log.types import Entry, LogWords

_ROOT = "/api/v1/privacy/log"
_COMMITMENTS_MAX = 1000


class Key(msgspec.Struct, frozen=True):
    """Who signs the log.

    Attributes:
        verifier_key: `origin+hash+key`, as tools for signed notes take it.
    """

    verifier_key: str


class Proof(msgspec.Struct, frozen=True):
    """A proof of RFC 9162.

    Attributes:
        hashes: hexadecimal, in the order in which a verifier takes them.
    """

    hashes: list[str]


class Commitments(msgspec.Struct, frozen=True):
    """What the log holds for all to see.

    Attributes:
        start: the index of the first.
        commitments: hexadecimal; at most 1,000.
    """

    start: int
    commitments: list[str]


@get(f"{_ROOT}/key", opt=OPEN)
async def key(request: Request) -> Key:
    """The key that signs the log: keep it, it must never change."""
    _limit(request)
    return Key(request.services.get(LogKey).verifier_key)


@get(f"{_ROOT}/checkpoint", opt=OPEN)
async def checkpoint(request: Request) -> Response[str]:
    """The signed size and root of the log, as text (C2SP tlog-checkpoint)."""
    _limit(request)
    head = await request.services.db.read(find_head)
    note = request.services.get(LogKey).sign(head.size, head.root)
    return Response(note, media_type="text/plain; charset=utf-8")


@get(f"{_ROOT}/inclusion", opt=OPEN)
async def inclusion(request: Request) -> Proof:
    """Proves that the entry `index` is in the log of `size` entries (RFC 9162, 2.1.3)."""
    _limit(request)
    proof = await request.services.db.read(
        prove_inclusion,
        index=request.query_int("index", default=0),
        size=request.query_int("size", default=1, least=1),
    )
    return Proof([one.hex() for one in proof])


@get(f"{_ROOT}/consistency", opt=OPEN)
async def consistency(request: Request) -> Proof:
    """Proves that the log of `new` entries begins with that of `old` (RFC 9162, 2.1.4)."""
    _limit(request)
    proof = await request.services.db.read(
        prove_consistency,
        old_size=request.query_int("old", default=1, least=1),
        new_size=request.query_int("new", default=1, least=1),
    )
    return Proof([one.hex() for one in proof])


@get(f"{_ROOT}/commitments", opt=OPEN)
async def commitments(request: Request) -> Commitments:
    """The entries from `start` on, as commitments that tell nothing to who may not know."""
    _limit(request)
    start = request.query_int("start", default=0)
    found = await request.services.db.read(list_commitments, start=start, limit=_COMMITMENTS_MAX)
    return Commitments(start, [one.hex() for one in found])


@get(f"{_ROOT}/entries")
async def entries(request: Request) -> Page[Entry]:
    """Who looked at one's own data, the latest first."""
    requester = await request.requester()
    place = parse_cursor(request.query("cursor"), tuple[int])
    limit = page_limit(request)
    found = await request.services.db.read(
        list_entries_about, requester.user_id, before=place[0] if place else None, limit=limit + 1
    )
    shown = found[:limit]
    return Page(shown, encode_cursor(shown[-1].index) if len(found) > limit else None)


@get("/api/v1/privacy/words")
async def words(request: Request) -> LogWords:
    """What the names of deeds, tables and columns mean, in the language `lang`."""
    await request.requester()
    return tell_words(read_language(request))


def _limit(request: Request) -> None:
    request.services.rate_limits.check("address", request.address())


ROUTES: list[Any] = [key, checkpoint, inclusion, consistency, commitments, entries, words]

"""Nouns of erasure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal, NewType, TypeAlias

import msgspec

from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject
from teahouse.platform.requester import Requester
from teahouse.platform.services import Services
from teahouse.privacy.member_keys.types import Owners
from teahouse.privacy.sealed_boxes.types import BoxContent

ErasureId = NewType("ErasureId", str)
ErasureStatus: TypeAlias = Literal["waiting", "running", "done"]


class Obstacle(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be settled before an erasure, or to be known.

    Attributes:
        code: what it is: `money-left`, `red-packet-open`, `bank-order-open`, `dispute-open`,
            `shop-owned`.
        amount: `{"minor": 100, "currency": "CNY"}`, where it is about money.
        name: of the shop, where it is about one.
        blocks: whether nothing is erased before it is settled.
    """

    code: str
    amount: JsonObject | None = None
    name: str = ""
    blocks: bool = True


class AskErasure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of the request to be erased.

    Attributes:
        at_once: without the time to think it over.
        auth: what shows again that it is the member.
    """

    at_once: bool = False
    auth: dict[str, Any] | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands with a member's erasure.

    Attributes:
        is_asked: whether they asked for it, and may still keep the account.
        asked_at: when, milliseconds.
        due_at: when it is done.
        days: how long one may think it over.
        keep_years: how long the law keeps what it demands.
        obstacles: what must be settled before, or be known.
    """

    is_asked: bool
    days: int
    keep_years: int
    obstacles: list[Obstacle]
    asked_at: int | None = None
    due_at: int | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a member gets who asked to be erased.

    Attributes:
        due_at: when it is done, milliseconds.
        claim: the words that fetch the certificate; told only now, kept as a digest.
        page: where the certificate will be, to be opened without an account.
    """

    due_at: int
    claim: str
    page: str


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far an erasure is, for who has its claim.

    Attributes:
        status: waiting, running or done.
        due_at: when it is or was to be done.
        certificate: all that proves it, once it is done.
    """

    status: ErasureStatus
    due_at: int
    certificate: Certificate | None = None


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What proves an erasure, by itself.

    Attributes:
        note: the statement, signed with the key of the transparency log (C2SP signed note); its
            second line is JSON in the form of RFC 8785.
        verifier_key: of the log.
        checkpoint: a signed checkpoint of the log in which the key's destruction is entered.
        inclusion: proves that it is, hexadecimal.
    """

    note: str
    verifier_key: str
    checkpoint: str
    inclusion: list[str]


class StoredErasure(msgspec.Struct, frozen=True, kw_only=True):
    """An erasure, as it is kept."""

    erasure_id: ErasureId
    user_id: str | None
    status: ErasureStatus
    asked_at: int
    due_at: int
    begun_at: int | None
    emptied_at: int | None
    found: str | None
    key_entry: str | None


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Something that stays.

    Attributes:
        store: the table.
        rows: how many rows named the member.
        en: why they stay, in English.
        zh: in Chinese.
        by_law: whether the law demands it.
    """

    store: str
    rows: int
    en: str
    zh: str
    by_law: bool


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What there was of a member, before it was erased.

    Attributes:
        erased: rows that go, by table.
        blanked: rows that stay without what was the member's in them, by table.
        kept: rows that stay as they are, and why.
        files: files that go, by folder.
        box_id: of the sealed box, where the law keeps anything.
        box_contents: how many records of which kind are in it.
        box_expires_at: when its key is destroyed.
    """

    erased: dict[str, int]
    blanked: dict[str, int]
    kept: list[Kept]
    files: dict[str, int]
    box_id: str | None = None
    box_contents: dict[str, int] = {}
    box_expires_at: int | None = None


class KeyEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What the log commits to about the destruction of a key; opened by the certificate.

    Attributes:
        index: its place in the log.
        salt: 16 random bytes, hexadecimal.
        body: JSON, exactly the bytes committed to.
    """

    index: int
    salt: str
    body: str


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a member was.

    Attributes:
        house: the server's name.
        database: `sqlite` or `postgresql`.
        copies_days: how long the database keeps a log or copies of its own; 0: it has none, or
            nobody said.
    """

    house: str
    database: str
    copies_days: int


class Eraser(msgspec.Struct, frozen=True, kw_only=True):
    """What erasing takes that other domains know; `teahouse.app` makes it.

    Attributes:
        confirm: returns once the requester has shown again that it is them.
        find_obstacles: what must be settled before, or be known.
        close: closes the account and erases, in one transaction, all that can be erased in one.
        erase_rest: erases what is too much for one transaction; may run twice.
        open_jobs: kinds of jobs that erase too: nothing is done before they are.
        gather: what the law keeps of a member, or None.
        keep_years: for how long.
        owners: whose every row and file is.
    """

    confirm: Callable[[Any, dict[str, Any] | None, Requester, str], Awaitable[None]]
    find_obstacles: Callable[[Read, str], list[Obstacle]]
    close: Callable[[Tx, str], None]
    erase_rest: Callable[[Services, str], Awaitable[None]]
    open_jobs: tuple[str, ...]
    gather: Callable[[Read, str], BoxContent | None]
    keep_years: Callable[[Read], int]
    owners: Owners

"""Commands that a caller may safely send twice: the first answer is kept with the change itself.

A request that moves money carries an `Idempotency-Key` header. The answer is stored in the
transaction of the change, so a repeated request gets it and changes nothing; another request
under the same key is refused. What was refused changed nothing and is not kept: the key is free.

Source: draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Concatenate, ParamSpec

import msgspec
import sqlalchemy as sa

from teahouse.platform.data_map import impersonal, limit_age, personal
from teahouse.platform.db import Tx, metadata
from teahouse.platform.errors import Refusal
from teahouse.platform.http import Request
from teahouse.platform.jobs import JobKind
from teahouse.platform.json import encode_json
from teahouse.platform.services import Services

P = ParamSpec("P")

# Longer than any client keeps a request it has had no answer to; the promise is told in the docs.
KEEP_MS = 7 * 86_400_000
_SWEEP_EVERY_MS = 3_600_000
_KEY = re.compile(r"[\x21-\x7e]{1,255}")

platform_idempotency = sa.Table(
    "platform_idempotency",
    metadata,
    sa.Column(
        "who",
        sa.Text,
        primary_key=True,
        info=personal("identifier", "so that a request sent twice acts once", keep="7 days"),
    ),
    sa.Column(
        "key",
        sa.Text,
        primary_key=True,
        info=personal("activity", "so that a request sent twice acts once", keep="7 days"),
    ),
    sa.Column("request_hash", sa.LargeBinary, nullable=False, info=impersonal()),
    sa.Column(
        "answer",
        sa.Text,
        nullable=False,
        info=personal("activity", "the answer to a request sent twice", keep="7 days"),
    ),
    sa.Column("created_at", sa.BigInteger, nullable=False, index=True, info=impersonal()),
)

limit_age(
    platform_idempotency.c.created_at,
    keep="7 days",
    keep_ms=KEEP_MS,
    job="platform.forget_old_answers",
)

_row = platform_idempotency.c


class MissingIdempotencyKey(Refusal):
    """A request that moves money came without its key."""

    code, errcode = "missing-idempotency-key", "M_MISSING_PARAM"
    message = (
        "The header `Idempotency-Key` is missing: 1 to 255 visible ASCII characters, new for each "
        "request and the same when a request is sent again."
    )


class IdempotencyKeyReused(Refusal):
    """The key belongs to an earlier, different request."""

    status, code, errcode = 422, "idempotency-key-reused", "M_INVALID_PARAM"
    message = "This `Idempotency-Key` was used for another request: take a new one."


class Once(msgspec.Struct, frozen=True):
    """What makes two requests the same one.

    Attributes:
        who: whose keys; keys of others never meet.
        key: the caller's idempotency key.
        request_hash: SHA-256 of method, path and body.
    """

    who: str
    key: str
    request_hash: bytes


async def read_once(request: Request, who: str) -> Once:
    """Read a request's idempotency key.

    Args:
        request: any that changes something.
        who: the member's or the shop key's id.

    Raises:
        MissingIdempotencyKey: no key, or not of its form.
    """
    key = request.headers.get("idempotency-key", "")
    if not _KEY.fullmatch(key):
        raise MissingIdempotencyKey
    told = b"\0".join(
        (request.method.encode(), request.scope["path"].encode(), await request.body())
    )
    return Once(who, key, hashlib.sha256(told).digest())


def run_once(
    tx: Tx,
    once: Once,
    command: Callable[Concatenate[Tx, P], object],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> bytes:
    """Run a command unless the same request has run before.

    Args:
        tx: the transaction that also keeps the answer.
        once: from `read_once`.
        command: its result is the answer, encoded as JSON.
        *args: for the command.
        **kwargs: for the command.

    Returns:
        The answer as JSON: of now, or of the first time.

    Raises:
        IdempotencyKeyReused: the key was used for another request.
    """
    earlier = tx.conn.execute(
        sa.select(_row.request_hash, _row.answer).where(_row.who == once.who, _row.key == once.key)
    ).one_or_none()
    if earlier is not None:
        if earlier.request_hash != once.request_hash:
            raise IdempotencyKeyReused
        return str(earlier.answer).encode()
    told = encode_json(command(tx, *args, **kwargs))
    tx.conn.execute(
        sa.insert(platform_idempotency).values(
            who=once.who,
            key=once.key,
            request_hash=once.request_hash,
            answer=told.decode(),
            created_at=tx.now,
        )
    )
    return told


def forget_old_answers(tx: Tx) -> int:
    """Delete answers older than `KEEP_MS`.

    Returns:
        How many.
    """
    old = sa.delete(platform_idempotency).where(_row.created_at < tx.now - KEEP_MS)
    return tx.conn.execute(old).rowcount


def forget_answers_of(tx: Tx, who: str) -> None:
    """Delete all answers kept for a member who is erased."""
    tx.conn.execute(sa.delete(platform_idempotency).where(_row.who == who))


async def _sweep(services: Services, _payload: msgspec.Struct) -> None:
    await services.db.write(forget_old_answers)


JOB_KINDS = [JobKind("platform.forget_old_answers", _sweep, every_ms=_SWEEP_EVERY_MS)]

"""Whether somebody knows a member's password.

A hash takes tens of milliseconds by intention. It runs in threads of its own, never in the event
loop or the writer, so that it holds up no other request.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor

import argon2
import sqlalchemy as sa

from teahouse.accounts.rules import PASSWORD_CHARACTERS_MAX
from teahouse.accounts.tables import accounts_member
from teahouse.platform.db import Database, Read, Tx
from teahouse.platform.errors import Overloaded
from teahouse.platform.settings import Settings

# Two threads keep two cores busy and leave the event loop its turn.
THREAD_COUNT = 2
# At some 40 ms a hash, 200 waiting is a wait of four seconds: more is refused.
WAITING_MAX = 200


class PasswordHasher:
    """Hashes and checks passwords with argon2id (RFC 9106).

    Args:
        settings: `password_hash_mib` and `password_hash_rounds`.
        db: where hashes are kept.
    """

    def __init__(self, settings: Settings, db: Database) -> None:
        self._argon2 = argon2.PasswordHasher(
            time_cost=settings.password_hash_rounds,
            memory_cost=settings.password_hash_mib * 1024,
            parallelism=1,
        )
        self._db = db
        self._threads = ThreadPoolExecutor(THREAD_COUNT, "password")
        self._waiting = 0
        # What unknown names are checked against, so that they take as long as known ones. It is
        # the hash of nothing that anybody knows, and need not be computed first.
        self._decoy = (
            f"$argon2id$v=19$m={settings.password_hash_mib * 1024}"
            f",t={settings.password_hash_rounds},p=1"
            f"${_encode(bytes(self._argon2.salt_len))}${_encode(bytes(self._argon2.hash_len))}"
        )

    def stop(self) -> None:
        """Stop the threads."""
        self._threads.shutdown()

    async def hash(self, password: str) -> str:
        """The hash to keep of a new password.

        Raises:
            Overloaded: too many are waiting.
        """
        return await self._run(password)

    def hash_now(self, password: str) -> str:
        """`hash` for callers without an event loop; blocks."""
        return self._argon2.hash(_as_bytes(password))

    async def check(self, user_id: str, password: str) -> bool:
        """Whether `password` opens the account of `user_id`.

        Takes the same time whether or not the member exists or has a password. A hash made with
        earlier settings is made anew.

        Raises:
            Overloaded: too many are waiting.
        """
        kept = await self._db.read(_find_hash, user_id)
        if len(password) > PASSWORD_CHARACTERS_MAX:
            password = ""
        matches = await self._run(password, against=kept or self._decoy)
        if kept is None or matches != kept:
            return False
        if self._argon2.check_needs_rehash(kept):
            await self._db.write(replace_hash, user_id, kept, await self.hash(password))
        return True

    async def _run(self, password: str, against: str | None = None) -> str:
        """Hash, or check and return `against` where it matches and "" where not."""
        if self._waiting >= WAITING_MAX:
            raise Overloaded
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._work, password, against)
        finally:
            self._waiting -= 1

    def _work(self, password: str, against: str | None) -> str:
        if against is None:
            return self.hash_now(password)
        try:
            self._argon2.verify(against, _as_bytes(password))
        except argon2.exceptions.VerifyMismatchError:
            return ""
        return against


def _encode(raw: bytes) -> str:
    return b64encode(raw).rstrip(b"=").decode()


def _as_bytes(password: str) -> bytes:
    # A lone surrogate cannot be sent in UTF-8 but can in a JSON escape.
    return password.encode("utf-8", "surrogatepass")


def _find_hash(read: Read, user_id: str) -> str | None:
    statement = sa.select(accounts_member.c.password_hash).where(
        accounts_member.c.user_id == user_id, accounts_member.c.deactivated_at.is_(None)
    )
    return read.conn.execute(statement).scalar_one_or_none()


def replace_hash(tx: Tx, user_id: str, old: str, new: str) -> None:
    """Keep a newer hash of the same password, unless the password changed meanwhile."""
    tx.conn.execute(
        sa.update(accounts_member)
        .where(accounts_member.c.user_id == user_id, accounts_member.c.password_hash == old)
        .values(password_hash=new)
    )

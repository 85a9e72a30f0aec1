"""From a stranger's access token to a requester, mostly without touching the database."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from contextlib import suppress
from typing import cast

import msgspec
import sqlalchemy as sa

from teahouse.accounts.announcements import (
    DeviceRemoved,
    MemberDeactivated,
    RolesChanged,
    SuspensionChanged,
    TokensRevoked,
)
from teahouse.accounts.devices.commands import Visit, note_visits
from teahouse.accounts.devices.queries import find_device
from teahouse.accounts.errors import UnknownDevice
from teahouse.accounts.logins.types import Appservice, HeldToken
from teahouse.accounts.members.queries import is_active
from teahouse.accounts.rules import compute_digest
from teahouse.accounts.suspensions.queries import find_suspension
from teahouse.accounts.tables import (
    accounts_access_token,
    accounts_refresh_token,
    accounts_staff_role,
)
from teahouse.platform.announcements import Announcement, CachesOutdated
from teahouse.platform.db import Database, Read, Tx
from teahouse.platform.errors import Forbidden, Overloaded, UnknownToken
from teahouse.platform.requester import Caller, Requester, Role

ROLES_MAX = 16
# Some 500 bytes each: 5 MB for as many devices as a process of this size serves.
REMEMBERED_MAX = 10_000
# How exact `last_seen_ts` is. The specification allows "a few minutes out of date".
VISIT_EVERY_MS = 5 * 60 * 1000


class _Remembered(msgspec.Struct):
    requester: Requester
    expires_at: int | None
    visit_due_at: int


class Authenticator:
    """Finds out who holds an access token, and remembers it until something changes.

    Args:
        db: where tokens are kept; its announcements say what to forget.
        server_name: the part of member ids after the colon.
    """

    def __init__(self, db: Database, server_name: str) -> None:
        self._db = db
        self._server_name = server_name
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._keys_of: dict[str, set[bytes]] = {}
        # Commits without an event loop are told in the writer's thread.
        self._lock = threading.Lock()
        self._changes = 0
        self._appservices: dict[bytes, Appservice] = {}
        self._visits: set[asyncio.Task[None]] = set()
        db.listen(self._forget_changed)

    async def __call__(
        self, token: str, *, as_user: str | None, as_device: str | None, caller: Caller
    ) -> Requester:
        """The holder of `token`, or the member and device an application service acts for.

        Raises:
            UnknownToken: nobody holds it (any more); `soft_logout` where it only expired.
            Forbidden: an application service asked for a member that is not its own.
            UnknownDevice: it asked for a device that this member does not have.
        """
        digest = compute_digest(token)
        found = self._remembered.get(digest)
        if found is None:
            if (appservice := self._appservices.get(digest)) is not None:
                requester = await self._act_for(appservice, digest, as_user)
                return await self._act_on(requester, as_device)
            found = await self._look_up(digest)
        now = self._db.clock.now_ms()
        if found.expires_at is not None and found.expires_at <= now:
            raise UnknownToken("The access token has expired: refresh it.", soft_logout=True)
        if found.visit_due_at <= now:
            found.visit_due_at = now + VISIT_EVERY_MS
            self._note_visit(found.requester, caller)
        return found.requester

    # Application services

    def add_appservice(self, token: str, appservice: Appservice) -> None:
        """Let an application service in under its `as_token`."""
        self._appservices[compute_digest(token)] = appservice

    def remove_appservice(self, appservice_id: str) -> None:
        """Let an application service in no longer."""
        kept = {d: a for d, a in self._appservices.items() if a.appservice_id != appservice_id}
        self._appservices = kept

    def find_appservice(self, token: str) -> Appservice | None:
        """The application service that holds `token`."""
        return self._appservices.get(compute_digest(token))

    def is_reserved(self, user_id: str, *, but_for: str | None = None) -> bool:
        """Whether an id is in the exclusive namespace of an application service.

        Args:
            user_id: the full id.
            but_for: the application service that asks.
        """
        return any(
            a.excludes(user_id) or a.user_id == user_id
            for a in self._appservices.values()
            if a.appservice_id != but_for
        )

    async def _act_for(
        self, appservice: Appservice, digest: bytes, as_user: str | None
    ) -> Requester:
        requester = Requester(
            user_id=as_user or appservice.user_id,
            appservice_id=appservice.appservice_id,
            is_limited=appservice.rate_limited and as_user not in {None, appservice.user_id},
            token_digest=digest,
        )
        if as_user in {None, appservice.user_id}:
            return requester
        assert as_user is not None
        if not appservice.owns(as_user):
            raise Forbidden("This member is not the application service's own.")
        if not await self._db.read(is_active, as_user):
            raise Forbidden("Application service has not registered this user.")
        return requester

    async def _act_on(self, requester: Requester, device_id: str | None) -> Requester:
        if device_id is None:
            return requester
        if await self._db.read(find_device, requester.user_id, device_id) is None:
            raise UnknownDevice
        return msgspec.structs.replace(requester, device_id=device_id)

    # Remembering

    async def _look_up(self, digest: bytes) -> _Remembered:
        changes = self._changes
        held = await self._db.read(find_token, digest)
        if held is None:
            raise UnknownToken(soft_logout=False)
        if held.is_unconfirmed:
            await self._db.write(confirm_token, digest)
            changes = self._changes
        found = _Remembered(
            requester=Requester(
                user_id=held.user_id,
                device_id=held.device_id,
                roles=held.roles,
                token_digest=digest,
                suspended_until=held.suspended_until,
            ),
            expires_at=held.expires_at,
            visit_due_at=0,
        )
        self._remember(digest, found, changes)
        return found

    @property
    def remembered_count(self) -> int:
        """How many tokens are remembered."""
        return len(self._remembered)

    def _remember(self, digest: bytes, found: _Remembered, changes: int) -> None:
        with self._lock:
            if changes != self._changes:
                # Something was revoked while we read: what was read may be outdated.
                return
            self._remembered[digest] = found
            self._keys_of.setdefault(found.requester.user_id, set()).add(digest)
            if len(self._remembered) > REMEMBERED_MAX:
                oldest, dropped = self._remembered.popitem(last=False)
                self._forget_key(dropped.requester.user_id, oldest)

    def _forget_key(self, user_id: str, digest: bytes) -> None:
        keys = self._keys_of.get(user_id, set())
        keys.discard(digest)
        if not keys:
            self._keys_of.pop(user_id, None)

    def _forget_changed(self, announcements: list[Announcement], _position: int) -> None:
        for announcement in announcements:
            match announcement:
                case (
                    DeviceRemoved(user_id=user_id)
                    | MemberDeactivated(user_id=user_id)
                    | RolesChanged(user_id=user_id)
                    | SuspensionChanged(user_id=user_id)
                    | TokensRevoked(user_id=user_id)
                ):
                    self._forget(user_id)
                case CachesOutdated():
                    self._forget_all()
                case _:
                    pass

    def _forget(self, user_id: str) -> None:
        with self._lock:
            self._changes += 1
            for digest in self._keys_of.pop(user_id, ()):
                self._remembered.pop(digest, None)

    def _forget_all(self) -> None:
        with self._lock:
            self._changes += 1
            self._remembered.clear()
            self._keys_of.clear()

    # Visits

    def _note_visit(self, requester: Requester, caller: Caller) -> None:
        if requester.device_id is None:
            return
        visit = Visit(
            requester.user_id,
            requester.device_id,
            caller.address(),
            caller.user_agent(),
        )
        # The request does not wait for this.
        task = asyncio.get_running_loop().create_task(self._write_visit(visit))
        self._visits.add(task)
        task.add_done_callback(self._visits.discard)

    async def _write_visit(self, visit: Visit) -> None:
        # A server under such load has better things to write; the next visit will do.
        with suppress(Overloaded):
            await self._db.write_batched(note_visits, visit)

    async def settle(self) -> None:
        """Wait until all visits are written (at the end, and in tests)."""
        await asyncio.gather(*self._visits)


def find_token(read: Read, digest: bytes) -> HeldToken | None:
    """What is known of an access token, by its digest."""
    access, refresh = accounts_access_token.c, accounts_refresh_token.c
    statement = (
        sa.select(access.user_id, access.device_id, access.expires_at, refresh.previous_digest)
        .select_from(
            accounts_access_token.outerjoin(
                accounts_refresh_token, refresh.digest == access.refresh_digest
            )
        )
        .where(access.digest == digest)
    )
    row = read.conn.execute(statement).one_or_none()
    if row is None:
        return None
    return HeldToken(
        user_id=row.user_id,
        device_id=row.device_id,
        roles=_find_roles(read, row.user_id),
        expires_at=row.expires_at,
        is_unconfirmed=row.previous_digest is not None,
        suspended_until=find_suspension(read, row.user_id),
    )


def _find_roles(read: Read, user_id: str) -> frozenset[Role]:
    roles = accounts_staff_role.c
    statement = (
        sa.select(roles.role).where(roles.user_id == user_id).order_by(roles.role).limit(ROLES_MAX)
    )
    return frozenset(cast("Role", role) for role in read.conn.execute(statement).scalars())


def confirm_token(tx: Tx, digest: bytes) -> None:
    """The first use of an access token: the generation before it ends."""
    statement = sa.select(
        accounts_access_token.c.user_id, accounts_access_token.c.refresh_digest
    ).where(accounts_access_token.c.digest == digest)
    row = tx.conn.execute(statement).one_or_none()
    if row is None or row.refresh_digest is None:
        return
    end_generation_before(tx, row.refresh_digest)
    tx.announce(TokensRevoked(row.user_id))


def end_generation_before(tx: Tx, digest: bytes) -> None:
    """Delete the refresh token that `digest` succeeded; its access tokens go with it."""
    previous = sa.select(accounts_refresh_token.c.previous_digest).where(
        accounts_refresh_token.c.digest == digest
    )
    tx.conn.execute(
        sa.delete(accounts_refresh_token).where(
            accounts_refresh_token.c.digest == previous.scalar_subquery()
        )
    )
    tx.conn.execute(
        sa.update(accounts_refresh_token)
        .where(accounts_refresh_token.c.digest == digest)
        .values(previous_digest=None)
    )

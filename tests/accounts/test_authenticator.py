"""The authenticator remembers who holds a token, and forgets it in time."""

import asyncio

import pytest

from teahouse.accounts import (
    Authenticator,
    DeviceWish,
    NewMember,
    grant_role,
    register_member,
    remove_devices,
)
from teahouse.accounts.logins import access
from teahouse.accounts.logins.access import find_token
from teahouse.accounts.logins.commands import log_out
from teahouse.accounts.logins.types import HeldToken
from teahouse.platform.announcements import CachesOutdated
from teahouse.platform.db import Database, Read
from teahouse.platform.errors import UnknownToken
from teahouse.platform.requester import Requester

pytestmark = pytest.mark.anyio


class Caller:
    """A connection whose visits are not looked at."""

    def address(self) -> str:
        return "192.0.2.1"

    def user_agent(self) -> str:
        return "test"


CALLER = Caller()


async def register(db: Database, name: str) -> str:
    """A member's access token."""
    new = NewMember(user_id=f"@{name}:teahouse.test", device=DeviceWish(device_id="PHONE"))
    login = await db.write(register_member, new)
    assert login is not None
    return login.access_token


async def ask(authenticator: Authenticator, token: str) -> Requester:
    return await authenticator(token, as_user=None, as_device=None, caller=CALLER)


async def test_a_token_is_looked_up_once_until_something_changes(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[bytes] = []

    def counted(read: Read, digest: bytes) -> HeldToken | None:
        reads.append(digest)
        return find_token(read, digest)

    monkeypatch.setattr(access, "find_token", counted)
    authenticator = Authenticator(db, "teahouse.test")
    rose, lily = await register(db, "rose"), await register(db, "lily")
    for _ in range(3):
        assert (await ask(authenticator, rose)).user_id == "@rose:teahouse.test"
        await ask(authenticator, lily)
    assert len(reads) == 2
    # Only whom it concerns is looked up again.
    await db.write(grant_role, "@rose:teahouse.test", "auditor", by=None)
    assert (await ask(authenticator, rose)).roles == frozenset({"auditor"})
    await ask(authenticator, lily)
    assert len(reads) == 3
    db.tell([CachesOutdated()], 0)
    await ask(authenticator, lily)
    assert len(reads) == 4
    await authenticator.settle()


async def test_a_removed_device_is_refused_by_the_next_request(db: Database) -> None:
    authenticator = Authenticator(db, "teahouse.test")
    rose = await register(db, "rose")
    await ask(authenticator, rose)
    await db.write(remove_devices, "@rose:teahouse.test", ["PHONE"])
    with pytest.raises(UnknownToken):
        await ask(authenticator, rose)
    await authenticator.settle()


async def test_what_was_read_before_a_revocation_is_not_remembered_after_it(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    authenticator = Authenticator(db, "teahouse.test")
    rose = await register(db, "rose")

    def slow(read: Read, digest: bytes) -> HeldToken | None:
        found = find_token(read, digest)
        # While the reader is on its way back, the member signs out.
        monkeypatch.undo()
        db.run(log_out, Requester(user_id="@rose:teahouse.test", device_id="PHONE"))
        return found

    monkeypatch.setattr(access, "find_token", slow)
    await ask(authenticator, rose)
    with pytest.raises(UnknownToken):
        await ask(authenticator, rose)
    await authenticator.settle()


async def test_no_more_than_so_many_tokens_are_remembered(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "REMEMBERED_MAX", 3)
    authenticator = Authenticator(db, "teahouse.test")
    for number in range(6):
        await ask(authenticator, await register(db, f"m{number}"))
    assert authenticator.remembered_count == 3
    await authenticator.settle()


async def test_of_two_who_want_a_name_at_once_one_gets_it(db: Database) -> None:
    new = NewMember(user_id="@rose:teahouse.test", device=DeviceWish())
    results = await asyncio.gather(
        *(db.write(register_member, new) for _ in range(8)), return_exceptions=True
    )
    assert sum(not isinstance(result, Exception) for result in results) == 1

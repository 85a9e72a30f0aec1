"""Who is there, on both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from teahouse.chat import presence
from teahouse.chat.account_data.commands import store_account_data
from teahouse.chat.presence import api, rules
from teahouse.chat.presence.live import Presence
from teahouse.chat.presence.types import CONSENT, OFFLINE
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from tests.chat.media.kit import SERVER, make_open_house, make_open_services
from tests.chat.receipts.kit import make_room, room_store
from tests.kit.house import House

ADA, BEN = f"@ada:{SERVER}", f"@ben:{SERVER}"
Test = Callable[[House, Presence, list[str]], Awaitable[None]]


@pytest.fixture
def run(db: Database, tmp_path: Path) -> Callable[..., None]:
    """Runs a test in a house where Ada and Ben share a room and Ada takes part."""

    def run_in_loop(test: Test, *, is_on: bool = True, takes_part: bool = True) -> None:
        async def in_loop() -> None:
            services = make_open_services(db, tmp_path, presence=is_on)
            presence.install(services)
            part = services.get(Presence)
            changes: list[str] = []
            part.on_change(changes.append)
            await db.write(make_room, room_store(), members=[ADA, BEN])
            await db.write(
                store_account_data, ADA, data_type=CONSENT, content={"share": takes_part}
            )
            await test(make_open_house(services, api.ROUTES), part, changes)
            part.stop()

        asyncio.run(in_loop())

    return run_in_loop


async def put(house: House, state: str, status: str | None = None, *, by: str = "ada") -> int:
    body = {"presence": state} if status is None else {"presence": state, "status_msg": status}
    answered = await house.call("PUT", f"/presence/{ADA}/status", body, token=by)
    return answered.status_code


async def seen(house: House, by: str = "ben", *, of: str = ADA) -> dict[str, object]:
    answered = await house.call("GET", f"/presence/{of}/status", token=by)
    assert answered.status_code == 200
    found: dict[str, object] = answered.json()
    return found


def test_who_takes_part_is_seen_by_who_shares_a_room(run: Callable[..., None]) -> None:
    async def test(house: House, part: Presence, changes: list[str]) -> None:
        assert await seen(house) == {"presence": "offline"}
        assert await put(house, "online", "tea time") == 200
        shown = {
            "presence": "online",
            "status_msg": "tea time",
            "last_active_ago": 0,
            "currently_active": True,
        }
        assert await seen(house) == await seen(house, "ada") == shown
        assert await seen(house, "eve") == {"presence": "offline"}
        assert await seen(house, of="@nobody:elsewhere") == {"presence": "offline"}
        assert changes == [ADA]
        assert rules.to_presence_event(ADA, part.view(ADA)) == {
            "type": "m.presence",
            "sender": ADA,
            "content": shown,
        }

    run(test)


@pytest.mark.parametrize(("is_on", "takes_part"), [(False, True), (True, False), (False, False)])
def test_who_takes_no_part_looks_offline(
    run: Callable[..., None], *, is_on: bool, takes_part: bool
) -> None:
    async def test(house: House, part: Presence, changes: list[str]) -> None:
        assert await put(house, "online") == 200
        await part.note(ADA)
        assert await seen(house) == await seen(house, "ada") == {"presence": "offline"}
        assert changes == []

    run(test, is_on=is_on, takes_part=takes_part)


def test_nobody_sets_anothers_presence(run: Callable[..., None]) -> None:
    async def test(house: House, _part: Presence, changes: list[str]) -> None:
        assert await put(house, "online", by="ben") == 403
        assert await put(house, "asleep") == 400
        assert await put(house, "online", "x" * 1025) == 400
        assert changes == []

    run(test)


def test_who_is_quiet_is_away_and_then_gone(run: Callable[..., None], clock: ManualClock) -> None:
    async def test(_house: House, part: Presence, changes: list[str]) -> None:
        await part.note(ADA)
        assert part.view(ADA).currently_active
        for _ in range(3):
            clock.advance(rules.GONE_MS - 1)
            await part.note(ADA)
        assert part.view(ADA).presence == "unavailable"
        clock.advance(rules.GONE_MS)
        part.look_at_all()
        assert part.view(ADA) == OFFLINE
        # Came, was active no more, was idle, went.
        assert changes == [ADA] * 4
        await part.note(ADA, "unavailable")
        assert part.view(ADA).presence == "unavailable"

    run(test)


def test_a_client_may_ask_for_news_unseen(run: Callable[..., None]) -> None:
    async def test(_house: House, part: Presence, changes: list[str]) -> None:
        await part.note(ADA, "offline")
        assert changes == []

    run(test)


def test_who_sends_is_active(run: Callable[..., None], clock: ManualClock) -> None:
    async def test(house: House, part: Presence, _changes: list[str]) -> None:
        await part.note(ADA)
        clock.advance(rules.ACTIVE_MS)
        assert not part.view(ADA).currently_active
        await house.db.write(make_room, room_store(), members=[ADA])
        assert part.view(ADA).currently_active

    run(test)


def test_a_change_of_mind_counts_at_once(run: Callable[..., None]) -> None:
    async def test(house: House, part: Presence, changes: list[str]) -> None:
        await part.note(ADA)
        await house.db.write(store_account_data, ADA, data_type=CONSENT, content={})
        assert part.view(ADA) == OFFLINE
        await part.note(ADA)
        assert part.view(ADA) == OFFLINE
        assert changes == [ADA, ADA]

    run(test)


def test_changes_are_found_by_their_serial(run: Callable[..., None]) -> None:
    async def test(house: House, part: Presence, _changes: list[str]) -> None:
        await house.db.write(store_account_data, BEN, data_type=CONSENT, content={"share": True})
        await part.note(ADA)
        serial = part.serial
        await part.note(BEN)
        assert part.changed_since(0) == [ADA, BEN]
        assert part.changed_since(serial) == [BEN]
        assert part.changed_since(part.serial) == []

    run(test)

"""Whom a member may know: from chats both are in, and nobody they write to or hear nothing of."""

from pathlib import Path

import pytest

from teahouse.chat.suggestions import queries
from teahouse.chat.suggestions.queries import find_suggestions
from teahouse.platform.db import Database
from tests.kit.chat_house import Guest, make_chat_house, register_guest
from tests.kit.house import House


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    return make_chat_house(db, tmp_path)


async def _meet(*guests: Guest) -> str:
    room_id = await guests[0].create_room()
    for one in guests[1:]:
        await one.join(room_id)
    return room_id


def _found(house: House, guest: Guest) -> list[tuple[str, int]]:
    return [(one.user_id, one.shared) for one in house.db.look(find_suggestions, guest.user_id)]


@pytest.mark.anyio
async def test_who_shares_most_chats_comes_first(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("ada", "ben", "cleo", "dan", "eve")
    ada, ben, cleo, dan, eve = [await register_guest(house, name) for name in names]
    await _meet(ada, ben, cleo)
    room_id = await _meet(ada, cleo, dan)
    await _meet(ada, eve, ben)
    assert _found(house, ada) == [
        (ben.user_id, 2), (cleo.user_id, 2), (dan.user_id, 1), (eve.user_id, 1)
    ]  # fmt: skip
    # Whom one writes to already, and whom one does not want to hear of, is not suggested.
    await _meet(ada, ben)
    path = f"/user/{ada.user_id}/account_data/m.ignored_user_list"
    await ada.change("PUT", path, {"ignored_users": {eve.user_id: {}}})
    assert _found(house, ada) == [(cleo.user_id, 2), (dan.user_id, 1)]
    await cleo.leave(room_id)
    # What is left of it is a chat of two: ada has dan already.
    assert _found(house, ada) == [(cleo.user_id, 1)]
    # In a hall people need not know one another.
    monkeypatch.setattr(queries, "_ROOM_MEMBERS_MAX", 2)
    assert _found(house, ada) == []

"""Finding events by time, and the plan of the pages' query."""

import pytest

from teahouse.chat.history.queries import select_stretch
from teahouse.chat.rooms.rules import LAST, Stretch
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from tests.kit.chat_house import Guest
from tests.kit.query_plans import explain

pytestmark = pytest.mark.anyio

V1 = "/_matrix/client/v1"


async def test_the_event_nearest_to_an_instant(ada: Guest, clock: ManualClock) -> None:
    room = await ada.create_room()
    said: list[tuple[int, str]] = []
    for number in range(12):
        clock.advance(1000)
        said.append((clock.now_ms(), await ada.say(room, f"m{number}")))
        await ada.say(await ada.create_room(), "elsewhere")
    path = f"{V1}/rooms/{room}/timestamp_to_event"
    for index, (ts, event_id) in enumerate(said):
        for direction in ("f", "b"):
            exact = await ada.get(path, ts=ts, dir=direction)
            assert exact == {"event_id": event_id, "origin_server_ts": ts}
        between = await ada.get(path, ts=ts - 500, dir="f")
        assert between["event_id"] == event_id
        if index:
            between = await ada.get(path, ts=ts - 500, dir="b")
            assert between["event_id"] == said[index - 1][1]
    for ts, direction in ((clock.now_ms() + 1, "f"), (0, "b")):
        refused = await ada.call("GET", path, params={"ts": ts, "dir": direction})
        assert (refused.status_code, refused.json()["errcode"]) == (404, "M_NOT_FOUND")


async def test_the_instant_must_be_named(ada: Guest) -> None:
    room = await ada.create_room()
    path = f"{V1}/rooms/{room}/timestamp_to_event"
    for query, errcode in (
        ({"dir": "f"}, "M_MISSING_PARAM"),
        ({"ts": "1"}, "M_MISSING_PARAM"),
        ({"ts": "soon", "dir": "f"}, "M_INVALID_PARAM"),
    ):
        refused = await ada.call("GET", path, params=query)
        assert (refused.status_code, refused.json()["errcode"]) == (400, errcode)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_page_costs_the_same_whatever_the_rooms_length(db: Database) -> None:
    select = select_stretch("!r", Stretch(0, LAST), direction="b").limit(11)
    plan = db.look(explain, select)
    assert "ix_chat_event_room" in plan
    assert "TEMP B-TREE" not in plan

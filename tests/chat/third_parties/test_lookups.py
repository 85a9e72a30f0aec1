"""Lookups of other networks over HTTP, answered by a real application service."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from teahouse.chat.bridges.live import Bridges
from teahouse.chat.third_parties.rules import ANSWER_BYTES_MAX, read_list, read_protocol
from teahouse.chat.third_parties.types import OutsideUser
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from tests.kit.appservice import AS_TOKEN, FakeAppservice, serve_appservice, write_registration
from tests.kit.chat_house import Guest, make_chat_house, register_guest

pytestmark = pytest.mark.anyio

IRC: dict[str, Any] = {
    "user_fields": ["network", "nickname"],
    "location_fields": ["network", "channel"],
    "icon": "mxc://teahouse.test/irc",
    "field_types": {"nickname": {"regexp": "[^ ]+", "placeholder": "ada"}},
    "instances": [{"desc": "Libera", "network_id": "libera", "fields": {"network": "libera"}}],
}
ADA = {"userid": "@irc_ada:teahouse.test", "protocol": "irc", "fields": {"nickname": "ada"}}
TEA = {"alias": "#irc_tea:teahouse.test", "protocol": "irc", "fields": {"channel": "#tea"}}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def irc() -> Iterator[FakeAppservice]:
    with serve_appservice() as fake:
        yield fake


@pytest.fixture
async def rose(db: Database, tmp_path: Path, irc: FakeAppservice) -> Any:
    file = write_registration(tmp_path, irc.url, protocols=["irc"])
    house = make_chat_house(db, tmp_path / "data", appservice_files=[file])
    yield await register_guest(house, "rose")
    await house.services.get(Bridges).close()


async def test_networks_are_those_of_the_bridges(
    rose: Guest, irc: FakeAppservice, clock: ManualClock
) -> None:
    assert await rose.get("/thirdparty/protocols") == {}
    irc.networks["protocol/irc"] = IRC
    assert await rose.get("/thirdparty/protocols") == {}, "it was away a moment ago"
    clock.advance(60_000)
    found = await rose.get("/thirdparty/protocols")
    named = {**IRC["instances"][0], "instance_id": "irc|libera"}
    assert found == {"irc": {**IRC, "instances": [named]}}
    assert await rose.get("/thirdparty/protocol/irc") == found["irc"]
    assert len(irc.looked_up) == 2, "a description is kept for an hour"
    gone = await rose.call("GET", "/thirdparty/protocol/xmpp")
    assert (gone.status_code, gone.json()["errcode"]) == (404, "M_NOT_FOUND")


async def test_people_and_places_are_found_by_the_networks_own_fields(
    rose: Guest, irc: FakeAppservice
) -> None:
    irc.networks |= {"user/irc": [ADA, {"userid": 1}, "x"], "location/irc": [TEA]}
    assert await rose.get("/thirdparty/user/irc", nickname="ada", user_id="x") == [ADA]
    assert await rose.get("/thirdparty/location/irc", channel="#tea") == [TEA]
    assert irc.looked_up == [
        ("user/irc", {"nickname": ["ada"], "user_id": ["x"]}),
        ("location/irc", {"channel": ["#tea"]}),
    ]
    irc.networks["user/irc"] = []
    for path in ("user/irc", "user/xmpp", "location/xmpp", "location/..%2F..%2Fx"):
        none = await rose.call("GET", f"/thirdparty/{path}")
        assert (none.status_code, none.json()["errcode"]) == (404, "M_NOT_FOUND")
    assert len(irc.looked_up) == 3


async def test_a_name_is_looked_up_the_other_way_round(rose: Guest, irc: FakeAppservice) -> None:
    body = {"type": "m.login.application_service", "username": "irc_ada", "inhibit_login": True}
    await rose.house.call("POST", "/register", body, token=AS_TOKEN)
    made = {"room_alias_name": "irc_tea"}
    await rose.house.call("POST", "/createRoom", made, token=AS_TOKEN)
    irc.networks |= {"user": [ADA], "location": [TEA]}
    assert await rose.get("/thirdparty/user", userid=ADA["userid"]) == [ADA]
    assert await rose.get("/thirdparty/location", alias=TEA["alias"]) == [TEA]
    assert irc.looked_up == [
        ("user", {"userid": [ADA["userid"]]}),
        ("location", {"alias": [TEA["alias"]]}),
    ]
    assert await rose.get("/thirdparty/user", userid=rose.user_id) == []
    nobody = quote("#nobody:teahouse.test")
    for path in ("user?userid=@nobody:teahouse.test", f"location?alias={nobody}"):
        none = await rose.call("GET", f"/thirdparty/{path}")
        assert (none.status_code, none.json()["errcode"]) == (404, "M_NOT_FOUND")
    assert len(irc.looked_up) == 2, "a name of nobody's namespace is asked of nobody"


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b'{"user_fields":1}', b"\xff", b"[" * 100_000, b" " * ANSWER_BYTES_MAX],
)
async def test_nonsense_is_nothing(raw: bytes) -> None:
    assert read_protocol(raw + b" ", "irc") is None
    assert read_list(raw + b" ", OutsideUser) == []

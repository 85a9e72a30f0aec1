"""What clients are promised: end-to-end encryption over HTTP."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from teahouse.chat.to_device.queries import find_to_device
from tests.chat.keys.devices import Identity, Phone
from tests.kit.house import House

pytestmark = pytest.mark.anyio

CURVE = "signed_curve25519"
DEHYDRATED = "/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device"
ALGORITHM = "m.megolm_backup.v1.curve25519-aes-sha2"
SESSION = {
    "first_message_index": 1,
    "forwarded_count": 0,
    "is_verified": True,
    "session_data": {"ephemeral": "e", "ciphertext": "c", "mac": "m"},
}


class Client:
    """A signed-in device with keys of its own."""

    def __init__(self, house: House, login: dict[str, str]) -> None:
        self.house = house
        self.user_id, self.device_id = login["user_id"], login["device_id"]
        self.token = login["access_token"]
        self.phone = Phone(self.user_id, self.device_id)
        self.identity = Identity(self.user_id)

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request that succeeds."""
        done = await self.house.call(method, path, body, token=self.token)
        assert done.status_code == httpx.codes.OK, done.text
        return done.json()

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Send a request that is refused."""
        done = await self.house.call(method, path, body, token=self.token)
        return done.status_code, done.json()["errcode"]

    async def upload(self, count: int = 0) -> Any:
        """Publish the device's keys."""
        return await self.call(
            "POST",
            "/keys/upload",
            {
                "device_keys": self.phone.identity(),
                "one_time_keys": self.phone.one_time_keys(count),
            },
        )


@pytest.fixture
async def ada(house: House) -> Client:
    """One member."""
    return Client(house, await house.register("ada", device_id="PHONE"))


@pytest.fixture
async def ben(house: House) -> Client:
    """Another."""
    return Client(house, await house.register("ben", device_id="TABLET"))


def cross_signing_body(identity: Identity) -> Any:
    built = msgspec.to_builtins(identity.upload())
    return {name: key for name, key in built.items() if key is not None}


async def test_keys_are_uploaded_found_and_claimed(ada: Client, ben: Client) -> None:
    assert await ada.upload(2) == {"one_time_key_counts": {CURVE: 2}}
    found = await ben.call("POST", "/keys/query", {"device_keys": {ada.user_id: []}, "timeout": 1})
    assert found["device_keys"] == {
        ada.user_id: {"PHONE": {**ada.phone.identity(), "unsigned": {}}}
    }
    assert found["failures"] == {}

    wish = {"one_time_keys": {ada.user_id: {"PHONE": CURVE}}}
    claims = [await ben.call("POST", "/keys/claim", wish) for _ in range(3)]
    claimed = [claim["one_time_keys"] for claim in claims]
    assert claims[0]["failures"] == {}
    assert all(len(keys[ada.user_id]["PHONE"]) == 1 for keys in claimed[:2])
    assert claimed[0] != claimed[1]
    assert claimed[2] == {}


async def test_claims_side_by_side_get_different_keys(ada: Client, ben: Client) -> None:
    await ada.upload(20)
    wish = {"one_time_keys": {ada.user_id: {"PHONE": CURVE}}}
    claims = await asyncio.gather(*(ben.call("POST", "/keys/claim", wish) for _ in range(25)))
    names = [
        name
        for claim in claims
        for by_device in claim["one_time_keys"].values()
        for name in by_device["PHONE"]
    ]
    assert len(names) == len(set(names)) == 20


async def test_bad_key_requests_are_refused(house: House, ada: Client, ben: Client) -> None:
    bad: list[tuple[str, Any, tuple[int, str]]] = [
        ("upload", {"device_keys": ben.phone.identity()}, (400, "M_INVALID_PARAM")),
        ("upload", {"device_keys": []}, (400, "M_BAD_JSON")),
        ("upload", {"one_time_keys": {"a:b": 1}}, (400, "M_BAD_JSON")),
        ("query", {}, (400, "M_BAD_JSON")),
        ("query", {"device_keys": {ada.user_id: {}}}, (400, "M_BAD_JSON")),
        ("claim", {"one_time_keys": {ada.user_id: []}}, (400, "M_BAD_JSON")),
        ("device_signing/upload", {}, (400, "M_MISSING_PARAM")),
        ("signatures/upload", {ada.user_id: {"PHONE": 1}}, (400, "M_BAD_JSON")),
    ]
    for path, body, refusal in bad:
        assert await ada.refused("POST", f"/keys/{path}", body) == refusal, path
        stranger = await house.call("POST", f"/keys/{path}", body)
        assert (stranger.status_code, stranger.json()["errcode"]) == (401, "M_MISSING_TOKEN")
    assert await ada.refused("GET", "/keys/changes?from=1") == (400, "M_MISSING_PARAM")
    assert await ada.refused("GET", "/keys/changes?from=x&to=1") == (400, "M_INVALID_PARAM")


async def test_changes_are_listed(ada: Client, ben: Client) -> None:
    before = ada.house.db.position
    await ada.upload()
    await ben.upload()
    changes = await ada.call("GET", f"/keys/changes?from={before}&to={before}")
    # Ben shares no room with her.
    assert changes == {"changed": [ada.user_id], "left": []}
    now = f"s{ada.house.db.position}_7_0"
    assert (await ada.call("GET", f"/keys/changes?from={now}&to={now}"))["changed"] == []


async def test_cross_signing_keys_are_replaced_with_consent_only(house: House, ada: Client) -> None:
    path, first = "/keys/device_signing/upload", cross_signing_body(ada.identity)
    for _ in range(2):
        assert await ada.call("POST", path, first) == {}
    second = cross_signing_body(Identity(ada.user_id))
    done = await house.confirm("POST", path, second, token=ada.token)
    assert done.status_code == httpx.codes.OK, done.text
    found = await ada.call("POST", "/keys/query", {"device_keys": {ada.user_id: []}})
    assert found["master_keys"][ada.user_id]["keys"] == second["master_key"]["keys"]
    forged = {**first, "self_signing_key": second["self_signing_key"]}
    assert await ada.refused("POST", path, forged) == (400, "M_INVALID_SIGNATURE")


async def test_members_verify_one_another(ada: Client, ben: Client) -> None:
    for client in (ada, ben):
        await client.upload()
        await client.call(
            "POST", "/keys/device_signing/upload", cross_signing_body(client.identity)
        )
    device = ada.identity.self_signing.sign(ada.phone.identity())
    master = ada.identity.user_signing.sign(ben.identity.master.to_json())
    stranger = Identity(ada.user_id).self_signing.sign(ada.phone.identity())
    public = ben.identity.master.public
    signed = {ada.user_id: {"PHONE": device}, ben.user_id: {public: master}}
    assert await ada.call("POST", "/keys/signatures/upload", signed) == {"failures": {}}
    failed = await ada.call("POST", "/keys/signatures/upload", {ada.user_id: {"PHONE": stranger}})
    assert failed["failures"][ada.user_id]["PHONE"]["errcode"] == "M_INVALID_SIGNATURE"

    wanted: Any = {"device_keys": {ada.user_id: [], ben.user_id: []}}
    own = await ada.call("POST", "/keys/query", wanted)
    assert own["device_keys"][ada.user_id]["PHONE"]["signatures"] == device["signatures"]
    assert own["master_keys"][ben.user_id] == master
    assert list(own["user_signing_keys"]) == [ada.user_id]
    others = await ben.call("POST", "/keys/query", wanted)
    assert others["master_keys"][ben.user_id]["signatures"] == {}


async def test_to_device_messages_are_sent_once(ada: Client, ben: Client) -> None:
    path = "/sendToDevice/m.room%2Fodd/txn%201"
    body = {"messages": {ben.user_id: {"*": {"text": "é\u2028"}}}}
    for _ in range(2):
        assert await ada.call("PUT", path, body) == {}
    bad: Any
    for bad in ({}, {"messages": {ben.user_id: {"*": "text"}}}, {"messages": []}):
        assert await ada.refused("PUT", "/sendToDevice/a/b", bad) == (400, "M_BAD_JSON")
    db = ada.house.db
    ((_, event),) = await db.read(find_to_device, ben.user_id, "TABLET", 0, db.position)
    assert msgspec.json.decode(event) == {
        "type": "m.room/odd",
        "sender": ada.user_id,
        "content": {"text": "é\u2028"},
    }


async def test_a_dehydrated_device_sleeps_and_wakes(ada: Client, ben: Client) -> None:
    assert await ada.refused("GET", DEHYDRATED) == (404, "M_NOT_FOUND")
    sleeper = Phone(ada.user_id, "SLEEPER")
    body = {
        "device_id": "SLEEPER",
        "device_data": {"algorithm": "m.dehydration.v2"},
        "device_keys": sleeper.identity(),
        "one_time_keys": sleeper.one_time_keys(1),
        "fallback_keys": sleeper.fallback_key(),
    }
    assert await ada.call("PUT", DEHYDRATED, body) == {"device_id": "SLEEPER"}
    assert await ada.call("GET", DEHYDRATED) == {
        "device_id": "SLEEPER",
        "device_data": body["device_data"],
    }
    message = {"messages": {ada.user_id: {"SLEEPER": {"n": 1}}}}
    await ben.call("PUT", "/sendToDevice/m.test/1", message)
    page = await ada.call("POST", f"{DEHYDRATED}/SLEEPER/events", {})
    assert [event["content"] for event in page["events"]] == [{"n": 1}]
    page = await ada.call(
        "POST", f"{DEHYDRATED}/SLEEPER/events", {"next_batch": page["next_batch"]}
    )
    assert page["events"] == []
    events = f"{DEHYDRATED}/SLEEPER/events"
    page = await ada.call("GET", events)
    assert [event["content"] for event in page["events"]] == [{"n": 1}]
    assert await ada.call("GET", f"{events}?from={page['next_batch']}") == {"events": []}
    assert await ada.refused("GET", f"{events}?from=x") == (400, "M_INVALID_PARAM")
    assert await ben.refused("POST", events, {}) == (404, "M_NOT_FOUND")
    assert await ada.refused("POST", events, {"next_batch": "x"}) == (400, "M_INVALID_PARAM")
    assert await ada.call("DELETE", DEHYDRATED) == {"device_id": "SLEEPER"}
    assert await ada.refused("DELETE", DEHYDRATED) == (404, "M_NOT_FOUND")


async def test_a_backup_is_made_filled_read_and_deleted(ada: Client, ben: Client) -> None:
    versions, keys = "/room_keys/version", "/room_keys/keys"
    assert await ada.refused("GET", versions) == (404, "M_NOT_FOUND")
    new = {"algorithm": ALGORITHM, "auth_data": {"public_key": "abc"}}
    assert await ada.call("POST", versions, new) == {"version": "1"}
    state = await ada.call(
        "PUT", f"{keys}?version=1", {"rooms": {"!a:tea": {"sessions": {"s": SESSION}}}}
    )
    assert state == {"etag": "1", "count": 1}
    await ada.call("PUT", f"{keys}/!a%3Atea?version=1", {"sessions": {"t%2F": SESSION}})
    await ada.call("PUT", f"{keys}/!b%3Atea/u%2Fv?version=1", SESSION)
    current = await ada.call("GET", versions)
    assert current == {**new, "version": "1", "etag": "3", "count": 3}
    assert await ada.call("GET", f"{versions}/1") == current

    rooms = {
        "!a:tea": {"sessions": {"s": SESSION, "t%2F": SESSION}},
        "!b:tea": {"sessions": {"u/v": SESSION}},
    }
    assert await ada.call("GET", f"{keys}?version=1") == {"rooms": rooms}
    assert await ada.call("GET", f"{keys}/!a:tea?version=1") == rooms["!a:tea"]
    assert await ada.call("GET", f"{keys}/!c:tea?version=1") == {"sessions": {}}
    assert await ada.call("GET", f"{keys}/!b:tea/u%2Fv?version=1") == SESSION
    assert await ada.refused("GET", f"{keys}/!b:tea/s?version=1") == (404, "M_NOT_FOUND")
    assert await ben.refused("GET", f"{keys}?version=1") == (404, "M_NOT_FOUND")

    assert (await ada.call("DELETE", f"{keys}/!b:tea/u%2Fv?version=1"))["count"] == 2
    assert (await ada.call("DELETE", f"{keys}/!a:tea?version=1"))["count"] == 0
    assert (await ada.call("DELETE", f"{keys}?version=1"))["count"] == 0
    changed = {**new, "auth_data": {"public_key": "new"}, "version": "1"}
    assert await ada.call("PUT", f"{versions}/1", changed) == {}
    assert await ada.call("DELETE", f"{versions}/1") == {}


async def test_bad_backup_requests_are_refused(house: House, ada: Client) -> None:
    versions, keys = "/room_keys/version", "/room_keys/keys"
    new = {"algorithm": ALGORITHM, "auth_data": {"public_key": "abc"}}
    for _ in range(2):
        await ada.call("POST", versions, new)
    body = {"rooms": {"!a:tea": {"sessions": {"s": SESSION}}}}
    wrong = await house.call("PUT", f"{keys}?version=1", body, token=ada.token)
    assert wrong.status_code == httpx.codes.FORBIDDEN
    assert wrong.json()["errcode"] == "M_WRONG_ROOM_KEYS_VERSION"
    assert wrong.json()["current_version"] == "2"

    bad: list[tuple[str, str, Any, tuple[int, str]]] = [
        ("POST", versions, {"algorithm": ALGORITHM}, (400, "M_BAD_JSON")),
        ("PUT", f"{versions}/2", {**new, "algorithm": "x"}, (400, "M_INVALID_PARAM")),
        ("PUT", f"{versions}/2", {**new, "version": "1"}, (400, "M_INVALID_PARAM")),
        ("PUT", f"{versions}/9", new, (404, "M_NOT_FOUND")),
        ("DELETE", f"{versions}/9", None, (404, "M_NOT_FOUND")),
        ("GET", f"{versions}/9", None, (404, "M_NOT_FOUND")),
        ("PUT", keys, body, (400, "M_MISSING_PARAM")),
        ("GET", keys, None, (400, "M_MISSING_PARAM")),
        ("DELETE", keys, None, (400, "M_MISSING_PARAM")),
        ("GET", f"{keys}?version=9", None, (404, "M_NOT_FOUND")),
        ("DELETE", f"{keys}?version=9", None, (404, "M_NOT_FOUND")),
        ("PUT", f"{keys}?version=2", {}, (400, "M_BAD_JSON")),
        (
            "PUT",
            f"{keys}/!a:tea/s?version=2",
            {**SESSION, "first_message_index": -1},
            (400, "M_BAD_JSON"),
        ),
        (
            "PUT",
            f"{keys}/!a:tea/s?version=2",
            {**SESSION, "forwarded_count": 2**53},
            (400, "M_BAD_JSON"),
        ),
        (
            "PUT",
            f"{keys}/!a:tea/s?version=2",
            {**SESSION, "session_data": "x"},
            (400, "M_BAD_JSON"),
        ),
    ]
    for method, path, given, refusal in bad:
        assert await ada.refused(method, path, given) == refusal, (method, path, given)
        stranger = await house.call(method, path, given)
        assert stranger.status_code == httpx.codes.UNAUTHORIZED, (method, path)

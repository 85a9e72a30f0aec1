"""The endpoints of pushers: what is kept, what is refused, and when it goes."""

from typing import Any

import pytest

from teahouse.chat.pushers.queries import find_pushers
from tests.kit.chat_house import Guest
from tests.kit.house import House

pytestmark = pytest.mark.anyio

URL = "https://push.example/_matrix/push/v1/notify"
PUSHER: dict[str, Any] = {
    "app_id": "app.tea.ios",
    "pushkey": "key",
    "kind": "http",
    "app_display_name": "Tea",
    "device_display_name": "Ada's phone",
    "profile_tag": "x",
    "lang": "en",
    "data": {"url": URL, "format": "event_id_only", "default_payload": {"aps": {}}},
}


async def pushers(guest: Guest) -> Any:
    return (await guest.get("/pushers"))["pushers"]


async def test_a_pusher_is_kept_changed_and_removed(ada: Guest) -> None:
    await ada.change("POST", "/pushers/set", PUSHER)
    kept = await pushers(ada)
    await ada.change("POST", "/pushers/set", {**PUSHER, "lang": "zh", "profile_tag": None})
    changed = await pushers(ada)
    removed = {"app_id": PUSHER["app_id"], "pushkey": "key", "kind": None}
    await ada.change("POST", "/pushers/set", removed)

    assert kept == [PUSHER]
    assert changed == [{**{k: v for k, v in PUSHER.items() if k != "profile_tag"}, "lang": "zh"}]
    assert await pushers(ada) == []
    await ada.change("POST", "/pushers/set", removed)


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"app_id": "a" * 65}, "M_INVALID_PARAM"),
        ({"app_id": ""}, "M_INVALID_PARAM"),
        ({"pushkey": "ü" * 257}, "M_INVALID_PARAM"),
        ({"kind": "email"}, "M_INVALID_PARAM"),
        ({"kind": 1}, "M_BAD_JSON"),
        ({"lang": None}, "M_MISSING_PARAM"),
        ({"lang": "x" * 256}, "M_INVALID_PARAM"),
        ({"data": None}, "M_MISSING_PARAM"),
        ({"data": {}}, "M_MISSING_PARAM"),
        ({"data": {"url": 1}}, "M_INVALID_PARAM"),
        ({"data": {"url": URL.replace("https", "http")}}, "M_INVALID_PARAM"),
        ({"data": {"url": URL, "format": "all"}}, "M_INVALID_PARAM"),
        ({"data": {"url": URL, "default_payload": 1}}, "M_INVALID_PARAM"),
        ({"data": {"url": URL, "x": "y" * 5000}}, "M_INVALID_PARAM"),
        ({"app_display_name": "a\0b"}, "M_BAD_JSON"),
    ],
)
async def test_a_pusher_that_cannot_be_is_refused(
    ada: Guest, change: dict[str, Any], errcode: str
) -> None:
    done = await ada.call("POST", "/pushers/set", {**PUSHER, **change})

    assert (done.status_code, done.json()["errcode"]) == (400, errcode)
    assert await pushers(ada) == []


async def test_a_member_has_only_so_many(ada: Guest) -> None:
    for number in range(50):
        await ada.change("POST", "/pushers/set", {**PUSHER, "pushkey": str(number)})

    done = await ada.call("POST", "/pushers/set", PUSHER)

    assert done.status_code == 413
    await ada.change("POST", "/pushers/set", {**PUSHER, "pushkey": "0"})


async def test_an_app_belongs_to_who_signed_in_last_unless_appended(ada: Guest, ben: Guest) -> None:
    await ada.change("POST", "/pushers/set", PUSHER)
    await ben.change("POST", "/pushers/set", {**PUSHER, "append": True})
    assert (len(await pushers(ada)), len(await pushers(ben))) == (1, 1)

    await ben.change("POST", "/pushers/set", PUSHER)
    assert (len(await pushers(ada)), len(await pushers(ben))) == (0, 1)


async def test_pushers_go_with_the_device_that_set_them(house: House, ada: Guest) -> None:
    phone = Guest(house, await house.log_in("ada"))
    await phone.change("POST", "/pushers/set", PUSHER)
    await ada.change("POST", "/pushers/set", {**PUSHER, "pushkey": "other"})

    await phone.change("POST", "/logout", {})

    assert [pusher["pushkey"] for pusher in await pushers(ada)] == ["other"]


async def test_pushers_go_with_the_account(house: House, ada: Guest) -> None:
    await ada.change("POST", "/pushers/set", PUSHER)
    done = await house.confirm("POST", "/account/deactivate", {}, token=ada.token)
    assert done.status_code == 200

    assert await house.db.read(find_pushers, ada.user_id) == []


@pytest.mark.parametrize(("method", "path"), [("GET", "/pushers"), ("POST", "/pushers/set")])
async def test_who_is_not_signed_in_is_refused(house: House, method: str, path: str) -> None:
    done = await house.call(method, path, PUSHER if method == "POST" else None)
    assert (done.status_code, done.json()["errcode"]) == (401, "M_MISSING_TOKEN")

"""The endpoints of push rules: what a member changes is kept, shown and told to their clients."""

from typing import Any

import pytest

from tests.kit.chat_house import Guest

pytestmark = pytest.mark.anyio

CAKE = {"pattern": "cake*lie", "actions": ["notify"]}


async def test_a_member_has_the_servers_rules_from_the_start(ada: Guest) -> None:
    rules = (await ada.get("/pushrules/"))["global"]

    assert await ada.get("/pushrules/global/") == rules
    assert set(rules) == {"override", "content", "room", "sender", "underride"}
    assert rules["override"][0]["rule_id"] == ".m.rule.master"
    assert rules["override"][0]["enabled"] is False
    assert await _told(ada) == rules


async def test_the_rules_are_account_data_too(ada: Guest, ben: Guest) -> None:
    path = f"/user/{ada.user_id}/account_data/m.push_rules"

    assert await ada.get(path) == await ada.get("/pushrules/")
    await ada.change("PUT", "/pushrules/global/content/cake", CAKE)
    assert await ada.get(path) == await ada.get("/pushrules/")
    assert (await ben.call("GET", path)).status_code == 403


async def test_a_rule_is_added_changed_and_deleted(ada: Guest) -> None:
    path = "/pushrules/global/content/cake"

    await ada.change("PUT", path, CAKE)
    added = await ada.get(path)
    await ada.change("PUT", f"{path}/actions", {"actions": []})
    await ada.change("PUT", f"{path}/enabled", {"enabled": False})
    changed = await ada.get(path)
    told = await _told(ada)
    await ada.change("DELETE", path, {})

    assert added == {**CAKE, "rule_id": "cake", "default": False, "enabled": True}
    assert changed == {**added, "actions": [], "enabled": False}
    assert await ada.get("/pushrules/") == {"global": await _told(ada)}
    assert told["content"][0] == changed
    assert (await ada.call("GET", path)).status_code == 404


async def test_the_parts_of_a_rule_are_read_alone(ada: Guest) -> None:
    await ada.change("PUT", "/pushrules/global/room/!r:x", {"actions": ["notify"]})

    assert await ada.get("/pushrules/global/room/!r:x/actions") == {"actions": ["notify"]}
    assert await ada.get("/pushrules/global/room/!r:x/enabled") == {"enabled": True}


async def test_a_rule_takes_its_place_beside_another(ada: Guest) -> None:
    for name in ("first", "second"):
        await ada.change("PUT", f"/pushrules/global/content/{name}", CAKE)
    await ada.change("PUT", "/pushrules/global/content/third?after=second", CAKE)
    await ada.change("PUT", "/pushrules/global/content/fourth?before=first", CAKE)

    rules = (await ada.get("/pushrules/"))["global"]["content"]
    own = [rule["rule_id"] for rule in rules if not rule["default"]]

    assert own == ["second", "third", "fourth", "first"]


async def test_a_servers_rule_is_silenced_but_not_replaced(ada: Guest) -> None:
    path = "/pushrules/global/override/.m.rule.reaction"

    await ada.change("PUT", f"{path}/enabled", {"enabled": False})
    replaced = await ada.call("PUT", path, {"actions": []})
    deleted = await ada.call("DELETE", path)

    assert (await ada.get(path))["enabled"] is False
    assert replaced.status_code == 400
    assert deleted.status_code == 400


async def test_the_rules_of_one_member_are_not_those_of_another(ada: Guest, ben: Guest) -> None:
    await ada.change("PUT", "/pushrules/global/content/cake", CAKE)

    assert (await ben.call("GET", "/pushrules/global/content/cake")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "content/x", {"actions": ["notify"]}, 400),
        ("PUT", "content/x", {"pattern": "a"}, 400),
        ("PUT", "content/x?after=nobody", CAKE, 400),
        ("PUT", "nonsense/x", CAKE, 400),
        ("PUT", "content/x/enabled", {"enabled": "yes"}, 400),
        ("PUT", "content/x/enabled", {"enabled": True}, 404),
        ("PUT", "content/x/actions", {"actions": ["notify"]}, 404),
        ("GET", "content/x", None, 404),
        ("DELETE", "content/x", None, 404),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    ada: Guest, method: str, path: str, body: Any, status: int
) -> None:
    before = await ada.get("/pushrules/")

    refused = await ada.call(method, f"/pushrules/global/{path}", body)

    assert refused.status_code == status
    assert await ada.get("/pushrules/") == before


async def _told(guest: Guest) -> Any:
    """The rules as a client hears of them."""
    synced = await guest.get("/sync")
    [event] = [e for e in synced["account_data"]["events"] if e["type"] == "m.push_rules"]
    return event["content"]["global"]

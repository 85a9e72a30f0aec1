"""What a browser sends or keeps by itself opens nothing here.

There are no cookies: a page of somebody else's that makes a member's browser call this server does
so as nobody (CSRF), and there is no session that could be planted before a member signs in (session
fixation). What a browser could keep or guess is switched off in every answer.
"""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from teahouse.platform.clock import ManualClock
from tests.kit.database import Databases, open_database
from tests.kit.house import PASSWORD
from tests.kit.whole_house import Route, WholeHouse
from tests.proof.test_hostile import PUBLIC

# Routes whose answers may be kept, and how; all other answers are kept by nobody.
KEPT = {
    "GET /miniprograms/files/{program_id:str}/{digest:str}/{path:path}": "public",
    "GET /miniprograms/sdk/1/{name:str}": "no-cache",
    "GET /_matrix/client/v1/media/download/{server_name:str}/{media_id:str}": "private",
    "GET /_matrix/client/v1/media/download/{server_name:str}/{media_id:str}/{file_name:str}":
        "private",
    "GET /_matrix/client/v1/media/thumbnail/{server_name:str}/{media_id:str}": "private",
    "GET /privacy/policy/archive/{sha256:str}": "public",
    # The same for everybody, and asked about anew.
    "GET /privacy/policy": "no-cache",
    "GET /privacy/policy/changes": "no-cache",
    "GET /privacy/record": "no-cache",
    # The codes of a standard.
    "GET /api/v1/wallet/shop-categories": "private",
}  # fmt: skip
ELSEWHERE = {"Origin": "https://evil.example", "Referer": "https://evil.example/",
             "Sec-Fetch-Site": "cross-site"}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A server, the login of a member, and a loop."""

    house: WholeHouse
    login: dict[str, Any]
    run: Callable[[Coroutine[Any, Any, Any]], Any]

    @property
    def token(self) -> str:
        """The member's access token."""
        return str(self.login["access_token"])


@pytest.fixture(scope="module")
def scene(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One server for all tests here; what databases do makes no difference to headers."""
    url = databases.create("sqlite")
    with open_database(url, ManualClock()) as db, asyncio.Runner() as runner:
        data = tmp_path_factory.mktemp("browser")
        # Without the web client, whose pages have tests of their own.
        house = WholeHouse(db, data, admin_api=True, web_files=str(data / "none"))
        yield Scene(house, runner.run(house.register("rose")), runner.run)
    databases.drop(url)


def name_of(route: Route) -> str:
    return f"{route.method} {route.template}"


async def ask(
    scene: Scene, route: Route, *, headers: dict[str, str], query: str = ""
) -> httpx.Response:
    """Call a route with an empty object where it takes a body."""
    target = route.fill({"user_id": quote("@rose:teahouse.test")}).replace("{path:path}", "x")
    content = b"{}" if route.method in {"POST", "PUT", "PATCH"} else b""
    return await scene.house.http.request(
        route.method, target + query, content=content, headers=headers
    )


def test_no_route_acts_on_what_a_browser_sends_by_itself(scene: Scene) -> None:
    basic = b64encode(f"rose:{PASSWORD}".encode()).decode()
    cookies = "; ".join(
        f"{name}={scene.token}" for name in ("access_token", "session", "token", "Authorization")
    )
    kinds = {
        "cookies": {"Cookie": cookies},
        "basic authentication": {"Authorization": f"Basic {basic}"},
        "a form": {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"},
        "plain text": {"Cookie": cookies, "Content-Type": "text/plain"},
    }

    async def story() -> list[str]:
        opened = []
        for route in scene.house.routes:
            if route.is_open or name_of(route) in PUBLIC:
                continue
            for kind, headers in kinds.items():
                answer = await ask(scene, route, headers={**ELSEWHERE, **headers})
                if answer.status_code != httpx.codes.UNAUTHORIZED:
                    opened.append(f"{name_of(route)} ({kind}): {answer.status_code}")
        return opened

    assert scene.run(story()) == []


def test_a_token_in_the_address_opens_nothing(scene: Scene) -> None:
    async def story() -> list[str]:
        opened = []
        for route in scene.house.routes:
            if route.is_open or name_of(route) in PUBLIC:
                continue
            answer = await ask(scene, route, headers={}, query=f"?access_token={scene.token}")
            if answer.status_code != httpx.codes.UNAUTHORIZED:
                opened.append(f"{name_of(route)}: {answer.status_code}")
        return opened

    assert scene.run(story()) == []


def test_no_answer_sets_a_cookie_and_each_is_what_it_says_and_kept_by_nobody(
    scene: Scene,
) -> None:
    ending = {"POST /_matrix/client/v3/logout", "POST /_matrix/client/v3/logout/all"}

    async def story() -> list[str]:
        wrong = []
        for route in scene.house.routes:
            for token in ("", scene.token):
                if name_of(route) in ending and token:
                    continue
                headers = {"Authorization": f"Bearer {token}"} if token else {}
                answer = await ask(scene, route, headers={**ELSEWHERE, **headers})
                wrong += [f"{name_of(route)}: {one}" for one in find_faults(route, answer)]
        return wrong

    assert scene.run(story()) == []


def find_faults(route: Route, answer: httpx.Response) -> list[str]:
    """What an answer should not say to a browser."""
    told = answer.headers
    kept = told.get("cache-control", "")
    may_be_kept = KEPT.get(name_of(route), "no-store") if answer.is_success else "no-store"
    faults = {
        "sets a cookie": "set-cookie" in told,
        "may be taken for another type": told.get("x-content-type-options") != "nosniff",
        "tells others where one was": told.get("referrer-policy") != "no-referrer",
        f"may be kept: {kept}": may_be_kept not in kept,
        "lets pages elsewhere use what the browser sends by itself": (
            "access-control-allow-credentials" in told
        ),
        "lets pages elsewhere read it": (
            route.template.startswith("/api/") and "access-control-allow-origin" in told
        ),
        "is no page for a frame": (
            told.get("content-type", "").startswith("text/html")
            and "frame-ancestors" not in told.get("content-security-policy", "")
        ),
    }
    return [fault for fault, is_so in faults.items() if is_so]


def test_a_fault_would_be_found() -> None:
    route = Route("GET", "/api/v1/x")
    bare = httpx.Response(200, headers={"Set-Cookie": "a=b", "Content-Type": "text/html"})
    assert len(find_faults(route, bare)) == 5
    sound = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
             "Cache-Control": "no-store"}  # fmt: skip
    assert find_faults(route, httpx.Response(200, headers=sound)) == []


# Session fixation


def test_signing_in_gives_a_token_that_nobody_could_have_planted(scene: Scene) -> None:
    planted = "thp_planted_by_somebody_else"

    async def story() -> None:
        house = scene.house
        body = {
            "type": "m.login.password", "user": "rose", "password": PASSWORD,
            "access_token": planted, "session": planted, "token": planted, "device_id": "BROWSER",
        }  # fmt: skip
        headers = {"Cookie": f"session={planted}", "Authorization": f"Bearer {planted}"}
        tokens = []
        for _ in range(2):
            done = await house.call("POST", f"/login?access_token={planted}", body, headers=headers)
            assert done.status_code == 200, done.text
            tokens.append(done.json()["access_token"])
        assert planted not in tokens
        assert len(set(tokens)) == 2
        # Neither the planted one nor that of the device's earlier login opens anything.
        for token, status in ((planted, 401), (tokens[0], 401), (tokens[1], 200)):
            assert (await house.call("GET", "/account/whoami", token=token)).status_code == status

    scene.run(story())


def test_a_confirmation_that_a_stranger_began_confirms_nothing_of_a_members(scene: Scene) -> None:
    async def story() -> None:
        house = scene.house
        victim = (await house.register("lily", device_id="HERS"))["access_token"]
        theirs = "a password of their own"
        stranger = (await house.register("eve", theirs))["access_token"]
        begun = await house.call("POST", "/account/password", {"new_password": "x" * 20},
                                 token=stranger)  # fmt: skip
        auth = {"type": "m.login.password", "session": begun.json()["session"],
                "password": theirs}  # fmt: skip
        # Eve's session, finished with her own password, changes nothing of Lily's; nor does
        # Lily's own session, finished by Eve.
        planted = await house.call("DELETE", "/devices/HERS", {"auth": auth}, token=victim)
        assert planted.status_code == 401
        hers = await house.call("DELETE", "/devices/HERS", {}, token=victim)
        auth["session"] = hers.json()["session"]
        await house.call("DELETE", "/devices/HERS", {"auth": auth}, token=stranger)
        assert (await house.call("GET", "/account/whoami", token=victim)).status_code == 200

    scene.run(story())

"""What every answer carries, and which proxies are believed."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from litestar import Response, get

from teahouse.chat.discovery.api import base_url
from teahouse.platform.db import Database
from teahouse.platform.http import Request, answer
from teahouse.platform.rate_limits import group_addresses
from tests.kit.house import House, make_services

PROXY, INNER_PROXY, CLIENT = "10.0.0.1", "10.0.0.2", "198.51.100.7"


@get("/who")
async def who(request: Request) -> Response[Any]:
    """How the server sees who asks."""
    return answer({"address": request.address(), "base_url": base_url(request)})


@get("/kept")
async def kept(request: Request) -> Response[Any]:  # noqa: ARG001
    """An answer that says how long it may be kept."""
    return answer({}, headers={"Cache-Control": "private, max-age=60"})


@get("/broken")
async def broken(request: Request) -> Response[Any]:  # noqa: ARG001
    """A defect."""
    raise AssertionError


@pytest.fixture
def ask(db: Database, tmp_path: Path) -> Callable[..., Any]:
    """Ask a small server: path, who sends the packets, headers, settings."""

    def ask_once(
        path: str, *, peer: str = CLIENT, headers: dict[str, str] | None = None, **settings: Any
    ) -> Any:
        house = House(make_services(db, tmp_path, **settings), [who, kept, broken])
        app: Callable[..., Awaitable[None]] = house.app

        async def from_peer(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "client": (peer, 40_000)}, receive, send)

        house.http._transport.app = from_peer  # type: ignore[attr-defined]
        return asyncio.run(house.http.get(path, headers=headers))

    return ask_once


@pytest.mark.parametrize("path", ["/who", "/broken", "/nothing", "/_matrix/client/v3/nothing"])
def test_every_answer_is_kept_by_nobody_and_is_what_it_says_it_is(
    ask: Callable[..., Any], path: str
) -> None:
    answer = ask(path)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_what_says_how_long_it_may_be_kept_is_left_to_say_so(ask: Callable[..., Any]) -> None:
    assert ask("/kept").headers.get_list("cache-control") == ["private, max-age=60"]


@pytest.mark.parametrize("path", ["/who", "/broken", "/_matrix/client/v3/nothing"])
def test_browsers_are_told_to_come_by_tls_only_where_the_public_url_is_https(
    ask: Callable[..., Any], path: str
) -> None:
    told = ask(path, public_url="https://tea.example").headers["strict-transport-security"]
    assert told == "max-age=31536000; includeSubDomains"
    for url in ("", "http://tea.example"):
        assert "strict-transport-security" not in ask(path, public_url=url).headers


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        # Whoever is no proxy of ours may say what they like.
        (CLIENT, "192.0.2.1", CLIENT),
        (CLIENT, f"192.0.2.1, {PROXY}", CLIENT),
        (PROXY, CLIENT, CLIENT),
        (PROXY, None, PROXY),
        # What stands before the address that our proxy saw was written by anybody.
        (PROXY, f"192.0.2.1, {CLIENT}", CLIENT),
        # A second proxy of ours before the first.
        (PROXY, f"192.0.2.1, {CLIENT}, {INNER_PROXY}", CLIENT),
        (PROXY, INNER_PROXY, INNER_PROXY),
        # What is no address is nobody's.
        (PROXY, "unknown", PROXY),
        (PROXY, "", PROXY),
        (PROXY, f"{CLIENT}, <script>", PROXY),
        (PROXY, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_forwarded_addresses_are_believed_of_trusted_proxies_only(
    ask: Callable[..., Any], peer: str, forwarded: str | None, seen: str
) -> None:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    answer = ask("/who", peer=peer, headers=headers, trusted_proxies=[PROXY, INNER_PROXY])
    assert answer.json()["address"] == seen


@pytest.mark.parametrize(
    ("peer", "told", "scheme"),
    [
        (CLIENT, "https", "http"),
        (PROXY, "https", "https"),
        (PROXY, "http", "http"),
        (PROXY, "javascript", "http"),
        (PROXY, None, "http"),
    ],
)
def test_the_forwarded_scheme_is_believed_of_trusted_proxies_only(
    ask: Callable[..., Any], peer: str, told: str | None, scheme: str
) -> None:
    headers = {} if told is None else {"X-Forwarded-Proto": told}
    answer = ask("/who", peer=peer, headers=headers, trusted_proxies=[PROXY])
    assert answer.json()["base_url"] == f"{scheme}://teahouse.test"
    fixed = ask("/who", peer=peer, headers=headers, public_url="https://tea.example/")
    assert fixed.json()["base_url"] == "https://tea.example"


@pytest.mark.parametrize(
    ("who", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("@rose:teahouse.test", "@rose:teahouse.test"),
        ("@a:2001:db8::1", "@a:2001:db8::1"),
        ("", ""),
        ("a:b", "a:b"),
    ],
)
def test_limits_count_a_line_of_ipv6_as_one(who: str, counted: str) -> None:
    assert group_addresses(who) == counted

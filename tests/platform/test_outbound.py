"""Requests to addresses that strangers name: where they may go, and how long they may take."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import pytest

from teahouse.platform.outbound import (
    Outbound,
    OutboundFailed,
    OutboundRefused,
    UnsafeUrl,
    check_outbound_url,
    is_public_address,
)

OWN = ["127.0.0.1", "own.lan"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("8.8.8.8", True),
        ("100.64.0.1", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::808:808", True),
        ("64:ff9b:1::a00:1", False),
        ("::ffff:127.0.0.1", False),
        ("::127.0.0.1", False),
        ("2002:a00:1::", False),
        ("2001:4860:4860::8888", True),
        ("fe80::1", False),
        ("fd00:ec2::254", False),
    ],
)
def test_addresses_that_stand_for_private_ones_are_private(
    address: str, *, is_public: bool
) -> None:
    assert is_public_address(address) is is_public


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hook",
        "ftp://shop.example/hook",
        "https://",
        "https:///hook",
        "https://user:pass@shop.example/",
        "https://shop.example\\@127.0.0.1/",
        "https://shop.example/#part",
        "https://shop.example:99999/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:7f00:1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://shop.example/\r\nX: y",
        "https://商店.example/",
        "https://shop.example/" + "a" * 2000,
    ],
)
def test_urls_of_other_forms_and_of_private_addresses_are_refused(url: str) -> None:
    with pytest.raises(UnsafeUrl):
        check_outbound_url(url, own_hosts=OWN[1:])


def test_the_operators_own_hosts_need_no_tls() -> None:
    assert check_outbound_url("http://own.lan:8080/hook", own_hosts=OWN).port == 8080


@pytest.mark.anyio
@pytest.mark.parametrize(
    "host",
    # A name of the loopback, and ways to write its address that only the resolver understands.
    ["localhost", "127.1", "2130706433", "0x7f000001"],
)
async def test_a_name_of_a_private_address_is_refused_when_it_is_used(host: str) -> None:
    with pytest.raises((OutboundRefused, OutboundFailed)):
        await Outbound([]).post(f"https://{host}/", b"{}", headers={}, answer_bytes_max=10)


@contextmanager
def _listening(answer: bytes, *, hold: threading.Event | None = None) -> Iterator[int]:
    """A server for one connection, which sends `answer` and then holds the line."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer)
            if hold is not None:
                hold.wait(10)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        if hold is not None:
            hold.set()
        thread.join()


async def _post(port: int, *, seconds: float = 5, most: int = 100) -> Any:
    outbound = Outbound(OWN, total_seconds=seconds)
    url = f"http://127.0.0.1:{port}/hook"
    return await outbound.post(url, b"{}", headers={"X-A": "b"}, answer_bytes_max=most)


@pytest.mark.anyio
async def test_a_redirect_is_an_answer_like_others() -> None:
    away = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with _listening(away) as port:
        assert (await _post(port)).status == 302


@pytest.mark.anyio
async def test_who_hangs_is_cut_off() -> None:
    started = monotonic()
    with (
        _listening(b"", hold=threading.Event()) as port,
        pytest.raises(OutboundFailed, match="TimeoutError"),
    ):
        await _post(port, seconds=0.3)
    assert monotonic() - started < 5


@pytest.mark.anyio
async def test_of_a_long_answer_only_the_beginning_is_read() -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + b"a" * 5000
    with _listening(endless, hold=threading.Event()) as port:
        told = await _post(port)
    assert (len(told.body), told.is_cut) == (100, True)


@pytest.mark.anyio
async def test_where_the_body_does_not_matter_none_is_waited_for() -> None:
    with _listening(
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", hold=threading.Event()
    ) as port:
        told = await _post(port, most=0)
    assert (told.status, told.body) == (200, b"")

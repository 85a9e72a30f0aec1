"""Nothing leaves the house but by a declared way, and none of them leads to an advertiser."""

import ast
from importlib import import_module
from pathlib import Path

import teahouse
from teahouse.platform.data_map import EGRESS

ROOT = Path(teahouse.__file__).parent
# Whoever imports one of these can send something to another machine.
_SENDERS = {
    "aiohttp", "ftplib", "http.client", "httpx", "nats", "obstore", "requests", "smtplib",
    "teahouse.platform.outbound", "telnetlib", "urllib.request", "urllib3", "websockets",
}  # fmt: skip
_NOT_SENDING = {
    "teahouse.platform.outbound": "the tool of those that declare what they send",
    "teahouse.cli.log": "a command by which anybody verifies a house; holds no member's data",
    "teahouse.demo.live": "makes members up, and asks its own server",
    "teahouse.demo.money.live": "makes members up, and asks its own server",
    "teahouse.chat.bridges.api": "names what an answer of the bridge can be",
}


def _imports(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            # An exception of the tool sends nothing; its class does.
            names = {alias.name for alias in node.names}
            if node.module != "teahouse.platform.outbound" or "Outbound" in names:
                found.add(node.module)
    return found


def _can_send(source: str) -> bool:
    return (
        any(
            name == sender or name.startswith(f"{sender}.")
            for name in _imports(source)
            for sender in _SENDERS
        )
        or ".open_connection(" in source
    )


def _modules() -> dict[str, str]:
    return {
        ".".join(("teahouse", *file.relative_to(ROOT).with_suffix("").parts)): file.read_text()
        for file in ROOT.rglob("*.py")
    }


def test_every_module_that_can_send_declares_to_whom_and_what() -> None:
    able = {name for name, source in _modules().items() if _can_send(source)}
    # The server asks itself whether it listens.
    able.discard("teahouse.app")
    for name in able:
        import_module(name)
    declared = {one.module for one in EGRESS}
    assert able - declared - _NOT_SENDING.keys() == set()
    assert declared - able == set(), "declared, and sends nothing"


def test_an_undeclared_way_out_is_found() -> None:
    assert _can_send("import httpx\n")
    assert _can_send("def f():\n    from nats.aio.client import Client\n")
    assert _can_send("from teahouse.platform.outbound import Outbound\n")
    assert not _can_send("from teahouse.platform.outbound import OutboundRefused\n")


def test_no_receiver_is_an_advertiser() -> None:
    for name in {one.module for one in EGRESS}:
        import_module(name)
    for one in EGRESS:
        assert one.receiver
        assert one.purpose
        assert "adverti" not in f"{one.receiver} {one.purpose}".lower()
        assert one.data

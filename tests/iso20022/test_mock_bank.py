"""Somebody else's bank understands our orders, and we understand its answers.

`mock-bank` was written by others, with a reader, writer and dictionary of its own: where both of us
misread the standard in the same way, this shows it where our own bank cannot.
"""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import msgspec
import pytest

from teahouse import iso20022
from teahouse.iso20022 import AccountNumber, Transfer
from teahouse.platform.money import Currency, Money
from tests.iso20022 import kit

PATIENCE_SECONDS = 30
CLOCK = "2026-11-24T09:00"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MockBank:
    """The bank, and its folders."""

    def __init__(self, folder: Path) -> None:
        self.drop, self.pickup = folder / "drop", folder / "pickup"
        for place in (self.drop, self.pickup):
            place.mkdir()
        port = free_port()
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_SECONDS)
        command = [sys.executable, "-m", "mockbank", "--port", str(port), "--clock", CLOCK]
        command += ["--drop-dir", str(self.drop), "--pickup-dir", str(self.pickup)]
        self.process = subprocess.Popen([*command, "--drop-settle-ms", "0", "-q"])
        self._wait()

    def _wait(self) -> None:
        deadline = monotonic() + PATIENCE_SECONDS
        while monotonic() < deadline:
            try:
                if self.http.get("/_mock/health").is_success:
                    return
            except httpx.TransportError:
                assert self.process.poll() is None
        raise AssertionError("it does not answer")

    def call(self, path: str, body: Any = None) -> Any:
        done = self.http.post(path, json={} if body is None else body)
        assert done.is_success, done.text
        return done.json()

    def accounts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get("/_mock/accounts").json()
        return found

    def send(self, raw: bytes) -> None:
        draft = self.drop / "order.tmp"
        draft.write_bytes(raw)
        draft.rename(self.drop / "order.xml")
        self.call("/_mock/drop/scan")

    def answers(self, kind: str) -> list[bytes]:
        return [
            raw
            for raw in (file.read_bytes() for file in sorted(self.pickup.rglob("*.xml")))
            if kind.encode() in raw
        ]


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[MockBank]:
    made = MockBank(tmp_path)
    try:
        yield made
    finally:
        made.http.close()
        made.process.terminate()
        made.process.wait(PATIENCE_SECONDS)


def test_our_orders_are_accepted_booked_and_stated(bank: MockBank) -> None:
    mine = next(one for one in bank.accounts() if one["currency"] == "EUR")
    house = AccountNumber(mine["iban"], is_iban=True)
    orders = (
        Transfer("O-1", Money(12_345, Currency("EUR")), "Ada Lovelace", kit.ADA, text="Tea & cake"),
        Transfer("O-2", Money(5, Currency("EUR")), "Lin", kit.ADA),
    )
    file = msgspec.structs.replace(kit.TRANSFERS, account=house, bic="", transfers=orders)
    bank.send(iso20022.write_transfers(file))
    [report] = [iso20022.read_status(raw) for raw in bank.answers("pain.002")]
    assert report.original_id == file.message_id
    decided = {one.end_to_end_id: one.status for one in report.transactions}
    assert decided in ({"O-1": "ACCP", "O-2": "ACCP"}, {}), report
    assert report.group_status in {"ACCP", "ACSP", ""}
    bank.call("/_mock/advance?days=2")
    told = [
        entry
        for raw in bank.answers("camt.054.001.08")
        for entry in iso20022.read_notification(raw).entries
    ]
    assert {(one.end_to_end_id, one.amount.minor) for one in told} == {
        ("O-1", -12_345),
        ("O-2", -5),
    }
    statements = [
        statement
        for statement in map(iso20022.read_statement, bank.answers("camt.053.001.08"))
        if statement.account == house
    ]
    stated = [entry for one in statements for entry in one.entries]
    assert {one.end_to_end_id for one in stated} == {"O-1", "O-2"}
    assert statements[-1].closing == statements[0].opening - 12_350


def test_what_it_rejects_and_returns_is_understood(bank: MockBank) -> None:
    mine = next(one for one in bank.accounts() if one["currency"] == "EUR")
    house = AccountNumber(mine["iban"], is_iban=True)
    bad = AccountNumber("GB83WEST12345698765432", is_iban=True)
    order = Transfer("O-1", Money(500, Currency("EUR")), "Ada", bad)
    file = msgspec.structs.replace(kit.TRANSFERS, account=house, bic="", transfers=(order,))
    bank.send(iso20022.write_transfers(file))
    [report] = [iso20022.read_status(raw) for raw in bank.answers("pain.002")]
    reasons = {report.group_reason, *(one.reason for one in report.transactions)}
    assert "AC01" in reasons
    assert "RJCT" in {report.group_status, *(one.status for one in report.transactions)}

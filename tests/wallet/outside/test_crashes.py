"""Whatever dies at whatever moment: each order is done once, and nothing is lost."""

import contextlib
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest

from teahouse import iso20022
from teahouse.platform.db import Database
from teahouse.wallet.outside.live import BankLink, PartnerBank
from tests.kit.server import Server, launch_server
from tests.kit.wallet_house import find_problems
from tests.wallet.outside.kit import HOUSE_ACCOUNT, Town, iban

# A job that died with its server is taken up by the next one twenty seconds later.
PATIENCE_SECONDS = 90
TEAHOUSE = str(Path(sys.executable).with_name("teahouse"))


class Torn(Exception):
    """The process ends here."""


class TornBank:
    """A bank at whose side the house dies, once for each of some calls.

    Args:
        bank: the true one.
        deaths: at which calls, `send before` or `forget after` and the like.
    """

    def __init__(self, bank: PartnerBank, deaths: list[str]) -> None:
        self._bank = bank
        self.deaths = deaths

    async def send(self, name: str, content: bytes) -> None:
        self._die("send before")
        await self._bank.send(name, content)
        self._die("send after")

    async def list_answers(self) -> list[str]:
        return await self._bank.list_answers()

    async def fetch(self, name: str) -> bytes | None:
        found = await self._bank.fetch(name)
        self._die("fetch after")
        return found

    async def forget(self, name: str) -> None:
        self._die("forget before")
        await self._bank.forget(name)
        self._die("forget after")

    async def take_back(self, before: int) -> None:
        await self._bank.take_back(before)

    def _die(self, where: str) -> None:
        if where in self.deaths:
            self.deaths.remove(where)
            raise Torn(where)


@pytest.mark.anyio
async def test_a_death_at_any_step_loses_and_doubles_nothing(db: Database, tmp_path: Path) -> None:
    town = Town(db, tmp_path, opening=50_000)
    ada = await town.register("ada", eur=20_000)
    account = await town.link(ada)
    link = town.house.services.get(BankLink)
    assert link.bank is not None
    torn = TornBank(
        link.bank, ["send before", "send after", "fetch after", "forget before", "forget after"]
    )
    link.bank = torn
    orders = [await town.withdraw(ada, account, 100 + one) for one in range(5)]
    top_up = await town.top_up(ada, account, 5000)
    for _ in range(12):
        await town.exchange(1)
    assert torn.deaths == []
    for order in orders:
        told = await ada.asked("GET", f"/withdrawals/{order['order_id']}")
        assert told["status"] == "booked"
    assert (await ada.asked("GET", f"/top-ups/{top_up['order_id']}"))["status"] == "booked"
    sent = sum(100 + one for one in range(5))
    assert town.balance(ada) == 20_000 - sent + 5000
    assert town.at_bank(iban()) == 1_000_000 + 1 + sent - 5000
    await town.end_day()
    assert town.books()["cash_at_bank"] == town.at_bank() == 50_000 - 1 - sent + 5000
    assert find_problems(town.house) == []


# Real processes


def test_killing_house_and_bank_loses_and_doubles_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "bank"
    bank("open", folder, "--account", HOUSE_ACCOUNT.number, "--currency", "EUR")
    settings = {
        "partner_bank_url": str(folder),
        "partner_bank_accounts": f"EUR:{HOUSE_ACCOUNT.number}",
        "wallet_currencies": "EUR",
        "wallet_rule_set": "open",
    }
    data = tmp_path / "data"
    with running_bank(folder) as process, running_house(data, **settings) as server:
        ada = Caller(server)
        account = ada.link(folder)
        orders = [ada.top_up(account, 1000 + one) for one in range(3)]
        process.send_signal(signal.SIGKILL)
        server.process.kill()
    # The house orders while the bank is away, and dies as soon as it has said so.
    with running_house(data, **settings) as server:
        ada.server = server
        orders += [ada.top_up(account, 2000 + one) for one in range(3)]
        wait_until(lambda: any((folder / "inbox").iterdir()) or ada.is_sent(orders[-1]))
        server.process.kill()
    with running_bank(folder) as process:
        wait_until(lambda: not any((folder / "inbox").glob("*.xml")))
        process.send_signal(signal.SIGKILL)
    with running_bank(folder), running_house(data, **settings) as server:
        ada.server = server
        wait_until(lambda: all(ada.status(order) == "booked" for order in orders))
        assert ada.balance() == 3 * 1000 + 3 * 2000 + 2 * 3
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(PATIENCE_SECONDS)
    checked = subprocess.run(
        [TEAHOUSE, "check", "--data", str(data)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


class Caller:
    """A member who calls a server that comes and goes."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._keys = 0
        asked = {"username": "ada", "password": "correct horse battery staple"}
        first = httpx.post(f"{server.url}/_matrix/client/v3/register", json=asked)
        auth = {"type": "m.login.dummy", "session": first.json()["session"]}
        path = f"{server.url}/_matrix/client/v3/register"
        self._token = httpx.post(path, json={**asked, "auth": auth}).json()["access_token"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        self._keys += 1
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Idempotency-Key": f"key-{self._keys}",
        }
        url = f"{self.server.url}/api/v1/wallet{path}"
        done = httpx.request(method, url, json=body, headers=headers, timeout=PATIENCE_SECONDS)
        assert done.is_success, done.text
        return done.json()

    def link(self, folder: Path) -> dict[str, Any]:
        told = {"number": iban(), "bank": "B", "holder": "Ada", "currency": "EUR"}
        account = self.call("POST", "/outside-accounts", {**told, "allow_debits": True})
        wait_until(lambda: any((folder / "archive").glob("bfl-*.xml")))
        [file] = (folder / "archive").glob("bfl-*.xml")
        code = iso20022.read_transfers(file.read_bytes()).transfers[0].text.split()[1]
        path = f"/outside-accounts/{account['outside_account_id']}/verify"
        verified: dict[str, Any] = self.call("POST", path, {"code": code})
        return verified

    def top_up(self, account: dict[str, Any], minor: int) -> dict[str, Any]:
        amount = {"minor": minor, "currency": "EUR"}
        body = {"outside_account_id": account["outside_account_id"], "amount": amount}
        made: dict[str, Any] = self.call("POST", "/top-ups", body)
        return made

    def status(self, order: dict[str, Any]) -> str:
        return str(self.call("GET", f"/top-ups/{order['order_id']}")["status"])

    def is_sent(self, order: dict[str, Any]) -> bool:
        return self.status(order) != "requested"

    def balance(self) -> int:
        [wallet] = self.call("GET", "/wallets")["wallets"]
        return int(wallet["available"]["minor"])


def bank(verb: str, folder: Path, *options: str) -> None:
    command = [TEAHOUSE, "partner-bank", verb, "--folder", str(folder), *options]
    subprocess.run([*command, "--balance", "100.00"], check=True, timeout=PATIENCE_SECONDS)


@contextlib.contextmanager
def running_bank(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [TEAHOUSE, "partner-bank", "run", "--folder", str(folder), "--poll-ms", "20"],
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def running_house(data: Path, **settings: str) -> Iterator[Server]:
    server = launch_server(data, **settings)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = monotonic() + PATIENCE_SECONDS
    while not holds():
        assert monotonic() < deadline
        # Nothing comes of the wait: others' work shall get on meanwhile.
        select.select([], [], [], 0.1)

"""A server with a wallet, and members who have money."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from teahouse import accounts, chat, ledger, privacy, wallet
from teahouse.app import soundness_checks
from teahouse.platform.checks import run_checks
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database, Read, Tx
from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.money import Currency, Money
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.payments.commands import pay
from teahouse.wallet.payments.types import Payment, PaymentDraft, PaymentKind
from teahouse.wallet.wallets.commands import open_wallet
from teahouse.wallet.wallets.queries import find_house_account, find_wallet
from teahouse.wallet.wallets.types import HouseAccount
from tests.kit.chat_house import Guest
from tests.kit.house import PASSWORD, House, make_services

WALLET = "/api/v1/wallet"
_keys = itertools.count(1)
# Hashed once for all.
_password_hashes: list[str] = []


def make_wallet_house(db: Database, data: Path, **settings: Any) -> House:
    """A server without sockets that has privacy, accounts, chat and the wallet; without limits.

    Args:
        db: a started database.
        data: the data folder.
        settings: those that differ from the tests' own.
    """
    services = make_services(db, data, **{"wallet_rule_set": "open", **settings})
    routes = [
        *privacy.install(services),
        *accounts.install(services),
        *chat.install(services),
        *wallet.install(services),
    ]
    return House(services, routes)


class Payer(Guest):
    """A signed-in member who has a wallet."""

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        **options: Any,
    ) -> httpx.Response:
        """Send one request below `/api/v1/wallet`, with an idempotency key where one is needed.

        Args:
            method: GET, POST, ...
            path: from `/`; one that begins with `/api/` is taken as it is.
            body: sent as JSON.
            key: the idempotency key; a new one by default.
            options: further arguments of `httpx`.
        """
        if method == "POST":
            headers = options.setdefault("headers", {})
            headers.setdefault("Idempotency-Key", key or f"test-{next(_keys)}")
        whole = path if path.startswith("/api/") else f"{WALLET}{path}"
        return await self.call(method, whole, body, **options)

    async def asked(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, **options: Any
    ) -> Any:
        """The JSON answer to a request that must succeed."""
        done = await self.ask(method, path, body, **options)
        assert done.is_success, done.text
        return done.json()

    async def refused(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, **options: Any
    ) -> tuple[int, str]:
        """The status and the code of a refusal; no other answer will do."""
        done = await self.ask(method, path, body, **options)
        assert done.is_client_error, (done.status_code, done.text)
        problem = done.json()
        return done.status_code, str(problem.get("type", "")).rpartition(":")[2]

    def balance(self, currency: str = "CNY") -> int:
        """What can be paid now, minor units."""
        return available(self.house.db, self.user_id, currency)


async def register_payer(house: House, name: str, *, cny: int = 0) -> Payer:
    """Make a member, with money in a wallet.

    Past the routes of registration, which take two requests. The password is `PASSWORD`.

    Args:
        house: the server.
        name: the local part of the member's id.
        cny: minor units of CNY to begin with.
    """
    user_id = f"@{name}:{house.services.settings.server_name}"
    if not _password_hashes:
        _password_hashes.append(await house.services.get(accounts.PasswordHasher).hash(PASSWORD))
    new = accounts.NewMember(
        user_id=user_id,
        password_hash=_password_hashes[0],
        device=accounts.DeviceWish(device_id="PHONE"),
    )
    login = await house.db.write(accounts.register_member, new)
    assert login is not None
    payer = Payer(
        house,
        {
            "user_id": user_id,
            "access_token": login.access_token,
            "device_id": login.device_id,
        },
    )
    if cny:
        await house.db.write(_fund, user_id, Money(cny, Currency("CNY")))
    return payer


def fund(db: Database, user_id: str, amount: Money) -> Payment:
    """Put money that came to the bank into a member's wallet, which is opened."""
    return db.run(_fund, user_id, amount)


def available(db: Database, user_id: str, currency: str = "CNY") -> int:
    """What a member can pay now, minor units; 0 without a wallet."""
    return db.look(_available, user_id, currency)


def house_balance(db: Database, name: HouseAccount, currency: str = "CNY") -> int:
    """What is posted in one of the house's accounts, minor units."""
    return db.look(_house_balance, name, currency)


def find_problems(house: House) -> list[str]:
    """What `teahouse check` would say, but of what should have been deleted in time.

    Such a house has no worker whose jobs would do that, and tests turn its clock by months;
    `tests/privacy/retention` is about it.
    """
    checks = soundness_checks(house.services.settings)
    done = house.db.look(lambda read: list(run_checks(read, checks)))
    return [problem for one in done for problem in one.problems]


def money(minor: Any, currency: Any = "CNY") -> dict[str, Any]:
    """An amount as JSON."""
    return {"minor": minor, "currency": currency}


async def run_job(house: House, kinds: list[JobKind], name: str) -> None:
    """Run a job of the timetable now.

    Args:
        house: the server.
        kinds: where the job is.
        name: of the job.
    """
    [kind] = [one for one in kinds if one.name == name]
    await kind.handler(house.services, NoPayload())


async def expire_holds(house: House) -> None:
    """Let the ledger end the holds whose time is over."""
    await run_job(house, ledger.job_kinds(), "ledger.expire_holds")


def pass_time(house: House, ms: int) -> None:
    """Move the test's clock."""
    clock = house.services.clock
    assert isinstance(clock, ManualClock)
    clock.advance(ms)


def _fund(tx: Tx, user_id: str, amount: Money) -> Payment:
    opened = open_wallet(tx, party_of(tx, user_id), amount.currency)
    draft = PaymentDraft(
        kind=PaymentKind.TOPUP,
        payer=HouseAccount.CASH_AT_BANK,
        payee=opened.id,
        amount=amount,
        key=f"{tx.new_id('fund')}",
    )
    return pay(tx, draft)


def _available(read: Read, user_id: str, currency: str) -> int:
    party = find_party(read, user_id)
    found = None if party is None else find_wallet(read, party, currency)
    return 0 if found is None else ledger.find_balance(read, found.account).available.minor


def _house_balance(read: Read, name: HouseAccount, currency: str) -> int:
    found = find_house_account(read, name, currency)
    return 0 if found is None else ledger.find_balance(read, found).posted.minor

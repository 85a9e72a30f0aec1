"""Tells the story of the town's money, through the same API that its members' clients use.

Its clock starts six weeks ago, so that there is a history to look at.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx

from teahouse.demo.money.rules import (
    CURRENCY,
    DEEDS,
    HOLDERS,
    HOUSE_MINOR,
    HOUSE_NUMBER,
    LAST_CHARGE,
    LAST_PACKET,
    MENU,
    OFFICER,
    ORDERS,
    SHOP,
    SHOP_CASHIER,
    SHOP_OWNER,
    Deed,
    Gift,
    Order,
    Packet,
    Purchase,
    TopUp,
)
from teahouse.iso20022 import AccountNumber
from teahouse.partner_bank import Account, PartnerBank
from teahouse.platform.clock import ManualClock
from teahouse.platform.jobs import Worker
from teahouse.platform.json import JsonObject
from teahouse.platform.money import Currency

DAY_MS: Final = 86_400_000
_WALLET: Final = "/api/v1/wallet"
_CLIENT: Final = "/_matrix/client/v3"
_PROGRAMS: Final = "/api/v1/miniprograms"
_keys = itertools.count(1)


class Town:
    """The members' clients, the worker and the bank.

    Args:
        http: reaches the house.
        worker: of the house.
        bank: the partner bank, over the same folder.
        clock: of both.
        first_day: the instant at which the story begins, ms.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        worker: Worker,
        *,
        bank: PartnerBank,
        clock: ManualClock,
    ) -> None:
        self._http = http
        self._worker = worker
        self._bank = bank
        self._clock = clock
        self._began_at = clock.now_ms()
        self._tokens: dict[str, str] = {}
        self._ids: dict[str, str] = {}

    async def tell(self, passwords: Mapping[str, str], square: str, folder: Path) -> None:
        """Tell the whole story.

        Args:
            passwords: of every member, by name.
            square: the room whose people give red packets to each other.
            folder: the bank's.
        """
        number = AccountNumber(HOUSE_NUMBER, is_iban=False)
        house = Account(HOUSE_NUMBER, Currency(CURRENCY), "Teahouse", HOUSE_MINOR, is_customer=True)
        self._bank.open_account(number, house)
        for name, password in passwords.items():
            await self._sign_in(name, password)
        for name in HOLDERS:
            await self._identify(name)
        outside = {name: await self._link(name, folder) for name in HOLDERS}
        shop = await self._open_shop()
        for deed in DEEDS:
            self._clock.advance(self._began_at + deed.day * DAY_MS - self._clock.now_ms())
            await self._do(deed, square=square, shop=shop, outside=outside)
            if isinstance(deed, TopUp):
                await self._settle()
        await self._give(LAST_PACKET, square)
        for order in ORDERS:
            await self._order(order, shop)
        await self._charge(LAST_CHARGE, shop)
        for name in passwords:
            await self._call(name, "POST", f"{_CLIENT}/logout", {})
        await self._settle()

    async def _do(self, deed: Deed, *, square: str, shop: str, outside: Mapping[str, str]) -> None:
        match deed:
            case TopUp():
                body: JsonObject = {
                    "outside_account_id": outside[deed.name],
                    "amount": _money(deed.minor),
                }
                await self._call(deed.name, "POST", f"{_WALLET}/top-ups", body)
            case Gift():
                body = {
                    "payee": self._ids[deed.to],
                    "amount": _money(deed.minor),
                    "message": deed.text,
                    "by_hand": deed.by_hand,
                }
                await self._call(deed.name, "POST", f"{_WALLET}/transfers", body)
            case Purchase():
                await self._buy(deed, shop)
            case Packet():
                packet = await self._give(deed, square)
                for name in deed.claimed_by:
                    path = f"{_WALLET}/red-packets/{packet}/claim"
                    await self._call(name, "POST", path, {})

    async def _sign_in(self, name: str, password: str) -> None:
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": name},
            "password": password,
        }
        signed_in = await self._call(None, "POST", f"{_CLIENT}/login", body)
        self._tokens[name], self._ids[name] = signed_in["access_token"], signed_in["user_id"]

    async def _identify(self, name: str) -> None:
        """An officer of the bank has seen the member at the counter."""
        path = f"/api/v1/account/identity/members/{self._ids[name]}/checks"
        evidence = f"Seen at the counter of the hall, book 1, line {len(self._ids)}"
        body = {"kind": "face_to_face", "provider": "The keeper's counter", "evidence": evidence}
        await self._call(OFFICER, "POST", path, body)

    async def _link(self, name: str, folder: Path) -> str:
        """Link a member's bank account; the code comes with a small credit to it."""
        number, holder = HOLDERS[name]
        body = {
            "number": number,
            "bank": "Bank of the Province",
            "holder": holder,
            "currency": CURRENCY,
            "allow_debits": True,
        }
        linked = await self._call(name, "POST", f"{_WALLET}/outside-accounts", body)
        account = linked["outside_account_id"]
        await self._settle()
        path = f"{_WALLET}/outside-accounts/{account}/verify"
        await self._call(name, "POST", path, {"code": _read_code(folder, number)})
        return str(account)

    async def _open_shop(self) -> str:
        shop = await self._call(SHOP_OWNER, "POST", f"{_WALLET}/shops", SHOP)
        shop_id = str(shop["shop_id"])
        decision = {"status": "verified", "reason": "Seen, and had a good tea."}
        path = f"{_WALLET}/admin/shops/{shop_id}/decisions"
        await self._call(OFFICER, "POST", path, decision)
        path = f"{_WALLET}/shops/{shop_id}/staff/{self._ids[SHOP_CASHIER]}"
        await self._call(SHOP_OWNER, "PUT", path, {"role": "cashier"})
        await self._call(SHOP_OWNER, "PUT", f"{_PROGRAMS}/shops/{shop_id}/menu", MENU)
        return shop_id

    async def _buy(self, deed: Purchase, shop: str) -> None:
        charge = await self._charge(deed, shop)
        body: JsonObject = {"tip": deed.tip} if deed.tip else {}
        await self._call(deed.name, "POST", f"{_WALLET}/pay/{charge['code']}", body)
        if deed.is_refunded:
            path = f"{_WALLET}/shops/{shop}/charges/{charge['charge_id']}/refunds"
            body = {"amount": _money(deed.minor), "reason": "It was chipped: sorry!"}
            await self._call(SHOP_OWNER, "POST", path, body)

    async def _order(self, deed: Order, shop: str) -> None:
        """Order by the mini-program, pay, and let the shop go on with it."""
        body = {"program_id": "org.teahouse.coffee", "lines": deed.lines, "called": deed.called}
        path = f"{_PROGRAMS}/shops/{shop}/orders"
        order = await self._call(deed.name, "POST", path, body)
        await self._call(deed.name, "POST", f"{_WALLET}/pay/{order['code']}", {})
        for status in deed.steps:
            step = f"{path}/{order['order_id']}/status"
            await self._call(SHOP_CASHIER, "PUT", step, {"status": status})

    async def _charge(self, deed: Purchase, shop: str) -> Any:  # noqa: ANN401 - JSON
        body = {
            "amount": _money(deed.minor),
            "description": deed.text,
            "tip": "ask" if deed.tip else "none",
            "terminal": "counter",
        }
        path = f"{_WALLET}/shops/{shop}/charges"
        return await self._call(SHOP_CASHIER, "POST", path, body)

    async def _give(self, deed: Packet, square: str) -> str:
        body = {
            "room_id": square,
            "total": _money(deed.minor),
            "count": deed.count,
            "split": "random",
            "greeting": deed.text,
        }
        packet = await self._call(deed.name, "POST", f"{_WALLET}/red-packets", body)
        return str(packet["packet_id"])

    async def _settle(self) -> None:
        """Let the house hand over its files, the bank do its work, and the house read."""
        await self._worker.run_due()
        self._bank.work()
        # The house looks into the folder by its timetable.
        self._clock.advance(60_000)
        await self._worker.run_due()

    async def _call(self, name: str | None, method: str, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        headers = {} if name is None else {"Authorization": f"Bearer {self._tokens[name]}"}
        headers["Idempotency-Key"] = f"demo-{next(_keys)}"
        if name == OFFICER:
            headers["Teahouse-Reason"] = "The demo's town is made"
        answer = await self._http.request(method, path, json=body, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json()


def _money(minor: int) -> JsonObject:
    return {"minor": minor, "currency": CURRENCY}


def _read_code(folder: Path, number: str) -> str:
    """The code in the text of the small credit, as the holder of the account reads it."""
    for file in (folder / "archive").glob("*.xml"):
        content = file.read_text()
        found = re.search(r"Code (\d{6})", content)
        if found and number in content:
            return found[1]
    raise AssertionError("no small credit has come")

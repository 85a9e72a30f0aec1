"""Shops that take money, their programs, and the house's staff."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec

from teahouse.accounts import grant_role
from teahouse.ledger import find_balance
from teahouse.platform.db import Read
from teahouse.platform.requester import Role
from teahouse.wallet.shops.queries import find_shop
from teahouse.wallet.shops.rules import SCOPE_POWERS
from teahouse.wallet.wallets.queries import find_wallet
from tests.kit.chat_house import Guest
from tests.kit.house import House
from tests.kit.wallet_house import Payer, register_payer

SHOPS = "/api/v1/wallet/shops"
ADMIN = "/api/v1/wallet/admin/shops"
KEYS = "/api/v1/shop"
_keys = itertools.count(1)

NEW_SHOP: dict[str, Any] = {
    "name": "Morning Dew Teas",
    "name_zh": "朝露茶庄",
    "category_code": "5499",
    "country": "CN",
    "city": "Hangzhou",
    "city_zh": "杭州",
    "currency": "CNY",
}


async def ask(
    who: Guest | str,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    house: House | None = None,
    key: str | None = None,
    **options: Any,
) -> httpx.Response:
    """Send a request that carries an idempotency key.

    Args:
        who: a member, or a token or API key (then with `house`).
        method: POST, ...
        path: from `/api/`.
        body: sent as JSON.
        house: where to, for a key.
        key: the idempotency key; a new one by default.
        options: further arguments of `httpx`.
    """
    served, token = (who.house, who.token) if isinstance(who, Guest) else (house, who)
    assert served is not None
    headers = {"Idempotency-Key": key or f"test-{next(_keys)}"}
    return await served.call(method, path, body, token=token, headers=headers, **options)


async def register_staff(house: House, name: str, role: Role) -> Payer:
    """Register one of the house's staff."""
    guest = await register_payer(house, name)
    await house.db.write(grant_role, guest.user_id, role, by=None)
    return guest


async def apply_for_shop(owner: Guest, **profile: Any) -> str:
    """Apply for a shop.

    Returns:
        Its id.
    """
    made = await ask(owner, "POST", SHOPS, {**NEW_SHOP, **profile})
    assert made.status_code == httpx.codes.CREATED, made.text
    return str(made.json()["shop_id"])


async def open_shop(owner: Guest, officer: Guest, **profile: Any) -> str:
    """Apply for a shop and let the house verify it.

    Returns:
        Its id.
    """
    shop_id = await apply_for_shop(owner, **profile)
    await decide(officer, shop_id, "verified")
    return shop_id


async def decide(officer: Guest, shop_id: str, status: str) -> None:
    """Let the house decide about a shop."""
    wish = {"status": status, "reason": "Papers seen."}
    done = await ask(officer, "POST", f"{ADMIN}/{shop_id}/decisions", wish)
    assert done.status_code == httpx.codes.CREATED, done.text


async def make_key(owner: Guest, shop_id: str, *scopes: str) -> str:
    """Make an API key; returns its secret."""
    wish = {"name": "Till", "scopes": [*scopes]}
    made = await ask(owner, "POST", f"{SHOPS}/{shop_id}/keys", wish)
    assert made.status_code == httpx.codes.CREATED, made.text
    return str(made.json()["secret"])


class Till:
    """A program of a shop, which calls with an API key.

    Args:
        house: the server.
        secret: the key.
    """

    def __init__(self, house: House, secret: str) -> None:
        self.house = house
        self.secret = secret

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        **options: Any,
    ) -> httpx.Response:
        """Send one request below `/api/v1/shop`."""
        whole = f"{KEYS}{path}"
        return await ask(self.secret, method, whole, body, house=self.house, key=key, **options)

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
        return done.status_code, str(done.json().get("type", "")).rpartition(":")[2]


class OpenShop(msgspec.Struct, frozen=True):
    """A shop that takes money, and who works with it.

    Attributes:
        shop_id: its id.
        owner: who owns it.
        officer: who has verified it.
        till: its program, which may do all that a key can.
    """

    shop_id: str
    owner: Payer
    officer: Payer
    till: Till

    @property
    def path(self) -> str:
        """Where its people call."""
        return f"{SHOPS}/{self.shop_id}"

    def balance(self, currency: str = "CNY") -> int:
        """What it has, minor units."""
        return self.owner.house.db.look(_shop_balance, self.shop_id, currency)


async def start_shop(house: House, *, basis_points: int = 0, fixed: int = 0) -> OpenShop:
    """Open a shop with an owner, an officer, an API key and a fee.

    Args:
        house: the server.
        basis_points: of the fee.
        fixed: of the fee.
    """
    owner = await register_payer(house, "owner")
    officer = await register_staff(house, "officer", "bank_officer")
    shop_id = await open_shop(owner, officer)
    if basis_points or fixed:
        fee = {"currency": "CNY", "basis_points": basis_points, "fixed": fixed}
        set_fee = await ask(officer, "POST", f"{ADMIN}/{shop_id}/fees", fee)
        assert set_fee.is_success, set_fee.text
    secret = await make_key(owner, shop_id, *SCOPE_POWERS)
    return OpenShop(shop_id, owner, officer, Till(house, secret))


def _shop_balance(read: Read, shop_id: str, currency: str) -> int:
    wallet = find_wallet(read, find_shop(read, shop_id).party, currency)
    return 0 if wallet is None else find_balance(read, wallet.account).available.minor

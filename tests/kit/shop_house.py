"""Shops that take money, their programs, and the house's staff."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import httpx

from teahouse.accounts import grant_role
from teahouse.platform.requester import Role
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

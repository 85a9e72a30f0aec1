"""Shops for the stories, opened past the pages of owners and staff."""

import io
from typing import Any

import httpx
import zxingcpp
from PIL import Image

from teahouse.accounts import grant_role
from tests.kit.shop_house import ADMIN, NEW_SHOP, SHOPS
from tests.web.browsers import PASSWORD, Person, Town


async def token_of(person: Person) -> str:
    """The access token with which somebody's browser asks."""
    session = await person.page.evaluate("JSON.parse(localStorage.getItem('teahouse.session'))")
    return str(session["accessToken"])


async def apply_for_shop(town: Town, owner: Person, name: str = NEW_SHOP["name"]) -> str:
    """A shop of a member's that nobody has verified yet.

    Returns:
        Its id.
    """
    made = _post(town, SHOPS, {**NEW_SHOP, "name": name}, token=await token_of(owner))
    return str(made["shop_id"])


async def open_shop(town: Town, owner: Person) -> str:
    """A verified shop of a member's.

    Returns:
        Its id.
    """
    shop_id = await apply_for_shop(town, owner)
    # The owner may not decide about their own shop.
    officer = await town.member("officer")
    with town.database() as db:
        db.run(grant_role, officer.user_id, "bank_officer", by=None)
    decision = {"status": "verified", "reason": "Papers seen."}
    # The running server remembers who a token is of: a new one is of an officer.
    login = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": officer.name},
        "password": PASSWORD,
    }
    token = _post(town, "/_matrix/client/v3/login", login, token="")["access_token"]
    _post(town, f"{ADMIN}/{shop_id}/decisions", decision, token=token)
    await officer.context.close()
    return shop_id


async def dispute_purchase(
    town: Town, owner: Person, payer: Person, shop_id: str, minor: int
) -> None:
    """Let somebody buy at a shop, want all of it back, and the shop answer."""
    seller, buyer = await token_of(owner), await token_of(payer)
    asked = {"amount": {"minor": minor, "currency": "CNY"}}
    charge = _post(town, f"{SHOPS}/{shop_id}/charges", asked, token=seller)
    paid = _post(town, f"/api/v1/wallet/pay/{charge['code']}", {}, token=buyer)
    wish = {
        "payment_id": paid["payment_id"],
        "cause": "not_received",
        "text": "Nothing ever came.",
    }
    made = _post(town, "/api/v1/wallet/disputes", wish, token=buyer)
    answer = f"{SHOPS}/{shop_id}/disputes/{made['dispute_id']}/answer"
    _post(town, answer, {"text": "It was handed over at noon."}, token=seller)


def read_code(picture: bytes) -> str:
    """What a QR code on a screen says, as a camera would read it."""
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return str(found.text)


def _post(town: Town, path: str, body: dict[str, Any], *, token: str) -> dict[str, Any]:
    headers = {"Idempotency-Key": f"story-{path}"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    answer = httpx.post(f"{town.server.url}{path}", json=body, headers=headers)
    assert answer.is_success, answer.text
    made: dict[str, Any] = answer.json()
    return made

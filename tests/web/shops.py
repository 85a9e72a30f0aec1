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


async def open_shop(town: Town, owner: Person) -> str:
    """A verified shop of a member's.

    Returns:
        Its id.
    """
    token = await token_of(owner)
    shop = _post(town, SHOPS, NEW_SHOP, token=token)
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
    _post(town, f"{ADMIN}/{shop['shop_id']}/decisions", decision, token=token)
    await officer.context.close()
    return str(shop["shop_id"])


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

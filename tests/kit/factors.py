"""Members who have second factors, and confirm payments with them."""

from __future__ import annotations

import itertools
from typing import Any

import pyotp

from teahouse.accounts import CheckKind, NewCheck, Seal, record_identity_check
from teahouse.platform.clock import ManualClock
from teahouse.platform.money import Currency, Money
from tests.kit.authenticator import SoftwareAuthenticator
from tests.kit.house import PASSWORD, House
from tests.kit.wallet_house import Payer, fund

ORIGIN = "https://teahouse.test"
ACCOUNT = "/api/v1/account"
_numbers = itertools.count(1)
_SOURCES: tuple[CheckKind, ...] = (
    "id_card_registry",
    "bank_account",
    "phone_operator",
    "tax_register",
    "social_insurance",
)


async def register_with_password(house: House, name: str, *, cny: int = 0) -> Payer:
    """Register a member who has a password, with money in a wallet.

    Args:
        house: the server.
        name: the local part of the member's id.
        cny: minor units of CNY to begin with.
    """
    payer = Payer(house, await house.register(name))
    if cny:
        fund(house.db, payer.user_id, Money(cny, Currency("CNY")))
    return payer


def confirm_identity(payer: Payer, sources: int) -> None:
    """Let some outside sources confirm a member: 1, 3 and 5 give tiers I, II and III."""
    seal = payer.house.services.get(Seal)
    for kind in _SOURCES[:sources]:
        new = NewCheck(kind=kind, provider="a register", evidence="file 7")
        payer.house.db.run(record_identity_check, payer.user_id, new, seal=seal, by=None)


async def add_totp(payer: Payer) -> pyotp.TOTP:
    """Set up one-time codes; after a passkey, where there shall be both."""
    body: dict[str, Any] = {}
    path = f"{ACCOUNT}/totp"
    asked = await payer.house.confirm("POST", path, body, token=payer.token)
    codes = pyotp.TOTP(asked.json()["secret"])
    shown = await payer.call("POST", f"{path}/confirm", {"code": code_of(payer, codes)})
    assert shown.is_success, shown.text
    return codes


async def add_passkey(payer: Payer) -> SoftwareAuthenticator:
    """Set up a passkey."""
    key = SoftwareAuthenticator(ORIGIN, f"credential-{next(_numbers)}".encode())
    path = f"{ACCOUNT}/passkeys"
    asked = await payer.house.confirm("POST", f"{path}/options", {}, token=payer.token)
    options = asked.json()
    made = await payer.call(
        "POST",
        path,
        {
            "challenge_id": options["challenge_id"],
            "credential": key.create(options["public_key"]),
            "name": "Phone",
        },
    )
    assert made.is_success, made.text
    return key


def code_of(payer: Payer, codes: pyotp.TOTP) -> str:
    """The one-time code of now; a step passes first, because a code is good once."""
    clock = payer.house.services.clock
    assert isinstance(clock, ManualClock)
    clock.advance(30_000)
    return str(codes.at(clock.now_ms() // 1000))


async def confirm(
    payer: Payer,
    amount: Money | None,
    *,
    payee: str | None = None,
    kind: str = "transfer",
    proofs: tuple[Any, ...] = (PASSWORD,),
) -> str:
    """Confirm a payment.

    Args:
        payer: who.
        amount: how much.
        payee: a member's id.
        kind: of the payment.
        proofs: a password, one-time codes or an authenticator each.

    Returns:
        The confirmation's id.
    """
    body: dict[str, Any] = {"kind": kind}
    if amount is not None:
        body["amount"] = {"minor": amount.minor, "currency": amount.currency}
    if payee is not None:
        body["payee"] = {"user_id": payee}
    opened = await payer.asked("POST", "/confirmations", body)
    for proof in proofs:
        await payer.asked(
            "POST",
            f"/confirmations/{opened['confirmation_id']}/proofs",
            proof_body(payer, opened, proof),
        )
    return str(opened["confirmation_id"])


def proof_body(payer: Payer, opened: dict[str, Any], proof: object) -> dict[str, Any]:
    """What is sent for a proof."""
    match proof:
        case SoftwareAuthenticator():
            return {"factor": "passkey", "credential": proof.get(opened["public_key"])}
        case pyotp.TOTP():
            return {"factor": "totp", "code": code_of(payer, proof)}
        case _:
            return {"factor": "password", "password": proof}

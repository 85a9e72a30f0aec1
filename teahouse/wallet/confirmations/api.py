"""Routes of confirmations, below /api/v1/wallet/confirmations."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from teahouse.accounts import (
    PasskeyRefused,
    PasswordHasher,
    Seal,
    compute_request_options,
    find_signer,
    list_credential_ids,
    relying_party,
)
from teahouse.platform.http import Request
from teahouse.platform.requester import Requester
from teahouse.platform.services import Services
from teahouse.wallet.confirmations.access import access_confirmation
from teahouse.wallet.confirmations.commands import (
    add_proof,
    begin_proof,
    is_code_right,
    open_confirmation,
)
from teahouse.wallet.confirmations.errors import ProofRefused
from teahouse.wallet.confirmations.live import PayeeNames
from teahouse.wallet.confirmations.queries import find_confirmation
from teahouse.wallet.confirmations.rules import TRIES_MAX, compute_challenge, compute_summary
from teahouse.wallet.confirmations.types import (
    Confirmation,
    ConfirmationView,
    Facts,
    NewConfirmation,
    Proof,
)

_ROOT = "/api/v1/wallet/confirmations"
_ONE = _ROOT + "/{confirmation_id:str}"


@post(_ROOT, status_code=201)
async def post_confirmation(request: Request, data: JSONBody[NewConfirmation]) -> ConfirmationView:
    """Begin to confirm one payment: payee, amount and kind are fixed, for five minutes."""
    requester = await request.requester()
    made = await request.services.db.write(open_confirmation, requester, data)
    return await _with_options(request.services, requester, made)


@get(_ONE)
async def get_confirmation(request: Request) -> ConfirmationView:
    """What is confirmed, by which factors so far."""
    requester = await request.requester()
    found = await request.services.db.read(
        find_confirmation, requester, request.path("confirmation_id")
    )
    return await _with_options(request.services, requester, found)


@post(f"{_ONE}/proofs", status_code=200)
async def post_proof(request: Request, data: JSONBody[Proof]) -> ConfirmationView:
    """Prove oneself by password, one-time code or passkey; several factors, one by one."""
    requester = await request.requester()
    services, confirmation_id = request.services, request.path("confirmation_id")
    services.rate_limits.check("login", requester.user_id)
    begun = await services.db.write(begin_proof, requester, confirmation_id)
    if not await _is_proven(services, requester, data, begun):
        raise ProofRefused(None, tries_left=TRIES_MAX - begun.attempts - 1)
    told = await services.db.write(add_proof, requester, confirmation_id, data.factor)
    return await _with_name(services, told)


async def _with_options(
    services: Services, requester: Requester, shown: ConfirmationView
) -> ConfirmationView:
    """Add the name of a shop, and what a browser needs to sign, where there is a passkey."""
    shown = await _with_name(services, shown)
    if "passkey" not in shown.offered:
        return shown
    found = await services.db.read(access_confirmation, requester, shown.confirmation_id)
    known = await services.db.read(list_credential_ids, requester.user_id)
    options = compute_request_options(
        relying_party(services), challenge=_challenge(found), known=known
    )
    return msgspec.structs.replace(shown, public_key=options)


async def _with_name(services: Services, shown: ConfirmationView) -> ConfirmationView:
    """Say who is paid where it is no member: who confirms must see it."""
    if shown.payee is None:
        return shown
    name = await services.db.read(services.get(PayeeNames).find, shown.payee)
    if name is None:
        return shown
    facts = Facts(kind=shown.kind, payee_party=shown.payee, amount=shown.amount)
    return msgspec.structs.replace(shown, summary=compute_summary(facts, name))


async def _is_proven(
    services: Services, requester: Requester, proof: Proof, begun: Confirmation
) -> bool:
    user_id = requester.user_id
    match proof.factor:
        case "password":
            return proof.password is not None and await services.get(PasswordHasher).check(
                user_id, proof.password
            )
        case "totp":
            return proof.code is not None and await services.db.write(
                is_code_right, user_id, services.get(Seal), proof.code
            )
        case "passkey":
            return proof.credential is not None and await _is_signed(
                services, user_id, proof.credential, begun
            )


async def _is_signed(
    services: Services, user_id: str, credential: dict[str, Any], begun: Confirmation
) -> bool:
    try:
        return await find_signer(services, credential, _challenge(begun)) == user_id
    except PasskeyRefused:
        return False


def _challenge(found: Confirmation) -> bytes:
    return compute_challenge(
        found.facts, party=found.party, device_id=found.device_id, nonce=found.nonce
    )


routes: list[Any] = [post_confirmation, get_confirmation, post_proof]

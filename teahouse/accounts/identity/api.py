"""Routes of identity, below /api/v1/account/identity."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, delete, get, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from teahouse.accounts.identity.access import IdentityProviders
from teahouse.accounts.identity.commands import (
    SEE_IDENTITY,
    read_evidence,
    record_check,
    revoke_check,
)
from teahouse.accounts.identity.errors import IdentityNotConfirmed
from teahouse.accounts.identity.queries import find_identity
from teahouse.accounts.identity.types import (
    CheckKind,
    Claim,
    Identity,
    IdentityCheck,
    NewCheck,
    Revocation,
)
from teahouse.accounts.second_factors.access import Seal
from teahouse.accounts.staff.commands import note_staff_act
from teahouse.accounts.staff.rules import check_power
from teahouse.platform.http import Request, answer
from teahouse.platform.idempotency import read_once, run_once

_ROOT = "/api/v1/account/identity"
_MEMBER = _ROOT + "/members/{user_id:str}"
_CHECK = _ROOT + "/checks/{check_id:str}"


class Evidence(msgspec.Struct, frozen=True):
    """Where the proof of a check is."""

    evidence: str


@get(_ROOT)
async def identity(request: Request) -> Identity:
    """One's identity tier, the checks it follows from, and what raises it."""
    requester = await request.requester()
    return await request.services.db.read(find_identity, requester.user_id)


@get(f"{_ROOT}/providers")
async def providers(request: Request) -> dict[str, list[CheckKind]]:
    """Who can confirm what here, without going to the counter."""
    await request.requester()
    return request.services.get(IdentityProviders).list_kinds()


@post(f"{_ROOT}/checks", status_code=201, responses={201: ResponseSpec(IdentityCheck)})
async def post_check(request: Request, data: JSONBody[Claim]) -> Response[bytes]:
    """Let a provider confirm who one is; what one says of oneself is not kept."""
    requester = await request.requester()
    services = request.services
    services.rate_limits.check("login", requester.user_id)
    once = await read_once(request, requester.user_id)
    provider = services.get(IdentityProviders).find(data.provider, data.kind)
    reference = await provider.confirm(data)
    if reference is None:
        raise IdentityNotConfirmed
    new = NewCheck(kind=data.kind, provider=data.provider, evidence=reference)
    made = await services.db.write(
        run_once, once, record_check, requester.user_id, new, seal=services.get(Seal), by=None
    )
    return answer(made, status=201)


# Staff


@get(_MEMBER)
async def member_identity(request: Request) -> Identity:
    """How well a member is known, for officers; the look is logged."""
    requester = await request.requester()
    check_power(requester, "identity.check")
    user_id = request.path("user_id")
    await request.services.db.write(note_staff_act, requester, SEE_IDENTITY, user_id)
    return await request.services.db.read(find_identity, user_id)


@post(f"{_MEMBER}/checks", status_code=201, responses={201: ResponseSpec(IdentityCheck)})
async def post_member_check(request: Request, data: JSONBody[NewCheck]) -> Response[bytes]:
    """Record that a source has confirmed a member, or that they came to the counter."""
    requester = await request.requester()
    check_power(requester, "identity.check")
    once = await read_once(request, requester.user_id)
    services, user_id = request.services, request.path("user_id")
    made = await services.db.write(
        run_once, once, record_check, user_id, data, seal=services.get(Seal), by=requester
    )
    return answer(made, status=201)


@delete(_CHECK, status_code=204)
async def delete_check(request: Request, data: JSONBody[Revocation]) -> None:
    """Take a check back, with the reason in the body."""
    requester = await request.requester()
    check_power(requester, "identity.check")
    await request.services.db.write(
        revoke_check, request.path("check_id"), data.reason, by=requester
    )


@get(f"{_CHECK}/evidence")
async def check_evidence(request: Request) -> Evidence:
    """Where the proof of a check is, for auditors; the look is logged."""
    requester = await request.requester()
    check_power(requester, "books.read")
    services = request.services
    told = await services.db.write(
        read_evidence, request.path("check_id"), seal=services.get(Seal), by=requester
    )
    return Evidence(told)


routes: list[Any] = [
    identity,
    providers,
    post_check,
    member_identity,
    post_member_check,
    delete_check,
    check_evidence,
]

"""Routes of grants: a member's answers, and what programs get by them."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, delete, get, post, put
from litestar.params import JSONBody

from teahouse.miniprograms.grants.commands import decide, identify, take_back
from teahouse.miniprograms.grants.live import ResultSigner
from teahouse.miniprograms.grants.queries import find_result, list_grants
from teahouse.miniprograms.grants.types import (
    Decision,
    Grant,
    PublicKey,
    ResultWish,
    SignedResult,
    Whoami,
)
from teahouse.miniprograms.registry.api import ROOT
from teahouse.miniprograms.registry.live import Registry
from teahouse.platform.http import Request, answer
from teahouse.platform.router import OPEN

_ONE: Final = ROOT + "/programs/{program_id:str}"


@get(f"{ROOT}/grants")
async def grants(request: Request) -> list[Grant]:
    """What one has answered which mini-program."""
    requester = await request.requester()
    return await request.services.db.read(list_grants, requester.user_id)


@put(f"{_ONE}/grants")
async def put_grant(request: Request, data: JSONBody[Decision]) -> Grant:
    """Answer one question of a mini-program; a later answer takes the place of an earlier one."""
    requester = await request.requester()
    program = request.services.get(Registry).find_manifest(request.path("program_id"))
    return await request.services.db.write(decide, requester, program, data)


@delete(f"{_ONE}/grants", status_code=200)
async def delete_grants(request: Request) -> Response[bytes]:
    """Take back all that one allowed a mini-program; it knows one by another id afterwards."""
    requester = await request.requester()
    await request.services.db.write(take_back, requester, request.path("program_id"))
    return answer({})


@post(f"{_ONE}/who-am-i", status_code=200)
async def who_am_i(request: Request) -> Whoami:
    """One's name, and the id by which this mini-program alone knows one."""
    requester = await request.requester()
    program = request.services.get(Registry).find_manifest(request.path("program_id"))
    return await request.services.db.write(identify, requester, program.id)


@post(f"{_ONE}/payment-results", status_code=200)
async def payment_result(request: Request, data: JSONBody[ResultWish]) -> SignedResult:
    """What became of a payment of one's own, signed for a mini-program."""
    requester, services = await request.requester(), request.services
    program = services.get(Registry).find_manifest(request.path("program_id"))
    result = await services.db.read(
        find_result,
        requester,
        data.payment_id,
        program_id=program.id,
        server_name=services.settings.server_name,
    )
    return services.get(ResultSigner).sign(result)


@get(f"{ROOT}/key", opt=OPEN)
async def key(request: Request) -> PublicKey:
    """The key that results of payments are verified with."""
    request.services.rate_limits.check("address", request.address())
    return request.services.get(ResultSigner).public_key


routes: list[Any] = [grants, put_grant, delete_grants, who_am_i, payment_result, key]

"""The route by which a member says which name of an account's holder is right."""

from __future__ import annotations

from typing import Any

from litestar import post
from litestar.params import JSONBody

from teahouse.accounts import Seal
from teahouse.platform.db import Tx
from teahouse.platform.http import Request
from teahouse.platform.requester import Requester
from teahouse.wallet.name_checks.commands import choose_name
from teahouse.wallet.name_checks.types import NameChoice
from teahouse.wallet.outside.types import OutsideAccount
from teahouse.wallet.parties.queries import find_party


@post("/api/v1/wallet/outside-accounts/{outside_account_id:str}/name", status_code=200)
async def post_name_choice(request: Request, data: JSONBody[NameChoice]) -> OutsideAccount:
    """Say which name of the holder is right, where the bank has doubted it."""
    requester = await request.requester()
    return await request.services.db.write(
        _choose_own,
        requester,
        request.path("outside_account_id"),
        data,
        request.services.get(Seal),
    )


def _choose_own(
    tx: Tx, requester: Requester, outside_account_id: str, choice: NameChoice, seal: Seal
) -> OutsideAccount:
    party = find_party(tx, requester.user_id)
    return choose_name(tx, party, outside_account_id, choice, seal)


routes: list[Any] = [post_name_choice]

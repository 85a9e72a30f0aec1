"""What red packets do later: the rest goes back after a day."""

from __future__ import annotations

import msgspec

from teahouse.platform.jobs import JobKind
from teahouse.platform.services import Services
from teahouse.wallet.red_packets.commands import RETURN_JOB, return_packet


class ReturnPayload(msgspec.Struct, frozen=True):
    """Which packet's day is over."""

    packet_id: str


async def _return(services: Services, payload: ReturnPayload) -> None:
    # One job for each packet: one that cannot be returned holds up no other.
    await services.db.write(return_packet, payload.packet_id)


JOB_KINDS = [JobKind(RETURN_JOB, _return, ReturnPayload)]

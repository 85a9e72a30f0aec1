"""Tells payers of their mandates while things happen: a message to each of their devices.

It waits for devices that are off. It is no message in a room: who may charge whom is between the
two of them, and nobody's rooms.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from teahouse.platform.db import Tx
from teahouse.platform.json import JsonObject
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.mandates.access import load_charge, load_mandate
from teahouse.wallet.mandates.announcements import (
    MandateAccepted,
    MandateCharged,
    MandateChargeNoticed,
    MandateChargeRefused,
    MandateEnded,
    MandateProposed,
)
from teahouse.wallet.mandates.types import NOTICE
from teahouse.wallet.parties.queries import user_of

Told: TypeAlias = (
    MandateProposed
    | MandateAccepted
    | MandateEnded
    | MandateChargeNoticed
    | MandateCharged
    | MandateChargeRefused
)
_WHAT: dict[type[Told], str] = {
    MandateProposed: "proposed",
    MandateAccepted: "accepted",
    MandateEnded: "ended",
    MandateChargeNoticed: "charge_announced",
    MandateCharged: "charged",
    MandateChargeRefused: "charge_refused",
}


class MandateTeller:
    """Follows mandates, in their own transactions.

    Args:
        teller: speaks for the wallet.
    """

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    def follow(self, tx: Tx, told: Told) -> None:
        """Tell the payer's devices; of a proposal that is open to anybody, nobody's."""
        user_id = None if told.payer is None else user_of(tx, told.payer)
        if user_id is None:
            return
        self._teller.voice.tell_devices(tx, NOTICE, to=[user_id], content=_describe(tx, told))


def _describe(tx: Tx, told: Told) -> JsonObject:
    mandate = load_mandate(tx, told.mandate_id)
    assert mandate is not None
    content: JsonObject = {
        "what": _WHAT[type(told)],
        "mandate_id": told.mandate_id,
        "payee": mandate.payee_name,
        "description_en": mandate.terms.description_en,
        "description_zh": mandate.terms.description_zh,
        "status": mandate.status,
    }
    if isinstance(told, MandateChargeNoticed | MandateCharged | MandateChargeRefused):
        charge = load_charge(tx, told.charge_id)
        assert charge is not None
        content |= {
            "charge_id": charge.charge_id,
            "amount": msgspec.to_builtins(charge.amount),
            "due_at": charge.due_at,
            "charge_status": charge.status,
            "refusal": charge.refusal,
        }
    return content

"""Delivers webhooks, and forgets old ones."""

from __future__ import annotations

from teahouse.accounts import Seal
from teahouse.platform.jobs import JobKind, NoPayload
from teahouse.platform.services import Services
from teahouse.wallet.webhooks.commands import (
    DELIVER_JOB,
    SWEPT_AT_A_TIME,
    forget_old_messages,
    note_try,
    postpone,
)
from teahouse.wallet.webhooks.live import Couriers
from teahouse.wallet.webhooks.queries import find_parcel
from teahouse.wallet.webhooks.types import DeliveryTask

_SWEEP_EVERY_MS = 3_600_000


async def deliver(services: Services, task: DeliveryTask) -> None:
    """Make one try; what a receiver does wrong is noted there, and never fails the job."""
    db, couriers = services.db, services.get(Couriers)
    parcel = await db.read(find_parcel, task.delivery_id, services.get(Seal))
    if parcel is None:
        return
    if not couriers.take(parcel.endpoint_id):
        await db.write(postpone, parcel)
        return
    try:
        made = await couriers.bring(parcel)
    finally:
        couriers.leave(parcel.endpoint_id)
    await db.write(note_try, parcel, made)


async def _sweep(services: Services, _payload: NoPayload) -> None:
    while await services.db.write(forget_old_messages) == SWEPT_AT_A_TIME:
        pass


JOB_KINDS = [
    JobKind(DELIVER_JOB, deliver, DeliveryTask),
    JobKind("wallet.forget_webhooks", _sweep, every_ms=_SWEEP_EVERY_MS),
]

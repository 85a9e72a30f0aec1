"""Takes what the bank has laid ready, each message once, and looks for what is missing."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from teahouse import privacy
from teahouse.accounts import Seal
from teahouse.iso20022 import (
    NAME_REPORT,
    NOTIFICATION,
    STATEMENT,
    STATUS,
    BadMessage,
    NameReport,
    Notification,
    Statement,
    StatusReport,
    find_kind,
    read_name_report,
    read_notification,
    read_statement,
    read_status,
)
from teahouse.platform.db import Tx
from teahouse.platform.errors import NotFound
from teahouse.platform.files import BadFileName
from teahouse.platform.jobs import JobKind, enqueue
from teahouse.platform.services import Services
from teahouse.wallet.name_checks.commands import take_name_report
from teahouse.wallet.outside.commands import (
    READ_JOB,
    look_soon,
    note_message,
    take_notification,
    take_status,
)
from teahouse.wallet.outside.live import BankLink, PartnerBank
from teahouse.wallet.outside.queries import has_fresh_orders
from teahouse.wallet.outside.tables import KEPT_FILES
from teahouse.wallet.outside.types import HouseBank
from teahouse.wallet.pay_ins.commands import take_notified
from teahouse.wallet.reconciliation.commands import note_missing, take_statement

_TAKE_JOB = "wallet.take_bank_file"
_MISSING_JOB = "wallet.find_missing_orders"
_POLL_EVERY_MS = 10_000
_MISSING_EVERY_MS = 3_600_000
# After a crash somebody else goes on this much later: members are waiting.
_LEASE_MS = 20_000
_FILES_AT_ONCE_MAX = 200
_DIGEST_LETTERS = 16

_Message = StatusReport | Notification | Statement | NameReport


class BankFile(msgspec.Struct, frozen=True):
    """A file of the bank's that is kept, and not acted on yet.

    Attributes:
        name: in the house's own store.
    """

    name: str


async def _read_folder(services: Services, _payload: msgspec.Struct) -> None:
    """Keep every file that lies ready, and ask for it to be acted on.

    A crash at any point makes a file be kept and asked for again, which changes nothing: its
    message is acted on once.
    """
    link = services.get(BankLink)
    if link.bank is None:
        return
    for name in (await link.bank.list_answers())[:_FILES_AT_ONCE_MAX]:
        await _keep(services, link.bank, name)
    if await services.db.read(has_fresh_orders):
        await services.db.write(look_soon)


async def _keep(services: Services, bank: PartnerBank, name: str) -> None:
    try:
        content = await bank.fetch(name)
    except BadFileName:
        # Nothing of ours can have such a name; an operator will find it in the folder.
        return
    if content is None:
        return
    digest = sha256(content).hexdigest()[:_DIGEST_LETTERS]
    files = services.get(privacy.LawfulFiles)
    kept = await files.put(KEPT_FILES, f"received/{digest}-{name}", content)
    await services.db.write(_ask, kept)
    await bank.forget(name)


def _ask(tx: Tx, kept: str) -> None:
    enqueue(tx, _TAKE_JOB, BankFile(kept), key=kept)


async def _take_file(services: Services, payload: BankFile) -> None:
    house = services.get(BankLink).house
    if house is None:
        return
    try:
        content = await services.get(privacy.LawfulFiles).get(KEPT_FILES, payload.name)
    except NotFound:
        return
    digest = sha256(content).digest()
    try:
        message, kind = _read(content)
    except BadMessage as bad:
        unread = f"unread-{digest.hex()}"
        await services.db.write(note_message, unread, "unknown", digest, problem=str(bad)[:300])
        return
    if isinstance(message, NameReport):
        await services.db.write(act_on_names, message, digest, services.get(Seal))
        return
    await services.db.write(act_on, message, kind, digest, house)


def _read(content: bytes) -> tuple[_Message, str]:
    kind = find_kind(content)
    if kind == STATUS:
        return read_status(content), kind
    if kind == NOTIFICATION:
        return read_notification(content), kind
    if kind == STATEMENT:
        return read_statement(content), kind
    if kind == NAME_REPORT:
        return read_name_report(content), kind
    raise BadMessage(f"{kind} is not a message that banks send.")


def act_on_names(tx: Tx, report: NameReport, digest: bytes, seal: Seal) -> None:
    """Act on what the bank says of the holders of accounts, once."""
    if note_message(tx, report.message_id, NAME_REPORT, digest):
        take_name_report(tx, report, seal)


def act_on(
    tx: Tx,
    message: StatusReport | Notification | Statement,
    kind: str,
    digest: bytes,
    house: HouseBank,
) -> bool:
    """Act on a message of the bank about money, once.

    Returns:
        Whether it was new.
    """
    if not note_message(tx, message.message_id, kind, digest):
        return False
    if isinstance(message, StatusReport):
        take_status(tx, message)
    elif isinstance(message, Notification):
        take_notification(tx, message, house)
        take_notified(tx, message, house)
    else:
        take_statement(tx, message, house)
    return True


async def _find_missing(services: Services, _payload: msgspec.Struct) -> None:
    if services.get(BankLink).house is not None:
        await services.db.write(note_missing)


JOB_KINDS = [
    JobKind(READ_JOB, _read_folder, every_ms=_POLL_EVERY_MS, lease_ms=_LEASE_MS),
    JobKind(_TAKE_JOB, _take_file, BankFile, lease_ms=_LEASE_MS),
    JobKind(_MISSING_JOB, _find_missing, every_ms=_MISSING_EVERY_MS),
]

"""What must hold of receipts, and how clients see them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from teahouse.chat.account_data.types import FULLY_READ
from teahouse.chat.receipts.errors import InvalidThread, UnknownReceiptType
from teahouse.chat.receipts.types import MAIN_THREAD, RECEIPT_TYPES, UNTHREADED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from teahouse.chat.receipts.announcements import ReceiptChanged
    from teahouse.chat.receipts.types import Receipt, ReceiptType
    from teahouse.platform.json import Json, JsonObject

_ID_BYTES_MAX = 255


def check_receipt_type(name: str) -> ReceiptType:
    """The type of that name; `m.fully_read` is none, for it is a marker.

    Raises:
        UnknownReceiptType: there is none.
    """
    for known in RECEIPT_TYPES:
        if name == known:
            return known
    raise UnknownReceiptType


def check_thread(thread_id: Json | UnsetType, *, receipt_type: str) -> str:
    """The thread that a request names.

    Args:
        thread_id: what stands in the body; `UNSET` where nothing does.
        receipt_type: also `m.fully_read`, which knows no threads.

    Returns:
        `UNTHREADED`, `MAIN_THREAD` or what looks like an event id.

    Raises:
        InvalidThread: anything else.
    """
    if thread_id is UNSET:
        return UNTHREADED
    if receipt_type == FULLY_READ:
        raise InvalidThread("A fully-read marker is for the whole room: leave thread_id out.")
    if not isinstance(thread_id, str) or not thread_id:
        raise InvalidThread
    looks_like_id = thread_id.startswith("$") and len(thread_id.encode()) <= _ID_BYTES_MAX
    if thread_id != MAIN_THREAD and not looks_like_id:
        raise InvalidThread
    return thread_id


def to_receipt_content(receipts: Iterable[Receipt | ReceiptChanged]) -> JsonObject:
    """The content of `m.receipt`: by event, by type, by member.

    The form has room for one receipt of a member for an event and type. Of several, the
    unthreaded one is shown, because it says the most.

    Args:
        receipts: those that may be shown to whoever gets the content.

    Source:
        Client-Server API, section "Receipts".
    """
    content: dict[str, dict[str, dict[str, JsonObject]]] = {}
    for receipt in receipts:
        of_event = content.setdefault(receipt.event_id, {})
        by_user = of_event.setdefault(receipt.receipt_type, {})
        if receipt.thread_id == UNTHREADED:
            by_user[receipt.user_id] = {"ts": receipt.ts}
        else:
            threaded: JsonObject = {"ts": receipt.ts, "thread_id": receipt.thread_id}
            by_user.setdefault(receipt.user_id, threaded)
    return content  # type: ignore[return-value]  # dicts are invariant in their values


def compute_read_position(positions: Mapping[str, int], thread_id: str) -> int:
    """Up to which position a thread is read, 0 for not at all.

    Args:
        positions: what `find_read_positions` found.
        thread_id: `MAIN_THREAD` or the id of a thread's first event.
    """
    return max(positions.get(UNTHREADED, 0), positions.get(thread_id, 0))

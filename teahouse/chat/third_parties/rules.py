"""Reading what bridges answer, and joining it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec

from teahouse.chat.third_parties.types import Protocol

T = TypeVar("T")

# Some thousand places of a network; a member's client shows a few.
ANSWER_BYTES_MAX: Final = 1_048_576


def read_protocol(raw: bytes, appservice_id: str) -> Protocol | None:
    """A protocol as a bridge describes it, its networks with ids of this server.

    Args:
        raw: the answer.
        appservice_id: of the bridge.

    Returns:
        The protocol; None where the answer is none.
    """
    found = _decode(raw, Protocol)
    if found is None:
        return None
    instances = [
        msgspec.structs.replace(instance, instance_id=f"{appservice_id}|{instance.network_id}")
        for instance in found.instances
    ]
    return msgspec.structs.replace(found, instances=instances)


def join_protocols(described: Sequence[Protocol]) -> Protocol | None:
    """One protocol of what several bridges say of it: the first's words, all networks."""
    if not described:
        return None
    instances = [instance for protocol in described for instance in protocol.instances]
    return msgspec.structs.replace(described[0], instances=instances)


def read_list(raw: bytes, shape: type[T]) -> list[T]:
    """The entries of a list that are what they should be; others are left out."""
    found = _decode(raw, list[msgspec.Raw]) or []
    entries = (_decode(bytes(entry), shape) for entry in found)
    return [entry for entry in entries if entry is not None]


def _decode(raw: bytes, shape: type[T]) -> T | None:
    if len(raw) > ANSWER_BYTES_MAX:
        return None
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None

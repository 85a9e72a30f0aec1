"""Chat: the Matrix homeserver. Knows no money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from teahouse.platform.services import Services
    from teahouse.platform.settings import Settings


# What nearly all requests of clients are.
HOT_ROUTES = [
    ("GET", "/_matrix/client/v3/sync"),
    (
        "PUT",
        "/_matrix/client/v3/rooms/{room_id:str}/send/{event_type:str}/{txn_id:str}",
    ),
]


def install(services: Services) -> list[Any]:
    """Join chat to a server: its parts, reactions and routes.

    Imports only when a server is made, so that the pure parts stay quick to import.
    """
    from teahouse.chat.assembly import install as install_chat

    return install_chat(services)


def job_kinds() -> list[Any]:
    """What chat does later or on a timetable."""
    from teahouse.chat.assembly import JOB_KINDS

    return JOB_KINDS


def make_checks(settings: Settings) -> list[Any]:
    """What `teahouse check` verifies of chat."""
    from teahouse.chat.soundness.queries import make_checks as make_chat_checks

    return make_chat_checks(settings)


def stop_waiting(services: Services) -> None:
    """Let every waiting client go, so that the server can stop at once."""
    from teahouse.chat.sync.live import SyncHub

    services.get(SyncHub).stop()

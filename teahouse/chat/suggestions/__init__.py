"""Suggests people whom a member may know: for who said yes to that, from shared chats alone."""

from __future__ import annotations

from teahouse import privacy
from teahouse.chat.suggestions.commands import follow_consent
from teahouse.platform.services import Services


def install(services: Services) -> None:
    """Join the subject to a server: suggestions come with the consent, and go with it."""
    services.db.react(
        privacy.ConsentChanged,
        lambda tx, changed: follow_consent(tx, changed, services.get(privacy.PurposeKeys)),
    )

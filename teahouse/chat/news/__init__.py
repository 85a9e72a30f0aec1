"""What the house tells each member in a chat of their own: new terms, and requests about them."""

from __future__ import annotations

from teahouse import privacy
from teahouse.chat.news.commands import follow_notice, follow_policy
from teahouse.platform.services import Services


def install(services: Services) -> None:
    """Follow what members must be told."""
    services.db.react(privacy.PolicyPublished, follow_policy)
    services.db.react(privacy.MembersTold, follow_notice)

"""What notices, while a server starts, that the data map has changed."""

from __future__ import annotations

import asyncio

from teahouse.platform.data_map import FILE_CLASSES
from teahouse.platform.db import metadata
from teahouse.platform.services import Services
from teahouse.privacy.policy.commands import publish_version
from teahouse.privacy.policy.rules import collect_data, make_source
from teahouse.privacy.policy.types import PURPOSES, House


class Publisher:
    """Publishes a version where one is due, once in the life of a server.

    Args:
        services: the server's parts.
    """

    def __init__(self, services: Services) -> None:
        settings = services.settings
        self._db = services.db
        self._is_published = False
        self.house = House(
            server_name=settings.server_name,
            contact=settings.public_url.rstrip("/") or f"https://{settings.server_name}",
        )

    def publish(self) -> int:
        """Publish if due; at the start, when every domain has its tables.

        Returns:
            The number of the newest version.
        """
        source = make_source(collect_data(metadata, FILE_CLASSES), PURPOSES.values())
        number = self._db.run(publish_version, source, self.house)
        self._is_published = True
        return number

    async def ensure(self) -> None:
        """Publish if due and not done yet: before anybody reads or replies."""
        if not self._is_published:
            await asyncio.to_thread(self.publish)


def install_policy(services: Services) -> None:
    """Join the policy to a server."""
    services.put(Publisher(services))

"""What a running server hands to its routes and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from teahouse.platform.chance import Chance
    from teahouse.platform.clock import Clock
    from teahouse.platform.db import Database
    from teahouse.platform.files import Files
    from teahouse.platform.rate_limits import RateLimits
    from teahouse.platform.requester import Authenticator
    from teahouse.platform.settings import Settings

S = TypeVar("S")


class Services:
    """The parts of one running server, made in `teahouse.app`.

    Domains keep what they hold in memory (caches, waiting clients) as further parts, found by
    their type: `services.put(SyncHub(...))`, `services.get(SyncHub)`.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        chance: Chance,
        db: Database,
        files: Files,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.chance = chance
        self.db = db
        self.files = files
        self.rate_limits: RateLimits
        self.authenticate: Authenticator
        self._parts: dict[type[Any], Any] = {}

    def put(self, part: object) -> None:
        """Keep a domain's part."""
        assert type(part) not in self._parts, "put twice"
        self._parts[type(part)] = part

    def get(self, kind: type[S]) -> S:
        """A domain's part by its type."""
        part = self._parts[kind]
        assert isinstance(part, kind)
        return part

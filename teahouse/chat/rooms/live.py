"""Names that belong to somebody outside this server: bridges and bots.

Rooms ask here; who stands higher answers. Without application services nothing is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from teahouse.platform.requester import Requester


class NameKeeper(Protocol):
    """Knows the names of application services."""

    def check_alias(self, alias: str, requester: Requester) -> None:
        """Refuse an alias that another may create only."""
        ...

    async def ask_for_user(self, user_id: str) -> None:
        """Let the member be made, if it is a bridge's and not here yet."""
        ...

    async def ask_for_alias(self, alias: str) -> None:
        """Let the alias be made, if it is a bridge's and not here yet."""
        ...


class OutsideNames:
    """Asks the keeper, if there is one."""

    def __init__(self) -> None:
        self.keeper: NameKeeper | None = None

    def check_alias(self, alias: str, requester: Requester) -> None:
        """Refuse an alias that another may create only."""
        if self.keeper is not None:
            self.keeper.check_alias(alias, requester)

    async def ask_for_user(self, user_id: str) -> None:
        """Let the member be made, if it is a bridge's and not here yet."""
        if self.keeper is not None:
            await self.keeper.ask_for_user(user_id)

    async def ask_for_alias(self, alias: str) -> None:
        """Let the alias be made, if it is a bridge's and not here yet."""
        if self.keeper is not None:
            await self.keeper.ask_for_alias(alias)

"""Looking into other networks: what bridges know of people and places there.

The server passes questions on to the bridges that serve a network, and joins their answers. A
bridge that is away, or that answers nonsense, is one that knows nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.bridges.live import Bridges
from teahouse.chat.third_parties.live import ThirdParties

if TYPE_CHECKING:
    from teahouse.platform.services import Services

__all__ = ["ThirdParties", "install"]


def install(services: Services) -> None:
    """Give a server what asks its bridges."""
    services.put(ThirdParties(services.get(Bridges), services.clock))

"""The way from a stranger's application service id to its registration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from teahouse.chat.bridges.errors import NotItsOwn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from teahouse.chat.bridges.types import Registration
    from teahouse.platform.requester import Requester


def access_registration(
    registrations: Mapping[str, Registration], requester: Requester, appservice_id: str
) -> Registration:
    """The registration of the application service that asks.

    Raises:
        NotItsOwn: a member asks, or another application service.
    """
    registration = registrations.get(appservice_id)
    if registration is None or requester.appservice_id != appservice_id:
        raise NotItsOwn
    return registration

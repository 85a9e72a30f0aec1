"""Sources that confirm who somebody is: what a provider must do, and which are set up.

A provider is chosen by name in the setting `identity_providers` and found by the entry point
`teahouse.identity_provider`; `simulated` is built in, for demonstrations: it confirms whatever
does not end in 0.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Protocol, get_args

from teahouse.accounts.identity.errors import UnknownProvider
from teahouse.accounts.identity.types import CheckKind, Claim
from teahouse.platform.settings import SettingsError

ENTRY_POINTS = "teahouse.identity_provider"
SIMULATED = "simulated"


class IdentityProvider(Protocol):
    """Confirms what members say of themselves: a register, a bank, an operator, a service."""

    name: str
    kinds: frozenset[CheckKind]

    async def confirm(self, claim: Claim) -> str | None:
        """Ask the source.

        Args:
            claim: of one of `kinds`; it must not be kept beyond what the law asks of the source.

        Returns:
            The source's reference for what it confirmed; None: it does not confirm this.
        """
        ...


class SimulatedProvider:
    """Confirms every claim but those whose number ends in 0. For demonstrations and tests."""

    name = SIMULATED
    kinds: frozenset[CheckKind] = frozenset(get_args(CheckKind)) - {"face_to_face"}

    async def confirm(self, claim: Claim) -> str | None:
        """As real sources do, say only whether it fits."""
        return None if claim.number.endswith("0") else f"simulated:{claim.kind}"


class IdentityProviders:
    """The providers of this house.

    Args:
        names: from the setting `identity_providers`.

    Raises:
        SettingsError: no such provider is installed.
    """

    def __init__(self, names: list[str]) -> None:
        self._providers = {name: _load(name) for name in names}

    def find(self, name: str, kind: CheckKind) -> IdentityProvider:
        """A provider that confirms a kind.

        Raises:
            UnknownProvider: it is not set up, or does not confirm this kind.
        """
        found = self._providers.get(name)
        if found is None or kind not in found.kinds:
            raise UnknownProvider
        return found

    def list_kinds(self) -> dict[str, list[CheckKind]]:
        """What each provider confirms."""
        return {name: sorted(found.kinds) for name, found in self._providers.items()}


def _load(name: str) -> IdentityProvider:
    if name == SIMULATED:
        return SimulatedProvider()
    for point in entry_points(group=ENTRY_POINTS, name=name):
        made: IdentityProvider = point.load()()
        return made
    raise SettingsError(
        f"`identity_providers` names {name!r}, which is not installed (entry point {ENTRY_POINTS})."
    )

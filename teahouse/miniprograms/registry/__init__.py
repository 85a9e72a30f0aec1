"""Which mini-programs there are: those that come with Teahouse, and those the operator installs."""

from __future__ import annotations

from teahouse.miniprograms.registry.live import load_registry
from teahouse.platform.services import Services


def install(services: Services) -> None:
    """Read every program, once."""
    services.put(load_registry(services.settings))

"""A server without sockets that has accounts and end-to-end encryption."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from teahouse import accounts
from teahouse.chat import key_backup, keys, to_device
from teahouse.chat.key_backup import api as key_backup_api
from teahouse.chat.keys import api as keys_api
from teahouse.chat.to_device import api as to_device_api
from teahouse.platform.db import Database
from tests.kit.house import House, make_services


@pytest.fixture
async def house(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    """The server."""
    services = make_services(db, tmp_path)
    routes = accounts.install(services)
    for part in (keys, key_backup, to_device):
        part.install(services)
    further = [*keys_api.ROUTES, *key_backup_api.ROUTES, *to_device_api.ROUTES]
    house = House(services, [*routes, *further])
    yield house
    await house.http.aclose()

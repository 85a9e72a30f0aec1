"""Prepares a data folder for the demo, and serves it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import httpx
import msgspec

from teahouse import accounts, app
from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.rooms.commands import RoomDefaults
from teahouse.demo.commands import plant_world
from teahouse.demo.money.live import DAY_MS, Town
from teahouse.demo.money.rules import CURRENCY, HOUSE_NUMBER, STORY_DAYS
from teahouse.demo.rules import PASSWORD_ALPHABET, PASSWORD_LETTERS, PEOPLE, render_welcome
from teahouse.partner_bank import PartnerBank, Terms
from teahouse.platform.chance import Secrets
from teahouse.platform.clock import ManualClock, SystemClock
from teahouse.platform.jobs import Worker
from teahouse.platform.services import Services
from teahouse.platform.settings import Settings

# Beside the world they open, because a demo shall be started again tomorrow.
PASSWORDS_FILE: Final = "demo-passwords.json"
BANK_FOLDER: Final = "partner-bank"
# The story ends this long ago, so that its last step is not in the future.
_REST_MS: Final = 3_600_000
_BANK_DELAY_MS: Final = "2000"
_BANK_STOP_SECONDS: Final = 10


def serve_demo(settings: Settings, say: Callable[[str], None] = print) -> None:
    """Serve the demo until it is told to stop; plants its world at the first start.

    Beside it runs the partner bank, a process of its own.

    Args:
        settings: read once, here; anybody may register, whatever they say.
        say: takes the lines that tell how to sign in.
    """
    settings = _for_demo(settings)
    if not (settings.data_dir / PASSWORDS_FILE).exists():
        say("Making the town and its last six weeks: a few seconds, the first time only.")
    passwords = prepare_house(settings)

    def ready(url: str) -> None:
        say(render_welcome(url, settings.server_name, passwords))

    with _running_bank(settings):
        app.serve(settings, ready)


def prepare_house(settings: Settings) -> Mapping[str, str]:
    """Plant the world where the house has no members yet.

    Returns:
        The passwords of its people by name; none where the folder holds another world.
    """
    settings = _for_demo(settings)
    clock = ManualClock(SystemClock().now_ms() - STORY_DAYS * DAY_MS - _REST_MS)
    services = app.make_services(msgspec.structs.replace(settings, rate_limits=False), clock)
    try:
        return _prepare(services, clock)
    finally:
        services.db.stop()


def _for_demo(settings: Settings) -> Settings:
    """Open to all, and with a bank, whatever else is set."""
    return msgspec.structs.replace(
        settings,
        registration="open",
        partner_bank_url=str(settings.data_dir / BANK_FOLDER),
        partner_bank_accounts=[f"{CURRENCY}:{HOUSE_NUMBER}"],
    )


@contextmanager
def _running_bank(settings: Settings) -> Iterator[None]:
    command = [sys.executable, "-m", "teahouse", "partner-bank", "run"]
    command += ["--folder", settings.partner_bank_url, "--delay-ms", _BANK_DELAY_MS]
    bank = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603 - our own program
    try:
        yield
    finally:
        bank.terminate()
        bank.wait(_BANK_STOP_SECONDS)


def _prepare(services: Services, clock: ManualClock) -> Mapping[str, str]:
    file = services.settings.data_dir / PASSWORDS_FILE
    if services.db.look(accounts.count_members) == 0:
        # The passwords are kept first: a world whose passwords are lost could not be entered.
        passwords = _make_passwords(file, services.chance.secrets)
        _plant(services, clock, passwords)
    if not file.exists():
        return {}
    return msgspec.json.decode(file.read_bytes(), type=dict[str, str])


def _plant(services: Services, clock: ManualClock, passwords: Mapping[str, str]) -> None:
    routes = app.install(services)
    hasher = services.get(accounts.PasswordHasher)
    hashes = {name: hasher.hash_now(password) for name, password in passwords.items()}
    square = services.db.run(
        partial(plant_world, password_hashes=hashes),
        services.get(RoomStore),
        services.get(RoomDefaults),
    )
    assert square is not None
    house = app.make_app(services, routes, lambda *_: None)
    folder = Path(services.settings.partner_bank_url)
    bank = PartnerBank(folder, Terms(), clock)

    async def tell() -> None:
        transport = httpx.ASGITransport(app=house)  # type: ignore[arg-type]  # the same ASGI, by other names
        async with httpx.AsyncClient(transport=transport, base_url="http://demo") as http:
            worker = Worker(services.db, services, app.job_kinds())
            await Town(http, worker, bank=bank, clock=clock).tell(passwords, square, folder)

    try:
        asyncio.run(tell())
    finally:
        bank.close()


def _make_passwords(file: Path, secrets: Secrets) -> dict[str, str]:
    passwords = {
        person.name: secrets.letters(PASSWORD_LETTERS, PASSWORD_ALPHABET) for person in PEOPLE
    }
    file.touch(mode=0o600)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(passwords)) + b"\n")
    return passwords

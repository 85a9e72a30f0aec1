"""Prepares a data folder for the demo, and serves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from teahouse import accounts, app
from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.rooms.commands import RoomDefaults
from teahouse.demo.commands import plant_world
from teahouse.demo.rules import PASSWORD_ALPHABET, PASSWORD_LETTERS, PEOPLE, render_welcome
from teahouse.platform.chance import Secrets
from teahouse.platform.services import Services
from teahouse.platform.settings import Settings

# Beside the world they open, because a demo shall be started again tomorrow.
PASSWORDS_FILE: Final = "demo-passwords.json"


def serve_demo(settings: Settings, say: Callable[[str], None] = print) -> None:
    """Serve the demo until it is told to stop; plants its world at the first start.

    Args:
        settings: read once, here; anybody may register, whatever they say.
        say: takes the lines that tell how to sign in.
    """
    open_to_all = msgspec.structs.replace(settings, registration="open")
    passwords = prepare_house(open_to_all)

    def ready(url: str) -> None:
        say(render_welcome(url, settings.server_name, passwords))

    app.serve(open_to_all, ready)


def prepare_house(settings: Settings) -> Mapping[str, str]:
    """Plant the world where the house has no members yet.

    Returns:
        The passwords of its people by name; none where the folder holds another world.
    """
    services = app.make_services(settings)
    try:
        app.install(services)
        return _prepare(services)
    finally:
        services.db.stop()


def _prepare(services: Services) -> Mapping[str, str]:
    file = services.settings.data_dir / PASSWORDS_FILE
    if services.db.look(accounts.count_members) == 0:
        # The passwords are kept first: a world whose passwords are lost could not be entered.
        passwords = _make_passwords(file, services.chance.secrets)
        hasher = services.get(accounts.PasswordHasher)
        hashes = {name: hasher.hash_now(password) for name, password in passwords.items()}
        services.db.run(
            partial(plant_world, password_hashes=hashes),
            services.get(RoomStore),
            services.get(RoomDefaults),
        )
    if not file.exists():
        return {}
    return msgspec.json.decode(file.read_bytes(), type=dict[str, str])


def _make_passwords(file: Path, secrets: Secrets) -> dict[str, str]:
    passwords = {
        person.name: secrets.letters(PASSWORD_LETTERS, PASSWORD_ALPHABET) for person in PEOPLE
    }
    file.touch(mode=0o600)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(passwords)) + b"\n")
    return passwords

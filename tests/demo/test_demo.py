"""What `teahouse demo` prepares: a world that is there once, whole, and can be entered."""

import stat
from pathlib import Path
from typing import Any

import pytest

from teahouse import accounts, app
from teahouse.demo import prepare_house
from teahouse.demo.live import PASSWORDS_FILE
from teahouse.demo.rules import PEOPLE, SQUARE_LINES, render_welcome
from teahouse.platform.settings import Settings
from tests.kit.house import House


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=str(tmp_path), password_hash_mib=8, password_hash_rounds=1, log_level="error"
    )


async def _rooms_of(house: House, name: str, password: str) -> dict[str, Any]:
    login = await house.log_in(name, password)
    synced = await house.call("GET", "/sync", token=login["access_token"])
    assert synced.status_code == 200, synced.text
    joined = synced.json()["rooms"]["join"]
    return {_name(room): room for room in joined.values()}


def _name(room: Any) -> str:
    events = [*room["state"]["events"], *room["timeline"]["events"]]
    names = [event for event in events if event["type"] == "m.room.name"]
    return str(names[-1]["content"]["name"])


def _open(settings: Settings) -> House:
    services = app.make_services(settings)
    return House(services, app.install(services))


async def _town(settings: Settings, name: str, password: str) -> dict[str, Any]:
    house = _open(settings)
    try:
        return await _rooms_of(house, name, password)
    finally:
        house.db.stop()


def test_everybody_signs_in_and_finds_the_town(settings: Settings) -> None:
    import asyncio

    passwords = prepare_house(settings)
    assert set(passwords) == {person.name for person in PEOPLE}
    rooms = asyncio.run(_town(settings, "lin", passwords["lin"]))
    assert set(rooms) == {"The square · 广场", "The tea company · 茶行", "Cloud Ridge · 云岭"}
    said = [
        event["content"]["body"]
        for event in rooms["The square · 广场"]["timeline"]["events"]
        if event["type"] == "m.room.message"
    ]
    assert said == [line.text for line in SQUARE_LINES]
    company = rooms["The tea company · 茶行"]
    kinds = {e["type"] for e in [*company["state"]["events"], *company["timeline"]["events"]]}
    assert "m.room.encryption" in kinds
    assert "m.room.message" not in kinds


def test_a_second_start_changes_nothing(settings: Settings) -> None:
    passwords = prepare_house(settings)
    services = app.make_services(settings)
    before = services.db.poll_position()
    services.db.stop()
    assert prepare_house(settings) == passwords
    services = app.make_services(settings)
    assert services.db.poll_position() == before
    services.db.stop()


def test_a_house_with_members_is_left_alone(settings: Settings) -> None:
    services = app.make_services(settings)
    app.install(services)
    services.db.run(accounts.register_member, accounts.NewMember(user_id="@somebody:localhost"))
    services.db.stop()
    assert prepare_house(settings) == {}
    assert not (settings.data_dir / PASSWORDS_FILE).exists()


def test_the_keeper_is_the_only_operator(settings: Settings) -> None:
    prepare_house(settings)
    services = app.make_services(settings)
    staff = services.db.look(accounts.list_staff)
    services.db.stop()
    assert [(one.user_id, one.role) for one in staff] == [("@keeper:localhost", "operator")]


def test_nobody_else_on_the_machine_reads_the_passwords(settings: Settings) -> None:
    prepare_house(settings)
    mode = (settings.data_dir / PASSWORDS_FILE).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_the_welcome_says_how_to_sign_in() -> None:
    text = render_welcome("http://127.0.0.1:8008", "localhost", {"lin": "abc", "keeper": "def"})
    assert "@lin:localhost     abc" in text
    assert "@keeper:localhost  def   (operator)" in text
    assert "change the homeserver to http://127.0.0.1:8008" in text


def test_the_welcome_of_another_world_names_no_passwords() -> None:
    text = render_welcome("http://127.0.0.1:8008", "localhost", {})
    assert "a world of its own" in text

"""What `teahouse demo` prepares: a world that is there once, whole, and can be entered."""

import asyncio
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from teahouse import accounts, app
from teahouse.demo import prepare_house
from teahouse.demo.live import PASSWORDS_FILE
from teahouse.demo.rules import PEOPLE, SQUARE_LINES, render_welcome
from teahouse.platform.checks import run_checks
from teahouse.platform.clock import SystemClock
from teahouse.platform.settings import Settings
from tests.kit.house import House


def _settings(data: Path) -> Settings:
    return Settings(data=str(data), password_hash_mib=8, password_hash_rounds=1, log_level="error")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return _settings(tmp_path)


@dataclass(frozen=True)
class Planted:
    """The town, planted once for the tests that only look at it."""

    settings: Settings
    passwords: Mapping[str, str]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    settings = _settings(tmp_path_factory.mktemp("town"))
    return Planted(settings, prepare_house(settings))


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


def test_everybody_signs_in_and_finds_the_town(planted: Planted) -> None:
    assert set(planted.passwords) == {person.name for person in PEOPLE}
    rooms = asyncio.run(_town(planted.settings, "lin", planted.passwords["lin"]))
    assert set(rooms) == {"The square · 广场", "The tea company · 茶行", "Cloud Ridge · 云岭"}
    said = [
        event["content"]["body"]
        for event in rooms["The square · 广场"]["timeline"]["events"]
        if event["type"] == "m.room.message" and "@wallet" not in event["sender"]
    ]
    # The timeline begins with the latest, and the house has told of red packets since.
    assert said
    assert said == [line.text for line in SQUARE_LINES][-len(said) :]
    company = rooms["The tea company · 茶行"]
    kinds = {e["type"] for e in [*company["state"]["events"], *company["timeline"]["events"]]}
    assert "m.room.encryption" in kinds
    assert "m.room.message" not in kinds


def test_a_second_start_changes_nothing(planted: Planted) -> None:
    services = app.make_services(planted.settings)
    before = services.db.poll_position()
    services.db.stop()
    assert prepare_house(planted.settings) == planted.passwords
    services = app.make_services(planted.settings)
    assert services.db.poll_position() == before
    services.db.stop()


def test_the_town_is_sound(planted: Planted) -> None:
    services = app.make_services(planted.settings)
    checks = app.checks(planted.settings)
    found = services.db.look(lambda read: list(run_checks(read, checks)))
    services.db.stop()
    assert [checked for checked in found if checked.problems] == []


async def _money_of(settings: Settings, name: str, password: str) -> tuple[Any, Any]:
    house = _open(settings)
    try:
        token = (await house.log_in(name, password))["access_token"]
        wallets = await house.call("GET", "/api/v1/wallet/wallets", token=token)
        payments = await house.call("GET", "/api/v1/wallet/payments?limit=200", token=token)
        return wallets.json(), payments.json()
    finally:
        house.db.stop()


def test_a_member_finds_six_weeks_of_payments(planted: Planted) -> None:
    _, payments = asyncio.run(_money_of(planted.settings, "omar", planted.passwords["omar"]))
    kinds = {payment["kind"] for payment in payments["items"]}
    assert {"topup", "purchase", "transfer", "red_packet_claim"} <= kinds
    instants = [payment["created_at"] for payment in payments["items"]]
    assert max(instants) - min(instants) > 40 * 86_400_000
    assert max(instants) < SystemClock().now_ms()


def test_a_house_with_members_is_left_alone(settings: Settings) -> None:
    services = app.make_services(settings)
    app.install(services)
    services.db.run(accounts.register_member, accounts.NewMember(user_id="@somebody:localhost"))
    services.db.stop()
    assert prepare_house(settings) == {}
    assert not (settings.data_dir / PASSWORDS_FILE).exists()


def test_staff_have_the_roles_that_the_welcome_names(planted: Planted) -> None:
    services = app.make_services(planted.settings)
    staff = services.db.look(accounts.list_staff)
    services.db.stop()
    assert {(one.user_id, one.role) for one in staff} == {
        (f"@{person.name}:localhost", role) for person in PEOPLE for role in person.roles
    }


def test_nobody_else_on_the_machine_reads_the_passwords(planted: Planted) -> None:
    mode = (planted.settings.data_dir / PASSWORDS_FILE).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_the_welcome_says_how_to_sign_in() -> None:
    text = render_welcome("http://127.0.0.1:8008", "localhost", {"lin": "abc", "keeper": "def"})
    assert "@lin:localhost     abc" in text
    assert "@keeper:localhost  def   (operator, moderator)" in text
    assert "change the homeserver to http://127.0.0.1:8008" in text


def test_the_welcome_of_another_world_names_no_passwords() -> None:
    text = render_welcome("http://127.0.0.1:8008", "localhost", {})
    assert "a world of its own" in text

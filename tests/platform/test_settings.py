"""What an operator can set."""

from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest

from teahouse.platform.settings import Settings, SettingsError, load_settings


def file_of(folder: Path, text: str) -> Path:
    file = folder / "teahouse.toml"
    file.write_text(text)
    return file


def test_every_setting_has_a_default_and_a_line_of_help() -> None:
    assert load_settings(environ={}) == Settings()
    for name, hint in get_type_hints(Settings, include_extras=True).items():
        metas = [part for part in get_args(hint) if isinstance(part, msgspec.Meta)]
        assert metas, name
        assert (metas[0].description or "").endswith((".", "off.", "file.")), name


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    tmp_path: Path,
) -> None:
    file = file_of(tmp_path, 'host = "file"\nport = 1\nserver_name = "file.example"\n')
    environ = {"TEAHOUSE_HOST": "environment", "TEAHOUSE_PORT": "2", "PATH": "/bin"}
    settings = load_settings(file, environ=environ, host="option", port=None)
    assert (settings.host, settings.port, settings.server_name) == ("option", 2, "file.example")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("port", "0", 0),
        ("presence", "on", True),
        ("presence", "off", False),
        ("presence", "true", True),
        ("turn_uris", "turn:a?transport=udp, turn:b", ["turn:a?transport=udp", "turn:b"]),
        ("turn_uris", "", []),
        ("registration", "open", "open"),
    ],
)
def test_a_variable_is_read_as_its_type(name: str, text: str, value: object) -> None:
    settings = load_settings(environ={f"TEAHOUSE_{name.upper()}": text})
    assert getattr(settings, name) == value


@pytest.mark.parametrize(
    "environ",
    [
        {"TEAHOUSE_TEAPOT": "full"},
        {"TEAHOUSE_PORT": "many"},
        {"TEAHOUSE_PORT": "-1"},
        {"TEAHOUSE_PRESENCE": "perhaps"},
        {"TEAHOUSE_REGISTRATION": "sometimes"},
        {"TEAHOUSE_PASSWORD_HASH_MIB": "1"},
    ],
)
def test_a_variable_that_cannot_be_stops_the_start(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        load_settings(environ=environ)


@pytest.mark.parametrize("text", ["teapot = 1", 'port = "many"', "port = 1.5", "port", "\xff"])
def test_a_file_that_cannot_be_stops_the_start(tmp_path: Path, text: str) -> None:
    file = tmp_path / "teahouse.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError):
        load_settings(file, environ={})


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        load_settings(tmp_path / "nowhere.toml", environ={})

"""What a mini-program may be made of, and what its pages may do."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from teahouse.miniprograms.registry.errors import InvalidProgram
from teahouse.miniprograms.registry.live import SHIPPED, load_program, load_registry
from teahouse.miniprograms.registry.rules import is_host, make_policy, make_program
from teahouse.platform.settings import Settings, SettingsError

MANIFEST = """
id = "org.example.dice"
version = "1.0"
author = "Somebody"
[name]
en = "Dice"
zh = "骰子"
[description]
en = "Rolls dice."
zh = "掷骰子。"
"""


def _files(
    manifest: str = MANIFEST, more: Mapping[str, bytes] = MappingProxyType({})
) -> dict[str, bytes]:
    return {
        "manifest.toml": manifest.encode(),
        "index.html": b"<!doctype html>",
        "icon.svg": b"<svg/>",
        **more,
    }


def test_a_program_is_made_of_its_files() -> None:
    program = make_program(_files())

    assert program.manifest.id == "org.example.dice"
    assert program.digest == make_program(_files()).digest
    assert program.digest != make_program(_files(more={"a.js": b"1"})).digest


@pytest.mark.parametrize(
    "files",
    [
        {},
        _files(manifest="id = 1"),
        _files(manifest=MANIFEST + "wants = 1"),
        _files(manifest=MANIFEST.replace("org.example.dice", "dice")),
        _files(manifest='permissions = ["everything"]\n' + MANIFEST),
        _files(manifest='permissions = ["room"]\n' + MANIFEST),
        _files(manifest=MANIFEST + '[room]\nreads = ["org.example.roll"]'),
        _files(manifest='entry = "icon.svg"\n' + MANIFEST),
        _files(manifest='entry = "other.html"\n' + MANIFEST),
        _files(more={"../up.js": b""}),
        _files(more={"a//b.js": b""}),
        _files(more={"run.exe": b""}),
        _files(more={"large.js": b" " * (2 * 1024 * 1024 + 1)}),
        {**_files(), **{f"{number}.js": b"" for number in range(200)}},
    ],
)
def test_what_no_program_can_be_is_refused(files: dict[str, bytes]) -> None:
    with pytest.raises(InvalidProgram):
        make_program(files)


@pytest.mark.parametrize("kind", ["m.room.message", "m.room.encrypted", "m.reaction"])
def test_no_program_reads_what_matrix_defines(kind: str) -> None:
    head = 'opens = "room"\npermissions = ["room"]\n'
    wanted = MANIFEST + f'[room]\nreads = ["{kind}"]\n'
    with pytest.raises(InvalidProgram):
        make_program(_files(manifest=head + wanted))


def test_a_zip_file_is_read_as_its_folder_would_be(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in _files().items():
            archive.writestr(name, content)
    file = tmp_path / "dice.zip"
    file.write_bytes(packed.getvalue())

    assert load_program(file) == make_program(_files())


@pytest.mark.parametrize("name", ["/etc/passwd.txt", "../../up.txt", ".hidden.txt"])
def test_a_zip_file_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    file = tmp_path / "dice.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for path, content in {**_files(), name: b"x"}.items():
            archive.writestr(path, content)

    with pytest.raises(InvalidProgram):
        load_program(file)


@pytest.mark.parametrize("folder", sorted(SHIPPED.glob("*/manifest.toml")))
def test_what_comes_with_teahouse_is_valid(folder: Path) -> None:
    program = load_program(folder.parent)
    assert program.manifest.author == "Teahouse"


def _settings(**values: Any) -> Settings:
    return Settings(**values)


def test_the_operator_adds_programs_and_leaves_some_out(tmp_path: Path) -> None:
    for path, content in _files().items():
        (tmp_path / path).write_bytes(content)

    chosen = load_registry(
        _settings(miniprograms=[str(tmp_path)], miniprograms_off=["org.teahouse.coffee"])
    )

    names = [program.manifest.id for program in chosen.list_programs()]
    assert names == ["org.teahouse.shared-book", "org.example.dice"]


@pytest.mark.parametrize(
    "values",
    [
        {"miniprograms": ["/nowhere/at/all"]},
        {"miniprograms": [str(SHIPPED / "coffee")]},
        {"miniprograms_off": ["org.example.unknown"]},
    ],
)
def test_the_server_does_not_start_with_what_cannot_be(values: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        load_registry(_settings(**values))


def test_pages_load_from_their_own_folder_and_connect_to_nothing() -> None:
    program = make_program(_files())

    policy = make_policy("tea.example:8008", program)

    own = f"tea.example:8008/miniprograms/files/org.example.dice/{program.digest}/"
    assert f"script-src {own} tea.example:8008/miniprograms/sdk/1/;" in policy
    for part in (
        "default-src 'none'",
        "connect-src 'none'",
        "form-action 'none'",
        "webrtc 'block'",
    ):
        assert part in policy
    assert policy.endswith("sandbox allow-scripts allow-forms")
    assert "unsafe" not in policy
    assert "allow-same-origin" not in policy


@pytest.mark.parametrize("host", ["a b", "a;script-src *", "a/b", "", "a\r\nb", "*"])
def test_no_header_writes_into_the_policy(host: str) -> None:
    assert not is_host(host)

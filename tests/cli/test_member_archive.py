"""An archive is verified without any house."""

from base64 import b64encode
from pathlib import Path

import msgspec
from click.testing import CliRunner

from teahouse.cli import main
from tests.privacy.imports.test_hostile_archives import GOOD, KEY, make

PUBLIC = b64encode(KEY.public_key().public_bytes_raw()).decode()


def test_an_archive_is_verified_and_a_changed_one_is_not(tmp_path: Path) -> None:
    file = tmp_path / "archive.zip"
    file.write_bytes(make(GOOD))
    run = CliRunner()
    done = run.invoke(main, ["member-archive", "verify", str(file)])
    assert done.exit_code == 0, done.output
    assert "1 files of @eve:evil.test are what was signed." in done.output
    told = run.invoke(main, ["member-archive", "verify", str(file), "--key", PUBLIC, "--json"])
    assert msgspec.json.decode(told.stdout)["public_key"] == PUBLIC
    other = run.invoke(main, ["member-archive", "verify", str(file), "--key", "AAAA"])
    assert other.exit_code == 1
    assert "another key" in other.output
    file.write_bytes(make(GOOD, sign=False))
    changed = run.invoke(main, ["member-archive", "verify", str(file)])
    assert changed.exit_code == 1
    assert "changed or damaged" in changed.output

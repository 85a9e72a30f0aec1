"""A house to run commands on, of each kind of database."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from teahouse.cli import main

# Enough for a test: an argon2 hash of full strength takes longer than the rest together.
_CHEAP = {"TEAHOUSE_PASSWORD_HASH_MIB": "8", "TEAHOUSE_PASSWORD_HASH_ROUNDS": "1"}

Run = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of the house."""
    return tmp_path / "data"


@pytest.fixture
def run(database_url: str, data: Path) -> Run:
    """Run a command on the house: `run("member", "list")`."""
    environment = {"TEAHOUSE_DATA": str(data), "TEAHOUSE_DATABASE_URL": database_url, **_CHEAP}

    def run_command(*arguments: str, typed: str | None = None, exit_code: int = 0) -> Result:
        result = CliRunner().invoke(main, arguments, input=typed, env=environment)
        assert result.exit_code == exit_code, (result.output, result.exception)
        return result

    return run_command

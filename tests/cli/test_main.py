"""The command line as a whole, and once as a real process."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from teahouse.cli import COMMANDS, main
from tests.cli.conftest import Run

_WITHOUT_OTHERS = {"PATH": os.environ["PATH"], "PYTHONWARNINGS": "error"}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_one_line_of_help_is_the_commands_own(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.help is not None
    assert command.help.partition("\n")[0] == COMMANDS[name][1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_verb_has_a_help_text(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    verbs = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    for verb in verbs:
        assert verb.help
        options = [one for one in verb.params if isinstance(one, click.Option)]
        assert all(option.help for option in options), verb.name


def test_help_loads_no_command() -> None:
    program = "import sys; from teahouse.cli import main; main(['--help'], standalone_mode=False)"
    program += "; assert 'sqlalchemy' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["brew"], "No such command 'brew'"),
        (["member", "list", "--tea"], "No such option"),
        (["member", "list", "--config", "/nowhere"], "does not exist"),
    ],
)
def test_misuse_is_told_with_exit_code_2(arguments: list[str], told: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_setting_that_is_not_known_is_misuse(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "teahouse.toml"
    config.write_text('teapot = "full"\n')
    assert (
        "teapot"
        in run("member", "list", "--reason", "a test", "--config", str(config), exit_code=2).stderr
    )


def test_a_database_that_does_not_answer_is_told_in_one_line(tmp_path: Path) -> None:
    url = f"postgresql://postgres@/nothing?host={tmp_path}"
    arguments = ["jobs", "list", "--data", str(tmp_path), "--database-url", url]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The database cannot be used:")
    assert "Traceback" not in result.output


def test_options_win_over_variables_and_variables_over_the_file(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "teahouse.toml"
    config.write_text('server_name = "file.example"\ndata = "/nowhere"\n')
    arguments = ["member", "add", "ada", "--password-stdin", "--config", str(config)]
    assert run(*arguments, typed="a good password").stdout == "@ada:file.example\n"
    arguments += ["--server-name", "option.example"]
    assert run(*arguments, typed="a good password").stdout == "@ada:option.example\n"


def test_a_real_process_works_on_the_house(database_url: str, tmp_path: Path) -> None:
    house = ["--data", str(tmp_path), "--database-url", database_url]
    program = [sys.executable, "-m", "teahouse"]

    def call(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*program, *arguments, *house],
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            env=_WITHOUT_OTHERS,
        )

    added = call("member", "add", "ada", "--password-stdin", typed="a good password\n")
    assert (added.returncode, added.stdout) == (0, "@ada:localhost\n"), added.stderr
    again = call("member", "add", "ada", "--password-stdin", typed="a good password\n")
    assert again.returncode == 1
    assert re.fullmatch(r"Error: [^\n]+\n", again.stderr)
    backup = call("backup", str(tmp_path / "house.zip"))
    assert (backup.returncode, backup.stdout) == (0, ""), backup.stderr

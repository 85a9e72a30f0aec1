"""The command line: `teahouse noun verb --long-flag`.

A command's file is loaded only when that command is called: `serve` shall start in well under a
second, and most commands need little of what others load.
"""

from __future__ import annotations

from importlib import import_module

import click

# Each command's file and its one line of help, which is shown without loading the file.
COMMANDS = {
    "serve": ("teahouse.cli.serve", "Run the server."),
    "demo": (
        "teahouse.cli.demo",
        "Run the server with a small town in it: members, a square, a company and a space.",
    ),
    "member": ("teahouse.cli.member", "Add and list members, reset their passwords."),
    "token": ("teahouse.cli.token", "Make tokens with which people may register."),
    "check": ("teahouse.cli.check", "Verify every rule about what is stored."),
    "backup": ("teahouse.cli.backup", "Write everything into one archive, while the server runs."),
    "restore": ("teahouse.cli.restore", "Put everything back from an archive."),
    "member-keys": (
        "teahouse.cli.member_keys",
        "Copy the keys under which backups of members' data are sealed.",
    ),
    "bank-file": (
        "teahouse.cli.bank_file",
        "Open files that were exchanged with the bank, for a case.",
    ),
    "jobs": ("teahouse.cli.jobs", "See, replay and discard jobs that failed."),
    "log": ("teahouse.cli.log", "Verify the log of who looked at members' data."),
    "member-archive": (
        "teahouse.cli.member_archive",
        "Verify the archive that a member has taken out of a house.",
    ),
    "miniprogram": (
        "teahouse.cli.miniprogram",
        "Look at a mini-program before it is installed.",
    ),
    "partner-bank": (
        "teahouse.cli.partner_bank",
        "Run a bank of its own that speaks ISO 20022 through a folder.",
    ),
}


class _Teahouse(click.Group):
    """Finds a command's file by its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=_Teahouse, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="teahouse", prog_name="teahouse")
def main() -> None:
    """Teahouse: chat, wallet, bank, cinema and privacy behind one account.

    Settings come from --config FILE, TEAHOUSE_* variables and options, the last one wins.
    Exit codes: 0 done, 1 failed, 2 misused.
    """

"""`teahouse check`: verify every rule about what is stored."""

from __future__ import annotations

import click

from teahouse import app
from teahouse.cli.house import opened_database
from teahouse.cli.terminal import HOUSE, json_option, print_json, progress, settings_options
from teahouse.platform.checks import Check, Checked, count_steps, run_checks
from teahouse.platform.settings import Settings


@click.command()
@json_option
@settings_options(*HOUSE, "files_url", "message_days")
def check(settings: Settings, *, as_json: bool) -> None:
    """Verify every rule about what is stored.

    Reads only, so it may run beside a server. Exits with 1 where something is wrong.
    """
    found = _run(settings)
    if as_json:
        print_json(found)
    else:
        _tell(found)
    if any(checked.problems for checked in found):
        raise click.exceptions.Exit(1)


def _run(settings: Settings) -> list[Checked]:
    checks = all_checks(settings)
    found: list[Checked] = []
    with (
        opened_database(settings) as db,
        db.reading() as read,
        progress("Checking", count_steps(read, checks)) as advance,
    ):
        found.extend(run_checks(read, checks, advance))
    return found


def all_checks(settings: Settings) -> list[Check]:
    """The checks of every domain."""
    return app.checks(settings)


def _tell(found: list[Checked]) -> None:
    for checked in found:
        click.echo(f"{'WRONG' if checked.problems else 'ok':6}{checked.name}")
        for problem in checked.problems:
            click.echo(f"      {problem}")

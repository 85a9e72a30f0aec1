"""`teahouse member-keys`: copies of the members' keys, which live seven days at most."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from teahouse.cli.house import member_keys_of
from teahouse.cli.terminal import json_option, print_json, settings_options
from teahouse.platform.clock import SystemClock
from teahouse.platform.settings import Settings
from teahouse.privacy.member_keys.rules import COPY_DAYS_MAX, DAY_MS

_NAME = "member-keys-%Y%m%dT%H%M%SZ.db"
_PATTERN = "member-keys-*.db"


@click.group("member-keys")
def member_keys() -> None:
    """Copy the keys under which backups of members' data are sealed."""


@member_keys.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@json_option
@settings_options("data")
def copy(settings: Settings, folder: Path, *, as_json: bool) -> None:
    """Write a copy into FOLDER, and delete the copies there that are older than seven days.

    A restore takes no copy that is older: that is what members are promised when they erase
    their accounts. Keep the folder apart from the archives, and in no backup of its own.
    """
    made = write_copy(settings, folder)
    if as_json:
        print_json({"file": str(made)})
    else:
        click.echo(f"The members' keys are in {made}.", err=True)


def write_copy(settings: Settings, folder: Path) -> Path:
    """Write a copy of the keys, and delete those that are too old.

    Returns:
        The copy.
    """
    now = SystemClock().now_ms()
    keys = member_keys_of(settings)
    keys.note_use(now)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = folder / _at(now).strftime(_NAME)
    unfinished = made.with_name(f"{made.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    keys.copy_to(unfinished)
    unfinished.replace(made)
    oldest = _at(now - COPY_DAYS_MAX * DAY_MS).strftime(_NAME)
    for file in folder.glob(_PATTERN):
        if file.name < oldest:
            file.unlink()
    return made


def _at(instant: int) -> datetime:
    return datetime.fromtimestamp(instant / 1000, UTC)

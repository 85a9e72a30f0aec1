"""`teahouse token`: make tokens with which people may register."""

from __future__ import annotations

import click

from teahouse.accounts import create_registration_token
from teahouse.cli.house import change, opened_database
from teahouse.cli.terminal import HOUSE, json_option, print_json, settings_options
from teahouse.platform.db import Tx
from teahouse.platform.settings import Settings

_DAY_MS = 86_400_000


@click.group()
def token() -> None:
    """Make tokens with which people may register."""


@token.command()
@click.option("--token", "wanted", help="What it shall be; letters by chance otherwise.")
@click.option(
    "--uses", type=click.IntRange(1, 1_000_000), default=1, show_default=True, help="How many."
)
@click.option("--unlimited", is_flag=True, help="Any number of people.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long it holds; always otherwise.")
@json_option
@settings_options(*HOUSE)
def create(
    settings: Settings,
    *,
    wanted: str | None,
    uses: int,
    unlimited: bool,
    days: int | None,
    as_json: bool,
) -> None:
    """Make a registration token and print it."""

    def command(tx: Tx) -> str:
        expires_at = None if days is None else tx.now + days * _DAY_MS
        allowed = None if unlimited else uses
        return create_registration_token(tx, wanted, uses_allowed=allowed, expires_at=expires_at)

    with opened_database(settings, writes=True) as db:
        made = change(db, command)
    if as_json:
        print_json({"token": made})
    else:
        click.echo(made)

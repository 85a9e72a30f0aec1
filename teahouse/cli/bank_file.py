"""`teahouse bank-file`: opens what was exchanged with the bank, for who may ask by law."""

from __future__ import annotations

import asyncio

import click

from teahouse import privacy
from teahouse.cli.house import COMMAND_LINE, opened_house
from teahouse.cli.terminal import json_option, print_json, settings_options
from teahouse.platform.data_map import FILE_CLASSES, FileClass
from teahouse.platform.db import Tx
from teahouse.platform.errors import Refusal
from teahouse.platform.settings import Settings

_PREFIX = "bank-files"
_OPEN = privacy.declare_deed("cli.bank_files.open", f"files {_PREFIX}/")


@click.group("bank-file")
def bank_file() -> None:
    """Open files that were exchanged with the bank, for a case."""


@bank_file.command("list")
@json_option
@settings_options("data")
def list_files(settings: Settings, *, as_json: bool) -> None:
    """List the files that are kept, by month."""

    async def find() -> list[str]:
        return sorted([file.name async for file in services.files.list(_kept_files())])

    with opened_house(settings) as services:
        found = asyncio.run(find())
    if as_json:
        print_json(found)
    else:
        for name in found:
            click.echo(name)


@bank_file.command("open")
@click.argument("name")
@click.option("--case", required=True, help="Names the case at the authority or the court.")
@click.option("--reason", required=True, help="Why it must be opened, and by which law.")
@settings_options("data")
def open_file(settings: Settings, name: str, case: str, reason: str) -> None:
    """Print the file NAME. That it was opened is entered in the log for everybody, before."""
    with opened_house(settings) as services:

        def enter(tx: Tx) -> int:
            look = privacy.Look(
                actor=COMMAND_LINE,
                role="operator",
                fields=privacy.DEEDS[_OPEN],
                reason=reason,
                case=case,
                deed=_OPEN,
            )
            return privacy.record_look(tx, look, about=privacy.EVERYBODY)

        services.db.run(enter)
        try:
            content = asyncio.run(services.get(privacy.LawfulFiles).get(_kept_files(), name))
        except Refusal as refusal:
            raise click.ClickException(refusal.text) from None
    click.echo(content, nl=False)


def _kept_files() -> FileClass:
    return next(one for one in FILE_CLASSES if one.prefix == _PREFIX)

"""`teahouse miniprogram`: look at a mini-program before it is installed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from teahouse.cli.terminal import json_option, print_json, print_table
from teahouse.miniprograms import inspect_place


@click.group()
def miniprogram() -> None:
    """Look at a mini-program before it is installed."""


@miniprogram.command()
@click.argument("place", metavar="DIR", type=click.Path(exists=True, path_type=Path))
@json_option
def check(place: Path, as_json: bool) -> None:  # noqa: FBT001 - click's
    """Say what keeps the mini-program in DIR, a folder or zip file, from working.

    Reads the manifest and every file; starts no server and changes nothing. An error is what the
    server would refuse, or what the program's frame does not run or load: inline scripts and
    styles, frames, addresses of others, files that are not there. A warning is what looks so.

    Exit codes: 0 no errors, 1 errors, 2 misused.
    """
    found = inspect_place(place)
    if as_json:
        print_json(found)
    elif found.findings:
        print_table(
            ("FILE", "LINE", "LEVEL", "CODE", "WHAT"),
            [
                (one.path, str(one.line or ""), one.level, one.code, one.text)
                for one in found.findings
            ],
        )
    else:
        size = f"{found.file_count} files, {found.byte_count} bytes"
        click.echo(f"{found.program_id} {found.version}: {size}, nothing amiss.")
    if not found.is_sound:
        sys.exit(1)

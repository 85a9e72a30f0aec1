"""`teahouse member-archive verify`: verify the archive of a member's data, without any house."""

from __future__ import annotations

import zipfile
from pathlib import Path

import click
import msgspec

from teahouse.cli.terminal import json_option, print_json, told_trouble
from teahouse.privacy.imports.errors import ArchiveTampered
from teahouse.privacy.imports.live import open_archive, verify_files


class Verified(msgspec.Struct, frozen=True):
    """What was found.

    Attributes:
        server_name: the house that it says it is from.
        user_id: whose data it is.
        created_at: when it was asked for, milliseconds.
        public_key: the key that signed it, base64.
        file_count: how many files are in it.
    """

    server_name: str
    user_id: str
    created_at: int
    public_key: str
    file_count: int


@click.group()
def member_archive() -> None:
    """Verify the archive that a member has taken out of a house."""


@member_archive.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "public_key", help="The house's key; its /api/v1/privacy/consents/key.")
@json_option
def verify(file: Path, *, public_key: str | None, as_json: bool) -> None:
    """Verify that every file of the archive FILE is what its house signed.

    Exits with 1 where anything is wrong, and says what.
    """
    with told_trouble(), file.open("rb") as opened:
        archive, _digest, signature = open_archive(opened)
        if public_key is not None and signature.public_key != public_key.strip():
            raise ArchiveTampered("It was signed by another key.")
        with zipfile.ZipFile(opened) as zipped:
            verify_files(archive, zipped)
    manifest = archive.manifest
    found = Verified(
        manifest.server_name,
        manifest.user_id,
        manifest.created_at,
        signature.public_key,
        len(manifest.files),
    )
    if as_json:
        print_json(found)
        return
    click.echo(f"{found.file_count} files of {found.user_id} are what was signed.")
    click.echo(f"It says it is from {found.server_name}. Signed by {found.public_key}")

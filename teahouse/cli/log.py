"""`teahouse log`: verify another house's log of who looked. Trusts nothing it says.

`verify` reads the whole log over the network; `certificate` verifies a certificate of erasure
without one, and `duty` the record of what those with power did in a group.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import click
import httpx
import msgspec

from teahouse.chat.duty_records.rules import BadRecord, verify_record
from teahouse.chat.duty_records.types import DutyRecord
from teahouse.cli.terminal import json_option, print_json, told_trouble
from teahouse.privacy.checkpoints.rules import (
    BadCheckpoint,
    Checkpoint,
    open_checkpoint,
    parse_verifier_key,
)
from teahouse.privacy.erasure.rules import BadCertificate, tell_day, verify_certificate
from teahouse.privacy.erasure.types import Certificate
from teahouse.privacy.transparency_log.rules import (
    compute_new_nodes,
    compute_root,
    hash_entry,
    is_consistent,
)

_TIMEOUT_SECONDS = 30
# A page holds 1,000; a hundred million entries are a century of a very busy house.
_PAGES_MAX = 100_000


class Witness(msgspec.Struct, frozen=True):
    """What was seen of a log before; kept in a file.

    Attributes:
        verifier_key: who signs it: may never change.
        checkpoint: the latest signed text that was verified.
    """

    verifier_key: str
    checkpoint: str


class Verified(msgspec.Struct, frozen=True):
    """What was found.

    Attributes:
        origin: the log.
        size: how many entries.
        root: hexadecimal.
        grown_from: the size that was seen before and is proved to be its beginning.
        own_entries: how many entries about oneself are in it, where a token was given.
    """

    origin: str
    size: int
    root: str
    grown_from: int | None
    own_entries: int | None


class _Wrong(click.ClickException):
    """The log is not what it should be."""


@click.group()
def log() -> None:
    """Verify the log of who looked at members' data."""


@log.command()
@click.argument("url")
@click.option(
    "--witness",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that remembers what was seen; later runs demand that the log only grew.",
)
@click.option("--token", envvar="TEAHOUSE_TOKEN", help="Verifies the entries about its member too.")
@json_option
def verify(url: str, *, witness: Path | None, token: str | None, as_json: bool) -> None:
    """Verify the log of the house at URL: its signature, its tree, and that it only grew.

    Exits with 1 where anything is wrong, and says what.
    """
    with told_trouble():
        before = _read_witness(witness)
        with httpx.Client(base_url=url, timeout=_TIMEOUT_SECONDS) as client:
            found, seen = _verify(client, before, token)
        if witness is not None:
            witness.write_bytes(msgspec.json.format(msgspec.json.encode(seen)) + b"\n")
    if as_json:
        print_json(found)
        return
    click.echo(f"The log {found.origin} has {found.size} entries and is what its key signed.")
    if found.grown_from is not None:
        click.echo(f"It begins with the {found.grown_from} entries that were seen before.")
    if found.own_entries is not None:
        click.echo(f"All {found.own_entries} entries about you are in it.")


@log.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "verifier_key", help="The log's key, as somebody kept it.")
@json_option
def certificate(file: Path, *, verifier_key: str | None, as_json: bool) -> None:
    """Verify the certificate of an erasure in FILE, without the house.

    That the house signed it, and that its log tells of the key's destruction. Without --key the
    key is taken from the certificate: compare it with the one that `log verify` keeps.
    """
    with told_trouble():
        told = _read_certificate(file, verifier_key)
    if as_json:
        print_json(told)
        return
    click.echo(f"{told['house']} erased {told['member']} on {tell_day(told['erased_at'])}.")
    click.echo(f"No backup can bring it back after {tell_day(told['no_backup_after'])}.")
    if told["sealed_box"] is not None:
        click.echo(f"What the law keeps is sealed until {tell_day(told['sealed_box']['until'])}.")
    click.echo(f"Its log tells of the key's destruction as entry {told['key']['index']}.")


@log.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "public_key", help="The house's public key, as somebody kept it.")
@json_option
def duty(file: Path, *, public_key: str | None, as_json: bool) -> None:
    """Verify the duty record of a group in FILE, without the house.

    That the house signed it, that each deed is the event of its id, unchanged, and that they stand
    in their order. Without --key the key is taken from the record.
    """
    with told_trouble():
        record = _read_record(file, public_key)
    if as_json:
        print_json(record)
        return
    for one in record.duties:
        click.echo(f"{one.event['sender']} {one.deed} {one.event_id}")
    click.echo(f"{len(record.duties)} deeds in {record.room_id}, as {record.server_name} signed.")


def _read_record(file: Path, public_key: str | None) -> DutyRecord:
    try:
        raw = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
        return verify_record(raw, public_key)
    except (msgspec.MsgspecError, BadRecord) as trouble:
        raise _Wrong(str(trouble)) from None


def _read_certificate(file: Path, verifier_key: str | None) -> dict[str, Any]:
    try:
        raw = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
        # As the route answers it, or only the certificate in it.
        found = msgspec.convert(raw.get("certificate", raw), Certificate)
    except msgspec.MsgspecError:
        raise _Wrong(f"{file} is no certificate.") from None
    try:
        return verify_certificate(found, verifier_key)
    except BadCertificate as trouble:
        raise _Wrong(str(trouble)) from None


def _verify(
    client: httpx.Client, before: Witness | None, token: str | None
) -> tuple[Verified, Witness]:
    verifier_key = str(_get(client, "key")["verifier_key"])
    if before is not None and before.verifier_key != verifier_key:
        raise _Wrong("The log is signed by another key than before.")
    checkpoint, note = _fetch_checkpoint(client, verifier_key)
    commitments = _fetch_commitments(client, checkpoint.size)
    if _compute_root(commitments) != checkpoint.root:
        raise _Wrong("The signed root is not that of the entries.")
    grown_from = None
    if before is not None:
        grown_from = _check_growth(client, checkpoint, before)
    own = None if token is None else _check_own(client, token, commitments)
    found = Verified(checkpoint.origin, checkpoint.size, checkpoint.root.hex(), grown_from, own)
    return found, Witness(verifier_key, note)


def _fetch_checkpoint(client: httpx.Client, verifier_key: str) -> tuple[Checkpoint, str]:
    try:
        note = client.get("/api/v1/privacy/log/checkpoint").raise_for_status().text
    except httpx.HTTPError as trouble:
        raise _Wrong(f"checkpoint: {trouble}") from None
    return _open(note, verifier_key), note


def _open(note: str, verifier_key: str) -> Checkpoint:
    try:
        origin, key = parse_verifier_key(verifier_key)
        return open_checkpoint(note, origin=origin, key=key)
    except BadCheckpoint as trouble:
        raise _Wrong(f"The checkpoint is not valid: {trouble}") from None


def _fetch_commitments(client: httpx.Client, size: int) -> list[bytes]:
    found: list[bytes] = []
    for _ in range(_PAGES_MAX):
        if len(found) >= size:
            return found[:size]
        page = _get(client, "commitments", start=len(found))["commitments"]
        if not isinstance(page, list) or not page:
            break
        found += [_unhex(text) for text in page]
    raise _Wrong(f"The log says it has {size} entries and gives only {len(found)}.")


def _compute_root(commitments: list[bytes]) -> bytes:
    nodes: dict[tuple[int, int], bytes] = {}

    def node(level: int, index: int) -> bytes:
        return nodes[level, index]

    for index, commitment in enumerate(commitments):
        for level, place, made in compute_new_nodes(index, hash_entry(commitment), node):
            nodes[level, place] = made
    return compute_root(len(commitments), node)


def _check_growth(client: httpx.Client, now: Checkpoint, before: Witness) -> int:
    """Demand a proof that the log begins with what was seen before; returns its size then."""
    seen = _open(before.checkpoint, before.verifier_key)
    if seen.size == 0:
        return 0
    if seen.size > now.size:
        raise _Wrong(f"The log had {seen.size} entries and has {now.size}: some were taken away.")
    hashes = _get(client, "consistency", old=seen.size, new=now.size)["hashes"]
    if not isinstance(hashes, list) or not is_consistent(
        old_size=seen.size,
        new_size=now.size,
        old_root=seen.root,
        new_root=now.root,
        proof=[_unhex(text) for text in hashes],
    ):
        raise _Wrong("The log does not begin with what was seen before: it was rewritten.")
    return seen.size


def _check_own(client: httpx.Client, token: str, commitments: list[bytes]) -> int:
    """Check that what a member is shown is what the log commits to; returns how many."""
    count, cursor = 0, None
    for _ in range(_PAGES_MAX):
        query: dict[str, object] = {"limit": 200} if cursor is None else {"cursor": cursor}
        page = _get(client, "entries", token=token, **query)
        items = page["items"]
        assert isinstance(items, list)
        for entry in items:
            told = sha256(_unhex(entry["salt"]) + str(entry["body"]).encode()).digest()
            if entry["index"] < len(commitments) and commitments[entry["index"]] != told:
                raise _Wrong(f"Entry {entry['index']} does not say what the log commits to.")
        count += len(items)
        cursor = page.get("next_cursor")
        if cursor is None:
            return count
    return count


def _get(
    client: httpx.Client, name: str, *, token: str | None = None, **query: object
) -> dict[str, object]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        answer = client.get(
            f"/api/v1/privacy/log/{name}",
            params={key: str(value) for key, value in query.items()},
            headers=headers,
        )
        answer.raise_for_status()
        return msgspec.json.decode(answer.content, type=dict[str, object])
    except (httpx.HTTPError, msgspec.MsgspecError) as trouble:
        raise _Wrong(f"{name}: {trouble}") from None


def _unhex(text: object) -> bytes:
    try:
        return bytes.fromhex(str(text))
    except ValueError:
        raise _Wrong("The log answers with what is no hash.") from None


def _read_witness(file: Path | None) -> Witness | None:
    if file is None or not file.exists():
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=Witness)
    except msgspec.MsgspecError:
        raise _Wrong(f"{file} is not a witness file.") from None

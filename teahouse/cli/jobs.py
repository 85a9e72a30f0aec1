"""`teahouse jobs`: see, replay and discard jobs that failed."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from teahouse.cli.house import change, opened_database
from teahouse.cli.terminal import (
    HOUSE,
    confirm,
    json_option,
    print_json,
    print_table,
    settings_options,
    yes_option,
)
from teahouse.platform.db import Database
from teahouse.platform.jobs import JobStatus, discard_job, list_jobs, replay_job
from teahouse.platform.settings import Settings

_all_option = click.option("--all", "every", is_flag=True, help="All dead jobs.")
_ids_argument = click.argument("job_ids", nargs=-1, metavar="[JOB]...")


@click.group()
def jobs() -> None:
    """See, replay and discard jobs that failed."""


@jobs.command("list")
@click.option("--status", type=click.Choice(["waiting", "dead"]), help="Only these.")
@json_option
@settings_options(*HOUSE)
def list_(settings: Settings, status: JobStatus | None, *, as_json: bool) -> None:
    """List jobs that are not done, the next one first."""
    with opened_database(settings) as db:
        found = db.look(list_jobs, status=status)
    if as_json:
        print_json(found)
        return
    headings = ("JOB", "KIND", "STATUS", "DUE", "TRIES", "LAST ERROR")
    rows = [
        (job.id, job.kind, job.status, _time(job.run_at), str(job.try_count), job.last_error)
        for job in found
    ]
    print_table(headings, rows)


@jobs.command()
@_ids_argument
@_all_option
@settings_options(*HOUSE)
def replay(settings: Settings, job_ids: tuple[str, ...], *, every: bool) -> None:
    """Give dead jobs all their tries again."""
    with opened_database(settings, writes=True) as db:
        chosen = _choose(db, job_ids, every=every)
        for job_id in chosen:
            change(db, replay_job, job_id)
    click.echo(f"{len(chosen)} replayed.", err=True)


@jobs.command()
@_ids_argument
@_all_option
@yes_option
@settings_options(*HOUSE)
def discard(settings: Settings, job_ids: tuple[str, ...], *, every: bool, agreed: bool) -> None:
    """Give dead jobs up for good."""
    with opened_database(settings, writes=True) as db:
        chosen = _choose(db, job_ids, every=every)
        confirm(f"Discard {len(chosen)} jobs? They will never be done.", agreed=agreed)
        for job_id in chosen:
            change(db, discard_job, job_id)
    click.echo(f"{len(chosen)} discarded.", err=True)


def _choose(db: Database, job_ids: tuple[str, ...], *, every: bool) -> list[str]:
    if every == bool(job_ids):
        raise click.UsageError("Name jobs, or say --all.")
    if not every:
        return list(job_ids)
    return [job.id for job in db.look(list_jobs, status="dead")]


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(" ", "seconds")

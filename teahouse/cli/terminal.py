"""How commands talk: tables for people, JSON for scripts, progress where somebody watches."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import click
import msgspec
from sqlalchemy.exc import OperationalError

from teahouse.migrations import SchemaTooNew
from teahouse.platform.errors import Refusal
from teahouse.platform.json import encode_json
from teahouse.platform.settings import Settings, SettingsError, load_settings

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
yes_option = click.option("--yes", "agreed", is_flag=True, help="Do not ask.")

# The settings that any command needs to find its house.
HOUSE = ("data", "database_url", "server_name")


def settings_options(*names: str) -> Callable[[F], F]:
    """Options for some settings and for the file with all of them.

    The command is given `settings`; trouble that is expected becomes one line and an exit code.
    """
    helps = _setting_helps()

    def decorate(command: F) -> F:
        @functools.wraps(command)
        def with_settings(*args: Any, config: Path | None, **options: Any) -> Any:  # noqa: ANN401 - click's
            chosen = {name: options.pop(name) for name in names}
            with told_trouble():
                settings = load_settings(config, **chosen)
                return command(*args, settings=settings, **options)

        wrapped: Any = with_settings
        for name in reversed(names):
            wrapped = click.option(f"--{name.replace('_', '-')}", name, help=helps[name])(wrapped)
        file = click.Path(exists=True, dir_okay=False, path_type=Path)
        config_option = click.option("--config", type=file, help="TOML file with settings.")
        decorated: F = config_option(wrapped)
        return decorated

    return decorate


def _setting_helps() -> dict[str, str]:
    hints = get_type_hints(Settings, include_extras=True)
    return {name: _meta_of(hint).description or "" for name, hint in hints.items()}


def _meta_of(hint: object) -> msgspec.Meta:
    return next(part for part in get_args(hint) if isinstance(part, msgspec.Meta))


@contextmanager
def told_trouble() -> Iterator[None]:
    """Turn expected trouble into one line on stderr and an exit code."""
    try:
        yield
    except SettingsError as trouble:
        raise click.UsageError(str(trouble)) from None
    except (Refusal, SchemaTooNew) as trouble:
        raise click.ClickException(str(trouble)) from None
    except OperationalError as trouble:
        raise click.ClickException(f"The database cannot be used: {trouble.orig}") from None
    except OSError as trouble:
        raise click.ClickException(str(trouble)) from None


def print_json(value: object) -> None:
    """One JSON value on stdout."""
    click.echo(encode_json(value).decode())


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on stdout; nothing but a remark where there are no rows."""
    if not rows:
        click.echo("None.", err=True)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*headings, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    # Wide enough for whatever comes where a script reads it: never cut an id.
    width = None if sys.stdout.isatty() else 10_000
    Console(width=width, soft_wrap=True).print(table)


def confirm(question: str, *, agreed: bool) -> None:
    """Ask before destroying, unless `--yes` has answered; a refusal ends the command with 1.

    Where nobody can answer, the command was misused.
    """
    if agreed:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} Say --yes where nobody can answer.")
    click.confirm(question, abort=True, err=True)


Advance = Callable[[int], None]


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Advance]:
    """A bar on stderr where somebody watches.

    Args:
        label: what is being done.
        total: how many steps; None where that is not known.

    Yields:
        A function that is told how many steps more were done.
    """
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda count: bar.advance(task, count)

"""`python -m docs.generate`: write docs/reference from the code.

`tests/test_docs.py` fails where what is stored differs from what this would write.
"""

from __future__ import annotations

import pkgutil
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_type_hints

import click
import msgspec

import teahouse
from teahouse import app
from teahouse.cli import main
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.announcements import announcement_types
from teahouse.platform.data_map import FILE_CLASSES, PersonalData, declaration
from teahouse.platform.errors import Refusal
from teahouse.platform.settings import Settings

FOLDER = Path(__file__).parent / "reference"
_MARK = "<!-- Written by `make docs` from the code. Do not edit. -->"


def render_all() -> dict[str, str]:
    """Every generated page, by file name."""
    routes = load_routes()
    return {
        "settings.md": render_settings(),
        "cli.md": render_cli(),
        "http.md": render_http(routes),
        "data-map.md": render_data_map(),
        "errors.md": render_errors(),
        "announcements.md": render_announcements(),
    }


def load_routes() -> list[Any]:
    """Every route of a server, made over an empty database."""
    with tempfile.TemporaryDirectory() as folder:
        services = app.make_services(Settings(data=folder, log_level="error"))
        try:
            return [*app.install(services), app.health, app.metrics_text]
        finally:
            services.db.stop()


def render_settings() -> str:
    """The settings, from their struct."""
    rows = []
    hints = get_type_hints(Settings, include_extras=True)
    for field in msgspec.structs.fields(Settings):
        kind, *metas = get_args(hints[field.name])
        meta = next(part for part in metas if isinstance(part, msgspec.Meta))
        least = "" if meta.ge is None else f", at least {meta.ge}"
        rows.append((f"`{field.name}`", _kind(kind) + least, _default(field), meta.description))
    intro = (
        "Read once at the start: from the TOML file named by `--config`, then from variables\n"
        "`TEAHOUSE_<NAME>` (lists with commas, switches as `on` or `off`), then from the options\n"
        "of the command. The last one wins. An unknown name stops the start."
    )
    return _page("Settings", intro, _table(("setting", "type", "default", "meaning"), rows))


def _kind(kind: Any) -> str:
    choices = get_args(kind)
    if kind == list[str]:
        return "list of texts"
    if choices:
        return "one of " + ", ".join(f"`{choice}`" for choice in choices)
    return {str: "text", int: "whole number", bool: "switch"}[kind]


def _default(field: Any) -> str:
    found = field.default
    if found is msgspec.NODEFAULT:
        found = field.default_factory()
    return f"`{msgspec.json.encode(found).decode()}`"


def render_cli() -> str:
    """The commands, by their own help."""
    parts = []
    for names, command in walk_commands(main, ("teahouse",)):
        context = click.Context(
            command,
            info_name=" ".join(names),
            max_content_width=88,
            help_option_names=main.context_settings["help_option_names"],
        )
        context.terminal_width = 88
        parts.append(f"## `{' '.join(names)}`\n\n```\n{command.get_help(context)}\n```")
    intro = "Exit codes: 0 done, 1 failed, 2 misused."
    return _page("Command line", intro, "\n\n".join(parts))


def walk_commands(
    command: click.Command, names: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command and all below it, with the words that call them."""
    yield names, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from walk_commands(below, (*names, name))


def render_http(routes: list[Any]) -> str:
    """The routes of all domains."""
    rows = sorted(
        (path.replace(":str", "").replace(":path", ""), method, _first_line(route.fn))
        for route in routes
        for path in route.paths
        for method in route.http_methods
        if method != "OPTIONS"
    )
    intro = (
        "Paths under `/_matrix` follow the Matrix Client-Server API. `r0` in a path is read as\n"
        "`v3`. Under `/api` the server describes itself at `/api/openapi.json`."
    )
    return _page(
        "HTTP", intro, _table(("path", "method", "what"), [(f"`{p}`", m, t) for p, m, t in rows])
    )


def render_data_map() -> str:
    """What is stored about whom, from the tables and the classes of files."""
    rows = []
    for table in sorted(load_all_tables().tables.values(), key=lambda one: one.name):
        for column in table.columns:
            found = declaration(column)
            if isinstance(found, PersonalData):
                rows.append((f"`{table.name}.{column.name}`", *_personal(found)))
    files = [
        (f"files `{one.prefix}/`", *_personal(one.data))
        for one in sorted(FILE_CLASSES, key=lambda one: one.prefix)
    ]
    intro = (
        "Every column and file class that can hold personal data. All others were declared to\n"
        "hold none; a test fails where neither was declared."
    )
    headings = ("where", "category", "why", "lawful basis", "kept until", "who can see it")
    return _page("Data map", intro, _table(headings, [*rows, *files]))


def _personal(data: PersonalData) -> tuple[str, str, str, str, str]:
    return (data.category, data.purpose, data.basis, data.keep, ", ".join(data.seen_by))


def render_errors() -> str:
    """The refusals, from their classes."""
    rows = sorted(
        {
            (f"`{kind.errcode}`", str(kind.status), f"`{kind.code}`", kind.message)
            for kind in refusal_types()
        }
    )
    intro = (
        "What the server refuses. On `/_matrix` the body has `errcode` and `error`; on `/api` it\n"
        "is problem details (RFC 9457) whose `type` ends in the code. A refusal changes nothing."
    )
    return _page("Errors", intro, _table(("errcode", "status", "code", "sentence"), rows))


def refusal_types() -> list[type[Refusal]]:
    """Every kind of refusal."""
    _load_everything()
    found: list[type[Refusal]] = []
    waiting = [Refusal]
    while waiting:
        kind = waiting.pop()
        if kind.__module__.startswith("teahouse."):
            found.append(kind)
        waiting.extend(kind.__subclasses__())
    return found


def _load_everything() -> None:
    """Import every module, so that what is found does not depend on who imported what before."""
    for module in pkgutil.walk_packages(teahouse.__path__, "teahouse."):
        if not module.name.endswith("__main__") and ".migrations" not in module.name:
            import_module(module.name)


def render_announcements() -> str:
    """The announcements and the kinds of jobs."""
    _load_everything()
    rows = sorted(
        (f"`{kind.__name__}`", kind.__module__.split(".")[1], _first_line(kind), _fields(kind))
        for kind in announcement_types()
        if kind.__module__.startswith("teahouse.")
    )
    jobs = [(f"`{kind.name}`",) for kind in sorted(app.job_kinds(), key=lambda one: str(one.name))]
    intro = (
        "What commands tell the rest of the program: in the same transaction to those who react,\n"
        "and after the commit to those who listen, on every server of the bus."
    )
    body = _table(("announcement", "from", "what", "carries"), rows)
    body += "\n\n## Jobs\n\nWhat runs later or on a timetable.\n\n" + _table(("job",), jobs)
    return _page("Announcements and jobs", intro, body)


def _fields(kind: type[Any]) -> str:
    return ", ".join(f"`{field.name}`" for field in msgspec.structs.fields(kind))


def _first_line(documented: object) -> str:
    return (documented.__doc__ or "").strip().partition("\n")[0]


def _page(title: str, intro: str, body: str) -> str:
    return f"{_MARK}\n# {title}\n\n{intro}\n\n{body}\n"


def _table(headings: tuple[str, ...], rows: list[Any]) -> str:
    lines = [headings, ("---",) * len(headings), *rows]
    return "\n".join(
        "| "
        + " | ".join(str(cell or "").replace("|", "\\|").replace("\n", " ") for cell in line)
        + " |"
        for line in lines
    )


def _write() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in render_all().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    _write()

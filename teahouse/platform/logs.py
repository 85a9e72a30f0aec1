"""Structured logs: a constant phrase and fields, never personal data.

Lines are JSON, or coloured text where a terminal listens. A field that is not on the list below
is dropped, so that a careless line can't tell on anybody.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any, Literal, TextIO, TypeAlias

import msgspec
import structlog

Level: TypeAlias = Literal["debug", "info", "warning", "error"]

# What a line may say. None of it is about a person: no text, names, addresses, ids of members or
# rooms, tokens, or paths with their parameters filled in.
FIELDS = frozenset({
    "event", "level", "logger", "timestamp",  # of every line
    "request_id", "method", "route", "status", "duration_ms", "body_bytes",  # of a request
    "errcode", "error", "where", "stack",  # of trouble; `error` is a type's name, not its text
    "kind", "job", "try_count", "count", "bytes",  # of jobs and files
    "address", "port", "database", "url_scheme", "revision", "release", "seconds", "position",
})  # fmt: skip

_LEVELS: dict[Level, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def get_logger() -> structlog.typing.FilteringBoundLogger:
    """A logger; it follows `configure_logs` even when made before."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger


def configure_logs(level: Level = "info", *, stream: TextIO = sys.stderr) -> None:
    """Say where the lines of this process go.

    Args:
        level: the least serious line to write.
        stream: pretty lines for a terminal, JSON for anything else.
    """
    # They write every address that is called: a bridge's can hold a member's id, a push gateway's
    # says whose phone is woken.
    for talkative in ("httpx", "httpcore"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    is_terminal = stream.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if is_terminal
        else structlog.processors.JSONRenderer(serializer=_encode)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            reduce_trouble,
            drop_unlisted_fields,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    _configure_libraries(level, stream)


def _encode(line: object, default: Callable[[object], object] = repr) -> str:
    return msgspec.json.encode(line, enc_hook=default).decode()


def drop_unlisted_fields(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep the listed fields; say how many others there were, so that the mistake is seen."""
    kept = {name: value for name, value in line.items() if name in FIELDS}
    dropped = len(line) - len(kept)
    if dropped:
        kept["dropped_field_count"] = dropped
    return kept


def log_request(
    *, request_id: str, method: str, route: str, status: int, duration_ms: float
) -> None:
    """Write the one line of a request.

    Args:
        request_id: what the answer's `X-Request-Id` said.
        method: GET, PUT, ...
        route: the template (`/rooms/{room_id}/state`), not the path.
        status: of the answer.
        duration_ms: until the answer was ready, milliseconds.
    """
    get_logger().info(
        "request",
        request_id=request_id,
        method=method,
        route=route,
        status=status,
        duration_ms=round(duration_ms, 1),
    )


def reduce_trouble(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Turn `exc_info` into an error's type and stack: its text may quote a member."""
    trouble = line.pop("exc_info", None)
    if trouble is True:
        trouble = sys.exc_info()[1]
    if isinstance(trouble, tuple):
        trouble = trouble[1]
    if isinstance(trouble, BaseException):
        line["error"] = type(trouble).__name__
        line["stack"] = [
            f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(trouble.__traceback__)
        ]
    return line


class _LibraryLines(logging.Handler):
    """Passes on where a library saw trouble; its text may hold anything, so it stays out."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        log = get_logger().error if record.levelno >= logging.ERROR else get_logger().warning
        log(
            "library",
            logger=record.name,
            where=f"{record.module}:{record.lineno}",
            error=error,
        )


def _configure_libraries(level: Level, stream: TextIO) -> None:
    """Libraries log through the standard module: only what is odd, and only where."""
    logging.basicConfig(level=logging.WARNING, handlers=[_LibraryLines()], force=True)
    if level == "debug" and stream.isatty():
        # Somebody sits before it and asked for everything.
        logging.basicConfig(level=logging.INFO, stream=stream, force=True)

"""Structured logs without personal data."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from teahouse.platform.logs import configure_logs, get_logger, log_request


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        """Somebody is there."""
        return True


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_is_json_with_a_constant_phrase_and_fields() -> None:
    out = io.StringIO()
    configure_logs(stream=out)
    log_request(request_id="r1", method="GET", route="/sync", status=200, duration_ms=1.234)
    line = json.loads(out.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "request_id": "r1",
        "method": "GET",
        "route": "/sync",
        "status": 200,
        "duration_ms": 1.2,
    }


def test_a_field_that_is_not_listed_is_dropped_and_counted() -> None:
    out = io.StringIO()
    configure_logs(stream=out)
    get_logger().warning("odd", user_id="@ada:example.org", count=3, body="hello", exc=None)
    line = json.loads(out.getvalue())
    assert "ada" not in out.getvalue()
    assert "hello" not in out.getvalue()
    assert (line["count"], line["dropped_field_count"]) == (3, 3)


def test_a_defect_tells_where_but_not_its_text() -> None:
    out = io.StringIO()
    configure_logs(stream=out)
    try:
        int("the letter of @ada:example.org")
    except ValueError as trouble:
        get_logger().error("request failed", exc_info=trouble, route="/send")
        get_logger().exception("request failed", route="/send")
    assert "ada" not in out.getvalue()
    for text in out.getvalue().splitlines():
        line = json.loads(text)
        assert line["error"] == "ValueError"
        assert line["stack"][-1].startswith("test_logs.py:")


def test_libraries_say_only_where_trouble_was() -> None:
    out = io.StringIO()
    configure_logs(stream=out)
    logging.getLogger("somelib").info("connected to %s", "10.0.0.7")
    logging.getLogger("somelib").warning("refused by %s", "10.0.0.7")
    assert "10.0.0.7" not in out.getvalue()
    line = json.loads(out.getvalue())
    assert (line["event"], line["logger"], line["level"]) == ("library", "somelib", "warning")


def test_the_level_is_kept() -> None:
    out = io.StringIO()
    configure_logs("error", stream=out)
    get_logger().warning("odd")
    assert out.getvalue() == ""


def test_a_terminal_gets_readable_lines() -> None:
    out = Terminal()
    configure_logs(stream=out)
    get_logger().info("started", port=8008)
    assert "started" in out.getvalue()
    with pytest.raises(json.JSONDecodeError):
        json.loads(out.getvalue())

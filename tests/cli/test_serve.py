"""`teahouse serve`, as a real process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx


@contextmanager
def serving(database_url: str, data: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A started server, killed in the end if need be."""
    arguments = ["serve", "--data", str(data), "--database-url", database_url, *options]
    with subprocess.Popen(
        [sys.executable, "-m", "teahouse", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"},
    ) as server:
        try:
            yield server
        finally:
            server.kill()


def test_a_server_says_its_url_serves_and_stops_when_told(
    database_url: str, tmp_path: Path
) -> None:
    left = tmp_path / "files" / ".unfinished" / "of-a-crash"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half an upl")
    with serving(database_url, tmp_path, "--port", "0") as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        assert not left.exists()
        assert httpx.get(f"{url}/health").json() == {"status": "ok"}
        assert httpx.get(f"{url}/_matrix/client/versions").status_code == httpx.codes.OK
        told = httpx.get(f"{url}/metrics").text
        assert "teahouse_answers_total" in told
        assert 'teahouse_jobs{status="dead"} 0.0' in told
        server.send_signal(signal.SIGTERM)
        _, lines = server.communicate(timeout=20)
    assert server.returncode == 0, lines
    assert "Traceback" not in lines


def test_a_taken_port_is_told_in_one_line(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path, "--port", "0") as server:
        assert server.stdout is not None
        port = server.stdout.readline().split()[-1].rpartition(":")[2]
        with serving(database_url, tmp_path, "--port", port) as second:
            _, told = second.communicate(timeout=20)
        assert second.returncode == 1
        assert told.startswith("Error:"), told
        server.send_signal(signal.SIGTERM)
        server.wait(20)

"""A Teahouse that runs as a process of its own, as an operator starts it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import httpx

# Both are far beyond what a healthy server needs on a machine shared with other work.
START_SECONDS = 30.0
STOP_SECONDS = 20.0

# Stories come from one address and faster than people type.
TEST_SETTINGS = {
    "registration": "open",
    "rate_limits": "false",
    "server_name": "tea.example",
    "wallet_rule_set": "open",
}


@dataclass(frozen=True)
class Server:
    """A running Teahouse.

    Attributes:
        url: where it answers, without a slash at the end.
        data_dir: its data folder.
        process: the process, for tests that end it their own way.
        log: the file with what it wrote to its standard output and error.
    """

    url: str
    data_dir: Path
    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def start_server(
    data_dir: Path, database_url: str | None = None, **settings: str
) -> Iterator[Server]:
    """Run Teahouse until the block ends; it must then stop in good order.

    Args:
        data_dir: its data folder, which may be empty or of an earlier run.
        database_url: which database it uses; SQLite in the data folder by default.
        settings: any setting by its name, beyond `TEST_SETTINGS`.

    Yields:
        The server, which answers already.
    """
    server = launch_server(data_dir, database_url, **settings)
    try:
        yield server
        stop_server(server)
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()


def launch_server(data_dir: Path, database_url: str | None = None, **settings: str) -> Server:
    """Start Teahouse and wait until it answers; the caller must end it.

    Args:
        data_dir: its data folder.
        database_url: which database it uses; SQLite in the data folder by default.
        settings: any setting by its name, beyond `TEST_SETTINGS`.

    Returns:
        The server, which answers already.
    """
    port = _free_port()
    command = [str(Path(sys.executable).with_name("teahouse")), "serve"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--data", str(data_dir)]
    if database_url is not None:
        command += ["--database-url", database_url]
    log = data_dir.with_name(f"{data_dir.name}.log")
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=_environment(TEST_SETTINGS | settings),
        )
    server = Server(f"http://127.0.0.1:{port}", data_dir, process, log)
    try:
        _wait_until_it_answers(server)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return server


def stop_server(server: Server) -> None:
    """Ask a server to stop, and insist that it does so in good order.

    Args:
        server: one that runs.
    """
    server.process.send_signal(signal.SIGTERM)
    code = server.process.wait(STOP_SECONDS)
    assert code == 0, f"it ended with {code}:\n{_tail(server.log)}"


def _wait_until_it_answers(server: Server) -> None:
    deadline = monotonic() + START_SECONDS
    # Connections are refused until it listens; the transport tries again meanwhile.
    while monotonic() < deadline:
        code = server.process.poll()
        assert code is None, f"it ended with {code}:\n{_tail(server.log)}"
        if _answers(server.url):
            return
    raise AssertionError(f"it does not answer:\n{_tail(server.log)}")


def _answers(url: str) -> bool:
    # `retries` waits between the tries, so that the loop around this does not spin.
    transport = httpx.HTTPTransport(retries=2)
    try:
        with httpx.Client(base_url=url, transport=transport, timeout=5.0) as client:
            return client.get("/_matrix/client/versions").is_success
    except httpx.TransportError:
        return False


def _environment(settings: dict[str, str]) -> dict[str, str]:
    ours = {f"TEAHOUSE_{name.upper()}": value for name, value in settings.items()}
    # Of the developer's own settings only the place of the built client goes along.
    ignored = {name for name in os.environ if name.startswith("TEAHOUSE_")} - {"TEAHOUSE_WEB_FILES"}
    kept = {name: value for name, value in os.environ.items() if name not in ignored}
    return kept | ours


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-40:])

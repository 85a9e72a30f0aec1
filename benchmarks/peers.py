"""The four servers under test: Synapse and Teahouse, each on SQLite and on PostgreSQL."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from socket import socket
from types import MappingProxyType, TracebackType
from typing import IO, Self

from benchmarks import processes, synapse
from benchmarks.figures import PeerName
from benchmarks.http_client import OK, connect, request_bytes
from benchmarks.postgres import Cluster

SECRET = "a benchmark's secret"
_START_SECONDS = 120
_STOP_SECONDS = 30
# Synapse updates its user directory and its statistics for a while after members joined.
_SETTLE_SECONDS_MAX = 20
_IDLE_SHARE = 0.05
# Low enough to register a thousand members in seconds; sign-in is measured without these.
_FAST_HASHES = {"TEAHOUSE_PASSWORD_HASH_MIB": "8", "TEAHOUSE_PASSWORD_HASH_ROUNDS": "1"}


class Server:
    """A peer that runs, with its database.

    Use as an asynchronous context manager; it can be stopped and started again on the same data.
    """

    def __init__(
        self,
        peer: PeerName,
        *,
        folder: Path,
        cache: Path,
        slow_hashes: bool = False,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Prepare, but start nothing.

        Args:
            peer: which one.
            folder: where its data goes; it is created.
            cache: the folder of the benchmark's downloads.
            slow_hashes: whether passwords are hashed at the product's default cost.
            settings: more of Teahouse's variables.
        """
        self.peer = peer
        self.port = _free_port()
        self.start_seconds = 0.0
        self._folder = folder
        self._cache = cache
        self._slow_hashes = slow_hashes
        self._settings = settings
        self._cluster: Cluster | None = None
        self._database: dict[str, str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def roots(self) -> list[int]:
        """Ids of the processes below which all of the server's processes are found."""
        assert self._process is not None
        return [self._process.pid, *([self._cluster.process] if self._cluster else [])]

    @property
    def own_roots(self) -> list[int]:
        """As `roots`, without the database server."""
        assert self._process is not None
        return [self._process.pid]

    async def __aenter__(self) -> Self:
        """Start the database if there is one, then the server."""
        if self.peer.startswith("synapse"):
            synapse.install(self._cache)
        self._folder.mkdir(parents=True)
        if self.peer.endswith("postgres"):
            self._cluster = Cluster(self._folder / "postgres")
            self._database = self._cluster.database("bench")
        try:
            await self.start()
        except BaseException:
            self._stop_all()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server and its database."""
        self._stop_all()

    async def start(self) -> None:
        """Start the server and wait until it answers; `start_seconds` says how long it took."""
        command, more_environment = self._command()
        self._log = (self._folder / "output.log").open("ab")
        started = time.perf_counter()
        self._process = _spawn(command, more_environment, self._log)
        await self._first_answer(started + _START_SECONDS)
        self.start_seconds = time.perf_counter() - started

    def stop(self) -> None:
        """Ask the server to end, and kill it when it does not."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None
        if self._log is not None:
            self._log.close()

    def _stop_all(self) -> None:
        self.stop()
        if self._cluster is not None:
            self._cluster.stop()
            self._cluster = None

    async def _first_answer(self, deadline: float) -> None:
        request = request_bytes("GET", "/_matrix/client/versions")
        while time.perf_counter() < deadline:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                connection = await connect(self.port)
                response = await connection.answer(request)
                connection.close()
                if response.status == OK:
                    return
            await asyncio.sleep(0.005)
        message = f"{self.peer} did not start; see {self._folder / 'output.log'}"
        raise RuntimeError(message)

    def _command(self) -> tuple[list[str], dict[str, str]]:
        if self.peer.startswith("synapse"):
            return self._synapse_command(), {}
        return self._teahouse_command(), self._teahouse_environment()

    def _synapse_command(self) -> list[str]:
        configuration = synapse.configure(
            self._folder,
            port=self.port,
            secret=SECRET,
            postgres=self._database,
            slow_hashes=self._slow_hashes,
        )
        python = synapse.install(self._cache)
        return [str(python), "-m", "synapse.app.homeserver", "-c", str(configuration)]

    def _teahouse_command(self) -> list[str]:
        command = [str(Path(sys.executable).with_name("teahouse")), "serve"]
        command += ["--data", str(self._folder / "data"), "--port", str(self.port)]
        command += ["--host", "127.0.0.1", "--server-name", "bench.example"]
        if self._database is not None:
            parameters = self._database
            url = f"postgresql://{parameters['user']}@/{parameters['dbname']}"
            command += ["--database-url", f"{url}?host={parameters['host']}"]
        return command

    def _teahouse_environment(self) -> dict[str, str]:
        return {
            "TEAHOUSE_REGISTRATION_SHARED_SECRET": SECRET,
            "TEAHOUSE_RATE_LIMITS": "off",
            "TEAHOUSE_LOG_LEVEL": "warning",
            **({} if self._slow_hashes else _FAST_HASHES),
            **self._settings,
        }


def processor_time(server: Server) -> processes.Instant:
    """Read the clocks of the load generator, the server and the machine.

    Args:
        server: one that runs.
    """
    return processes.instant(server.roots)


async def settle(server: Server) -> None:
    """Wait until the server has finished what it still does about earlier requests.

    Args:
        server: one that runs.
    """
    for _ in range(_SETTLE_SECONDS_MAX):
        before = processor_time(server)
        await asyncio.sleep(1)
        after = processor_time(server)
        if after.server - before.server < _IDLE_SHARE * (after.wall - before.wall):
            return


def version(peer: PeerName) -> str:
    """Which release of the product is measured.

    Args:
        peer: whose.
    """
    if peer.startswith("synapse"):
        return f"Synapse {synapse.VERSION}"
    return f"Teahouse {metadata.version('teahouse')}"


def _spawn(
    command: list[str], more_environment: dict[str, str], log: IO[bytes]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env={**os.environ, **more_environment},
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port

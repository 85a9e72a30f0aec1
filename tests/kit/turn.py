"""A real TURN server, coturn, on loopback: it passes on what two browsers say to each other."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 10.0


@dataclass(frozen=True)
class TurnServer:
    """A running TURN server.

    Attributes:
        uri: where clients find it.
        secret: what it shares with the house that makes its members' credentials.
        log: the file with what it did for whom.
    """

    uri: str
    secret: str
    log: Path


@contextmanager
def start_turn(folder: Path) -> Iterator[TurnServer]:
    """Run coturn until the block ends.

    Args:
        folder: an empty one, for its database and log.

    Yields:
        The server. It may not listen yet; clients ask again until it does.
    """
    port = _free_port()
    secret = "an oolong of the second steep"
    log = folder / "turn.log"
    # Debian's settings are of no concern here, and the real ports belong to a real server.
    command = ["turnserver", "-n", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1"]
    command += [f"--listening-port={port}", "--realm=tea.example", "--fingerprint"]
    command += ["--use-auth-secret", f"--static-auth-secret={secret}", "--allow-loopback-peers"]
    command += ["--no-cli", "--no-tls", "--no-dtls", "--verbose", "--log-file=stdout"]
    command += [f"--userdb={folder / 'turn.db'}", f"--pidfile={folder / 'turn.pid'}"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield TurnServer(f"turn:127.0.0.1:{port}?transport=udp", secret, log)
        assert process.poll() is None, log.read_text(errors="replace")
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

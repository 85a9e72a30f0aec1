"""Somebody outside the house, who notes whatever reaches them by TCP or UDP."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class ThirdParty:
    """Where they listen, and what came."""

    address: str
    heard: list[bytes] = field(default_factory=list)
    has_heard: threading.Event = field(default_factory=threading.Event)

    def note(self, said: bytes) -> None:
        """Keep what came."""
        self.heard.append(said)
        self.has_heard.set()


@contextmanager
def third_party() -> Iterator[ThirdParty]:
    """Listen by both on one port, until the end."""
    with socket.create_server(("127.0.0.1", 0)) as tcp:
        port = tcp.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", port))
            found = ThirdParty(f"127.0.0.1:{port}")
            for listen in (_accept, _receive):
                threading.Thread(
                    target=listen, args=(tcp if listen is _accept else udp, found), daemon=True
                ).start()
            yield found


def _accept(tcp: socket.socket, party: ThirdParty) -> None:
    while True:
        try:
            peer, _ = tcp.accept()
        except OSError:
            return
        party.note(b"tcp")
        with peer:
            peer.sendall(_ANSWER)


def _receive(udp: socket.socket, party: ThirdParty) -> None:
    while True:
        try:
            party.note(udp.recv(2048))
        except OSError:
            return

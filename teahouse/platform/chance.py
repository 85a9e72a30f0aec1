"""The one source of randomness, in two kinds: replayable, and secret."""

from __future__ import annotations

import random
import secrets
from base64 import urlsafe_b64encode
from typing import Protocol

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Entropy(Protocol):
    """Where random bytes come from."""

    def __call__(self, count: int, /) -> bytes:
        """Return `count` random bytes."""
        ...


class Secrets:
    """Values that nobody may guess.

    Args:
        entropy: the operating system's by default; a seeded one in simulations.
    """

    def __init__(self, entropy: Entropy = secrets.token_bytes) -> None:
        self._entropy = entropy

    def token_bytes(self, count: int) -> bytes:
        """Random bytes."""
        return self._entropy(count)

    def token(self, byte_count: int = 24) -> str:
        """A URL-safe text carrying `byte_count` random bytes."""
        return urlsafe_b64encode(self._entropy(byte_count)).rstrip(b"=").decode()

    def letters(self, count: int, alphabet: str = _LETTERS) -> str:
        """Random letters, each equally likely.

        Bytes that would favour some letters are thrown away (rejection sampling).
        """
        fair_limit = 256 - 256 % len(alphabet)
        letters: list[str] = []
        while len(letters) < count:
            fair = (byte for byte in self._entropy(count) if byte < fair_limit)
            letters.extend(alphabet[byte % len(alphabet)] for byte in fair)
        return "".join(letters[:count])


class Chance:
    """Randomness handed to commands.

    Attributes:
        games: replayable by its seed (shuffles, jitter, sampling).
        secrets: unguessable (tokens, passwords, identifiers that grant access).
    """

    def __init__(self, seed: int | None = None) -> None:
        self.games = random.Random(seed)
        self.secrets = Secrets() if seed is None else Secrets(random.Random(seed).randbytes)

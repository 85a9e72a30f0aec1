"""Who signs for this house."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from teahouse.platform.chance import Chance
from teahouse.privacy.checkpoints.rules import (
    Checkpoint,
    encode_verifier_key,
    sign_checkpoint,
    sign_statement,
)

_SEED_BYTES = 32


class LogKey:
    """The key that signs the log's checkpoints, and what the log is called.

    Args:
        origin: `<server name>/looks`; part of all that is signed.
        seed: 32 secret bytes.
    """

    def __init__(self, origin: str, seed: bytes) -> None:
        self.origin = origin
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def verifier_key(self) -> str:
        """The public half, as tools take it."""
        return encode_verifier_key(self.origin, self._key.public_key())

    def sign(self, size: int, root: bytes) -> str:
        """A signed checkpoint of the log at some size."""
        return sign_checkpoint(Checkpoint(self.origin, size, root), self._key)

    def sign_statement(self, text: str) -> str:
        """A signed text that is no checkpoint; its lines as `rules.sign_statement` wants them."""
        return sign_statement(text, origin=self.origin, key=self._key)


def load_log_key(file: Path, *, server_name: str, chance: Chance) -> LogKey:
    """The key kept in `file`; a new one where there is none."""
    return LogKey(f"{server_name}/looks", load_seed(file, chance))


def load_seed(file: Path, chance: Chance) -> bytes:
    """The 32 secret bytes of an Ed25519 key, kept in `file`; new ones where there is none."""
    if not file.exists():
        _create(file, chance.secrets.token_bytes(_SEED_BYTES))
    return file.read_bytes()


def _create(file: Path, seed: bytes) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}.draft")
    draft.touch(mode=0o600)
    draft.write_bytes(seed)
    try:
        # Whoever comes second keeps the first key; a crash leaves no half one.
        file.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

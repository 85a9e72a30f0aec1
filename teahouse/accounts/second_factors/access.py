"""Seals the secrets of second factors, so that a copy of the database alone opens nothing."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from teahouse.platform.chance import Chance

KEY_BYTES = 32
NONCE_BYTES = 12
# Stands before each mark: so it is longer than the bare digests that were kept before.
_MARKED = b"\x01"
MARK_BYTES = 33


class Seal:
    """Seals and opens small secrets under a key that is kept beside the database.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = ChaCha20Poly1305(key)
        # A key of its own for each use.
        self._marking_key = hmac.digest(key, b"teahouse recovery codes", hashlib.sha256)

    def seal(self, secret: str, *, owner: str, nonce: bytes) -> bytes:
        """Encrypt a secret; only with the same owner can it be opened."""
        return nonce + self._cipher.encrypt(nonce, secret.encode(), owner.encode())

    def open(self, sealed: bytes, *, owner: str) -> str:
        """Decrypt a secret.

        Raises:
            cryptography.exceptions.InvalidTag: another key or owner, or it was changed.
        """
        nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        return self._cipher.decrypt(nonce, text, owner.encode()).decode()

    def mark(self, digest: bytes) -> bytes:
        """What to keep of a digest, so that guesses can't be tried without the key."""
        return _MARKED + hmac.digest(self._marking_key, digest, hashlib.sha256)


def load_seal(file: Path, chance: Chance) -> Seal:
    """The seal whose key is kept in `file`; a new one where there is none.

    Several servers of one house share the file.
    """
    if not file.exists():
        _create_key(file, chance.secrets.token_bytes(KEY_BYTES))
    return Seal(file.read_bytes())


def _create_key(file: Path, key: bytes) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Linked into place when complete, so that a crash leaves no half key, and whoever comes
    # second keeps the first key.
    draft = file.with_name(f"{file.name}.{os.getpid()}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as output:
        output.write(key)
        output.flush()
        os.fsync(descriptor)
    try:
        file.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

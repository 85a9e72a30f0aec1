"""Files that are sealed under a key of their own, piece by piece.

None is ever whole in memory.

Whoever destroys the key has destroyed the file and every copy of it. A piece that is missing, in
another place or changed is noticed, and so is a missing end.

Source: AES-GCM (NIST SP 800-38D); pieces and their order as in STREAM (Hoang, Reyhanitabar,
Rogaway, Vizár 2015): the nonce counts, and the last piece says that it is the last.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
PIECE_BYTES: Final = 262_144
_TAG_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_MORE, _LAST = b"more", b"last"


class SealBroken(Exception):
    """A sealed file that is not what was sealed: a fault of the store, or another key."""


async def seal(content: AsyncIterable[bytes], key: bytes) -> AsyncIterator[bytes]:
    """Seal a file.

    Args:
        content: in pieces of any size.
        key: `KEY_BYTES` bytes, used for no other file.
    """
    cipher, number, waiting = AESGCM(key), 0, bytearray()
    async for chunk in content:
        waiting += chunk
        # The last piece is never empty but in an empty file, so one more byte must be there.
        while len(waiting) > PIECE_BYTES:
            yield cipher.encrypt(_nonce(number), bytes(waiting[:PIECE_BYTES]), _MORE)
            del waiting[:PIECE_BYTES]
            number += 1
    yield cipher.encrypt(_nonce(number), bytes(waiting), _LAST)


async def unseal(content: AsyncIterable[bytes], key: bytes) -> AsyncIterator[bytes]:
    """Open a sealed file.

    Args:
        content: in pieces of any size.
        key: under which it was sealed.

    Raises:
        SealBroken: it was changed or cut, or sealed under another key.
    """
    cipher, number, waiting = AESGCM(key), 0, bytearray()
    sealed_bytes = PIECE_BYTES + _TAG_BYTES
    try:
        async for chunk in content:
            waiting += chunk
            while len(waiting) > sealed_bytes:
                yield cipher.decrypt(_nonce(number), bytes(waiting[:sealed_bytes]), _MORE)
                del waiting[:sealed_bytes]
                number += 1
        yield cipher.decrypt(_nonce(number), bytes(waiting), _LAST)
    except InvalidTag as trouble:
        raise SealBroken from trouble


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE_BYTES, "big")

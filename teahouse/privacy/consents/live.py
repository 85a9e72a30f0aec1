"""Who signs receipts of this house."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from teahouse.platform.services import Services
from teahouse.privacy.checkpoints.live import load_seed

KEY_FILE = "privacy-receipts.key"


class ReceiptSigner:
    """The key that signs receipts.

    Args:
        seed: 32 secret bytes.
    """

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public_key(self) -> bytes:
        """The public half, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, text: str) -> bytes:
        """The signature of a canonical receipt, 64 bytes."""
        return self._key.sign(text.encode())


def install_consents(services: Services) -> None:
    """Join the consents to a server."""
    file = services.settings.data_dir / "keys" / KEY_FILE
    services.put(ReceiptSigner(load_seed(file, services.chance)))

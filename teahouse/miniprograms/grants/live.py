"""Who signs what programs are told of payments."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from teahouse import privacy
from teahouse.miniprograms.grants.types import PaymentResult, PublicKey, SignedResult
from teahouse.platform.chance import Chance
from teahouse.platform.json import encode_json
from teahouse.platform.settings import Settings

KEY_FILE: Final = "miniprogram-results.key"
_KEY_ID_LETTERS: Final = 16


class ResultSigner:
    """The key that signs results of payments.

    Args:
        seed: 32 secret bytes.
    """

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._key.public_key().public_bytes_raw()
        key_id = hashlib.sha256(public).hexdigest()[:_KEY_ID_LETTERS]
        self.public_key = PublicKey(kid=key_id, x=_encode(public))

    def sign(self, result: PaymentResult) -> SignedResult:
        """A result, signed."""
        head = {"alg": "EdDSA", "kid": self.public_key.kid, "typ": "teahouse-payment+jwt"}
        signed = f"{_encode(encode_json(head))}.{_encode(encode_json(result))}"
        return SignedResult(result, f"{signed}.{_encode(self._key.sign(signed.encode()))}")


def load_signer(settings: Settings, chance: Chance) -> ResultSigner:
    """The signer whose key is in the data folder; a new key where there is none."""
    file: Path = settings.data_dir / "keys" / KEY_FILE
    return ResultSigner(privacy.load_seed(file, chance))


def _encode(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()

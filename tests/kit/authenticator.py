"""A passkey authenticator in software: what a phone does when asked to make or use a passkey.

Source: W3C Web Authentication, sections 6.1 (authenticator data) and 6.5 (attestation "none").
"""

import base64
import hashlib
import json
import struct
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_USER_PRESENT, _USER_VERIFIED, _HAS_CREDENTIAL = 0x01, 0x04, 0x40


class SoftwareAuthenticator:
    """Holds one P-256 key for one site.

    Args:
        origin: where the web client claims to be served.
        credential_id: the authenticator's id for the passkey.
    """

    def __init__(self, origin: str, credential_id: bytes = b"credential-1") -> None:
        self.origin = origin
        self.credential_id = credential_id
        self.verifies_user = True
        self.sign_count = 0
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, public_key: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.create`, as `toJSON()` of the answer."""
        client_data = self._client_data("webauthn.create", public_key["challenge"])
        length = struct.pack(">H", len(self.credential_id))
        credential = bytes(16) + length + self.credential_id + self._cose_key()
        auth_data = self._auth_data(public_key["rp"]["id"], _HAS_CREDENTIAL) + credential
        attestation = _cbor({"fmt": "none", "attStmt": {}, "authData": auth_data})
        return self._answer(
            {"clientDataJSON": _encode(client_data), "attestationObject": _encode(attestation)}
        )

    def get(self, public_key: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.get`, as `toJSON()` of the answer."""
        client_data = self._client_data("webauthn.get", public_key["challenge"])
        auth_data = self._auth_data(public_key["rpId"], 0)
        signed = auth_data + hashlib.sha256(client_data).digest()
        signature = self._key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": _encode(client_data),
                "authenticatorData": _encode(auth_data),
                "signature": _encode(signature),
                "userHandle": None,
            }
        )

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        credential_id = _encode(self.credential_id)
        return {
            "id": credential_id,
            "rawId": credential_id,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }

    def _client_data(self, kind: str, challenge: str) -> bytes:
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(data).encode()

    def _auth_data(self, domain: str, flags: int) -> bytes:
        self.sign_count += 1
        flags |= _USER_PRESENT | (_USER_VERIFIED if self.verifies_user else 0)
        return hashlib.sha256(domain.encode()).digest() + struct.pack(">BI", flags, self.sign_count)

    def _cose_key(self) -> bytes:
        numbers = self._key.public_key().public_numbers()
        # RFC 9053, section 7.1.1: key type EC2, ES256, P-256, x, y.
        key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        return _cbor(key)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _cbor(value: Any) -> bytes:
    """The little of CBOR (RFC 8949) that is needed here."""
    match value:
        case int() if value >= 0:
            return _head(0, value)
        case int():
            return _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case dict():
            pairs = b"".join(_cbor(name) + _cbor(held) for name, held in value.items())
            return _head(5, len(value)) + pairs
        case _:
            raise AssertionError(value)


def _head(kind: int, number: int) -> bytes:
    first = kind << 5
    if number < 24:
        return bytes([first | number])
    if number < 256:
        return bytes([first | 24, number])
    return bytes([first | 25]) + struct.pack(">H", number)

"""Devices and identities with real keys, as clients make them."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from vodozemac import Account

from teahouse import accounts
from teahouse.accounts import DeviceWish, NewMember
from teahouse.chat.events.rules import encode_canonical
from teahouse.chat.events.types import encode_base64
from teahouse.chat.keys.types import CrossSigningUpload, KeysUpload
from teahouse.platform.db import Database
from teahouse.platform.requester import Requester

ADA, BEN, CLEO = "@ada:tea", "@ben:tea", "@cleo:tea"


def register(db: Database, user_id: str, device_id: str, name: str | None = None) -> Requester:
    """Make a member with one device."""
    wish = DeviceWish(device_id=device_id, display_name=name)
    db.run(accounts.register_member, NewMember(user_id=user_id, device=wish))
    return Requester(user_id=user_id, device_id=device_id)


class Phone:
    """A device with its Olm account."""

    def __init__(self, user_id: str, device_id: str) -> None:
        self.user_id = user_id
        self.device_id = device_id
        self.account = Account()

    def sign(self, value: dict[str, Any]) -> dict[str, Any]:
        """The object with this device's signature added."""
        signature = self.account.sign(_signable(value)).to_base64()
        return _with_signature(value, self.user_id, f"ed25519:{self.device_id}", signature)

    def identity(self) -> dict[str, Any]:
        """Signed device keys."""
        keys = {
            f"curve25519:{self.device_id}": self.account.curve25519_key.to_base64(),
            f"ed25519:{self.device_id}": self.account.ed25519_key.to_base64(),
        }
        return self.sign(
            {
                "user_id": self.user_id,
                "device_id": self.device_id,
                "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
                "keys": keys,
            }
        )

    def one_time_keys(self, count: int) -> dict[str, Any]:
        """New signed one-time keys."""
        self.account.generate_one_time_keys(count)
        found = {
            f"signed_curve25519:{key_id}": self.sign({"key": key.to_base64()})
            for key_id, key in self.account.one_time_keys.items()
        }
        self.account.mark_keys_as_published()
        return found

    def fallback_key(self) -> dict[str, Any]:
        """A new signed fallback key."""
        # The library's type stubs do not know fallback keys yet.
        account: Any = self.account
        account.generate_fallback_key()
        found = {
            f"signed_curve25519:{key_id}": self.sign({"key": key.to_base64(), "fallback": True})
            for key_id, key in account.fallback_key.items()
        }
        account.mark_keys_as_published()
        return found

    def upload(self, count: int = 0, *, fallback: bool = False) -> KeysUpload:
        """What a new device uploads first."""
        return KeysUpload(
            device_keys=self.identity(),
            one_time_keys=self.one_time_keys(count) if count else None,
            fallback_keys=self.fallback_key() if fallback else None,
        )


class SigningKey:
    """One key of a cross-signing identity."""

    def __init__(self, user_id: str, usage: str) -> None:
        self.user_id = user_id
        self.usage = usage
        self.private = Ed25519PrivateKey.generate()
        self.public = encode_base64(self.private.public_key().public_bytes_raw())
        self.key_id = f"ed25519:{self.public}"

    def sign(self, value: dict[str, Any]) -> dict[str, Any]:
        """The object with this key's signature added."""
        signature = encode_base64(self.private.sign(_signable(value)))
        return _with_signature(value, self.user_id, self.key_id, signature)

    def to_json(self) -> dict[str, Any]:
        """The public key."""
        return {
            "user_id": self.user_id,
            "usage": [self.usage],
            "keys": {self.key_id: self.public},
        }


class Identity:
    """The three cross-signing keys of a member."""

    def __init__(self, user_id: str) -> None:
        self.master = SigningKey(user_id, "master")
        self.self_signing = SigningKey(user_id, "self_signing")
        self.user_signing = SigningKey(user_id, "user_signing")

    def upload(self) -> CrossSigningUpload:
        """All three, signed by the master key."""
        return CrossSigningUpload(
            master_key=self.master.to_json(),
            self_signing_key=self.master.sign(self.self_signing.to_json()),
            user_signing_key=self.master.sign(self.user_signing.to_json()),
        )


def _signable(value: dict[str, Any]) -> bytes:
    return encode_canonical(
        {name: item for name, item in value.items() if name not in {"signatures", "unsigned"}}
    )


def _with_signature(
    value: dict[str, Any], user_id: str, key_id: str, signature: str
) -> dict[str, Any]:
    signatures = dict(value.get("signatures", {}))
    signatures[user_id] = {**signatures.get(user_id, {}), key_id: signature}
    return {**value, "signatures": signatures}

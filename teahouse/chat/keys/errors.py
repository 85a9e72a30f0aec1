"""What keys refuse.

Refusal
├── NoDevice              the requester acts without a device
├── KeysOfAnother         device keys that name another member or device
├── OneTimeKeyExists      another one-time key has this id
├── TooManyKeys           more keys than one device may store
├── MissingMasterKey      cross-signing keys without a master key to sign them
├── InvalidSignature      a signature that does not verify
├── KeyIdInUse            a cross-signing key named like one of the member's devices
├── KeyMismatch           a signature for a key that is not the stored one
├── KeyNotFound           a signature for a key that is not there
└── ReplacementUnconfirmed   keys would be replaced without the member's consent
"""

from __future__ import annotations

from teahouse.platform.errors import Forbidden, InvalidParam, MissingParam, NotFound, Refusal


class NoDevice(Refusal):
    """The requester acts without a device."""

    code, errcode = "no-device", "M_MISSING_PARAM"
    message = "Keys belong to a device: this access token has none."


class KeysOfAnother(InvalidParam):
    """Device keys that name another member or device."""

    code = "keys-of-another"
    message = "`user_id` and `device_id` of the device keys must be those of this login."


class OneTimeKeyExists(InvalidParam):
    """Another one-time key has this id."""

    code = "one-time-key-exists"
    message = "Another one-time key was uploaded under this id."


class TooManyKeys(InvalidParam):
    """More keys than one device may store."""

    code = "too-many-keys"
    message = "Too many keys."


class MissingMasterKey(MissingParam):
    """Cross-signing keys without a master key to sign them."""

    code = "missing-master-key"
    message = "There is no master key, and the request brings none."


class InvalidSignature(Refusal):
    """A signature that does not verify."""

    code, errcode = "invalid-signature", "M_INVALID_SIGNATURE"
    message = "The signature is not valid."


class KeyIdInUse(Forbidden):
    """A cross-signing key named like one of the member's devices."""

    code = "key-id-in-use"
    message = "The public key is also the id of one of your devices."


class KeyMismatch(InvalidParam):
    """A signature for a key that is not the stored one."""

    code = "key-mismatch"
    message = "The signed key differs from the one stored here."


class KeyNotFound(NotFound):
    """A signature for a key that is not there."""

    code = "key-not-found"
    message = "There is no such key to sign."


class ReplacementUnconfirmed(Forbidden):
    """Keys would be replaced without the member's consent.

    Only when another request changed the keys in between: asking again asks for consent.
    """

    code = "replacement-unconfirmed"
    message = "The cross-signing keys changed meanwhile: send the request again."

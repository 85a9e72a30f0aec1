"""Nouns of confirmations."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from teahouse.platform.money import Money
from teahouse.platform.requester import Requester
from teahouse.wallet.parties.types import PartyId

# What a member can prove themself with, freshly and for one payment.
Factor: TypeAlias = Literal["password", "totp", "passkey"]
FACTORS: tuple[Factor, ...] = ("password", "totp", "passkey")

# What a member may confirm: kinds of payments, and consents that are none.
ConfirmableKind: TypeAlias = Literal[
    "transfer",
    "request_paid",
    "split_paid",
    "red_packet",
    "purchase",
    "tip",
    "withdrawal",
    "mandate",
    "unfreeze",
]
_Reference = Annotated[str, msgspec.Meta(max_length=64)]


class Authority(msgspec.Struct, frozen=True):
    """Who asks for a payment, and with what proof.

    Attributes:
        requester: the signed-in member.
        confirmation: the id of a confirmation of this very payment, if they made one.
    """

    requester: Requester
    confirmation: str | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What exactly is confirmed. Change any of it, and the confirmation is worth nothing.

    Attributes:
        kind: what it is.
        payee_party: to whom; None: the house, or nobody.
        amount: how much; None where no amount belongs to it.
        reference: the id of the charge, mandate or outside account, where it has one.

    Source:
        Commission Delegated Regulation (EU) 2018/389, article 5 (dynamic linking).
    """

    kind: str
    payee_party: PartyId | None
    amount: Money | None
    reference: str = ""


class Payee(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To whom: a member by their id, or anybody by their party. Exactly one of the two."""

    user_id: Annotated[str, msgspec.Meta(min_length=1, max_length=255)] | None = None
    party: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None


class NewConfirmation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member is about to confirm.

    Attributes:
        kind: what it is.
        payee: to whom; left out for red packets, withdrawals and unfreezing.
        amount: how much; left out for unfreezing.
        reference: the id of the charge, mandate or outside account, where it has one.
    """

    kind: ConfirmableKind
    payee: Payee | None = None
    amount: Money | None = None
    reference: _Reference = ""


class Proof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One proof: the factor, and what belongs to it.

    Attributes:
        factor: which.
        password: the password.
        code: a one-time code.
        credential: what the passkey answered, as JSON (WebAuthn).
    """

    factor: Factor
    password: Annotated[str, msgspec.Meta(max_length=1024)] | None = None
    code: Annotated[str, msgspec.Meta(max_length=32)] | None = None
    credential: dict[str, Any] | None = None


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """A confirmation as it is kept.

    Attributes:
        confirmation_id: its id.
        party: whose.
        device_id: on which device it was begun; only there it can be used.
        facts: what is confirmed.
        nonce: makes the challenge of each confirmation another.
        factors: proven so far.
        attempts: how many proofs were tried.
        expires_at: milliseconds since the epoch.
        used_at: when a payment used it up.
    """

    confirmation_id: str
    party: PartyId
    device_id: str | None
    facts: Facts
    nonce: bytes
    factors: tuple[Factor, ...]
    attempts: int
    expires_at: int
    used_at: int | None


class ConfirmationView(msgspec.Struct, frozen=True, kw_only=True):
    """A confirmation as its member sees it.

    Attributes:
        confirmation_id: to be sent with the payment, as `confirmation`.
        expires_at: milliseconds since the epoch.
        kind: what is confirmed.
        amount: how much.
        payee: to whom: a party.
        reference: of what.
        summary: what the member agrees to, by language: to be shown before they prove.
        confirmed: the factors proven so far.
        offered: the factors the member has.
        tries_left: how many more proofs may be tried.
        public_key: what a browser needs to sign with a passkey, whose challenge is made of the
            facts; None where the member has no passkey.
    """

    confirmation_id: str
    expires_at: int
    kind: str
    amount: Money | None
    payee: PartyId | None
    reference: str
    summary: dict[str, str]
    confirmed: list[Factor]
    offered: list[Factor]
    tries_left: int
    public_key: dict[str, Any] | None = None

"""The nouns of grants: an answer of a member's, who they are to a program, a signed result."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from teahouse.miniprograms.registry.types import Permission
from teahouse.platform.money import Money

_Room = Annotated[str, msgspec.Meta(max_length=255, examples=["!abc:tea.example"])]


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member's answer to one question of one program.

    Attributes:
        permission: what was asked for.
        is_allowed: what they said.
        room_id: in which chat, for the permission `room`; empty for the others.
    """

    permission: Permission
    is_allowed: bool
    room_id: _Room = ""


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as it is kept.

    Attributes:
        program_id: who asked.
        permission, is_allowed, room_id: as of `Decision`.
        decided_at: milliseconds.
    """

    program_id: str
    permission: Permission
    is_allowed: bool
    room_id: str
    decided_at: int


class Whoami(msgspec.Struct, frozen=True, kw_only=True):
    """Who a member is to one program.

    Attributes:
        id: of this member for this program alone: no other program, and no other member, can tell
            whose it is. It ends when the member takes back what they allowed.
        display_name: as others see it.
    """

    id: Annotated[str, msgspec.Meta(examples=["mpu_q2Jk0bX6mG1vN8sYtR4cLw"])]
    display_name: Annotated[str, msgspec.Meta(examples=["Lin 林"])]


class ResultWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of which payment a program is told.

    Attributes:
        payment_id: one that the requester made.
    """

    payment_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


PaidKind: TypeAlias = Literal["charge", "transfer"]


class PaymentResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a payment that a program asked for: the claims that are signed.

    Attributes:
        iss: the house's server name.
        aud: the program it is for.
        iat: seconds since 1970; when it was so.
        kind: a purchase at a shop, or money for a member.
        payment_id: the payment.
        status: `completed`, or `pending` until the payee accepts, and so on.
        amount: what was paid.
        charge_id: the charge that was paid; of a purchase.
        shop_id: whose it is; of a purchase.
        reference: the shop's own number; of a purchase.
    """

    iss: str
    aud: str
    iat: int
    kind: PaidKind
    payment_id: str
    status: str
    amount: Money
    charge_id: str | None = None
    shop_id: str | None = None
    reference: str | None = None


class SignedResult(msgspec.Struct, frozen=True):
    """A result, and the same signed.

    Attributes:
        result: the claims.
        jws: them as a JSON Web Signature in compact form (RFC 7515), by Ed25519 (RFC 8037).
    """

    result: PaymentResult
    jws: str


class PublicKey(msgspec.Struct, frozen=True, kw_only=True):
    """The key that results are verified with, as a JSON Web Key (RFC 8037).

    Attributes:
        kty, crv, alg, use: what kind of key.
        kid: named in the head of what it signs.
        x: the public half, base64url.
    """

    kid: str
    x: str
    kty: str = "OKP"
    crv: str = "Ed25519"
    alg: str = "EdDSA"
    use: str = "sig"

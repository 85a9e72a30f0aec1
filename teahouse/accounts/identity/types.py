"""Nouns of identity."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

# Kinds of sources outside the house that can confirm who somebody is.
CheckKind: TypeAlias = Literal[
    "id_card_registry",
    "passport_registry",
    "bank_account",
    "phone_operator",
    "tax_register",
    "social_insurance",
    "residence_register",
    "credit_register",
    "education_register",
    "face_to_face",
]
# From nothing confirmed to fully confirmed.
Tier: TypeAlias = Literal["none", "I", "II", "III"]
TIERS: tuple[Tier, ...] = ("none", "I", "II", "III")

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class IdentityCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody outside the house confirmed who a member is.

    Attributes:
        check_id: our id for it.
        kind: what kind of source.
        provider: which source: the register, the bank, the office.
        confirmed_at: milliseconds since the epoch.
        expires_at: when it no longer counts; None: it does not expire.
        revoked_at: when it was taken back; None: it was not.
    """

    check_id: str
    kind: CheckKind
    provider: str
    confirmed_at: int
    expires_at: int | None = None
    revoked_at: int | None = None


class NewCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an officer records of a check.

    Attributes:
        kind: what kind of source.
        provider: which source.
        evidence: where the proof is: a file number, a reference of the source. Kept sealed.
        expires_at: when it no longer counts, milliseconds since the epoch.
    """

    kind: CheckKind
    provider: _Name
    evidence: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    expires_at: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member says of themself, for one provider to confirm. It is passed on, never kept.

    Attributes:
        provider: the provider's name.
        kind: what it shall confirm.
        full_name: as in the document.
        number: of the document, the outside account or the phone.
        born_on: `YYYY-MM-DD`, where the provider asks for it.
    """

    provider: _Name
    kind: CheckKind
    full_name: _Name
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    born_on: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None = None


class Revocation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a check is taken back."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class Step(msgspec.Struct, frozen=True):
    """What would raise a member's tier.

    Attributes:
        tier: the tier it leads to.
        checks_missing: how many more sources must confirm.
        face_to_face: whether showing oneself at the counter does it as well.
        en: in English.
        zh: in Chinese.
    """

    tier: Tier
    checks_missing: int
    face_to_face: bool
    en: str
    zh: str


class Identity(msgspec.Struct, frozen=True):
    """How well a member is known.

    Attributes:
        tier: follows from the checks that count now.
        checks: all of them, the oldest first.
        steps: what raises the tier, the nearest first.
    """

    tier: Tier
    checks: list[IdentityCheck]
    steps: list[Step]

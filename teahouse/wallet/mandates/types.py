"""Mandates and the charges made by them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, NewType, TypeAlias

import msgspec
from msgspec import Meta

from teahouse.platform.money import Money

MandateId = NewType("MandateId", str)
ChargeId = NewType("ChargeId", str)

# How often charges come; irregular ones come when the payee says.
Period: TypeAlias = Literal["week", "month", "year", "irregular"]
# Asked for; in force; refused by the payer, or not answered in time; ended early by either side;
# past its last day.
MandateStatus: TypeAlias = Literal["proposed", "active", "declined", "cancelled", "ended"]
# Waits for its day; could not be collected yet; paid; given up; taken back before its day.
ChargeStatus: TypeAlias = Literal["announced", "retrying", "paid", "failed", "cancelled"]
# Who ended it.
Side: TypeAlias = Literal["payer", "payee", "house"]

# The type of the to-device message that tells a payer what happens to their mandates.
NOTICE = "org.teahouse.mandate"
DESCRIPTION_LENGTH_MAX = 140
REFERENCE_LENGTH_MAX = 64
NOTICE_DAYS_MAX = 30


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a payer consents to.

    Attributes:
        charge_max: the most of one charge.
        period: how often charges come.
        period_max: the most of all charges of one period; None: of irregular ones, or as much as
            one charge.
        amount: what is charged at the beginning of each period by itself; None: the payee asks
            for each charge.
        start_on: the first day a charge may fall due, and where periods are counted from (UTC).
        end_on: the last day a charge may fall due; None: until somebody ends it.
        notice_days: how many days before each charge the payer is told of it.
        description_en: what it is for, in English.
        description_zh: the same in Chinese; empty: only in English.
    """

    charge_max: Money
    period: Annotated[Period, Meta(examples=["month"])]
    period_max: Money | None = None
    amount: Money | None = None
    start_on: Annotated[date, Meta(examples=["2026-12-01"])]
    end_on: date | None = None
    notice_days: Annotated[int, Meta(examples=[3])] = 0
    description_en: Annotated[
        str, Meta(max_length=DESCRIPTION_LENGTH_MAX, examples=["Cinema, monthly"])
    ]
    description_zh: Annotated[
        str, Meta(max_length=DESCRIPTION_LENGTH_MAX, examples=["影院月票"])
    ] = ""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A mandate that a payee asks for.

    Attributes:
        payee: the wallet that is paid, or the name of a house account.
        payee_party: the party of a payee that is a shop; None: the house.
        payee_name: as the payer is told it.
        payer: the party asked; None: whoever accepts the proposal.
        key: the payee's own; one mandate each.
        terms: what the payer is asked to consent to.
    """

    payee: str
    payee_party: str | None
    payee_name: str
    payer: str | None
    key: str
    terms: Terms


class Mandate(msgspec.Struct, frozen=True, kw_only=True):
    """A mandate.

    Attributes:
        mandate_id: its id.
        payer: the party who is charged; None: whoever accepts the proposal.
        payee: the wallet or house account that is paid.
        payee_party: the party of a payee that is a shop; None: the house.
        payee_name: as the payer was told it.
        key: the payee's own; one mandate each.
        terms: what the payer consented to.
        status: whether it is in force.
        created_at: milliseconds.
        accepted_at: when the payer consented.
        ended_at: when it was declined, cancelled or ran out.
        ended_by: by whom, where somebody ended it early.
    """

    mandate_id: MandateId
    payer: str | None
    payee: str
    payee_party: str | None
    payee_name: str
    key: str
    terms: Terms
    status: MandateStatus
    created_at: int
    accepted_at: int | None
    ended_at: int | None
    ended_by: Side | None


class NewCharge(msgspec.Struct, frozen=True, kw_only=True):
    """A charge to be kept; the attributes are those of `Charge`."""

    amount: Money
    key: str
    reference: str
    due_at: int
    due_on: date
    is_planned: bool = False


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """One charge by a mandate.

    Attributes:
        charge_id: its id.
        mandate_id: by which mandate.
        key: the payee's own; one charge each.
        amount: what is charged.
        reference: the payee's words for it, such as an invoice's number.
        due_on: its day; says to which period it belongs.
        due_at: when it is collected, or tried again; milliseconds.
        period_index: which period it counts in.
        is_planned: whether it comes by itself.
        status: what became of it.
        noticed_at: when the payer was told; None: not yet, or no notice was agreed.
        attempt_count: how often collecting it was tried.
        refusal: the code of the last refusal, such as `insufficient-funds`.
        payment_id: the payment, once paid.
        created_at: milliseconds.
        settled_at: when it was paid, given up or cancelled.
    """

    charge_id: ChargeId
    mandate_id: MandateId
    key: str
    amount: Money
    reference: str
    due_on: date
    due_at: int
    period_index: int
    is_planned: bool
    status: ChargeStatus
    noticed_at: int | None
    attempt_count: int
    refusal: str
    payment_id: str | None
    created_at: int
    settled_at: int | None


# On the API


class MandateView(msgspec.Struct, frozen=True, kw_only=True):
    """A mandate as its payer and its payee see it.

    Attributes:
        mandate_id: its id.
        payee: the name of who may charge.
        terms: what was consented to.
        status: `proposed`, `active`, `declined`, `cancelled` or `ended`.
        created_at: milliseconds.
        answer_until: until when a proposal can be accepted, milliseconds.
        accepted_at: when the payer consented.
        ended_at: when it was declined, cancelled or ran out.
        ended_by: who ended it early.
        next_charge: the next one that is announced or tried again.
        confirm: what the payer's confirmation must be bound to: of a proposal.
    """

    mandate_id: Annotated[MandateId, Meta(examples=["mdt_06o1m5vq8000e5j0c4m9o3aq"])]
    payee: Annotated[str, Meta(examples=["Morning Dew Teas"])]
    terms: Terms
    status: MandateStatus
    created_at: int
    answer_until: int | None
    accepted_at: int | None
    ended_at: int | None
    ended_by: Side | None
    next_charge: Charge | None
    confirm: ConsentFacts | None


class ConsentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What to send to `/api/v1/wallet/confirmations` before one accepts.

    Attributes:
        kind: `mandate`.
        payee_party: the payee's party; None for the house.
        amount: the most of one period, or of one irregular charge.
        reference: the mandate's id.
    """

    kind: Literal["mandate"]
    payee_party: str | None
    amount: Money
    reference: str


class AcceptBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Consent to a mandate.

    Attributes:
        confirmation: the id of a confirmation of just this mandate.
    """

    confirmation: Annotated[str, Meta(max_length=64)] | None = None


class ProposalBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mandate that a shop asks for.

    Attributes:
        terms: what the payer is asked to consent to.
        payer: the member asked; left out: whoever opens the proposal by its id.
        key: the shop's own, such as the number of a subscription; one mandate each.
    """

    terms: Terms
    payer: Annotated[str, Meta(max_length=255, examples=["@ada:teahouse.example"])] | None = None
    key: Annotated[str, Meta(min_length=1, max_length=64, examples=["subscription-1027"])]


class ChargeBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A charge that a shop asks for.

    Attributes:
        amount: what is charged.
        reference: the shop's words for it.
        key: the shop's own; one charge each.
        due_on: its day; left out: as soon as the notice allows.
    """

    amount: Money
    reference: Annotated[str, Meta(max_length=REFERENCE_LENGTH_MAX, examples=["2026-12"])] = ""
    key: Annotated[str, Meta(min_length=1, max_length=64, examples=["invoice-8812"])]
    due_on: date | None = None

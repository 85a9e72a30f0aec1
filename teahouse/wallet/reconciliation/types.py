"""Nouns of reconciliation."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, NewType, TypeAlias

import msgspec

from teahouse.platform.money import Currency, Money

StatementId = NewType("StatementId", str)
ItemId = NewType("ItemId", str)

# waiting: an earlier one has not come yet.
StatementStatus: TypeAlias = Literal["waiting", "reconciled", "refused"]
Match: TypeAlias = Literal["matched", "unmatched", "differs"]
# What needs a person: a line that nobody ordered; another amount than was ordered; an order that
# should have stood on a statement; what the bank told in contradiction to itself or us; a top-up
# that came back and was spent; money for a closed wallet; an opening balance that is not ours.
ItemKind: TypeAlias = Literal[
    "unmatched",
    "differs",
    "missing",
    "contradiction",
    "short_return",
    "unclaimed",
    "opening",
]
ItemStatus: TypeAlias = Literal["open", "proposed", "resolved"]
# to_wallet: it belongs to a member or shop; to_fees: it is ours to gain or lose; to_order: it is
# the order after all, and what differs is ours; nothing: explained without a posting.
Action: TypeAlias = Literal["to_wallet", "to_fees", "to_order", "nothing"]

_Note = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Finding(msgspec.Struct, frozen=True):
    """Something to be noted for staff.

    Attributes:
        kind: what is wrong.
        told: in words.
        amount: as for the house's account; None where there is none.
        is_aside: whether it stands in suspense.
    """

    kind: ItemKind
    told: str
    amount: Money | None = None
    is_aside: bool = False


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be decided about, by two of the staff.

    Attributes:
        item_id: opaque.
        kind: what is wrong.
        status: open, proposed (somebody wants it resolved in some way) or resolved.
        told: in words.
        amount: as for the house's account: below zero it went out; None where there is none.
        in_suspense: how much of it stands in the suspense account, signed in the same way.
        order_id: of which order; None where none is known.
        end_to_end_id: what the line named; may be empty.
        name: who is on the other side, as the bank says; may be empty.
        text: what they wrote; may be empty.
        booked_on: the bank's day; None where it is not of a line.
        noted_at: milliseconds since the epoch.
        action: what is proposed, or was done.
        wallet_user_id: whose wallet, of `to_wallet`.
        note: why.
        proposed_by: the first of the two; their member id.
        proposed_at: when.
        decided_by: the second.
        decided_at: when.
    """

    item_id: ItemId
    kind: ItemKind
    status: ItemStatus
    told: str
    amount: Money | None
    in_suspense: Money | None
    order_id: str | None
    end_to_end_id: str
    name: str
    text: str
    booked_on: dt.date | None
    noted_at: int
    action: Action | None
    wallet_user_id: str | None
    note: str
    proposed_by: str | None
    proposed_at: int | None
    decided_by: str | None
    decided_at: int | None


class Proposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an item shall be resolved.

    Attributes:
        action: what to do.
        user_id: whose wallet is credited, of `to_wallet`.
        note: why, for the books.
    """

    action: Action
    user_id: str | None = None
    note: _Note


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of the bank, as it was taken.

    Attributes:
        statement_id: opaque.
        bank_id: the bank's own id of it.
        sequence: its number; 0 where the bank gives none.
        currency: of the account.
        opened_on: the day of the opening balance.
        closed_on: the day of the closing balance.
        opening: booked balance before.
        closing: booked balance after.
        line_count: how many lines.
        matched_count: how many of them are what was ordered.
        status: waiting for an earlier one, reconciled, or refused.
        told: why it waits or was refused, in words.
        received_at: milliseconds since the epoch.
        reconciled_at: the same.
    """

    statement_id: StatementId
    bank_id: str
    sequence: int
    currency: Currency
    opened_on: dt.date
    closed_on: dt.date
    opening: Money
    closing: Money
    line_count: int
    matched_count: int
    status: StatementStatus
    told: str
    received_at: int
    reconciled_at: int | None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How bank and books stand to one another, in one currency.

    Attributes:
        currency: which.
        cash_in_books: what the books say the bank holds.
        cash_at_bank: the closing balance of the last statement; None before the first.
        reconciled_on: the day of that.
        top_ups_in_transit: credited to members, not yet on a statement.
        withdrawals_in_transit: taken from members, not yet on a statement.
        suspense: what waits to be explained.
        open_item_count: how many items are not resolved.
        waiting_statement_count: how many statements wait for an earlier one.
    """

    currency: Currency
    cash_in_books: Money
    cash_at_bank: Money | None
    reconciled_on: dt.date | None
    top_ups_in_transit: Money
    withdrawals_in_transit: Money
    suspense: Money
    open_item_count: int
    waiting_statement_count: int

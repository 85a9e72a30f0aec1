"""What the messages say, as frozen structs. Amounts are `Money`, instants UTC milliseconds."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal, TypeAlias

import msgspec

from teahouse.platform.money import Currency, Money

TRANSFERS: Final = "pain.001.001.09"
DEBITS: Final = "pain.008.001.08"
STATUS: Final = "pain.002.001.10"
NOTIFICATION: Final = "camt.054.001.08"
STATEMENT: Final = "camt.053.001.08"
NAME_REQUEST: Final = "acmt.023.001.04"
NAME_REPORT: Final = "acmt.024.001.04"

Kind: TypeAlias = Literal[
    "pain.001.001.09",
    "pain.008.001.08",
    "pain.002.001.10",
    "camt.054.001.08",
    "camt.053.001.08",
    "acmt.023.001.04",
    "acmt.024.001.04",
]

# What a bank takes in one file; more are split. Booked by us in one transaction each.
ITEMS_MAX = 5000


class AccountNumber(msgspec.Struct, frozen=True):
    """An account at a bank: by its IBAN, or by a number of the bank's own.

    Attributes:
        number: without spaces; an IBAN in capitals.
        is_iban: whether it is one.
    """

    number: str
    is_iban: bool


class Transfer(msgspec.Struct, frozen=True):
    """One order to pay.

    Attributes:
        end_to_end_id: the customer's own name for it; stays with it until the statement.
        amount: more than zero.
        name: who is paid.
        account: where.
        bank: the name of their bank; may be empty.
        text: what they read about it; at most 140 characters.
    """

    end_to_end_id: str
    amount: Money
    name: str
    account: AccountNumber
    bank: str = ""
    text: str = ""


class TransferFile(msgspec.Struct, frozen=True):
    """Orders to pay from one account, all in one currency (pain.001).

    Attributes:
        message_id: unique for ever between this customer and this bank.
        created_at: when it was written.
        execute_on: the day the bank shall act.
        name: the customer.
        account: which account pays.
        bic: the customer's bank; may be empty.
        transfers: at least one.
    """

    message_id: str
    created_at: int
    execute_on: date
    name: str
    account: AccountNumber
    transfers: tuple[Transfer, ...]
    bic: str = ""


class Debit(msgspec.Struct, frozen=True):
    """One order to collect, which the payer has allowed by a mandate.

    Attributes:
        end_to_end_id: as of a transfer.
        amount: more than zero.
        mandate_id: the payer's permission.
        signed_on: the day they gave it.
        name: the payer.
        account: their account.
        bank: the name of their bank; may be empty.
        text: what they read about it.
    """

    end_to_end_id: str
    amount: Money
    mandate_id: str
    signed_on: date
    name: str
    account: AccountNumber
    bank: str = ""
    text: str = ""


class DebitFile(msgspec.Struct, frozen=True):
    """Orders to collect into one account, all in one currency (pain.008).

    Attributes:
        message_id: as of a transfer file.
        created_at: when it was written.
        collect_on: the day the bank shall act.
        name: the customer who collects.
        account: which account is paid into.
        creditor_id: the customer's number among those who may collect; may be empty.
        debits: at least one.
        bic: the customer's bank; may be empty.
    """

    message_id: str
    created_at: int
    collect_on: date
    name: str
    account: AccountNumber
    creditor_id: str
    debits: tuple[Debit, ...]
    bic: str = ""


class TransactionStatus(msgspec.Struct, frozen=True):
    """What the bank decided about one order.

    Attributes:
        end_to_end_id: which.
        status: `ACCP`, `ACSP`, `ACSC`, `PDNG`, `RJCT` or another of the external code set.
        reason: why, where it was rejected: `AC04` and the like; may be empty.
        text: in words; may be empty.
    """

    end_to_end_id: str
    status: str
    reason: str = ""
    text: str = ""


class StatusReport(msgspec.Struct, frozen=True):
    """The bank's answer to a file of orders (pain.002).

    Attributes:
        message_id: of the answer.
        created_at: when it was written.
        original_id: the message id of the orders.
        original_kind: their kind, as they said it.
        group_status: of the whole file; empty where only single orders are told of.
        group_reason: why the whole was rejected; may be empty.
        group_text: the same in words.
        transactions: the orders that are told of one by one.
    """

    message_id: str
    created_at: int
    original_id: str
    original_kind: str
    group_status: str = ""
    group_reason: str = ""
    group_text: str = ""
    transactions: tuple[TransactionStatus, ...] = ()


class Entry(msgspec.Struct, frozen=True):
    """A line of a statement: an amount that came or went.

    Attributes:
        amount: more than zero came in, less than zero went out.
        booked_on: the bank's day.
        valued_on: from when it bears interest.
        bank_reference: the bank's own name for it; may be empty.
        end_to_end_id: of the order behind it; empty where nobody gave one.
        return_reason: set where an earlier payment comes back: `AC04` and the like.
        name: who is on the other side; may be empty.
        text: what they wrote; may be empty.
        code: the bank's code of what it is: domain, family, sub-family.
        creditor_reference: what the account's holder had given the payer to name (ISO 11649); may
            be empty.
    """

    amount: Money
    booked_on: date
    valued_on: date
    bank_reference: str = ""
    end_to_end_id: str = ""
    return_reason: str = ""
    name: str = ""
    text: str = ""
    code: tuple[str, str, str] = ("", "", "")
    creditor_reference: str = ""


class Notification(msgspec.Struct, frozen=True):
    """What was just booked on an account (camt.054).

    Attributes:
        message_id: of the message.
        created_at: when it was written.
        id: of the notification.
        account: which account.
        entries: what was booked.
    """

    message_id: str
    created_at: int
    id: str
    account: AccountNumber
    entries: tuple[Entry, ...]


class Statement(msgspec.Struct, frozen=True):
    """What an account held before and after a time, and every line between (camt.053).

    Attributes:
        message_id: of the message.
        created_at: when it was written.
        id: of the statement.
        sequence: its number among those of the account; 0 where the bank gives none.
        account: which account.
        currency: of the account.
        opened_on: the day of the opening balance.
        closed_on: the day of the closing balance.
        opening: booked balance before, minor units; less than zero: owed to the bank.
        closing: booked balance after.
        entries: all booked lines between.
    """

    message_id: str
    created_at: int
    id: str
    sequence: int
    account: AccountNumber
    currency: Currency
    opened_on: date
    closed_on: date
    opening: int
    closing: int
    entries: tuple[Entry, ...]


class NameQuestion(msgspec.Struct, frozen=True):
    """Whether an account's holder bears a name.

    Attributes:
        id: who asks calls it so.
        name: as the customer wrote it.
        account: whose holder is meant.
        currency: in which it is kept; may be empty.
        bank: the name of its bank; may be empty.
    """

    id: str
    name: str
    account: AccountNumber
    currency: str = ""
    bank: str = ""


class NameRequest(msgspec.Struct, frozen=True):
    """Questions about the holders of accounts (acmt.023).

    Attributes:
        message_id: as of a transfer file.
        created_at: when it was written.
        name: the customer.
        bic: the bank that is asked; may be empty.
        questions: at least one.
    """

    message_id: str
    created_at: int
    name: str
    bic: str
    questions: tuple[NameQuestion, ...]


class NameAnswer(msgspec.Struct, frozen=True):
    """What the bank says to a question.

    Attributes:
        question_id: which.
        result: `MTCH` it is the name, `CMTC` nearly, `NMTC` it is not, `NOAP` it cannot tell; or
            why not: `AC01` and the like.
        name: as the bank has it, where it tells.
    """

    question_id: str
    result: str
    name: str = ""


class NameReport(msgspec.Struct, frozen=True):
    """The bank's answers to questions about holders (acmt.024).

    Attributes:
        message_id: of the answer.
        created_at: when it was written.
        name: the customer who had asked.
        original_id: the message id of the questions; may be empty.
        original_at: when those were written; 0 where that is not said.
        answers: one for each question.
    """

    message_id: str
    created_at: int
    name: str
    original_id: str
    original_at: int
    answers: tuple[NameAnswer, ...]

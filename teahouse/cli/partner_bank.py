"""`teahouse partner-bank`: a bank of its own, to try the link to outside banks with."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import click

from teahouse.cli.terminal import json_option, print_json, print_table, told_trouble
from teahouse.iso20022 import AccountNumber, is_reference
from teahouse.partner_bank import DAY_MS, SPECIAL_NUMBERS, Account, PartnerBank, Terms
from teahouse.platform.clock import SystemClock
from teahouse.platform.money import Money, parse_amount, parse_currency, plain_amount

F = TypeVar("F", bound=Callable[..., Any])

_folder_option = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Where the bank keeps its books and exchanges files.",
)
_account_option = click.option("--account", required=True, help="IBAN or another number.")
_currency_option = click.option("--currency", required=True, help="ISO 4217 code.")
_rate = click.FloatRange(0, 1)


@click.group("partner-bank")
def partner_bank() -> None:
    """Run a bank of its own that speaks ISO 20022 through a folder.

    It simulates the bank that holds the house's account, and all other banks behind it.
    """


@partner_bank.command()
@_folder_option
@click.option("--delay-ms", type=click.IntRange(0), default=0, help="From order to booking.")
@click.option("--reject", type=_rate, default=0.0, help="How many orders it rejects, 0 to 1.")
@click.option("--return", "give_back", type=_rate, default=0.0, help="How many come back later.")
@click.option("--seed", type=int, default=0, help="Which orders those are.")
@click.option("--day-ms", type=click.IntRange(1), default=DAY_MS, help="How long its day lasts.")
@click.option("--poll-ms", type=click.IntRange(1), default=500, help="Between looks for files.")
@click.option("--outside-balance", type=int, default=1_000_000, help="Of others' accounts, minor.")
@click.option("--once", is_flag=True, help="Do what there is to do, then end.")
def run(folder: Path, *, poll_ms: int, once: bool, **told: Any) -> None:  # noqa: ANN401 - click's
    """Take orders from FOLDER/inbox and answer in FOLDER/outbox until told to stop.

    The last four digits of an account number say what it does, as `special` lists.
    """
    terms = Terms(
        delay_ms=told["delay_ms"],
        reject_rate=told["reject"],
        return_rate=told["give_back"],
        seed=told["seed"],
        day_ms=told["day_ms"],
        outside_minor=told["outside_balance"],
    )
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopped.set())
    with _opened(folder, terms) as bank:
        click.echo(f"The bank is open: {folder}", err=True)
        if once:
            bank.work()
        else:
            bank.run(stopped, poll_seconds=poll_ms / 1000)


@partner_bank.command("open")
@_folder_option
@_account_option
@_currency_option
@click.option("--name", default="", help="The holder.")
@click.option("--balance", default="0", help="What it holds, such as 1000.00.")
@click.option("--outside", is_flag=True, help="At another bank: gets no statements.")
def open_(folder: Path, *, account: str, currency: str, outside: bool, **told: str) -> None:
    """Open an account; one that is there stays as it is."""
    with _opened(folder) as bank:
        amount = _amount(told["balance"], currency)
        number = _number(account)
        opened = Account(
            number.number, amount.currency, told["name"], amount.minor, is_customer=not outside
        )
        bank.open_account(number, opened)


@partner_bank.command()
@_folder_option
@json_option
def accounts(folder: Path, *, as_json: bool) -> None:
    """List accounts and what they hold."""
    with _opened(folder) as bank:
        found = bank.list_accounts()
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one.number,
            f"{plain_amount(Money(one.minor, one.currency))} {one.currency}",
            "customer" if one.is_customer else "outside",
            one.name,
        )
        for one in found
    ]
    print_table(("ACCOUNT", "BALANCE", "KIND", "NAME"), rows)


@partner_bank.command("pay-in")
@_folder_option
@_account_option
@_currency_option
@click.option("--amount", required=True, help="Such as 12.34.")
@click.option("--name", default="Somebody", help="Who pays.")
@click.option("--text", default="", help="What they write.")
@click.option("--reference", default="", help="The creditor reference that they name (RF...).")
@click.option("--take", is_flag=True, help="Takes the amount instead, as banks take fees.")
def pay_in(folder: Path, *, account: str, currency: str, take: bool, **told: str) -> None:
    """Let somebody pay into a customer's account, unasked."""
    amount, number = _amount(told["amount"], currency), _number(account).number
    reference = told["reference"].replace(" ", "").upper()
    if reference and not is_reference(reference):
        raise click.UsageError("The reference is wrong: its check digits do not fit (ISO 11649).")
    with _opened(folder) as bank:
        customers = {(one.number, one.currency) for one in bank.list_accounts() if one.is_customer}
        if (number, amount.currency) not in customers:
            raise click.ClickException(f"No customer has an account {number} in {currency}.")
        bank.pay_in(
            number,
            -amount if take else amount,
            name=told["name"],
            text=told["text"],
            reference=reference,
        )


@partner_bank.command()
def special() -> None:
    """List the endings of account numbers that do something special."""
    rows = [(ending, told) for ending, (told, _) in SPECIAL_NUMBERS.items()]
    print_table(("ENDING", "WHAT HAPPENS"), rows)


@contextmanager
def _opened(folder: Path, terms: Terms | None = None) -> Iterator[PartnerBank]:
    with told_trouble():
        bank = PartnerBank(folder, terms or Terms(), SystemClock())
        try:
            yield bank
        finally:
            bank.close()


def _amount(text: str, currency: str) -> Money:
    with told_trouble():
        return parse_amount(text, parse_currency(currency))


def _number(text: str) -> AccountNumber:
    from schwifty import IBAN  # its registry takes a moment to load

    clean = text.replace(" ", "").upper()
    if clean.isascii() and clean.isdigit():
        return AccountNumber(clean, is_iban=False)
    if not IBAN(clean, allow_invalid=True).is_valid:
        raise click.UsageError(f"{text} is neither an IBAN nor a number.")
    return AccountNumber(clean, is_iban=True)

"""The bank at work: takes files from the folder, lays answers into it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

import sqlalchemy as sa
from sqlalchemy import event

from teahouse.iso20022 import AccountNumber
from teahouse.partner_bank.commands import (
    Desk,
    book_due,
    close_days,
    list_accounts,
    open_account,
    open_bank,
    pay_in,
    receive,
    tell_lines,
)
from teahouse.partner_bank.tables import bank_outgoing, metadata
from teahouse.partner_bank.types import Account, Terms
from teahouse.platform.clock import Clock
from teahouse.platform.money import Money

# More than a customer can lay there between two looks; the rest comes with the next.
_FILES_MAX = 1000
_BYTES_MAX = 32 * 1024 * 1024
_BUSY_SECONDS = 30


class PartnerBank:
    """A bank that speaks through a folder.

    Args:
        folder: `inbox` is for the customers' files, `outbox` for the bank's; the books are
            beside them. Made when missing.
        terms: how it behaves.
        clock: its time.
    """

    def __init__(self, folder: Path, terms: Terms, clock: Clock) -> None:
        self._inbox, self._outbox = folder / "inbox", folder / "outbox"
        self._archive, self._refused = folder / "archive", folder / "refused"
        for place in (self._inbox, self._outbox, self._archive, self._refused):
            place.mkdir(parents=True, exist_ok=True)
        self._terms = terms
        self._clock = clock
        self._engine = sa.create_engine(
            f"sqlite:///{folder / 'bank.db'}", connect_args={"timeout": _BUSY_SECONDS}
        )
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        with self._engine.begin() as conn:
            metadata.create_all(conn)
            self._started_at = open_bank(conn, clock.now_ms())

    def close(self) -> None:
        """Close the books."""
        self._engine.dispose()

    def open_account(self, number: AccountNumber, account: Account) -> None:
        """Open an account; one that is there stays as it is."""
        with self._desk() as desk:
            open_account(desk, number, account)

    def list_accounts(self) -> list[Account]:
        """Every account, customers' first."""
        with self._engine.begin() as conn:
            return list_accounts(conn)

    def pay_in(
        self, customer: str, amount: Money, *, name: str, text: str, reference: str = ""
    ) -> None:
        """Somebody pays a customer without an order of theirs; below zero: takes.

        Args:
            customer: whose account.
            amount: in its currency.
            name: who pays.
            text: what they write.
            reference: the creditor reference (ISO 11649) that they name; may be empty.
        """
        with self._desk() as desk:
            pay_in(desk, customer, amount, name=name, text=text, reference=reference)

    def run(self, stopped: Event, *, poll_seconds: float) -> None:
        """Work until told to stop.

        Args:
            stopped: ends it between two looks.
            poll_seconds: how long it waits between them.
        """
        while not stopped.is_set():
            self.work()
            stopped.wait(poll_seconds)

    def work(self) -> None:
        """Do all that there is to do now, once."""
        for file in sorted(self._inbox.glob("*.xml"))[:_FILES_MAX]:
            # Another process of the same bank may have been quicker.
            with suppress(FileNotFoundError):
                self._take(file)
        for step in (_book_all, tell_lines, close_days):
            self._step(step)
        self._write_files()

    def _take(self, file: Path) -> None:
        """Take a file; a crash before it is put away makes it come again, which changes nothing."""
        with file.open("rb") as opened:
            raw = opened.read(_BYTES_MAX)
        with self._desk() as desk:
            is_sound = receive(desk, raw)
        file.replace((self._archive if is_sound else self._refused) / file.name)

    def _step(self, step: Callable[[Desk], None]) -> None:
        with self._desk() as desk:
            step(desk)

    def _write_files(self) -> None:
        """Lay answers into the folder; one laid before a crash is laid again, the same."""
        row = bank_outgoing.c
        waiting = sa.select(row.id, row.name, row.content).where(row.is_written.is_(False))
        with self._engine.begin() as conn:
            files = conn.execute(waiting.order_by(row.id).limit(_FILES_MAX)).all()
        for file in files:
            _lay(self._outbox / file.name, file.content)
            with self._engine.begin() as conn:
                conn.execute(
                    sa.update(bank_outgoing).where(row.id == file.id).values(is_written=True)
                )

    @contextmanager
    def _desk(self) -> Iterator[Desk]:
        with self._engine.begin() as conn:
            yield Desk(conn, self._clock.now_ms(), self._terms, self._started_at)


def _book_all(desk: Desk) -> None:
    while book_due(desk):
        continue


def _lay(place: Path, content: bytes) -> None:
    """Put a file in its place, whole or not at all."""
    draft = place.with_name(f".{place.name}.draft")
    with draft.open("wb") as output:
        output.write(content)
        output.flush()
        os.fsync(output.fileno())
    draft.replace(place)
    descriptor = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _prepare(connection: object, _record: object) -> None:
    """Durable at each commit; readers beside the writer; transactions begun by us."""
    import sqlite3

    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _begin(conn: sa.Connection) -> None:
    conn.exec_driver_sql("BEGIN IMMEDIATE")

"""A hundred members claim one red packet at once, beside plain payments and the bare limit.

Run by `python -m benchmarks red_packets`, or alone: `python -m benchmarks.red_packets --quick`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import click

from benchmarks.figures import percentile
from benchmarks.ledger_bare import insert_postgres, insert_sqlite
from benchmarks.ledger_load import House, sqlite_path
from benchmarks.postgres import Cluster
from teahouse import accounts
from teahouse.app import install, make_services
from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.rooms.commands import RoomDefaults, change_membership, create_room
from teahouse.chat.rooms.types import CreateRoom, MembershipChange
from teahouse.platform.db import Database, Tx, sqlite_url
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester
from teahouse.platform.services import Services
from teahouse.platform.settings import Settings
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.payments.commands import pay
from teahouse.wallet.payments.types import PaymentDraft, PaymentKind
from teahouse.wallet.red_packets.commands import claim_packet, give_packet
from teahouse.wallet.red_packets.types import PacketBounds, PacketDraft, PacketId
from teahouse.wallet.wallets.commands import open_wallet
from teahouse.wallet.wallets.types import HouseAccount

SCENARIO = "red_packets"
DatabaseName: TypeAlias = Literal["sqlite", "postgres"]
_DATABASES: tuple[DatabaseName, ...] = ("sqlite", "postgres")
_CNY = Currency("CNY")
# The most shares a packet has.
_CLAIMANTS = 100
_PACKETS, _PACKETS_QUICK = 30, 5
_BARE_COUNT = 20_000


@dataclass
class PacketFigures:
    """What was measured on one database.

    Attributes:
        claims: a second.
        payments: a second, by as many callers.
        bare: the ledger's rows of as many claims a second, in groups of a hundred.
        waits: how long each claimant waited, seconds.
    """

    database: DatabaseName
    claims: float = 0
    payments: float = 0
    bare: float = 0
    waits: list[float] = field(default_factory=list)


class _Party:
    """A giver and a hundred guests in a room."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.db: Database = services.db
        name = services.settings.server_name
        self.giver = f"@giver:{name}"
        self.guests = [f"@guest{number}:{name}" for number in range(_CLAIMANTS)]
        self.room = self.db.run(self._seat)
        # Guests who have a wallet already, as most have.
        self.db.run(self._fund)

    def _seat(self, tx: Tx) -> str:
        store = self.services.get(RoomStore)
        defaults = self.services.get(RoomDefaults)
        for user_id in (self.giver, *self.guests):
            accounts.register_member(tx, accounts.NewMember(user_id=user_id))
        room = create_room(
            tx, store, defaults, creator=self.giver, request=CreateRoom(preset="public_chat")
        )
        for user_id in self.guests:
            change = MembershipChange(
                room_id=room, sender=user_id, target=user_id, membership="join"
            )
            change_membership(tx, store, change)
        return room

    def _fund(self, tx: Tx) -> None:
        for user_id in (self.giver, *self.guests):
            draft = PaymentDraft(
                kind=PaymentKind.TOPUP,
                payer=HouseAccount.CASH_AT_BANK,
                payee=open_wallet(tx, party_of(tx, user_id), _CNY).id,
                amount=Money(10**9, _CNY),
                key=tx.new_id("key"),
            )
            pay(tx, draft)

    def give(self) -> PacketId:
        """A packet with a share for everybody."""
        draft = PacketDraft(
            room_id=self.room, total=Money(100_000, _CNY), count=_CLAIMANTS, split="random"
        )
        given = self.db.run(
            give_packet,
            Authority(Requester(user_id=self.giver)),
            draft,
            bounds=self.services.get(PacketBounds),
            teller=self.services.get(Teller),
        )
        return given.packet_id

    async def claim(self, user_id: str, packet_id: PacketId) -> None:
        """One guest's tap."""
        await self.db.write(claim_packet, Requester(user_id=user_id), packet_id)

    async def pay(self, user_id: str) -> None:
        """A plain payment from one guest to the giver."""
        await self.db.write(self._pay, user_id)

    def _pay(self, tx: Tx, user_id: str) -> None:
        draft = PaymentDraft(
            kind=PaymentKind.TRANSFER,
            payer=open_wallet(tx, party_of(tx, user_id), _CNY).id,
            payee=open_wallet(tx, party_of(tx, self.giver), _CNY).id,
            amount=Money(5, _CNY),
            key=tx.new_id("key"),
        )
        pay(tx, draft)


async def _together(
    guests: Sequence[str], act: Callable[[str], Awaitable[None]]
) -> tuple[float, list[float]]:
    """Let all act at once; how long it took, and how long each waited."""
    started = time.perf_counter()

    async def one(user_id: str) -> float:
        await act(user_id)
        return time.perf_counter() - started

    waits = await asyncio.gather(*(one(user_id) for user_id in guests))
    return time.perf_counter() - started, list(waits)


def _measure_claims(figures: PacketFigures, party: _Party, packets: int) -> None:
    seconds = payment_seconds = 0.0
    # The first packet meets cold caches.
    for number in range(packets + 1):
        packet_id = party.give()

        async def claim(user_id: str, of: PacketId = packet_id) -> None:
            await party.claim(user_id, of)

        took, waits = asyncio.run(_together(party.guests, claim))
        took_payments, _ = asyncio.run(_together(party.guests, party.pay))
        if number:
            seconds += took
            payment_seconds += took_payments
            figures.waits += waits
    figures.claims = packets * _CLAIMANTS / seconds
    figures.payments = packets * _CLAIMANTS / payment_seconds


def _measure_database(
    database: DatabaseName, folder: Path, cluster: Cluster, packets: int
) -> PacketFigures:
    figures = PacketFigures(database)
    click.echo(f"red packets: {database} ...", err=True)
    url, where = _new(database, folder, cluster, "house")
    services = make_services(
        Settings(
            data=str(folder / f"data_{database}"),
            database_url=url,
            server_name="bench.example",
            wallet_rule_set="open",
            red_packet_share_limits=[],
        )
    )
    install(services)
    try:
        _measure_claims(figures, _Party(services), packets)
    finally:
        services.db.stop()
    url, where = _new(database, folder, cluster, "bare")
    House(url, accounts=_CLAIMANTS).stop()
    insert = insert_sqlite if database == "sqlite" else insert_postgres
    figures.bare = insert(where, accounts=_CLAIMANTS, group=_CLAIMANTS, count=_BARE_COUNT)
    return figures


def _new(
    database: DatabaseName, folder: Path, cluster: Cluster, name: str
) -> tuple[str, dict[str, str]]:
    if database == "sqlite":
        path = sqlite_path(folder, name)
        return sqlite_url(path), {"path": str(path)}
    where = cluster.database(name)
    return f"postgresql+psycopg://{where['user']}@/{name}?host={where['host']}", where


def measure(*, quick: bool) -> list[PacketFigures]:
    """Measure both databases, one after the other, on the disk of the temporary folder.

    Args:
        quick: few packets.
    """
    folder = Path(tempfile.mkdtemp(prefix="teahouse-red-packets-"))
    # PostgreSQL runs as another user and must reach its folder.
    folder.chmod(0o755)
    cluster = Cluster(folder / "postgres")
    packets = _PACKETS_QUICK if quick else _PACKETS
    try:
        return [_measure_database(database, folder, cluster, packets) for database in _DATABASES]
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def table(measured: Sequence[PacketFigures]) -> str:
    """The figures as plain text."""
    lines = [
        f"{_CLAIMANTS} members claim one packet of {_CLAIMANTS} shares at once; each claim is",
        "durable, on the books, and in both histories.",
        "",
        f"{'':10} {'claims/s':>10} {'payments/s':>11} {'bare rows/s':>12}"
        f" {'p50 ms':>8} {'p99 ms':>8}",
    ]
    lines += [
        f"{one.database:10} {one.claims:>10,.0f} {one.payments:>11,.0f} {one.bare:>12,.0f}"
        f" {percentile(one.waits, 0.5) * 1000:>8.1f} {percentile(one.waits, 0.99) * 1000:>8.1f}"
        for one in measured
    ]
    lines += [
        "",
        "payments: as many members pay one and the same at once: what a claim is made of.",
        "bare rows: the ledger's rows of as many claims, inserted by a script in groups of 100.",
    ]
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--quick", is_flag=True, help=f"{_PACKETS_QUICK} packets instead of {_PACKETS}.")
def main(*, quick: bool) -> None:
    """Measure claims of red packets."""
    click.echo(f"load average {os.getloadavg()[0]:.1f}", err=True)
    click.echo(table(measure(quick=quick)))


if __name__ == "__main__":
    main()

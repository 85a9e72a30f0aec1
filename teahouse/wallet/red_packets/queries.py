"""Reads red packets as members see them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec
import sqlalchemy as sa

from teahouse import ledger
from teahouse.platform.checks import PROBLEMS_MAX
from teahouse.platform.db import Read
from teahouse.platform.json import Json, JsonObject
from teahouse.platform.money import Money
from teahouse.platform.pages import Page, encode_cursor, parse_cursor
from teahouse.platform.requester import Requester
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.in_chat.types import ChatNote
from teahouse.wallet.parties.queries import find_party, user_of, users_of
from teahouse.wallet.payments.queries import find_payment
from teahouse.wallet.payments.types import Payment
from teahouse.wallet.red_packets.access import access_packet, load_packet, packet_from
from teahouse.wallet.red_packets.rules import find_luckiest
from teahouse.wallet.red_packets.tables import wallet_red_packet, wallet_red_packet_share
from teahouse.wallet.red_packets.types import Opening, Packet, PacketView, Share
from teahouse.wallet.wallets.queries import find_house_account
from teahouse.wallet.wallets.types import HouseAccount

Side: TypeAlias = Literal["given", "received"]

_packet = wallet_red_packet.c
_share = wallet_red_packet_share.c
_EXPORT_MAX = 10_000
# Built once: a hundred claims come within a second.
_select_shares = sa.select(_share.amount, _share.claimant).where(
    _share.packet_id == sa.bindparam("of_packet"),
    sa.or_(
        _share.claimant == sa.bindparam("of_party"),
        sa.and_(_share.place == sa.bindparam("at_place"), _share.claimant.is_(None)),
    ),
)


def find_packet(read: Read, requester: Requester, packet_id: str, *, teller: Teller) -> PacketView:
    """A red packet as the requester sees it.

    Raises:
        UnknownPacket: neither theirs nor in a room that they are in.
    """
    packet = access_packet(read, requester, packet_id)
    view = view_packet(read, requester, packet)
    if view.sender != requester.user_id:
        return view
    return msgspec.structs.replace(view, in_chat=describe_in_chat(read, packet, teller))


def describe_in_chat(read: Read, packet: Packet, teller: Teller) -> ChatNote | None:
    """How the room is told of a packet."""
    payment = find_payment(read, packet.payment_id or "")
    return None if payment is None else teller.describe(read, payment)


def describe_packet(read: Read, payment: Payment) -> JsonObject | None:
    """The block of the message that tells of a packet; without amounts, whose charm is luck.

    The server signs it: once told, neither the shares behind the seal nor their number can be
    others.
    """
    packet = load_packet(read, payment.reference)
    if packet is None:
        return None
    return {
        "packet_id": packet.packet_id,
        "room_id": packet.room_id,
        "count": packet.count,
        "split": packet.split,
        "for_member": None if packet.recipient is None else user_of(read, packet.recipient),
        "expires_at": packet.expires_at,
        "seal": packet.seal,
        "status": packet.status,
    }


def list_packets(
    read: Read, requester: Requester, side: Side, *, cursor: str | None, limit: int
) -> Page[PacketView]:
    """The red packets that the requester gave, or has a share of; the newest first.

    Raises:
        InvalidParam: the cursor is not of this list.
    """
    place = parse_cursor(cursor, tuple[str])
    party = find_party(read, requester.user_id)
    # A column compared with None would be compared with NULL, and find unclaimed shares.
    if party is None:
        return Page([])
    listed = sa.select(wallet_red_packet).order_by(_packet.packet_id.desc()).limit(limit + 1)
    if side == "given":
        listed = listed.where(_packet.sender == party)
    else:
        had = sa.select(_share.packet_id).where(_share.claimant == party)
        listed = listed.where(_packet.packet_id.in_(had))
    if place is not None:
        listed = listed.where(_packet.packet_id < place[0])
    rows = read.conn.execute(listed).all()
    packets = [packet_from(row) for row in rows[:limit]]
    more = encode_cursor(packets[-1].packet_id) if len(rows) > limit else None
    return Page([view_packet(read, requester, packet) for packet in packets], more)


def view_packet(read: Read, requester: Requester, packet: Packet) -> PacketView:
    """A red packet as a member sees it: others' shares only once it can't tempt them to wait."""
    party = find_party(read, requester.user_id)
    rows = load_shares(read, packet.packet_id)
    users = users_of(
        read,
        {packet.sender, packet.recipient or "", *(row.claimant for row in rows if row.claimant)},
    )
    claimed = [row for row in rows if row.claimant is not None]
    best = find_luckiest([row.amount for row in claimed]) if packet.status == "empty" else None
    shares = [
        Share(
            users.get(row.claimant),
            Money(row.amount, packet.total.currency),
            row.claimed_at,
            is_best=index == best and packet.split == "random" and packet.count > 1,
        )
        for index, row in enumerate(claimed)
    ]
    # What is claimed has a claimant, so that nobody without a party has any of it.
    mine = next(
        (share for share, row in zip(shares, claimed, strict=True) if row.claimant == party), None
    )
    is_over = packet.status != "open"
    sees_all = is_over or mine is not None or packet.sender == party
    left = Money(packet.left_minor, packet.total.currency)
    opening = Opening(packet.salt.hex(), [row.amount for row in rows]) if is_over else None
    return PacketView(
        packet_id=packet.packet_id,
        sender=users.get(packet.sender),  # type: ignore[call-overload]  # a plain text is a key
        for_member=users.get(packet.recipient),  # type: ignore[call-overload]
        room_id=packet.room_id,
        total=packet.total,
        count=packet.count,
        split=packet.split,
        greeting=packet.greeting,
        status=packet.status,
        left=left if sees_all else None,
        left_count=packet.left_count,
        created_at=packet.created_at,
        expires_at=packet.expires_at,
        mine=mine,
        shares=shares if sees_all else None,
        seal=packet.seal,
        opening=opening,
    )


class Shares(NamedTuple):
    """What matters to who claims: minor units.

    Attributes:
        had: of the share that they have; None: none.
        following: of the next share; None: none is left.
    """

    had: int | None
    following: int | None


def find_shares(read: Read, packet_id: str, *, party: str | None, place: int) -> Shares:
    """The share that a party has had, and the one whose turn it is."""
    had = following = None
    # No party has the id of an empty text.
    wanted = {"of_packet": packet_id, "of_party": party or "", "at_place": place}
    for row in read.conn.execute(_select_shares, wanted):
        if row.claimant is None:
            following = row.amount
        else:
            had = row.amount
    return Shares(had, following)


def load_shares(read: Read, packet_id: str) -> list[sa.Row[Any]]:
    """All shares of a packet, in the order of claims."""
    statement = (
        sa.select(
            _share.place, _share.amount, _share.claimant, _share.claimed_at, _share.payment_id
        )
        .where(_share.packet_id == packet_id)
        .order_by(_share.place)
    )
    return list(read.conn.execute(statement))


def find_senders(read: Read, packet_ids: Collection[str]) -> dict[str, str]:
    """Who gave some packets: a party for each."""
    if not packet_ids:
        return {}
    statement = sa.select(_packet.packet_id, _packet.sender).where(
        _packet.packet_id.in_(sorted(set(packet_ids)))
    )
    return {row.packet_id: row.sender for row in read.conn.execute(statement)}


# Checks


def find_packets_amiss(read: Read) -> Iterator[str]:
    """Packets whose shares do not add up to what was given, claimed and left."""
    claimed = sa.func.sum(sa.case((_share.claimant.is_not(None), _share.amount), else_=0))
    sums = (
        sa.select(
            _packet.packet_id,
            _packet.total,
            _packet.share_count,
            _packet.left_minor,
            _packet.left_count,
            sa.func.sum(_share.amount).label("all_shares"),
            sa.func.count(_share.place).label("places"),
            sa.func.coalesce(claimed, 0).label("claimed"),
            sa.func.count(_share.claimant).label("claims"),
        )
        .outerjoin(wallet_red_packet_share, _share.packet_id == _packet.packet_id)
        .group_by(_packet.packet_id)
        .subquery()
    )
    wrong = sa.or_(
        sa.func.coalesce(sums.c.all_shares, 0) != sums.c.total,
        sums.c.places != sums.c.share_count,
        sums.c.claimed + sums.c.left_minor != sums.c.total,
        sums.c.claims + sums.c.left_count != sums.c.share_count,
    )
    statement = (
        sa.select(sums.c.packet_id).where(wrong).order_by(sums.c.packet_id).limit(PROBLEMS_MAX)
    )
    for packet_id in read.conn.execute(statement).scalars():
        yield f"the shares of {packet_id} do not add up to what was given, claimed and left"


def find_packet_money_amiss(read: Read) -> Iterator[str]:
    """Currencies in which the house holds other money for red packets than is in open ones."""
    statement = (
        sa.select(_packet.currency, sa.func.sum(left_if_open()))
        .group_by(_packet.currency)
        .order_by(_packet.currency)
    )
    for currency, left in read.conn.execute(statement):
        account = find_house_account(read, HouseAccount.RED_PACKETS, currency)
        held = 0 if account is None else ledger.find_balance(read, account).posted.minor
        if held != int(left):
            yield f"open red packets hold {left} {currency} (minor units), the books {held}"


def left_if_open() -> sa.ColumnElement[int]:
    """What is still in a packet: of one that was returned, nothing."""
    return sa.case((_packet.status == "open", _packet.left_minor), else_=0)


# Export


def export_packets(read: Read, party: str) -> list[Json]:
    """All that is held of a party's red packets, without what others did."""
    mine = sa.or_(
        _packet.sender == party,
        _packet.recipient == party,
        _packet.packet_id.in_(sa.select(_share.packet_id).where(_share.claimant == party)),
    )
    found: list[Json] = []
    for row in read.conn.execute(
        sa.select(wallet_red_packet).where(mine).order_by(_packet.packet_id).limit(_EXPORT_MAX)
    ):
        packet = packet_from(row)
        share = next(
            (one for one in load_shares(read, packet.packet_id) if one.claimant == party), None
        )
        found.append(
            {
                "packet_id": packet.packet_id,
                "room_id": packet.room_id,
                "is_mine": packet.sender == party,
                "total": packet.total.minor if packet.sender == party else None,
                "currency": packet.total.currency,
                "greeting": packet.greeting if packet.sender == party else None,
                "created_at": packet.created_at,
                "had": None if share is None else share.amount,
                "had_at": None if share is None else share.claimed_at,
            }
        )
    return found

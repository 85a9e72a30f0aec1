"""Gives, claims and returns red packets.

The money of an open packet is in the house's account RED_PACKETS, so that neither the giver nor
anybody else can spend it meanwhile.
"""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from teahouse.accounts import is_active
from teahouse.platform.db import Tx
from teahouse.platform.errors import InvalidParam
from teahouse.platform.jobs import enqueue
from teahouse.platform.money import Money
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.limits.commands import give_back
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.payments.commands import pay
from teahouse.wallet.payments.types import PaymentDraft, PaymentKind
from teahouse.wallet.red_packets.access import (
    access_claimable_packet,
    is_in_room,
    load_packet,
)
from teahouse.wallet.red_packets.announcements import (
    RedPacketClaimed,
    RedPacketGiven,
    RedPacketReturned,
)
from teahouse.wallet.red_packets.errors import (
    AlreadyClaimed,
    NotTheirPacket,
    PacketEmpty,
    PacketExpired,
    PacketStillOpen,
    UnknownPacket,
)
from teahouse.wallet.red_packets.queries import describe_in_chat, find_shares, view_packet
from teahouse.wallet.red_packets.rules import (
    check_draft,
    compute_seal,
    make_salt,
    split_packet,
)
from teahouse.wallet.red_packets.tables import wallet_red_packet, wallet_red_packet_share
from teahouse.wallet.red_packets.types import (
    OPEN_MS,
    Claimed,
    Packet,
    PacketBounds,
    PacketDraft,
    PacketId,
    PacketView,
)
from teahouse.wallet.wallets.commands import open_wallet
from teahouse.wallet.wallets.types import HouseAccount

RETURN_JOB = "wallet.return_red_packet"

_packet = wallet_red_packet.c
_share = wallet_red_packet_share.c
# Built once: a hundred claims come within a second.
_claim_share = sa.update(wallet_red_packet_share).where(
    _share.packet_id == sa.bindparam("of_packet"), _share.place == sa.bindparam("at_place")
)
_take_share = sa.update(wallet_red_packet).where(
    _packet.packet_id == sa.bindparam("of_packet"),
    _packet.status == "open",
    _packet.left_count == sa.bindparam("left_before"),
)


# Giving


def give_packet(
    tx: Tx, authority: Authority, draft: PacketDraft, *, bounds: PacketBounds, teller: Teller
) -> PacketView:
    """Put money into a red packet; the room's members may claim it for a day.

    Args:
        tx: the transaction.
        authority: who gives, and the second factors they confirmed it with.
        draft: what they give.
        bounds: what the operator allows.
        teller: tells the room.

    Raises:
        UnknownPacket: the giver is not in the room.
        InvalidParam: it is for a member who is not in the room, or for the giver.
        PacketOutOfBounds: too many shares, too much or too little money.
        InsufficientFunds: the giver has not so much.
        LimitReached: a rule allows the giver no more.
        SecondFactorNeeded: they must confirm it first.
    """
    requester = authority.requester
    if not is_in_room(tx, requester.user_id, draft.room_id):
        raise UnknownPacket("There is no such room of yours.")
    check_draft(draft, bounds)
    recipient = _find_recipient(tx, requester, draft)

    packet_id = PacketId(tx.new_id("rpk"))
    sender = party_of(tx, requester.user_id)
    # Before the payment, which tells the room of it.
    _insert_packet(tx, packet_id, draft, sender=sender, recipient=recipient)
    payment = pay(
        tx,
        PaymentDraft(
            kind=PaymentKind.RED_PACKET,
            payer=open_wallet(tx, sender, draft.total.currency).id,
            payee=HouseAccount.RED_PACKETS,
            amount=draft.total,
            key=f"{packet_id}:give",
            message=draft.greeting,
            reference=packet_id,
            room_id=draft.room_id,
            authority=authority,
        ),
    )
    tx.conn.execute(
        sa.update(wallet_red_packet)
        .where(_packet.packet_id == packet_id)
        .values(payment_id=payment.id)
    )
    packet = load_packet(tx, packet_id)
    assert packet is not None
    enqueue(tx, RETURN_JOB, {"packet_id": packet_id}, run_at=packet.expires_at, key=packet_id)
    tx.announce(RedPacketGiven(packet_id, draft.room_id, sender))
    view = view_packet(tx, requester, packet)
    return msgspec.structs.replace(view, in_chat=describe_in_chat(tx, packet, teller))


def _find_recipient(tx: Tx, requester: Requester, draft: PacketDraft) -> PartyId | None:
    if draft.for_member is None:
        return None
    if draft.for_member == requester.user_id:
        raise InvalidParam("A red packet is for somebody else.")
    # Members who are gone are still joined for a moment.
    is_there = is_in_room(tx, draft.for_member, draft.room_id) and is_active(tx, draft.for_member)
    if not is_there:
        raise InvalidParam("A red packet is for a member of the room.")
    return party_of(tx, draft.for_member)


def _insert_packet(
    tx: Tx,
    packet_id: PacketId,
    draft: PacketDraft,
    *,
    sender: PartyId,
    recipient: PartyId | None,
) -> None:
    entropy = tx.chance.secrets.token_bytes
    # Drawn now and kept in order: what one gets depends on nobody's doing later.
    shares = split_packet(draft.total.minor, draft.count, draft.split, entropy)
    salt = make_salt(entropy)
    values = {
        "packet_id": packet_id,
        "sender": sender,
        "recipient": recipient,
        "room_id": draft.room_id,
        "currency": draft.total.currency,
        "total": draft.total.minor,
        "share_count": draft.count,
        "split": draft.split,
        "greeting": draft.greeting,
        "seal": compute_seal(salt, shares),
        "salt": salt,
        "status": "open",
        "left_minor": draft.total.minor,
        "left_count": draft.count,
        "created_at": tx.now,
        "expires_at": tx.now + OPEN_MS,
    }
    tx.conn.execute(sa.insert(wallet_red_packet).values(values))
    tx.conn.execute(
        sa.insert(wallet_red_packet_share),
        [
            {"packet_id": packet_id, "place": place, "amount": amount}
            for place, amount in enumerate(shares)
        ],
    )


# Claiming


def claim_packet(tx: Tx, requester: Requester, packet_id: str) -> Claimed:
    """Take one's share of a red packet: the next in the order that was drawn.

    Raises:
        UnknownPacket: the requester is not in its room (any more), or there is none.
        NotTheirPacket: it is for somebody else.
        AlreadyClaimed: they have had theirs.
        PacketExpired: its day is over.
        PacketEmpty: all shares are taken.
    """
    packet = access_claimable_packet(tx, requester, packet_id)
    party = find_party(tx, requester.user_id)
    place = packet.count - packet.left_count
    shares = find_shares(tx, packet_id, party=party, place=place)
    _check_claim(tx, packet, party, had=shares.had)

    party = party or party_of(tx, requester.user_id)
    amount = shares.following
    assert amount is not None, "an open packet has a share left"
    payment = pay(
        tx,
        PaymentDraft(
            kind=PaymentKind.RED_PACKET_CLAIM,
            payer=HouseAccount.RED_PACKETS,
            payee=open_wallet(tx, party, packet.total.currency).id,
            amount=Money(amount, packet.total.currency),
            key=f"{packet_id}:claim:{place}",
            reference=packet_id,
            room_id=packet.room_id,
            authority=None,
        ),
    )
    tx.conn.execute(
        _claim_share,
        {
            "of_packet": packet_id,
            "at_place": place,
            "claimant": party,
            "claimed_at": tx.now,
            "payment_id": payment.id,
        },
    )
    _take_out(tx, packet, amount)
    left_count = packet.left_count - 1
    tx.announce(
        RedPacketClaimed(packet.packet_id, packet.room_id, packet.sender, party, left_count)
    )
    return Claimed(
        packet_id=packet.packet_id,
        payment_id=payment.id,
        amount=Money(amount, packet.total.currency),
        claimed_at=tx.now,
        left_count=left_count,
    )


def _check_claim(tx: Tx, packet: Packet, party: PartyId | None, *, had: int | None) -> None:
    if packet.recipient is not None and packet.recipient != party:
        raise NotTheirPacket
    if had is not None:
        raise AlreadyClaimed(amount=Money(had, packet.total.currency))
    if packet.status == "empty":
        raise PacketEmpty
    # By the clock, not by the job, which may be late.
    if packet.status == "returned" or packet.expires_at <= tx.now:
        raise PacketExpired


def _take_out(tx: Tx, packet: Packet, amount: int) -> None:
    is_last = packet.left_count == 1
    # The count in the condition: two servers that read the same packet cannot both take from it.
    changed = tx.conn.execute(
        _take_share,
        {
            "of_packet": packet.packet_id,
            "left_before": packet.left_count,
            "left_count": packet.left_count - 1,
            "left_minor": packet.left_minor - amount,
            "status": "empty" if is_last else "open",
            "ended_at": tx.now if is_last else None,
        },
    )
    assert changed.rowcount == 1, "a packet changed while it was claimed"


# Returning


def return_packet(tx: Tx, packet_id: str) -> bool:
    """Give back what nobody claimed, once a packet's day is over.

    Returns:
        Whether anything went back: not where all was claimed, or the rest went back before.

    Raises:
        PacketStillOpen: the day is not over.
    """
    packet = load_packet(tx, packet_id)
    if packet is None or packet.status != "open":
        return False
    if tx.now < packet.expires_at:
        raise PacketStillOpen(retry_after_ms=packet.expires_at - tx.now)
    rest = Money(packet.left_minor, packet.total.currency)
    pay(
        tx,
        PaymentDraft(
            kind=PaymentKind.RED_PACKET_RETURN,
            payer=HouseAccount.RED_PACKETS,
            payee=open_wallet(tx, PartyId(packet.sender), rest.currency).id,
            amount=rest,
            key=f"{packet_id}:return",
            reference=packet_id,
            room_id=packet.room_id,
            authority=None,
        ),
    )
    # What came back was not spent: the giver's limits are as if it had never been given.
    assert packet.payment_id is not None
    give_back(tx, packet.payment_id, rest)
    tx.conn.execute(
        sa.update(wallet_red_packet)
        .where(_packet.packet_id == packet_id)
        .values(status="returned", ended_at=tx.now)
    )
    tx.announce(
        RedPacketReturned(packet.packet_id, packet.room_id, packet.sender, packet.left_count)
    )
    return True


def blank_words(tx: Tx, party: str) -> None:
    """Erase what a party wrote on its red packets, and in which rooms.

    The amounts stay, as the law of bookkeeping demands. None of the packets is open: nobody with
    money on its way is erased.
    """
    tx.conn.execute(
        sa.update(wallet_red_packet)
        .where(_packet.sender == party, _packet.status != "open")
        .values(greeting="", room_id="")
    )

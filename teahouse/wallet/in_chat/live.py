"""Tells rooms and devices of payments while they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from teahouse import chat
from teahouse.platform.db import Read, Tx
from teahouse.platform.json import JsonObject
from teahouse.wallet.in_chat.commands import keep_note
from teahouse.wallet.in_chat.queries import find_note, find_story
from teahouse.wallet.in_chat.rules import make_content, make_edit, make_statement
from teahouse.wallet.in_chat.types import CHANGED, ChatNote, ReceiptKey
from teahouse.wallet.parties.queries import users_of
from teahouse.wallet.payments.announcements import (
    PaymentBooked,
    PaymentPending,
    PaymentReversed,
    PaymentVoided,
)
from teahouse.wallet.payments.queries import find_payment
from teahouse.wallet.payments.types import Payment, PaymentKind

# What a further block says of a payment.
Describe: TypeAlias = Callable[[Read, Payment], JsonObject | None]
# Stands where an application service's id would: the account is nobody's.
OWNER: Final = "org.teahouse.wallet"


class Teller:
    """Tells of payments, in their own transaction.

    Args:
        voice: the server's payment account.
        signature: the server's key.
    """

    def __init__(self, voice: chat.Voice, signature: chat.Signature) -> None:
        self.voice = voice
        self.signature = signature
        self._further: dict[PaymentKind, tuple[str, Describe]] = {}

    def add_block(self, kind: PaymentKind, name: str, describe: Describe) -> None:
        """Let messages about payments of a kind bear a further block, signed by the server.

        Args:
            kind: of the payments.
            name: of the block in the message's content.
            describe: what it says of a payment; None: nothing.
        """
        self._further[kind] = (name, describe)

    def follow(
        self, tx: Tx, told: PaymentBooked | PaymentPending | PaymentReversed | PaymentVoided
    ) -> None:
        """Tell the room that the payer has named, and the devices of both sides."""
        payment = find_payment(tx, told.payment_id)
        assert payment is not None
        self.tell_payment(tx, payment)
        parties = [one for one in (payment.payer_party, payment.payee_party) if one is not None]
        self.wake(tx, users_of(tx, parties).values(), about=payment.id)

    def tell_payment(self, tx: Tx, payment: Payment) -> None:
        """Tell the room of a payment as it is now, where the payer has named one."""
        content = self._content(tx, payment)
        if content is not None and payment.room_id is not None:
            self.tell_room(
                tx,
                payment.id,
                room_id=payment.room_id,
                content=content,
                on_behalf_of=self._payer(tx, payment),
            )

    def describe(self, read: Read, payment: Payment) -> ChatNote | None:
        """How a room is told of a payment; None where none is."""
        content = self._content(read, payment)
        if content is None or payment.room_id is None:
            return None
        note = find_note(read, payment.id)
        return ChatNote(
            room_id=payment.room_id,
            event_id=None if note is None else note[1],
            content=content,
        )

    def tell_room(
        self,
        tx: Tx,
        about: str,
        *,
        room_id: str,
        content: JsonObject,
        on_behalf_of: str | None,
    ) -> str | None:
        """Tell a room of something, or replace what it was told before.

        Args:
            tx: the transaction.
            about: the id of a payment, a request or a split.
            room_id: the room.
            content: of the message.
            on_behalf_of: a member who brings the account into the room if it is not there.

        Returns:
            The id of the first message about it; None where the server can say nothing there.
        """
        note = find_note(tx, about)
        if note is not None:
            self.voice.send_event(tx, note[0], make_edit(note[1], content))
            return note[1]
        sent = self.voice.send_event(tx, room_id, content, on_behalf_of=on_behalf_of)
        if sent is not None:
            keep_note(tx, about, room_id=room_id, event_id=sent)
        return sent

    def wake(self, tx: Tx, user_ids: Iterable[str], *, about: str) -> None:
        """Let the clients of some members ask anew what is in their wallets."""
        self.voice.tell_devices(tx, CHANGED, to=user_ids, content={"about": about})

    def key(self) -> ReceiptKey:
        """What receipts are checked with."""
        return ReceiptKey(
            self.signature.server_name, self.signature.key_id, self.signature.public_key
        )

    def _content(self, read: Read, payment: Payment) -> JsonObject | None:
        story = find_story(read, payment)
        if story is None:
            return None
        content = make_content(story, self.signature.sign(make_statement(story)))
        further = self._further.get(payment.kind)
        block = None if further is None else further[1](read, payment)
        if further is None or block is None:
            return content
        return {**content, further[0]: self.signature.sign(block)}

    def _payer(self, read: Read, payment: Payment) -> str | None:
        party = payment.payer_party
        return None if party is None else users_of(read, [party]).get(party)

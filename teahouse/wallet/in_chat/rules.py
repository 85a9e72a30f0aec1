"""Writes what rooms are told, and judges what is claimed there. Pure."""

from __future__ import annotations

import re
from typing import TypeAlias

from teahouse.platform.json import JsonObject
from teahouse.platform.money import format_money
from teahouse.wallet.in_chat.types import BLOCK, Doubt, Story
from teahouse.wallet.payments.types import PaymentKind, PaymentStatus
from teahouse.wallet.wallets.types import Language

_NAME_LENGTH_MAX = 60
_LOCALES: dict[Language, str] = {"en": "en", "zh": "zh_CN"}
_Sentences: TypeAlias = dict[PaymentStatus, dict[Language, str]]

_PAID: _Sentences = {
    "completed": {
        "en": "{payer} paid {payee} {amount}",
        "zh": "{payer} 向 {payee} 付款 {amount}",
    },
    "pending": {
        "en": "{payer} wants to give {payee} {amount}, to be accepted within 24 hours",
        "zh": "{payer} 向 {payee} 转账 {amount}，请在 24 小时内收款",
    },
    "voided": {
        "en": "{payer} has {amount} back that was meant for {payee}",
        "zh": "{payer} 给 {payee} 的 {amount} 已退还",
    },
    "expired": {
        "en": "{payee} did not accept {amount} in time; {payer} has it back",
        "zh": "{payee} 未及时收款，{amount} 已退还 {payer}",
    },
    "reversed": {
        "en": "The payment of {amount} from {payer} to {payee} was undone",
        "zh": "{payer} 向 {payee} 的 {amount} 付款已撤销",
    },
}
_GIVEN: dict[Language, str] = {
    "en": "{payer} gives a red packet",
    "zh": "{payer} 发了一个红包",
}
_COLON: dict[Language, str] = {"en": ": ", "zh": "："}

EXPLANATIONS: dict[Doubt, dict[Language, str]] = {
    "malformed": {
        "en": "This is not the form in which this house tells of payments.",
        "zh": "格式不符合本店的付款通知。",
    },
    "bad-signature": {
        "en": "This house has not signed it: whoever sent it made it up.",
        "zh": "没有本店的有效签名：此通知系伪造。",
    },
    "altered": {
        "en": "It says something else than the receipt that this house has signed.",
        "zh": "内容与本店签署的收据不符。",
    },
    "wrong-room": {
        "en": "The receipt was given for another room.",
        "zh": "此收据属于另一个聊天室。",
    },
    "wrong-sender": {
        "en": "Neither the payer nor the payee nor this house has sent it.",
        "zh": "发送者既不是付款人、收款人，也不是本店。",
    },
    "unknown-payment": {
        "en": "This house knows of no such payment.",
        "zh": "本店没有这笔付款。",
    },
}


# Writing


def make_statement(story: Story) -> JsonObject:
    """What the server signs of a payment. Its canonical JSON is what the signature is over."""
    amount = story.amount
    return {
        "payment_id": story.payment_id,
        "kind": story.kind.value,
        "payer": story.payer,
        "payee": story.payee,
        "amount": None if amount is None else {"minor": amount.minor, "currency": amount.currency},
        "room_id": story.room_id,
        "status": story.status,
        "booked_at": story.booked_at,
        "reference": story.reference,
    }


def make_content(story: Story, receipt: JsonObject) -> JsonObject:
    """The content of the message that tells of a payment.

    Args:
        story: the payment.
        receipt: `make_statement` of it, signed.
    """
    return {
        "msgtype": "m.text",
        "body": make_text(story),
        "m.mentions": {"user_ids": [story.payee]} if story.payee else {},
        BLOCK: {**make_statement(story), "receipt": receipt},
    }


def make_edit(event_id: str, content: JsonObject) -> JsonObject:
    """The content of the message that replaces an earlier one.

    Source:
        Client-server API, "Event replacements".
    """
    return {
        **content,
        "body": f"* {content['body']}",
        # Whom it is about was told by the first message.
        "m.mentions": {},
        "m.new_content": content,
        "m.relates_to": {"rel_type": "m.replace", "event_id": event_id},
    }


def make_text(story: Story) -> str:
    """What people read who have no client that knows payments."""
    language = story.language
    if story.kind == PaymentKind.RED_PACKET:
        sentence = _GIVEN[language]
    else:
        sentence = _PAID[story.status][language]
    amount = story.amount
    text = sentence.format(
        payer=tidy(story.payer_name),
        payee=tidy(story.payee_name),
        amount="" if amount is None else format_money(amount, _LOCALES[language]),
    )
    return f"{text}{_COLON[language]}{story.message}" if story.message else text


def tidy(name: str) -> str:
    """A name on one line: nobody shall write a second sentence by calling themself one."""
    return re.sub(r"\s+", " ", name).strip()[:_NAME_LENGTH_MAX]


# Judging


def find_doubt(
    block: JsonObject,
    *,
    is_signed: bool,
    room_id: str,
    sender: str,
    house: str,
) -> Doubt | None:
    """What speaks against a block, without looking into the books.

    Args:
        block: as it was seen.
        is_signed: whether its receipt bears the server's valid signature.
        room_id: where it was seen.
        sender: of the message.
        house: the account by which the server itself tells.
    """
    receipt = block.get("receipt")
    if not isinstance(receipt, dict) or not isinstance(block.get("payment_id"), str):
        return "malformed"
    if not is_signed:
        return "bad-signature"
    claimed = {name: value for name, value in block.items() if name != "receipt"}
    signed = {name: value for name, value in receipt.items() if name != "signatures"}
    if not _is_same(claimed, signed):
        return "altered"
    if signed.get("room_id") != room_id:
        return "wrong-room"
    if sender not in {house, signed.get("payer"), signed.get("payee")}:
        return "wrong-sender"
    return None


def _is_same(claimed: JsonObject, signed: JsonObject) -> bool:
    # In Python 2000.0 and True equal numbers; in a receipt they are other words.
    return claimed == signed and repr(_sorted(claimed)) == repr(_sorted(signed))


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return value

"""How bills are divided, and what rooms are told of requests. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from teahouse.platform.json import JsonObject
from teahouse.platform.money import Money, allocate, format_money, split_evenly
from teahouse.wallet.in_chat.rules import tidy
from teahouse.wallet.requests.errors import InvalidSplit, SplitMismatch
from teahouse.wallet.requests.types import (
    REQUEST_BLOCK,
    SPLIT_BLOCK,
    Deed,
    PaymentRequest,
    RequestStatus,
    ShareBody,
    ShareView,
    Split,
    SplitBody,
)
from teahouse.wallet.wallets.types import Language

_LOCALES: dict[Language, str] = {"en": "en", "zh": "zh_CN"}
_COLON: dict[Language, str] = {"en": ": ", "zh": "："}
_ASKED: dict[RequestStatus, dict[Language, str]] = {
    "open": {
        "en": "{asker} asks {payer} for {amount}",
        "zh": "{asker} 向 {payer} 收款 {amount}",
    },
    "paid": {
        "en": "{payer} has paid {asker} {amount}",
        "zh": "{payer} 已付给 {asker} {amount}",
    },
    "declined": {
        "en": "{payer} does not want to pay {asker} {amount}",
        "zh": "{payer} 拒绝付给 {asker} {amount}",
    },
    "cancelled": {
        "en": "{asker} no longer asks {payer} for {amount}",
        "zh": "{asker} 取消了向 {payer} 收款 {amount}",
    },
    "expired": {
        "en": "{asker}'s request to {payer} for {amount} has expired",
        "zh": "{asker} 向 {payer} 收款 {amount} 已过期",
    },
}
_SPLIT: dict[Language, str] = {
    "en": "{asker} splits {total}: {paid} of {count} have paid",
    "zh": "{asker} 发起 {total} 的 AA 收款：{paid}/{count} 人已付",
}
_REMINDER: dict[Language, str] = {
    "en": "{asker} reminds {names} of {amount}",
    "zh": "{asker} 提醒 {names} 付款 {amount}",
}
_COMMA: dict[Language, str] = {"en": ", ", "zh": "、"}


# Dividing


def divide(body: SplitBody) -> list[int]:
    """What each of those who share a bill pays, minor units; they sum to the bill.

    Raises:
        InvalidSplit: somebody named twice, a share of nothing, or members that do not belong to
            the way of dividing.
        SplitMismatch: amounts that do not sum to the bill.
    """
    shares = body.shares
    if len({share.user_id for share in shares}) < len(shares):
        raise InvalidSplit("Everybody shares a bill once.")
    _check_members(body)
    match body.division:
        case "even":
            parts = split_evenly(body.total.minor, len(shares))
        case "weights":
            parts = allocate(body.total.minor, [share.weight or 0 for share in shares])
        case "amounts":
            parts = [share.minor or 0 for share in shares]
            # Before the sum, in which a negative share would hide.
            _check_parts(parts)
            if sum(parts) != body.total.minor:
                raise SplitMismatch(difference=sum(parts) - body.total.minor)
    _check_parts(parts)
    return parts


def _check_members(body: SplitBody) -> None:
    for share in body.shares:
        if (share.minor is not None) != (body.division == "amounts"):
            raise InvalidSplit("`minor` belongs to each share of a split by `amounts`.")
        if (share.weight is not None) != (body.division == "weights"):
            raise InvalidSplit("`weight` belongs to each share of a split by `weights`.")


def _check_parts(parts: Sequence[int]) -> None:
    if min(parts) < 1:
        raise InvalidSplit("Everybody's share is at least one unit of the currency.")


def asked_of(body: SplitBody, parts: Sequence[int], asker: str) -> list[tuple[ShareBody, int]]:
    """The shares of all but the one who asks.

    Raises:
        InvalidSplit: there is nobody else.
    """
    others = [
        (share, part)
        for share, part in zip(body.shares, parts, strict=True)
        if share.user_id != asker
    ]
    if not others:
        raise InvalidSplit("A bill is split with somebody.")
    return others


def possible_deeds(request: PaymentRequest, *, is_asker: bool, now: int) -> list[Deed]:
    """What one of the two sides can do with a request."""
    if request.status != "open" or now >= request.expires_at:
        return []
    return ["cancel", "remind"] if is_asker else ["pay", "decline"]


# Telling


def make_request_content(
    request: PaymentRequest, *, asker: str, payer: str, names: Mapping[str, str], language: Language
) -> JsonObject:
    """The content of the message that tells a room of a request.

    Args:
        request: which.
        asker: the member who asks.
        payer: the member who is asked.
        names: what people call them.
        language: of the asker.
    """
    text = _ASKED[request.status][language].format(
        asker=tidy(names[asker]),
        payer=tidy(names[payer]),
        amount=format_money(request.amount, _LOCALES[language]),
    )
    return {
        "msgtype": "m.text",
        "body": _with_message(text, request.message, language),
        "m.mentions": {"user_ids": [payer] if request.status == "open" else []},
        REQUEST_BLOCK: {
            "request_id": request.id,
            "asker": asker,
            "payer": payer,
            "amount": _json(request.amount),
            "status": request.status,
        },
    }


def make_split_content(
    split: Split, shares: Sequence[ShareView], *, asker: str, name: str, language: Language
) -> JsonObject:
    """The content of the message that tells a room of a bill, and who has paid.

    Args:
        split: the bill.
        shares: of the others.
        asker: the member who asks.
        name: what people call them.
        language: of the asker.
    """
    text = _SPLIT[language].format(
        asker=tidy(name),
        total=format_money(split.total, _LOCALES[language]),
        paid=sum(share.status == "paid" for share in shares),
        count=len(shares),
    )
    mentioned = [one.user_id for one in shares if one.user_id and one.status == "open"]
    return {
        "msgtype": "m.text",
        "body": _with_message(text, split.message, language),
        "m.mentions": {"user_ids": list(mentioned)},
        SPLIT_BLOCK: {
            "split_id": split.id,
            "asker": asker,
            "total": _json(split.total),
            "own": _json(split.own),
            "shares": [
                {
                    "request_id": share.request_id,
                    "user_id": share.user_id,
                    "amount": _json(share.amount),
                    "status": share.status,
                }
                for share in shares
            ],
        },
    }


def make_reminder(
    asker: str, payers: Mapping[str, str], amount: Money, *, language: Language
) -> JsonObject:
    """The content of the message that reminds some members.

    Args:
        asker: what people call who asks.
        payers: what people call those who are reminded, by their ids.
        amount: what they owe together.
        language: of the asker.
    """
    text = _REMINDER[language].format(
        asker=tidy(asker),
        names=_COMMA[language].join(tidy(name) for name in payers.values()),
        amount=format_money(amount, _LOCALES[language]),
    )
    return {"msgtype": "m.text", "body": text, "m.mentions": {"user_ids": list(payers)}}


def _with_message(text: str, message: str, language: Language) -> str:
    return f"{text}{_COLON[language]}{message}" if message else text


def _json(money: Money) -> JsonObject:
    return {"minor": money.minor, "currency": money.currency}

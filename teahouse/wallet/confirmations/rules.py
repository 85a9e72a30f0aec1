"""What a confirmation holds for, and what a passkey signs."""

from __future__ import annotations

import hashlib

import msgspec

from teahouse.platform.money import Money, format_money
from teahouse.wallet.confirmations.types import Confirmation, Facts

CONFIRMATION_MS = 5 * 60_000
# A member mistypes twice; a guesser gets no further.
TRIES_MAX = 5
# One for each payment a person can have in hand at once.
OPEN_MAX = 10

_VERBS = {
    "transfer": ("Transfer", "转账"),
    "request_paid": ("Pay what was asked for:", "支付收款请求"),
    "split_paid": ("Pay your share:", "支付分摊款"),
    "red_packet": ("Send a red packet of", "发红包"),
    "purchase": ("Pay", "付款"),
    "tip": ("Tip", "打赏"),
    "withdrawal": ("Withdraw", "提现"),
    "mandate": ("Allow charges of at most", "授权自动扣款,每次最多"),
    "unfreeze": ("Unfreeze your wallet", "解冻钱包"),
}


def is_for(confirmation: Confirmation, facts: Facts, device_id: str | None) -> bool:
    """Whether a confirmation was given for just this, on this device."""
    confirmed = confirmation.facts
    # A reference binds where both sides know it: a transfer has none before it is made.
    references = {confirmed.reference, facts.reference} - {""}
    return (
        confirmation.device_id == device_id
        and confirmed.kind == facts.kind
        and confirmed.payee_party == facts.payee_party
        and confirmed.amount == facts.amount
        and len(references) <= 1
    )


def compute_challenge(facts: Facts, *, party: str, device_id: str | None, nonce: bytes) -> bytes:
    """What a passkey signs: a digest of all that is confirmed, so that the signature binds it."""
    told = msgspec.json.encode([party, device_id, nonce.hex(), facts], order="deterministic")
    return hashlib.sha256(b"teahouse confirmation 1\n" + told).digest()


def compute_summary(facts: Facts, payee_name: str | None) -> dict[str, str]:
    """What the member agrees to, in English and Chinese.

    Args:
        facts: what is confirmed.
        payee_name: the payee as the member knows them.
    """
    en_verb, zh_verb = _VERBS[facts.kind]
    en = " ".join([en_verb, *_amount(facts.amount, "en")])
    zh = " ".join([zh_verb, *_amount(facts.amount, "zh_CN")])
    if payee_name is not None:
        en, zh = f"{en} to {payee_name}", f"{zh} 给 {payee_name}"
    return {"en": en, "zh": zh}


def _amount(amount: Money | None, locale: str) -> list[str]:
    return [] if amount is None else [format_money(amount, locale)]

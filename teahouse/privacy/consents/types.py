"""The nouns of consent: answers, states, receipts; and the purposes that no room declares."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from teahouse.platform.languages import Language
from teahouse.privacy.policy.types import Purpose, PurposeKind, declare_purpose

ConsentAnswer: TypeAlias = Literal["yes", "no"]
# `none`: never asked. `expired`: given to something that has since become something else.
ConsentState: TypeAlias = Literal["none", "given", "refused", "withdrawn", "expired"]
# Who said it: the member here, or their browser's Global Privacy Control.
Voice: TypeAlias = Literal["member", "gpc"]

DIAGNOSTICS = declare_purpose(
    Purpose(
        name="diagnostics",
        title={"en": "Send reports when the app fails", "zh": "应用出错时发送报告"},
        text={
            "en": "When the app fails, it sends us what went wrong, without your name and "
            "without what you wrote. We use it to mend the app.",
            "zh": "应用出错时，把出错的情况发给我们，不含您的名字，也不含您写的内容。"
            "我们用它来修复应用。",
        },
        data=("activity",),
        keep_days=30,
    )
)
CONTACT_SUGGESTIONS = declare_purpose(
    Purpose(
        name="contact_suggestions",
        title={"en": "Suggest people I may know", "zh": "推荐我可能认识的人"},
        text={
            "en": "We look at who shares rooms with you, and suggest people to write to. "
            "Your phone's contacts stay on your phone.",
            "zh": "我们看您和谁在同一个房间，推荐您可以联系的人。您手机里的通讯录仍只留在手机上。",
        },
        data=("relation",),
        keep_days=30,
        derives=True,
    )
)


class ConsentWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member's answer. Yes and no are the same request but for this word.

    Attributes:
        answer: yes or no.
        language: of the notice that was shown.
    """

    answer: ConsentAnswer
    language: Language = "en"


class PurposeView(msgspec.Struct, frozen=True, kw_only=True):
    """A purpose, as it is told to whoever has no account yet.

    Attributes:
        purpose: its name.
        title: in the reader's language.
        text: what is done once one says yes.
        kind: whether data stays here, is handed on, or serves advertising.
    """

    purpose: str
    title: str
    text: str
    kind: PurposeKind


class ConsentView(msgspec.Struct, frozen=True, kw_only=True):
    """A purpose, and how a member stands to it.

    Attributes:
        purpose: its name.
        title: in the member's language.
        text: what is done once one says yes.
        kind: whether data stays here, is handed on, or serves advertising.
        state: `none` until the member answers: then nothing is done.
        since: of the last answer, ms, or None.
        voice: who gave it, or None.
        receipt_id: of the last answer, or None.
    """

    purpose: str
    title: str
    text: str
    kind: PurposeKind
    state: ConsentState
    since: int | None = None
    voice: Voice | None = None
    receipt_id: str | None = None


class ConsentEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, as it stands in the history.

    Attributes:
        receipt_id: names its receipt.
        purpose: what it was about.
        number: its place among the answers about this purpose, from 1.
        state: given, refused or withdrawn.
        at: when, ms.
        voice: who gave it.
        notice_version: the version of the policy that held the notice.
    """

    receipt_id: str
    purpose: str
    number: int
    state: ConsentState
    at: int
    voice: Voice
    notice_version: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt with what proves it.

    Attributes:
        receipt: JSON-LD, in the canonical form of RFC 8785: exactly what is signed.
        signature: Ed25519 over its bytes, base64.
        public_key: who signed it, base64 of the 32 bytes.
        log_index: where the transparency log holds the commitment to it.
        log_salt: SHA-256 of this salt (hexadecimal) and the receipt is the commitment.
    """

    receipt: str
    signature: str
    public_key: str
    log_index: int
    log_salt: str


class SignerKey(msgspec.Struct, frozen=True):
    """Who signs receipts.

    Attributes:
        public_key: Ed25519, base64 of the 32 bytes.
    """

    public_key: str

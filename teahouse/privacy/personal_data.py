"""Erases what privacy itself holds of a member."""

from __future__ import annotations

from typing import Final

from teahouse.platform.db import Tx
from teahouse.privacy.archives.commands import expire_archives_of
from teahouse.privacy.consents.commands import forget_consents
from teahouse.privacy.imports.commands import forget_imports_of
from teahouse.privacy.member_keys.rules import blanked, by_columns, find_member_ids
from teahouse.privacy.member_keys.types import Declared, DeclaredFiles, NobodysOwn, Ownership
from teahouse.privacy.official_requests import personal_data as official_requests
from teahouse.privacy.policy.commands import forget_replies
from teahouse.privacy.transparency_log.commands import forget_entries_about


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase answers, receipts and entries; of the log stay commitments that say nothing."""
    forget_consents(tx, user_id)
    forget_replies(tx, user_id)
    forget_entries_about(tx, user_id)
    official_requests.erase_member(tx, user_id)
    expire_archives_of(tx, user_id)
    forget_imports_of(tx, user_id)


_REGISTER: Final = NobodysOwn(
    "The register of official requests: what staff did, for whoever checks them.",
    "官方请求登记簿：工作人员做了什么，供监督者查阅。",
)
# Of the tables of privacy, and of the platform below it, which knows no members.
OWNERSHIPS: Final[Declared] = {
    "platform_idempotency": Ownership(by_columns("who")),
    # Work to be done names those it is for; when one of them is gone, so is the work.
    "platform_job": Ownership(lambda row: find_member_ids(row["key"], row["payload"])),
    "privacy_canary": NobodysOwn(
        "A signed statement for everybody, and which of the staff made it.",
        "向所有人公开的签名声明，以及由哪位工作人员签发。",
    ),
    "privacy_log_entry": Ownership(
        by_columns("about"), left=blanked(about=None, salt=None, body=None)
    ),
    "privacy_official_line": Ownership(by_columns("user_id"), left=blanked(user_id="erased")),
    "privacy_sealed_box": NobodysOwn(
        "It is sealed under a key of its own, which has its own date.",
        "以单独的密钥封存，密钥有自己的到期日。",
    ),
    "privacy_box_opening": NobodysOwn(
        "Who of the staff had a box opened, and for which case.",
        "哪位工作人员因何案件要求开启封存箱。",
    ),
    # Of the certificate only its claim is known; it goes after 30 days.
    "privacy_official_request": _REGISTER,
    "privacy_official_act": _REGISTER,
    "privacy_official_approval": _REGISTER,
}
_SEALED_BY_ITS_ROW: Final = NobodysOwn(
    "Each is sealed under a key of its own, which its row holds.",
    "每份都以单独的密钥封存，密钥存于对应的记录中。",
)
FILE_OWNERS: Final[DeclaredFiles] = {
    "official-documents": _REGISTER,
    "archives": _SEALED_BY_ITS_ROW,
    "imports": _SEALED_BY_ITS_ROW,
}

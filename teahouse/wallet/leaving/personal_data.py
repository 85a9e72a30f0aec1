"""Whose the rows of the wallet are, and what an erasure leaves of them.

What the law of bookkeeping keeps stays, under a party that is nobody's any more. Words, rooms and
bank accounts are the member's own and go.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from teahouse import privacy
from teahouse.wallet.outside.tables import wallet_bank_order
from teahouse.wallet.pay_ins.tables import wallet_pay_in
from teahouse.wallet.reconciliation.tables import wallet_bank_statement_line
from teahouse.wallet.statements.tables import wallet_export

_ORDERED_BY: Final = "ordered_by"
_BOOKS: Final = privacy.NobodysOwn(
    "The law of bookkeeping keeps it, under a party of which nobody knows whose it was.",
    "法律要求保留账目；账目上只有代号，没有人知道代号属于谁。",
    by_law=True,
)
_SHOP: Final = privacy.NobodysOwn(
    "A shop's own record, which the law of bookkeeping keeps.",
    "商户自己的记录，法律要求保留。",
    by_law=True,
)

OWNERSHIPS: Final[privacy.DeclaredOwnership] = {
    "wallet_party": privacy.Ownership(
        privacy.by_columns("user_id"), left=privacy.blanked(user_id=None)
    ),
    "wallet_payment": privacy.Ownership(
        privacy.by_columns("payer_party"), left=privacy.blanked(message="", room_id=None)
    ),
    "wallet_red_packet": privacy.Ownership(
        privacy.by_columns("sender"), left=privacy.blanked(greeting="", room_id="")
    ),
    "wallet_request": privacy.Ownership(
        privacy.by_columns("asker"), left=privacy.blanked(message="", room_id=None)
    ),
    "wallet_split": privacy.Ownership(
        privacy.by_columns("asker"), left=privacy.blanked(message="", room_id="")
    ),
    # Shops describe what they sell; what a member was asked to type is theirs.
    "wallet_charge": privacy.Ownership(
        lambda row: [row["payer"]] if row["origin"] == "shop_code" else [],
        left=privacy.blanked(description=""),
        counted=("payer",),
    ),
    "wallet_dispute_said": privacy.Ownership(
        privacy.by_columns("party"), left=privacy.blanked(text="", files="[]", party=None)
    ),
    "wallet_freeze": privacy.Ownership(
        lambda row: [row["party"]] if row["kind"] == "own" else [],
        left=privacy.blanked(reason=""),
        counted=("party",),
    ),
    "wallet_freeze_log": privacy.Ownership(
        privacy.by_columns("by_user_id"), left=privacy.blanked(note="")
    ),
    "wallet_outside_account": privacy.Ownership(
        privacy.by_columns("party"),
        left=privacy.blanked(bank="", sealed=None, last4="", allows_debits=False, status="removed"),
    ),
    "wallet_pay_in": privacy.Ownership(privacy.by_columns("party"), left=privacy.blanked(name="")),
    "wallet_room_note": privacy.NobodysOwn(
        "Which room was told of a payment; it names nobody.",
        "哪个聊天室被告知了付款；不含任何人的名字。",
    ),
    "wallet_webhook_message": privacy.NobodysOwn(
        "What a shop was told of itself, for 30 days.", "发给商户的关于其自身的通知，保留30天。"
    ),
    # The bank's statement of the house's own account: but for the name it is kept by law.
    "wallet_bank_statement_line": privacy.Ownership(
        privacy.by_columns(_ORDERED_BY),
        left=privacy.blanked(name="", text=""),
        lookups={
            _ORDERED_BY: sa.func.coalesce(
                sa.select(wallet_bank_order.c.party)
                .where(wallet_bank_order.c.order_id == wallet_bank_statement_line.c.order_id)
                .scalar_subquery(),
                sa.select(wallet_pay_in.c.party)
                .where(wallet_pay_in.c.pay_in_id == wallet_bank_statement_line.c.order_id)
                .scalar_subquery(),
            )
        },
    ),
    **dict.fromkeys(
        (
            "wallet_bank_order",
            "wallet_decision",
            "wallet_dispute",
            "wallet_mandate",
            "wallet_mandate_charge",
            "wallet_reconciliation_item",
            "wallet_red_packet_share",
            "wallet_spent",
            "wallet_transfer",
            "wallet_wallet",
        ),
        _BOOKS,
    ),
    **dict.fromkeys(
        (
            "wallet_payout_plan",
            "wallet_refund",
            "wallet_shop_decision",
            "wallet_shop_fee",
            "wallet_shop_key",
        ),
        _SHOP,
    ),
}

_BANK: Final = privacy.NobodysOwn(
    "What was told to the bank and what it answered, of many at once; the law keeps it. It is "
    "sealed, and its key is destroyed when the years of its month are over.",
    "与银行往来的文件，涉及多人；法律要求保留。文件已封存，当月的法定年限一到，密钥即被销毁。",
    by_law=True,
)
FILE_OWNERS: Final[privacy.DeclaredFiles] = {
    "exports": privacy.FileOwners(sa.select(wallet_export.c.export_id, wallet_export.c.party)),
    "inbox": _BANK,
    "outbox": _BANK,
    "bank-files": _BANK,
}

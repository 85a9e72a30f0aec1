"""Whose the rows of the wallet are, and what an erasure leaves of them.

What the law of bookkeeping keeps stays, under a party that is nobody's any more. Words, rooms and
bank accounts are the member's own and go.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from teahouse import privacy
from teahouse.wallet.statements.tables import wallet_export

_BOOKS: Final = privacy.NobodysOwn(
    "The law of bookkeeping keeps it, under a party of which nobody knows whose it was."
)
_SHOP: Final = privacy.NobodysOwn("A shop's own record, which the law of bookkeeping keeps.")

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
    ),
    "wallet_dispute_said": privacy.Ownership(
        privacy.by_columns("party"), left=privacy.blanked(text="", files="[]", party=None)
    ),
    "wallet_freeze": privacy.Ownership(
        lambda row: [row["party"]] if row["kind"] == "own" else [],
        left=privacy.blanked(reason=""),
    ),
    "wallet_freeze_log": privacy.Ownership(
        privacy.by_columns("by_user_id"), left=privacy.blanked(note="")
    ),
    "wallet_outside_account": privacy.Ownership(
        privacy.by_columns("party"),
        left=privacy.blanked(bank="", sealed=None, last4="", allows_debits=False, status="removed"),
    ),
    "wallet_bank_order": privacy.Ownership(
        privacy.by_columns("party"), left=privacy.blanked(text="")
    ),
    "wallet_room_note": privacy.NobodysOwn("Which room was told of a payment; it names nobody."),
    "wallet_webhook_message": privacy.NobodysOwn("What a shop was told of itself, for 30 days."),
    "wallet_bank_statement_line": privacy.NobodysOwn(
        "The bank's own statement of the house's account, which the law of bookkeeping keeps."
    ),
    **dict.fromkeys(
        (
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
    "What was told to the bank and what it answered, of many at once; the law keeps it."
)
FILE_OWNERS: Final[privacy.DeclaredFiles] = {
    "exports": privacy.FileOwners(sa.select(wallet_export.c.export_id, wallet_export.c.party)),
    "inbox": _BANK,
    "outbox": _BANK,
    "bank-files": _BANK,
}

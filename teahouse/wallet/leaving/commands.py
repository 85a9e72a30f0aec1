"""Closes and erases what a member has in the wallet."""

from __future__ import annotations

from typing import Final

import msgspec

from teahouse.platform.db import Tx
from teahouse.platform.idempotency import forget_answers_of
from teahouse.wallet.charges import personal_data as charges
from teahouse.wallet.codes import personal_data as codes
from teahouse.wallet.confirmations import personal_data as confirmations
from teahouse.wallet.disputes import personal_data as disputes
from teahouse.wallet.freezes import personal_data as freezes
from teahouse.wallet.in_chat import personal_data as in_chat
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.leaving.errors import MoneyLeft
from teahouse.wallet.leaving.queries import find_obstacles
from teahouse.wallet.mandates import personal_data as mandates
from teahouse.wallet.outside import personal_data as outside
from teahouse.wallet.parties.commands import cut_off
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.pay_ins import personal_data as pay_ins
from teahouse.wallet.payments import personal_data as payments
from teahouse.wallet.reconciliation import personal_data as reconciliation
from teahouse.wallet.red_packets import personal_data as red_packets
from teahouse.wallet.requests import personal_data as requests
from teahouse.wallet.requests.commands import end_open
from teahouse.wallet.shops import personal_data as shops
from teahouse.wallet.statements import personal_data as statements
from teahouse.wallet.transfers.commands import end_pending
from teahouse.wallet.wallets import personal_data as wallets
from teahouse.wallet.wallets.commands import close_wallets

# Who stands higher first: what is told of others is forgotten before they are.
SUBJECTS: Final = (
    disputes,
    statements,
    codes,
    mandates,
    charges,
    shops,
    reconciliation,
    pay_ins,
    outside,
    red_packets,
    requests,
    in_chat,
    payments,
    freezes,
    confirmations,
    wallets,
)


def close_member(tx: Tx, user_id: str, teller: Teller) -> None:
    """Let nothing wait for a member whose account is closed; what is in their wallets stays.

    What they were given and had not accepted goes back, what they gave comes back, and what they
    asked for and were asked for is over.
    """
    party = find_party(tx, user_id)
    if party is None:
        return
    end_pending(tx, party)
    end_open(tx, party, teller)
    mandates.erase_member(tx, user_id)
    codes.erase_member(tx, user_id)
    confirmations.erase_member(tx, user_id)


def erase_member(tx: Tx, user_id: str) -> None:
    """Erase what the wallet knows of a member, but for what the law of bookkeeping keeps.

    Words, rooms and choices go; payments stay, with a party that is nobody's any more.

    Raises:
        MoneyLeft: there is money in their wallets, or on its way; nothing is erased, nor is the
            account closed.
    """
    obstacles = find_obstacles(tx, user_id)
    if obstacles:
        raise MoneyLeft(obstacles=msgspec.to_builtins(obstacles))
    party = find_party(tx, user_id)
    if party is not None:
        close_wallets(tx, party)
        for subject in SUBJECTS:
            subject.erase_member(tx, user_id)
        cut_off(tx, user_id)
    forget_answers_of(tx, user_id)

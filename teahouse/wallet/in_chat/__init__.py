"""In the chat: rooms are told of payments, and anybody can find out whether what they see is true.

A message with the block `org.teahouse.payment` moves nothing: the ledger is the truth. The block
bears a receipt signed by the server, which a client can check without asking, and
`/api/v1/wallet/payments/verify` says whether a block is what it seems.

Stands below transfers and requests, which tell rooms through it.
"""

from __future__ import annotations

from teahouse import accounts, chat
from teahouse.platform.db import Tx
from teahouse.platform.services import Services
from teahouse.platform.settings import SettingsError
from teahouse.wallet.in_chat.live import OWNER, Teller
from teahouse.wallet.payments.announcements import (
    PaymentBooked,
    PaymentPending,
    PaymentReversed,
    PaymentVoided,
)


def install(services: Services) -> None:
    """Make the account that tells rooms of payments, and let it hear of them.

    Raises:
        SettingsError: a member has its name.
    """
    db = services.db
    voice = chat.Voice(services, services.settings.payment_user)
    db.run(_make_account, voice.user_id)
    teller = Teller(voice, chat.Signature(services))
    services.put(teller)
    db.react(PaymentBooked, teller.follow)
    db.react(PaymentPending, teller.follow)
    db.react(PaymentReversed, teller.follow)
    db.react(PaymentVoided, teller.follow)


def _make_account(tx: Tx, user_id: str) -> None:
    found = accounts.find_member(tx, user_id)
    if found is None:
        # No password opens it, and no application service acts for it.
        accounts.register_member(tx, accounts.NewMember(user_id=user_id, appservice_id=OWNER))
    elif found.appservice_id != OWNER:
        raise SettingsError(
            f"payment_user: {user_id} is a member. Members would take what they say for the "
            "house's word: choose another name."
        )

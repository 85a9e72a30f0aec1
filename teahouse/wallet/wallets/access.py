"""From a stranger's id to their wallet."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.ledger import AccountId
from teahouse.platform.db import Read
from teahouse.platform.money import Currency
from teahouse.platform.requester import Requester
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.wallets.errors import WalletNotFound
from teahouse.wallet.wallets.tables import wallet_wallet
from teahouse.wallet.wallets.types import Wallet, WalletId

_c = wallet_wallet.c


def access_wallet(read: Read, requester: Requester, wallet_id: str) -> Wallet:
    """The requester's wallet of this id.

    Raises:
        WalletNotFound: there is none, or it is another's: both look the same.
    """
    party = find_party(read, requester.user_id)
    row = read.conn.execute(
        sa.select(wallet_wallet).where(_c.wallet_id == wallet_id, _c.party == party)
    ).one_or_none()
    if row is None:
        raise WalletNotFound
    return Wallet(
        id=WalletId(row.wallet_id),
        party=PartyId(row.party),
        currency=Currency(row.currency),
        account=AccountId(row.account),
        status=row.status,
        opened_at=row.opened_at,
    )

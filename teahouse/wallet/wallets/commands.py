"""Opens, freezes and closes wallets, and keeps what members choose."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse import ledger
from teahouse.ledger import FREE, NEVER, AccountId
from teahouse.platform.db import Tx, upsert
from teahouse.platform.money import Currency, parse_currency
from teahouse.platform.requester import Requester
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.parties.queries import load_party
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.wallets.errors import CurrencyNotOffered, WalletNotEmpty, WalletNotFound
from teahouse.wallet.wallets.queries import (
    find_house_account,
    find_settings,
    find_wallet,
    load_wallet,
    view_wallet,
)
from teahouse.wallet.wallets.tables import wallet_house_account, wallet_settings, wallet_wallet
from teahouse.wallet.wallets.types import (
    CHART,
    MEMBER_WALLETS,
    SHOP_WALLETS,
    HouseAccount,
    HouseCurrencies,
    NewWallet,
    SettingsChange,
    Wallet,
    WalletId,
    WalletSettings,
    WalletStatus,
    WalletView,
)

WALLET = "wal"
# The owner, in the ledger, of the operator's own accounts.
HOUSE = "house"
_c = wallet_wallet.c


def open_wallet(tx: Tx, party: PartyId, currency: Currency) -> Wallet:
    """A party's wallet in a currency: the one that is there, or a new one.

    Args:
        tx: the transaction.
        party: of a member or a shop.
        currency: any of ISO 4217; whether the house offers it is the caller's business.

    Raises:
        UnknownCurrency: no currency of ISO 4217.
    """
    found = find_wallet(tx, party, currency)
    if found is not None:
        return found
    known = load_party(tx, party)
    assert known is not None
    wallet = Wallet(
        id=WalletId(tx.new_id(WALLET)),
        party=party,
        currency=parse_currency(currency),
        account=ledger.open_account(
            tx,
            owner=party,
            currency=currency,
            kind="liability",
            code=MEMBER_WALLETS if known.kind == "member" else SHOP_WALLETS,
            overdraft=NEVER,
        ),
        status="open",
        opened_at=tx.now,
    )
    tx.conn.execute(
        sa.insert(wallet_wallet).values(
            wallet_id=wallet.id,
            party=party,
            currency=wallet.currency,
            account=wallet.account,
            status=wallet.status,
            opened_at=wallet.opened_at,
        )
    )
    return wallet


def house_account(tx: Tx, name: HouseAccount, currency: Currency) -> AccountId:
    """One of the operator's own accounts; opened at the first call."""
    found = find_house_account(tx, name, currency)
    if found is not None:
        return found
    line = CHART[name]
    opened = ledger.open_account(
        tx,
        owner=HOUSE,
        currency=currency,
        kind=line.kind,
        code=line.code,
        overdraft=NEVER if line.is_bounded else FREE,
    )
    tx.conn.execute(
        sa.insert(wallet_house_account).values(name=name.value, currency=currency, account=opened)
    )
    return opened


def open_own_wallet(
    tx: Tx, requester: Requester, new: NewWallet, currencies: HouseCurrencies
) -> WalletView:
    """Open a wallet for oneself; the same again gives the one that is there.

    Raises:
        CurrencyNotOffered: this house has none in the currency.
    """
    currency = check_offered(new.currency, currencies)
    return view_wallet(tx, open_wallet(tx, party_of(tx, requester.user_id), currency))


def check_offered(code: str, currencies: HouseCurrencies) -> Currency:
    """Refuse currencies that this house has no wallets in.

    Raises:
        CurrencyNotOffered: it has none.
    """
    if code not in currencies.all:
        raise CurrencyNotOffered(currencies=list(currencies.all))
    return Currency(code)


def change_settings(
    tx: Tx, requester: Requester, change: SettingsChange, currencies: HouseCurrencies
) -> WalletSettings:
    """Change what one has chosen.

    Raises:
        CurrencyNotOffered: the preferred currency is not one of this house's.
    """
    if change.preferred_currency is not None:
        check_offered(change.preferred_currency, currencies)
    party = party_of(tx, requester.user_id)
    earlier = find_settings(tx, party, currencies)
    by_hand = change.accepts_by_hand
    chosen = WalletSettings(
        Currency(change.preferred_currency or earlier.preferred_currency),
        accepts_by_hand=earlier.accepts_by_hand if by_hand is None else by_hand,
        language=change.language or earlier.language,
    )
    tx.conn.execute(
        upsert(wallet_settings, "preferred_currency", "accepts_by_hand", "language").values(
            party=party,
            preferred_currency=chosen.preferred_currency,
            accepts_by_hand=chosen.accepts_by_hand,
            language=chosen.language,
        )
    )
    return chosen


def freeze_wallet(tx: Tx, wallet_id: str) -> None:
    """Let members neither pay from a wallet nor to it. Who may ask for that is decided above.

    What the house owes the wallet still arrives: refunds, and what others did not accept.

    Raises:
        WalletNotFound: there is none.
    """
    _set_status(tx, wallet_id, "frozen")


def unfreeze_wallet(tx: Tx, wallet_id: str) -> None:
    """Let members pay from a wallet and to it again.

    Raises:
        WalletNotFound: there is none.
    """
    _set_status(tx, wallet_id, "open")


def close_wallets(tx: Tx, party: str) -> None:
    """Close all wallets of a party that goes away.

    Raises:
        WalletNotEmpty: there is money in one of them, or on its way.
    """
    wallets = tx.conn.execute(
        sa.select(_c.wallet_id, _c.account).where(_c.party == party, _c.status != "closed")
    ).all()
    for row in wallets:
        try:
            ledger.close_account(tx, AccountId(row.account))
        except ledger.AccountNotEmpty:
            raise WalletNotEmpty from None
        _set_status(tx, row.wallet_id, "closed")


def forget_settings(tx: Tx, party: str) -> None:
    """Forget what a member had chosen."""
    tx.conn.execute(sa.delete(wallet_settings).where(wallet_settings.c.party == party))


def _set_status(tx: Tx, wallet_id: str, status: WalletStatus) -> None:
    wallet = load_wallet(tx, wallet_id)
    if wallet is None or wallet.status == "closed":
        raise WalletNotFound
    tx.conn.execute(sa.update(wallet_wallet).where(_c.wallet_id == wallet_id).values(status=status))

"""Reads wallets and the operator's own accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from teahouse import ledger
from teahouse.ledger import AccountId
from teahouse.platform.checks import PROBLEMS_MAX
from teahouse.platform.db import Read
from teahouse.platform.money import Currency, Money
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.wallets.tables import wallet_house_account, wallet_settings, wallet_wallet
from teahouse.wallet.wallets.types import (
    CHART,
    HouseAccount,
    HouseCurrencies,
    Language,
    Wallet,
    WalletId,
    WalletList,
    WalletSettings,
    WalletView,
)

_c, _house, _settings = wallet_wallet.c, wallet_house_account.c, wallet_settings.c
# For every payment; to be built once.
_select_wallet = sa.select(wallet_wallet).where(_c.wallet_id == sa.bindparam("id"))
_select_of_party = sa.select(wallet_wallet).where(
    _c.party == sa.bindparam("party"), _c.currency == sa.bindparam("currency")
)


def find_wallet(read: Read, party: str, currency: str) -> Wallet | None:
    """A party's wallet in a currency, or None."""
    return _find(read, _select_of_party, party=party, currency=currency)


def load_wallet(read: Read, wallet_id: str) -> Wallet | None:
    """A wallet by its id, or None; for the house, which may see all."""
    return _find(read, _select_wallet, id=wallet_id)


def list_wallets(read: Read, party: str) -> list[Wallet]:
    """A party's wallets, by currency."""
    rows = read.conn.execute(
        sa.select(wallet_wallet).where(_c.party == party).order_by(_c.currency)
    )
    return [_to_wallet(row) for row in rows]


def find_house_account(read: Read, name: HouseAccount, currency: str) -> AccountId | None:
    """One of the operator's own accounts, or None before it is first needed."""
    found = read.conn.execute(
        sa.select(_house.account).where(_house.name == name.value, _house.currency == currency)
    ).scalar_one_or_none()
    return None if found is None else AccountId(found)


def find_settings(read: Read, party: str | None, currencies: HouseCurrencies) -> WalletSettings:
    """What a member has chosen; the house's first currency and no acceptance by hand else."""
    row = read.conn.execute(
        sa.select(wallet_settings).where(_settings.party == party)
    ).one_or_none()
    preferred = row.preferred_currency if row else None
    # The operator may have given a currency up since.
    if preferred not in currencies.all:
        preferred = currencies.all[0]
    return WalletSettings(
        Currency(preferred),
        accepts_by_hand=bool(row and row.accepts_by_hand),
        language=row.language if row else "en",
    )


def accepts_by_hand(read: Read, party: str) -> bool:
    """Whether money from others waits until this party accepts it."""
    found = read.conn.execute(
        sa.select(_settings.accepts_by_hand).where(_settings.party == party)
    ).scalar_one_or_none()
    return bool(found)


def language_of(read: Read, party: str | None) -> Language:
    """The language of what the house writes into rooms for a party."""
    found = read.conn.execute(
        sa.select(_settings.language).where(_settings.party == party)
    ).scalar_one_or_none()
    return "zh" if found == "zh" else "en"


def view_wallets(read: Read, user_id: str, currencies: HouseCurrencies) -> WalletList:
    """A member's wallets with what is in them."""
    party = find_party(read, user_id)
    chosen = find_settings(read, party, currencies)
    views = [] if party is None else [view_wallet(read, one) for one in list_wallets(read, party)]
    return WalletList(views, [*currencies.all], chosen.preferred_currency, chosen.accepts_by_hand)


def view_wallet(read: Read, wallet: Wallet) -> WalletView:
    """A wallet with what is in it."""
    balance = ledger.find_balance(read, wallet.account)
    return WalletView(
        wallet_id=wallet.id,
        currency=wallet.currency,
        status=wallet.status,
        posted=balance.posted,
        available=balance.available,
        pending_in=balance.pending_in,
        pending_out=balance.pending_out,
        opened_at=wallet.opened_at,
    )


def find_money_left(read: Read, user_id: str) -> list[Money]:
    """What is in a member's wallets or on its way: an account with any is not erased."""
    party = find_party(read, user_id)
    wallets = [] if party is None else list_wallets(read, party)
    balances = [ledger.find_balance(read, wallet.account) for wallet in wallets]
    return [
        one.posted if one.posted else one.pending_in
        for one in balances
        if one.posted or one.pending_in or one.pending_out
    ]


# Checks


def find_wallets_without_accounts(read: Read) -> Iterator[str]:
    """Wallets whose account is missing, of another owner, or in another currency."""
    wallets = sa.select(wallet_wallet).order_by(_c.wallet_id).execution_options(yield_per=500)
    found = 0
    for row in read.conn.execute(wallets):
        account = ledger.find_account(read, AccountId(row.account))
        if account is not None and (account.owner, account.currency, account.kind) == (
            row.party,
            row.currency,
            "liability",
        ):
            continue
        found += 1
        yield f"wallet {row.wallet_id} has no account in the ledger that fits it"
        if found == PROBLEMS_MAX:
            return


def find_house_accounts_amiss(read: Read) -> Iterator[str]:
    """House accounts whose ledger account is missing or under another heading."""
    for row in read.conn.execute(
        sa.select(wallet_house_account).order_by(_house.name, _house.currency)
    ):
        account = ledger.find_account(read, AccountId(row.account))
        line = CHART[HouseAccount(row.name)]
        if account is None or (account.code, account.kind, account.currency) != (
            line.code,
            line.kind,
            row.currency,
        ):
            yield f"the house account {row.name} in {row.currency} does not fit the ledger"


def _find(read: Read, select: sa.Select[Any], **values: str) -> Wallet | None:
    row = read.conn.execute(select, values).one_or_none()
    return None if row is None else _to_wallet(row)


def _to_wallet(row: sa.Row[Any]) -> Wallet:
    return Wallet(
        id=WalletId(row.wallet_id),
        party=PartyId(row.party),
        currency=Currency(row.currency),
        account=AccountId(row.account),
        status=row.status,
        opened_at=row.opened_at,
    )

"""Wallets: one for each party and currency, and the operator's own accounts beside them."""

from __future__ import annotations

from teahouse.platform.money import UnknownCurrency, parse_currency
from teahouse.platform.services import Services
from teahouse.platform.settings import SettingsError
from teahouse.wallet.wallets.types import HouseCurrencies


def install(services: Services) -> None:
    """Read which currencies this house has.

    Raises:
        SettingsError: none, or one that ISO 4217 does not know.
    """
    try:
        currencies = tuple(parse_currency(code) for code in services.settings.wallet_currencies)
    except UnknownCurrency as error:
        raise SettingsError(f"wallet_currencies: {error}") from None
    if not currencies:
        raise SettingsError("wallet_currencies: a house has at least one currency.")
    services.put(HouseCurrencies(currencies))

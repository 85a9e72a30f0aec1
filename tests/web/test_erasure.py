"""A member asks to be erased, keeps the account, and is erased after all, with a certificate."""

import re

import pytest
from playwright.async_api import expect

from teahouse.platform.db import Tx
from teahouse.platform.money import Currency, Money
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.payments.commands import pay
from teahouse.wallet.payments.types import PaymentDraft, PaymentKind
from teahouse.wallet.wallets.commands import open_wallet
from teahouse.wallet.wallets.types import HouseAccount
from tests.web.browsers import PHONE, Town
from tests.web.test_signing_in import prove

pytestmark = pytest.mark.anyio


async def test_a_member_thinks_it_over_and_is_erased_with_a_certificate(town: Town) -> None:
    ada = await town.member("ada", viewport=PHONE)
    await ada.go("/me/privacy")
    await ada.page.get_by_role("link", name="Erase my account").click()
    await expect(ada.page.get_by_text("You have 7 days to change your mind")).to_be_visible()
    await ada.has_no_barriers()

    # With money nothing is erased; it says so before.
    town.give(ada.user_id, 100)
    await ada.page.reload()
    await expect(ada.page.get_by_text("Money is in your wallet")).to_be_visible()
    await expect(ada.button("Erase it now")).to_be_disabled()
    await ada.has_no_barriers()

    # A week to think it over; one click keeps the account, wherever one is.
    await ada.button("Erase my account in 7 days").click()
    await prove(ada)
    claim = ada.page.get_by_test_id("erasure-claim")
    await expect(claim).to_contain_text("/privacy/erasure/")
    await ada.has_no_barriers()
    await ada.go("/")
    banner = ada.page.get_by_text("Your account will be erased on")
    await expect(banner).to_be_visible()
    await ada.button("Keep my account").click()
    await expect(banner).to_be_hidden()

    # At once, once nothing is open any more.
    _take_all(town, ada.user_id)
    await ada.go("/me/privacy/erase")
    await ada.button("Erase it now").click()
    await ada.button("Erase everything now").click()
    await prove(ada)
    heading = ada.page.get_by_role("heading", name="Certificate of erasure")
    await expect(heading).to_be_visible()
    await expect(ada.page.get_by_text("No backup can bring it back after")).to_be_visible()
    await expect(ada.page.get_by_text("has erased the account")).to_contain_text(ada.user_id)
    await expect(ada.page).to_have_url(re.compile("/privacy/erasure/"))
    await ada.page.get_by_role("link", name="中文").click()
    await expect(ada.page.get_by_role("heading", name="删除证明")).to_be_visible()

    # The door knows nobody of that name any more.
    await ada.go("/")
    await expect(ada.button("Sign in")).to_be_visible()


def _take_all(town: Town, user_id: str) -> None:
    """Pay a member's money out, past the forms, which have a story of their own."""

    def pay_out(tx: Tx) -> None:
        wallet = open_wallet(tx, party_of(tx, user_id), Currency("CNY"))
        amount = Money(100, wallet.currency)
        house = HouseAccount.CASH_AT_BANK
        key = tx.new_id("test")
        draft = PaymentDraft(
            kind=PaymentKind.ADJUSTMENT, payer=wallet.id, payee=house, amount=amount, key=key
        )
        pay(tx, draft)

    with town.database() as db:
        db.run(pay_out)

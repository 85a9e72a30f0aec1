"""Payments: money moves once, as the ledger says, or not at all."""

from typing import Any

import msgspec
import pytest

from teahouse import ledger
from teahouse.platform.announcements import Announcement
from teahouse.platform.db import Database, Tx
from teahouse.platform.errors import Refusal
from teahouse.platform.money import Currency, Money
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.types import Authority
from teahouse.wallet.parties.commands import new_shop_party, party_of
from teahouse.wallet.payments.announcements import PaymentBooked, PaymentPending, PaymentVoided
from teahouse.wallet.payments.commands import (
    hold_payment,
    pay,
    reverse_payment,
    settle_payment,
    void_payment,
)
from teahouse.wallet.payments.errors import (
    InvalidPayment,
    PayeeUnavailable,
    PaymentNotPending,
    SelfPayment,
)
from teahouse.wallet.payments.queries import find_payment, list_history
from teahouse.wallet.payments.types import HistoryFilter, Payment, PaymentDraft, PaymentKind
from teahouse.wallet.wallets.commands import freeze_wallet, open_wallet
from teahouse.wallet.wallets.errors import WalletFrozen, WalletNotFound
from teahouse.wallet.wallets.types import HouseAccount, Wallet, WalletId
from tests.kit.house import House
from tests.kit.wallet_house import (
    available,
    expire_holds,
    find_problems,
    fund,
    house_balance,
    pass_time,
)

CNY, EUR = Currency("CNY"), Currency("EUR")
ADA, BEN = "@ada:teahouse.test", "@ben:teahouse.test"
DAY_MS = 86_400_000


def wallet_of(db: Database, user_id: str, currency: Currency = CNY) -> Wallet:
    """A member's wallet, opened."""
    return db.run(lambda tx: open_wallet(tx, party_of(tx, user_id), currency))


@pytest.fixture
def draft(house: House) -> PaymentDraft:
    """Ada, who has 100.00, pays Ben 30.00."""
    fund(house.db, ADA, Money(100_00, CNY))
    return PaymentDraft(
        kind=PaymentKind.TRANSFER,
        payer=wallet_of(house.db, ADA).id,
        payee=wallet_of(house.db, BEN).id,
        amount=Money(30_00, CNY),
        key="trf_1",
        message="for the tea",
        authority=Authority(Requester(user_id=ADA)),
    )


def heard(db: Database) -> list[Announcement]:
    """What is announced from now on."""
    told: list[Announcement] = []
    db.listen(lambda announcements, _position: told.extend(announcements))
    return told


def funds(db: Database) -> tuple[int, int]:
    """What Ada and Ben can pay."""
    return available(db, ADA), available(db, BEN)


def change(draft: PaymentDraft, **values: Any) -> PaymentDraft:
    """A draft like another."""
    return msgspec.structs.replace(draft, **values)


def test_a_payment_moves_money_and_tells(house: House, draft: PaymentDraft) -> None:
    told = heard(house.db)
    paid = house.db.run(pay, draft)
    assert funds(house.db) == (70_00, 30_00)
    assert (paid.status, paid.amount, paid.message) == ("completed", draft.amount, "for the tea")
    assert house.db.look(find_payment, paid.id) == paid
    assert [type(one) for one in told] == [PaymentBooked]
    assert find_problems(house) == []


def test_the_same_draft_again_is_the_same_payment(house: House, draft: PaymentDraft) -> None:
    paid = house.db.run(pay, draft)
    assert house.db.run(pay, draft) == paid
    with pytest.raises(ledger.IdempotencyConflict):
        house.db.run(pay, change(draft, amount=Money(31_00, CNY)))
    with pytest.raises(ledger.IdempotencyConflict):
        house.db.run(hold_payment, draft, until=house.services.clock.now_ms() + DAY_MS)
    assert funds(house.db) == (70_00, 30_00)


def test_a_fee_is_taken_from_what_the_payee_gets(house: House, draft: PaymentDraft) -> None:
    shop = house.db.run(lambda tx: open_wallet(tx, new_shop_party(tx), CNY))
    bought = change(draft, kind=PaymentKind.PURCHASE, payee=shop.id, fee=Money(18, CNY))
    paid = house.db.run(pay, bought)
    balance = house.db.look(ledger.find_balance, shop.account)
    assert (paid.fee.minor, balance.posted.minor) == (18, 29_82)
    assert house_balance(house.db, HouseAccount.FEE_INCOME) == 18
    assert find_problems(house) == []


HOSTILE: list[tuple[dict[str, Any], type[Refusal]]] = [
    ({"amount": Money(0, CNY)}, ledger.InvalidAmount),
    ({"amount": Money(-1, CNY)}, ledger.InvalidAmount),
    ({"amount": Money(10**15 + 1, CNY)}, ledger.AmountTooLarge),
    ({"amount": Money(100_01, CNY)}, ledger.InsufficientFunds),
    ({"amount": Money(1, EUR)}, ledger.CurrencyMismatch),
    ({"fee": Money(30_00, CNY)}, InvalidPayment),
    ({"fee": Money(-1, CNY)}, InvalidPayment),
    ({"fee": Money(1, EUR)}, ledger.CurrencyMismatch),
    ({"message": "x" * 201}, InvalidPayment),
    ({"payee": WalletId("wal_nobody")}, WalletNotFound),
    ({"payer": WalletId("wal_nobody")}, WalletNotFound),
]


def test_what_is_wrong_moves_nothing(house: House, draft: PaymentDraft) -> None:
    told = heard(house.db)
    for wrong, refusal in HOSTILE:
        with pytest.raises(refusal):
            house.db.run(pay, change(draft, **wrong))
    assert funds(house.db) == (100_00, 0)
    assert told == []


def test_nobody_pays_themself(house: House, draft: PaymentDraft) -> None:
    with pytest.raises(SelfPayment):
        house.db.run(pay, change(draft, payee=draft.payer))
    assert funds(house.db) == (100_00, 0)


@pytest.mark.parametrize(
    ("side", "refusal"), [("payer", WalletFrozen), ("payee", PayeeUnavailable)]
)
def test_frozen_wallets_take_no_part(
    house: House, draft: PaymentDraft, side: str, refusal: type[Refusal]
) -> None:
    house.db.run(freeze_wallet, getattr(draft, side))
    with pytest.raises(refusal):
        house.db.run(pay, draft)
    assert funds(house.db) == (100_00, 0)
    # But the house gives back what it owes.
    given = change(draft, kind=PaymentKind.REFUND, authority=None, key="other")
    assert house.db.run(pay, given).status == "completed"


def test_a_pending_payment_is_settled_in_full_or_part(house: House, draft: PaymentDraft) -> None:
    told = heard(house.db)
    until = house.services.clock.now_ms() + DAY_MS
    held = house.db.run(hold_payment, draft, until=until)
    assert (held.status, funds(house.db)) == ("pending", (70_00, 0))
    done = house.db.run(settle_payment, held.id, key="trf_1:settle", amount=Money(12_00, CNY))
    assert (done.status, done.amount.minor, done.authorised.minor) == ("completed", 12_00, 30_00)
    assert funds(house.db) == (88_00, 12_00)
    assert house.db.look(find_payment, held.id) == done
    again = house.db.run(settle_payment, held.id, key="trf_1:settle", amount=Money(12_00, CNY))
    assert again == done
    with pytest.raises(PaymentNotPending):
        house.db.run(settle_payment, held.id, key="another")
    with pytest.raises(PaymentNotPending):
        house.db.run(void_payment, held.id, key="void")
    assert [type(one) for one in told] == [PaymentPending, PaymentBooked]
    assert find_problems(house) == []


def test_a_part_of_a_payment_with_a_fee_carries_its_part_of_the_fee(
    house: House, draft: PaymentDraft
) -> None:
    until = house.services.clock.now_ms() + DAY_MS
    held = house.db.run(hold_payment, change(draft, fee=Money(3_00, CNY)), until=until)
    done = house.db.run(settle_payment, held.id, key="settle", amount=Money(10_00, CNY))
    assert (done.amount.minor, done.fee.minor) == (10_00, 1_00)
    assert funds(house.db) == (90_00, 9_00)
    assert find_problems(house) == []


def test_a_voided_payment_gives_all_back(house: House, draft: PaymentDraft) -> None:
    told = heard(house.db)
    until = house.services.clock.now_ms() + DAY_MS
    held = house.db.run(hold_payment, draft, until=until)
    gone = house.db.run(void_payment, held.id, key="void", why="declined")
    assert (gone.status, funds(house.db)) == ("voided", (100_00, 0))
    assert house.db.run(void_payment, held.id, key="void") == gone
    with pytest.raises(PaymentNotPending):
        house.db.run(settle_payment, held.id, key="settle")
    [_, voided] = told
    assert isinstance(voided, PaymentVoided)
    assert voided.why == "declined"
    assert find_problems(house) == []


@pytest.mark.anyio
async def test_a_payment_whose_time_is_over_expires(house: House, draft: PaymentDraft) -> None:
    until = house.services.clock.now_ms() + DAY_MS
    held = house.db.run(hold_payment, draft, until=until)
    pass_time(house, DAY_MS + 1)
    with pytest.raises(PaymentNotPending):
        house.db.run(settle_payment, held.id, key="settle")
    await expire_holds(house)
    found = house.db.look(find_payment, held.id)
    assert found is not None
    assert (found.status, funds(house.db)) == ("expired", (100_00, 0))
    assert find_problems(house) == []


def test_a_reversed_payment_is_undone(house: House, draft: PaymentDraft) -> None:
    paid = house.db.run(pay, draft)
    gone = house.db.run(reverse_payment, paid.id, key="back")
    assert (gone.status, funds(house.db)) == ("reversed", (100_00, 0))
    assert house.db.run(reverse_payment, paid.id, key="back") == gone
    with pytest.raises(ledger.AlreadyReversed):
        house.db.run(reverse_payment, paid.id, key="again")
    assert find_problems(house) == []


def test_a_history_reads_backwards_page_by_page(house: House, draft: PaymentDraft) -> None:
    made: list[Payment] = []
    for number in range(7):
        pass_time(house, 1000)
        made.append(house.db.run(pay, change(draft, key=f"k{number}", amount=Money(1, CNY))))
    back = change(draft, payer=draft.payee, payee=draft.payer, amount=Money(2, CNY))
    pass_time(house, 1000)
    made.append(house.db.run(pay, change(back, key="back", message="RÜCKGELD 100%")))

    ada = house.db.run(party_of, ADA)
    seen: list[Payment] = []
    cursor = None
    while True:
        page = house.db.look(list_history, ada, cursor=cursor, limit=3)
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [one.id for one in seen[:8]] == [one.id for one in reversed(made)]
    assert (len(seen), seen[8].kind) == (9, PaymentKind.TOPUP)

    def found(**wanted: Any) -> list[str]:
        page = house.db.look(list_history, ada, limit=50, wanted=HistoryFilter(**wanted))
        return [one.id for one in page.items]

    assert found(direction="in", kinds=(PaymentKind.TRANSFER,)) == [made[-1].id]
    assert found(text="100%") == [made[-1].id]
    assert found(text="1_0%") == []
    assert found(least=2, most=2) == [made[-1].id]
    assert found(currency="EUR") == []
    assert found(statuses=("voided",)) == []
    assert len(found(counterparty=house.db.run(party_of, BEN))) == 8
    assert found(since=made[-1].created_at) == [made[-1].id]
    assert made[-1].id not in found(until=made[-1].created_at)


def test_check_finds_what_does_not_agree(house: House, draft: PaymentDraft) -> None:
    from teahouse.wallet.payments.tables import wallet_payment

    paid = house.db.run(pay, draft)

    def tamper(tx: Tx) -> None:
        tx.conn.execute(
            wallet_payment.update()
            .where(wallet_payment.c.payment_id == paid.id)
            .values(minor=29_00)
        )

    house.db.run(tamper)
    assert find_problems(house) == [f"payment {paid.id}: its transaction moved something else"]

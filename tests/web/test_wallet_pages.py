"""What members see of their money beside paying: sums, limits, papers, disputes, freezes."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Locator, expect

from teahouse.iso20022 import AccountNumber
from teahouse.partner_bank import Account, PartnerBank, Terms
from teahouse.platform.clock import SystemClock
from teahouse.platform.money import Currency, Money
from teahouse.wallet.outside.tables import wallet_bank_order
from tests.kit.server import Server, start_server
from tests.kit.wallet_house import money
from tests.wallet.outside.kit import iban
from tests.web.browsers import PHONE, Person, Town
from tests.web.shops import open_shop, read_code, token_of

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("browsers")]

WALLET = "/api/v1/wallet"
SMALL_PHONE = {"width": 360, "height": 740}
_HOUSE_IBAN = "DE89370400440532013000"
_keys = count(1)


@pytest.fixture(scope="module")
def strict_server(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running house with a bank, under the rules that limit what members pay."""
    del built
    folder = tmp_path_factory.mktemp("strict")
    settings = {
        "wallet_rule_set": "pboc-2015",
        "partner_bank_url": str(folder / "bank"),
        "partner_bank_accounts": "EUR:DE89370400440532013000",
    }
    with start_server(folder / "data", **settings) as running:
        yield running


@pytest.fixture
async def strict_town(strict_server: Server, browser: Browser) -> AsyncIterator[Town]:
    """Members of that house; none of their pages may have reported an error."""
    made = Town(strict_server, browser)
    yield made
    assert made.troubles == []


async def _do(person: Person, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {
        "Authorization": f"Bearer {await token_of(person)}",
        "Idempotency-Key": f"pages-{next(_keys)}",
    }
    url = f"{person.town.server.url}{WALLET}{path}"
    async with httpx.AsyncClient() as client:
        answer = await client.post(url, json=body, headers=headers)
    assert answer.is_success, answer.text
    done: dict[str, Any] = answer.json()
    return done


async def _pay(payer: Person, payee: Person, minor: int, currency: str = "CNY") -> None:
    amount = money(minor, currency)
    await _do(payer, "/transfers", {"payee": payee.user_id, "amount": amount, "message": "Tea"})


async def _open(person: Person, path: str) -> None:
    await person.go(path)
    await expect(person.page.get_by_role("heading").first).to_be_visible()
    wait = person.says("One moment…", "请稍候…")
    await expect(person.page.get_by_text(wait)).to_have_count(0)


@pytest.mark.parametrize("screen", ["laptop-light", "phone-dark-chinese"])
async def test_a_month_is_summed_up_as_bars_and_as_a_table(
    town: Town, tmp_path: Path, screen: str
) -> None:
    wishes: dict[str, Any] = {}
    if screen != "laptop-light":
        wishes = {"viewport": SMALL_PHONE, "color_scheme": "dark", "locale": "zh-CN"}
    lin, bao = await town.member("lin", **wishes), await town.member("bao")
    for member in (lin, bao):
        town.give(member.user_id, 50_000)
    town.give(lin.user_id, 900, "EUR")
    await _pay(lin, bao, 1_250)
    await _pay(bao, lin, 300)

    await _open(lin, "/me/wallet")
    await lin.page.get_by_role("link", name=lin.says("Summary", "月度汇总")).click()

    await expect(lin.page.get_by_test_id("summary-out")).to_have_text("¥12.50")
    await expect(lin.page.get_by_role("img", name=re.compile("six months|六个月"))).to_be_visible()
    await expect(lin.page.locator("canvas")).to_be_visible()
    await lin.has_no_barriers()
    await lin.page.screenshot(path=tmp_path / f"summary-{screen}.png")
    await lin.page.get_by_text(lin.says("Show as a table", "以表格显示")).click()
    await expect(lin.page.get_by_role("row").last).to_contain_text("¥12.50")
    await lin.has_no_barriers()
    await lin.page.get_by_role("radio", name="EUR").click()
    await expect(lin.page.get_by_test_id("summary-out")).to_have_text("€0.00")
    await lin.button("Month before", "上个月").click()
    await expect(lin.page.get_by_text(lin.says("Nothing came or went", "没有收支"))).to_be_visible()


async def test_a_refused_payment_leads_to_the_limits(strict_town: Town, tmp_path: Path) -> None:
    lin, bao = await strict_town.member("lin", viewport=PHONE), await strict_town.member("bao")
    strict_town.give(lin.user_id, 50_000)
    await lin.go(f"/contacts/{bao.user_id}")
    await lin.button("Pay").click()
    await lin.page.get_by_label("Amount").fill("5")
    await lin.button("Pay ¥5.00").click()

    await lin.page.get_by_role("link", name="See your limits").click()

    await expect(lin.page.get_by_test_id("limit-unconfirmed")).to_contain_text("¥0.00 left")
    await expect(lin.page.get_by_test_id("tier")).to_have_text("Nobody has confirmed who you are")
    await lin.has_no_barriers()
    await lin.page.screenshot(path=tmp_path / "limits.png")


async def test_a_statement_is_exported_and_a_receipt_saved(town: Town, tmp_path: Path) -> None:
    lin, bao = await town.member("lin"), await town.member("bao")
    for member in (lin, bao):
        town.give(member.user_id, 50_000)
    await _pay(lin, bao, 1_250)

    await _open(lin, "/me/exports")
    await lin.page.get_by_label("Format").select_option("csv")
    await lin.button("Make the file").click()
    job = lin.page.get_by_test_id("export")
    await expect(job).to_contain_text("Ready")
    await lin.has_no_barriers()
    await lin.page.screenshot(path=tmp_path / "exports.png")
    async with lin.page.expect_download() as loading:
        await job.get_by_role("button", name="Download").click()
    saved = await loading.value
    assert saved.suggested_filename.endswith(".csv")
    assert "12.50" in (await saved.path()).read_text("utf-8-sig")

    await _open(lin, "/me/history")
    await lin.page.get_by_text("−¥12.50").click()
    await lin.has_no_barriers()
    await lin.page.screenshot(path=tmp_path / "receipt.png")
    async with lin.page.expect_download() as loading:
        await lin.button("Save as PDF").click()
    assert (await (await loading.value).path()).read_bytes().startswith(b"%PDF")


async def test_a_purchase_is_disputed_and_the_wallet_frozen(town: Town, tmp_path: Path) -> None:
    lin, owner = await town.member("lin", viewport=PHONE), await town.member("owner")
    town.give(lin.user_id, 50_000)
    shop_id = await open_shop(town, owner)
    await _do(lin, f"/shops/{shop_id}/pay", {"amount": money(2_000)})

    await _open(lin, "/me/history")
    await lin.page.get_by_text("−¥20.00").click()
    await lin.button("Something went wrong").click()
    await lin.page.get_by_label("What went wrong").select_option("wrong_amount")
    await lin.page.get_by_label("What you want back (CNY)").fill("5")
    await lin.page.get_by_label("What happened").fill("The board said fifteen.")
    await lin.has_no_barriers()
    await lin.page.screenshot(path=tmp_path / "dispute-form.png")
    await lin.button("Open the dispute").click()
    await expect(lin.page.get_by_test_id("dispute")).to_contain_text("The shop is asked")
    await lin.has_no_barriers()
    await lin.page.screenshot(path=tmp_path / "dispute.png")

    await _open(lin, "/me/freeze")
    await lin.button("Freeze my wallets").click()
    await lin.button("Freeze now").click()
    await expect(lin.page.get_by_test_id("freeze")).to_contain_text("Frozen by yourself")
    await lin.button("Let it go again").click()
    await expect(lin.page.get_by_text("you need a one-time code or a passkey")).to_be_visible()
    await lin.has_no_barriers()
    await lin.page.screenshot(path=tmp_path / "freeze.png")


def _code_at_bank(town: Town) -> str:
    """The code that the holder of the account linked last reads on their bank statement."""
    orders = sa.select(wallet_bank_order.c.text).order_by(wallet_bank_order.c.order_id.desc())
    with town.database() as db:
        text = db.look(lambda read: read.conn.execute(orders).scalars().first())
    found = re.search(r"\d{6}", text or "")
    assert found, text
    return found[0]


async def test_an_account_is_linked_verified_and_used(strict_town: Town, tmp_path: Path) -> None:
    lin = await strict_town.member("lin", viewport=SMALL_PHONE)
    strict_town.give(lin.user_id, 5_000, "EUR")
    await _open(lin, "/me/banks")
    await lin.button("Link a bank account").click()
    dialog = lin.page.get_by_role("dialog")
    await dialog.get_by_label("IBAN or account number").fill("GB82 WEST 1234 5698 7654 32")
    await dialog.get_by_label("Bank", exact=True).fill("West Bank")
    await dialog.get_by_label("Name of the holder").fill("Lin Wen")
    await dialog.get_by_label("Currency").select_option("EUR")
    await dialog.get_by_role("switch").check()
    await lin.has_no_barriers()
    await lin.page.screenshot(path=tmp_path / "link.png")
    await lin.button("Link").click()

    bank = lin.page.get_by_test_id("bank")
    await expect(bank).to_contain_text("Waits for your code")
    code = _code_at_bank(strict_town)
    wrong = "000000" if code != "000000" else "111111"
    await lin.page.get_by_label("Code from your bank statement").fill(wrong)
    await lin.button("Verify").click()
    await expect(lin.page.get_by_text("This is not the code")).to_be_visible()
    await lin.page.get_by_label("Code from your bank statement").fill(code)
    await lin.has_no_barriers()
    await lin.button("Verify").click()
    await expect(bank).to_contain_text("Verified")

    for deed, amount in (("Top up", "7"), ("Withdraw", "5")):
        await bank.get_by_role("button", name=deed).click()
        await lin.page.get_by_label("Amount").fill(amount)
        await lin.button(f"{deed} €{amount}.00").click()
        await expect(lin.page.get_by_text("On its way", exact=True)).to_be_visible()
        await lin.button("Done").click()
    # Whichever the house has handed to its bank by now.
    states = re.compile("^(Goes with the next file|Sent to the bank) ·")
    await expect(lin.page.get_by_text(states)).to_have_count(2)
    await lin.has_no_barriers()
    await lin.page.screenshot(path=tmp_path / "banks.png")


async def test_money_comes_by_reference_and_a_doubted_name_is_decided(strict_town: Town) -> None:
    bank = PartnerBank(strict_town.server.data_dir.parent / "bank", Terms(), SystemClock())
    house = Account(_HOUSE_IBAN, Currency("EUR"), "Teahouse", 0, is_customer=True)
    bank.open_account(AccountNumber(_HOUSE_IBAN, is_iban=True), house)
    lin = await strict_town.member("lin", viewport=SMALL_PHONE)
    await lin.go("/me/pay-in")
    await lin.button("Show the bank details").click()
    shown = lin.page.get_by_text(re.compile(r"^RF\d\d( \d{4}){3}$"))
    reference = (await shown.inner_text()).replace(" ", "")
    await lin.page.get_by_text("Code for your banking app").click()
    picture = lin.page.get_by_role("img", name="Code for your banking app")
    await picture.scroll_into_view_if_needed()
    assert read_code(await picture.screenshot()).split("\n")[-1] == reference
    await lin.has_no_barriers()

    bank.pay_in(_HOUSE_IBAN, Money(1_250, Currency("EUR")), name="Aunt Wen", text="",
                reference=reference)  # fmt: skip
    await lin.go("/me/banks")
    await lin.button("Link a bank account").click()
    await lin.page.get_by_label("IBAN or account number").fill(iban("0031"))
    await lin.page.get_by_label("Bank", exact=True).fill("West Bank")
    await lin.page.get_by_label("Name of the holder").fill("Lin Wen")
    await lin.page.get_by_label("Currency").select_option("EUR")
    await lin.button("Link").click()
    account = lin.page.get_by_test_id("bank")
    await _work_until(bank, account.get_by_text("Your bank knows the holder as “L Wen”"))
    await lin.has_no_barriers()
    await lin.button("Use “L Wen”").click()
    await expect(account).to_contain_text("The bank confirms the holder's name")
    await expect(account).to_contain_text("L Wen · EUR")
    await lin.has_no_barriers()

    await lin.go("/me/pay-in")
    await _work_until(bank, lin.page.get_by_text("Aunt Wen"))
    await expect(lin.page.get_by_role("main").get_by_text("€12.50")).to_be_visible()
    bank.close()


async def _work_until(bank: PartnerBank, seen: Locator) -> None:
    """Let the bank work until somebody sees something."""
    for _ in range(60):
        bank.work()
        try:
            await expect(seen).to_be_visible(timeout=500)
        except AssertionError:
            continue
        return
    await expect(seen).to_be_visible()


async def test_who_may_be_charged_is_told_before(town: Town) -> None:
    lin, owner = await town.member("lin"), await town.member("owner")
    town.give(lin.user_id, 50_000)
    shop_id = await open_shop(town, owner)
    today = datetime.fromtimestamp(SystemClock().now_ms() / 1000, UTC).date()
    terms = {
        "charge_max": money(3_000),
        "period": "month",
        "start_on": (today + timedelta(days=1)).isoformat(),
        "notice_days": 1,
        "description_en": "A tea of the month",
    }
    proposal = {"terms": terms, "payer": lin.user_id, "key": "tea"}
    # Told while the page is open, and by no message in a chat.
    await _do(owner, f"/shops/{shop_id}/mandates", proposal)
    news = lin.page.get_by_text("Morning Dew Teas asks to charge you regularly.")
    await expect(news).to_be_visible()
    await lin.has_no_barriers()
    await lin.button("Close").click()
    await expect(news).to_have_count(0)
    await lin.go("/chats")
    await expect(lin.page.get_by_role("heading", name="Chats", exact=True)).to_be_visible()
    await expect(news).to_have_count(0)


@pytest.mark.parametrize("path", ["wallet", "banks", "mandates", "disputes", "freeze", "exports"])
async def test_pages_without_anything_yet_have_no_barriers(
    town: Town, tmp_path: Path, path: str
) -> None:
    lin = await town.member("lin", viewport=SMALL_PHONE, color_scheme="dark")
    town.give(lin.user_id, 50_000)
    await _open(lin, f"/me/{path}")
    await lin.has_no_barriers()
    await lin.page.screenshot(path=tmp_path / f"{path}.png")

"""What the wallet puts into a member's archive: statements, receipts, and what else it knows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from teahouse import ledger, privacy
from teahouse.accounts import Seal
from teahouse.platform.db import Read
from teahouse.platform.json import JsonObject, encode_json
from teahouse.platform.requester import Requester
from teahouse.platform.services import Services
from teahouse.wallet.charges.personal_data import export_member as export_charges
from teahouse.wallet.disputes.personal_data import export_member as export_disputes
from teahouse.wallet.freezes.personal_data import export_member as export_freezes
from teahouse.wallet.limits.personal_data import export_member as export_limits
from teahouse.wallet.mandates.personal_data import export_member as export_mandates
from teahouse.wallet.outside.personal_data import export_member as export_outside
from teahouse.wallet.parties.queries import find_party
from teahouse.wallet.pay_ins.personal_data import export_member as export_pay_ins
from teahouse.wallet.payments.queries import list_history
from teahouse.wallet.red_packets.personal_data import export_member as export_packets
from teahouse.wallet.requests.personal_data import export_member as export_requests
from teahouse.wallet.shops.personal_data import export_member as export_shops
from teahouse.wallet.statements.errors import TooManyLines
from teahouse.wallet.statements.jobs import gather_statement
from teahouse.wallet.statements.queries import find_receipt
from teahouse.wallet.statements.rules import kind_word, write_receipt_html, write_statement
from teahouse.wallet.statements.types import Export, ExportId, Format
from teahouse.wallet.transfers.personal_data import export_member as export_transfers
from teahouse.wallet.wallets.personal_data import export_member as export_wallets
from teahouse.wallet.wallets.queries import list_wallets
from teahouse.wallet.wallets.types import Wallet

_FORMATS: Final[tuple[Format, ...]] = ("pdf", "csv", "camt053")
_ENDINGS: Final[dict[Format, str]] = {"pdf": "pdf", "csv": "csv", "camt053": "camt053.xml",
                                      "ofx": "ofx", "qif": "qif"}  # fmt: skip
_PAYMENTS_AT_A_TIME: Final = 100
_LINES_AT_A_TIME: Final = 500
# A receipt takes a page; whoever has paid more often has the rest in the statements.
_RECEIPTS_MAX: Final = 5000
_Exporter = Callable[[Read, str], JsonObject]
_DOCUMENTS: Final[tuple[tuple[str, str, str, _Exporter], ...]] = (
    ("wallets", "Wallets", "钱包", export_wallets),
    ("pay-ins", "Money transferred to your wallet", "汇入钱包的款项", export_pay_ins),
    ("transfers", "Transfers", "转账", export_transfers),
    ("requests", "Requests and splits", "收款请求与分摊", export_requests),
    ("red-packets", "Red packets", "红包", export_packets),
    ("charges", "What you paid to shops", "商家消费", export_charges),
    ("mandates", "Recurring payments", "自动扣款", export_mandates),
    ("disputes", "Disputes", "争议", export_disputes),
    ("freezes", "Freezes", "冻结记录", export_freezes),
    ("limits", "Limits and decisions", "限额与决定", export_limits),
    ("shops", "Shops you work for", "您工作的商家", export_shops),
)


class WalletSource:
    """Statements, receipts, and all else of a member's money."""

    told: Mapping[str, str] = {
        "ledger_posting": "data/ledger/",
        "ledger_transaction": "data/ledger/",
        "wallet_freeze": "data/wallet/freezes.json",
        "wallet_freeze_log": "data/wallet/freezes.json",
        "wallet_mandate_charge": "data/wallet/mandates.json",
        "wallet_outside_account.sealed": "data/wallet/outside.json",
    }
    left_out: Mapping[str, str] = {
        "wallet_room_note": "Which message told a chat of a payment: message and payment are here.",
        "wallet_webhook_message": "What a shop's program was told of a sale. The payment is here.",
    }

    async def measure(self, _services: Services, _member: privacy.ArchiveMember) -> int:
        """Little, beside photos."""
        return 0

    async def write(
        self, services: Services, member: privacy.ArchiveMember
    ) -> AsyncIterator[privacy.ArchiveEntry | privacy.Document]:
        """Its files."""
        db, is_zh = services.db, member.language == "zh"
        for wallet in await db.read(_list_own_wallets, member.user_id):
            async for entry in _write_statements(services, member, wallet):
                yield entry
            yield privacy.ArchiveEntry(
                path=f"data/ledger/{privacy.make_name(wallet.id)}.jsonl",
                content=_read_lines(services, wallet),
                group="money",
            )
        async for entry in _write_receipts(services, member):
            yield entry
        for name, english, chinese, export in _DOCUMENTS:
            yield privacy.Document(
                name=f"wallet/{name}",
                title=chinese if is_zh else english,
                group="money",
                data=await db.read(export, member.user_id),
            )
        yield privacy.Document(
            name="wallet/outside",
            title="外部银行账户" if is_zh else "Accounts at other banks",
            group="money",
            data=await db.read(export_outside, member.user_id, services.get(Seal)),
        )


def _list_own_wallets(read: Read, user_id: str) -> list[Wallet]:
    party = find_party(read, user_id)
    return [] if party is None else list_wallets(read, party)


# Statements


async def _write_statements(
    services: Services, member: privacy.ArchiveMember, wallet: Wallet
) -> AsyncIterator[privacy.ArchiveEntry]:
    now = services.clock.now_ms()
    for first, last in _years(wallet.opened_at, now):
        for chosen in _FORMATS:
            try:
                async for entry in _write_statement(
                    services, member, wallet, (first, last), chosen
                ):
                    yield entry
            except TooManyLines:
                for days in _months(first, last):
                    async for entry in _write_month(services, member, wallet, days, chosen):
                        yield entry


async def _write_month(
    services: Services,
    member: privacy.ArchiveMember,
    wallet: Wallet,
    days: tuple[date, date],
    chosen: Format,
) -> AsyncIterator[privacy.ArchiveEntry]:
    try:
        async for entry in _write_statement(services, member, wallet, days, chosen):
            yield entry
    except TooManyLines:
        # Every line is in `data/ledger/`, however many they are.
        return


async def _write_statement(
    services: Services,
    member: privacy.ArchiveMember,
    wallet: Wallet,
    days: tuple[date, date],
    chosen: Format,
) -> AsyncIterator[privacy.ArchiveEntry]:
    wish = Export(
        export_id=ExportId(""),
        wallet_id=wallet.id,
        format=chosen,
        first_on=days[0],
        last_on=days[1],
        language=member.language,
        status="waiting",
        progress=0,
        trouble="",
        byte_count=0,
        created_at=services.clock.now_ms(),
        expires_at=0,
    )
    statement = await gather_statement(services, wish)
    content = await asyncio.to_thread(write_statement, statement, chosen, member.language)
    span = f"{days[0].isoformat()}-to-{days[1].isoformat()}"
    name = f"{wallet.currency}-{privacy.make_name(wallet.id)[-6:]}-{span}.{_ENDINGS[chosen]}"
    title = "对账单" if member.language == "zh" else "Statement"
    yield privacy.ArchiveEntry(
        path=f"money/statements/{name}",
        content=content,
        group="money",
        title=f"{title} {wallet.currency}, {days[0].isoformat()} – {days[1].isoformat()}",
        note=chosen.upper(),
    )


def _years(since_ms: int, now_ms: int) -> Iterator[tuple[date, date]]:
    first = datetime.fromtimestamp(since_ms / 1000, UTC).date()
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    for year in range(first.year, today.year + 1):
        yield max(first, date(year, 1, 1)), min(max(today, first), date(year, 12, 31))


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    begin = first
    while begin <= last:
        following = (begin.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield begin, min(last, following - timedelta(days=1))
        begin = following


async def _read_lines(services: Services, wallet: Wallet) -> AsyncIterator[bytes]:
    """Every line of the books about a wallet."""
    after = 0
    while lines := await services.db.read(
        ledger.list_postings, wallet.account, after=after, limit=_LINES_AT_A_TIME
    ):
        after = lines[-1].cursor
        yield b"".join(encode_json(line) + b"\n" for line in lines)


# Receipts


async def _write_receipts(
    services: Services, member: privacy.ArchiveMember
) -> AsyncIterator[privacy.ArchiveEntry]:
    requester = Requester(user_id=member.user_id)
    language, count = member.language, 0
    cursor: str | None = None
    while count < _RECEIPTS_MAX:
        ids, cursor = await services.db.read(_list_payments, member.user_id, cursor)
        for payment_id in ids:
            receipt = await services.db.read(
                find_receipt, requester, payment_id, member.server_name
            )
            count += 1
            yield privacy.ArchiveEntry(
                path=f"money/receipts/{privacy.make_name(payment_id)}.html",
                content=write_receipt_html(receipt, language),
                group="money",
                title=f"{'收据' if language == 'zh' else 'Receipt'}: "
                f"{kind_word(receipt.kind, language)}, "
                f"{privacy.tell_instant(receipt.created_at)[:10]}",
                note=receipt.payee if receipt.direction == "out" else receipt.payer,
            )
        if cursor is None:
            return


def _list_payments(read: Read, user_id: str, cursor: str | None) -> tuple[list[str], str | None]:
    party = find_party(read, user_id)
    if party is None:
        return [], None
    page = list_history(read, party, cursor=cursor, limit=_PAYMENTS_AT_A_TIME)
    return [payment.id for payment in page.items], page.next_cursor

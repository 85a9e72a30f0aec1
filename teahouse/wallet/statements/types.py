"""Statements, receipts, summaries and exports."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal, NewType, TypeAlias

import msgspec
from msgspec import Meta

from teahouse.platform.money import Currency, Money

ExportId = NewType("ExportId", str)

Language: TypeAlias = Literal["en", "zh"]
Format: TypeAlias = Literal["csv", "pdf", "ofx", "qif", "camt053"]
ExportStatus: TypeAlias = Literal["waiting", "done", "failed"]
Direction: TypeAlias = Literal["in", "out"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a statement: what one payment changed in one wallet.

    Attributes:
        booked_at: milliseconds.
        valued_on: the day from which it counts.
        amount: more than nothing came in, less went out.
        balance: booked in the wallet after it.
        kind: of the payment.
        counterparty: the name of who is on the other side; may be empty.
        message: what was written with it; may be empty.
        reference: what it paid, such as an order's id; may be empty.
        payment_id: the payment; empty for a line that no payment of the wallet explains.
        transaction_id: in the books.
    """

    booked_at: int
    valued_on: date
    amount: Money
    balance: Money
    kind: str
    counterparty: str
    message: str
    reference: str
    payment_id: str
    transaction_id: str


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A wallet over some days.

    Attributes:
        wallet_id: which wallet.
        owner: the name of whose it is.
        currency: of all its amounts.
        first_on: the first day (UTC).
        last_on: the last day.
        opening: booked balance before the first day.
        closing: booked balance after the last day.
        lines: oldest first.
        made_at: when this was put together, milliseconds.
    """

    wallet_id: str
    owner: str
    currency: Currency
    first_on: date
    last_on: date
    opening: Money
    closing: Money
    lines: list[Line]
    made_at: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What proves one payment.

    Attributes:
        payment_id: the payment.
        kind: of the payment.
        direction: `out` for who paid.
        status: of the payment.
        payer: the payer's name.
        payee: the payee's name.
        amount: what the payer paid.
        fee: what the payee paid of it to the house; told only to the payee.
        message: what was written with it.
        reference: what it paid.
        created_at: milliseconds.
        booked_at: milliseconds; None where nothing was booked.
        transaction_id: in the books; None where nothing was booked.
        chain_hash: of the transaction in the books' hash chain: who keeps this receipt can show
            that the books said so.
        server_name: who issued it.
    """

    payment_id: Annotated[str, Meta(examples=["pay_06o1m5vq8000e5j0c4m9o3aq"])]
    kind: Annotated[str, Meta(examples=["transfer"])]
    direction: Direction
    status: str
    payer: Annotated[str, Meta(examples=["Ada (@ada:teahouse.example)"])]
    payee: Annotated[str, Meta(examples=["Morning Dew Teas"])]
    amount: Money
    fee: Money | None
    message: str
    reference: str
    created_at: int
    booked_at: int | None
    transaction_id: str | None
    chain_hash: str | None
    server_name: str


# Summaries


class Sum(msgspec.Struct, frozen=True):
    """What came and went under one heading.

    Attributes:
        name: the kind, the counterparty's name, or the day.
        came_in: minor units.
        went_out: minor units, not negative.
        count: how many payments.
    """

    name: str
    came_in: int
    went_out: int
    count: int


class CurrencySummary(msgspec.Struct, frozen=True, kw_only=True):
    """A month in one currency.

    Attributes:
        currency: of all amounts.
        came_in: minor units.
        went_out: minor units, not negative.
        count: how many payments.
        by_kind: largest first.
        by_counterparty: largest first, at most `COUNTERPARTIES_MAX` and the rest as one.
        by_day: every day on which something happened, in order.
    """

    currency: Currency
    came_in: int
    went_out: int
    count: int
    by_kind: list[Sum]
    by_counterparty: list[Sum]
    by_day: list[Sum]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A month of one member's wallets.

    Attributes:
        month: such as `2026-11` (UTC).
        currencies: by code.
        is_complete: false where there were more payments than are summed up.
    """

    month: Annotated[str, Meta(examples=["2026-11"])]
    currencies: list[CurrencySummary]
    is_complete: bool = True


# Exports


class ExportBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file to be made of a wallet's statement.

    Attributes:
        wallet_id: which wallet.
        format: of the file.
        first_on: the first day (UTC).
        last_on: the last day.
        language: of headings and words in CSV and PDF.
    """

    wallet_id: Annotated[str, Meta(max_length=64, examples=["wal_06cm0f8k0c2m0v8q3d1s5t7n"])]
    format: Format
    first_on: Annotated[date, Meta(examples=["2026-11-01"])]
    last_on: Annotated[date, Meta(examples=["2026-11-30"])]
    language: Language = "en"


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is made, or will be.

    Attributes:
        export_id: its id.
        wallet_id: of which wallet.
        format: of the file.
        first_on: the first day.
        last_on: the last day.
        language: of headings and words.
        status: `done` once it can be fetched.
        progress: hundredths of the days that are gathered.
        trouble: why it failed: `too-many-lines`; empty else.
        byte_count: size of the file, once done.
        created_at: milliseconds; nothing booked from then on is in it.
        expires_at: when the file is deleted, milliseconds.
    """

    export_id: Annotated[ExportId, Meta(examples=["exp_06o1m5vq8000e5j0c4m9o3aq"])]
    wallet_id: str
    format: Format
    first_on: date
    last_on: date
    language: Language
    status: ExportStatus
    progress: int
    trouble: str
    byte_count: int
    created_at: int
    expires_at: int


class StatementPage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a statement.

    Attributes:
        wallet_id: which wallet.
        currency: of all its amounts.
        first_on: the first day (UTC).
        last_on: the last day.
        opening: booked balance before the first day.
        closing: booked balance after the last day.
        lines: oldest first.
        next_cursor: to be sent as `cursor` for the next lines; None after the last.
    """

    wallet_id: str
    currency: Currency
    first_on: date
    last_on: date
    opening: Money
    closing: Money
    lines: list[Line]
    next_cursor: str | None


# Words of papers and tables, in English and Chinese.
WORDS: Final[dict[str, tuple[str, str]]] = {
    "amount": ("Amount", "金额"),
    "balance": ("Balance", "余额"),
    "booked_at": ("Booked at", "入账时间"),
    "came_in": ("Came in", "收入合计"),
    "chain_hash": ("Hash of the books", "账本哈希"),
    "closing": ("Closing balance", "期末余额"),
    "counterparty": ("Counterparty", "对方"),
    "created_at": ("Made at", "创建时间"),
    "currency": ("Currency", "币种"),
    "days": ("Days (UTC)", "期间（UTC）"),
    "fee": ("Fee", "手续费"),
    "kind": ("Kind", "类型"),
    "made_at": ("Made at", "生成时间"),
    "message": ("Message", "留言"),
    "opening": ("Opening balance", "期初余额"),
    "owner": ("Owner", "户主"),
    "page": ("Page {page} of {pages}", "第 {page} 页，共 {pages} 页"),
    "payee": ("Payee", "收款方"),
    "payer": ("Payer", "付款方"),
    "payment_id": ("Payment", "支付单号"),
    "proof": (
        "The hash is that of the transaction in the chain of this server's books.",
        "此哈希为本服务器账本链中该笔交易的哈希。",
    ),
    "receipt": ("Receipt", "收据"),
    "reference": ("Reference", "业务单号"),
    "statement": ("Account statement", "对账单"),
    "status": ("Status", "状态"),
    "status_completed": ("Completed", "已完成"),
    "status_expired": ("Expired", "已过期"),
    "status_pending": ("Pending", "待处理"),
    "status_reversed": ("Reversed", "已冲正"),
    "status_voided": ("Voided", "已撤销"),
    "transaction_id": ("Transaction", "交易号"),
    "valued_on": ("Date", "日期"),
    "wallet": ("Wallet", "钱包"),
    "went_out": ("Went out", "支出合计"),
}

# What people call each kind of payment.
KIND_WORDS: Final[dict[str, tuple[str, str]]] = {
    "adjustment": ("Correction", "账务调整"),
    "dispute_refund": ("Refund after a dispute", "争议退款"),
    "fee": ("Fee", "手续费"),
    "mandate_charge": ("Recurring charge", "自动扣款"),
    "payout": ("Payout", "结算付款"),
    "payout_return": ("Payout returned", "结算退回"),
    "purchase": ("Purchase", "消费"),
    "red_packet": ("Red packet", "红包"),
    "red_packet_claim": ("Red packet received", "收到红包"),
    "red_packet_return": ("Red packet returned", "红包退回"),
    "refund": ("Refund", "退款"),
    "request_paid": ("Payment request", "收款请求"),
    "split_paid": ("Bill split", "分摊付款"),
    "tip": ("Tip", "小费"),
    "topup": ("Top-up", "充值"),
    "transfer": ("Transfer", "转账"),
    "withdrawal": ("Withdrawal", "提现"),
    "withdrawal_return": ("Withdrawal returned", "提现退回"),
}

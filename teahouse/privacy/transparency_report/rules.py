"""Counts requests, words the canary, and writes the report as CSV and as a page. Pure."""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from statistics import median_low
from typing import Final

from teahouse.platform.languages import Language
from teahouse.platform.plain_pages import frame_page
from teahouse.privacy.official_requests.types import Reported
from teahouse.privacy.transparency_report.types import Counts, Line, Report

CANARY_MS: Final = 35 * 24 * 3_600_000
WORDING: Final = 1
# Fixed: whoever renews a canary cannot change a word of it, so no change can be read into it.
_STATEMENTS: Final = (
    "Every request of an authority that reached this house is in its register and is counted.",
    "Nobody has made this house give away a key, weaken its encryption or alter its program.",
    "No data of members has left this house for an authority but through the register.",
)
_DAY_MS: Final = 24 * 3_600_000
_JUNE: Final = 6


def count_requests(requests: Sequence[Reported], *, now: int) -> Counts:
    """Count some requests.

    Args:
        requests: any.
        now: milliseconds; whether a gag holds depends on it.
    """
    outcomes = [request.outcome for request in requests]
    gags = [_is_gagged(one, now) for one in requests if one.gag_ends_at is not None]
    waits = [
        -(-(one.notified_at - one.entered_at) // _DAY_MS)
        for one in requests
        if one.notified_at is not None
    ]
    return Counts(
        received=len(requests),
        granted=outcomes.count("released"),
        narrowed=outcomes.count("narrowed"),
        refused=outcomes.count("rejected"),
        undecided=outcomes.count(None),
        accounts_asked=sum(one.accounts_asked for one in requests),
        accounts_given=sum(one.accounts_given for one in requests),
        content_given=0,
        gagged_now=gags.count(True),
        gags_ended=gags.count(False),
        median_days_to_notice=median_low(waits) if waits else None,
        fields_given=tuple(sorted({name for one in requests for name in one.fields_given})),
    )


def group_requests(requests: Sequence[Reported], *, now: int) -> list[Line]:
    """Count requests by half year, country, instrument and category, the latest first."""
    groups: dict[tuple[str, str, str, str], list[Reported]] = {}
    for one in requests:
        place = (period_of(one.entered_at), one.country, one.instrument, one.category)
        groups.setdefault(place, []).append(one)
    in_order = sorted(groups, key=lambda place: place[1:])
    in_order.sort(key=lambda place: place[0], reverse=True)
    return [
        Line(
            period=place[0],
            country=place[1],
            instrument=place[2],
            category=place[3],
            counts=count_requests(groups[place], now=now),
        )
        for place in in_order
    ]


def period_of(at: int) -> str:
    """The half year of an instant, `2026-H2` (UTC)."""
    day = datetime.fromtimestamp(at / 1000, UTC)
    return f"{day.year}-H{1 if day.month <= _JUNE else 2}"


def word_canary(
    house: str, *, issued_at: int, log_size: int, log_root: bytes, request_count: int
) -> str:
    """The text of a canary, to be signed.

    Args:
        house: the server's name.
        issued_at: milliseconds.
        log_size: of the log of looks, and
        log_root: its root: it binds the statement to a time that others have witnessed.
        request_count: how many requests the register holds.
    """
    head = (
        f"{house}/canary",
        f"issued {format_instant(issued_at)}",
        f"expires {format_instant(issued_at + CANARY_MS)}",
        f"log {log_size} {b64encode(log_root).decode()}",
        f"requests {request_count}",
        f"wording {WORDING}",
    )
    return "\n".join((*head, *_STATEMENTS)) + "\n"


def format_instant(at: int) -> str:
    """An instant in UTC to the second, `2026-11-24T12:00:00Z`."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_gagged(request: Reported, now: int) -> bool:
    ends_at = request.gag_ends_at
    return ends_at is not None and ends_at > now and request.notified_at is None


# CSV

_COUNTED: Final = (
    "received", "granted", "narrowed", "refused", "undecided", "accounts_asked", "accounts_given",
    "content_given", "gagged_now", "gags_ended", "median_days_to_notice",
)  # fmt: skip
CSV_HEAD: Final = ("period", "country", "instrument", "category", *_COUNTED, "fields_given")


def write_csv(report: Report) -> str:
    """The report as CSV (RFC 4180), one line for each group and one for the total."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow(CSV_HEAD)
    for line in report.lines:
        place = (line.period, line.country, line.instrument, line.category)
        writer.writerow((*place, *_cells(line.counts)))
    writer.writerow(("all", "", "", "", *_cells(report.total)))
    return output.getvalue()


def _cells(counts: Counts) -> list[str]:
    numbers = [getattr(counts, name) for name in _COUNTED]
    return ["" if one is None else str(one) for one in numbers] + [" ".join(counts.fields_given)]


# The page

_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "title": "What authorities asked of {house}",
        "intro": "Made by the program from its register of official requests, not by hand. A "
        "request is answered only on the order of a court that this house obeys, or in an "
        "emergency with a named danger; two people who have not entered it must approve; whoever "
        "it is about is told at once, or when a dated gag order of at most 90 days ends.",
        "none": "No request has been received yet.",
        "other": '<a href="/transparency?language=zh" lang="zh" hreflang="zh">中文</a>',
        "forms": 'The same as <a href="/api/v1/privacy/transparency">JSON</a> and '
        '<a href="/api/v1/privacy/transparency/csv">CSV</a>.',
        "as_of": "As of {at}.",
        "total": "All time", "lines": "By half year", "content": "Content",
        "period": "Half year", "country": "Country", "instrument": "Document",
        "category": "Kind of data", "received": "Received", "granted": "Given in full",
        "narrowed": "Given in part", "refused": "Refused", "undecided": "Undecided",
        "accounts_asked": "Accounts asked for", "accounts_given": "Accounts given",
        "content_given": "Content of encrypted chats given", "gagged_now": "Under a gag order now",
        "gags_ended": "Gag orders ended", "median_days_to_notice": "Days to notice (median)",
        "fields_given": "What was given",
        "canary": "Canary",
        "canary_none": "No canary has been signed.",
        "canary_valid": "Valid until {at}. Signed by the key of the log of who looked.",
        "canary_expired": "EXPIRED since {at}. Take it as if it were not there.",
        "canary_weak": "A canary is a weak sign. Somebody of the staff has it signed every 35 days "
        "at most, in words they cannot change; a missing one may be an oversight, and some "
        "countries forbid them.",
        "warrant": "warrant", "order": "court order", "treaty": "by treaty",
        "emergency": "emergency", "subpoena": "without a court", "preservation": "preservation",
        "informal": "informal", "device": "device", "account": "account",
        "financial": "money", "removal": "removal",
    },
    "zh": {
        "title": "当局向 {house} 提出的要求",
        "intro": "本报告由程序根据官方请求登记册自动生成，并非手工编写。只有本站承认的法院的命令，"
        "或写明危险的紧急情况，才会得到答复；须由两名未录入该请求的人员批准；"
        "相关成员会立即得到通知，或在注明日期、最长 90 天的保密令结束时得到通知。",
        "none": "尚未收到任何请求。",
        "other": '<a href="/transparency?language=en" lang="en" hreflang="en">English</a>',
        "forms": '同一份报告：<a href="/api/v1/privacy/transparency">JSON</a>、'
        '<a href="/api/v1/privacy/transparency/csv">CSV</a>。',
        "as_of": "截至 {at}。",
        "total": "全部时间", "lines": "按半年统计", "content": "内容",
        "period": "半年", "country": "国家", "instrument": "文书", "category": "数据种类",
        "received": "收到", "granted": "全部提供", "narrowed": "部分提供", "refused": "拒绝",
        "undecided": "未决", "accounts_asked": "被要求的账户", "accounts_given": "已提供的账户",
        "content_given": "已提供的加密聊天内容", "gagged_now": "目前处于保密令之下",
        "gags_ended": "已结束的保密令", "median_days_to_notice": "通知所需天数（中位数）",
        "fields_given": "提供了什么",
        "canary": "金丝雀声明",
        "canary_none": "尚未签署金丝雀声明。",
        "canary_valid": "有效期至 {at}。由查看记录日志的密钥签名。",
        "canary_expired": "已于 {at} 过期。请视同没有此声明。",
        "canary_weak": "金丝雀声明只是微弱的迹象。工作人员最多每 35 天请程序签署一次，"
        "措辞不可更改；缺少声明可能只是疏忽，有些国家也禁止此类声明。",
        "warrant": "搜查令", "order": "法院命令", "treaty": "依条约", "emergency": "紧急情况",
        "subpoena": "无法院签署", "preservation": "保全", "informal": "非正式",
        "device": "设备", "account": "账户", "financial": "资金", "removal": "删除",
    },
}  # fmt: skip


def write_page(report: Report, language: Language) -> str:
    """The report as a page without scripts.

    Args:
        report: what it says.
        language: of its text; the canary stays in the words that were signed.
    """
    words = _WORDS[language]
    title = words["title"].format(house=report.house)
    reason = report.content_en if language == "en" else report.content_zh
    as_of = words["as_of"].format(at=format_instant(report.generated_at))
    body = (
        f"<p>{words['other']}</p><h1>{escape(title)}</h1><p>{words['intro']}</p>"
        f"<p>{as_of} {words['forms']}</p>"
        f"<h2>{words['total']}</h2>{_write_total(report.total, words)}"
        f"<h2>{words['content']}</h2><p>{escape(reason)}</p>"
        f"<h2>{words['lines']}</h2>{_write_lines(report.lines, words)}"
        f"<h2>{words['canary']}</h2>{_write_canary(report, words)}"
    )
    return frame_page(title, body, language)


def _write_total(counts: Counts, words: Mapping[str, str]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{words[name]}</th><td>{escape(cell) or "–"}</td></tr>'
        for name, cell in zip((*_COUNTED, "fields_given"), _cells(counts), strict=True)
    )
    return f"<table>{rows}</table>"


def _write_lines(lines: Sequence[Line], words: Mapping[str, str]) -> str:
    if not lines:
        return f"<p>{words['none']}</p>"
    head = "".join(f'<th scope="col">{words[name]}</th>' for name in CSV_HEAD)
    rows = "".join(
        "<tr>"
        + "".join(f"<td>{escape(cell) or '–'}</td>" for cell in _words_of(line, words))
        + "</tr>"
        for line in lines
    )
    return f"<div><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"


def _words_of(line: Line, words: Mapping[str, str]) -> list[str]:
    kinds = [words[line.instrument], words[line.category]]
    return [line.period, line.country, *kinds, *_cells(line.counts)]


def _write_canary(report: Report, words: Mapping[str, str]) -> str:
    canary = report.canary
    if canary is None:
        return f"<p>{words['canary_none']}</p><p>{words['canary_weak']}</p>"
    at = format_instant(canary.expires_at)
    told = (
        f'<p class="expired">{words["canary_expired"].format(at=at)}</p>'
        if canary.is_expired
        else f"<p>{words['canary_valid'].format(at=at)}</p>"
    )
    return f'{told}<pre lang="en">{escape(canary.note)}</pre><p>{words["canary_weak"]}</p>'

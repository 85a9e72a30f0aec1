"""What a certificate says, and how it is verified. Pure.

The signed text is two lines: `teahouse erasure certificate 1`, and JSON in the form of RFC 8785.
It is signed like a checkpoint, with the key of the log of who looked (C2SP signed-note).
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from typing import Any, Final

import msgspec
import rfc8785

from teahouse.platform.languages import Language
from teahouse.platform.plain_pages import frame_page
from teahouse.privacy.checkpoints.rules import (
    BadCheckpoint,
    open_checkpoint,
    open_statement,
    parse_verifier_key,
)
from teahouse.privacy.erasure.types import Certificate, Found, KeyEntry, Place, StoredErasure
from teahouse.privacy.member_keys.rules import COPY_DAYS_MAX, DAY_MS
from teahouse.privacy.transparency_log.rules import hash_entry, is_included

HEADING: Final = "teahouse erasure certificate 1"
_LAW: Final = {
    "en": "The law against money laundering wants to know who paid whom.",
    "zh": "反洗钱法律要求保留付款人和收款人的记录。",
}
_LIMITS: Final = {
    "others": {
        "en": "What others received from you is on their devices, where this house can't reach.",
        "zh": "您发给别人的内容在他们的设备上，本机构无法触及。",
    },
    "postgresql": {
        "en": "The tables were written anew. What PostgreSQL's own log and base backups still "
        "hold of them ends when its operator lets those expire: on the day that is named above.",
        "zh": "相关数据表已重写。PostgreSQL 自身的日志和基础备份中的残留，"
        "将于上述日期由运营者删除。",
    },
    "postgresql-unsaid": {
        "en": "The tables were written anew. What PostgreSQL's own log and base backups still "
        "hold of them ends when its operator lets those expire; when that is, they have not said.",
        "zh": "相关数据表已重写。PostgreSQL 自身的日志和基础备份中的残留，在运营者让其过期时消失；"
        "运营者尚未说明日期。",
    },
    "sqlite": {
        "en": "The database was written anew and its log emptied. What a disk keeps in cells that "
        "no program can reach is beyond software.",
        "zh": "数据库已重写，其日志已清空。磁盘在任何程序都无法触及的单元中"
        "保留的内容，非软件所能及。",
    },
}  # fmt: skip


def make_statement(
    erasure: StoredErasure, found: Found, entry: KeyEntry, *, place: Place, now: int
) -> str:
    """The text of a certificate, to be signed.

    Args:
        erasure: what is done.
        found: what there was.
        entry: what the log commits to about the key.
        place: where the member was.
        now: when it is done, milliseconds.
    """
    box = None if found.box_id is None else {
        "box_id": found.box_id,
        "contents": found.box_contents,
        "until": found.box_expires_at,
        "why": _LAW,
    }  # fmt: skip
    is_unsaid = place.database == "postgresql" and not place.copies_days
    database = f"{place.database}-unsaid" if is_unsaid else place.database
    told: dict[str, Any] = {
        "house": place.house,
        "member": erasure.user_id,
        "asked_at": erasure.asked_at,
        "begun_at": erasure.begun_at,
        "erased_at": now,
        "erased": found.erased,
        "emptied": found.blanked,
        "files": found.files,
        "kept": [
            {
                "store": one.store,
                "rows": one.rows,
                "why": {"en": one.en, "zh": one.zh},
                "by_law": one.by_law,
            }
            for one in found.kept
        ],
        "sealed_box": box,
        "no_backup_after": now + max(COPY_DAYS_MAX, place.copies_days) * DAY_MS,
        "key": msgspec.to_builtins(entry),
        "limits": [_LIMITS["others"], _LIMITS[database]],
    }
    return f"{HEADING}\n{rfc8785.dumps(told).decode()}\n"


class BadCertificate(Exception):
    """A certificate that does not prove what it says."""


def verify_certificate(certificate: Certificate, verifier_key: str | None = None) -> dict[str, Any]:
    """What a certificate states, if its signature and its place in the log prove it.

    Args:
        certificate: untrusted.
        verifier_key: of the log, from elsewhere; None: the one in the certificate.

    Raises:
        BadCertificate: the signature, the log's or the key's entry is wrong.
    """
    try:
        origin, key = parse_verifier_key(verifier_key or certificate.verifier_key)
        text = open_statement(certificate.note, origin=origin, key=key)
        checkpoint = open_checkpoint(certificate.checkpoint, origin=origin, key=key)
    except BadCheckpoint as trouble:
        raise BadCertificate(str(trouble)) from None
    heading, _, body = text.partition("\n")
    if heading != HEADING:
        raise BadCertificate("It is signed, but no certificate of an erasure.")
    told: dict[str, Any] = msgspec.json.decode(body)
    entry = msgspec.convert(told["key"], KeyEntry)
    commitment = sha256(bytes.fromhex(entry.salt) + entry.body.encode()).digest()
    if not is_included(
        hash_entry(commitment),
        index=entry.index,
        size=checkpoint.size,
        root=checkpoint.root,
        proof=[bytes.fromhex(one) for one in certificate.inclusion],
    ):
        raise BadCertificate("The destruction of the key is not in the log that was signed.")
    return told


def read_statement(certificate: Certificate) -> dict[str, Any]:
    """What a certificate of our own states."""
    told: dict[str, Any] = msgspec.json.decode(certificate.note.split("\n", 2)[1])
    return told


# For people

_TEXTS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "title": "Certificate of erasure",
        "lead": "{house} has erased the account {member}.",
        "erased_at": "Erased on",
        "backups": "No backup can bring it back after",
        "erased": "What is gone",
        "emptied": "What stays without a word of yours in it",
        "kept": "What stays as it is, and why",
        "box": "What the law keeps, sealed",
        "box_until": "Its key is destroyed on {until}. Until then two of the staff and a case are "
        "needed to open it, and the log tells that they did.",
        "none": "Nothing.",
        "rows": "rows",
        "files": "files: {prefix}",
        "limits": "What nobody can promise",
        "proof": "Proof",
        "proof_text": "Your key, under which all backups of your data are sealed, was destroyed. "
        "The log of who looked tells it as entry {index}. Save the signed file "
        "(<a href=\"{json}\">JSON</a>) and verify it with "
        "<code>teahouse log certificate FILE</code>.",
        "waiting": "Your account will be erased on {due}.",
        "waiting_text": "The certificate will be on this page. Until then you can keep the "
        "account: sign in and say so.",
        "running": "Your account is being erased. Look again in a minute.",
        "other": '<a href="?language=zh" lang="zh-Hans" hreflang="zh">中文</a>',
    },
    "zh": {
        "title": "删除证明",
        "lead": "{house} 已删除账户 {member}。",
        "erased_at": "删除时间",
        "backups": "此日之后，任何备份都无法恢复",
        "erased": "已删除的内容",
        "emptied": "保留但已不含您的任何内容",
        "kept": "原样保留的内容及原因",
        "box": "法律要求保留、已封存的内容",
        "box_until": "其密钥将于 {until} 销毁。在此之前，须有两名工作人员和案件编号才能开启，"
        "并记入日志。",
        "none": "无。",
        "rows": "条",
        "files": "文件：{prefix}",
        "limits": "无人能够保证的事",
        "proof": "证明",
        "proof_text": "用于封存您所有备份数据的密钥已被销毁。查看日志的第 {index} 条记载了此事。"
        "请保存签名文件（<a href=\"{json}\">JSON</a>），并用 "
        "<code>teahouse log certificate FILE</code> 验证。",
        "waiting": "您的账户将于 {due} 删除。",
        "waiting_text": "届时证明将显示在此页。在此之前您可以保留账户：登录并选择保留即可。",
        "running": "正在删除您的账户，请稍后再看。",
        "other": '<a href="?language=en" lang="en" hreflang="en">English</a>',
    },
}  # fmt: skip


def write_waiting_page(due_at: int, *, is_running: bool, language: Language) -> str:
    """The page of a certificate that is not there yet."""
    texts = _TEXTS[language]
    said = texts["running"] if is_running else texts["waiting"].format(due=tell_day(due_at))
    more = "" if is_running else f"<p>{texts['waiting_text']}</p>"
    body = f"<h1>{texts['title']}</h1><p>{said}</p>{more}<p>{texts['other']}</p>"
    return frame_page(texts["title"], body, language)


def write_page(certificate: Certificate, language: Language, *, json_url: str) -> str:
    """The certificate as a page."""
    texts, told = _TEXTS[language], read_statement(certificate)
    files = {
        texts["files"].format(prefix=prefix): count
        for prefix, count in told["files"].items()
        if count
    }
    parts = [
        f"<h1>{texts['title']}</h1>",
        f"<p>{_fill(texts['lead'], house=told['house'], member=told['member'])}</p>",
        f"<p>{texts['erased_at']}: <strong>{tell_day(told['erased_at'])}</strong><br>"
        f"{texts['backups']}: <strong>{tell_day(told['no_backup_after'])}</strong></p>",
        _tell_counts(texts, "erased", {**told["erased"], **files}),
        _tell_counts(texts, "emptied", told["emptied"]),
        _tell_kept(texts, told["kept"], language),
        _tell_box(texts, told["sealed_box"], language),
        f"<h2>{texts['limits']}</h2><ul>",
        *(f"<li>{escape(one[language])}</li>" for one in told["limits"]),
        f"</ul><h2>{texts['proof']}</h2><p>",
        texts["proof_text"].format(index=told["key"]["index"], json=escape(json_url)),
        f"</p><pre>{escape(certificate.note)}</pre><p>{texts['other']}</p>",
    ]
    return frame_page(texts["title"], "".join(parts), language)


def tell_day(instant: int) -> str:
    """A day and the minute, in UTC."""
    return datetime.fromtimestamp(instant / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _fill(text: str, **values: str) -> str:
    return text.format(**{name: escape(value) for name, value in values.items()})


def _tell_counts(texts: dict[str, str], name: str, counts: dict[str, int]) -> str:
    lines = "".join(
        f"<tr><td>{escape(store)}</td><td>{count} {texts['rows']}</td></tr>"
        for store, count in sorted(counts.items())
    )
    table = f"<div><table>{lines}</table></div>" if lines else f"<p>{texts['none']}</p>"
    return f"<h2>{texts[name]}</h2>{table}"


def _tell_kept(texts: dict[str, str], kept: list[dict[str, Any]], language: Language) -> str:
    lines = "".join(
        f"<tr><td>{escape(one['store'])}</td><td>{one['rows']} {texts['rows']}</td>"
        f"<td>{escape(one['why'][language])}</td></tr>"
        for one in kept
    )
    table = f"<div><table>{lines}</table></div>" if lines else f"<p>{texts['none']}</p>"
    return f"<h2>{texts['kept']}</h2>{table}"


def _tell_box(texts: dict[str, str], box: dict[str, Any] | None, language: Language) -> str:
    if box is None:
        return f"<h2>{texts['box']}</h2><p>{texts['none']}</p>"
    until = texts["box_until"].format(until=tell_day(box["until"]))
    counts = _tell_counts(texts, "box", box["contents"])
    return f"{counts}<p>{escape(box['why'][language])} {until}</p>"

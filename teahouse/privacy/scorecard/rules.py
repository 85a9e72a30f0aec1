"""Judges the sheets by a run of the tests, and writes the page. Pure but for its own data files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

import msgspec

from teahouse.platform.languages import Language
from teahouse.platform.plain_pages import frame_page
from teahouse.privacy.scorecard.types import (
    JudgedRow,
    JudgedSheet,
    Outcome,
    Proof,
    Row,
    Scorecard,
    Sheet,
    TestRun,
    Verdict,
    Why,
)

SHEETS: Final = ("amnesty", "eff", "rdr", "asvs", "reliability")
_VERDICTS: Final[Mapping[Why, Verdict]] = {
    "passed": "yes",
    "does not apply": "does not apply",
}


@cache
def load_sheets() -> tuple[Sheet, ...]:
    """Every sheet, in the order of the page."""
    folder = files("teahouse.privacy.scorecard")
    texts = (folder.joinpath(f"{name}.toml").read_text("utf-8") for name in SHEETS)
    return tuple(msgspec.convert(tomllib.loads(text), Sheet) for text in texts)


def list_tests(sheets: Iterable[Sheet]) -> set[str]:
    """Every test, file or folder of tests that a row names."""
    return {test for sheet in sheets for row in sheet.rows for test in row.tests}


def is_within(name: str, test: str) -> bool:
    """Whether `file::name` is a test that a row names, or in a file or folder that it names."""
    return name == test or name.startswith((f"{test}::", f"{test}/"))


def judge(sheets: Iterable[Sheet], run: TestRun | None) -> Scorecard:
    """Answer every row: yes only where all its tests ran and passed.

    Args:
        sheets: what is asked.
        run: the newest run of all tests; None: there was none.
    """
    outcomes = run.tests if run else {}
    figures = run.figures if run else {}
    return Scorecard(
        commit=run.commit if run else None,
        is_changed=run.is_changed if run else False,
        finished_at=run.finished_at if run else None,
        sheets=tuple(_judge_sheet(sheet, outcomes, figures) for sheet in sheets),
    )


def _judge_sheet(
    sheet: Sheet,
    outcomes: Mapping[str, Outcome],
    figures: Mapping[str, Mapping[str, int | float | str]],
) -> JudgedSheet:
    rows = tuple(_judge_row(row, outcomes, figures.get(row.id, {})) for row in sheet.rows)
    counted = {
        "met": sum(row.verdict == "yes" for row in rows),
        "applying": sum(row.verdict != "does not apply" for row in rows),
    }
    return JudgedSheet(**msgspec.structs.asdict(sheet) | counted | {"rows": rows})


def _judge_row(
    row: Row, outcomes: Mapping[str, Outcome], figures: Mapping[str, int | float | str]
) -> JudgedRow:
    proofs = tuple(Proof(test=test, outcome=_outcome_of(test, outcomes)) for test in row.tests)
    why = _why(proofs) if row.applies else "does not apply"
    return JudgedRow(
        id=row.id,
        en=row.en,
        zh=row.zh,
        verdict=_VERDICTS.get(why, "no"),
        why=why,
        proofs=proofs,
        note_en=row.note_en,
        note_zh=row.note_zh,
        figure_en=row.figure_en.format_map(figures) if figures else "",
        figure_zh=row.figure_zh.format_map(figures) if figures else "",
    )


def _outcome_of(test: str, outcomes: Mapping[str, Outcome]) -> Outcome:
    """How a test went; for a file or a folder, how all in it went."""
    found = [outcome for name, outcome in outcomes.items() if is_within(name, test)]
    return Outcome(
        passed=sum(one.passed for one in found),
        failed=sum(one.failed for one in found),
        skipped=sum(one.skipped for one in found),
    )


def _why(proofs: tuple[Proof, ...]) -> Why:
    if not proofs:
        return "no test"
    if any(proof.outcome.failed for proof in proofs):
        return "failed"
    # A test that was skipped has shown nothing.
    if any(not proof.outcome.passed or proof.outcome.skipped for proof in proofs):
        return "not run"
    return "passed"


# The page

_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "title": "Scorecard",
        "intro": "What others ask of a service like this one. An answer is yes only where every "
        "test named beside it ran and passed; nobody fills it in by hand. Where no test shows a "
        "thing, the answer is a plain no. What is about nothing that is here does not apply, and "
        "counts neither way.",
        "run": "Tested: {commit}, {at}.",
        "changed": "Files had been changed since that commit.",
        "no_run": "The tests of this build have not been run here, so every answer is no.",
        "rerun": "Do it yourself: take that commit from the repository and run "
        "<code>make test</code>; it writes this same page. Each step is told in "
        "<code>docs/how-to/run-the-scorecard.md</code>.",
        "forms": 'The same as <a href="/api/v1/privacy/scorecard">JSON</a>.',
        "other": '<a href="/privacy/scorecard?language=zh" lang="zh" hreflang="zh">中文</a>',
        "met": "{met} of {all}",
        "besides": ", and {count} that do not apply",
        "id": "No.", "asked": "What is asked", "answer": "Answer", "proof": "Proof",
        "yes": "yes", "no": "no", "does not apply": "does not apply",
        "passed": "", "failed": "a test failed", "not run": "a test did not run",
        "no test": "no test shows it",
    },
    "zh": {
        "title": "记分卡",
        "intro": "这里列出外界对此类服务的要求。只有旁边列出的每一项测试都运行并通过，"
        "答案才是“是”；没有人手工填写。没有测试能证明的，答案就是“否”。"
        "本站没有相关内容的，标为“不适用”，不计入任何一方。",
        "run": "所测版本：{commit}，{at}。",
        "changed": "测试时有文件与该版本不同。",
        "no_run": "此版本的测试尚未在这里运行，因此所有答案都是“否”。",
        "rerun": "您可以自己验证：从代码库取出该版本并运行 <code>make test</code>，"
        "会得到同样的页面。每一步见 <code>docs/how-to/run-the-scorecard.md</code>。",
        "forms": '同一内容的 <a href="/api/v1/privacy/scorecard">JSON</a>。',
        "other": '<a href="/privacy/scorecard?language=en" lang="en" hreflang="en">English</a>',
        "met": "{all} 项中的 {met} 项",
        "besides": "，另有 {count} 项不适用",
        "id": "编号", "asked": "要求", "answer": "答案", "proof": "证明",
        "yes": "是", "no": "否", "does not apply": "不适用",
        "passed": "", "failed": "有测试未通过", "not run": "有测试未运行",
        "no test": "没有测试证明",
    },
}  # fmt: skip


def write_page(card: Scorecard, language: Language) -> str:
    """The scorecard as a page without scripts."""
    words = _WORDS[language]
    contents = "".join(
        f'<li><a href="#{sheet.id}">{escape(_in(sheet, "title", language))}</a>: '
        f"{_tell_met(sheet, words)}</li>"
        for sheet in card.sheets
    )
    sheets = "".join(_write_sheet(sheet, words, language) for sheet in card.sheets)
    body = (
        f"<p>{words['other']}</p><h1>{words['title']}</h1><p>{words['intro']}</p>"
        f"<p>{_tell_run(card, words)} {words['rerun']} {words['forms']}</p>"
        f"<ul>{contents}</ul>{sheets}"
    )
    return frame_page(words["title"], body, language)


def _tell_run(card: Scorecard, words: Mapping[str, str]) -> str:
    if card.commit is None or card.finished_at is None:
        return words["no_run"]
    at = datetime.fromtimestamp(card.finished_at // 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    told = words["run"].format(commit=f"<code>{escape(card.commit)}</code>", at=at)
    return f"{told} {words['changed']}" if card.is_changed else told


def _tell_met(sheet: JudgedSheet, words: Mapping[str, str]) -> str:
    met = words["met"].format(met=sheet.met, all=sheet.applying)
    left = len(sheet.rows) - sheet.applying
    return met + words["besides"].format(count=left) if left else met


def _write_sheet(sheet: JudgedSheet, words: Mapping[str, str], language: Language) -> str:
    head = "".join(
        f'<th scope="col">{words[name]}</th>' for name in ("id", "asked", "answer", "proof")
    )
    rows = "".join(_write_row(row, words, language) for row in sheet.rows)
    return (
        f'<h2 id="{sheet.id}">{escape(_in(sheet, "title", language))}: '
        f"{_tell_met(sheet, words)}</h2>"
        f"<p>{escape(_in(sheet, 'about', language))} <small>{escape(sheet.source)}</small></p>"
        f"<div><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _write_row(row: JudgedRow, words: Mapping[str, str], language: Language) -> str:
    asked = row.zh if language == "zh" else row.en
    kind = "none" if row.verdict == "does not apply" else row.verdict
    answer = f'<span class="{kind}">{words[row.verdict]}</span>'
    why = f"<br><small>{words[row.why]}</small>" if words.get(row.why) else ""
    remarks = [_in(row, "figure", language), _in(row, "note", language)]
    said = "".join(f"<p>{escape(remark)}</p>" for remark in remarks if remark)
    proofs = "<br>".join(f"<code>{escape(proof.test)}</code>" for proof in row.proofs)
    return (
        f'<tr><th scope="row">{escape(row.id)}</th><td>{escape(asked)}</td>'
        f"<td>{answer}{why}</td><td>{proofs}{said}</td></tr>"
    )


def _in(thing: JudgedSheet | JudgedRow, name: str, language: Language) -> str:
    said: str = getattr(thing, f"{name}_{language}")
    return said

"""What a version is made from, what differs between two, and the words. Pure."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

import msgspec
import sqlalchemy as sa

from teahouse.platform.data_map import FileClass, PersonalData, declaration
from teahouse.platform.json import encode_json
from teahouse.platform.languages import Language
from teahouse.privacy.policy.types import (
    Activity,
    Change,
    Changes,
    Datum,
    House,
    Purpose,
    Record,
    Reply,
    Source,
    Standing,
    VersionView,
)

LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")
# What members are told before more is done with their data.
NOTICE_MS: Final = 30 * 86_400_000
# Keeps that are a number of days at most; the others end with something that the member does.
_DAYS: Final = {"session": 1, "job": 1, "7 days": 7, "30 days": 30, "delivery": 30}


class Section(msgspec.Struct, frozen=True):
    """A part of the text; the same ids in every language."""

    id: str
    heading: str
    text: tuple[str, ...]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one language (`text_<language>.toml`)."""

    title: str
    of_version: str
    other_language: str
    changes_link: str
    record_link: str
    list_stop: str
    sections: tuple[Section, ...]
    columns: dict[str, str]
    categories: dict[str, str]
    keeps: dict[str, str]
    viewers: dict[str, str]
    bases: dict[str, str]
    diff: dict[str, str]
    record: dict[str, str]


def collect_data(metadata: sa.MetaData, file_classes: Iterable[FileClass]) -> tuple[Datum, ...]:
    """The data map, as a version tells it, by place."""
    found = [
        _datum(f"{table.name}.{column.name}", declared)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(declared := declaration(column), PersonalData)
    ]
    found += [_datum(f"files {one.prefix}/", one.data) for one in file_classes]
    return tuple(sorted(found, key=lambda one: one.where))


def _datum(where: str, data: PersonalData) -> Datum:
    return Datum(
        where=where,
        category=data.category,
        purpose=data.purpose,
        basis=data.basis,
        keep=data.keep,
        seen_by=data.seen_by,
    )


def make_source(data: tuple[Datum, ...], optional: Iterable[Purpose]) -> Source:
    """All that a version is made from."""
    by_name = tuple(sorted(optional, key=lambda one: one.name))
    return Source(data=data, optional=by_name, prose=_hash_prose())


def hash_source(source: Source) -> str:
    """SHA-256 of it, hexadecimal: a new version is due when it differs."""
    return hashlib.sha256(encode_json(source)).hexdigest()


@cache
def _hash_prose() -> str:
    package = files("teahouse.privacy.policy")
    names = ("text_en.toml", "text_zh.toml", "purposes_zh.json")
    return hashlib.sha256(b"\0".join((package / name).read_bytes() for name in names)).hexdigest()


# What differs


def compare(old: Source | None, new: Source, *, numbers: tuple[int, int]) -> Changes:
    """What differs between two versions: just those rows of the data map, and no others.

    Args:
        old: None before the first version.
        new: the newer one.
        numbers: of the older (0 for none) and the newer version.
    """
    before = {one.where: one for one in old.data} if old else {}
    after = {one.where: one for one in new.data}
    could = {one.name: one for one in old.optional} if old else {}
    can = {one.name: one for one in new.optional}
    return Changes(
        old=numbers[0],
        new=numbers[1],
        data=tuple(
            Change(where=where, before=before.get(where), after=after.get(where))
            for where in sorted(before.keys() | after.keys())
            if before.get(where) != after.get(where)
        ),
        optional_added=tuple(sorted(can.keys() - could.keys())),
        optional_removed=tuple(sorted(could.keys() - can.keys())),
        optional_changed=tuple(
            sorted(name for name in can.keys() & could.keys() if can[name] != could[name])
        ),
        is_prose_changed=old is not None and old.prose != new.prose,
    )


def is_wider(changes: Changes) -> bool:
    """Whether more is done with data than before. What is only optional counts for nothing."""
    return any(_widens(one) for one in changes.data)


def _widens(change: Change) -> bool:
    before, after = change.before, change.after
    if after is None:
        return False
    if before is None:
        return True
    is_same_use = (before.category, before.purpose, before.basis) == (
        after.category,
        after.purpose,
        after.basis,
    )
    is_kept_no_longer = before.keep == after.keep or (
        after.keep in _DAYS and _DAYS[after.keep] <= _DAYS.get(before.keep, 0)
    )
    is_seen_by_no_more = set(after.seen_by) <= set(before.seen_by)
    return not (is_same_use and is_kept_no_longer and is_seen_by_no_more)


def compute_applies_at(changes: Changes, published_at: int) -> int:
    """When a version begins to hold: at once where it narrows, else after the notice."""
    is_first = changes.old == 0
    return published_at if is_first or not is_wider(changes) else published_at + NOTICE_MS


def compute_standing(replies: dict[int, Reply], number: int) -> Standing:
    """A member against the version in force."""
    return replies.get(number, "older")


# Words


@cache
def load_words(language: Language) -> Words:
    """The words of a language."""
    file = files("teahouse.privacy.policy") / f"text_{language}.toml"
    return msgspec.convert(tomllib.loads(file.read_text()), Words)


@cache
def _load_purposes() -> dict[str, str]:
    file = files("teahouse.privacy.policy") / "purposes_zh.json"
    return msgspec.json.decode(file.read_bytes(), type=dict[str, str])


def tell_datum(datum: Datum, language: Language) -> Datum:
    """A row in the member's words. What the program no longer has a word for stays as it is."""
    words = load_words(language)
    return Datum(
        where=datum.where,
        category=words.categories.get(datum.category, datum.category),
        purpose=tell_purpose(datum.purpose, language),
        basis=words.bases.get(datum.basis, datum.basis),
        keep=words.keeps.get(datum.keep, datum.keep),
        seen_by=tuple(words.viewers.get(one, one) for one in datum.seen_by),
    )


def tell_purpose(purpose: str, language: Language) -> str:
    """A phrase of the data map in a language."""
    return _load_purposes().get(purpose, purpose) if language == "zh" else purpose


# The record of article 30


def make_record(source: Source, house: House, *, version: int, language: Language) -> Record:
    """The record of processing activities: one for each purpose and basis."""
    groups: dict[tuple[str, str], list[Datum]] = {}
    for datum in source.data:
        told = tell_datum(datum, language)
        groups.setdefault((told.purpose, told.basis), []).append(told)
    words = load_words(language).record
    return Record(
        controller=house,
        version=version,
        subjects=words["subjects_are"],
        activities=tuple(
            Activity(
                purpose=purpose,
                basis=basis,
                categories=_distinct(one.category for one in rows),
                keeps=_distinct(one.keep for one in rows),
                seen_by=_distinct(who for one in rows for who in one.seen_by),
                stores=_distinct(one.where.partition(".")[0] for one in rows),
            )
            for (purpose, basis), rows in sorted(groups.items())
        ),
        transfers=words["transfers_are"],
        security=words["security_are"],
    )


def _distinct(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


# Pages. They need no script, no picture and no other server.

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #23302a; --paper: #f7f5ef; --leaf: #3f6b4f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e6dd; --paper: #171c19; --leaf: #9cc7a9; }
}
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.65 system-ui, "Noto Sans CJK SC", "PingFang SC", sans-serif; }
main { max-width: 46rem; margin: 8vh auto; padding: 0 1.5rem; }
h1, h2, a { color: var(--leaf); }
h2 { margin-top: 2.5rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; display: block;
  overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem .4rem 0;
  border-bottom: 1px solid color-mix(in srgb, var(--ink) 20%, transparent); }
code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere; }
nav a { margin-right: 1rem; }
"""
_TAGS: Final[dict[Language, str]] = {"en": "en", "zh": "zh-Hans"}
_POLICY_PAGE: Final = "/privacy/policy"


def compute_page_policy() -> str:
    """The content security policy of these pages: their own style, and nothing else.

    An archived page brings the style of its day, so it is not named by its hash.
    """
    return (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none';"
        " frame-ancestors 'none'"
    )


def render_policy(language: Language, source: Source, house: House, told: VersionView) -> str:
    """A version of the policy as a page.

    Args:
        language: of its words.
        source: what it is made from.
        house: who answers for the data.
        told: its number and dates; the hashes are those of what is made here.
    """
    words = load_words(language)
    names = {"server_name": house.server_name, "contact": house.contact}
    bodies = {
        "data": _render_data(source, language),
        "consent": _render_optional(source, language),
        "time": _render_terms(words.keeps),
    }
    sections = "".join(
        f'<section id="{section.id}">\n<h2>{escape(section.heading)}</h2>\n'
        + "".join(f"<p>{escape(line.format(**names))}</p>\n" for line in section.text)
        + bodies.get(section.id, "")
        + "</section>\n"
        for section in words.sections
    )
    of_version = words.of_version.format(
        number=told.number, date=tell_day(told.published_at), applies=tell_day(told.applies_at)
    )
    title = words.title.format(**names)
    heading = f"<h1>{escape(title)}</h1>\n<p>{escape(of_version)}</p>\n"
    return _render_page(language, title, heading + _render_links(language) + sections)


def render_changes(language: Language, changes: Changes) -> str:
    """What differs between two versions, as a page."""
    words = load_words(language).diff
    parts = []
    for kind in ("added", "removed", "changed"):
        rows = [one for one in changes.data if _kind_of(one) == kind]
        if rows:
            lines = "".join(_render_change(one, language) for one in rows)
            heads = _render_heads(language, ("where", "purpose", "basis", "keep", "seen_by"))
            parts.append(f'<h2 id="{kind}">{escape(words[kind])}</h2>\n')
            parts.append(f"<table>\n{heads}{lines}</table>\n")
    for sign, names in (
        ("+", (*changes.optional_added, *changes.optional_changed)),
        ("−", changes.optional_removed),
    ):
        parts.extend(f"<p>{sign} <code>{escape(name)}</code></p>\n" for name in names)
    between = words["between"].format(old=changes.old, new=changes.new)
    heading = f"<h1>{escape(words['title'])}</h1>\n<p>{escape(between)}</p>\n"
    body = "".join(parts) or f"<p>{escape(words['none'])}</p>\n"
    return _render_page(language, words["title"], heading + body)


def render_record(language: Language, record: Record) -> str:
    """The record of processing activities, as a page."""
    words = load_words(language)
    names, stop = words.record, words.list_stop
    facts = (
        (names["controller"], record.controller.server_name),
        (names["contact"], record.controller.contact),
        (names["subjects"], record.subjects),
        (names["transfers"], record.transfers),
        (names["security"], record.security),
    )
    heads = ("activity", "basis", "categories", "recipients", "limits", "stores")
    lines = "".join(
        _render_row(
            one.purpose,
            one.basis,
            stop.join(one.categories),
            stop.join(one.seen_by),
            stop.join(one.keeps),
            stop.join(one.stores),
        )
        for one in record.activities
    )
    titles = "".join(f"<th>{escape(names[one])}</th>" for one in heads)
    body = f"<h1>{escape(names['title'])}</h1>\n{_render_terms(dict(facts))}"
    table = f"<table>\n<tr>{titles}</tr>\n{lines}</table>\n"
    return _render_page(language, names["title"], body + table)


def tell_day(at: int) -> str:
    """The day of an instant (ms), in UTC, as both languages write it."""
    return f"{datetime.fromtimestamp(at / 1000, tz=UTC):%Y-%m-%d}"


def _render_page(language: Language, title: str, content: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{_TAGS[language]}">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n"
        f"<main>\n{content}</main>\n</html>\n"
    )


def _render_links(language: Language) -> str:
    words = load_words(language)
    other: Language = "zh" if language == "en" else "en"
    links = (
        (f"{_POLICY_PAGE}?lang={other}", words.other_language),
        (f"{_POLICY_PAGE}/changes?lang={language}", words.changes_link),
        (f"/privacy/record?lang={language}", words.record_link),
    )
    return (
        "<nav>" + "".join(f'<a href="{to}">{escape(text)}</a>' for to, text in links) + "</nav>\n"
    )


def _render_data(source: Source, language: Language) -> str:
    """The data map: a table for each category, a line for each use."""
    words = load_words(language)
    uses: dict[str, dict[tuple[str, ...], list[str]]] = {}
    for datum in source.data:
        told = tell_datum(datum, language)
        use = (told.purpose, told.basis, told.keep, words.list_stop.join(told.seen_by))
        uses.setdefault(datum.category, {}).setdefault(use, []).append(datum.where)
    heads = _render_heads(language, ("purpose", "basis", "keep", "seen_by", "where"))
    order = [*words.categories, *(one for one in sorted(uses) if one not in words.categories)]
    return "".join(
        f'<h3 id="data-{escape(category)}">'
        f"{escape(words.categories.get(category, category))}</h3>\n<table>\n{heads}"
        + "".join(_render_row(*use, places=places) for use, places in uses[category].items())
        + "</table>\n"
        for category in order
        if category in uses
    )


def _render_optional(source: Source, language: Language) -> str:
    return _render_terms({one.title[language]: one.text[language] for one in source.optional})


def _render_terms(terms: dict[str, str]) -> str:
    lines = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>\n" for name, text in terms.items()
    )
    return f"<dl>\n{lines}</dl>\n"


def _render_heads(language: Language, names: tuple[str, ...]) -> str:
    columns = load_words(language).columns
    return "<tr>" + "".join(f"<th>{escape(columns[name])}</th>" for name in names) + "</tr>\n"


def _render_row(*cells: str, places: Iterable[str] = ()) -> str:
    row = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    codes = " ".join(f"<code>{escape(one)}</code>" for one in places)
    return f"<tr>{row}<td>{codes}</td></tr>\n" if codes else f"<tr>{row}</tr>\n"


def _kind_of(change: Change) -> str:
    if change.before is None:
        return "added"
    return "removed" if change.after is None else "changed"


def _render_change(change: Change, language: Language) -> str:
    """A line of the table of changes; what a changed cell said before stands in it."""
    words = load_words(language)
    shown = change.after or change.before
    assert shown is not None
    now = _cells_of(shown, language)
    if change.before is None or change.after is None:
        cells = now
    else:
        before = _cells_of(change.before, language)
        was = words.diff["was"]
        cells = [
            new if new == old else f"{new} ({was.format(value=old)})"
            for new, old in zip(now, before, strict=True)
        ]
    return _render_row(change.where, *cells)


def _cells_of(datum: Datum, language: Language) -> list[str]:
    told = tell_datum(datum, language)
    stop = load_words(language).list_stop
    return [told.purpose, told.basis, told.keep, stop.join(told.seen_by)]

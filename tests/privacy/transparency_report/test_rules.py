"""What the report counts, and that neither CSV nor page can be talked into anything."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from teahouse.platform.languages import Language
from teahouse.platform.plain_pages import HEADERS
from teahouse.privacy.checkpoints.rules import (
    BadCheckpoint,
    Checkpoint,
    open_checkpoint,
    open_statement,
    sign_checkpoint,
    sign_statement,
)
from teahouse.privacy.official_requests.types import Outcome, Reported
from teahouse.privacy.transparency_report.rules import (
    CANARY_MS,
    CSV_HEAD,
    count_requests,
    group_requests,
    period_of,
    word_canary,
    write_csv,
    write_page,
)
from teahouse.privacy.transparency_report.types import Canary, Report

NOW = 1_795_000_000_000  # 2026-11-18
DAY = 24 * 3_600_000
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
ORIGIN = "teahouse.test/looks"
ONE = Reported(
    entered_at=NOW - 10 * DAY,
    country="FR",
    instrument="order",
    category="account",
    outcome="narrowed",
    accounts_asked=3,
    accounts_given=1,
    fields_given=("accounts.member",),
    gag_ends_at=None,
    notified_at=NOW - 8 * DAY + 1,
)
MANY = [
    ONE,
    replace(ONE, outcome="released", notified_at=NOW - 10 * DAY, fields_given=("chat.media",)),
    replace(ONE, outcome=None, accounts_given=0, fields_given=(), notified_at=None),
    replace(ONE, gag_ends_at=NOW + 1, notified_at=None, country="DE"),
    replace(ONE, gag_ends_at=NOW - DAY, notified_at=NOW - DAY, entered_at=NOW - 200 * DAY),
    replace(ONE, outcome="rejected", accounts_given=0, fields_given=(), instrument="informal"),
]


def report(requests: list[Reported], canary: Canary | None = None) -> Report:
    return Report(
        house="teahouse.test",
        generated_at=NOW,
        total=count_requests(requests, now=NOW),
        lines=group_requests(requests, now=NOW),
        content_en="no keys",
        content_zh="没有密钥",
        canary=canary,
    )


def test_requests_are_counted() -> None:
    counts = count_requests(MANY, now=NOW)
    assert (counts.received, counts.granted, counts.narrowed) == (6, 1, 3)
    assert (counts.refused, counts.undecided) == (1, 1)
    assert (counts.accounts_asked, counts.accounts_given) == (18, 4)
    assert (counts.gagged_now, counts.gags_ended, counts.content_given) == (1, 1, 0)
    # 3 days begun, 0, 199 and 3 once more.
    assert counts.median_days_to_notice == 3
    assert counts.fields_given == ("accounts.member", "chat.media")


def test_no_requests_are_no_median() -> None:
    counts = count_requests([], now=NOW)
    assert (counts.received, counts.median_days_to_notice) == (0, None)


@pytest.mark.parametrize(
    ("at", "period"),
    [
        (0, "1970-H1"),
        (1_782_863_999_999, "2026-H1"),
        (1_782_864_000_000, "2026-H2"),
        (NOW, "2026-H2"),
    ],
)
def test_half_years_begin_in_january_and_july(at: int, period: str) -> None:
    assert period_of(at) == period


_outcomes: list[Outcome | None] = ["released", "narrowed", "rejected", None]
_reported = st.builds(
    replace,
    st.just(ONE),
    country=st.sampled_from(["FR", "DE"]),
    outcome=st.sampled_from(_outcomes),
    entered_at=st.integers(NOW - 400 * DAY, NOW),
    accounts_asked=st.integers(1, 9),
    notified_at=st.just(NOW) | st.none(),
)


@given(st.lists(_reported, max_size=20))
def test_lines_add_up_to_the_total(requests: list[Reported]) -> None:
    made = report(requests)
    for name in ("received", "granted", "narrowed", "refused", "undecided", "accounts_asked"):
        total = getattr(made.total, name)
        assert sum(getattr(line.counts, name) for line in made.lines) == total
    total = made.total
    decided = total.granted + total.narrowed + total.refused
    assert decided + total.undecided == total.received
    rows = list(csv.DictReader(io.StringIO(write_csv(made), newline="")))
    assert len(rows) == len(made.lines) + 1
    assert rows[-1]["received"] == str(total.received)


def test_csv_has_one_head_and_numbers_only() -> None:
    rows = list(csv.reader(io.StringIO(write_csv(report(MANY)), newline="")))
    assert tuple(rows[0]) == CSV_HEAD
    assert {len(row) for row in rows} == {len(CSV_HEAD)}
    assert all(cell.isdecimal() for row in rows[1:] for cell in row[4:12])


class Tags(HTMLParser):
    """Checks that elements close in order, and notes which there are."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") or name == "style" for name, _ in attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_whole_and_has_no_script(language: Language) -> None:
    canary = Canary(issued_at=NOW, expires_at=NOW + 1, is_expired=False, note="<script>alert()")
    page = write_page(report(MANY, canary), language)
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert not {"script", "img", "link", "form", "iframe"} & tags.seen
    assert "script" not in HEADERS["Content-Security-Policy"]
    assert ("没有密钥" in page) == (language == "zh")
    assert "{" not in page.partition("</style>")[2]


def test_an_expired_canary_is_shown_as_expired() -> None:
    canary = Canary(issued_at=NOW - CANARY_MS, expires_at=NOW, is_expired=True, note="text")
    assert "EXPIRED" in write_page(report([], canary), "en")
    assert "过期" in write_page(report([], canary), "zh")
    assert "EXPIRED" not in write_page(report([], replace(canary, is_expired=False)), "en")
    assert "No canary" in write_page(report([]), "en")


def test_a_canary_is_signed_and_no_checkpoint() -> None:
    text = word_canary(
        "teahouse.test", issued_at=NOW, log_size=3, log_root=b"r" * 32, request_count=2
    )
    note = sign_statement(text, origin=ORIGIN, key=KEY)
    assert open_statement(note, origin=ORIGIN, key=KEY.public_key()) == text
    assert text.splitlines()[1:5] == [
        "issued 2026-11-18T11:06:40Z",
        "expires 2026-12-23T11:06:40Z",
        "log 3 cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=",
        "requests 2",
    ]
    with pytest.raises(BadCheckpoint):
        open_checkpoint(note, origin=ORIGIN, key=KEY.public_key())
    for forged in (note.replace("requests 2", "requests 1"), note.replace("2026", "2027"), text):
        with pytest.raises(BadCheckpoint):
            open_statement(forged, origin=ORIGIN, key=KEY.public_key())
    with pytest.raises(AssertionError):
        sign_statement(f"{ORIGIN}\n3\n", origin=ORIGIN, key=KEY)
    checkpoint = sign_checkpoint(Checkpoint(ORIGIN, 3, b"r" * 32), KEY)
    assert open_checkpoint(checkpoint, origin=ORIGIN, key=KEY.public_key()).size == 3

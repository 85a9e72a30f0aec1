"""What the scorecard says of documents: they are there, whole, and in plain words."""

import re
from pathlib import Path

import pytest

from tests.kit.readability import reading_grade

ROOT = Path(__file__).parent.parent
THREATS = ROOT / "docs/explanation/threats.md"
ENCRYPTION = ROOT / "docs/explanation/encryption.md"
ROOMS = ("Chat", "Wallet", "Account", "Privacy")
PRIMITIVES = ("Curve25519", "Ed25519", "AES-256", "HMAC-SHA-256", "Megolm", "Olm")


def _rooms_without_threats(text: str) -> list[str]:
    """Rooms of which a page tells fewer than three threats, or one not to its end."""
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    bare = []
    for room in ROOMS:
        rows = [line for line in sections.get(room, "").splitlines() if line.startswith("| ")]
        cells = [cell.strip() for row in rows for cell in row.strip("|").split("|")]
        # Beside the head of the table.
        if len(rows) <= 3 or not all(cells):
            bare.append(room)
    return bare


def _left_out(text: str) -> list[str]:
    """What a page on the encryption should name and does not."""
    return [name for name in (*PRIMITIVES, "What the server sees") if name not in text]


def test_each_room_has_a_threat_model_in_plain_words() -> None:
    text = THREATS.read_text("utf-8")

    assert _rooms_without_threats(text) == []
    assert reading_grade(re.sub(r"\|[-|]+\||\|", ". ", text)) <= 6
    assert "threats.md" in (ROOT / "README.md").read_text("utf-8")


def test_the_encryption_is_documented() -> None:
    assert _left_out(ENCRYPTION.read_text("utf-8")) == []


def test_a_page_that_leaves_something_out_is_found() -> None:
    threats, encryption = THREATS.read_text("utf-8"), ENCRYPTION.read_text("utf-8")

    assert _rooms_without_threats(threats.replace("## Wallet", "## Purse")) == ["Wallet"]
    assert _left_out(encryption.replace("Megolm", "a ratchet")) == ["Megolm"]


def test_the_licence_lets_everybody_read_and_change_the_program() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_a_finder_of_a_hole_is_told_where_to_go() -> None:
    text = (ROOT / "SECURITY.md").read_text("utf-8")

    assert "## Report a hole" in text
    assert "## What is not promised" in text


@pytest.mark.parametrize(
    "legalese", ["Notwithstanding contractual stipulations, processing is necessitated."]
)
def test_what_lawyers_write_is_found_hard_to_read(legalese: str) -> None:
    assert reading_grade(legalese) > 12

"""What the scorecard says of documents: they are there, whole, and in plain words."""

import re
from pathlib import Path

import pytest

from tests.kit.readability import reading_grade

ROOT = Path(__file__).parent.parent
THREATS = ROOT / "docs/explanation/threats.md"
ROOMS = ("Chat", "Wallet", "Account", "Privacy")
PRIMITIVES = ("Curve25519", "Ed25519", "AES-256", "HMAC-SHA-256", "Megolm", "Olm")


def test_each_room_has_a_threat_model_in_plain_words() -> None:
    text = THREATS.read_text("utf-8")
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))

    for room in ROOMS:
        rows = [line for line in sections[room].splitlines() if line.startswith("| ")]
        # Beside the head of the table.
        assert len(rows) > 3, room
        assert all(cell.strip() for row in rows for cell in row.strip("|").split("|")), room
    assert reading_grade(re.sub(r"\|[-|]+\||\|", ". ", text)) <= 6
    assert "threats.md" in (ROOT / "README.md").read_text("utf-8")


def test_the_encryption_is_documented() -> None:
    text = (ROOT / "docs/explanation/encryption.md").read_text("utf-8")

    assert [name for name in PRIMITIVES if name not in text] == []
    assert "What the server sees" in text


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

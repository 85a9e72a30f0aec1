"""The words of the policy, in both languages."""

import json
import re
import tomllib
from importlib.resources import files
from typing import Any, get_args

import pytest

from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.data_map import (
    FILE_CLASSES,
    Basis,
    Category,
    Keep,
    PersonalData,
    Viewer,
    declaration,
)
from tests.kit.readability import reading_grade

PACKAGE = files("teahouse.privacy.policy")
LANGUAGES = ("en", "zh")


def _text(language: str) -> Any:
    return tomllib.loads((PACKAGE / f"text_{language}.toml").read_text())


def _purposes() -> set[str]:
    declared = [declaration(c) for t in load_all_tables().tables.values() for c in t.columns]
    data = [one for one in declared if isinstance(one, PersonalData)]
    return {one.purpose for one in [*data, *(file_class.data for file_class in FILE_CLASSES)]}


def test_every_purpose_has_chinese_and_no_other_phrase_does() -> None:
    catalogue = json.loads((PACKAGE / "purposes_zh.json").read_text())
    purposes = _purposes()
    missing = sorted(purposes - set(catalogue))
    assert missing == [], "translate them in teahouse/privacy/policy/purposes_zh.json"
    assert sorted(set(catalogue) - purposes) == [], "no longer in the data map: remove them"
    assert [key for key, text in catalogue.items() if not re.search("[一-鿿]", text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("part", "words"),
    [("categories", Category), ("keeps", Keep), ("viewers", Viewer), ("bases", Basis)],
)
def test_every_word_of_the_data_map_is_explained(language: str, part: str, words: object) -> None:
    assert set(_text(language)[part]) == set(get_args(words))


def _shape(value: Any) -> Any:
    """Which keys and placeholders there are, without the words."""
    if isinstance(value, dict):
        return {key: value if key == "id" else _shape(part) for key, part in value.items()}
    if isinstance(value, list):
        return sorted({json.dumps(_shape(part)) for part in value}) if value else []
    return sorted(re.findall(r"\{(\w+)\}", value))


def test_both_languages_have_the_same_sections_and_words() -> None:
    english, chinese = _text("en"), _text("zh")
    ids = [section["id"] for section in english["sections"]]
    assert ids == [section["id"] for section in chinese["sections"]]
    assert len(set(ids)) == len(ids)
    for text in (english, chinese):
        for section in text["sections"]:
            assert section["text"], section["id"]
    assert _shape({k: v for k, v in english.items() if k != "sections"}) == _shape(
        {k: v for k, v in chinese.items() if k != "sections"}
    )


def test_the_english_text_is_read_at_twelve() -> None:
    text = " ".join(line for one in _text("en")["sections"] for line in one["text"])
    text = text.format(server_name="Teahouse", contact="help")
    assert reading_grade(text) <= 6
    # The control: what lawyers write.
    assert (
        reading_grade("Notwithstanding contractual stipulations, processing is necessitated.") > 12
    )

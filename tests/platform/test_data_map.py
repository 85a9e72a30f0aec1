"""Every column and file class says what it can hold about a person."""

from pathlib import Path
from typing import get_args

import teahouse
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.data_map import (
    FILE_CLASSES,
    Basis,
    Impersonal,
    PersonalData,
    declaration,
    default_basis,
)

# What a person is called anywhere: a column of such a name must not be declared impersonal.
_PERSONAL_NAMES = ("user_id", "display_name", "password", "email", "address", "sender", "device_id")


def test_every_column_is_declared_beside_its_definition() -> None:
    undeclared = [
        f"{table.name}.{column.name}"
        for table in load_all_tables().sorted_tables
        for column in table.columns
        if declaration(column) is None
    ]
    assert undeclared == []


def test_no_column_named_after_a_person_is_declared_impersonal() -> None:
    wrong = [
        f"{table.name}.{column.name}"
        for table in load_all_tables().sorted_tables
        for column in table.columns
        if isinstance(declaration(column), Impersonal)
        and any(name in column.name for name in _PERSONAL_NAMES)
    ]
    assert wrong == []


def test_every_purpose_is_a_phrase() -> None:
    declared = [
        declaration(column) for table in load_all_tables().sorted_tables for column in table.columns
    ]
    purposes = {one.purpose for one in declared if isinstance(one, PersonalData)}
    assert purposes
    assert [purpose for purpose in purposes if len(purpose) < 10 or purpose.endswith(".")] == []


def test_each_datum_has_exactly_one_lawful_basis() -> None:
    data = [one.data for one in FILE_CLASSES]
    derived = []
    for table in load_all_tables().sorted_tables:
        declared = [declaration(column) for column in table.columns]
        ours = [one for one in declared if isinstance(one, PersonalData)]
        data += ours
        if any(one.under for one in ours):
            derived += ours
    assert {one.basis for one in data} <= set(get_args(Basis))
    for one in data:
        # What the law demands is kept by its time, and nothing else is.
        assert (one.keep != "financial law") or one.basis == "legal obligation", one
        # Consent can be taken back: what rests on it must be gone by then, not with the account.
        # Rows that are sealed under a key of the consent go with that key.
        assert (one.basis != "consent") or one.keep == "replaced" or one in derived, one


def test_addresses_rest_on_the_safety_of_all_and_the_rest_on_the_service() -> None:
    assert default_basis("address", "7 days") == "legitimate interest"
    assert default_basis("content", "room") == "contract"
    assert default_basis("identifier", "financial law") == "legal obligation"


def test_file_classes_have_folders_of_their_own() -> None:
    prefixes = [file_class.prefix for file_class in FILE_CLASSES]
    assert len(set(prefixes)) == len(prefixes)
    assert all(prefix.replace("-", "_").isidentifier() for prefix in prefixes)


def test_tables_are_named_after_their_domain() -> None:
    folders = (folder for folder in Path(teahouse.__file__).parent.iterdir() if folder.is_dir())
    domains = tuple(f"{folder.name}_" for folder in folders)
    names = [table.name for table in load_all_tables().sorted_tables]
    assert [name for name in names if not name.startswith(domains)] == []

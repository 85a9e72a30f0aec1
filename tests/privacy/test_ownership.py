"""Every table and folder that can hold something about a member says whose it is."""

import sqlalchemy as sa

from teahouse import app, privacy
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.data_map import FILE_CLASSES, personal
from teahouse.privacy.member_keys.rules import find_unowned, ownership_of


def test_each_table_with_personal_data_says_whose_it_is() -> None:
    unowned = find_unowned(load_all_tables().sorted_tables, app.owners().tables)
    assert unowned == [], "name the owner: a column `user_id`, or OWNERSHIPS of the domain"


def test_a_table_that_says_nothing_is_found() -> None:
    forgotten = sa.Table(
        "forgotten",
        sa.MetaData(),
        sa.Column("said", sa.Text, info=personal("content", "tests", keep="account")),
    )
    assert find_unowned([forgotten], app.owners().tables) == ["forgotten"]


def test_what_is_declared_is_there_and_has_a_reason() -> None:
    tables, owners = load_all_tables().tables, app.owners()
    assert sorted(set(owners.tables) - set(tables)) == []
    reasons = [*owners.tables.values(), *owners.files.values()]
    assert all(len(one.why) > 20 for one in reasons if isinstance(one, privacy.NobodysOwn))


def test_each_folder_says_whose_its_files_are() -> None:
    assert {one.prefix for one in FILE_CLASSES} - set(app.owners().files) == set()


def test_what_belongs_to_something_of_a_members_goes_with_it() -> None:
    tables = load_all_tables().tables
    for name in ("chat_media_thumbnail", "chat_media_use"):
        assert ownership_of(tables[name], app.owners().tables) is not None
    assert ownership_of(tables["ledger_pending_hold"], app.owners().tables) is None

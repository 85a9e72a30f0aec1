"""The history of the schema, on both databases."""

import ast
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from teahouse.migrations import (
    SchemaTooNew,
    _alembic_version,
    newest_revision,
    stored_revision,
    upgrade,
)
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.migrations.write import FILE, render
from teahouse.platform.db import Database, create_engine, platform_position
from teahouse.platform.schema import platform_schema
from tests.kit.database import DatabaseKind, Databases


def test_the_migrated_schema_is_what_the_tables_say(db: Database) -> None:
    metadata = load_all_tables()
    with db.engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_an_upgrade_makes_the_first_rows_and_a_second_one_does_nothing(
    databases: Databases, database_kind: DatabaseKind
) -> None:
    url = databases.create(database_kind, migrated=False)
    assert upgrade(url)
    assert not upgrade(url)
    engine = create_engine(url)
    with engine.connect() as conn:
        assert stored_revision(conn) == newest_revision()
        assert conn.execute(sa.select(platform_position)).all() == [("main", 0)]
    engine.dispose()
    databases.drop(url)


def test_servers_that_start_together_migrate_once(
    databases: Databases, database_kind: DatabaseKind
) -> None:
    url = databases.create(database_kind, migrated=False)
    done: list[bool] = []
    threads = [threading.Thread(target=lambda: done.append(upgrade(url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, False, False, True]
    databases.drop(url)


@pytest.mark.parametrize(("oldest_reader", "starts"), [("0.0.1", True), ("99.0.0", False)])
def test_a_schema_of_the_future_says_who_can_read_it(
    db: Database, oldest_reader: str, *, starts: bool
) -> None:
    with db.engine.begin() as conn:
        conn.execute(sa.update(_alembic_version).values(version_num="9999"))
        conn.execute(sa.update(platform_schema).values(oldest_reader=oldest_reader))
    if starts:
        assert not upgrade(db.engine)
    else:
        with pytest.raises(SchemaTooNew, match=r"99\.0\.0"):
            upgrade(db.engine)


def test_a_start_with_nothing_to_migrate_does_not_load_alembic(
    database_url: str,
) -> None:
    program = (
        "import sys; from teahouse.migrations import upgrade;"
        f"assert not upgrade({database_url!r}); assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_newest_migration_is_the_generated_one() -> None:
    written, rendered = FILE.read_text(), render()
    assert ast.dump(ast.parse(written)) == ast.dump(ast.parse(rendered)), "run `make migration`"

"""What privacy itself holds of a member goes with them; the log stays whole."""

import sqlalchemy as sa

from teahouse import accounts, privacy
from teahouse.platform.checks import run_checks
from teahouse.platform.db import Database, Tx
from teahouse.platform.idempotency import Once, platform_idempotency, run_once
from teahouse.privacy.transparency_log.queries import find_head, list_entries_about

ADA, BEN = "@ada:teahouse.test", "@ben:teahouse.test"


def _answer(_tx: Tx) -> dict[str, str]:
    return {"told": "something"}


def test_erasing_a_member_leaves_nothing_of_theirs_and_a_whole_log(db: Database) -> None:
    for user_id in (ADA, BEN):
        db.run(accounts.register_member, accounts.NewMember(user_id=user_id))
        look = privacy.Look(actor="@mo:x", role="moderator", fields=("a.b",), reason="report")
        db.run(privacy.record_look, look, about=user_id)
        db.run(run_once, Once(user_id, "key", b"request"), _answer)
    head = db.look(find_head)
    db.run(accounts.erase_member, ADA)
    assert db.look(list_entries_about, ADA, before=None, limit=9) == []
    assert len(db.look(list_entries_about, BEN, before=None, limit=9)) == 1
    with db.engine.connect() as conn:
        kept = conn.execute(sa.select(platform_idempotency.c.who)).scalars().all()
    assert kept == [BEN]
    assert db.look(find_head) == head
    found = db.look(lambda read: list(run_checks(read, privacy.make_checks())))
    assert [checked for checked in found if checked.problems] == []

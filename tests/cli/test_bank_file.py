"""`teahouse bank-file`: opened for a case, and everybody can see that it was."""

import asyncio
from pathlib import Path

import sqlalchemy as sa
from click.testing import CliRunner

from teahouse import privacy
from teahouse.cli import main
from teahouse.cli.house import opened_house
from teahouse.platform.db import Read
from teahouse.platform.settings import Settings
from teahouse.privacy.transparency_log.tables import privacy_log_entry
from teahouse.wallet.outside.tables import KEPT_FILES


def _looks(read: Read) -> list[tuple[str, str]]:
    rows = read.conn.execute(sa.select(privacy_log_entry.c.about, privacy_log_entry.c.body))
    return [(row.about, row.body) for row in rows]


def test_a_bank_file_is_opened_for_a_case_and_the_log_tells(tmp_path: Path) -> None:
    data = tmp_path / "data"
    settings = Settings(data=str(data))
    with opened_house(settings) as services:
        files = services.get(privacy.LawfulFiles)
        place = asyncio.run(files.put(KEPT_FILES, "sent/orders.xml", b"<orders/>"))

    def run(*options: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["bank-file", *options, "--data", str(data)])
        return result.exit_code, result.output

    assert run("list") == (0, f"{place}\n")
    assert run("open", place)[0] == 2, "no case, no look"
    opened = run("open", place, "--case", "Court 12/26", "--reason", "AMLR article 77")
    assert opened == (0, "<orders/>")
    status, trouble = run("open", "2020-01/none.xml", "--case", "x", "--reason", "y")
    assert (status, "There is no such" in trouble or "not" in trouble) == (1, True)
    with opened_house(settings) as services:
        looks = services.db.look(_looks)
    assert len(looks) == 2, "also who looked in vain is told"
    assert looks[0][0] == privacy.EVERYBODY
    assert "Court 12/26" in looks[0][1]

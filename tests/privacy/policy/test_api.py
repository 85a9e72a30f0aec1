"""The policy as everybody reads it, and as members answer it."""

import hashlib
import re
from pathlib import Path

import httpx
import msgspec
import pytest

from teahouse import privacy
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.checks import run_checks
from teahouse.platform.clock import ManualClock
from teahouse.platform.data_map import PersonalData, declaration
from teahouse.platform.db import Database
from teahouse.privacy.policy.commands import publish_version
from teahouse.privacy.policy.live import Publisher
from teahouse.privacy.policy.queries import find_version, list_naming_columns
from teahouse.privacy.policy.rules import NOTICE_MS
from teahouse.privacy.policy.tables import privacy_policy_version
from teahouse.privacy.policy.types import Datum
from tests.kit.whole_house import WholeHouse

ROOT = "/api/v1/privacy"
MORE = Datum(
    where="chat_mood.mood",
    category="profile",
    purpose="to show how you feel",
    basis="contract",
    keep="account",
    seen_by=("members",),
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(db: Database, tmp_path: Path) -> WholeHouse:
    made = WholeHouse(db, tmp_path)
    load_all_tables()
    privacy.publish_policy(made.services)
    return made


def publish(house: WholeHouse, *more: Datum) -> int:
    """What a start of a program with a larger data map does."""
    source = house.db.look(find_version, None).source
    changed = msgspec.structs.replace(source, data=(*source.data, *more))
    return house.db.run(publish_version, changed, house.services.get(Publisher).house)


async def page(house: WholeHouse, path: str, **headers: str) -> httpx.Response:
    answer = await house.http.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    return answer


def section_ids(text: str) -> list[str]:
    return re.findall(r'<(?:section|h3) id="([a-z-]+)"', text)


@pytest.mark.anyio
async def test_the_policy_is_read_without_an_account_in_both_languages(house: WholeHouse) -> None:
    english = (await page(house, "/privacy/policy")).text
    chinese = (await page(house, "/privacy/policy", **{"Accept-Language": "zh-CN,en;q=.5"})).text
    assert chinese == (await page(house, "/privacy/policy?lang=zh")).text
    assert section_ids(english) == section_ids(chinese)
    assert "Privacy policy of teahouse.test" in english
    assert "teahouse.test 隐私政策" in chinese
    # The data map, whole: each place stands in both.
    for table in load_all_tables().tables.values():
        for column in table.columns:
            if isinstance(declaration(column), PersonalData):
                place = f"<code>{table.name}.{column.name}</code>"
                assert place in english
                assert place in chinese


@pytest.mark.anyio
async def test_each_version_is_archived_byte_for_byte(house: WholeHouse) -> None:
    publish(house, MORE)
    for version in (await house.call("GET", f"{ROOT}/policy/versions")).json():
        for language, sha256 in version["sha256"].items():
            archived = (await page(house, f"/privacy/policy/archive/{sha256}")).content
            assert hashlib.sha256(archived).hexdigest() == sha256
            path = f"/privacy/policy?version={version['number']}&lang={language}"
            assert (await page(house, path)).content == archived
    assert (await house.http.get("/privacy/policy/archive/" + "0" * 64)).status_code == 404
    assert (await house.http.get("/privacy/policy?version=9")).status_code == 404


@pytest.mark.anyio
async def test_a_changed_data_map_is_a_new_version_that_lists_what_changed(
    house: WholeHouse, db: Database
) -> None:
    assert privacy.publish_policy(house.services) == 1, "the same map is no new version"
    assert publish(house, MORE) == 2
    changes = (await house.call("GET", f"{ROOT}/policy/changes")).json()
    assert [(one["where"], one["before"]) for one in changes["data"]] == [("chat_mood.mood", None)]
    text = (await page(house, "/privacy/policy/changes?lang=zh")).text
    assert text.count("<tr>") == 2
    assert "chat_mood.mood" in text
    [second, first] = (await house.call("GET", f"{ROOT}/policy/versions")).json()
    assert first["applies_at"] == first["published_at"]
    assert second["applies_at"] == second["published_at"] + NOTICE_MS
    # The program as it is has no moods: it narrows what version 2 told, and holds at once.
    assert privacy.publish_policy(house.services) == 3
    latest = (await house.call("GET", f"{ROOT}/policy/versions")).json()[0]
    assert latest["applies_at"] == latest["published_at"]
    assert not any(
        one.problems for one in db.look(lambda read: list(run_checks(read, privacy.make_checks())))
    )
    with db.engine.begin() as conn:
        conn.execute(privacy_policy_version.update().values(html_zh="We lied."))
    assert any(
        one.problems for one in db.look(lambda read: list(run_checks(read, privacy.make_checks())))
    )


@pytest.mark.anyio
async def test_a_member_stands_by_what_they_said(house: WholeHouse, clock: ManualClock) -> None:
    ada = await house.register("ada")
    token = ada["access_token"]
    assert (await house.call("GET", f"{ROOT}/policy", token=token)).json()["standing"] == "older"
    for reply in ("accepted", "refused", "accepted"):
        wish = {"version": 1, "reply": reply}
        answer = await house.call("PUT", f"{ROOT}/policy", wish, token=token)
        assert (answer.status_code, answer.json()["standing"]) == (200, reply)
    publish(house, MORE)
    found = (await house.call("GET", f"{ROOT}/policy", token=token)).json()
    assert (found["standing"], found["coming"]["number"]) == ("accepted", 2)
    clock.advance(NOTICE_MS)
    found = (await house.call("GET", f"{ROOT}/policy", token=token)).json()
    assert (found["standing"], found["coming"], found["version"]["number"]) == ("older", None, 2)
    wrong: list[tuple[dict[str, object], int]] = [
        ({"version": 7, "reply": "accepted"}, 404),
        ({"version": 2}, 400),
        ({"version": 2**70, "reply": "accepted"}, 400),
    ]
    for refused, status in wrong:
        answer = await house.call("PUT", f"{ROOT}/policy", refused, token=token)
        assert answer.status_code == status


@pytest.mark.anyio
async def test_the_record_of_processing_tells_every_store(house: WholeHouse) -> None:
    record = (await house.call("GET", f"{ROOT}/record")).json()
    stores = {store for one in record["activities"] for store in one["stores"]}
    source = house.db.look(find_version, None).source
    assert stores == {one.where.partition(".")[0] for one in source.data}
    assert all(one["basis"] and one["keeps"] for one in record["activities"])
    assert "第 30 条" in (await page(house, "/privacy/record?lang=zh")).text


@pytest.mark.anyio
async def test_a_member_sees_what_is_kept_and_how_much_of_it(house: WholeHouse) -> None:
    ada, ben = await house.register("ada"), await house.register("ben")
    room = await house.call("POST", "/createRoom", {}, token=ada["access_token"])
    assert room.status_code == 200
    wallet = await house.call("GET", "/api/v1/wallet/balances", token=ada["access_token"])
    assert wallet.status_code in {200, 404}

    async def rows_of(who: dict[str, str]) -> dict[str, int | None]:
        answer = await house.call("GET", f"{ROOT}/data?lang=zh", token=who["access_token"])
        assert answer.status_code == 200, answer.text
        return {one["store"]: one["rows"] for one in answer.json()}

    of_ada, of_ben = await rows_of(ada), await rows_of(ben)
    assert (of_ada["accounts_member"], of_ben["accounts_member"]) == (1, 1)
    assert (of_ada["chat_membership"], of_ben["chat_membership"]) == (1, 0)
    assert (of_ada["chat_event"] or 0) > 0 == of_ben["chat_event"]
    assert of_ada["files media/"] is None
    assert set(of_ada) == {
        one.where.partition(".")[0] for one in house.db.look(find_version, None).source.data
    }


def test_tables_whose_rows_are_not_counted_are_these() -> None:
    nameless = {
        table.name
        for table in load_all_tables().tables.values()
        if any(isinstance(declaration(column), PersonalData) for column in table.columns)
        and not list_naming_columns(table)
        and not table.name.startswith("privacy_official_")
    }
    hang_on_rows_of_other_tables = {
        "chat_room_deletion",
        "chat_search_event",
        "chat_search_word",
        "ledger_posting",
        "ledger_transaction",
        "platform_job",
        "wallet_freeze_log",
        "wallet_mandate_charge",
        "wallet_room_note",
        "wallet_webhook_message",
    }
    seen_by_staff_only = {
        "wallet_bank_statement_line",
        "wallet_payout_plan",
        "wallet_reconciliation_item",
        "wallet_shop_decision",
        "wallet_shop_fee",
    }
    of_who_is_erased = {"privacy_box_opening", "privacy_sealed_box"}
    assert nameless == hang_on_rows_of_other_tables | seen_by_staff_only | of_who_is_erased


@pytest.mark.anyio
async def test_a_report_about_a_member_does_not_show_in_their_numbers(house: WholeHouse) -> None:
    ada, ben = await house.register("ada"), await house.register("ben")
    path = f"/_matrix/client/v3/users/{ben['user_id']}/report"
    done = await house.call("POST", path, {"reason": "rude"}, token=ada["access_token"])
    assert done.status_code == 200, done.text
    for who, rows in ((ada, 1), (ben, 0)):
        answer = await house.call("GET", f"{ROOT}/data", token=who["access_token"])
        [reports] = [one for one in answer.json() if one["store"] == "chat_report"]
        assert reports["rows"] == rows

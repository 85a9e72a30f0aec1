"""Asking to be erased, thinking it over, and what comes of it."""

from typing import Any

import httpx
import msgspec
import pytest

from teahouse import accounts
from teahouse.platform.clock import ManualClock
from teahouse.privacy.erasure import jobs
from teahouse.privacy.erasure.rules import BadCertificate, verify_certificate
from teahouse.privacy.erasure.types import Certificate, Eraser
from teahouse.privacy.member_keys.live import MemberKeys
from tests.kit.house import PASSWORD
from tests.kit.wallet_house import Payer, find_problems, money
from tests.kit.whole_house import WholeHouse
from tests.privacy.erasure.conftest import DAY_MS, finish_jobs

pytestmark = pytest.mark.anyio

ROOT = "/api/v1/privacy/erasure"


async def ask(member: Payer, *, at_once: bool = False) -> httpx.Response:
    return await member.house.confirm(
        "POST", ROOT, {"at_once": at_once}, token=member.token, password=PASSWORD
    )


async def standing(member: Payer) -> Any:
    return await member.asked("GET", ROOT)


def is_there(house: WholeHouse, user_id: str) -> bool:
    return house.db.look(accounts.is_active, user_id)


async def certificate_of(house: WholeHouse, claim: str) -> Any:
    return (await house.call("GET", f"{ROOT}/certificates/{claim}")).json()


async def test_a_member_has_a_week_to_think_it_over(
    house: WholeHouse, ada: Payer, clock: ManualClock
) -> None:
    before = await standing(ada)
    assert (before["is_asked"], before["days"], before["obstacles"]) == (False, 7, [])
    asked = await ask(ada)
    assert asked.status_code == 202, asked.text
    assert asked.json()["due_at"] == clock.now_ms() + 7 * DAY_MS
    clock.advance(6 * DAY_MS)
    await finish_jobs(house)
    assert is_there(house, ada.user_id)
    # Any device will do, and nothing is asked.
    other = Payer(house, await house.log_in("ada"))
    assert (await standing(other))["due_at"] == asked.json()["due_at"]
    assert (await other.ask("DELETE", ROOT)).status_code == 204
    assert (await standing(ada))["is_asked"] is False
    assert (await ada.ask("DELETE", ROOT)).status_code == 404
    clock.advance(30 * DAY_MS)
    await finish_jobs(house)
    assert is_there(house, ada.user_id)
    gone = await house.call("GET", f"{ROOT}/certificates/{asked.json()['claim']}")
    assert gone.status_code == 404


async def test_it_is_done_on_time_and_proved(
    house: WholeHouse, ada: Payer, ben: Payer, clock: ManualClock
) -> None:
    room = await ben.create_room()
    await ada.join(room)
    said = await ada.say(room, "my words")
    asked = (await ask(ada)).json()
    waiting = await certificate_of(house, asked["claim"])
    assert (waiting["status"], waiting.get("certificate")) == ("waiting", None)
    page = await house.http.get(asked["page"])
    assert "will be erased" in page.text
    clock.advance(7 * DAY_MS)
    await finish_jobs(house)

    assert not is_there(house, ada.user_id)
    assert (await ben.get(f"/rooms/{room}/event/{said}"))["content"] == {}
    done = await certificate_of(house, asked["claim"])
    certificate = msgspec.convert(done["certificate"], Certificate)
    told = verify_certificate(certificate)
    assert (told["member"], told["sealed_box"]) == (ada.user_id, None)
    assert told["erased"]["accounts_device"] == 1
    assert told["emptied"]["chat_event"] >= 2
    assert told["no_backup_after"] == told["erased_at"] + 7 * DAY_MS
    key = house.services.get(MemberKeys).find(ada.user_id)
    assert key is not None
    assert key.key is None
    assert key.key_id in told["key"]["body"]
    for language, word in (("en", "Certificate of erasure"), ("zh", "删除证明")):
        page = await house.http.get(asked["page"], params={"language": language})
        assert (page.status_code, word in page.text) == (200, True)
    assert find_problems(house) == []
    # A certificate that says more than was signed proves nothing.
    forged = msgspec.structs.replace(
        certificate, note=certificate.note.replace(ada.user_id, "@eve:teahouse.test")
    )
    with pytest.raises(BadCertificate):
        verify_certificate(forged)
    with pytest.raises(BadCertificate):
        verify_certificate(msgspec.structs.replace(certificate, inclusion=["00" * 32]))
    clock.advance(31 * DAY_MS)
    await finish_jobs(house)
    assert (await house.http.get(asked["page"])).status_code == 404


async def test_money_is_told_of_before_and_keeps_the_account_at_the_end(
    house: WholeHouse, ben: Payer, ada: Payer, clock: ManualClock
) -> None:
    left = {"code": "money-left", "amount": money(100_00), "name": "", "blocks": True}
    assert (await standing(ben))["obstacles"] == [left]
    at_once = await ask(ben, at_once=True)
    assert at_once.status_code == 409
    assert at_once.json()["type"].endswith("erasure-hindered")
    assert at_once.json()["obstacles"] == [left]
    assert (await ask(ben)).status_code == 202
    clock.advance(7 * DAY_MS)
    await finish_jobs(house)
    assert is_there(house, ben.user_id)
    assert (await standing(ben))["due_at"] > clock.now_ms()
    body = {"payee": ada.user_id, "amount": money(100_00)}
    await ben.asked("POST", "/transfers", body)
    clock.advance(DAY_MS)
    await finish_jobs(house)
    assert not is_there(house, ben.user_id)


async def test_at_once_is_at_once_and_once(house: WholeHouse, ada: Payer) -> None:
    first, second = await ask(ada, at_once=True), await ask(ada, at_once=True)
    assert first.status_code == second.status_code == 202
    await finish_jobs(house)
    assert not is_there(house, ada.user_id)
    # Who asked twice has one erasure, and the claim told last.
    assert (await certificate_of(house, second.json()["claim"]))["status"] == "done"
    first_claim = first.json()["claim"]
    assert (await house.call("GET", f"{ROOT}/certificates/{first_claim}")).status_code == 404


async def test_it_takes_the_member_themself(house: WholeHouse, ada: Payer) -> None:
    alone = await ada.ask("POST", ROOT, {"at_once": True})
    assert alone.status_code == 401
    assert "flows" in alone.json()
    assert is_there(house, ada.user_id)
    stranger = await house.call("POST", ROOT, {})
    assert stranger.status_code == 401


async def test_closing_with_erase_as_matrix_has_it_destroys_the_key_too(
    house: WholeHouse, ada: Payer
) -> None:
    done = await house.confirm("POST", "/account/deactivate", {"erase": True}, token=ada.token)
    assert done.status_code == 200, done.text
    await finish_jobs(house)
    key = house.services.get(MemberKeys).find(ada.user_id)
    assert key is not None
    assert key.key is None
    assert find_problems(house) == []


@pytest.mark.parametrize(
    "where", ["erase_rest", "rewrite", "enter_destruction", "destroy", "finish_erasure"]
)
async def test_what_a_crash_interrupts_is_gone_on_with(
    house: WholeHouse, ada: Payer, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (await ask(ada, at_once=True)).json()
    crashes: list[str] = []

    def crash(*_args: Any, **_options: Any) -> Any:
        crashes.append(where)
        raise OSError("the power went out")

    async def crash_later(*_args: Any, **_options: Any) -> Any:
        crash()

    with monkeypatch.context() as patch:
        if where == "erase_rest":
            eraser = house.services.get(Eraser)
            broken = msgspec.structs.replace(eraser, erase_rest=crash_later)
            house_parts: dict[Any, Any] = house.services._parts
            patch.setitem(house_parts, Eraser, broken)
        elif where == "rewrite":
            patch.setattr(house.db, "rewrite", crash_later)
        elif where == "destroy":
            patch.setattr(house.services.get(MemberKeys), "destroy", crash)
        else:
            patch.setattr(jobs, where, crash)
        await finish_jobs(house, seconds=3)
        assert crashes
        assert (await certificate_of(house, asked["claim"]))["status"] == "running"
    await finish_jobs(house, seconds=20)
    done = await certificate_of(house, asked["claim"])
    assert done["status"] == "done"
    assert verify_certificate(msgspec.convert(done["certificate"], Certificate))
    assert find_problems(house) == []

"""Consents as members give and take them."""

import hashlib
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from teahouse import accounts, privacy
from teahouse.platform.checks import run_checks
from teahouse.platform.db import Database
from teahouse.privacy.consents.announcements import ConsentChanged
from teahouse.privacy.consents.commands import forget_consents
from teahouse.privacy.consents.queries import has_consented
from teahouse.privacy.consents.tables import privacy_consent
from teahouse.privacy.policy.types import PURPOSES, Purpose
from tests.kit.house import House, make_services

ROOT = "/api/v1/privacy/consents"
TEXTS = {"en": "Lend it", "zh": "出借"}
SHARING = Purpose(name="sharing", title=TEXTS, text=TEXTS, data=("content",), kind="sharing")
GPC = {"Sec-GPC": "1"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def house(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    services = make_services(db, tmp_path)
    made = House(services, [*privacy.install(services), *accounts.install(services)])
    yield made
    await made.http.aclose()


class Member:
    """A member who is asked."""

    def __init__(self, house: House, signed_in: dict[str, str]) -> None:
        self.house = house
        self.user_id = signed_in["user_id"]
        self.token = signed_in["access_token"]

    async def get(self, path: str = "", **headers: str) -> Any:
        answer = await self.house.call("GET", ROOT + path, token=self.token, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def say(self, purpose: str, answer: str, **headers: str) -> Any:
        done = await self.house.call(
            "PUT", f"{ROOT}/{purpose}", {"answer": answer}, token=self.token, headers=headers
        )
        assert done.status_code == 200, done.text
        return done.json()

    async def states(self) -> dict[str, str]:
        return {one["purpose"]: one["state"] for one in await self.get()}


@pytest.fixture
async def ada(house: House) -> Member:
    return Member(house, await house.register("ada"))


@pytest.mark.anyio
async def test_everything_is_off_until_the_member_says_yes(house: House, ada: Member) -> None:
    assert await ada.states() == dict.fromkeys(PURPOSES, "none")
    assert not house.db.look(has_consented, ada.user_id, "diagnostics")
    assert (await ada.get("/history"))["items"] == []


@pytest.mark.anyio
async def test_who_has_no_account_yet_reads_what_may_be_asked(house: House) -> None:
    told = (await house.call("GET", f"{ROOT}/purposes", params={"lang": "zh"})).json()
    assert [one["purpose"] for one in told] == sorted(PURPOSES)
    assert told[0]["title"] == PURPOSES[told[0]["purpose"]].title["zh"]
    assert "state" not in told[0]


@pytest.mark.anyio
async def test_yes_and_no_are_one_request_and_both_are_told(house: House, ada: Member) -> None:
    told: list[ConsentChanged] = []
    house.db.react(ConsentChanged, lambda _tx, one: told.append(one))
    said = [("no", "refused"), ("yes", "given"), ("yes", "given"), ("no", "withdrawn")]
    for answer, state in said:
        assert (await ada.say("diagnostics", answer))["state"] == state
        consented = house.db.look(has_consented, ada.user_id, "diagnostics")
        assert consented == (state == "given")
    assert (await ada.states())["contact_suggestions"] == "none"
    history = (await ada.get("/history"))["items"]
    assert sorted((one["number"], one["state"]) for one in history) == [
        (1, "refused"), (2, "given"), (3, "withdrawn"),
    ]  # fmt: skip
    assert [one.is_given for one in told] == [True, False]
    page = await ada.get("/history?limit=2")
    rest = await ada.get(f"/history?limit=2&cursor={page['next_cursor']}")
    assert page["items"] + rest["items"] == history


@pytest.mark.anyio
async def test_a_receipt_proves_the_answer_and_the_notice(house: House, ada: Member) -> None:
    said = await ada.say("diagnostics", "yes")
    path = f"{ROOT}/receipts/{said['receipt_id']}"
    answer = await house.call("GET", path, token=ada.token)
    assert "attachment" in answer.headers["content-disposition"]
    found = answer.json()
    canonical = rfc8785.dumps(found["receipt"])
    proof = found["proof"]
    told = (await house.call("GET", f"{ROOT}/key")).json()["public_key"]
    assert told == proof["public_key"]
    key = Ed25519PublicKey.from_public_bytes(b64decode(told))
    key.verify(b64decode(proof["signature"]), canonical)
    with pytest.raises(InvalidSignature):
        key.verify(b64decode(proof["signature"]), canonical.replace(b"Given", b"Taken"))
    # The notice's hash leads to the very text that was shown.
    notice = found["receipt"]["dpv:hasNotice"]
    text = await house.http.get(f"/privacy/policy/archive/{notice['th:sha256']}")
    assert hashlib.sha256(text.content).hexdigest() == notice["th:sha256"]
    # And the transparency log holds a commitment to the receipt.
    log = "/api/v1/privacy/log/commitments"
    listed = (await house.call("GET", f"{log}?start={proof['log_index']}")).json()["commitments"]
    assert listed[0] == hashlib.sha256(bytes.fromhex(proof["log_salt"]) + canonical).hexdigest()
    ben = await house.register("ben")
    stranger = await house.call("GET", path, token=ben["access_token"])
    assert stranger.status_code == 404


@pytest.mark.anyio
async def test_the_signal_refuses_sharing_whatever_is_clicked(
    ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PURPOSES, "sharing", SHARING)
    assert (await ada.say("sharing", "yes"))["state"] == "given"
    [told] = [one for one in await ada.get(**GPC) if one["purpose"] == "sharing"]
    assert (told["state"], told["voice"]) == ("withdrawn", "gpc")
    assert (await ada.say("sharing", "yes", **GPC))["state"] == "withdrawn"
    assert (await ada.say("diagnostics", "yes", **GPC))["state"] == "given"
    # Without the signal the member decides again.
    assert (await ada.say("sharing", "yes"))["state"] == "given"


@pytest.mark.anyio
async def test_a_first_visit_with_the_signal_is_stored_as_a_refusal(
    ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PURPOSES, "sharing", SHARING)
    for _ in range(2):
        [told] = [one for one in await ada.get(**GPC) if one["purpose"] == "sharing"]
        assert (told["state"], told["voice"]) == ("refused", "gpc")
    assert len((await ada.get("/history"))["items"]) == 1


@pytest.mark.anyio
async def test_the_house_says_that_it_heeds_the_signal(house: House) -> None:
    answer = await house.http.get("/.well-known/gpc.json")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json()["gpc"] is True


@pytest.mark.anyio
async def test_consent_to_something_else_is_not_consent_to_this(
    house: House, ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada.say("diagnostics", "yes")
    more = msgspec.structs.replace(PURPOSES["diagnostics"], data=("activity", "content"))
    monkeypatch.setitem(PURPOSES, "diagnostics", more)
    assert (await ada.states())["diagnostics"] == "expired"
    assert not house.db.look(has_consented, ada.user_id, "diagnostics")
    assert (await ada.say("diagnostics", "yes"))["state"] == "given"


@pytest.mark.anyio
async def test_what_is_not_there_is_refused(house: House, ada: Member) -> None:
    for path, body, status in (
        ("/nothing", {"answer": "yes"}, 404),
        ("/diagnostics", {"answer": "maybe"}, 400),
        ("/diagnostics", {"answer": "yes", "terms": "yes"}, 400),
    ):
        done = await house.call("PUT", ROOT + path, body, token=ada.token)
        assert done.status_code == status, done.text
    missing = await house.call("GET", f"{ROOT}/receipts/receipt_x", token=ada.token)
    assert missing.status_code == 404
    assert (await ada.states())["diagnostics"] == "none"


@pytest.mark.anyio
async def test_the_check_finds_a_lost_answer_and_erasure_leaves_none(
    house: House, ada: Member
) -> None:
    for answer in ("yes", "no", "yes"):
        await ada.say("diagnostics", answer)

    def problems() -> list[str]:
        return house.db.look(
            lambda read: [
                problem
                for one in run_checks(read, privacy.make_checks())
                for problem in one.problems
            ]
        )

    assert problems() == []
    second = privacy_consent.c.number == 2
    with house.db.engine.begin() as conn:
        conn.execute(privacy_consent.delete().where(second))
    assert len(problems()) == 1
    house.db.run(forget_consents, ada.user_id)
    assert (await ada.get("/history"))["items"] == []
    assert problems() == []

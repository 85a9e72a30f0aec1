"""Whatever is published and answered in whatever order: the door stays open.

Against a model of what was said, on a house with chat, a wallet and a bank.
`TEAHOUSE_MODEL_RUNS` says how many runs are made.
"""

import asyncio
import itertools
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform.db import Database
from teahouse.privacy.consents.types import CONTACT_SUGGESTIONS, DIAGNOSTICS
from teahouse.privacy.policy.commands import publish_version
from teahouse.privacy.policy.live import Publisher
from teahouse.privacy.policy.queries import find_version
from teahouse.privacy.policy.rules import NOTICE_MS
from teahouse.privacy.policy.types import Datum
from tests.kit.wallet_house import Payer
from tests.wallet.outside.kit import Town, iban

EXAMPLES = int(os.environ.get("TEAHOUSE_MODEL_RUNS", "2"))
STEPS = 6
ROOT = "/api/v1/privacy"
MONEY = 10_000
_names = itertools.count(1)
_purposes = st.sampled_from([DIAGNOSTICS.name, CONTACT_SUGGESTIONS.name])
_answers = st.sampled_from(["yes", "no"])
_replies = st.sampled_from(["accepted", "refused"])


class DoorMachine(RuleBasedStateMachine):
    """One member after the other against policies, in the same house."""

    town: Town
    run_on_loop: Callable[[Coroutine[Any, Any, Any]], Any]

    # A few runs draw few kinds of steps; so each begins with some of every kind.
    @initialize(
        answers=st.lists(st.tuples(_purposes, _answers), min_size=4, max_size=8),
        replies=st.lists(st.tuples(_replies, st.integers(0, 3)), min_size=2, max_size=4),
        widths=st.lists(st.booleans(), min_size=1, max_size=2),
    )
    def arrive(
        self,
        answers: list[tuple[str, str]],
        replies: list[tuple[str, int]],
        widths: list[bool],
    ) -> None:
        self.run_on_loop(self._arrive())
        for is_wider in widths:
            self.publish(is_wider)
            self.the_door_is_open()
        for reply, back in replies:
            self.reply(reply, back)
            self.the_door_is_open()
        for purpose, answer in answers:
            self.answer(purpose, answer)
            self.the_door_is_open()

    @rule(is_wider=st.booleans())
    def publish(self, is_wider: bool) -> None:  # noqa: FBT001 - drawn
        house = self.town.house
        source = house.db.look(find_version, None).source
        row = Datum(
            where=f"chat_mood.mood_{next(_names)}",
            category="profile",
            purpose="to show how you feel",
            basis="contract",
            keep="account",
            seen_by=("members",),
        )
        data = (*source.data, row) if is_wider else source.data[1:]
        changed = msgspec.structs.replace(source, data=data)
        self.latest = house.db.run(publish_version, changed, house.services.get(Publisher).house)

    @rule()
    def wait(self) -> None:
        self.town.clock.advance(NOTICE_MS)

    @rule(reply=_replies, back=st.integers(0, 3))
    def reply(self, reply: str, back: int) -> None:
        version = max(1, self.latest - back)
        self.run_on_loop(self._reply(version, reply))

    @rule(purpose=_purposes, answer=_answers)
    def answer(self, purpose: str, answer: str) -> None:
        self.run_on_loop(self._answer(purpose, answer))

    def teardown(self) -> None:
        # From wherever a run has come to: leaving ends it, so it is no step among others.
        if hasattr(self, "member"):
            self.run_on_loop(self._leave())

    @invariant()
    def the_door_is_open(self) -> None:
        if hasattr(self, "member"):
            self.run_on_loop(self._use_everything())

    async def _arrive(self) -> None:
        name = f"m{next(_names)}"
        self.member: Payer = await self.town.register(name, eur=MONEY)
        self.account = await self.town.link(self.member, iban(f"{2000 + next(_names) % 7000}"))
        self.room = await self.member.create_room()
        self.balance = self.town.balance(self.member)
        versions = await self._ask("GET", "/policy/versions")
        self.latest = versions[0]["number"]
        self.replies: dict[str, str] = {}
        self.given: dict[str, bool] = {}

    async def _reply(self, version: int, reply: str) -> None:
        self.replies[str(version)] = reply
        told = await self._ask("PUT", "/policy", {"version": version, "reply": reply})
        assert told["replies"] == self.replies

    async def _answer(self, purpose: str, answer: str) -> None:
        self.given[purpose] = answer == "yes"
        told = await self._ask("PUT", f"/consents/{purpose}", {"answer": answer})
        assert (told["state"] == "given") == self.given[purpose]

    async def _leave(self) -> None:
        """Out with everything: what one had is what arrives, and what is left is nothing."""
        at_bank = self.town.at_bank()
        await self.town.exchange()
        before = self.town.at_bank()
        await self.town.withdraw(self.member, self.account, self.balance)
        await self.town.exchange()
        assert self.town.balance(self.member) == 0
        assert before - self.town.at_bank() == self.balance, at_bank
        gone = await self.town.house.confirm(
            "POST", "/account/deactivate", {}, token=self.member.token
        )
        assert gone.status_code == 200, gone.text

    async def _use_everything(self) -> None:
        """Write, read, see what is kept, take it along, pay out."""
        event_id = await self.member.say(self.room, "still here")
        synced = await self.member.get("/sync", timeout=0)
        timeline = synced["rooms"]["join"][self.room]["timeline"]["events"]
        assert timeline[-1]["event_id"] == event_id
        assert await self._ask("GET", "/data")
        await self.town.withdraw(self.member, self.account, 1)
        self.balance -= 1
        assert self.town.balance(self.member) == self.balance
        told = await self._ask("GET", "/policy")
        in_force = str(told["version"]["number"])
        assert told["standing"] == self.replies.get(in_force, "older")
        consents = {one["purpose"]: one["state"] for one in await self._ask("GET", "/consents")}
        assert {name: state == "given" for name, state in consents.items()} == {
            name: self.given.get(name, False) for name in consents
        }

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        done = await self.member.call(method, ROOT + path, body)
        assert done.status_code == 200, done.text
        return done.json()


def test_no_answer_closes_anything(db: Database, tmp_path: Path) -> None:
    load_all_tables()
    with asyncio.Runner() as runner:
        town = Town(db, tmp_path, opening=10**9)
        town.house.services.get(Publisher).publish()
        machine = type("Machine", (DoorMachine,), {"town": town, "run_on_loop": runner.run})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


def test_no_refusal_is_about_consent() -> None:
    """`M_CONSENT_NOT_GIVEN` is how other servers lock the door; nothing here can say it."""
    sources = Path(__file__).parents[3] / "teahouse"
    telling = [file for file in sources.rglob("*.py") if "M_CONSENT" in file.read_text()]
    assert telling == []

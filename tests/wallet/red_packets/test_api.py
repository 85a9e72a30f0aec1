"""Red packets over HTTP and in the books, on both databases."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.errors import Refusal
from teahouse.platform.jobs import Worker
from teahouse.platform.requester import Requester
from teahouse.wallet.in_chat.live import Teller
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.red_packets.commands import claim_packet
from teahouse.wallet.red_packets.jobs import JOB_KINDS
from teahouse.wallet.red_packets.personal_data import erase_member, export_member
from teahouse.wallet.red_packets.rules import compute_seal
from teahouse.wallet.red_packets.types import OPEN_MS
from teahouse.wallet.wallets.types import HouseAccount
from tests.kit.database import open_database
from tests.kit.house import House
from tests.kit.wallet_house import (
    Payer,
    find_problems,
    house_balance,
    make_wallet_house,
    money,
    pass_time,
    register_payer,
)

pytestmark = pytest.mark.anyio
PACKETS = "/red-packets"


class Table:
    """Ada with money, and Ben, in a room; others come as they are needed."""

    house: House
    ada: Payer
    ben: Payer
    room: str

    async def guest(self, name: str) -> Payer:
        """Another member, who is in the room."""
        came = await register_payer(self.house, name)
        await came.join(self.room)
        return came

    async def give(self, **changes: Any) -> Any:
        """Ada gives a red packet."""
        return await self.ada.asked("POST", PACKETS, self.body(**changes))

    def body(self, **changes: Any) -> dict[str, Any]:
        """20.00 in three lucky shares."""
        asked = {
            "room_id": self.room,
            "total": money(2000),
            "count": 3,
            "split": "random",
            "greeting": "恭喜发财",
        }
        return {**asked, **changes}


@pytest.fixture
async def table(house: House) -> Table:
    made = Table()
    made.house = house
    made.ada = await register_payer(house, "ada", cny=100_000)
    made.ben = await register_payer(house, "ben")
    made.room = await made.ada.create_room()
    await made.ben.join(made.room)
    return made


async def claim(payer: Payer, packet: Any, **options: Any) -> Any:
    return await payer.asked("POST", f"{PACKETS}/{packet['packet_id']}/claim", **options)


async def refused_claim(payer: Payer, packet: Any) -> tuple[int, str]:
    return await payer.refused("POST", f"{PACKETS}/{packet['packet_id']}/claim")


async def run_jobs(house: House) -> int:
    return await Worker(house.db, house.services, JOB_KINDS).run_due()


# The usual way


async def test_a_packet_is_given_claimed_and_empty(house: House, table: Table) -> None:
    packet = await table.give()
    assert table.ada.balance() == 98_000
    assert house_balance(house.db, HouseAccount.RED_PACKETS) == 2000
    assert (packet["status"], packet["left_count"], packet["greeting"]) == ("open", 3, "恭喜发财")
    assert packet["sender"] == table.ada.user_id
    assert packet["opening"] is None

    cleo, dan = [await table.guest(name) for name in ("cleo", "dan")]
    had = [await claim(payer, packet) for payer in (table.ben, cleo, table.ada)]
    amounts = [one["amount"]["minor"] for one in had]
    assert sum(amounts) == 2000
    assert min(amounts) >= 1
    assert [one["left_count"] for one in had] == [2, 1, 0]
    assert [table.ben.balance(), cleo.balance()] == amounts[:2]
    assert table.ada.balance() == 98_000 + amounts[2]
    assert house_balance(house.db, HouseAccount.RED_PACKETS) == 0
    assert await refused_claim(dan, packet) == (409, "red-packet-empty")
    assert find_problems(house) == []


async def test_what_everybody_sees_of_it(table: Table) -> None:
    cleo, eve = await table.guest("cleo"), await register_payer(table.house, "eve")
    packet = await table.give(split="equal", total=money(1000), count=2)
    path = f"{PACKETS}/{packet['packet_id']}"
    before = await table.ben.asked("GET", path)
    assert (before["shares"], before["left"], before["mine"]) == (None, None, None)
    await claim(table.ben, packet)
    seen = await table.ben.asked("GET", path)
    assert [one["user_id"] for one in seen["shares"]] == [table.ben.user_id]
    assert seen["mine"]["amount"] == money(500)
    assert seen["left"] == money(500)
    # Who has not claimed yet is told no amounts; who gave it sees all.
    assert (await cleo.asked("GET", path))["shares"] is None
    assert len((await table.ada.asked("GET", path))["shares"]) == 1
    assert await eve.refused("GET", path) == (404, "unknown-red-packet")
    assert await eve.refused("GET", f"{PACKETS}/rpk_nothing") == (404, "unknown-red-packet")


async def test_the_best_luck_is_told_once_all_is_claimed_and_the_seal_opens(table: Table) -> None:
    packet = await table.give(count=3)
    cleo = await table.guest("cleo")
    for payer in (table.ben, cleo):
        await claim(payer, packet)
    path = f"{PACKETS}/{packet['packet_id']}"
    seen = await table.ben.asked("GET", path)
    assert not any(one["is_best"] for one in seen["shares"])
    assert seen["opening"] is None
    await claim(table.ada, packet)
    seen = await table.ben.asked("GET", path)
    amounts = [one["amount"]["minor"] for one in seen["shares"]]
    best = [one["amount"]["minor"] for one in seen["shares"] if one["is_best"]]
    assert best == [max(amounts)]
    opening = seen["opening"]
    assert opening["shares"] == amounts
    assert compute_seal(bytes.fromhex(opening["salt"]), amounts) == seen["seal"] == packet["seal"]


async def test_lists_show_what_one_gave_and_had(table: Table) -> None:
    packets = [await table.give(count=1) for _ in range(3)]
    for packet in packets[:2]:
        await claim(table.ben, packet)
    first = await table.ada.asked("GET", f"{PACKETS}?side=given&limit=2")
    assert len(first["items"]) == 2
    rest = await table.ada.asked("GET", f"{PACKETS}?limit=2&cursor={first['next_cursor']}")
    listed = [one["packet_id"] for one in first["items"] + rest["items"]]
    assert sorted(listed, reverse=True) == listed
    assert len(listed) == 3
    had = await table.ben.asked("GET", f"{PACKETS}?side=received")
    assert {one["packet_id"] for one in had["items"]} == {one["packet_id"] for one in packets[:2]}
    eve = await register_payer(table.house, "eve")
    assert (await eve.asked("GET", f"{PACKETS}?side=received"))["items"] == []
    assert await table.ada.refused("GET", f"{PACKETS}?side=all") == (400, "invalid-parameter")
    assert await table.ada.refused("GET", f"{PACKETS}?cursor=x") == (400, "invalid-parameter")


async def test_a_packet_for_one_member(house: House, table: Table) -> None:
    cleo = await table.guest("cleo")
    packet = await table.give(count=1, for_member=cleo.user_id)
    assert packet["for_member"] == cleo.user_id
    assert await refused_claim(table.ben, packet) == (403, "red-packet-for-another")
    assert await refused_claim(table.ada, packet) == (403, "red-packet-for-another")
    assert (await claim(cleo, packet))["amount"] == money(2000)
    assert find_problems(house) == []


# In the chat


async def timeline(guest: Payer, room_id: str) -> list[dict[str, Any]]:
    found = await guest.get(f"/rooms/{room_id}/messages", dir="b", limit="50")
    return [event for event in found["chunk"] if event["type"] == "m.room.message"]


async def test_the_room_is_told_with_the_seal_and_once_more_when_it_is_over(
    house: House, table: Table
) -> None:
    packet = await table.give(count=2)
    [event] = await timeline(table.ben, table.room)
    content = event["content"]
    assert "恭喜发财" in content["body"]
    assert "20" not in content["body"]
    block = content["org.teahouse.red_packet"]
    assert (block["packet_id"], block["seal"]) == (packet["packet_id"], packet["seal"])
    assert (block["count"], block["split"], block["status"]) == (2, "random", "open")
    assert house.services.get(Teller).signature.is_valid(block)
    assert not house.services.get(Teller).signature.is_valid({**block, "seal": "0" * 64})
    assert packet["in_chat"]["event_id"] == event["event_id"]
    assert content["org.teahouse.payment"]["kind"] == "red_packet"

    await claim(table.ben, packet)
    assert len(await timeline(table.ben, table.room)) == 1
    await claim(table.ada, packet)
    edit, _ = await timeline(table.ben, table.room)
    assert edit["content"]["m.relates_to"]["event_id"] == event["event_id"]
    assert edit["content"]["m.new_content"]["org.teahouse.red_packet"]["status"] == "empty"


async def test_in_an_encrypted_room_the_givers_client_is_told_what_to_say(table: Table) -> None:
    state = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    sealed = await table.ada.create_room(initial_state=[{**state, "state_key": ""}])
    await table.ben.join(sealed)
    packet = await table.give(room_id=sealed)
    assert packet["in_chat"]["event_id"] is None
    block = packet["in_chat"]["content"]["org.teahouse.red_packet"]
    assert block["packet_id"] == packet["packet_id"]
    path = f"{PACKETS}/{packet['packet_id']}"
    assert (await table.ada.asked("GET", path))["in_chat"] == packet["in_chat"]
    assert (await table.ben.asked("GET", path))["in_chat"] is None
    assert (await claim(table.ben, packet))["left_count"] == 2


# The rest


async def test_the_rest_goes_back_after_a_day(house: House, table: Table) -> None:
    cleo = await table.guest("cleo")
    packet = await table.give()
    had = (await claim(table.ben, packet))["amount"]["minor"]
    pass_time(house, OPEN_MS - 1)
    assert await run_jobs(house) == 0
    pass_time(house, 1)
    # By the clock, before the job has run.
    assert await refused_claim(cleo, packet) == (409, "red-packet-expired")
    assert await run_jobs(house) == 1
    assert table.ada.balance() == 100_000 - had
    assert house_balance(house.db, HouseAccount.RED_PACKETS) == 0
    seen = await cleo.asked("GET", f"{PACKETS}/{packet['packet_id']}")
    assert (seen["status"], seen["left"], len(seen["shares"])) == ("returned", money(2000 - had), 1)
    assert len(seen["opening"]["shares"]) == 3
    assert await refused_claim(cleo, packet) == (409, "red-packet-expired")
    assert await refused_claim(table.ben, packet) == (409, "red-packet-already-claimed")
    assert await run_jobs(house) == 0
    assert find_problems(house) == []


async def test_nothing_goes_back_of_an_empty_packet(house: House, table: Table) -> None:
    packet = await table.give(count=1)
    await claim(table.ben, packet)
    pass_time(house, OPEN_MS)
    assert await run_jobs(house) == 1
    assert table.ada.balance() == 98_000
    seen = await table.ben.asked("GET", f"{PACKETS}/{packet['packet_id']}")
    assert seen["status"] == "empty"
    assert find_problems(house) == []


# Once


async def test_a_claim_sent_twice_is_one_and_another_is_refused(house: House, table: Table) -> None:
    packet = await table.give()
    first = await claim(table.ben, packet, key="mine")
    assert await claim(table.ben, packet, key="mine") == first
    assert table.ben.balance() == first["amount"]["minor"]
    refused = await table.ben.ask("POST", f"{PACKETS}/{packet['packet_id']}/claim")
    assert refused.status_code == httpx.codes.CONFLICT
    assert refused.json()["amount"] == first["amount"]
    assert table.ben.balance() == first["amount"]["minor"]
    assert find_problems(house) == []


async def test_a_packet_sent_twice_is_given_once(table: Table) -> None:
    first = await table.ada.asked("POST", PACKETS, table.body(), key="gift")
    assert await table.ada.asked("POST", PACKETS, table.body(), key="gift") == first
    assert table.ada.balance() == 98_000
    other = table.body(total=money(3000))
    assert await table.ada.refused("POST", PACKETS, other, key="gift") == (
        422,
        "idempotency-key-reused",
    )
    for path, body in ((PACKETS, table.body()), (f"{PACKETS}/{first['packet_id']}/claim", None)):
        done = await table.ada.call("POST", f"/api/v1/wallet{path}", body)
        assert done.status_code == httpx.codes.BAD_REQUEST
        assert "missing-idempotency-key" in done.text


# What is refused


CANNOT_BE: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"count": 0}, (400, "red-packet-out-of-bounds")),
    ({"count": -3}, (400, "red-packet-out-of-bounds")),
    ({"count": 101}, (400, "red-packet-out-of-bounds")),
    ({"count": 1.5}, (400, "bad-json")),
    ({"count": "3"}, (400, "bad-json")),
    ({"count": 2**70}, (400, "red-packet-out-of-bounds")),
    ({"total": money(2)}, (400, "red-packet-out-of-bounds")),
    ({"total": money(0)}, (400, "red-packet-out-of-bounds")),
    ({"total": money(-2000)}, (400, "red-packet-out-of-bounds")),
    ({"total": money(60_001)}, (400, "red-packet-out-of-bounds")),
    ({"total": money(20.0)}, (400, "bad-json")),
    ({"total": money("2000")}, (400, "bad-json")),
    ({"total": money(10**16)}, (400, "bad-json")),
    ({"total": money(2000, "XXX")}, (400, "unknown-currency")),
    ({"total": money(2000, "EUR")}, (409, "insufficient-funds")),
    ({"split": "unfair"}, (400, "bad-json")),
    ({"greeting": "福" * 101}, (400, "bad-json")),
    ({"greeting": "a\0b"}, (400, "bad-json")),
    ({"room_id": "!none:teahouse.test"}, (404, "unknown-red-packet")),
    ({"room_id": ""}, (404, "unknown-red-packet")),
    ({"for_member": "@ben:teahouse.test"}, (400, "invalid-parameter")),
    ({"count": 1, "for_member": "@eve:teahouse.test"}, (400, "invalid-parameter")),
    ({"count": 1, "for_member": "@ada:teahouse.test"}, (400, "invalid-parameter")),
    ({"count": 1, "for_member": "nobody"}, (400, "invalid-parameter")),
    ({"extra": 1}, (400, "bad-json")),
]


async def test_a_packet_that_cannot_be_moves_nothing(house: House, table: Table) -> None:
    await register_payer(house, "eve")
    for changes, expected in CANNOT_BE:
        told = await table.ada.refused("POST", PACKETS, table.body(**changes))
        assert told == expected, changes
    assert table.ada.balance() == 100_000
    assert house_balance(house.db, HouseAccount.RED_PACKETS) == 0


async def test_nobody_gives_more_than_they_have_or_into_others_rooms(table: Table) -> None:
    assert await table.ben.refused("POST", PACKETS, table.body()) == (409, "insufficient-funds")
    eve = await register_payer(table.house, "eve")
    assert await eve.refused("POST", PACKETS, table.body()) == (404, "unknown-red-packet")


async def test_only_who_is_in_the_room_now_may_claim(table: Table) -> None:
    cleo, dan = [await table.guest(name) for name in ("cleo", "dan")]
    eve = await register_payer(table.house, "eve")
    packet = await table.give()
    room = table.room
    assert await refused_claim(eve, packet) == (404, "unknown-red-packet")
    # Invited is not joined.
    await table.ada.change("POST", f"/rooms/{room}/invite", {"user_id": eve.user_id})
    assert await refused_claim(eve, packet) == (404, "unknown-red-packet")
    await table.ben.leave(room)
    assert await refused_claim(table.ben, packet) == (404, "unknown-red-packet")
    await table.ada.change("POST", f"/rooms/{room}/kick", {"user_id": cleo.user_id})
    assert await refused_claim(cleo, packet) == (404, "unknown-red-packet")
    await table.ada.change("POST", f"/rooms/{room}/ban", {"user_id": dan.user_id})
    assert await refused_claim(dan, packet) == (404, "unknown-red-packet")
    await table.ben.join(room)
    await claim(table.ben, packet)


async def test_who_gave_it_and_left_still_sees_it_and_gets_the_rest(
    house: House, table: Table
) -> None:
    packet = await table.give()
    await table.ada.leave(table.room)
    seen = await table.ada.asked("GET", f"{PACKETS}/{packet['packet_id']}")
    assert seen["left"] == money(2000)
    assert await refused_claim(table.ada, packet) == (404, "unknown-red-packet")
    pass_time(house, OPEN_MS)
    await run_jobs(house)
    assert table.ada.balance() == 100_000


# Many at once


async def test_two_hundred_at_once_get_a_hundred_shares(
    database_url: str, clock: ManualClock, tmp_path: Path
) -> None:
    """Over two servers on one database, as fast as they can."""
    with (
        open_database(database_url, clock, seed=1) as one,
        open_database(database_url, clock, seed=2) as two,
    ):
        house = make_wallet_house(one, tmp_path)
        ada = await register_payer(house, "ada", cny=100_000)
        room = await ada.create_room()
        packet = await ada.asked(
            "POST", PACKETS, {"room_id": room, "total": money(10_007), "count": 100}
        )
        users = [f"@guest{number}:teahouse.test" for number in range(200)]
        house.db.run(_seat, room, users)

        async def try_claim(number: int) -> int | str:
            db = (one, two)[number % 2]
            try:
                done = await db.write(
                    claim_packet, Requester(user_id=users[number]), packet["packet_id"]
                )
            except Refusal as refusal:
                return refusal.code
            return done.amount.minor

        # A quarter of them twice: a second tap on the phone.
        outcomes = await asyncio.gather(*(try_claim(n) for n in [*range(200), *range(0, 200, 4)]))
        amounts = [one for one in outcomes if isinstance(one, int)]
        assert len(amounts) == 100
        assert sum(amounts) == 10_007
        refusals = {one for one in outcomes if isinstance(one, str)}
        assert refusals <= {"red-packet-empty", "red-packet-already-claimed"}
        assert house_balance(one, HouseAccount.RED_PACKETS) == 0
        # The guests were seated without an event.
        assert [one for one in find_problems(house) if "@guest" not in one] == []


def _seat(tx: Any, room_id: str, users: list[str]) -> None:
    """Let many be in a room without the hundreds of events that it takes."""
    import sqlalchemy as sa

    from teahouse.chat.event_store.tables import chat_membership

    sample = tx.conn.execute(
        sa.select(chat_membership).where(chat_membership.c.room_id == room_id)
    ).first()
    rows = [{**sample._mapping, "user_id": user} for user in users]
    tx.conn.execute(sa.insert(chat_membership), rows)
    for user in users:
        party_of(tx, user)


# One member's data


async def test_what_is_held_of_a_member_is_exported_and_their_words_are_erased(
    house: House, table: Table
) -> None:
    packet = await table.give()
    await claim(table.ben, packet)
    exports: list[Any] = [
        house.db.look(export_member, one.user_id)["red_packets"] for one in (table.ada, table.ben)
    ]
    [[mine], [had]] = exports
    assert (mine["greeting"], mine["total"]) == ("恭喜发财", 2000)
    assert (had["greeting"], had["total"]) == (None, None)
    assert had["had"] == table.ben.balance()
    assert house.db.look(export_member, "@nobody:teahouse.test") == {"red_packets": []}
    # Of an open packet, words and room are still needed.
    house.db.run(erase_member, table.ada.user_id)
    assert (await table.ben.asked("GET", f"{PACKETS}/{packet['packet_id']}"))["greeting"] != ""
    pass_time(house, OPEN_MS)
    await run_jobs(house)
    house.db.run(erase_member, table.ada.user_id)
    [seen] = (await table.ben.asked("GET", f"{PACKETS}?side=received"))["items"]
    assert (seen["greeting"], seen["room_id"]) == ("", "")
    assert find_problems(house) == []


# Checks


async def test_the_check_sees_a_share_that_was_changed(house: House, table: Table) -> None:
    import sqlalchemy as sa

    from teahouse.wallet.red_packets.tables import wallet_red_packet, wallet_red_packet_share

    packet = await table.give()
    share = wallet_red_packet_share.c
    house.db.run(
        lambda tx: tx.conn.execute(
            sa.update(wallet_red_packet_share)
            .where(share.packet_id == packet["packet_id"], share.place == 0)
            .values(amount=share.amount + 1)
        )
    )
    assert any(packet["packet_id"] in problem for problem in find_problems(house))
    house.db.run(
        lambda tx: tx.conn.execute(
            sa.update(wallet_red_packet).values(left_minor=wallet_red_packet.c.left_minor - 1)
        )
    )
    assert any("open red packets hold 1999 CNY" in problem for problem in find_problems(house))


def test_the_databases_have_the_tables(db: Database) -> None:
    assert db.look(export_member, "@nobody:teahouse.test") == {"red_packets": []}

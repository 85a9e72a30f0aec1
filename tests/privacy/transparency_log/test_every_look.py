"""Whatever the staff see or change of members stands in the log, once, with columns and a reason.

The routes are those of the whole server, so that a new one can't be forgotten: each that asks for
a role is walked here with real data, or named with the reason why it shows nobody's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
import sqlalchemy as sa
from msgspec import inspect

from teahouse import accounts, privacy
from teahouse.cli import COMMANDS
from teahouse.platform.data_map import PersonalData, declaration
from teahouse.platform.db import Database, Read, Tx, metadata
from teahouse.platform.json import decode_json
from teahouse.platform.requester import Role
from teahouse.privacy.member_keys.live import MemberKeys
from teahouse.privacy.sealed_boxes.commands import seal_box
from teahouse.privacy.sealed_boxes.types import BoxContent
from teahouse.privacy.transparency_log.queries import find_size, tell_words
from teahouse.privacy.transparency_log.tables import privacy_log_entry
from teahouse.wallet.reconciliation.tables import wallet_reconciliation_item
from tests.kit.chat_house import Guest
from tests.kit.shop_house import ask, start_shop
from tests.kit.wallet_house import Payer, money, register_payer
from tests.kit.whole_house import Route, WholeHouse

pytestmark = pytest.mark.anyio
# An id says nothing to who has only that, and a single word is one of the program's own.
_OPAQUE = re.compile(r"[a-z]{3,4}_[0-9a-z]+$|[a-z_]+$")

COURT = "Court of Teatown"
ADMIN = "/_synapse/admin"
REASON = "a look for a test: 茶"
NEEDS_ROLE = "This needs a staff role that you do not have."
# A value that stands in a column of fewer letters says too little to be looked for.
TELLING = 7
# What was done, and answers to be repeated: the same again as stands elsewhere.
COPIES = {"chat_staff_access", "privacy_log_entry", "platform_idempotency", "platform_job"}

# Routes for which one needs a role, and that show nothing of a member.
SHOWS_NOBODY = {
    "GET /api/v1/staff": "names those of the staff, in their office",
    "GET /api/v1/staff/log": "names those of the staff, in their office",
    "GET /api/v1/staff/me": "one's own powers",
    "GET /api/v1/staff/jobs": "kinds and times: what a job says of anybody is left out",
    "POST /api/v1/staff/jobs/{job_id:str}/replay": "answers nothing",
    "POST /api/v1/staff/jobs/{job_id:str}/discard": "answers nothing",
    "GET /api/v1/staff/settings": "settings, without secrets",
    "GET /api/v1/staff/load": "counts",
    f"GET {ADMIN}/v1/server_version": "a number",
    f"GET {ADMIN}/v1/registration_tokens": "tokens that nobody has used by name",
    f"POST {ADMIN}/v1/registration_tokens/new": "a token",
    f"GET {ADMIN}/v1/registration_tokens/{{token:str}}": "a token",
    f"DELETE {ADMIN}/v1/registration_tokens/{{token:str}}": "a token",
    "GET /api/v1/wallet/admin/reconciliation": "sums",
    "GET /api/v1/wallet/admin/reconciliation/statements": "sums of a day",
    "GET /api/v1/wallet/admin/reconciliation/files": "names and times of files",
    "GET /api/v1/wallet/admin/shops": "what shops tell everybody",
    "GET /api/v1/wallet/admin/shops/{shop_id:str}": "what shops tell everybody",
    "GET /api/v1/wallet/admin/shops/{shop_id:str}/decisions": "names those of the staff",
    "GET /api/v1/wallet/admin/shops/{shop_id:str}/fees": "rates",
    "POST /api/v1/wallet/admin/shops/{shop_id:str}/fees": "rates",
    "POST /api/v1/privacy/official-requests/documents": "a paper that came in; a digest is shown",
    "POST /api/v1/privacy/transparency/canary": "a sentence about the house",
    "GET /api/v1/privacy/boxes/openings": "boxes, which say of nobody whose they are",
}

# Commands that show or change members' data enter it (tests/cli); of the others, why not.
COMMANDS_THAT_LOOK = {"member", "bank-file"}
COMMANDS_THAT_SHOW_NOBODY = {
    "serve": "runs the server",
    "demo": "runs a server with made-up members",
    "token": "makes a token",
    "check": "must read what is not sound, where nothing can be entered",
    "backup": "writes what is sealed under members' keys",
    "restore": "reads what is sealed under members' keys, into an empty house",
    "member-keys": "copies keys, shows none",
    "jobs": "kinds and times: what a job says of anybody is left out",
    "miniprogram": "a folder with a program, before it is installed",
    "log": "what everybody may know of the log",
    "member-archive": "a file that a member has given away",
    "partner-bank": "another company's bank, for tests and demos",
}


@dataclass
class Walk:
    """A house, and the routes of it that were walked."""

    house: WholeHouse
    walked: set[str] = field(default_factory=set)

    async def look(self, who: Guest, route: str, deed: str, body: Any = None, **values: str) -> Any:
        """Ask for a route that must enter just one look, and check what was entered."""
        method, _, template = route.partition(" ")
        path = Route(method, template).fill({k: quote(v, safe="") for k, v in values.items()})
        before = self.house.db.look(find_size)
        headers = {"Teahouse-Reason": quote(REASON)}
        if method == "POST":
            headers["Idempotency-Key"] = f"walk-{before}-{len(self.walked)}"
        query = values.get("query")
        done = await who.call(method, path + (f"?{query}" if query else ""), body, headers=headers)
        assert done.is_success, (route, done.text)
        assert self.house.db.look(find_size) == before + 1, f"{route}: not just one entry"
        told = done.json() if "json" in done.headers.get("content-type", "") else None
        entered = self.house.db.look(_entry, before)
        if entered is not None:  # sealed until a gag order ends
            self._check(route, deed, entered, "\n".join(_texts(told)), who)
        self.walked.add(route)
        return told

    def _check(self, route: str, deed: str, entered: Any, text: str, who: Guest) -> None:
        assert entered["actor"] == who.user_id
        assert entered["deed"] == deed, route
        assert entered["reason"], route
        fields = set(entered["fields"])
        shown = self.house.db.look(_columns_shown, text, staff=("@olga", "@otto", "@ida"))
        named = [value for value, columns in shown.items() if columns & fields]
        for value, columns in shown.items():
            # Words for search, say, are parts of the name that is named.
            is_part = any(value in whole for whole in named)
            assert is_part, f"{route} shows {value!r} of {sorted(columns)}"


def _texts(told: Any) -> list[str]:
    """Every text in an answer, but not the names of its members."""
    if isinstance(told, str):
        return [told]
    inside = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    return [text for one in inside for text in _texts(one)]


def _entry(read: Read, index: int) -> Any:
    body = read.conn.execute(
        sa.select(privacy_log_entry.c.body).where(privacy_log_entry.c.entry_index == index)
    ).scalar_one()
    return None if body is None else decode_json(body.encode())


def _columns_shown(read: Read, text: str, *, staff: tuple[str, ...]) -> dict[str, set[str]]:
    """The values of personal columns that stand in an answer, and in which columns they are."""
    found: dict[str, set[str]] = {}
    for table in metadata.sorted_tables:
        if table.name in COPIES:
            continue
        columns = [c for c in table.columns if isinstance(declaration(c), PersonalData)]
        texts = [c for c in columns if isinstance(c.type, sa.Text)]
        for row in read.conn.execute(sa.select(*texts)) if texts else ():
            for column, value in zip(texts, row, strict=True):
                is_telling = isinstance(value, str) and len(value) >= TELLING
                if not is_telling or value.startswith(staff) or _OPAQUE.match(value):
                    continue
                if value in text:
                    found.setdefault(value, set()).add(f"{table.name}.{column.name}")
    return found


def _example(of: Any) -> Any:  # noqa: PLR0911 - one for each kind
    """The simplest value of a type, so that a body is no reason to be refused."""
    kind = of if isinstance(of, inspect.Type) else inspect.type_info(of)
    match kind:
        case inspect.StructType():
            return {one.encode_name: _example(one.type) for one in kind.fields if one.required}
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.StrType():
            return "x" * max(1, kind.min_length or 1)
        case inspect.IntType():
            return max(1, kind.ge or 1)
        case inspect.ListType() | inspect.CollectionType() | inspect.VarTupleType():
            return [_example(kind.item_type)] * (getattr(kind, "min_length", 0) or 0)
        case inspect.UnionType():
            return _example(kind.types[0])
        case inspect.BoolType():
            return False
        case inspect.Metadata():
            return _example(kind.type)
        case _:
            return {}


async def find_staff_routes(house: WholeHouse) -> set[str]:
    """Every route that a member without a role is refused for the lack of one."""
    found: set[str] = set()
    token = (await house.register("nosy"))["access_token"]
    bodies = {
        f"{method} {path}": handler.parsed_data_field
        for handler in house.handlers
        for path in handler.paths
        for method in handler.http_methods
    }
    for route in house.routes:
        key = f"{route.method} {route.template}"
        data = bodies.get(key)
        body = msgspec.json.encode({} if data is None else _example(data.annotation))
        values = {"user_id": quote("@nobody:teahouse.test", safe=""), "server": "teahouse.test"}
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"walk-{len(found)}"}
        content = None if route.method == "GET" else body
        for _ in range(2):
            headers["Authorization"] = f"Bearer {token}"
            answer = await house.http.request(
                route.method, route.fill(values), content=content, headers=headers
            )
            if answer.status_code != 401 or "M_UNKNOWN_TOKEN" not in answer.text:
                break
            # The route before has signed out.
            token = (await house.log_in("nosy"))["access_token"]
        is_refused = answer.status_code == 403 and NEEDS_ROLE in answer.text
        if is_refused or ("/admin/" in route.template and "/register" not in route.template):
            found.add(key)
    return found


async def _register(house: WholeHouse, name: str, *roles: Role) -> Payer:
    member = await register_payer(house, name, cny=5_000_00)
    for role in roles:
        house.db.run(accounts.grant_role, member.user_id, role, by=None)
    return member


async def _walk_accounts(walk: Walk, olga: Payer, ida: Payer, lily: Payer) -> None:
    user = {"user_id": lily.user_id}
    role = "/api/v1/staff/{user_id:str}/{role:str}"
    await walk.look(olga, f"PUT {role}", "roles.change", role="auditor", **user)
    await walk.look(olga, f"DELETE {role}", "roles.change", role="auditor", **user)
    await walk.look(olga, "GET /api/v1/staff/members", "members.list")
    identity = "/api/v1/account/identity/members/{user_id:str}"
    check = {
        "kind": "id_card_registry",
        "provider": "the town's register",
        "evidence": "folio 4711",
    }
    made = await walk.look(olga, f"POST {identity}/checks", "identity.check", check, **user)
    await walk.look(olga, f"GET {identity}", "identity.see", **user)
    one = "/api/v1/account/identity/checks/{check_id:str}"
    of = {"check_id": made["check_id"]}
    await walk.look(ida, f"GET {one}/evidence", "identity.evidence.read", **of)
    await walk.look(olga, f"DELETE {one}", "identity.check", {"reason": "It was another."}, **of)
    await walk.look(olga, f"GET {ADMIN}/v2/users", "users.list")
    await walk.look(olga, f"GET {ADMIN}/v2/users/{{user_id:str}}", "users.see", **user)
    changed = {"displayname": "Lily of the valley"}
    await walk.look(olga, f"PUT {ADMIN}/v2/users/{{user_id:str}}", "users.change", changed, **user)


async def _walk_rooms(walk: Walk, olga: Payer, *, lily: Payer, ben: Payer) -> None:
    room_id = await ben.create_room(name="Tea and talk", room_alias_name="tea-and-talk")
    await lily.join(room_id)
    event_id = await ben.say(room_id, "A rude remark about tea")
    v1, room = f"{ADMIN}/v1", {"room_id": room_id}
    one = f"{v1}/rooms/{{room_id:str}}"
    await walk.look(olga, f"GET {v1}/rooms", "rooms.list")
    await walk.look(olga, f"GET {one}", "rooms.see", **room)
    await walk.look(olga, f"GET {one}/members", "rooms.members.see", **room)
    await walk.look(olga, f"GET {one}/block", "rooms.block.see", **room)
    await walk.look(olga, f"PUT {one}/block", "rooms.block", {"block": True}, **room)
    await walk.look(olga, f"PUT {one}/block", "rooms.unblock", {"block": False}, **room)

    path = f"/rooms/{quote(room_id, safe='')}/report/{quote(event_id, safe='')}"
    await lily.change("POST", path, {"reason": "That was not kind."})
    page = await walk.look(olga, "GET /api/v1/reports", "reports.see")
    report = {"report_id": page["reports"][0]["report_id"]}
    act = "POST /api/v1/reports/{report_id:str}"
    await walk.look(olga, f"{act}/look", "reports.open", {"reason": "It was reported."}, **report)
    outcome = {"outcome": "acted", "note": "We have spoken to them."}
    await walk.look(olga, f"{act}/outcome", "reports.decide", outcome, **report)

    alias = "DELETE /_matrix/client/v3/directory/room/{alias:str}"
    await walk.look(olga, alias, "rooms.alias.remove", alias="#tea-and-talk:teahouse.test")
    await walk.look(olga, f"DELETE {one}", "rooms.shut_down", {}, **room)
    other = {"room_id": await ben.create_room(name="More talk")}
    v2 = f"{ADMIN}/v2/rooms"
    gone = await walk.look(olga, f"DELETE {v2}/{{room_id:str}}", "rooms.shut_down", {}, **other)
    status = f"GET {v2}/delete_status/{{delete_id:str}}"
    await walk.look(olga, status, "rooms.deletion.see", delete_id=gone["delete_id"])
    await walk.look(olga, f"GET {v2}/{{room_id:str}}/delete_status", "rooms.deletion.see", **room)


async def _walk_sanctions(walk: Walk, olga: Payer, otto: Payer, ben: Payer) -> None:
    until = walk.house.services.clock.now_ms() + 86_400_000
    wanted = {"user_id": ben.user_id, "rule": "other", "reason": "Rude remarks.", "until": until}
    imposed = await walk.look(olga, "POST /api/v1/staff/sanctions", "sanctions.impose", wanted)
    sanction = quote(imposed["sanction_id"])
    appealed = await ben.ask("POST", f"/api/v1/sanctions/{sanction}/appeal", {"text": "I was not."})
    assert appealed.is_success, appealed.text
    await walk.look(olga, "GET /api/v1/staff/sanctions", "sanctions.see")
    decision = {"decision": "lifted", "reason": "It was a misunderstanding."}
    decide = "POST /api/v1/sanctions/{sanction_id:str}/decision"
    await walk.look(otto, decide, "sanctions.decide", decision, sanction_id=imposed["sanction_id"])
    suspend = "/_matrix/client/v1/admin/suspend/{user_id:str}"
    of = {"user_id": ben.user_id}
    await walk.look(olga, f"GET {suspend}", "suspensions.see", **of)
    await walk.look(olga, f"PUT {suspend}", "sanctions.impose", {"suspended": True}, **of)
    await walk.look(olga, f"PUT {suspend}", "sanctions.lift", {"suspended": False}, **of)


async def _walk_media(walk: Walk, olga: Payer, lily: Payer) -> None:
    v1 = f"{ADMIN}/v1"
    sent = await walk.house.http.post(
        "/_matrix/media/v3/upload",
        content=b"a picture",
        headers={"Authorization": f"Bearer {lily.token}", "Content-Type": "image/png"},
    )
    media = {"server": "teahouse.test", "media_id": sent.json()["content_uri"].rpartition("/")[2]}
    kept = "/{server:str}/{media_id:str}"
    await walk.look(olga, f"POST {v1}/media/quarantine{kept}", "media.quarantine", {}, **media)
    await walk.look(olga, f"POST {v1}/media/unquarantine{kept}", "media.release", {}, **media)
    all_of = f"POST {v1}/user/{{user_id:str}}/media/quarantine"
    await walk.look(olga, all_of, "media.quarantine", {}, user_id=lily.user_id)


async def _walk_freezes(walk: Walk, olga: Payer, otto: Payer, lily: Payer) -> None:
    root = "/api/v1/wallet/admin/freezes"
    note, wanted = (
        {"note": "It was asked for."},
        {"user_id": lily.user_id, "reason": "A lost phone."},
    )
    for act in ("approve", "reject"):
        made = await walk.look(olga, f"POST {root}", "wallet.freeze", wanted)
        of = {"freeze_id": made["freeze"]["freeze_id"]}
        await walk.look(olga, f"GET {root}", "freezes.list")
        await walk.look(olga, f"GET {root}/{{freeze_id:str}}", "freezes.see", **of)
        one = f"POST {root}/{{freeze_id:str}}"
        await walk.look(otto, f"{one}/{act}", "wallet.freeze", note, **of)
        if act == "reject":
            continue
        for answer in ("reject", "approve"):
            await walk.look(olga, f"{one}/lift", "wallet.freeze", note, **of)
            await walk.look(otto, f"{one}/lift/{answer}", "wallet.freeze", note, **of)


async def _walk_wallet(walk: Walk, olga: Payer, otto: Payer, lily: Payer) -> None:
    shop = await start_shop(walk.house)
    decisions = "GET /api/v1/wallet/admin/members/{user_id:str}/decisions"
    root = "/api/v1/wallet/admin/disputes"
    for act in ("approve", "reject"):
        charge = await shop.till.asked("POST", "/charges", {"amount": money(2_000_00)})
        paid = await lily.asked("POST", f"/pay/{charge['code']}", {})
        claim = {
            "payment_id": paid["payment_id"],
            "cause": "not_received",
            "text": "It never came.",
        }
        of = {"dispute_id": (await lily.asked("POST", "/disputes", claim))["dispute_id"]}
        answered = f"{shop.path}/disputes/{of['dispute_id']}/answer"
        said = await ask(shop.owner, "POST", answered, {"text": "It was sent on Monday."})
        assert said.is_success, said.text
        await walk.look(olga, f"GET {root}", "disputes.list")
        await walk.look(olga, f"GET {root}/{{dispute_id:str}}", "disputes.see", **of)
        ruling = {"refund": money(2_000_00), "text": "The carrier lost it."}
        one = f"POST {root}/{{dispute_id:str}}"
        await walk.look(olga, f"{one}/decide", "disputes.decide", ruling, **of)
        await walk.look(otto, f"{one}/{act}", "disputes.decide", **of)
    await walk.look(olga, decisions, "wallet.decisions.see", user_id=lily.user_id)

    items = "/api/v1/wallet/admin/reconciliation/items"
    one = f"POST {items}/{{item_id:str}}"
    walk.house.db.run(_note_item)
    proposal = {"action": "nothing", "note": "The bank has explained it."}
    of = {"item_id": "rit_1"}
    await walk.look(olga, f"GET {items}", "reconciliation.see")
    for act in ("decline", "agree"):
        await walk.look(olga, f"{one}/propose", "reconciliation.decide", proposal, **of)
        await walk.look(otto, f"{one}/{act}", "reconciliation.decide", **of)

    decide = "POST /api/v1/wallet/admin/shops/{shop_id:str}/decisions"
    wish = {"status": "suspended", "reason": "Complaints."}
    await walk.look(olga, decide, "shops.decide", wish, shop_id=shop.shop_id)


def _note_item(tx: Tx) -> None:
    tx.conn.execute(
        sa.insert(wallet_reconciliation_item).values(
            item_id="rit_1", kind="contradiction", status="open", told="A line that nobody knows.",
            suspense_minor=0, noted_at=tx.now, note="",
        )
    )  # fmt: skip


async def _walk_requests(walk: Walk, staff: list[Payer], lily: Payer) -> None:
    """Official requests: one that is given, one that is refused, an emergency that is reviewed."""
    olga, otto, ida = staff
    root = "/api/v1/privacy/official-requests"
    one = f"{root}/{{request_id:str}}"
    papers = []
    for content in (b"%PDF-1.7 By order of the court", b"%PDF-1.7 Not to be told yet"):
        sent = await walk.house.http.post(
            f"{root}/documents",
            content=content,
            headers={"Authorization": f"Bearer {olga.token}"},
        )
        papers.append(sent.json()["sha256"])
    line = {"user_id": lily.user_id, "field": "accounts.member", "from": 0}
    now = walk.house.services.clock.now_ms()
    order = {
        "instrument": "order", "category": "account", "country": "FR",
        "authority": "Police of Teatown", "legal_basis": "Code, article 1", "court": COURT,
        "document": papers[0], "document_on": "2026-11-20", "asked": [line],
    }  # fmt: skip
    gag = {"document": papers[0], "ends_at": now + 86_400_000}
    later = {"document": papers[1], "ends_at": now + 2 * 86_400_000}
    made = await walk.look(olga, f"POST {root}", "", {**order, "gag": gag})
    of = {"request_id": made["request"]["request_id"]}
    await walk.look(ida, f"GET {root}", "official.see")
    await walk.look(ida, f"GET {one}", "official.see", **of)
    await walk.look(ida, f"GET {one}/document", "official.see", **of)
    await walk.look(olga, f"POST {one}/validate", "official.see", **of)
    scope = {"scope": [{**line, "to": now}]}
    await walk.look(olga, f"POST {one}/scope", "official.see", scope, **of)
    for who in (otto, ida):
        await walk.look(who, f"POST {one}/approve", "official.see", {"scope_version": 1}, **of)
    await walk.look(olga, f"GET {one}/try", "official.see", **of)
    await walk.look(otto, f"POST {one}/release", "", **of)
    await walk.look(olga, f"POST {one}/gags", "official.see", later, **of)

    danger = {"instrument": "emergency", "danger": "A child is missing."}
    made = await walk.look(olga, f"POST {root}", "", order | danger)
    of = {"request_id": made["request"]["request_id"]}
    await walk.look(otto, f"POST {one}/reject", "official.see", {"note": "She is home."}, **of)
    await walk.look(ida, f"POST {one}/review", "official.see", {"note": "She was."}, **of)


async def _walk_boxes(walk: Walk, olga: Payer, otto: Payer) -> None:
    root = "/api/v1/privacy/boxes"
    keys = walk.house.services.get(MemberKeys)
    content = BoxContent({"payments": 1}, {"payments": ["one"]})
    box = walk.house.db.run(seal_box, keys, "@erased:teahouse.test", content, keep_years=5)
    query = "user_id=" + quote("@erased:teahouse.test", safe="")
    await walk.look(olga, f"GET {root}", "boxes.handle", query=query)
    case = {"case": "12 Js 34/26", "reason": "money laundering, section 261"}
    ask_for = f"POST {root}/{{box_id:str}}/openings"
    made = await walk.look(olga, ask_for, "boxes.handle", case, box_id=box.box_id)
    one, of = f"POST {root}/openings/{{opening_id:str}}", {"opening_id": made["opening_id"]}
    await walk.look(otto, f"{one}/approve", "boxes.handle", **of)
    await walk.look(olga, f"{one}/open", "boxes.handle", **of)


async def test_each_route_of_the_staff_enters_one_look_with_what_it_shows_and_why(
    db: Database, tmp_path: Path
) -> None:
    house = WholeHouse(
        db, tmp_path, admin_api=True, official_courts=[COURT], wallet_rule_set="open"
    )
    all_roles: list[Role] = ["operator", "moderator", "bank_officer", "auditor"]
    olga, otto, ida = [await _register(house, one, *all_roles) for one in ("olga", "otto", "ida")]
    lily, ben = await _register(house, "lily-valley"), await _register(house, "ben-mountain")
    walk = Walk(house)
    await _walk_accounts(walk, olga, ida, lily)
    await _walk_rooms(walk, olga, lily=lily, ben=ben)
    await _walk_sanctions(walk, olga, otto, ben)
    await _walk_media(walk, olga, lily)
    await _walk_freezes(walk, olga, otto, lily)
    await _walk_wallet(walk, olga, otto, lily)
    await _walk_requests(walk, [olga, otto, ida], lily)
    await _walk_boxes(walk, olga, otto)
    user = {"user_id": ben.user_id}
    reset = {"new_password": "another good one of many"}
    v1 = f"POST {ADMIN}/v1"
    await walk.look(
        olga, f"{v1}/reset_password/{{user_id:str}}", "members.reset_password", reset, **user
    )
    await walk.look(olga, f"{v1}/deactivate/{{user_id:str}}", "members.deactivate", {}, **user)

    needed = await find_staff_routes(house)
    assert needed - walk.walked - set(SHOWS_NOBODY) == set(), "walk them, or say why not"
    assert set(SHOWS_NOBODY) - needed - {"GET /api/v1/staff/me"} == set(), "no longer there"


@pytest.mark.parametrize("path", ["/api/v1/staff/members", "/api/v1/reports"])
async def test_who_says_no_reason_sees_nothing(db: Database, tmp_path: Path, path: str) -> None:
    house = WholeHouse(db, tmp_path)
    olga = await _register(house, "olga", "operator")
    before = db.look(find_size)
    for reason in ("", "%20", "%E8"):
        refused = await olga.call("GET", path, headers={"Teahouse-Reason": reason})
        assert refused.status_code == 400, refused.text
        assert "olga" not in refused.text
    assert db.look(find_size) == before


def test_each_deed_and_place_has_words_and_names_columns_that_are_there() -> None:
    """In both languages; deeds of what the command line loads later too."""
    for language in ("en", "zh"):
        words = tell_words(language)
        for deed, fields in privacy.DEEDS.items():
            assert words.deeds[deed]
            for one in fields:
                assert one in words.kinds or one.startswith("files "), f"{deed}: {one}"
        for where in words.kinds:
            assert words.stores[where.partition(".")[0].removeprefix("files ").rstrip("/")]


def test_each_command_looks_by_the_log_or_shows_nobody() -> None:
    assert set(COMMANDS) == COMMANDS_THAT_LOOK | set(COMMANDS_THAT_SHOW_NOBODY)

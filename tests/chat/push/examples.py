"""Members, events and rules for the tests of push rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from teahouse.chat.push.rules import add_rule, build_ruleset, check_rule, evaluate
from teahouse.chat.push.types import Kind, MemberView, StoredRules, Verdict

if TYPE_CHECKING:
    from teahouse.platform.json import Json, JsonObject

ALICE = "@alice:example.org"
BOB = "@bob:example.org"
ROOM = "!tea:example.org"

SILENT = Verdict(notify=False)
DEFAULT_SOUND: Json = {"set_tweak": "sound", "value": "default"}
HIGHLIGHT: Json = {"set_tweak": "highlight"}


HERE = MemberView(
    user_id=ALICE, display_name="Alice Liddell", member_count=10, sender_power_level=0
)


def member(**changes: object) -> MemberView:
    """Alice in a room of ten in which the sender is nobody special."""
    return msgspec.structs.replace(HERE, **changes)


def event(event_type: str = "m.room.message", /, **changes: Json) -> JsonObject:
    """An event from Bob."""
    plain: JsonObject = {"type": event_type, "sender": BOB, "room_id": ROOM, "content": {}}
    return {**plain, **changes}


def message(body: Json = "Tea?", **content: Json) -> JsonObject:
    """A message from Bob."""
    return event(content={"msgtype": "m.text", "body": body, **content})


def with_rule(kind: Kind, rule_id: str, **body: Json) -> StoredRules:
    """What is stored of a member with one rule."""
    return add_rule(StoredRules(), kind, rule=check_rule(kind, rule_id, body))


def verdict(
    plain: JsonObject, stored: StoredRules | None = None, view: MemberView | None = None
) -> Verdict:
    """What an event means to Alice."""
    return evaluate(plain, build_ruleset(ALICE, stored or StoredRules()), view or member())

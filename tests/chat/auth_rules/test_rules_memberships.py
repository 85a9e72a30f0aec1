"""Who may join, invite, leave, remove, ban and knock.

Rows and tests are named by the rule as room version 11 counts it; version 12 counts one more
from rule 2 on, and has rules of its own, which are named `v12`.
"""

import msgspec
import pytest

from teahouse.chat.auth_rules import (
    select_auth_slots,
)
from teahouse.chat.events import (
    Event,
    Json,
    JsonObject,
    RoomVersion,
    SigningKey,
    sign_json,
)
from tests.chat.auth_rules.kit import (
    ADMIN,
    BANNED,
    CREATOR,
    INVITED,
    KNOCKED,
    LEFT,
    MEMBER,
    MOD,
    OTHER,
    STRANGER,
    V10,
    V11,
    V12,
    Row,
    State,
    assert_outcome,
    make_create,
    make_event,
    make_levels,
    make_member,
    make_state,
    unpack,
    versions,
    why_not,
)

# --- Rule 4: memberships ------------------------------------------------------------------


MEMBER_ROWS = [
    Row(
        "4.1 no state key",
        make_event("m.room.member", content={"membership": "join"}),
        "needs a state key",
    ),
    Row("4.1 no membership", make_event("m.room.member", state_key=MEMBER), "and a membership"),
    Row(
        "4.2 authoriser's server has not signed",
        make_member(STRANGER, "join", join_authorised_via_users_server="@x:elsewhere"),
        "not signed",
    ),
    Row(
        "4.2 authoriser is no user",
        make_member(STRANGER, "join", join_authorised_via_users_server=7),
        "not signed",
    ),
    Row(
        "4.2 holds for every membership",
        make_member(MEMBER, "leave", join_authorised_via_users_server="@x:elsewhere"),
        "not signed",
    ),
    # 4.3: join
    Row("4.3.2 for another", make_member(INVITED, "join", sender=MEMBER), "another's name"),
    Row("4.3.3 banned", make_member(BANNED, "join"), "is banned", "public"),
    Row("4.3.4 invited under invite", make_member(INVITED, "join"), None),
    Row("4.3.4 invited under knock", make_member(INVITED, "join"), None, "knock"),
    Row("4.3.4 joined under invite", make_member(MEMBER, "join", displayname="M"), None),
    Row("4.3.4 stranger under invite", make_member(STRANGER, "join"), "not invited"),
    Row("4.3.4 left under invite", make_member(LEFT, "join"), "not invited"),
    Row("4.3.4 knocked under knock", make_member(KNOCKED, "join"), "not invited", "knock"),
    Row("4.3.4 no join rule is invite", make_member(STRANGER, "join"), "not invited", None),
    Row("4.3.4 no join rule, invited", make_member(INVITED, "join"), None, None),
    Row("4.3.5.1 invited", make_member(INVITED, "join"), None, "restricted"),
    Row("4.3.5.1 joined", make_member(MEMBER, "join"), None, "knock_restricted"),
    Row("4.3.5.2 no authoriser", make_member(STRANGER, "join"), "nor authorised", "restricted"),
    Row(
        "4.3.5.2 authoriser not in the room",
        make_member(STRANGER, "join", join_authorised_via_users_server=LEFT),
        "not in the room",
        "restricted",
    ),
    Row(
        "4.3.5.2 banned though authorised",
        make_member(BANNED, "join", join_authorised_via_users_server=MEMBER),
        "is banned",
        "restricted",
    ),
    Row(
        "4.3.5.3 authorised under restricted",
        make_member(STRANGER, "join", join_authorised_via_users_server=MEMBER),
        None,
        "restricted",
    ),
    Row(
        "4.3.5.3 authorised under knock_restricted",
        make_member(STRANGER, "join", join_authorised_via_users_server=MEMBER),
        None,
        "knock_restricted",
    ),
    Row(
        "4.3.4 authorised under invite",
        make_member(STRANGER, "join", join_authorised_via_users_server=MEMBER),
        "not invited",
    ),
    Row("4.3.6 stranger under public", make_member(STRANGER, "join"), None, "public"),
    Row("4.3.7 private", make_member(INVITED, "join"), "nobody can join", "private"),
    Row("4.3.7 unknown", make_member(MEMBER, "join"), "nobody can join", "m.tea"),
    # 4.4: invite
    Row("4.4.2 sender left", make_member(STRANGER, "invite", LEFT), "sender is not in the room"),
    Row("4.4.2 sender invited", make_member(STRANGER, "invite", INVITED), "sender is not in"),
    Row("4.4.3 joined", make_member(OTHER, "invite", MEMBER), "in the room already"),
    Row("4.4.3 banned", make_member(BANNED, "invite", ADMIN), "is banned"),
    Row("4.4.4 stranger", make_member(STRANGER, "invite", MEMBER), None),
    Row("4.4.4 knocked", make_member(KNOCKED, "invite", MEMBER), None, "knock"),
    Row("4.4.4 invited again", make_member(INVITED, "invite", MEMBER), None),
    # 4.5: leave
    Row("4.5.1 joined", make_member(MEMBER, "leave"), None),
    Row("4.5.1 invited", make_member(INVITED, "leave"), None),
    Row("4.5.1 knocked", make_member(KNOCKED, "leave"), None),
    Row("4.5.1 banned", make_member(BANNED, "leave"), "not in the room"),
    Row("4.5.1 stranger", make_member(STRANGER, "leave"), "not in the room"),
    Row("4.5.1 left", make_member(LEFT, "leave"), "not in the room"),
    Row("4.5.2 sender left", make_member(MEMBER, "leave", LEFT), "sender is not in"),
    Row("4.5.3 unban by moderator", make_member(BANNED, "leave", MOD), None),
    Row("4.5.4 kick by moderator", make_member(MEMBER, "leave", MOD), None),
    Row("4.5.4 invite taken back", make_member(INVITED, "leave", MOD), None),
    Row("4.5.5 kick by member", make_member(OTHER, "leave", MEMBER), "level 40 is needed"),
    Row("4.5.5 kick of one above", make_member(ADMIN, "leave", MOD), "not above"),
    Row("4.5.3 unban by member", make_member(BANNED, "leave", MEMBER), "lift a ban"),
    # 4.6: ban
    Row("4.6.1 sender left", make_member(MEMBER, "ban", LEFT), "sender is not in"),
    Row("4.6.2 member", make_member(MEMBER, "ban", MOD), None),
    Row("4.6.2 stranger", make_member(STRANGER, "ban", MOD), None),
    Row("4.6.3 by member", make_member(OTHER, "ban", MEMBER), "level 50 is needed"),
    Row("4.6.3 of one above", make_member(ADMIN, "ban", MOD), "not above"),
    Row("4.6.3 of oneself", make_member(MOD, "ban", MOD), "not above"),
    # 4.7: knock
    Row("4.7.1 under invite", make_member(STRANGER, "knock"), "no knocks"),
    Row("4.7.1 under public", make_member(STRANGER, "knock"), "no knocks", "public"),
    Row("4.7.1 under restricted", make_member(STRANGER, "knock"), "no knocks", "restricted"),
    Row("4.7.1 no join rule", make_member(STRANGER, "knock"), "no knocks", None),
    Row("4.7.2 for another", make_member(STRANGER, "knock", MEMBER), "another's name", "knock"),
    Row("4.7.3 stranger", make_member(STRANGER, "knock"), None, "knock"),
    Row("4.7.3 knock_restricted", make_member(STRANGER, "knock"), None, "knock_restricted"),
    Row("4.7.3 left", make_member(LEFT, "knock"), None, "knock"),
    Row("4.7.3 knocked again", make_member(KNOCKED, "knock"), None, "knock"),
    Row("4.7.4 banned", make_member(BANNED, "knock"), "already", "knock"),
    Row("4.7.4 invited", make_member(INVITED, "knock"), "already", "knock"),
    Row("4.7.4 joined", make_member(MEMBER, "knock"), "already", "knock"),
    # 4.8
    Row("4.8 unknown", make_member(MEMBER, "sit"), "membership is not known"),
    Row(
        "4.8 no string",
        make_event("m.room.member", state_key=MEMBER, content={"membership": ["join"]}),
        "membership is not known",
    ),
]
# Moderators may kick from level 40 and ban from 50, so only one between can do the one and
# not the other; CREATOR is an ordinary member in this state before version 12.
PEER_ROWS = [
    Row("4.5.5 kick of an equal", make_member(MOD, "leave", "@mod2:tea"), "not above"),
    Row("4.6.3 ban of an equal", make_member(MOD, "ban", "@mod2:tea"), "not above"),
    Row("4.5.4 kick from 40", make_member(MEMBER, "leave", "@helper:tea"), None),
    Row("4.5.3 unban needs 50", make_member(BANNED, "leave", "@helper:tea"), "lift a ban"),
    Row("4.6.3 ban needs 50", make_member(MEMBER, "ban", "@helper:tea"), "level 50 is needed"),
    Row("4.4.5 invite needs 10", make_member(STRANGER, "invite", "@guest:tea"), "level 10"),
    Row(
        "4.3.5.2 authoriser may not invite",
        make_member(STRANGER, "join", join_authorised_via_users_server="@guest:tea"),
        "may not invite",
        "restricted",
    ),
]


@unpack(MEMBER_ROWS)
def test_4_memberships(row: Row, version: RoomVersion) -> None:
    state = make_state(version, join_rule=row.join_rule)
    assert_outcome(why_not(row.event, state, version), row.expected)


@unpack(PEER_ROWS)
def test_4_memberships_between_levels(row: Row, version: RoomVersion) -> None:
    users: JsonObject = {MOD: 50, "@mod2:tea": 50, "@helper:tea": 40, "@guest:tea": 9}
    state = make_state(version, join_rule=row.join_rule, levels=make_levels(ADMIN, users=users))
    for user_id in users:
        state[("m.room.member", user_id)] = make_member(user_id, "join")
    assert_outcome(why_not(row.event, state, version), row.expected)


@versions
def test_4_3_1_the_creator_joins_right_after_the_creation(version: RoomVersion) -> None:
    create = make_create(version)
    state = {create.slot: create}
    first = [create.event_id]
    event = msgspec.structs.replace(make_member(CREATOR, "join"), prev_events=first)
    assert why_not(event, state, version) is None

    other = msgspec.structs.replace(make_member(STRANGER, "join"), prev_events=first)
    assert_outcome(why_not(other, state, version), "not invited")
    later = msgspec.structs.replace(event, prev_events=[*first, "$more"])
    assert_outcome(why_not(later, state, version), "not invited")


def test_4_3_1_the_creator_is_the_one_named_in_version_10_and_the_sender_since() -> None:
    for version, allowed in ((V10, MEMBER), (V11, CREATOR), (V12, CREATOR)):
        create = msgspec.structs.replace(make_create(version), content={"creator": MEMBER})
        for user_id in (MEMBER, CREATOR):
            event = make_member(user_id, "join")
            event = msgspec.structs.replace(event, prev_events=[create.event_id])
            outcome = why_not(event, {create.slot: create}, version)
            assert_outcome(outcome, None if user_id == allowed else "not invited")


def test_restricted_joins_and_knocks_belong_to_versions_that_have_them() -> None:
    older = msgspec.structs.replace(V10, restricted_join=False, knock_restricted=False)
    for join_rule in ("restricted", "knock_restricted"):
        state = make_state(older, join_rule=join_rule)
        outcome = why_not(
            make_member(STRANGER, "join", join_authorised_via_users_server=MEMBER), state, older
        )
        assert_outcome(outcome, "nobody can join")
        assert_outcome(why_not(make_member(STRANGER, "knock"), state, older), "no knocks")
    slots = select_auth_slots(
        "m.room.member", STRANGER, STRANGER, {"join_authorised_via_users_server": MEMBER}, older
    )
    assert ("m.room.member", MEMBER) not in slots


# --- Rule 4.4.1: third-party invites ------------------------------------------------------

IDENTITY_KEY = SigningKey.from_seed(b"i" * 32, key_id="ed25519:0", server_name="identity")
OTHER_KEY = SigningKey.from_seed(b"o" * 32, key_id="ed25519:0", server_name="identity")
SIGNED = sign_json({"mxid": STRANGER, "token": "t1"}, IDENTITY_KEY)


def invite_with(signed: Json, sender: str = MEMBER, target: str = STRANGER) -> Event:
    return make_member(target, "invite", sender, third_party_invite={"signed": signed})


THIRD_PARTY_ROWS = [
    Row(
        "4.4.1.1 banned",
        invite_with(sign_json({"mxid": BANNED, "token": "t1"}, IDENTITY_KEY), target=BANNED),
        "is banned",
    ),
    Row("4.4.1.2 not an object", make_member(STRANGER, "invite", third_party_invite=7), "signed"),
    Row("4.4.1.2 no signed", make_member(STRANGER, "invite", third_party_invite={}), "signed"),
    Row("4.4.1.3 no mxid", invite_with(sign_json({"token": "t1"}, IDENTITY_KEY)), "no mxid"),
    Row("4.4.1.3 no token", invite_with(sign_json({"mxid": STRANGER}, IDENTITY_KEY)), "no token"),
    Row("4.4.1.4 other target", invite_with(SIGNED, target=INVITED), "another user"),
    Row(
        "4.4.1.5 unknown token",
        invite_with(sign_json({"mxid": STRANGER, "token": "t2"}, IDENTITY_KEY)),
        "no third-party invite",
    ),
    Row("4.4.1.6 other sender", invite_with(SIGNED, sender=OTHER), "another sender"),
    Row("4.4.1.7 signed", invite_with(SIGNED), None),
    Row(
        "4.4.1.8 other key",
        invite_with(sign_json({"mxid": STRANGER, "token": "t1"}, OTHER_KEY)),
        "no valid signature",
    ),
    Row("4.4.1.8 changed", invite_with({**SIGNED, "more": 1}), "no valid signature"),
    Row(
        "4.4.1.8 no signatures",
        invite_with({"mxid": STRANGER, "token": "t1"}),
        "no valid signature",
    ),
    Row(
        "4.4.1.8 odd signatures",
        invite_with({"mxid": STRANGER, "token": "t1", "signatures": {"identity": 7}}),
        "no valid signature",
    ),
]


def make_third_party_state(version: RoomVersion, content: JsonObject) -> State:
    state = make_state(version)
    invite = make_event("m.room.third_party_invite", MEMBER, state_key="t1", content=content)
    return {**state, invite.slot: invite}


@unpack(THIRD_PARTY_ROWS)
def test_4_4_1_third_party_invites(row: Row, version: RoomVersion) -> None:
    state = make_third_party_state(version, {"public_key": IDENTITY_KEY.public_key})
    assert_outcome(why_not(row.event, state, version), row.expected)


@pytest.mark.parametrize(
    ("content", "allowed"),
    [
        ({"public_keys": [{"public_key": IDENTITY_KEY.public_key}]}, True),
        (
            {
                "public_key": OTHER_KEY.public_key,
                "public_keys": [7, {}, {"public_key": IDENTITY_KEY.public_key}],
            },
            True,
        ),
        ({"public_key": OTHER_KEY.public_key, "public_keys": "none"}, False),
        ({}, False),
    ],
)
def test_4_4_1_7_each_public_key_of_the_invite_counts(
    content: JsonObject, *, allowed: bool
) -> None:
    state = make_third_party_state(V11, content)
    outcome = why_not(invite_with(SIGNED), state, V11)
    assert_outcome(outcome, None if allowed else "no valid signature")


def test_4_4_1_8_not_every_heap_of_keys_is_gone_through() -> None:
    wrong: Json = {"public_key": OTHER_KEY.public_key}
    right: Json = {"public_key": IDENTITY_KEY.public_key}
    for wrong_count, expected in ((99, None), (100, "no valid signature")):
        state = make_third_party_state(V11, {"public_keys": [*[wrong] * wrong_count, right]})
        assert_outcome(why_not(invite_with(SIGNED), state, V11), expected)


def test_4_4_1_a_third_party_invite_needs_no_level_when_it_is_used() -> None:
    levels = make_levels(ADMIN, invite=100)
    content: JsonObject = {"public_key": IDENTITY_KEY.public_key}
    state = {**make_third_party_state(V11, content), levels.slot: levels}
    assert why_not(invite_with(SIGNED), state, V11) is None

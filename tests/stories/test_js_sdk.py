"""Members on matrix-js-sdk with its Rust crypto: as Element does it, end-to-end encrypted."""

import pytest

from tests.kit.clients_js import tell
from tests.kit.homeserver import Homeserver

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("js_clients")]


def _cast(homeserver: Homeserver) -> dict[str, str]:
    """Register alice and bob of one story."""
    names = {name: homeserver.new_name(name) for name in ("alice", "bob")}
    for name in names.values():
        homeserver.register(name)
    return names


def _user_id(homeserver: Homeserver, name: str) -> str:
    return f"@{name}:{homeserver.server_name}"


async def test_a_member_registers_renews_the_session_and_signs_out(
    homeserver: Homeserver,
) -> None:
    name = homeserver.new_name("carol")

    seen = await tell("registerAndRefresh", homeserver, name=name)

    user_id = _user_id(homeserver, name)
    assert seen["registered"] == user_id
    for answer in (seen["before"], seen["after"]):
        assert (answer["user_id"], answer["device_id"]) == (user_id, seen["deviceId"])
    assert seen["newTokens"]
    assert seen["signedOut"] == "M_UNKNOWN_TOKEN"
    assert seen["refreshSignedOut"] == "M_UNKNOWN_TOKEN"


async def test_text_and_files_are_read_by_the_other_and_not_by_the_server(
    homeserver: Homeserver,
) -> None:
    cast = _cast(homeserver)
    question, answer = (
        "Shall we burn the letters tonight?",
        "After the lamps are out, yes",
    )
    file = "Two spoons of Lapsang and one of patience. " * 500

    seen = await tell("talk", homeserver, **cast, question=question, answer=answer, file=file)

    assert (seen["heard"], seen["heardBack"]) == (question, answer)
    assert seen["sender"] == _user_id(homeserver, cast["alice"])
    assert seen["wasEncrypted"]
    assert seen["storedType"] == "m.room.encrypted"
    assert (seen["file"], seen["fileName"]) == (file, "recipe.txt")
    assert len(seen["heldByServer"]) == len(file)
    assert "Lapsang" not in seen["heldByServer"]
    for text in (question, answer, "Two spoons of Lapsang"):
        assert homeserver.places_that_hold(text) == []


async def test_threads_edits_reactions_receipts_and_redactions_reach_the_other(
    homeserver: Homeserver,
) -> None:
    cast = _cast(homeserver)

    seen = await tell("converse", homeserver, **cast)

    assert seen["thread"] == {
        "root": True,
        "texts": ["Keemun", "Assam"],
        "inMainTimeline": False,
        "listed": [True],
    }
    assert seen["edit"] == {
        "text": "Which tea for Monday?",
        "original": "Which tea for Sunday?",
    }
    assert seen["reaction"] == {"key": "🫖", "by": [True]}
    assert seen["receipt"] == {
        "readBefore": False,
        "readAfter": True,
        "marker": True,
        "othersMarker": None,
    }
    assert seen["redaction"] == {
        "bodyBefore": "The surprise is on Friday",
        "bodyAfter": None,
        "stored": {},
        "reason": "It was a secret",
    }


async def test_a_second_device_is_verified_by_emoji_and_gets_the_secrets(
    homeserver: Homeserver,
) -> None:
    cast = _cast(homeserver)

    seen = await tell("verifyOwnDevices", homeserver, **cast)

    assert seen["before"] is False
    assert len(seen["emoji"][0]) == 7
    assert seen["emoji"][0] == seen["emoji"][1]
    assert seen["held"] == {
        "masterKey": True,
        "selfSigningKey": True,
        "userSigningKey": True,
    }
    assert seen["sameBackupKey"]


async def test_two_members_verify_each_other_once_for_all_their_devices(
    homeserver: Homeserver,
) -> None:
    cast = _cast(homeserver)

    seen = await tell("verifyTwoMembers", homeserver, **cast)

    assert seen["before"] == [False, False]
    assert len(seen["emoji"][0]) == 7
    assert seen["emoji"][0] == seen["emoji"][1]
    assert seen["after"]
    assert seen["tabletTrustsAlice"]


async def test_members_who_see_different_emoji_do_not_trust_each_other(
    homeserver: Homeserver,
) -> None:
    cast = _cast(homeserver)

    seen = await tell("refuseEmoji", homeserver, **cast)

    assert seen["failed"] == [True, True]
    assert seen["code"] == "m.mismatched_sas"
    assert seen["trusted"] == [False, False]


async def test_a_lost_phone_is_replaced_and_everything_read_again_by_the_recovery_key(
    homeserver: Homeserver,
) -> None:
    cast = _cast(homeserver)
    texts = [f"Letter {n} under the floorboard" for n in range(1, 6)]

    seen = await tell("backUpAndRestore", homeserver, **cast, texts=texts)

    assert seen["algorithm"] == "m.megolm_backup.v1.curve25519-aes-sha2"
    assert seen["before"] == []
    assert seen["after"] == texts
    assert (seen["imported"], seen["total"]) == (len(texts), len(texts))
    assert seen["crossSigned"]
    assert seen["storedSecret"] == 1
    assert homeserver.places_that_hold(seen["recoveryKey"]) == []
    for text in texts:
        assert homeserver.places_that_hold(text) == []


async def test_a_device_that_comes_is_written_to_and_one_that_goes_is_not(
    homeserver: Homeserver,
) -> None:
    cast = _cast(homeserver)

    seen = await tell("comeAndGo", homeserver, **cast)

    assert seen["both"]
    assert seen["onTablet"] == "To all your devices"
    assert seen["onPhone"] == "To all your devices"
    assert seen["left"]
    assert seen["removed"] == "M_UNKNOWN_TOKEN"


async def test_what_was_said_while_no_device_was_left_is_read_through_a_dehydrated_one(
    homeserver: Homeserver,
) -> None:
    cast = _cast(homeserver)

    seen = await tell("dehydrate", homeserver, **cast, text="The key is under the third pot")

    assert seen["supported"]
    assert seen["before"] == []
    assert seen["text"] == "The key is under the third pot"
    assert homeserver.places_that_hold("The key is under the third pot") == []


async def test_a_client_on_sliding_sync_talks_with_one_on_the_older_sync(
    homeserver: Homeserver,
) -> None:
    cast = _cast(homeserver)

    seen = await tell("slide", homeserver, **cast, question="Sliding in?", answer="Gliding in")

    assert seen["name"] == "Tea room"
    assert (seen["heard"], seen["heardBack"]) == ("Sliding in?", "Gliding in")
    assert seen["encrypted"]
    assert not seen["seesOthersRooms"]

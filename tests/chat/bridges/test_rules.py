"""Registration files, and when a room is of interest."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from teahouse.chat.bridges.errors import BadRegistration
from teahouse.chat.bridges.live import load_registrations
from teahouse.chat.bridges.rules import Presence, is_within, parse_registration, presences
from teahouse.chat.bridges.types import Registration
from teahouse.platform.settings import Settings

GOOD: dict[str, Any] = {
    "id": "irc",
    "url": "http://127.0.0.1:9999/",
    "as_token": "a-secret",
    "hs_token": "another",
    "sender_localpart": "ircbot",
    "namespaces": {
        "users": [{"exclusive": True, "regex": "@irc_.*"}],
        "rooms": [{"exclusive": False, "regex": "!pinned:.*"}],
    },
    "protocols": ["irc"],
    "de.sorunome.msc2409.push_ephemeral": True,
}


def parse(**changes: Any) -> Registration:
    wanted = {key: value for key, value in (GOOD | changes).items() if value != "missing"}
    return parse_registration(yaml.safe_dump(wanted), file="irc.yaml", server_name="teahouse.test")


def test_a_registration_file_becomes_a_registration() -> None:
    read = parse()
    assert (read.id, read.url, read.user_id) == (
        "irc",
        "http://127.0.0.1:9999",
        "@ircbot:teahouse.test",
    )
    assert read.owns_user("@irc_ada:teahouse.test")
    assert read.owns_user("@ircbot:teahouse.test")
    assert read.excludes_user("@irc_ada:teahouse.test")
    assert not read.owns_user("@rose:teahouse.test")
    # The file has its name of before Matrix 1.13.
    assert read.receive_ephemeral
    assert not read.receive_keys
    assert read.rate_limited
    assert parse(url=None).url is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"as_token": "missing"}, "as_token"),
        ({"hs_token": ""}, "hs_token"),
        ({"url": "missing"}, "url"),
        ({"url": "127.0.0.1:9999"}, "must begin with http"),
        ({"namespaces": "missing"}, "namespaces"),
        ({"namespaces": {"users": [{"regex": "@a"}]}}, "exclusive"),
        ({"namespaces": {"users": [{"exclusive": True, "regex": "@(("}]}}, "regular expression"),
        ({"sender_localpart": "Irc Bot"}, "sender_localpart"),
        ({"rate_limited": "perhaps"}, "rate_limited"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRegistration) as refused:
        parse(**changes)
    assert str(refused.value).startswith("irc.yaml: ")
    assert words in str(refused.value)


@pytest.mark.parametrize("text", ["", "- a list", "as_token: [a-secret", "!!python/object:os.x {}"])
def test_what_is_no_registration_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(BadRegistration) as refused:
        parse_registration(text, file="irc.yaml", server_name="teahouse.test")
    assert "a-secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"as_token": "b", "sender_localpart": "bot2"}, "the same `id`"),
        ({"id": "xmpp", "sender_localpart": "bot2"}, "the same `as_token`"),
        ({"id": "xmpp", "as_token": "b"}, "the same `sender_localpart`"),
    ],
)
def test_two_files_must_differ(tmp_path: Path, other: dict[str, Any], words: str) -> None:
    files = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    for file, changes in zip(files, ({}, other), strict=True):
        file.write_text(yaml.safe_dump(GOOD | changes))
    with pytest.raises(BadRegistration, match=words):
        load_registrations(Settings(appservice_files=[str(file) for file in files]))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRegistration, match=r"gone\.yaml: No such file"):
        load_registrations(Settings(appservice_files=[str(tmp_path / "gone.yaml")]))


def test_a_room_is_of_interest_from_joining_to_leaving() -> None:
    steps = [(3, "invite"), (5, "join"), (6, "join"), (9, "leave"), (12, "join")]
    assert presences(steps) == [Presence(5, 9), Presence(12, None)]
    heard = [position for position in range(1, 15) if is_within(presences(steps), position)]
    assert heard == [5, 6, 7, 8, 9, 12, 13, 14]

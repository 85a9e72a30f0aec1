"""`teahouse member` and `teahouse token`."""

import msgspec
import pytest

from teahouse.accounts import find_member, list_staff
from teahouse.platform.db import Database
from teahouse.platform.json import decode_json
from teahouse.privacy.transparency_log.queries import list_entries_about
from tests.cli.conftest import Run

PASSWORD = "correct horse battery staple"


def test_a_member_is_added_with_roles_and_listed(run: Run, db: Database) -> None:
    added = run(
        "member", "add", "ada", "--role", "operator", "--role", "auditor", "--password-stdin",
        typed=PASSWORD + "\n",
    )  # fmt: skip
    assert added.stdout == "@ada:localhost\n"
    listed = run("member", "list", "--reason", "a test")
    names = [line.split()[0] for line in listed.stdout.splitlines()]
    assert names == ["MEMBER", "@ada:localhost", "@wallet:localhost"]
    [one, _house] = msgspec.json.decode(
        run("member", "list", "--reason", "a test", "--json").stdout
    )
    assert (one["user_id"], one["has_password"]) == ("@ada:localhost", True)
    roles = {grant.role for grant in db.look(list_staff, "@ada:localhost")}
    assert roles == {"operator", "auditor"}


def test_a_running_server_notices_a_new_member(run: Run, db: Database) -> None:
    before = db.poll_position()
    run("member", "add", "ada", "--password-stdin", typed=PASSWORD)
    assert db.poll_position() > before


def test_only_members_of_a_name_are_listed(run: Run) -> None:
    for name in ("ada", "bob"):
        run("member", "add", name, "--password-stdin", typed=PASSWORD)
    found = msgspec.json.decode(
        run("member", "list", "--reason", "a test", "--name", "bo", "--json").stdout
    )
    assert [one["user_id"] for one in found] == ["@bob:localhost"]


def test_an_empty_house_has_an_empty_list(run: Run) -> None:
    assert run("member", "list", "--reason", "a test").stdout == ""
    assert run("member", "list", "--reason", "a test", "--json").stdout == "[]\n"


@pytest.mark.parametrize(
    ("name", "password", "exit_code", "told"),
    [
        ("Ada Lovelace", PASSWORD, 1, "Error:"),
        ("ada", "short", 1, "Error:"),
        ("taken", PASSWORD, 1, "Error:"),
    ],
)
def test_a_member_who_cannot_be_is_refused_and_nothing_changes(
    run: Run, db: Database, name: str, password: str, exit_code: int, told: str
) -> None:
    run("member", "add", "taken", "--password-stdin", typed=PASSWORD)
    refused = run("member", "add", name, "--password-stdin", typed=password, exit_code=exit_code)
    assert told in refused.stderr
    assert "Traceback" not in refused.output
    assert db.look(find_member, "@ada:localhost") is None


def test_a_password_is_asked_for_only_where_somebody_can_answer(run: Run) -> None:
    assert "--password-stdin" in run("member", "add", "ada", exit_code=2).stderr


def test_whoever_looks_on_the_server_says_why_and_members_can_read_it(
    run: Run, db: Database
) -> None:
    run("member", "add", "ada", "--password-stdin", typed=PASSWORD)
    assert "--reason" in run("member", "list", exit_code=2).stderr
    run("member", "list", "--reason", "the yearly count")
    reset = ("member", "reset-password", "ada", "--password-stdin")
    assert "--reason" in run(*reset, exit_code=2, typed=PASSWORD).stderr
    run(*reset, "--reason", "she came to the desk", typed="another good one")

    entries = db.look(list_entries_about, "@ada:localhost", before=None, limit=9)
    told = [decode_json(entry.body.encode()) for entry in reversed(entries)]
    assert [(one["actor"], one["deed"], one["reason"]) for one in told] == [
        ("command line", "cli.members.list", "the yearly count"),
        ("command line", "cli.members.reset_password", "she came to the desk"),
    ]
    assert told[1]["fields"] == ["accounts_member.password_hash"]


def test_a_password_is_reset(run: Run, db: Database) -> None:
    run("member", "add", "ada", "--password-stdin", typed=PASSWORD)
    run(
        "member",
        "reset-password",
        "--reason",
        "a test",
        "ada",
        "--password-stdin",
        typed="another good one",
    )
    run(
        "member",
        "reset-password",
        "--reason",
        "a test",
        "@ada:localhost",
        "--password-stdin",
        typed="one more of them",
    )
    run(
        "member",
        "reset-password",
        "--reason",
        "a test",
        "bob",
        "--password-stdin",
        typed=PASSWORD,
        exit_code=1,
    )
    assert db.look(find_member, "@bob:localhost") is None


def test_a_registration_token_is_made(run: Run) -> None:
    token = run("token", "create").stdout.strip()
    assert len(token) == 12
    assert run("token", "create", "--token", "welcome", "--days", "7").stdout == "welcome\n"
    made = msgspec.json.decode(run("token", "create", "--unlimited", "--json").stdout)
    assert list(made) == ["token"]


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (["--token", "not a token"], 1),
        (["--token", "welcome"], 1),
        (["--uses", "0"], 2),
        (["--days", "many"], 2),
    ],
)
def test_a_token_that_cannot_be_is_refused(run: Run, arguments: list[str], exit_code: int) -> None:
    run("token", "create", "--token", "welcome")
    run("token", "create", *arguments, exit_code=exit_code)

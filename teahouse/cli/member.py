"""`teahouse member`: add and list members, reset their passwords."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import get_args

import click

from teahouse import privacy
from teahouse.accounts import (
    Member,
    NewMember,
    PasswordHasher,
    check_password,
    compute_user_id,
    grant_role,
    list_devices,
    list_members,
    register_member,
    remove_devices,
    set_password_hash,
)
from teahouse.cli.house import change, enter_look, opened_database, opened_house
from teahouse.cli.terminal import HOUSE, json_option, print_json, print_table, settings_options
from teahouse.platform.db import Database, Tx
from teahouse.platform.requester import Role
from teahouse.platform.services import Services
from teahouse.platform.settings import Settings

_ROLES: tuple[Role, ...] = get_args(Role)
_PAGE = 1000
_LIST = privacy.declare_deed(
    "cli.members.list",
    "accounts_member.user_id",
    "accounts_member.created_at",
    "accounts_member.deactivated_at",
)
_RESET_PASSWORD = privacy.declare_deed(
    "cli.members.reset_password", "accounts_member.password_hash"
)

_reason_option = click.option(
    "--reason", required=True, help="Why: the members can read it in the log of who looked."
)

_password_option = click.option(
    "--password-stdin", "from_stdin", is_flag=True, help="Read the password's line from stdin."
)


@click.group()
def member() -> None:
    """Add and list members, reset their passwords."""


@member.command()
@click.argument("name")
@click.option("--role", "roles", multiple=True, type=click.Choice(_ROLES), help="A staff role.")
@_password_option
@json_option
@settings_options(*HOUSE)
def add(
    settings: Settings, name: str, roles: tuple[Role, ...], *, from_stdin: bool, as_json: bool
) -> None:
    """Add a member of that name; asks for the password."""
    user_id = compute_user_id(name, settings.server_name)
    password = _ask_password(user_id, from_stdin=from_stdin)
    with opened_house(settings) as services:
        new = NewMember(user_id=user_id, password_hash=_hash(services, password))

        def command(tx: Tx) -> None:
            register_member(tx, new)
            for role in roles:
                grant_role(tx, user_id, role, by=None)

        change(services.db, command)
    if as_json:
        print_json({"user_id": user_id, "roles": roles})
    else:
        click.echo(user_id)


@member.command("list")
@click.option("--name", default="", help="Only those whose id contains this.")
@_reason_option
@json_option
@settings_options(*HOUSE)
def list_(settings: Settings, name: str, reason: str, *, as_json: bool) -> None:
    """List members in the order of their ids, closed accounts too."""
    with opened_database(settings, writes=True) as db:
        change(db, enter_look, _LIST, about=privacy.EVERYBODY, reason=reason)
        found = _list_all(db, name)
    if as_json:
        print_json(found)
        return
    rows = [(one.user_id, _date(one.created_at), _state(one)) for one in found]
    print_table(("MEMBER", "SINCE", "STATE"), rows)


@member.command("reset-password")
@click.argument("name")
@_password_option
@click.option("--keep-devices", is_flag=True, help="Leave the member's devices signed in.")
@_reason_option
@settings_options(*HOUSE)
def reset_password(
    settings: Settings, name: str, reason: str, *, from_stdin: bool, keep_devices: bool
) -> None:
    """Give a member a new password and sign their devices out."""
    user_id = name if name.startswith("@") else compute_user_id(name, settings.server_name)
    password = _ask_password(user_id, from_stdin=from_stdin)
    with opened_house(settings) as services:
        hashed = _hash(services, password)

        def command(tx: Tx) -> None:
            enter_look(tx, _RESET_PASSWORD, about=user_id, reason=reason)
            set_password_hash(tx, user_id, hashed)
            if not keep_devices:
                devices = [device.device_id for device in list_devices(tx, user_id)]
                remove_devices(tx, user_id, devices)

        change(services.db, command)
    click.echo(f"{user_id} has a new password.", err=True)


def _ask_password(user_id: str, *, from_stdin: bool) -> str:
    """From whoever sits there, twice, or from a script, once; not an argument, which others see."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\n")
    elif sys.stdin.isatty():
        password = str(
            click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        )
    else:
        raise click.UsageError("Say --password-stdin where nobody can answer.")
    check_password(password, user_id)
    return password


def _hash(services: Services, password: str) -> str:
    return services.get(PasswordHasher).hash_now(password)


def _list_all(db: Database, name: str) -> list[Member]:
    found: list[Member] = []
    while True:
        after = found[-1].user_id if found else ""
        page = db.look(list_members, after=after, limit=_PAGE, name_contains=name)
        found += page
        if len(page) < _PAGE:
            return found


def _date(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


def _state(one: Member) -> str:
    if one.deactivated_at is not None:
        return "closed"
    return "active" if one.has_password else "no password"

"""Changes members as operators' tools ask."""

from __future__ import annotations

from teahouse import privacy
from teahouse.accounts.administration.types import PutUser
from teahouse.accounts.members.queries import find_member
from teahouse.accounts.profiles.commands import write_field
from teahouse.accounts.profiles.rules import check_value
from teahouse.accounts.registration.commands import register_member
from teahouse.accounts.registration.types import NewMember
from teahouse.accounts.staff.commands import grant_role, note_staff_act, revoke_role
from teahouse.accounts.staff.queries import holds_role
from teahouse.accounts.staff.rules import check_power
from teahouse.accounts.upkeep.commands import deactivate_member, reset_password
from teahouse.platform.db import Tx
from teahouse.platform.errors import InvalidParam
from teahouse.platform.requester import Requester

# What an operator's tool is told of a member, and what it can change of one.
_SEEN = (
    "accounts_member.user_id",
    "accounts_member.created_at",
    "accounts_member.deactivated_at",
    "accounts_profile.value",
    "accounts_staff_role.role",
)
LIST_USERS = privacy.declare_deed("users.list", *_SEEN)
SEE_USER = privacy.declare_deed("users.see", *_SEEN)
CHANGE_USER = privacy.declare_deed("users.change", *_SEEN, "accounts_member.password_hash")
RESET_PASSWORD = privacy.declare_deed("members.reset_password", "accounts_member.password_hash")
DEACTIVATE = privacy.declare_deed(
    "members.deactivate", "accounts_member.deactivated_at", "accounts_profile.value"
)


def put_user(
    tx: Tx, requester: Requester, user_id: str, body: PutUser, *, password_hash: str | None
) -> bool:
    """Make a member, or change one.

    Args:
        tx: the transaction it becomes part of.
        requester: the operator.
        user_id: the full id, checked where the member is new.
        body: what shall be; what it does not say stays.
        password_hash: of the password in `body`.

    Returns:
        Whether the member is new.

    Raises:
        Forbidden: the requester is no operator.
        InvalidParam: what cannot be: a closed account opened again, a locked one.
        NotFound: a change of a closed account.
    """
    check_power(requester, "members.reset_password")
    note_staff_act(tx, requester, CHANGE_USER, user_id)
    member = find_member(tx, user_id)
    if member is None:
        register_member(tx, NewMember(user_id=user_id, password_hash=password_hash))
    elif not member.is_active and body.deactivated is False:
        raise InvalidParam("A closed account cannot be opened again.")
    elif password_hash is not None:
        reset_password(tx, user_id, password_hash, by=requester, logs_out=body.logout_devices)
    for field, value in (("displayname", body.displayname), ("avatar_url", body.avatar_url)):
        if value is not None:
            check_value(field, value)
            write_field(tx, user_id, field, value)
    if body.admin is not None and body.admin != holds_role(tx, user_id, "operator"):
        change_role = grant_role if body.admin else revoke_role
        change_role(tx, user_id, "operator", by=requester)
    if body.deactivated and (member is None or member.is_active):
        deactivate_member(tx, user_id, erase=False, by=requester)
    return member is None


def deactivate_as_operator(tx: Tx, requester: Requester, user_id: str, *, erase: bool) -> None:
    """Close a member's account, and tell that an operator did.

    Raises:
        Forbidden, NotFound: as of `deactivate_member`.
    """
    check_power(requester, "members.deactivate")
    note_staff_act(tx, requester, DEACTIVATE, user_id)
    deactivate_member(tx, user_id, erase=erase, by=requester)


def reset_password_as_operator(
    tx: Tx, requester: Requester, user_id: str, password_hash: str, *, logs_out: bool
) -> None:
    """Give a member another password, and tell that an operator did.

    Raises:
        Forbidden, NotFound: as of `reset_password`.
    """
    check_power(requester, "members.reset_password")
    note_staff_act(tx, requester, RESET_PASSWORD, user_id)
    reset_password(tx, user_id, password_hash, by=requester, logs_out=logs_out)

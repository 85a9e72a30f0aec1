"""Changes members as operators' tools ask."""

from __future__ import annotations

from teahouse.accounts.administration.types import PutUser
from teahouse.accounts.announcements import StaffActed
from teahouse.accounts.members.queries import find_member
from teahouse.accounts.profiles.commands import write_field
from teahouse.accounts.profiles.rules import check_value
from teahouse.accounts.registration.commands import register_member
from teahouse.accounts.registration.types import NewMember
from teahouse.accounts.staff.commands import grant_role, revoke_role
from teahouse.accounts.staff.queries import holds_role
from teahouse.accounts.staff.rules import Power, check_power
from teahouse.accounts.upkeep.commands import deactivate_member, reset_password
from teahouse.platform.db import Tx
from teahouse.platform.errors import InvalidParam
from teahouse.platform.requester import Requester


def note_staff_act(tx: Tx, requester: Requester, power: Power, about: str = "") -> None:
    """Tell that one of the staff uses a power.

    Args:
        tx: the transaction it becomes part of.
        requester: of the staff.
        power: what for.
        about: the member; empty where it is about all.
    """
    tx.announce(StaffActed(requester.user_id, power, about))


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
    note_staff_act(tx, requester, "members.reset_password", user_id)
    return member is None

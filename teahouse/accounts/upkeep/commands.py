"""Changes a password, and closes an account."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.announcements import MemberDeactivated
from teahouse.accounts.devices.commands import remove_other_devices
from teahouse.accounts.logins.commands import forget_purpose_tokens
from teahouse.accounts.members.commands import forget_search_words
from teahouse.accounts.members.queries import is_active
from teahouse.accounts.passkeys.commands import remove_passkeys
from teahouse.accounts.passwords.commands import set_password_hash
from teahouse.accounts.profiles.commands import forget_profile
from teahouse.accounts.reauthentication.commands import forget_sessions
from teahouse.accounts.second_factors.commands import remove_second_factors
from teahouse.accounts.staff.commands import revoke_all_roles
from teahouse.accounts.staff.rules import check_power
from teahouse.accounts.tables import accounts_member
from teahouse.platform.db import Tx
from teahouse.platform.errors import NotFound
from teahouse.platform.requester import Requester


def change_password(
    tx: Tx, requester: Requester, password_hash: str, *, logs_others_out: bool
) -> None:
    """Open one's account by another password from now on.

    Args:
        tx: the transaction it becomes part of.
        requester: who has confirmed that it is them.
        password_hash: of the new password.
        logs_others_out: whether all devices but this one are signed out.
    """
    set_password_hash(tx, requester.user_id, password_hash)
    # Whoever knew the old password may have begun something.
    forget_purpose_tokens(tx, requester.user_id)
    forget_sessions(tx, requester.user_id)
    if logs_others_out:
        remove_other_devices(tx, requester.user_id, keep=requester.device_id)


def reset_password(
    tx: Tx, user_id: str, password_hash: str, *, by: Requester | None, logs_out: bool = True
) -> None:
    """Give somebody who lost their password another.

    Args:
        tx: the transaction it becomes part of.
        user_id: the member.
        password_hash: of the new password.
        by: the operator; None: the command line.
        logs_out: whether all devices are signed out.

    Raises:
        Forbidden: `by` is no operator.
        NotFound: no such account, or it is closed.
    """
    if by is not None:
        check_power(by, "members.reset_password")
    set_password_hash(tx, user_id, password_hash)
    forget_purpose_tokens(tx, user_id)
    forget_sessions(tx, user_id)
    if logs_out:
        remove_other_devices(tx, user_id)


def deactivate_member(tx: Tx, user_id: str, *, erase: bool, by: Requester | None) -> None:
    """Close an account for good. Its id is never given to anybody else.

    Everything that opens the account, and all devices, are deleted at once. Others react to the
    announcement in the same transaction: chat leaves the member's rooms.

    Args:
        tx: the transaction it becomes part of.
        user_id: the member.
        erase: whether what they showed and wrote shall go too.
        by: the member themself or an operator; None: the command line.

    Raises:
        Forbidden: `by` is neither.
        NotFound: no such account, or it is closed.
    """
    if by is not None and by.user_id != user_id:
        check_power(by, "members.deactivate")
    if not is_active(tx, user_id):
        raise NotFound("There is no such member, or the account is closed already.")
    forget_everything_that_opens(tx, user_id)
    if erase:
        forget_profile(tx, user_id)
    tx.conn.execute(
        sa.update(accounts_member)
        .where(accounts_member.c.user_id == user_id)
        .values(deactivated_at=tx.now, erased=erase, password_hash=None)
    )
    tx.announce(MemberDeactivated(user_id, erase))


def forget_everything_that_opens(tx: Tx, user_id: str) -> None:
    """Delete devices, tokens, passkeys, second factors and roles of a member."""
    remove_other_devices(tx, user_id)
    forget_purpose_tokens(tx, user_id)
    forget_sessions(tx, user_id)
    remove_passkeys(tx, user_id)
    remove_second_factors(tx, user_id)
    revoke_all_roles(tx, user_id)
    forget_search_words(tx, user_id)

"""Opens, refreshes and ends logins."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.accounts.announcements import TokensRevoked
from teahouse.accounts.devices.commands import (
    add_device,
    remove_devices,
    remove_other_devices,
)
from teahouse.accounts.errors import LoginRefused
from teahouse.accounts.logins.access import end_generation_before
from teahouse.accounts.logins.types import TokenPurpose
from teahouse.accounts.members.queries import is_active
from teahouse.accounts.rules import compute_digest
from teahouse.accounts.tables import (
    accounts_access_token,
    accounts_purpose_token,
    accounts_refresh_token,
)
from teahouse.accounts.types import DeviceWish, Login
from teahouse.platform.db import Tx
from teahouse.platform.errors import UnknownToken
from teahouse.platform.requester import Requester

# 256 bits: no attacker finds one by trying, so a plain digest of it may be kept.
TOKEN_BYTES = 32
# Client-Server API, POST /login/get_token: two minutes are recommended.
LOGIN_TOKEN_MS = 120_000
OPENID_TOKEN_MS = 3_600_000
_PURPOSE_MS: dict[TokenPurpose, int] = {
    "login": LOGIN_TOKEN_MS,
    "openid": OPENID_TOKEN_MS,
}
_PREFIX: dict[TokenPurpose, str] = {"login": "thl_", "openid": "tho_"}

_access = accounts_access_token.c
_refresh = accounts_refresh_token.c
_purpose = accounts_purpose_token.c


def open_login(tx: Tx, user_id: str, wish: DeviceWish, *, access_token_ms: int) -> Login:
    """Sign a member in who has proved who they are.

    Args:
        tx: the transaction it becomes part of.
        user_id: the member.
        wish: the device the client asked for.
        access_token_ms: life of the access token where the client can refresh it.

    Raises:
        LoginRefused: the account is closed.
        InvalidParam: a device id or name that is empty or too long.
    """
    if not is_active(tx, user_id):
        raise LoginRefused
    device_id = add_device(tx, user_id, wish)
    _revoke_tokens(tx, user_id, device_id)
    if wish.can_refresh:
        return _issue_pair(tx, user_id, device_id, access_token_ms=access_token_ms)
    access_token = _issue_access(tx, user_id, device_id)
    return Login(user_id=user_id, device_id=device_id, access_token=access_token)


def refresh_login(tx: Tx, refresh_token: str, *, access_token_ms: int) -> Login:
    """New tokens for a refresh token.

    The token and its access token hold until one of the new ones is first used: a client that
    never got this answer asks again with the same token, and the unused pair is thrown away.

    Raises:
        UnknownToken: the token is unknown, or its successor was used.

    Source: Client-Server API, "Refreshing access tokens".
    """
    digest = compute_digest(refresh_token)
    statement = sa.select(_refresh.user_id, _refresh.device_id).where(_refresh.digest == digest)
    row = tx.conn.execute(statement).one_or_none()
    if row is None:
        raise UnknownToken("The refresh token is not known or was used.", soft_logout=False)
    end_generation_before(tx, digest)
    tx.conn.execute(sa.delete(accounts_refresh_token).where(_refresh.previous_digest == digest))
    tx.announce(TokensRevoked(row.user_id))
    return _issue_pair(
        tx, row.user_id, row.device_id, previous=digest, access_token_ms=access_token_ms
    )


def log_out(tx: Tx, requester: Requester) -> None:
    """End one login: its device is forgotten, and its tokens with it."""
    if requester.device_id is not None:
        remove_devices(tx, requester.user_id, [requester.device_id])


def log_out_everywhere(tx: Tx, user_id: str) -> None:
    """End all logins of a member."""
    remove_other_devices(tx, user_id)


def create_purpose_token(tx: Tx, user_id: str, purpose: TokenPurpose) -> str:
    """A token that can do one thing: open one login, or tell a widget who somebody is.

    Raises:
        LoginRefused: the account is closed.
    """
    if not is_active(tx, user_id):
        raise LoginRefused
    token = _PREFIX[purpose] + tx.chance.secrets.token(TOKEN_BYTES)
    tx.conn.execute(
        sa.insert(accounts_purpose_token).values(
            digest=compute_digest(token),
            purpose=purpose,
            user_id=user_id,
            expires_at=tx.now + _PURPOSE_MS[purpose],
        )
    )
    return token


def redeem_login_token(tx: Tx, token: str) -> str:
    """Use a login token up.

    Returns:
        The member it signs in.

    Raises:
        LoginRefused: unknown, expired or used.
    """
    where = (_purpose.digest == compute_digest(token), _purpose.purpose == "login")
    row = tx.conn.execute(
        sa.select(_purpose.user_id, _purpose.expires_at).where(*where)
    ).one_or_none()
    if row is None or row.expires_at <= tx.now:
        raise LoginRefused("The login token is not valid (any more).")
    tx.conn.execute(sa.delete(accounts_purpose_token).where(*where))
    user_id: str = row.user_id
    return user_id


def log_in_with_token(tx: Tx, token: str, wish: DeviceWish, *, access_token_ms: int) -> Login:
    """Sign in the member a login token was made for.

    Raises:
        LoginRefused: the token is unknown, expired or used, or the account closed.
    """
    user_id = redeem_login_token(tx, token)
    return open_login(tx, user_id, wish, access_token_ms=access_token_ms)


def forget_expired_tokens(tx: Tx) -> None:
    """Forget login and OpenID tokens that have expired."""
    tx.conn.execute(sa.delete(accounts_purpose_token).where(_purpose.expires_at <= tx.now))


def forget_purpose_tokens(tx: Tx, user_id: str) -> None:
    """Forget all login and OpenID tokens of a member."""
    tx.conn.execute(sa.delete(accounts_purpose_token).where(_purpose.user_id == user_id))


def _revoke_tokens(tx: Tx, user_id: str, device_id: str) -> None:
    """End earlier tokens of a device that signs in again."""
    removed = 0
    for table in (accounts_access_token, accounts_refresh_token):
        where = (table.c.user_id == user_id, table.c.device_id == device_id)
        removed += tx.conn.execute(sa.delete(table).where(*where)).rowcount
    if removed:
        tx.announce(TokensRevoked(user_id))


def _issue_pair(
    tx: Tx,
    user_id: str,
    device_id: str,
    *,
    access_token_ms: int,
    previous: bytes | None = None,
) -> Login:
    refresh_token = "thr_" + tx.chance.secrets.token(TOKEN_BYTES)
    refresh_digest = compute_digest(refresh_token)
    tx.conn.execute(
        sa.insert(accounts_refresh_token).values(
            digest=refresh_digest,
            user_id=user_id,
            device_id=device_id,
            previous_digest=previous,
        )
    )
    access_token = _issue_access(
        tx,
        user_id,
        device_id,
        refresh_digest=refresh_digest,
        expires_at=tx.now + access_token_ms,
    )
    return Login(
        user_id=user_id,
        device_id=device_id,
        access_token=access_token,
        refresh_token=refresh_token,
        expires_in_ms=access_token_ms,
    )


def _issue_access(
    tx: Tx,
    user_id: str,
    device_id: str,
    *,
    refresh_digest: bytes | None = None,
    expires_at: int | None = None,
) -> str:
    access_token = "tha_" + tx.chance.secrets.token(TOKEN_BYTES)
    tx.conn.execute(
        sa.insert(accounts_access_token).values(
            digest=compute_digest(access_token),
            user_id=user_id,
            device_id=device_id,
            refresh_digest=refresh_digest,
            expires_at=expires_at,
        )
    )
    return access_token

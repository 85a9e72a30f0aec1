"""Reads registration tokens."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.accounts.registration.types import RegistrationToken
from teahouse.accounts.tables import accounts_registration_token
from teahouse.platform.db import Read

TOKENS_MAX = 1000

_t = accounts_registration_token.c
_columns = (_t.token, _t.uses_allowed, _t.uses, _t.created_at, _t.expires_at)


def find_registration_token(read: Read, token: str) -> RegistrationToken | None:
    """A registration token, valid or not."""
    row = read.conn.execute(sa.select(*_columns).where(_t.token == token)).one_or_none()
    return None if row is None else _token(row)


def is_registration_token_valid(read: Read, token: str) -> bool:
    """Whether a registration token lets somebody in now."""
    found = find_registration_token(read, token)
    return found is not None and found.is_valid_at(read.now)


def list_registration_tokens(read: Read) -> list[RegistrationToken]:
    """The newest 1,000 registration tokens."""
    statement = sa.select(*_columns).order_by(_t.created_at.desc(), _t.token).limit(TOKENS_MAX)
    return [_token(row) for row in read.conn.execute(statement)]


def _token(
    row: sa.Row[*tuple[Any, ...]],
) -> RegistrationToken:
    return RegistrationToken(
        token=row.token,
        uses_allowed=row.uses_allowed,
        uses=row.uses,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )

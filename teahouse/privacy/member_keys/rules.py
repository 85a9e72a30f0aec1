"""Sealing under members' keys, and whose a row is by the data map. Pure.

AES-256-GCM under a key that is derived anew for each archive (HKDF-SHA-256), so that however many
rows are sealed over the years, no key comes near the 2^32 messages that random nonces bear.

Source: NIST SP 800-38D, section 8.3; RFC 5869.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from teahouse.platform.data_map import PersonalData, declaration
from teahouse.privacy.member_keys.types import ByColumns, Declared, Left, NobodysOwn, Ownership

KEY_BYTES: Final = 32
DAY_MS: Final = 86_400_000
# What the certificate of an erasure promises: no copy of the keys is used after so many days.
COPY_DAYS_MAX: Final = 7
NONCE_BYTES: Final = 12
# Keys that no copy holds: what is sealed under them can be made again, or must not be.
NEVER_COPIED: Final = "consent:"
_INFO: Final = b"teahouse sealed row"
# The columns by which a table says whose a row is, unless its domain says otherwise.
_NAMING: Final = ("user_id", "party")
_MEMBER_ID: Final = re.compile(r"@[a-z0-9._=/+-]{1,200}:[A-Za-z0-9.:\[\]-]{1,200}")
_OWNER: Final = "owner_"


class NotOpened(Exception):
    """Another key, another place, or it was changed."""


def derive_key(keys: Sequence[bytes], salt: bytes) -> bytes:
    """One key out of those of all owners: without any of them it can't be made again."""
    assert keys
    joined = b"".join(sorted(keys))
    return HKDF(SHA256(), KEY_BYTES, salt, _INFO).derive(joined)


def seal(key: bytes, text: bytes, *, place: str, nonce: bytes) -> bytes:
    """Encrypt; it can be opened only as what it is: at the same place."""
    assert len(nonce) == NONCE_BYTES
    return nonce + AESGCM(key).encrypt(nonce, text, place.encode())


def open_sealed(key: bytes, sealed: bytes, *, place: str) -> bytes:
    """Decrypt.

    Raises:
        NotOpened: another key or place, or it was changed.
    """
    nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, text, place.encode())
    except (InvalidTag, ValueError):
        raise NotOpened(place) from None


# Whose a row is


def by_columns(*names: str) -> ByColumns:
    """Rows are of those whom these columns name."""
    return ByColumns(names)


def blanked(**values: object) -> Left:
    """What is left of a row is the row with other values in some columns."""
    return lambda row: {**row, **values}


def find_member_ids(*texts: str | None) -> list[str]:
    """The members whom some texts name."""
    return sorted({one for text in texts if text for one in _MEMBER_ID.findall(text)})


def ownership_of(table: sa.Table, declared: Declared) -> Ownership | None:
    """Whose the rows of a table are, as its domain or the data map says.

    By the data map the rows of a table with a column `user_id` or `party` are of whom it names,
    and go with them; what the law of bookkeeping keeps stays. A table without personal data that
    belongs to another goes with that.

    Returns:
        None where the rows are nobody's own.
    """
    said = declared.get(str(table.name))
    if said is not None:
        return None if isinstance(said, NobodysOwn) else said
    for name in _NAMING:
        if _is_own(table.c.get(name)):
            return Ownership(by_columns(name))
    return None if _has_personal_data(table) else _follow_reference(table, declared)


def find_unowned(tables: Iterable[sa.Table], declared: Declared) -> list[str]:
    """Tables with personal data of which nobody has said whose it is."""
    return [
        str(table.name)
        for table in tables
        if _has_personal_data(table)
        and table.name not in declared
        and ownership_of(table, declared) is None
    ]


def _is_own(column: sa.Column[Any] | None) -> bool:
    found = None if column is None else declaration(column)
    return isinstance(found, PersonalData) and found.keep != "financial law"


def _has_personal_data(table: sa.Table) -> bool:
    return any(isinstance(declaration(column), PersonalData) for column in table.columns)


def _follow_reference(table: sa.Table, declared: Declared) -> Ownership | None:
    for key in sorted(table.foreign_keys, key=lambda one: one.parent.name):
        target = key.column.table
        found = None if target is table else ownership_of(target, declared)
        if found is None or found.left is not None or found.lookups:
            continue
        column = next((target.c[name] for name in _NAMING if _is_own(target.c.get(name))), None)
        if column is not None:
            owner = sa.select(column).where(key.column == key.parent).scalar_subquery()
            return Ownership(by_columns(_OWNER), lookups={_OWNER: owner})
    return None

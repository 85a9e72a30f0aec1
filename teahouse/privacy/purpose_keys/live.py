"""Seals what is derived under a consent, and destroys its key with the consent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from teahouse.platform.data_map import PersonalData, declaration
from teahouse.platform.db import Read, Tx, metadata
from teahouse.platform.services import Services
from teahouse.privacy.consents.announcements import ConsentChanged
from teahouse.privacy.consents.queries import has_consented, list_given
from teahouse.privacy.member_keys.live import MemberKeys
from teahouse.privacy.member_keys.rules import NONCE_BYTES, NotOpened, open_sealed, seal
from teahouse.privacy.policy.types import PURPOSES
from teahouse.privacy.purpose_keys.rules import OWNER_COLUMN, owner_of_key, place_of, purpose_of

# Of the yeses to a purpose only the last two can have a key: each one's ends with the next.
_LIVE_MAX = 2


class PurposeKeys:
    """The keys of consents: one for each member and purpose, from each yes to the next no.

    Args:
        keys: where they are kept.
    """

    def __init__(self, keys: MemberKeys) -> None:
        self._keys = keys

    def seal(self, tx: Tx, user_id: str, column: sa.Column[Any], text: bytes) -> bytes | None:
        """What may be stored in a column that is under a purpose.

        Args:
            tx: the transaction that stores it.
            user_id: of whom it was derived.
            column: where it is stored.
            text: what was derived.

        Returns:
            None where the member does not consent: then nothing may be derived.
        """
        receipt_id = _find_consent(tx, user_id, column)
        if receipt_id is None:
            return None
        owner = owner_of_key(receipt_id)
        key = self._keys.ensure([owner], now=tx.now)[owner].key
        if key is None:
            # Destroyed before: what says that they consent comes from a backup.
            return None
        nonce = tx.chance.secrets.token_bytes(NONCE_BYTES)
        return seal(key, text, place=place_of(column, user_id), nonce=nonce)

    def open(self, read: Read, user_id: str, column: sa.Column[Any], sealed: bytes) -> bytes | None:
        """What was sealed; None where the member does not consent, or its key is gone."""
        receipt_id = _find_consent(read, user_id, column)
        found = None if receipt_id is None else self._keys.find(owner_of_key(receipt_id))
        if found is None or found.key is None:
            return None
        try:
            return open_sealed(found.key, sealed, place=place_of(column, user_id))
        except NotOpened:
            return None

    def forget(self, tx: Tx, user_id: str, purpose: str) -> None:
        """Destroy what was derived of a member under a purpose, and the keys of earlier yeses.

        The key goes before the transaction ends: should that fail, what was derived is lost and
        can be derived again. The other way round it could outlive the consent.
        """
        self._destroy(tx, user_id, purpose, but=_receipt_in_force(tx, user_id, purpose))

    def forget_member(self, tx: Tx, user_id: str) -> None:
        """Destroy all that was ever derived of a member under any consent."""
        for purpose in PURPOSES:
            self._destroy(tx, user_id, purpose, but=None)

    def _destroy(self, tx: Tx, user_id: str, purpose: str, *, but: str | None) -> None:
        for table in _tables_under(purpose):
            tx.conn.execute(sa.delete(table).where(table.c[OWNER_COLUMN] == user_id))
        for receipt_id in list_given(tx, user_id, purpose, limit=_LIVE_MAX):
            owner = owner_of_key(receipt_id)
            found = None if receipt_id == but else self._keys.find(owner)
            if found is not None and found.key is not None:
                self._keys.destroy(owner, now=tx.now)


def install_purpose_keys(services: Services) -> None:
    """Let keys go with their consents; before any domain hears of the change."""
    made = PurposeKeys(services.get(MemberKeys))
    services.put(made)
    services.db.react(
        ConsentChanged, lambda tx, changed: made.forget(tx, changed.user_id, changed.purpose)
    )


def _find_consent(read: Read, user_id: str, column: sa.Column[Any]) -> str | None:
    declared = declaration(column)
    assert isinstance(declared, PersonalData)
    assert declared.under is not None, f"{column} is under no purpose"
    return _receipt_in_force(read, user_id, declared.under)


def _receipt_in_force(read: Read, user_id: str, purpose: str) -> str | None:
    if not has_consented(read, user_id, purpose):
        return None
    return list_given(read, user_id, purpose, limit=1)[0]


def _tables_under(purpose: str) -> Iterator[sa.Table]:
    for table in metadata.sorted_tables:
        if purpose_of(table) == purpose:
            yield table

"""Publishing versions, and what members say to them."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from teahouse.platform.db import Tx, upsert
from teahouse.platform.json import encode_json
from teahouse.privacy.policy.announcements import PolicyPublished
from teahouse.privacy.policy.queries import find_latest_hash, find_standing, find_version
from teahouse.privacy.policy.rules import (
    LANGUAGES,
    compare,
    compute_applies_at,
    hash_source,
    render_policy,
)
from teahouse.privacy.policy.tables import privacy_policy_reply, privacy_policy_version
from teahouse.privacy.policy.types import House, PolicyStanding, ReplyWish, Source, VersionView


def publish_version(tx: Tx, source: Source, house: House) -> int:
    """Publish a version if what it is made from is not what the newest was made from.

    Args:
        tx: the transaction.
        source: the data map and the words, as this program has them.
        house: who answers for the data.

    Returns:
        The number of the newest version.
    """
    source_hash = hash_source(source)
    latest = find_latest_hash(tx)
    if latest is not None and latest[1] == source_hash:
        return latest[0]

    # Two servers that start side by side publish one after the other.
    tx.next_position()
    number = latest[0] + 1 if latest else 1
    before = find_version(tx, latest[0]).source if latest else None
    changes = compare(before, source, numbers=(number - 1, number))
    applies_at = compute_applies_at(changes, tx.now)
    told = VersionView(number=number, published_at=tx.now, applies_at=applies_at, sha256={})
    html = {language: render_policy(language, source, house, told) for language in LANGUAGES}
    tx.conn.execute(
        sa.insert(privacy_policy_version).values(
            number=number,
            published_at=tx.now,
            applies_at=applies_at,
            source=encode_json(source).decode(),
            source_hash=source_hash,
            html_en=html["en"],
            html_zh=html["zh"],
            sha256_en=hashlib.sha256(html["en"].encode()).hexdigest(),
            sha256_zh=hashlib.sha256(html["zh"].encode()).hexdigest(),
        )
    )
    tx.announce(PolicyPublished(number, applies_at))
    return number


def reply_to_version(tx: Tx, user_id: str, wish: ReplyWish) -> PolicyStanding:
    """Note what a member says to a version. Nothing follows from it but that it is noted.

    Raises:
        NoSuchVersion: there is no such version.
    """
    find_version(tx, wish.version)
    tx.conn.execute(
        upsert(privacy_policy_reply, "reply", "replied_at").values(
            user_id=user_id, number=wish.version, reply=wish.reply, replied_at=tx.now
        )
    )
    return find_standing(tx, user_id)


def forget_replies(tx: Tx, user_id: str) -> None:
    """Erase what a member said to versions."""
    tx.conn.execute(
        sa.delete(privacy_policy_reply).where(privacy_policy_reply.c.user_id == user_id)
    )

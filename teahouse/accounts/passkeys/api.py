"""What a route calls to find out whose passkey signed."""

from __future__ import annotations

from typing import Any

from teahouse.accounts.errors import PasskeyRefused
from teahouse.accounts.passkeys.commands import note_passkey_use
from teahouse.accounts.passkeys.queries import find_credential
from teahouse.accounts.passkeys.rules import (
    check_assertion,
    compute_relying_party,
    find_credential_id,
)
from teahouse.accounts.passkeys.types import RelyingParty
from teahouse.platform.services import Services


def relying_party(services: Services) -> RelyingParty:
    """For whom this server's passkeys are made."""
    settings = services.settings
    return compute_relying_party(settings.public_url, settings.server_name)


async def find_signer(services: Services, credential: dict[str, Any], challenge: bytes) -> str:
    """The member whose passkey signed `challenge`.

    Raises:
        PasskeyRefused: unknown, malformed, or not signed by it.
    """
    known = await services.db.read(find_credential, find_credential_id(credential))
    if known is None:
        raise PasskeyRefused
    # A signature is checked within a millisecond: no thread is worth it.
    count = check_assertion(relying_party(services), credential, challenge, known=known)
    await services.db.write(
        note_passkey_use, known.passkey_id, seen=known.sign_count, sign_count=count
    )
    return known.user_id

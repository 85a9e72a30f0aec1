"""Proofs of shared-secret registration, and what registration tokens look like."""

from __future__ import annotations

import hashlib
import hmac
import re

from teahouse.platform.errors import InvalidParam

# Client-Server API, "Token-authenticated registration": 1 to 64 of the opaque identifier grammar.
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,64}")


def check_token_grammar(token: str) -> None:
    """Refuse a registration token that clients could not send.

    Raises:
        InvalidParam: not 1 to 64 of A-Z a-z 0-9 . _ ~ -
    """
    if not _TOKEN.fullmatch(token):
        raise InvalidParam("A registration token is 1 to 64 of A-Z a-z 0-9 . _ ~ -")


def is_shared_secret_proof(proof: str, *, secret: str, parts: list[str]) -> bool:
    """Whether `proof` is the HMAC-SHA1 of the parts joined by NUL, under the shared secret.

    SHA-1 is what existing tools send; as an HMAC it is not known to be weak.

    Source: Synapse, docs/admin_api/register_api.md.
    """
    message = b"\0".join(part.encode("utf-8", "surrogatepass") for part in parts)
    expected = hmac.new(secret.encode(), message, hashlib.sha1).hexdigest()
    return hmac.compare_digest(expected.encode(), proof.lower().encode("utf-8", "replace"))

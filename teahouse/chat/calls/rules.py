"""Pure rules of calls."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

from teahouse.chat.calls.types import TurnCredentials


def turn_credentials(
    user_id: str, *, now: int, seconds: int, uris: Sequence[str], secret: str
) -> TurnCredentials:
    """Credentials that a TURN server can check by itself, since it shares the secret.

    Args:
        user_id: who calls.
        now: milliseconds since the epoch.
        seconds: how long they are good for.
        uris: of the servers.
        secret: shared with the servers.

    Source:
        draft-uberti-behave-turn-rest-00, section 2.2: the password is the HMAC-SHA1 of the
        username, which begins with the Unix time at which it ends.
    """
    username = f"{now // 1000 + seconds}:{user_id}"
    # The servers know no other hash.
    digest = hmac.new(secret.encode(), username.encode(), "sha1").digest()
    return TurnCredentials(
        username=username,
        password=base64.b64encode(digest).decode(),
        uris=list(uris),
        ttl=seconds,
    )

"""Names and passwords: what a member may be called, and what opens an account."""

from __future__ import annotations

import hashlib
import re

from teahouse.accounts.errors import InvalidUsername, WeakPassword
from teahouse.platform.errors import InvalidParam

# Appendices, "User Identifiers".
_LOCALPART = re.compile(r"[a-z0-9._=\-/+]+")
USER_ID_BYTES_MAX = 255
# NIST SP 800-63B 3.1.1.2: eight at least, and long passphrases welcome. The upper limit bounds
# what a stranger can make the server read.
PASSWORD_CHARACTERS_MIN = 8
PASSWORD_CHARACTERS_MAX = 512
DEVICE_ID_CHARACTERS_MAX = 255
DEVICE_NAME_CHARACTERS_MAX = 100


def compute_user_id(username: str, server_name: str) -> str:
    """The Matrix id of a new member.

    Args:
        username: as the client sent it: a localpart, capitals are lowered, or a full id.
        server_name: the part after the colon.

    Returns:
        The full id.

    Raises:
        InvalidUsername: characters that ids cannot have, another server's id, or too long.

    Source: Matrix specification, Appendices, "User Identifiers".
    """
    localpart = username.lower()
    if localpart.startswith("@"):
        localpart = localpart[1:].removesuffix(f":{server_name}")
    user_id = f"@{localpart}:{server_name}"
    if not _LOCALPART.fullmatch(localpart) or len(user_id.encode()) > USER_ID_BYTES_MAX:
        raise InvalidUsername
    return user_id


def compute_login_id(user: str, server_name: str) -> str:
    """The id that someone means who signs in as `user`; not necessarily a valid or known one."""
    if user.startswith("@") and ":" in user:
        return user
    return f"@{user.lower()}:{server_name}"


def localpart_of(user_id: str) -> str:
    """The part of a Matrix id between `@` and the first colon."""
    return user_id[1:].partition(":")[0]


def check_password(password: str) -> None:
    """Refuse passwords that are too short or too long.

    Raises:
        WeakPassword: fewer than 8 or more than 512 characters.
    """
    if not PASSWORD_CHARACTERS_MIN <= len(password) <= PASSWORD_CHARACTERS_MAX:
        raise WeakPassword


def check_device_id(device_id: str) -> None:
    """Refuse a device id that is empty or too long.

    Raises:
        InvalidParam: it is.
    """
    if not 1 <= len(device_id) <= DEVICE_ID_CHARACTERS_MAX:
        raise InvalidParam("`device_id` must have 1 to 255 characters.")


def check_device_name(name: str | None) -> None:
    """Refuse a device name that is too long.

    Raises:
        InvalidParam: it is.
    """
    if name is not None and len(name) > DEVICE_NAME_CHARACTERS_MAX:
        raise InvalidParam(f"A device's name has at most {DEVICE_NAME_CHARACTERS_MAX} characters.")


def compute_digest(token: str) -> bytes:
    """What is kept of a token: its SHA-256, enough for tokens that nobody can guess."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def split_search_words(text: str) -> list[str]:
    """The words by which a name is found: case folded, each once, at most ten."""
    words = re.split(r"[^\w]+", text.casefold())
    return list(dict.fromkeys(word[:64] for word in words if word))[:10]

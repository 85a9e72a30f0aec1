"""Names and passwords: what a member may be called, and what opens an account."""

from __future__ import annotations

import hashlib
import re
from functools import cache

from teahouse.accounts.errors import CommonPassword, InvalidUsername, WeakPassword
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


def check_password(password: str, user_id: str) -> None:
    """Refuse passwords that are too short, too long, or tried first by whoever guesses.

    Args:
        password: as typed.
        user_id: whose it shall be.

    Raises:
        WeakPassword: fewer than 8 or more than 512 characters.
        CommonPassword: one of some 11,000 common ones, or the member's or the house's name, with
            or without digits and signs around it.

    Source: NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5.0, 6.1.2, 6.2.1, 6.2.4 and 6.2.11.
    """
    if not PASSWORD_CHARACTERS_MIN <= len(password) <= PASSWORD_CHARACTERS_MAX:
        raise WeakPassword
    folded = password.casefold()
    if folded in _common_passwords() or _letters_within(folded) in _house_words(user_id):
        # What a client tells apart: both have the errcode that Matrix has for them.
        raise CommonPassword(**{"org.teahouse.reason": "common"})


@cache
def _common_passwords() -> frozenset[str]:
    """Those that are long enough to be chosen here, of the 30,000 most common in leaks."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # large; only where passwords are chosen

    return frozenset(
        word for word in FREQUENCY_LISTS["passwords"] if len(word) >= PASSWORD_CHARACTERS_MIN
    )


def _house_words(user_id: str) -> frozenset[str]:
    """What everybody knows of a member and of their house."""
    localpart, _, server_name = user_id[1:].partition(":")
    words = {localpart, server_name, *server_name.split("."), "teahouse"}
    # A name may be made of digits alone.
    return frozenset(_letters_within(word) for word in words) - {""}


def _letters_within(word: str) -> str:
    """A word without the digits and signs around it."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", word.casefold())


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

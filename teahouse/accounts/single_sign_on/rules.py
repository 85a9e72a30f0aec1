"""To which addresses a login token may be handed, and how. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from teahouse.accounts.single_sign_on.types import Client
from teahouse.platform.errors import InvalidParam

ADDRESS_LETTERS_MAX = 2048
# The one provider there is: this house. Clients show its name on a button.
PROVIDER_ID = "teahouse"
_TOKEN = "loginToken"  # noqa: S105 - the name of a parameter
# RFC 3986, section 2, and nothing that browsers strip or read as another sign.
_ADDRESS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
# Schemes by which a browser would run or show something itself instead of opening a client.
_OWN_OF_BROWSERS = frozenset(
    {
        *("about", "blob", "chrome", "content", "data", "file", "filesystem", "ftp", "intent"),
        *("javascript", "mailto", "resource", "sms", "tel", "vbscript", "view-source", "ws", "wss"),
    }
)
# A client on the member's own machine listens on one of these (RFC 8252, section 7.3).
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def check_redirect(address: str, *, own_origin: str, known: Iterable[str]) -> Client:
    """Who is at an address that wants a login token.

    Args:
        address: the `redirectUrl` of a client, untrusted.
        own_origin: of this house, or "".
        known: origins that the operator vouches for.

    Raises:
        InvalidParam: no address, one that a browser would run, or one on which others listen.
    """
    if len(address) > ADDRESS_LETTERS_MAX or not _ADDRESS.fullmatch(address):
        raise InvalidParam("`redirectUrl` is not an address.")
    parts = _split(address)
    if not _SCHEME.fullmatch(parts.scheme) or parts.scheme in _OWN_OF_BROWSERS:
        raise InvalidParam("`redirectUrl` leads to no Matrix client.")
    if parts.scheme not in {"http", "https"}:
        return Client(kind="app", name=parts.scheme, is_known=False)
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    # "https://app.example@elsewhere.example" looks like the first and leads to the second.
    if not parts.hostname or "@" in parts.netloc:
        raise InvalidParam("`redirectUrl` names no host, or hides it.")
    is_safe = parts.scheme == "https" or parts.hostname in _LOOPBACK or origin == own_origin
    if not is_safe:
        raise InvalidParam("`redirectUrl` is not encrypted: others could read the token.")
    return Client(kind="web", name=origin, is_known=origin == own_origin or origin in known)


def add_token(address: str, token: str) -> str:
    """An address with a login token in it; one that stood there before is dropped.

    Source: Client-Server API, "Client login via SSO".
    """
    parts = _split(address)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if name != _TOKEN]
    return parts._replace(query=urlencode([*kept, (_TOKEN, token)])).geturl()


def compute_origin(public_url: str) -> str:
    """The origin of the house's public address, or ""."""
    parts = urlsplit(public_url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        # Reading it checks it.
        _ = parts.port
    except ValueError:
        raise InvalidParam("`redirectUrl` is not an address.") from None
    return parts

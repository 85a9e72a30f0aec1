"""Requests to addresses that strangers name: push gateways, shops' webhooks.

Whoever may name an address could otherwise have this server send requests into the operator's own
network. So a URL is checked when it is given, what its name resolves to is checked when it is
used, and the connection goes to the very address that was checked. Redirects are not followed,
and neither a slow nor a long answer holds anybody up.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx
import msgspec

from teahouse.platform.errors import InvalidParam

# Longer than any caller's columns; browsers and proxies stop at about as much.
URL_LENGTH_MAX: Final = 2000
_CONNECT_SECONDS: Final = 4.0
_STEP_SECONDS: Final = 10.0
# Twice that is less than a job's lease.
TOTAL_SECONDS: Final = 20.0
# One of each kind, and one in reserve.
_ADDRESSES_MAX: Final = 3
# RFC 6052 and RFC 8215: these stand for an IPv4 address in their last four bytes; and so did the
# "IPv4-compatible" ones of RFC 4291, 2.5.5.1.
_EMBEDDING_IPV4: Final = tuple(
    ipaddress.IPv6Network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")
)


class UnsafeUrl(InvalidParam):
    """A URL that this server sends nothing to."""

    code = "unsafe-url"
    message = (
        "The URL must begin with https://, name a host on the open internet, and have neither a "
        "login nor a fragment."
    )


class OutboundRefused(Exception):
    """The address is of a private network: there is no use in trying again soon."""


class OutboundFailed(Exception):
    """No answer: not reached, or not in time."""


class OutboundAnswer(msgspec.Struct, frozen=True):
    """What came back.

    Attributes:
        status: the HTTP status.
        body: at most as much as was asked for.
        is_cut: whether there was more.
    """

    status: int
    body: bytes
    is_cut: bool


def check_outbound_url(url: str, *, own_hosts: Collection[str]) -> SplitResult:
    """The parts of a URL that a stranger gave.

    Args:
        url: as given.
        own_hosts: hosts that may be private, and reached without TLS.

    Raises:
        UnsafeUrl: another scheme, with a login or a fragment, or a private address.
    """
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > URL_LENGTH_MAX:
        raise UnsafeUrl
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise UnsafeUrl from None
    if not host or parts.fragment or "@" in parts.netloc or "\\" in url:
        raise UnsafeUrl
    if host in own_hosts:
        if parts.scheme not in {"http", "https"}:
            raise UnsafeUrl
        return parts
    if parts.scheme != "https" or (_is_address(host) and not is_public_address(host)):
        raise UnsafeUrl
    return parts


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_public_address(text: str) -> bool:
    """Whether an IP address is one of the open internet, and stands for no other that is not."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if any(address in network for network in _EMBEDDING_IPV4):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public_address(str(inner))
    return address.is_global and not address.is_multicast


class Outbound:
    """Sends requests to hosts on the open internet, and to those of the operator.

    Args:
        own_hosts: hosts that the operator runs in the own network.
        total_seconds: longest that one request may take, from the look-up to the answer.
    """

    def __init__(self, own_hosts: Collection[str], *, total_seconds: float = TOTAL_SECONDS) -> None:
        self.own_hosts = frozenset(own_hosts)
        self._total_seconds = total_seconds

    async def post(
        self, url: str, body: bytes, *, headers: Mapping[str, str], answer_bytes_max: int
    ) -> OutboundAnswer:
        """Send one request.

        Args:
            url: checked again here.
            body: as it goes.
            headers: besides `Host`.
            answer_bytes_max: how much of the answer's body is read; of 0 none is waited for.

        Raises:
            UnsafeUrl: a URL that is not served (any more).
            OutboundRefused: its host is at a private address.
            OutboundFailed: no answer.
        """
        parts = check_outbound_url(url, own_hosts=self.own_hosts)
        try:
            async with asyncio.timeout(self._total_seconds):
                addresses = await self.resolve(parts)
                sending = _Sending(parts, body, dict(headers), answer_bytes_max)
                return await sending.to_any(addresses)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as trouble:
            raise OutboundFailed(type(trouble).__name__) from trouble

    async def resolve(self, parts: SplitResult) -> list[str]:
        """The addresses to connect to: looked up once, so that none can change after the check.

        Raises:
            OutboundRefused: there is none on the open internet.
            OSError: the name is not known.
        """
        assert parts.hostname is not None
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(parts.hostname, None, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if parts.hostname in self.own_hosts:
            return addresses
        # A link-local one comes with a zone, which makes it no address of the open internet.
        public = [one for one in addresses if "%" not in one and is_public_address(one)]
        if not public:
            raise OutboundRefused("The host is at a private address.")
        return public


class _Sending(msgspec.Struct, frozen=True):
    """One request, whichever address it goes to."""

    parts: SplitResult
    body: bytes
    headers: dict[str, str]
    answer_bytes_max: int

    async def to_any(self, addresses: list[str]) -> OutboundAnswer:
        """Send to the first that can be reached, for many a server has no way to IPv6."""
        *first, last = addresses[:_ADDRESSES_MAX]
        for address in first:
            try:
                return await self._to(address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._to(last)

    async def _to(self, address: str) -> OutboundAnswer:
        assert self.parts.hostname is not None
        url = httpx.URL(self.parts.geturl()).copy_with(host=address)
        timeout = httpx.Timeout(_STEP_SECONDS, connect=_CONNECT_SECONDS)
        # A connection is to an address but belongs to a name, so it must not serve another name.
        limits = httpx.Limits(max_keepalive_connections=0)
        # Nothing packed: a small answer could unpack into one that fills the memory.
        fixed = {"Host": self.parts.netloc, "Accept-Encoding": "identity"}
        async with (
            httpx.AsyncClient(timeout=timeout, trust_env=False, limits=limits) as client,
            client.stream(
                "POST",
                url,
                content=self.body,
                headers=self.headers | fixed,
                extensions={"sni_hostname": self.parts.hostname},
            ) as response,
        ):
            body, is_cut = await self._read(response)
            return OutboundAnswer(response.status_code, body, is_cut)

    async def _read(self, response: httpx.Response) -> tuple[bytes, bool]:
        if self.answer_bytes_max == 0:
            return b"", False
        body = b""
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self.answer_bytes_max:
                return body[: self.answer_bytes_max], True
        return body, False

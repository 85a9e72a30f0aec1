"""Who asks: what a command is told about the caller."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

import msgspec

from teahouse.platform.errors import ReasonNeeded

Role: TypeAlias = Literal["operator", "moderator", "bank_officer", "auditor", "cinema_editor"]


class Requester(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in caller.

    Attributes:
        user_id: the full Matrix id.
        device_id: the device of the login; None for an application service without one.
        roles: staff roles.
        appservice_id: set where an application service acts (as itself or for a member).
        is_limited: whether rate limits of members hold; not where an application service is
            the operator's own and says so.
        suspended_until: milliseconds since the epoch until which the member may only read and
            leave; None: they are not suspended.
        token_digest: SHA-256 of the access token, to sign just this login out.
        reason: why one of the staff asks, in their words; members read it in the log of who looked.
    """

    user_id: str
    device_id: str | None = None
    roles: frozenset[Role] = frozenset()
    appservice_id: str | None = None
    is_limited: bool = True
    suspended_until: int | None = None
    token_digest: bytes = b""
    reason: str = ""

    def needed_reason(self) -> str:
        """Why the requester asks, where a member's data shall not be seen without a reason.

        Raises:
            ReasonNeeded: they did not say.
        """
        if not self.reason:
            raise ReasonNeeded
        return self.reason


class Caller(Protocol):
    """What the connection tells of a caller; asked for only when a visit is noted."""

    def address(self) -> str:
        """Where the request comes from."""
        ...

    def user_agent(self) -> str:
        """The program that asks, as it says."""
        ...


class Authenticator(Protocol):
    """Finds out who holds an access token."""

    async def __call__(
        self, token: str, *, as_user: str | None, as_device: str | None, caller: Caller
    ) -> Requester:
        """The holder of `token`, or the member and device an application service acts for.

        Raises:
            UnknownToken: nobody holds it (any more).
            Forbidden: an application service asked for a member that is not its own.
            UnknownDevice: it asked for a device that this member does not have.
        """
        ...

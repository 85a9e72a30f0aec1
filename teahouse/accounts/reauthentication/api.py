"""What a route calls before something grave: it returns once the member has confirmed.

A request without `auth` is answered 401 with the ways to confirm; the client repeats it with `auth`
until one way is complete. Source: Client-Server API, "User-Interactive Authentication API".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import msgspec

from teahouse.accounts.errors import (
    OperationChanged,
    PasskeyRefused,
    StageFailed,
    UserInteractiveNeeded,
)
from teahouse.accounts.passkeys.api import find_signer, relying_party
from teahouse.accounts.passkeys.queries import list_credential_ids
from teahouse.accounts.passkeys.rules import compute_request_options
from teahouse.accounts.passwords.access import PasswordHasher
from teahouse.accounts.reauthentication.commands import (
    close_session,
    keep_session,
    open_session,
)
from teahouse.accounts.reauthentication.queries import find_factors, find_session
from teahouse.accounts.reauthentication.rules import (
    DUMMY,
    PASSKEY,
    REGISTRATION_TOKEN,
    Flows,
    compute_flows,
    compute_request_hash,
    is_complete,
    is_offered,
)
from teahouse.accounts.reauthentication.types import Auth, Session
from teahouse.accounts.rules import compute_login_id
from teahouse.accounts.second_factors.api import is_second_factor
from teahouse.platform.errors import BadJson
from teahouse.platform.http import Request
from teahouse.platform.requester import Requester
from teahouse.platform.services import Services

# The session with a stage more, or None where the stage was not passed.
StageCheck: TypeAlias = Callable[[Auth, Session], Awaitable[Session | None]]


class _Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked before an operation, and of whom."""

    operation: str
    user_id: str | None
    flows: Flows
    check: StageCheck
    show: Callable[[Session], dict[str, object]] = lambda _session: {}

    def state(self, session: Session) -> dict[str, object]:
        """Where a session stands, as the client is told."""
        return {
            "flows": [{"stages": list(flow)} for flow in self.flows],
            "params": self.show(session),
            "session": session.session_id,
            "completed": list(session.completed),
        }


class AuthBody(msgspec.Struct):
    """A body of which only `auth` matters."""

    auth: dict[str, Any] | None = None


async def require_reauthentication(
    request: Request, auth: dict[str, Any] | None, requester: Requester, operation: str
) -> None:
    """Return once the requester has shown again that it is them.

    Args:
        request: the request; the rest of its body is what is confirmed.
        auth: its `auth` member.
        requester: who must confirm. Application services need not (Matrix 1.17).
        operation: method and path, with ids: what is confirmed holds for nothing else.

    Raises:
        UserInteractiveNeeded: not confirmed yet; 401 with the ways to do so.
        StageFailed: a stage was not accepted.
        OperationChanged: the session belongs to another request.
        LimitExceeded: too many tries.
    """
    if requester.appservice_id is not None:
        return
    factors = await request.services.db.read(find_factors, requester.user_id)
    credential_ids = (
        await request.services.db.read(list_credential_ids, requester.user_id)
        if factors.has_passkeys
        else []
    )

    def show(session: Session) -> dict[str, object]:
        """What a client needs to know for the stages."""
        if not credential_ids or session.challenge is None:
            return {}
        party = relying_party(request.services)
        options = compute_request_options(party, challenge=session.challenge, known=credential_ids)
        return {PASSKEY: {"public_key": options}}

    async def check(given: Auth, session: Session) -> Session | None:
        passed = await check_stage(request.services, requester.user_id, given, session)
        return with_stage(session, given.type) if passed else None

    question = _Question(
        operation=operation,
        user_id=requester.user_id,
        flows=compute_flows(factors),
        check=check,
        show=show,
    )
    await _ask(request, auth, question)


async def require_registration_stages(
    request: Request,
    auth: dict[str, Any] | None,
    *,
    needs_token: bool,
    check_token: Callable[[str], Awaitable[bool]],
) -> str | None:
    """Return once a stranger has done what registration asks for.

    Args:
        request: the request.
        auth: its `auth` member.
        needs_token: whether a registration token must be shown.
        check_token: whether such a token is valid now.

    Returns:
        The registration token, where one was needed.

    Raises:
        UserInteractiveNeeded: not done yet.
        StageFailed: the token is not valid.
    """

    async def check(given: Auth, session: Session) -> Session | None:
        if given.type == DUMMY:
            return with_stage(session, DUMMY)
        request.services.rate_limits.check("login", request.address())
        if given.token is None or not await check_token(given.token):
            return None
        shown = msgspec.structs.replace(session, registration_token=given.token)
        return with_stage(shown, REGISTRATION_TOKEN)

    question = _Question(
        operation="POST /register",
        user_id=None,
        flows=[[REGISTRATION_TOKEN]] if needs_token else [[DUMMY]],
        check=check,
    )
    return (await _ask(request, auth, question)).registration_token


async def _ask(request: Request, auth: dict[str, Any] | None, question: _Question) -> Session:
    given = _decode(auth)
    session = await _session(request, given, question)
    if given.type is None and is_complete(question.flows, session.completed):
        # The last stage was done on a page of its own (`confirmation_page`).
        await request.services.db.write(close_session, session.session_id)
        return session
    if given.type is None:
        raise UserInteractiveNeeded(None, **question.state(session))
    if not is_offered(question.flows, given.type):
        raise StageFailed("This stage is not asked for here.", **question.state(session))
    advanced = await question.check(given, session)
    if advanced is None:
        raise StageFailed(None, **question.state(session))
    if not is_complete(question.flows, advanced.completed):
        await request.services.db.write(keep_session, advanced)
        raise UserInteractiveNeeded(None, **question.state(advanced))
    await request.services.db.write(close_session, advanced.session_id)
    return advanced


async def _session(request: Request, given: Auth, question: _Question) -> Session:
    """The session the client continues; a new one where it is unknown or has expired."""
    db = request.services.db
    raw = await request.body()
    asked = await request.json_object() if raw else {}
    request_hash = compute_request_hash(asked)
    found = await db.read(find_session, given.session) if given.session else None
    if found is None or found.user_id != question.user_id:
        return await db.write(
            open_session,
            operation=question.operation,
            request_hash=request_hash,
            user_id=question.user_id,
        )
    if found.operation != question.operation:
        raise OperationChanged
    if found.request_hash != request_hash:
        # Clients ask with an empty body first, to learn the flows. Nothing is lost by that as
        # long as nothing was confirmed.
        if found.completed:
            raise OperationChanged
        return msgspec.structs.replace(found, request_hash=request_hash)
    return found


async def check_stage(services: Services, user_id: str, given: Auth, session: Session) -> bool:
    """Whether a member has passed a stage.

    Args:
        services: the server's parts.
        user_id: who must confirm.
        given: what was sent for the stage named in it.
        session: of which the stage is part.

    Raises:
        LimitExceeded: too many tries.
        SecondFactorLocked: too many wrong codes.
    """
    services.rate_limits.check("login", user_id)
    match given.type:
        case "m.login.password":
            return await _is_password(services, user_id, given)
        case "org.teahouse.login.totp":
            return await is_second_factor(
                services, user_id, totp=given.code, recovery_code=given.recovery_code
            )
        case _:
            return await _is_passkey(services, user_id, given, session)


async def _is_password(services: Services, user_id: str, given: Auth) -> bool:
    named = given.identifier.user if given.identifier is not None else given.user
    if named is not None:
        named = compute_login_id(named, services.settings.server_name)
    if named not in {None, user_id} or given.password is None:
        return False
    return await services.get(PasswordHasher).check(user_id, given.password)


async def _is_passkey(services: Services, user_id: str, given: Auth, session: Session) -> bool:
    if given.credential is None or session.challenge is None:
        return False
    try:
        signer = await find_signer(services, given.credential, session.challenge)
    except PasskeyRefused:
        return False
    return signer == user_id


def with_stage(session: Session, stage: str | None) -> Session:
    """The session with a stage done."""
    assert stage is not None
    if stage in session.completed:
        return session
    return msgspec.structs.replace(session, completed=(*session.completed, stage))


def _decode(auth: dict[str, Any] | None) -> Auth:
    try:
        return msgspec.convert(auth or {}, Auth)
    except msgspec.ValidationError as error:
        raise BadJson(f"`auth` has the wrong shape: {error}") from None

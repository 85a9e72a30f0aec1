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
    StageFailed,
    UserInteractiveNeeded,
)
from teahouse.accounts.passwords.access import PasswordHasher
from teahouse.accounts.reauthentication.commands import (
    close_session,
    keep_session,
    open_session,
)
from teahouse.accounts.reauthentication.queries import find_factors, find_session
from teahouse.accounts.reauthentication.rules import (
    DUMMY,
    PASSWORD,
    REGISTRATION_TOKEN,
    Flows,
    compute_flows,
    compute_request_hash,
    is_complete,
    is_offered,
)
from teahouse.accounts.reauthentication.types import Auth, Session
from teahouse.accounts.rules import compute_login_id
from teahouse.platform.errors import BadJson
from teahouse.platform.http import Request
from teahouse.platform.requester import Requester

StageCheck: TypeAlias = Callable[[Auth, Session], Awaitable[Session | None]]


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

    async def check(given: Auth, session: Session) -> Session | None:
        passed = await _check_member_stage(request, requester, given)
        return _with_stage(session, given.type) if passed else None

    await _run_stages(
        request,
        auth,
        flows=compute_flows(factors),
        operation=(operation, requester.user_id),
        check=check,
    )


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
            return _with_stage(session, DUMMY)
        request.services.rate_limits.check("login", request.address())
        if given.token is None or not await check_token(given.token):
            return None
        shown = msgspec.structs.replace(session, registration_token=given.token)
        return _with_stage(shown, REGISTRATION_TOKEN)

    done = await _run_stages(
        request,
        auth,
        flows=[[REGISTRATION_TOKEN]] if needs_token else [[DUMMY]],
        operation=("POST /register", None),
        check=check,
    )
    return done.registration_token


async def _run_stages(
    request: Request,
    auth: dict[str, Any] | None,
    *,
    flows: Flows,
    operation: tuple[str, str | None],
    check: StageCheck,
) -> Session:
    given = _decode(auth)
    session = await _session(request, given, operation)
    if given.type is None:
        raise UserInteractiveNeeded(None, **_state(flows, session))
    if not is_offered(flows, given.type):
        raise StageFailed("This stage is not asked for here.", **_state(flows, session))
    advanced = await check(given, session)
    if advanced is None:
        raise StageFailed(None, **_state(flows, session))
    if not is_complete(flows, advanced.completed):
        await request.services.db.write(keep_session, advanced)
        raise UserInteractiveNeeded(None, **_state(flows, advanced))
    await request.services.db.write(close_session, advanced.session_id)
    return advanced


async def _session(request: Request, given: Auth, operation: tuple[str, str | None]) -> Session:
    """The session the client continues; a new one where it is unknown or has expired."""
    db = request.services.db
    name, user_id = operation
    raw = await request.body()
    asked = await request.json_object() if raw else {}
    request_hash = compute_request_hash(asked)
    found = await db.read(find_session, given.session) if given.session else None
    if found is None or found.user_id != user_id:
        return await db.write(
            open_session, operation=name, request_hash=request_hash, user_id=user_id
        )
    if found.operation != name:
        raise OperationChanged
    if found.request_hash != request_hash:
        # Clients ask with an empty body first, to learn the flows. Nothing is lost by that as
        # long as nothing was confirmed.
        if found.completed:
            raise OperationChanged
        return msgspec.structs.replace(found, request_hash=request_hash)
    return found


async def _check_member_stage(request: Request, requester: Requester, given: Auth) -> bool:
    services = request.services
    services.rate_limits.check("login", requester.user_id)
    if given.type == PASSWORD:
        named = given.identifier.user if given.identifier is not None else given.user
        if named is not None:
            named = compute_login_id(named, services.settings.server_name)
        if named not in {None, requester.user_id} or given.password is None:
            return False
        return await services.get(PasswordHasher).check(requester.user_id, given.password)
    return False


def _with_stage(session: Session, stage: str | None) -> Session:
    assert stage is not None
    if stage in session.completed:
        return session
    return msgspec.structs.replace(session, completed=(*session.completed, stage))


def _state(flows: Flows, session: Session) -> dict[str, object]:
    return {
        "flows": [{"stages": list(flow)} for flow in flows],
        "params": {},
        "session": session.session_id,
        "completed": list(session.completed),
    }


def _decode(auth: dict[str, Any] | None) -> Auth:
    try:
        return msgspec.convert(auth or {}, Auth)
    except msgspec.ValidationError as error:
        raise BadJson(f"`auth` has the wrong shape: {error}") from None

"""Routes of the page. Source: Client-Server API, "Fallback" of user-interactive authentication.

The session's id, which only the client was told, is the right to be here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import msgspec
from litestar import Response, get, post

from teahouse.accounts.confirmation_page.rules import (
    compute_policy,
    render_code_page,
    render_done_page,
    render_lost_page,
    render_passkey_page,
)
from teahouse.accounts.passkeys.api import relying_party
from teahouse.accounts.passkeys.queries import list_credential_ids
from teahouse.accounts.passkeys.rules import compute_request_options
from teahouse.accounts.reauthentication.api import check_stage, with_stage
from teahouse.accounts.reauthentication.commands import keep_session
from teahouse.accounts.reauthentication.queries import find_session
from teahouse.accounts.reauthentication.rules import PASSKEY, TOTP
from teahouse.accounts.reauthentication.types import Auth, Session
from teahouse.platform.errors import NotFound, Refusal
from teahouse.platform.http import Request

_PATH = "/_matrix/client/v3/auth/{stage:str}/fallback/web"
_TROUBLE = "That was not accepted: try again."
# A code or a passkey's answer; an answer with a large key takes some two kilobytes.
FORM_BYTES_MAX = 16_384


@get(_PATH)
async def show_page(request: Request) -> Response[str]:
    """Ask for what the stage needs."""
    stage, session = await _stage_and_session(request)
    if session is None:
        return _answer(request, render_lost_page, status=404)
    return await _ask(request, stage, session)


@post(_PATH)
async def take_answer(request: Request) -> Response[str]:
    """Check what was given for the stage."""
    stage, session = await _stage_and_session(request)
    if session is None or session.user_id is None:
        return _answer(request, render_lost_page, status=404)
    try:
        given = await _given(request, stage)
        passed = await check_stage(request.services, session.user_id, given, session)
    except Refusal as refusal:
        return await _ask(request, stage, session, trouble=refusal)
    if not passed:
        return await _ask(request, stage, session, trouble=Refusal(_TROUBLE))
    await request.services.db.write(keep_session, with_stage(session, stage))
    return _answer(request, render_done_page)


async def _stage_and_session(request: Request) -> tuple[str, Session | None]:
    request.services.rate_limits.check("address", request.address())
    stage = request.path("stage")
    if stage not in {TOTP, PASSKEY}:
        raise NotFound("This stage has no page.")
    session = await request.services.db.read(find_session, request.query("session") or "")
    return stage, session if session is not None and session.user_id is not None else None


async def _given(request: Request, stage: str) -> Auth:
    raw = await request.body()
    form = parse_qs(raw[:FORM_BYTES_MAX].decode("utf-8", "replace"), max_num_fields=4)
    if stage == PASSKEY:
        try:
            credential = msgspec.json.decode(form.get("credential", [""])[0], type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError):
            credential = None
        return Auth(type=stage, credential=credential)
    code = form.get("code", [""])[0].strip()
    # A one-time code has six digits; what is longer was written down before.
    is_long = len(code.replace(" ", "")) > len("000000")
    return Auth(type=stage, code=None if is_long else code, recovery_code=code if is_long else None)


async def _ask(
    request: Request, stage: str, session: Session, trouble: Refusal | None = None
) -> Response[str]:
    text = None if trouble is None else trouble.text
    status = 200 if trouble is None else trouble.status
    if stage == TOTP:
        return _answer(request, lambda nonce: render_code_page(nonce, text), status=status)
    assert session.user_id is not None
    assert session.challenge is not None
    known = await request.services.db.read(list_credential_ids, session.user_id)
    options = compute_request_options(
        relying_party(request.services), challenge=session.challenge, known=known
    )
    return _answer(request, lambda nonce: render_passkey_page(nonce, text, options), status=status)


def _answer(request: Request, render: Callable[[str], str], *, status: int = 200) -> Response[str]:
    nonce = request.services.chance.secrets.token(16)
    return Response(
        render(nonce),
        status_code=status,
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": compute_policy(nonce), "Cache-Control": "no-store"},
    )


routes: list[Any] = [show_page, take_answer]

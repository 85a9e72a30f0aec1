"""Routes below /api/v1/account."""

from __future__ import annotations

from typing import Any

from litestar import delete, get, patch, post
from litestar.params import JSONBody

from teahouse.accounts.passkeys.api import find_signer, relying_party
from teahouse.accounts.passkeys.commands import (
    CHALLENGE_MS,
    add_passkey,
    open_challenge,
    remove_passkey,
    rename_passkey,
    take_challenge,
)
from teahouse.accounts.passkeys.queries import list_credential_ids, list_passkeys
from teahouse.accounts.passkeys.rules import (
    check_creation,
    compute_creation_options,
    compute_request_options,
)
from teahouse.accounts.passkeys.types import Passkey
from teahouse.accounts.reauthentication.api import require_reauthentication
from teahouse.accounts.second_factors.access import Seal
from teahouse.accounts.second_factors.commands import (
    begin_totp,
    confirm_totp,
    remove_second_factors,
    replace_recovery_codes,
)
from teahouse.accounts.second_factors.rules import compute_otpauth_uri
from teahouse.accounts.security.queries import find_security_state
from teahouse.accounts.security.types import (
    Confirmation,
    LoginToken,
    NewPasskey,
    PasskeyChallenge,
    PasskeyName,
    PasskeySignIn,
    RecoveryCodes,
    SecurityState,
    TotpCode,
    TotpSecret,
)
from teahouse.accounts.single_sign_on.api import make_login_token
from teahouse.platform.http import Request
from teahouse.platform.router import OPEN

_ROOT = "/api/v1/account"


@get(f"{_ROOT}/security")
async def security_state(request: Request) -> SecurityState:
    """What opens one's account."""
    requester = await request.requester()
    return await request.services.db.read(find_security_state, requester.user_id)


# Passkeys


@get(f"{_ROOT}/passkeys")
async def passkeys(request: Request) -> list[Passkey]:
    """One's passkeys."""
    requester = await request.requester()
    return await request.services.db.read(list_passkeys, requester.user_id)


@post(f"{_ROOT}/passkeys/options", status_code=200)
async def passkey_options(request: Request, data: JSONBody[Confirmation]) -> PasskeyChallenge:
    """What a browser needs to make a passkey; one confirms first."""
    requester = await request.requester()
    await require_reauthentication(request, data.auth, requester, "POST passkeys/options")
    services, user_id = request.services, requester.user_id
    known = await services.db.read(list_credential_ids, user_id)
    challenge_id, challenge = await services.db.write(open_challenge, user_id)
    return PasskeyChallenge(
        challenge_id=challenge_id,
        public_key=compute_creation_options(
            relying_party(services), user_id, challenge=challenge, known=known
        ),
        expires_in_ms=CHALLENGE_MS,
    )


@post(f"{_ROOT}/passkeys", status_code=201)
async def create_passkey(request: Request, data: JSONBody[NewPasskey]) -> Passkey:
    """Add the passkey that a browser made."""
    requester = await request.requester()
    services, user_id = request.services, requester.user_id
    challenge = await services.db.write(take_challenge, data.challenge_id, user_id)
    new = check_creation(relying_party(services), data.credential, challenge)
    return await services.db.write(add_passkey, user_id, new, data.name)


@patch(_ROOT + "/passkeys/{passkey_id:str}", status_code=204)
async def patch_passkey(request: Request, data: JSONBody[PasskeyName]) -> None:
    """Rename a passkey."""
    requester = await request.requester()
    await request.services.db.write(
        rename_passkey, requester.user_id, request.path("passkey_id"), data.name
    )


@delete(_ROOT + "/passkeys/{passkey_id:str}", status_code=204)
async def delete_passkey(request: Request, data: JSONBody[Confirmation]) -> None:
    """Remove a passkey; one confirms first."""
    requester = await request.requester()
    passkey_id = request.path("passkey_id")
    await require_reauthentication(request, data.auth, requester, f"DELETE passkeys/{passkey_id}")
    await request.services.db.write(remove_passkey, requester.user_id, passkey_id)


@post(f"{_ROOT}/sign-in/options", status_code=200, opt=OPEN)
async def sign_in_options(request: Request) -> PasskeyChallenge:
    """What a browser needs to sign in with a passkey."""
    services = request.services
    services.rate_limits.check("login", request.address())
    challenge_id, challenge = await services.db.write(open_challenge, None)
    return PasskeyChallenge(
        challenge_id=challenge_id,
        public_key=compute_request_options(relying_party(services), challenge=challenge, known=[]),
        expires_in_ms=CHALLENGE_MS,
    )


@post(f"{_ROOT}/sign-in", status_code=200, opt=OPEN)
async def sign_in(request: Request, data: JSONBody[PasskeySignIn]) -> LoginToken:
    """A login token, with which any Matrix client signs in, for a passkey's signature."""
    services = request.services
    services.rate_limits.check("login", request.address())
    challenge = await services.db.write(take_challenge, data.challenge_id, None)
    user_id = await find_signer(services, data.credential, challenge)
    return await make_login_token(services, user_id, data.redirect_url)


# One-time codes


@post(f"{_ROOT}/totp", status_code=200)
async def create_totp(request: Request, data: JSONBody[Confirmation]) -> TotpSecret:
    """Begin to set up one-time codes; one confirms first."""
    requester = await request.requester()
    await require_reauthentication(request, data.auth, requester, "POST totp")
    services = request.services
    secret = await services.db.write(begin_totp, requester.user_id, services.get(Seal))
    uri = compute_otpauth_uri(secret, requester.user_id, services.settings.server_name)
    return TotpSecret(secret=secret, uri=uri)


@post(f"{_ROOT}/totp/confirm", status_code=200)
async def confirm_own_totp(request: Request, data: JSONBody[TotpCode]) -> RecoveryCodes:
    """Finish setting up one-time codes by showing one."""
    requester = await request.requester()
    services = request.services
    services.rate_limits.check("login", requester.user_id)
    codes = await services.db.write(confirm_totp, requester.user_id, services.get(Seal), data.code)
    return RecoveryCodes(recovery_codes=codes)


@delete(f"{_ROOT}/totp", status_code=204)
async def delete_totp(request: Request, data: JSONBody[Confirmation]) -> None:
    """Remove one-time codes and recovery codes; one confirms first."""
    requester = await request.requester()
    await require_reauthentication(request, data.auth, requester, "DELETE totp")
    await request.services.db.write(remove_second_factors, requester.user_id)


@post(f"{_ROOT}/recovery-codes", status_code=200)
async def create_recovery_codes(request: Request, data: JSONBody[Confirmation]) -> RecoveryCodes:
    """Ten new recovery codes; one confirms first."""
    requester = await request.requester()
    await require_reauthentication(request, data.auth, requester, "POST recovery-codes")
    services = request.services
    codes = await services.db.write(replace_recovery_codes, requester.user_id, services.get(Seal))
    return RecoveryCodes(recovery_codes=codes)


routes: list[Any] = [
    security_state,
    passkeys,
    passkey_options,
    create_passkey,
    patch_passkey,
    delete_passkey,
    sign_in_options,
    sign_in,
    create_totp,
    confirm_own_totp,
    delete_totp,
    create_recovery_codes,
]

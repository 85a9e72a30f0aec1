"""Whether a passkey's answer is right. Source: W3C Web Authentication, sections 7.1 and 7.2."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from teahouse.accounts.errors import PasskeyRefused
from teahouse.accounts.passkeys.types import KnownCredential, NewCredential, RelyingParty

if TYPE_CHECKING:
    from webauthn.helpers.structs import (
        PublicKeyCredentialCreationOptions,
        PublicKeyCredentialRequestOptions,
    )

# `webauthn` is imported where it is used: loading it takes a tenth of the server's start, and
# most starts see no passkey for a while.

LOCALHOST = "localhost"
# WebAuthn, section 5.8.3: an id has at most 1023 bytes.
CREDENTIAL_ID_BYTES_MAX = 1023


def compute_relying_party(public_url: str, server_name: str) -> RelyingParty:
    """For whom passkeys are made: the host of the public address, else the server's name."""
    url = urlsplit(public_url or f"https://{server_name}")
    host = url.hostname or server_name
    if host in {LOCALHOST, "127.0.0.1", "::1"}:
        # Browsers allow WebAuthn on localhost without TLS, and not at all on bare addresses.
        return RelyingParty(domain=LOCALHOST, origin="")
    origin = f"{url.scheme}://{url.netloc}" if public_url else f"https://{host}"
    return RelyingParty(domain=host, origin=origin)


def compute_creation_options(
    party: RelyingParty, user_id: str, *, challenge: bytes, known: list[bytes]
) -> dict[str, Any]:
    """What a browser needs to make a passkey, as JSON.

    Args:
        party: for whom.
        user_id: the member.
        challenge: what must be signed.
        known: ids of the passkeys the member has; an authenticator makes no second one.
    """
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_registration_options(
        rp_id=party.domain,
        rp_name="Teahouse",
        user_name=user_id,
        user_display_name=user_id,
        # Opaque, because authenticators may show or send it elsewhere (section 14.6.1).
        user_id=hashlib.sha256(b"teahouse passkey " + user_id.encode()).digest(),
        challenge=challenge,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=found) for found in known],
    )
    return _as_json(options)


def compute_request_options(
    party: RelyingParty, *, challenge: bytes, known: list[bytes]
) -> dict[str, Any]:
    """What a browser needs to sign with a passkey, as JSON.

    Args:
        party: for whom.
        challenge: what must be signed.
        known: ids of passkeys that will do; none: any that the authenticator finds.
    """
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_authentication_options(
        rp_id=party.domain,
        challenge=challenge,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
        allow_credentials=[structs.PublicKeyCredentialDescriptor(id=found) for found in known],
    )
    return _as_json(options)


def check_creation(
    party: RelyingParty, credential: dict[str, Any], challenge: bytes
) -> NewCredential:
    """Check a new passkey.

    Raises:
        PasskeyRefused: malformed, for another site or challenge, or without verification.
    """
    import webauthn

    try:
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.domain,
            expected_origin=_expected_origin(party, credential),
            require_user_verification=True,
        )
    except _malformed() as error:
        raise PasskeyRefused from error
    if len(verified.credential_id) > CREDENTIAL_ID_BYTES_MAX:
        raise PasskeyRefused
    return NewCredential(
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
    )


def check_assertion(
    party: RelyingParty, credential: dict[str, Any], challenge: bytes, *, known: KnownCredential
) -> int:
    """Check a passkey's signature.

    Returns:
        How often the passkey says it has signed.

    Raises:
        PasskeyRefused: malformed, for another site or challenge, without verification, signed by
            another key, or by a copy (its count went back).
    """
    import webauthn

    try:
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.domain,
            expected_origin=_expected_origin(party, credential),
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
    except _malformed() as error:
        raise PasskeyRefused from error
    return verified.new_sign_count


def _malformed() -> tuple[type[Exception], ...]:
    """What the library raises for a stranger's bytes.

    Its own error for what it foresees; where decoding base64, JSON or CBOR fails in other ways,
    the language's.
    """
    from webauthn.helpers.exceptions import WebAuthnException

    return (
        WebAuthnException,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    )


def find_credential_id(credential: dict[str, Any]) -> bytes:
    """The authenticator's id of the passkey that answered.

    Raises:
        PasskeyRefused: there is none.
    """
    found = credential.get("rawId")
    if not isinstance(found, str) or len(found) > 2 * CREDENTIAL_ID_BYTES_MAX:
        raise PasskeyRefused
    return _from_base64url(found)


def _expected_origin(party: RelyingParty, credential: dict[str, Any]) -> str:
    if party.origin:
        return party.origin
    # On the member's own machine any port will do: no stranger serves pages there.
    claimed = _claimed_origin(credential)
    url = urlsplit(claimed)
    is_local = url.scheme in {"http", "https"} and url.hostname == LOCALHOST
    return claimed if is_local else f"http://{LOCALHOST}"


def _claimed_origin(credential: dict[str, Any]) -> str:
    response = credential.get("response")
    data = response.get("clientDataJSON") if isinstance(response, dict) else None
    if not isinstance(data, str):
        raise PasskeyRefused
    origin = json.loads(_from_base64url(data)).get("origin")
    if not isinstance(origin, str):
        raise PasskeyRefused
    return origin


def _from_base64url(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise PasskeyRefused from None


def _as_json(
    options: PublicKeyCredentialCreationOptions | PublicKeyCredentialRequestOptions,
) -> dict[str, Any]:
    import webauthn

    found: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return found

"""What accounts refuse.

UserInUse, InvalidUsername, Exclusive       names of new members
WeakPassword, CommonPassword                passwords
GuestsRefused, RegistrationClosed           who may register
RegistrationTokenRefused
LoginRefused, UnknownLoginType              signing in
SecondFactorNeeded, SecondFactorRefused, SecondFactorLocked
PasskeyRefused
UserInteractiveNeeded, StageFailed          user-interactive authentication
OperationChanged
ProfileTooLarge, KeyTooLarge                profiles
UnknownDevice                               application services
ThreepidDenied                              mail addresses and telephone numbers
"""

from __future__ import annotations

from teahouse.platform.errors import Refusal


class UserInUse(Refusal):
    """The name is taken, or was once."""

    code, errcode = "user-in-use", "M_USER_IN_USE"
    message = "This name is taken: choose another."


class InvalidUsername(Refusal):
    """A name that Matrix ids cannot carry."""

    code, errcode = "invalid-username", "M_INVALID_USERNAME"
    message = "Names are made of a-z, 0-9 and ._=-/+, and an id has at most 255 bytes."


class Exclusive(Refusal):
    """A name reserved for an application service."""

    code, errcode = "exclusive", "M_EXCLUSIVE"
    message = "This name belongs to a bridge or bot: choose another."


class WeakPassword(Refusal):
    """A password that is too short or too long."""

    code, errcode = "weak-password", "M_WEAK_PASSWORD"
    message = "A password has 8 to 512 characters."


class CommonPassword(Refusal):
    """A password that whoever guesses tries among the first."""

    code, errcode = "common-password", "M_WEAK_PASSWORD"
    message = "Many people use this password, or it is a name: take another, best a few words."


class GuestsRefused(Refusal):
    """Guest accounts are off."""

    status, code, errcode = 403, "guests-refused", "M_GUEST_ACCESS_FORBIDDEN"
    message = "This server has no guest accounts."


class RegistrationClosed(Refusal):
    """Nobody can register by themself."""

    status, code, errcode = 403, "registration-closed", "M_FORBIDDEN"
    message = "Registration is closed: ask the operator for an account."


class RegistrationTokenRefused(Refusal):
    """A registration token that is unknown, used up or expired."""

    status, code, errcode = 401, "registration-token-refused", "M_UNAUTHORIZED"
    message = "This registration token is not valid (any more): ask for a new one."


class LoginRefused(Refusal):
    """Wrong name, password or token. Which of them is not told."""

    status, code, errcode = 403, "login-refused", "M_FORBIDDEN"
    message = "The name or the password is wrong."


class UnknownLoginType(Refusal):
    """A way to sign in that this server does not have."""

    code, errcode = "unknown-login-type", "M_UNKNOWN"
    message = "This way to sign in is not known here: see GET /login."


class SecondFactorNeeded(Refusal):
    """The password was right, and a one-time code is needed too."""

    status, code = 403, "second-factor-needed"
    errcode = "ORG.TEAHOUSE.SECOND_FACTOR_NEEDED"
    message = (
        "A one-time code is needed: send it as `org.teahouse.totp`,"
        " or a recovery code as `org.teahouse.recovery_code`."
    )


class SecondFactorRefused(Refusal):
    """A one-time code or recovery code that is wrong or was used."""

    status, code, errcode = 403, "second-factor-refused", "M_FORBIDDEN"
    message = "The code is wrong or was used before: wait for the next one."


class SecondFactorLocked(Refusal):
    """Too many wrong codes; `retry_after_ms` says when to come back."""

    status, code, errcode = 429, "second-factor-locked", "M_LIMIT_EXCEEDED"
    message = "Too many wrong codes: wait before trying again."


class SecondFactorPresent(Refusal):
    """One-time codes are set up already."""

    status, code, errcode = 409, "second-factor-present", "M_UNKNOWN"
    message = "One-time codes are set up already: remove them first."


class PasskeyRefused(Refusal):
    """A passkey that is unknown, or an answer that does not fit what was asked."""

    status, code, errcode = 403, "passkey-refused", "M_FORBIDDEN"
    message = "The passkey was not accepted: try again."


class PasskeyPresent(Refusal):
    """A passkey that was added before."""

    status, code, errcode = 409, "passkey-present", "M_UNKNOWN"
    message = "This passkey was added already."


class TooManyPasskeys(Refusal):
    """More passkeys than anybody needs."""

    status, code, errcode = 409, "too-many-passkeys", "M_UNKNOWN"
    message = "A member has at most 20 passkeys: remove one first."


class UserInteractiveNeeded(Refusal):
    """Show again that it is you. `flows`, `params`, `session`, `completed` are in `data`."""

    # Client-Server API, "User-interactive API in the REST API": no errcode before a stage failed.
    status, code, errcode = 401, "reauthentication-needed", ""
    message = "Confirm that it is you."


class StageFailed(UserInteractiveNeeded):
    """A stage of user-interactive authentication failed; the session can go on."""

    code, errcode = "reauthentication-failed", "M_FORBIDDEN"
    message = "That was not accepted: try again."


class OperationChanged(Refusal):
    """What was confirmed is not what is asked for now."""

    status, code, errcode = 403, "operation-changed", "M_FORBIDDEN"
    message = "This request is not the one that was confirmed: start again."


class ProfileTooLarge(Refusal):
    """More than 64 KiB in a profile."""

    code, errcode = "profile-too-large", "M_PROFILE_TOO_LARGE"
    message = "A profile has at most 64 KiB: remove a field first."


class KeyTooLarge(Refusal):
    """A profile field with too long a name."""

    code, errcode = "key-too-large", "M_KEY_TOO_LARGE"
    message = "The name of a profile field has at most 255 bytes."


class UnknownDevice(Refusal):
    """An application service wants to act on a device that its member does not have."""

    code, errcode = "unknown-device", "M_UNKNOWN_DEVICE"
    message = "This member has no such device: create it first, with `PUT /devices/{deviceId}`."


class ThreepidDenied(Refusal):
    """Mail addresses and telephone numbers are not asked for here."""

    status, code, errcode = 403, "threepid-denied", "M_THREEPID_DENIED"
    message = "This server keeps no mail addresses or telephone numbers."

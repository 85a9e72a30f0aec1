"""The tables of accounts. Secrets are kept as digests or sealed, never as they are."""

from __future__ import annotations

import sqlalchemy as sa

from teahouse.platform.data_map import DAY_MS, impersonal, limit_age, personal
from teahouse.platform.db import SortedText, metadata

_member_id = personal(
    "identifier", "to know whose account this is", keep="account", seen_by=("public",)
)
_own_id = personal("identifier", "to know whose this is", keep="account")
_device_id = personal("identifier", "to tell a member's devices apart", keep="device")
_digest = personal(
    "credential",
    "to recognise a token; only its digest is kept",
    keep="device",
    seen_by=("nobody",),
)


def _owner(*, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(
        "user_id",
        sa.Text,
        sa.ForeignKey("accounts_member.user_id"),
        primary_key=primary_key,
        nullable=False,
        info=_own_id,
    )


accounts_member = sa.Table(
    "accounts_member",
    metadata,
    sa.Column("user_id", sa.Text, primary_key=True, info=_member_id),
    sa.Column(
        "password_hash",
        sa.Text,
        info=personal(
            "credential",
            "to check a password (argon2id)",
            keep="replaced",
            seen_by=("nobody",),
        ),
    ),
    sa.Column(
        "created_at",
        sa.BigInteger,
        nullable=False,
        info=personal(
            "activity",
            "when the account began",
            keep="account",
            seen_by=("self", "operator"),
        ),
    ),
    # The row of a closed account stays, so that nobody else can ever speak under its id.
    sa.Column(
        "deactivated_at",
        sa.BigInteger,
        info=personal("activity", "to keep a closed account closed", keep="account"),
    ),
    sa.Column("erased", sa.Boolean, nullable=False, default=False, info=impersonal()),
    sa.Column("appservice_id", sa.Text, info=impersonal()),
)

accounts_search_word = sa.Table(
    "accounts_search_word",
    metadata,
    sa.Column(
        "word",
        SortedText,
        primary_key=True,
        info=personal("profile", "to be found by name", keep="replaced", seen_by=("members",)),
    ),
    _owner(primary_key=True),
    sa.Index("ix_accounts_search_word_user_id", "user_id"),
)

accounts_profile = sa.Table(
    "accounts_profile",
    metadata,
    _owner(primary_key=True),
    sa.Column(
        "field",
        sa.Text,
        primary_key=True,
        info=personal("profile", "name of a profile field", keep="replaced", seen_by=("public",)),
    ),
    sa.Column(
        "value",
        sa.Text,
        nullable=False,
        info=personal(
            "profile",
            "what a member shows of themself, as JSON",
            keep="replaced",
            seen_by=("public",),
        ),
    ),
)

accounts_device = sa.Table(
    "accounts_device",
    metadata,
    _owner(primary_key=True),
    sa.Column("device_id", sa.Text, primary_key=True, info=_device_id),
    sa.Column(
        "display_name",
        sa.Text,
        info=personal("profile", "what a member calls a device", keep="device"),
    ),
    sa.Column(
        "created_at",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", "when a device signed in", keep="device"),
    ),
    sa.Column(
        "last_seen_at",
        sa.BigInteger,
        info=personal("activity", "to spot a device one no longer uses", keep="device"),
    ),
    sa.Column(
        "last_seen_address",
        sa.Text,
        info=personal("address", "to spot a sign-in from elsewhere", keep="7 days"),
    ),
    sa.Column(
        "last_seen_agent",
        sa.Text,
        info=personal("address", "to recognise a device's program", keep="7 days"),
    ),
    sa.Index("ix_accounts_device_last_seen_at", "last_seen_at"),
)


def _device_owner() -> list[sa.Column[str] | sa.ForeignKeyConstraint]:
    return [
        sa.Column("user_id", sa.Text, nullable=False, info=_own_id),
        sa.Column("device_id", sa.Text, nullable=False, info=_device_id),
        sa.ForeignKeyConstraint(
            ["user_id", "device_id"],
            ["accounts_device.user_id", "accounts_device.device_id"],
            ondelete="CASCADE",
        ),
    ]


_expires_at = personal("activity", "when a token ends", keep="device", seen_by=("nobody",))

# A refresh makes a successor. Both generations hold until the younger one is first used, so that a
# client that never got the answer can ask again (Client-Server API, "Refreshing access tokens").
accounts_refresh_token = sa.Table(
    "accounts_refresh_token",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True, info=_digest),
    *_device_owner(),
    sa.Column("previous_digest", sa.LargeBinary, info=_digest),
    sa.Index("ix_accounts_refresh_token_user_id_device_id", "user_id", "device_id"),
    sa.Index("ix_accounts_refresh_token_previous_digest", "previous_digest"),
)

accounts_access_token = sa.Table(
    "accounts_access_token",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True, info=_digest),
    *_device_owner(),
    sa.Column(
        "refresh_digest",
        sa.LargeBinary,
        sa.ForeignKey("accounts_refresh_token.digest", ondelete="CASCADE"),
        info=_digest,
    ),
    sa.Column("expires_at", sa.BigInteger, info=_expires_at),
    sa.Index("ix_accounts_access_token_user_id_device_id", "user_id", "device_id"),
    sa.Index("ix_accounts_access_token_refresh_digest", "refresh_digest"),
)

_short_digest = personal(
    "credential",
    "to recognise a token; only its digest is kept",
    keep="session",
    seen_by=("nobody",),
)
_short_expires_at = personal("activity", "when a token ends", keep="session", seen_by=("nobody",))

# Tokens for one purpose: `login` (m.login.token) or `openid` (to show a widget who one is).
accounts_purpose_token = sa.Table(
    "accounts_purpose_token",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True, info=_short_digest),
    sa.Column("purpose", sa.Text, nullable=False, info=impersonal()),
    _owner(),
    sa.Column("expires_at", sa.BigInteger, nullable=False, info=_short_expires_at),
    sa.CheckConstraint("purpose IN ('login', 'openid')", name="purpose"),
    sa.Index("ix_accounts_purpose_token_expires_at", "expires_at"),
    sa.Index("ix_accounts_purpose_token_user_id", "user_id"),
)

accounts_registration_token = sa.Table(
    "accounts_registration_token",
    metadata,
    # Kept readable: the operator lists them to hand them out again.
    sa.Column("token", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("uses_allowed", sa.BigInteger, info=impersonal()),
    sa.Column("uses", sa.BigInteger, nullable=False, default=0, info=impersonal()),
    sa.Column("created_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Column("expires_at", sa.BigInteger, info=impersonal()),
)

# Nonces of shared-secret registration.
accounts_registration_nonce = sa.Table(
    "accounts_registration_nonce",
    metadata,
    sa.Column("nonce", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("expires_at", sa.BigInteger, nullable=False, info=impersonal()),
    sa.Index("ix_accounts_registration_nonce_expires_at", "expires_at"),
)

_session = personal(
    "activity",
    "to finish what one has begun to confirm",
    keep="session",
    seen_by=("nobody",),
)

accounts_uia_session = sa.Table(
    "accounts_uia_session",
    metadata,
    sa.Column("session_id", sa.Text, primary_key=True, info=_session),
    sa.Column("operation", sa.Text, nullable=False, info=_session),
    sa.Column("request_hash", sa.LargeBinary, nullable=False, info=_session),
    sa.Column(
        "user_id",
        sa.Text,
        info=personal("identifier", "who is asked to confirm", keep="session"),
    ),
    sa.Column("completed", sa.Text, nullable=False, info=_session),
    sa.Column("challenge", sa.LargeBinary, info=_session),
    sa.Column("registration_token", sa.Text, info=impersonal()),
    sa.Column("expires_at", sa.BigInteger, nullable=False, info=_session),
    sa.Index("ix_accounts_uia_session_expires_at", "expires_at"),
    sa.Index("ix_accounts_uia_session_user_id", "user_id"),
)

_passkey = personal("credential", "to check a passkey (public part)", keep="replaced")

accounts_passkey = sa.Table(
    "accounts_passkey",
    metadata,
    sa.Column("passkey_id", sa.Text, primary_key=True, info=_passkey),
    _owner(),
    sa.Column("credential_id", sa.LargeBinary, nullable=False, unique=True, info=_passkey),
    sa.Column("public_key", sa.LargeBinary, nullable=False, info=_passkey),
    sa.Column("sign_count", sa.BigInteger, nullable=False, info=_passkey),
    sa.Column(
        "name",
        sa.Text,
        nullable=False,
        info=personal("profile", "what a member calls a passkey", keep="replaced"),
    ),
    sa.Column(
        "created_at",
        sa.BigInteger,
        nullable=False,
        info=personal("activity", "when a passkey was added", keep="replaced"),
    ),
    sa.Column(
        "last_used_at",
        sa.BigInteger,
        info=personal("activity", "to spot a passkey one no longer uses", keep="replaced"),
    ),
    sa.Index("ix_accounts_passkey_user_id", "user_id"),
)

accounts_passkey_challenge = sa.Table(
    "accounts_passkey_challenge",
    metadata,
    sa.Column("challenge_id", sa.Text, primary_key=True, info=_session),
    sa.Column("challenge", sa.LargeBinary, nullable=False, info=_session),
    # None: someone who is not signed in yet.
    sa.Column(
        "user_id",
        sa.Text,
        info=personal("identifier", "who adds a passkey", keep="session"),
    ),
    sa.Column("expires_at", sa.BigInteger, nullable=False, info=_session),
    sa.Index("ix_accounts_passkey_challenge_expires_at", "expires_at"),
    sa.Index("ix_accounts_passkey_challenge_user_id", "user_id"),
)

_totp = personal("credential", "to check one-time codes", keep="replaced", seen_by=("nobody",))

accounts_totp = sa.Table(
    "accounts_totp",
    metadata,
    _owner(primary_key=True),
    # Sealed under a key that is not in the database.
    sa.Column("sealed_secret", sa.LargeBinary, nullable=False, info=_totp),
    sa.Column("confirmed_at", sa.BigInteger, info=_totp),
    sa.Column("last_step", sa.BigInteger, nullable=False, default=0, info=_totp),
    sa.Column("failures", sa.BigInteger, nullable=False, default=0, info=_totp),
    sa.Column("locked_until", sa.BigInteger, nullable=False, default=0, info=_totp),
)

accounts_recovery_code = sa.Table(
    "accounts_recovery_code",
    metadata,
    _owner(primary_key=True),
    sa.Column(
        "digest",
        sa.LargeBinary,
        primary_key=True,
        info=personal(
            "credential",
            "to check a recovery code; only its digest is kept",
            keep="replaced",
            seen_by=("nobody",),
        ),
    ),
)

_staff = personal(
    "relation",
    "who may do what in running the house",
    keep="account",
    seen_by=("self", "operator"),
    basis="legitimate interest",
)

accounts_staff_role = sa.Table(
    "accounts_staff_role",
    metadata,
    _owner(primary_key=True),
    sa.Column("role", sa.Text, primary_key=True, info=_staff),
    sa.Column("granted_at", sa.BigInteger, nullable=False, info=_staff),
    # None: granted on the command line, by whoever holds the machine.
    sa.Column("granted_by", sa.Text, info=_staff),
    sa.CheckConstraint(
        "role IN ('operator', 'moderator', 'bank_officer', 'auditor', 'cinema_editor')",
        name="role",
    ),
)

accounts_staff_log = sa.Table(
    "accounts_staff_log",
    metadata,
    sa.Column("entry_id", sa.Text, primary_key=True, info=impersonal()),
    sa.Column("at", sa.BigInteger, nullable=False, info=_staff),
    sa.Column("by_user_id", sa.Text, info=_staff),
    sa.Column("user_id", sa.Text, nullable=False, info=_staff),
    sa.Column("role", sa.Text, nullable=False, info=_staff),
    sa.Column("change", sa.Text, nullable=False, info=_staff),
    sa.CheckConstraint("change IN ('granted', 'revoked')", name="change"),
    sa.Index("ix_accounts_staff_log_user_id", "user_id"),
)

limit_age(
    accounts_device.c.last_seen_at,
    keep="7 days",
    keep_ms=7 * DAY_MS,
    job="accounts.forget_expired",
    is_there=sa.or_(
        accounts_device.c.last_seen_address.is_not(None),
        accounts_device.c.last_seen_agent.is_not(None),
    ),
)
for _brief in (accounts_passkey_challenge, accounts_uia_session, accounts_purpose_token):
    limit_age(_brief.c.expires_at, keep="session", keep_ms=0, job="accounts.forget_expired")

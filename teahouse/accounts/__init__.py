"""Accounts: members, devices, logins, profiles, staff roles. The front door."""

from __future__ import annotations

from typing import Any

from teahouse.accounts.administration import api as _administration_api
from teahouse.accounts.announcements import (
    DeviceAdded,
    DeviceRemoved,
    DeviceRenamed,
    IdentityChanged,
    MemberDeactivated,
    MemberRegistered,
    ProfileChanged,
    RolesChanged,
    StaffActed,
    SuspensionChanged,
    TokensRevoked,
)
from teahouse.accounts.archives.commands import bring_field, take_back_field
from teahouse.accounts.confirmation_page import api as _confirmation_page_api
from teahouse.accounts.devices import api as _devices_api
from teahouse.accounts.devices.commands import remove_devices
from teahouse.accounts.devices.queries import (
    find_device,
    find_device_birth,
    list_devices,
    list_devices_of,
)
from teahouse.accounts.errors import PasskeyRefused
from teahouse.accounts.identity import api as _identity_api
from teahouse.accounts.identity.access import IdentityProviders
from teahouse.accounts.identity.commands import record_check as record_identity_check
from teahouse.accounts.identity.queries import find_identity, find_tier
from teahouse.accounts.identity.types import TIERS, CheckKind, Identity, NewCheck, Tier
from teahouse.accounts.jobs import job_kinds
from teahouse.accounts.logins import api as _logins_api
from teahouse.accounts.logins.access import Authenticator
from teahouse.accounts.logins.types import Appservice
from teahouse.accounts.members.queries import (
    count_members,
    find_active_members,
    find_member,
    is_active,
    list_members,
    member_exists,
    search_members,
)
from teahouse.accounts.operations import api as _operations_api
from teahouse.accounts.passkeys.api import find_signer, relying_party
from teahouse.accounts.passkeys.queries import list_credential_ids
from teahouse.accounts.passkeys.rules import compute_request_options
from teahouse.accounts.passwords.access import PasswordHasher
from teahouse.accounts.passwords.commands import set_password_hash
from teahouse.accounts.personal_data import (
    RELEASABLE,
    erase_member,
    export_member,
    gather_by_law,
)
from teahouse.accounts.profiles import api as _profiles_api
from teahouse.accounts.profiles.commands import set_profile_field
from teahouse.accounts.profiles.queries import find_avatars, find_profile, find_profiles
from teahouse.accounts.reauthentication.api import AuthBody, require_reauthentication
from teahouse.accounts.reauthentication.queries import find_factors
from teahouse.accounts.reauthentication.types import Factors
from teahouse.accounts.registration import api as _registration_api
from teahouse.accounts.registration.commands import (
    create_registration_token,
    delete_registration_token,
    register_member,
)
from teahouse.accounts.registration.queries import list_registration_tokens
from teahouse.accounts.registration.types import NewMember, RegistrationToken
from teahouse.accounts.rules import check_password, compute_user_id, localpart_of
from teahouse.accounts.second_factors.access import Seal, load_seal
from teahouse.accounts.second_factors.commands import use_second_factor
from teahouse.accounts.security import api as _security_api
from teahouse.accounts.single_sign_on import api as _single_sign_on_api
from teahouse.accounts.staff import api as _staff_api
from teahouse.accounts.staff.commands import (
    enter_look,
    grant_role,
    note_staff_act,
    revoke_role,
)
from teahouse.accounts.staff.queries import list_staff, list_staff_log
from teahouse.accounts.staff.rules import Power, check_power, is_allowed
from teahouse.accounts.suspensions.commands import end_suspension, suspend_member
from teahouse.accounts.suspensions.queries import find_suspension
from teahouse.accounts.types import Device, DeviceWish, Login, Member, Profile
from teahouse.accounts.upkeep import api as _upkeep_api
from teahouse.accounts.upkeep.commands import deactivate_member, reset_password
from teahouse.platform.services import Services

__all__ = [
    "RELEASABLE",
    "TIERS",
    "Appservice",
    "AuthBody",
    "Authenticator",
    "CheckKind",
    "Device",
    "DeviceAdded",
    "DeviceRemoved",
    "DeviceRenamed",
    "DeviceWish",
    "Factors",
    "Identity",
    "IdentityChanged",
    "IdentityProviders",
    "Login",
    "Member",
    "MemberDeactivated",
    "MemberRegistered",
    "NewCheck",
    "NewMember",
    "PasskeyRefused",
    "PasswordHasher",
    "Power",
    "Profile",
    "ProfileChanged",
    "RegistrationToken",
    "RolesChanged",
    "Seal",
    "StaffActed",
    "SuspensionChanged",
    "Tier",
    "TokensRevoked",
    "bring_field",
    "check_password",
    "check_power",
    "compute_request_options",
    "compute_user_id",
    "count_members",
    "create_registration_token",
    "deactivate_member",
    "delete_registration_token",
    "end_suspension",
    "erase_member",
    "export_member",
    "find_active_members",
    "find_avatars",
    "find_device",
    "find_device_birth",
    "find_factors",
    "find_identity",
    "find_member",
    "find_profile",
    "find_profiles",
    "find_signer",
    "find_suspension",
    "find_tier",
    "gather_by_law",
    "grant_role",
    "install",
    "is_active",
    "is_allowed",
    "job_kinds",
    "list_credential_ids",
    "list_devices",
    "list_devices_of",
    "list_members",
    "list_registration_tokens",
    "list_staff",
    "list_staff_log",
    "localpart_of",
    "member_exists",
    "note_staff_act",
    "record_identity_check",
    "register_member",
    "relying_party",
    "remove_devices",
    "require_reauthentication",
    "reset_password",
    "revoke_role",
    "routes",
    "search_members",
    "set_password_hash",
    "set_profile_field",
    "suspend_member",
    "take_back_field",
    "use_second_factor",
]

# Seals the secrets of one-time codes. Whoever restores the database needs it too.
KEY_FILE = "accounts.key"

routes: list[Any] = [
    *_administration_api.routes,
    *_confirmation_page_api.routes,
    *_devices_api.routes,
    *_identity_api.routes,
    *_logins_api.routes,
    *_profiles_api.routes,
    *_registration_api.routes,
    *_security_api.routes,
    *_single_sign_on_api.routes,
    *_operations_api.routes,
    *_staff_api.routes,
    *_upkeep_api.routes,
]


def install(services: Services) -> list[Any]:
    """Join accounts to a server: its parts and its authenticator.

    Args:
        services: the server's parts; `settings` and `db` must be there.

    Returns:
        The routes.
    """
    authenticator = Authenticator(services.db, services.settings.server_name)
    services.put(authenticator)
    services.authenticate = authenticator
    services.put(IdentityProviders(services.settings.identity_providers))
    services.put(PasswordHasher(services.settings, services.db))
    key_file = services.settings.data_dir / "keys" / KEY_FILE
    services.put(load_seal(key_file, services.chance))
    services.db.react(StaffActed, enter_look)
    return routes

"""Who may send which event in a room: the authorization rules of room versions 10 to 12."""

from teahouse.chat.auth_rules.errors import NotAllowed
from teahouse.chat.auth_rules.rules import (
    check_auth,
    check_auth_events,
    check_redaction,
    is_user_id,
    list_creators,
    read_power_levels,
    select_auth_slots,
    server_name_of,
)
from teahouse.chat.auth_rules.types import CREATOR_LEVEL, PowerLevels

__all__ = [
    "CREATOR_LEVEL",
    "NotAllowed",
    "PowerLevels",
    "check_auth",
    "check_auth_events",
    "check_redaction",
    "is_user_id",
    "list_creators",
    "read_power_levels",
    "select_auth_slots",
    "server_name_of",
]

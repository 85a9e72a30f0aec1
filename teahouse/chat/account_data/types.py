"""The nouns of account data."""

from __future__ import annotations

from typing import Final, TypeAlias

# In place of a room id: what belongs to no room. No room id is empty.
GLOBAL: Final = ""

DIRECT: Final = "m.direct"
FULLY_READ: Final = "m.fully_read"
IGNORED_USER_LIST: Final = "m.ignored_user_list"
PUSH_RULES: Final = "m.push_rules"
TAG: Final = "m.tag"

Entry: TypeAlias = tuple[str, bytes]
"""A type, and its content as JSON."""

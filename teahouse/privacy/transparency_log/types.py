"""The nouns of the log: looks, entries, checkpoints."""

from __future__ import annotations

import msgspec

ROLE_OF_JOBS = "job"
# What an entry is about that is about every member: a list of all, say. All of them see it.
EVERYBODY = "*"


# What staff, commands and jobs do with members' data, and which personal columns of the data map
# they see by it; in words in `words.json`.
DEEDS: dict[str, tuple[str, ...]] = {}


def declare_deed(name: str, *fields: str) -> str:
    """Declare something that shows members' data to people, or changes it.

    Args:
        name: such as `members.list`.
        fields: the columns of the data map that it shows or changes, as `table.column`.

    Returns:
        The name.
    """
    assert name not in DEEDS, "declared twice"
    DEEDS[name] = fields
    return name


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's access to a member's data.

    Attributes:
        actor: who looked: a staff member's id, or the name of a job.
        role: the staff role that allowed it, or `job`.
        fields: what was shown, as named in the data map (`table.column`).
        reason: why, in the actor's words.
        case: the report, dispute or official request it belongs to, or empty.
        deed: what was done, as declared by `declare_deed`.
    """

    actor: str
    role: str
    fields: tuple[str, ...]
    reason: str
    case: str = ""
    deed: str = ""


class LogWords(msgspec.Struct, frozen=True):
    """What the names in entries mean, in a language.

    Attributes:
        deeds: what was done, as it goes on after who did it.
        stores: tables and folders of the data map.
        kinds: what kind of data each personal column holds.
    """

    deeds: dict[str, str]
    stores: dict[str, str]
    kinds: dict[str, str]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as the member it is about sees it.

    Attributes:
        index: its place in the log, from 0.
        entered_at: when, ms.
        salt: 16 random bytes, hexadecimal.
        body: JSON, exactly the bytes that were committed to.
        commitment: SHA-256 of salt and body, hexadecimal: what the log holds for all to see.
    """

    index: int
    entered_at: int
    salt: str
    body: str
    commitment: str


class Head(msgspec.Struct, frozen=True):
    """The log at some size.

    Attributes:
        size: how many entries.
        root: the hash of the tree over them, 32 bytes.
    """

    size: int
    root: bytes

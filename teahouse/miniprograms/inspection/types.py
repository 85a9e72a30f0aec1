"""What an inspection finds."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Level: TypeAlias = Literal[
    "error",  # it cannot be installed, or the frame will not run or load this
    "warning",  # this looks like something that fails in the frame
]


class Finding(msgspec.Struct, frozen=True, order=True):
    """Something amiss.

    Attributes:
        path: the file; empty for the program as a whole.
        line: counts from 1; 0 for the file as a whole.
        level: how bad.
        code: a constant word for scripts.
        text: what is amiss and what to do instead.
    """

    path: str
    line: int
    level: Level
    code: str
    text: str


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """All that was found.

    Attributes:
        program_id: of its manifest; None where that cannot be read.
        version: of its manifest.
        file_count: how many files it has.
        byte_count: how large they are together.
        findings: in the order of files and lines.
    """

    program_id: str | None
    version: str | None
    file_count: int
    byte_count: int
    findings: list[Finding]

    @property
    def is_sound(self) -> bool:
        """Whether it can be installed and nothing in it is bound to fail."""
        return all(finding.level != "error" for finding in self.findings)

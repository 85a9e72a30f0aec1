"""What is refused about programs.

Refusal
    ProgramNotFound         404 M_NOT_FOUND
    ProgramFileNotFound     404 M_NOT_FOUND
    InvalidProgram          400 M_INVALID_PARAM
"""

from __future__ import annotations

from teahouse.platform.errors import InvalidParam, NotFound


class ProgramNotFound(NotFound):
    """No such program is installed (any more)."""

    code = "program-not-found"
    message = "There is no such mini-program in this house."


class ProgramFileNotFound(NotFound):
    """The program has no such file, or had it in another version."""

    code = "program-file-not-found"
    message = "The mini-program has no such file."


class InvalidProgram(InvalidParam):
    """A manifest or a file that cannot be; the command line and the start say which."""

    code = "invalid-program"
    message = "The mini-program is not valid."

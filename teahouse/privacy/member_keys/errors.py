"""What is wrong with a file of member keys; told on the command line, not over HTTP."""

from __future__ import annotations


class BadKeyFile(Exception):
    """A file that holds no member keys, or one too old to be used."""

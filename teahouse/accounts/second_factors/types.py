"""Nouns of second factors."""

from __future__ import annotations

from typing import Literal, TypeAlias

# What became of a code: none was needed; one is needed and none was given; right; wrong.
FactorOutcome: TypeAlias = Literal["not_set_up", "needed", "passed", "refused"]

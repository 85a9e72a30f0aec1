"""Which stages an operation asks for, and when they are enough."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec

from teahouse.accounts.reauthentication.types import Factors
from teahouse.platform.json import JsonObject

PASSWORD = "m.login.password"  # noqa: S105 - the name of a stage
DUMMY = "m.login.dummy"
REGISTRATION_TOKEN = "m.login.registration_token"  # noqa: S105 - the name of a stage
TOTP = "org.teahouse.login.totp"
PASSKEY = "org.teahouse.login.passkey"

Flows: TypeAlias = Sequence[Sequence[str]]


def compute_flows(factors: Factors) -> Flows:
    """The ways a member can confirm: a passkey alone, or the password with any second factor.

    A passkey is two factors by itself: the device, and what unlocks it.
    """
    flows: list[list[str]] = []
    if factors.has_password:
        flows.append([PASSWORD, TOTP] if factors.has_totp else [PASSWORD])
    if factors.has_passkeys:
        flows.append([PASSKEY])
    return flows


def is_complete(flows: Flows, completed: Iterable[str]) -> bool:
    """Whether all stages of some flow are done."""
    done = set(completed)
    return any(done.issuperset(flow) for flow in flows)


def is_offered(flows: Flows, stage: str) -> bool:
    """Whether a stage belongs to some flow."""
    return any(stage in flow for flow in flows)


def compute_request_hash(body: JsonObject) -> bytes:
    """SHA-256 of what a request asks for, however its members are ordered."""
    asked = {name: value for name, value in body.items() if name != "auth"}
    return hashlib.sha256(msgspec.json.encode(asked, order="deterministic")).digest()

"""From which status a freeze goes to which, and by whose hand. Pure."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from teahouse.wallet.freezes.errors import FourEyesNeeded, WrongStatus
from teahouse.wallet.freezes.types import Freeze, FreezeStatus

# An emergency freeze outlives a weekend's night, not a weekend: somebody must look.
EMERGENCY_MS = 24 * 3_600_000
# What an investigation may ask for at once; it can be asked for again.
GAG_MS_MAX = 90 * 86_400_000

StaffAct: TypeAlias = Literal["approve", "reject", "propose_lift", "approve_lift", "reject_lift"]


def is_in_force(freeze: Freeze, now: int) -> bool:
    """Whether a freeze stops payments now. One that should have lapsed does not."""
    if freeze.status != "in_force":
        return False
    return freeze.lapses_at is None or freeze.approved_by is not None or freeze.lapses_at > now


def change(freeze: Freeze, act: StaffAct, by: str, now: int) -> Freeze:
    """What becomes of a freeze when an officer acts.

    Args:
        freeze: as it stands.
        act: what the officer does.
        by: the officer.
        now: milliseconds since the epoch.

    Raises:
        WrongStatus: that cannot be done to it now.
        FourEyesNeeded: the officer proposed it themself.
    """
    match act:
        case "approve":
            _check(freeze, now, is_right=needs_approval(freeze, now))
            _check_other(by, freeze.created_by)
            return msgspec.structs.replace(
                freeze, status="in_force", approved_by=by, lapses_at=None
            )
        case "reject":
            # Whoever proposed it may think again.
            _check(freeze, now, is_right=needs_approval(freeze, now))
            return _end(freeze, "rejected")
        case "propose_lift":
            is_right = is_in_force(freeze, now) and freeze.lift_proposed_by is None
            _check(freeze, now, is_right=is_right)
            return msgspec.structs.replace(freeze, lift_proposed_by=by)
        case "approve_lift":
            is_right = is_in_force(freeze, now) and freeze.lift_proposed_by is not None
            _check(freeze, now, is_right=is_right)
            assert freeze.lift_proposed_by is not None
            _check_other(by, freeze.lift_proposed_by)
            return _end(freeze, "lifted")
        case "reject_lift":
            is_right = is_in_force(freeze, now) and freeze.lift_proposed_by is not None
            _check(freeze, now, is_right=is_right)
            return msgspec.structs.replace(freeze, lift_proposed_by=None)


def needs_approval(freeze: Freeze, now: int) -> bool:
    """Whether a second officer is awaited."""
    if freeze.status == "proposed":
        return True
    return freeze.kind == "emergency" and freeze.approved_by is None and is_in_force(freeze, now)


def _end(freeze: Freeze, status: FreezeStatus) -> Freeze:
    return msgspec.structs.replace(freeze, status=status, lapses_at=None, lift_proposed_by=None)


def _check(freeze: Freeze, now: int, *, is_right: bool) -> None:
    if not is_right:
        lapsed = freeze.status == "in_force" and not is_in_force(freeze, now)
        raise WrongStatus(None, freeze_status="lapsed" if lapsed else freeze.status)


def _check_other(by: str, first: str) -> None:
    if by == first:
        raise FourEyesNeeded

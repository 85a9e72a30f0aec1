"""Which tier follows from which checks.

Source: People's Bank of China, Announcement [2015] No. 43, article 11: one outside source for
type I; face to face or three sources for type II; face to face or five sources for type III.
"""

from __future__ import annotations

from collections.abc import Iterable

from teahouse.accounts.identity.types import TIERS, IdentityCheck, Step, Tier

# How many different outside sources each tier needs.
SOURCES_NEEDED: dict[Tier, int] = {"I": 1, "II": 3, "III": 5}
# Who showed themself at the counter is known as well as by five registers.
_FACE_TO_FACE_TIER: Tier = "III"


def compute_tier(checks: Iterable[IdentityCheck], now: int) -> Tier:
    """The tier of a member.

    Args:
        checks: all of the member's.
        now: milliseconds since the epoch.
    """
    counting = [check for check in checks if is_counting(check, now)]
    if any(check.kind == "face_to_face" for check in counting):
        return _FACE_TO_FACE_TIER
    sources = _count_sources(counting)
    reached = [tier for tier, needed in SOURCES_NEEDED.items() if sources >= needed]
    return reached[-1] if reached else "none"


def compute_steps(checks: Iterable[IdentityCheck], now: int) -> list[Step]:
    """What would raise a member's tier, the nearest step first."""
    known = list(checks)
    tier = compute_tier(known, now)
    sources = _count_sources(check for check in known if is_counting(check, now))
    higher = TIERS[TIERS.index(tier) + 1 :]
    return [_step(aim, SOURCES_NEEDED[aim] - sources) for aim in higher]


def is_counting(check: IdentityCheck, now: int) -> bool:
    """Whether a check still counts: not taken back, not expired."""
    return check.revoked_at is None and (check.expires_at is None or check.expires_at > now)


def _count_sources(checks: Iterable[IdentityCheck]) -> int:
    # The same register asked twice is one source; two banks are two.
    return len({(check.kind, check.provider) for check in checks})


def _step(tier: Tier, missing: int) -> Step:
    face_to_face = tier != "I"
    en = f"Let {missing} more outside source{'s' if missing > 1 else ''} confirm who you are"
    zh = f"再通过{missing}个外部渠道验证身份"
    if face_to_face:
        en += ", or show yourself and your document at the counter"
        zh += ",或携带证件到柜台当面核实"
    return Step(
        tier=tier,
        checks_missing=missing,
        face_to_face=face_to_face,
        en=f"{en}: this gives tier {tier}.",
        zh=f"{zh},即可升为{_CHINESE_TIERS[tier]}账户。",
    )


_CHINESE_TIERS: dict[Tier, str] = {"none": "无", "I": "Ⅰ类", "II": "Ⅱ类", "III": "Ⅲ类"}

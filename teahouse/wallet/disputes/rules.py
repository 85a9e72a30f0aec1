"""From which status a dispute goes to which, by whose hand, and by default. Pure."""

from __future__ import annotations

import msgspec

from teahouse.wallet.disputes.errors import (
    AnotherOfficerNeeded,
    ClaimTooLarge,
    NothingToAppeal,
    WrongDisputeStatus,
)
from teahouse.wallet.disputes.types import Side, Standing, Status

_DAY_MS = 86_400_000
# As card schemes have it: long enough for what never came to be missed.
DISPUTABLE_MS = 120 * _DAY_MS
ANSWER_MS = 10 * _DAY_MS
DECIDE_MS = 30 * _DAY_MS
APPEAL_MS = 14 * _DAY_MS
# All of these after another, and an appeal; what is held for a dispute must outlive it.
HOLD_MS = ANSWER_MS + 2 * DECIDE_MS + APPEAL_MS + 30 * _DAY_MS
# Above so many minor units two officers decide.
FOUR_EYES_FROM = 100_000
STATEMENTS_MAX = 20

_ENDS: frozenset[Status] = frozenset({"closed", "withdrawn"})
_BY_DEFAULT: dict[Status, tuple[str, str]] = {
    "awaiting_shop": (
        "If the shop does not answer, the payer gets back what they claim.",
        "商户逾期未答复的,按付款人主张退款。",
    ),
    "in_review": (
        "If the house does not decide, it pays the claim itself; an appeal is then rejected.",
        "平台逾期未裁定的,由平台自行赔付;申诉逾期未裁定的,维持原裁定。",
    ),
    "decided": (
        "If nobody appeals, the decision is carried out.",
        "逾期无人申诉的,执行裁定。",
    ),
}


def begin(claim: int, now: int) -> Standing:
    """A new dispute: the shop has to answer."""
    assert claim > 0
    return Standing(status="awaiting_shop", claim=claim, deadline=now + ANSWER_MS)


def answer(standing: Standing, now: int) -> Standing:
    """The shop answers: the house has to decide."""
    _check(standing, now, "awaiting_shop")
    return _replace(standing, status="in_review", deadline=now + DECIDE_MS)


def concede(standing: Standing, now: int) -> Standing:
    """The shop gives in: the payer gets what they claim."""
    _check(standing, now, "awaiting_shop", "in_review", "proposed", "decided")
    return _close(standing, standing.claim)


def withdraw(standing: Standing, now: int) -> Standing:
    """The payer wants nothing any more."""
    _check(standing, now, "awaiting_shop", "in_review", "proposed", "decided")
    return _replace(standing, status="withdrawn", deadline=None, refund=0, proposed=None)


def decide(standing: Standing, refund: int, by: str, now: int) -> Standing:
    """An officer decides; above a bound, proposes.

    Args:
        standing: of the dispute.
        refund: what the payer gets back, minor units.
        by: the officer.
        now: milliseconds since the epoch.

    Raises:
        WrongDisputeStatus: it is not for the house to decide now.
        ClaimTooLarge: more than is claimed.
        AnotherOfficerNeeded: who decided first does not decide the appeal.
    """
    _check(standing, now, "in_review")
    if not 0 <= refund <= standing.claim:
        raise ClaimTooLarge(left=standing.claim)
    if by in standing.decided_by:
        raise AnotherOfficerNeeded
    decided_by = (*standing.decided_by, by)
    if standing.claim >= FOUR_EYES_FROM:
        return _replace(standing, status="proposed", proposed=refund, decided_by=decided_by)
    return _settle(_replace(standing, decided_by=decided_by), refund, now)


def approve(standing: Standing, by: str, now: int) -> Standing:
    """Another officer agrees with what was proposed.

    Raises:
        WrongDisputeStatus: nothing is proposed.
        AnotherOfficerNeeded: the officer proposed it, or decided before.
    """
    _check(standing, now, "proposed")
    if by in standing.decided_by:
        raise AnotherOfficerNeeded
    assert standing.proposed is not None
    agreed = _replace(standing, decided_by=(*standing.decided_by, by))
    return _settle(agreed, standing.proposed, now)


def reject(standing: Standing, by: str, now: int) -> Standing:
    """Another officer does not agree: it is to be decided anew.

    Raises:
        WrongDisputeStatus: nothing is proposed.
        AnotherOfficerNeeded: the officer proposed it.
    """
    _check(standing, now, "proposed")
    if by in standing.decided_by:
        raise AnotherOfficerNeeded
    before = standing.decided_by[:-1]
    return _replace(standing, status="in_review", proposed=None, decided_by=before)


def appeal(standing: Standing, side: Side, now: int) -> Standing:
    """The side that lost wants others to look at it.

    Raises:
        WrongDisputeStatus: nothing was decided, or it is too late.
        NothingToAppeal: the side has lost nothing, or there was an appeal.
    """
    _check(standing, now, "decided")
    if not can_appeal(standing, side, now):
        raise NothingToAppeal
    return _replace(
        standing, status="in_review", appealed_by=side, deadline=now + DECIDE_MS, proposed=None
    )


def can_appeal(standing: Standing, side: Side, now: int) -> bool:
    """Whether a side can appeal."""
    if standing.status != "decided" or standing.appealed_by is not None:
        return False
    assert standing.deadline is not None
    assert standing.refund is not None
    has_lost = standing.refund < standing.claim if side == "payer" else standing.refund > 0
    return has_lost and standing.deadline > now


def lapse(standing: Standing, now: int) -> Standing:
    """What becomes of a dispute whose deadline has passed.

    A shop that does not answer loses, and may appeal. A house that does not decide pays itself:
    neither side shall suffer for its slowness; of an appeal the first decision stands.
    """
    assert standing.deadline is not None
    assert standing.deadline <= now
    match standing.status:
        case "awaiting_shop":
            return _settle(standing, standing.claim, now)
        case "in_review" | "proposed" if standing.appealed_by is not None:
            assert standing.refund is not None
            return _close(standing, standing.refund)
        case "in_review" | "proposed":
            return _replace(_close(standing, standing.claim), is_borne_by_house=True)
        case "decided":
            assert standing.refund is not None
            return _close(standing, standing.refund)
        case "closed" | "withdrawn":
            raise AssertionError(standing.status)


def check_open(standing: Standing) -> None:
    """Refuse words in a dispute that has ended.

    Raises:
        WrongDisputeStatus: it has.
    """
    if is_over(standing):
        raise WrongDisputeStatus(dispute_status=standing.status)


def is_over(standing: Standing) -> bool:
    """Whether a dispute has ended."""
    return standing.status in _ENDS


def explain_default(status: Status) -> dict[str, str]:
    """What happens by default, in English and Chinese; empty once it has ended."""
    found = _BY_DEFAULT.get("in_review" if status == "proposed" else status)
    return {} if found is None else {"en": found[0], "zh": found[1]}


def _settle(standing: Standing, refund: int, now: int) -> Standing:
    """What a decision leads to: an appeal may follow, but not a second one."""
    if standing.appealed_by is not None:
        return _close(standing, refund)
    return _replace(
        standing, status="decided", refund=refund, proposed=None, deadline=now + APPEAL_MS
    )


def _close(standing: Standing, refund: int) -> Standing:
    return _replace(standing, status="closed", refund=refund, proposed=None, deadline=None)


def _replace(standing: Standing, **changes: object) -> Standing:
    return msgspec.structs.replace(standing, **changes)


def _check(standing: Standing, now: int, *right: Status) -> None:
    # Past its deadline it is as good as decided by default, whenever the job comes by.
    is_late = standing.deadline is not None and standing.deadline <= now
    if standing.status not in right or is_late:
        raise WrongDisputeStatus(dispute_status=standing.status)

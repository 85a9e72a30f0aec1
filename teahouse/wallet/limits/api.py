"""Routes of limits and decisions, below /api/v1/wallet."""

from __future__ import annotations

from typing import Any

from litestar import get

from teahouse.accounts import check_power
from teahouse.platform.http import Request
from teahouse.platform.pages import Page, page_limit, parse_cursor
from teahouse.platform.services import Services
from teahouse.wallet.limits.commands import note_judged, put_rule_set, read_decisions_of
from teahouse.wallet.limits.errors import LimitReached, PayerFrozen, SecondFactorNeeded
from teahouse.wallet.limits.queries import (
    find_decision,
    find_limits,
    find_standing,
    list_decisions,
    load_rule_set_text,
)
from teahouse.wallet.limits.types import Decision, Limits, RuleSet

_ROOT = "/api/v1/wallet"


@get(f"{_ROOT}/limits")
async def limits(request: Request) -> Limits:
    """What one may pay: every limit, what is used and left, and how to raise it."""
    requester = await request.requester()
    return await request.services.db.read(find_limits, requester.user_id)


@get(f"{_ROOT}/limits/rule-set")
async def rule_set(request: Request) -> RuleSet:
    """The rules in force, all of them, with the articles they come from."""
    await request.requester()
    return (await request.services.db.read(find_standing)).rule_set


@get(f"{_ROOT}/decisions")
async def decisions(request: Request) -> Page[Decision]:
    """What was decided about one's payments and why, the latest first."""
    requester = await request.requester()
    return await request.services.db.read(
        list_decisions, requester.user_id, before=_before(request), limit=page_limit(request)
    )


@get(_ROOT + "/decisions/{decision_id:str}")
async def decision(request: Request) -> Decision:
    """One decision about a payment of one's own."""
    requester = await request.requester()
    return await request.services.db.read(
        find_decision, requester.user_id, request.path("decision_id")
    )


@get(_ROOT + "/admin/members/{user_id:str}/decisions")
async def member_decisions(request: Request) -> Page[Decision]:
    """Decisions about a member's payments, for officers and auditors; the look is logged."""
    requester = await request.requester()
    check_power(requester, "wallet.decisions.see")
    before, limit = _before(request), page_limit(request)
    return await request.services.db.write(
        read_decisions_of, requester, request.path("user_id"), before=before, limit=limit
    )


def _before(request: Request) -> str | None:
    place = parse_cursor(request.query("cursor"), tuple[str])
    return None if place is None else place[0]


routes: list[Any] = [limits, rule_set, decisions, decision, member_decisions]


def install(services: Services) -> None:
    """Have rules in force where there are none yet, and log what they refuse.

    Raises:
        SettingsError: the rule set or the time zone is not valid; the server does not start.
    """
    db = services.db
    _put_rules(services, replace=False)
    for kind in (LimitReached, SecondFactorNeeded, PayerFrozen):
        db.note_refusals(kind, note_judged)


def enforce_rules(services: Services) -> None:
    """Put the operator's rules in force: when the house opens, and only then.

    Raises:
        SettingsError: the rule set or the time zone is not valid; the server does not start.
    """
    _put_rules(services, replace=True)


def _put_rules(services: Services, *, replace: bool) -> None:
    settings = services.settings
    text = load_rule_set_text(settings.wallet_rule_set)
    services.db.run(put_rule_set, text, settings.house_time_zone, replace=replace)

"""The endpoints of push rules."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Response, delete, get, put

from teahouse.chat.push import commands, queries, rules
from teahouse.chat.push.types import PushRule, PushRuleset
from teahouse.platform.http import Request, answer

_RULES: Final = "/_matrix/client/v3/pushrules"
_RULE: Final = _RULES + "/global/{kind:str}/{rule_id:str}"


class _Enabled(msgspec.Struct, frozen=True):
    enabled: bool


class _Actions(msgspec.Struct, frozen=True):
    actions: list[Any]


@get(_RULES)
async def list_rules(request: Request) -> Response[bytes]:
    """List all push rules."""
    return answer({"global": await _ruleset(request)})


@get(_RULES + "/global")
async def list_global_rules(request: Request) -> Response[bytes]:
    """List all push rules of the one scope there is."""
    return answer(await _ruleset(request))


@get(_RULE)
async def get_rule(request: Request) -> Response[bytes]:
    """Return one push rule."""
    return answer(await _rule(request))


@put(_RULE)
async def put_rule(request: Request) -> Response[bytes]:
    """Add a push rule, or change one."""
    requester = await request.requester()
    await request.services.db.write(
        commands.put_rule,
        requester,
        rules.check_kind(request.path("kind")),
        rule_id=request.path("rule_id"),
        body=await request.json_object(),
        neighbours=(request.query("before"), request.query("after")),
    )
    return answer({})


@delete(_RULE, status_code=200)
async def delete_rule(request: Request) -> Response[bytes]:
    """Delete a push rule."""
    requester = await request.requester()
    kind = rules.check_kind(request.path("kind"))
    await request.services.db.write(commands.delete_rule, requester, kind, request.path("rule_id"))
    return answer({})


@get(_RULE + "/enabled")
async def get_enabled(request: Request) -> Response[bytes]:
    """Tell whether a push rule is switched on."""
    return answer({"enabled": (await _rule(request)).enabled})


@put(_RULE + "/enabled")
async def put_enabled(request: Request) -> Response[bytes]:
    """Switch a push rule on or off."""
    requester = await request.requester()
    body = await request.body_as(_Enabled)
    await request.services.db.write(
        commands.set_enabled,
        requester,
        rules.check_kind(request.path("kind")),
        rule_id=request.path("rule_id"),
        enabled=body.enabled,
    )
    return answer({})


@get(_RULE + "/actions")
async def get_actions(request: Request) -> Response[bytes]:
    """Return the actions of a push rule."""
    return answer({"actions": (await _rule(request)).actions})


@put(_RULE + "/actions")
async def put_actions(request: Request) -> Response[bytes]:
    """Give a push rule other actions."""
    requester = await request.requester()
    body = await request.body_as(_Actions)
    await request.services.db.write(
        commands.set_actions,
        requester,
        rules.check_kind(request.path("kind")),
        rule_id=request.path("rule_id"),
        actions=body.actions,
    )
    return answer({})


ROUTES = [
    list_rules,
    list_global_rules,
    get_rule,
    put_rule,
    delete_rule,
    get_enabled,
    put_enabled,
    get_actions,
    put_actions,
]


async def _ruleset(request: Request) -> PushRuleset:
    requester = await request.requester()
    stored = await request.services.db.read(queries.find_rules, requester.user_id)
    return rules.build_ruleset(requester.user_id, stored)


async def _rule(request: Request) -> PushRule:
    requester = await request.requester()
    kind = rules.check_kind(request.path("kind"))
    stored = await request.services.db.read(queries.find_rules, requester.user_id)
    return rules.find_rule(requester.user_id, stored, kind, request.path("rule_id"))

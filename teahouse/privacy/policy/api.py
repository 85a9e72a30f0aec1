"""Routes of the policy: pages for all below /privacy, and data below /api/v1/privacy."""

from __future__ import annotations

import re
from typing import Any, Final

from litestar import Response, get, put
from litestar.params import JSONBody

from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request
from teahouse.platform.languages import Language, choose_language
from teahouse.platform.router import OPEN
from teahouse.privacy.policy.commands import reply_to_version
from teahouse.privacy.policy.live import Publisher
from teahouse.privacy.policy.queries import (
    find_changes,
    find_standing,
    find_text,
    find_version,
    list_held,
    list_versions,
)
from teahouse.privacy.policy.rules import (
    compute_page_policy,
    make_record,
    render_changes,
    render_record,
)
from teahouse.privacy.policy.types import (
    Changes,
    Held,
    PolicyStanding,
    Record,
    ReplyWish,
    VersionView,
)

_PAGES: Final = "/privacy"
_ROOT: Final = "/api/v1/privacy"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@get(f"{_PAGES}/policy")
async def policy_page(request: Request) -> Response[str]:
    """The privacy policy: the newest version, or `version`, in English or Chinese."""
    await _begin(request)
    version = await request.services.db.read(find_version, _number(request, "version"))
    return _page(version.html[read_language(request)])


@get(f"{_PAGES}/policy/archive/{{sha256:str}}")
async def policy_archive(request: Request) -> Response[str]:
    """The text of this SHA-256, byte for byte as it was shown."""
    await _begin(request)
    sha256 = request.path("sha256")
    if not _SHA256.fullmatch(sha256):
        raise InvalidParam("`sha256` must be 64 hexadecimal digits.")
    return _page(await request.services.db.read(find_text, sha256))


@get(f"{_PAGES}/policy/changes")
async def policy_changes_page(request: Request) -> Response[str]:
    """What changed between two versions (`from`, `to`); by default in the newest."""
    found = await _read_changes(request)
    return _page(render_changes(read_language(request), found))


@get(f"{_PAGES}/record")
async def record_page(request: Request) -> Response[str]:
    """The record of processing activities (GDPR, article 30)."""
    found = await _read_record(request)
    return _page(render_record(read_language(request), found))


@get(f"{_ROOT}/policy/versions", opt=OPEN)
async def versions(request: Request) -> list[VersionView]:
    """Every version of the policy, the newest first."""
    await _begin(request)
    return await request.services.db.read(list_versions)


@get(f"{_ROOT}/policy/changes", opt=OPEN)
async def policy_changes(request: Request) -> Changes:
    """The rows of the data map that differ between two versions (`from`, `to`), and no others."""
    return await _read_changes(request)


@get(f"{_ROOT}/record", opt=OPEN)
async def record(request: Request) -> Record:
    """The record of processing activities (GDPR, article 30)."""
    return await _read_record(request)


@get(f"{_ROOT}/policy")
async def standing(request: Request) -> PolicyStanding:
    """One's own standing towards the policy. It decides nothing."""
    requester = await request.requester()
    await request.services.get(Publisher).ensure()
    return await request.services.db.read(find_standing, requester.user_id)


@put(f"{_ROOT}/policy")
async def put_reply(request: Request, data: JSONBody[ReplyWish]) -> PolicyStanding:
    """Accept or refuse a version. Whichever: nothing is closed to who refuses."""
    requester = await request.requester()
    await request.services.get(Publisher).ensure()
    return await request.services.db.write(reply_to_version, requester.user_id, data)


@get(f"{_ROOT}/data")
async def data_kept(request: Request) -> list[Held]:
    """What can be kept about oneself: every table and folder, with counts of one's rows now."""
    requester = await request.requester()
    return await request.services.db.read(
        list_held, requester.user_id, language=read_language(request)
    )


def read_language(request: Request) -> Language:
    """The language asked for in `lang`, or else the one the browser likes best.

    Raises:
        InvalidParam: `lang` is neither `en` nor `zh`.
    """
    wanted = request.query("lang")
    if wanted is None:
        return choose_language(request.headers.get("accept-language", ""))
    if wanted not in {"en", "zh"}:
        raise InvalidParam("`lang` must be `en` or `zh`.")
    return "zh" if wanted == "zh" else "en"


async def _begin(request: Request) -> None:
    request.services.rate_limits.check("address", request.address())
    await request.services.get(Publisher).ensure()


async def _read_changes(request: Request) -> Changes:
    await _begin(request)
    old, new = _number(request, "from", least=0), _number(request, "to")
    return await request.services.db.read(find_changes, old=old, new=new)


async def _read_record(request: Request) -> Record:
    await _begin(request)
    version = await request.services.db.read(find_version, None)
    return make_record(
        version.source,
        request.services.get(Publisher).house,
        version=version.view.number,
        language=read_language(request),
    )


def _number(request: Request, name: str, *, least: int = 1) -> int | None:
    if request.query(name) is None:
        return None
    # A version number is an INTEGER of the database.
    return request.query_int(name, default=least, least=least, most=2**31 - 1)


def _page(content: str) -> Response[str]:
    headers = {
        "Content-Security-Policy": compute_page_policy(),
        "Cache-Control": "no-cache",
        "Vary": "Accept-Language",
    }
    return Response(content, media_type="text/html", headers=headers)


ROUTES: list[Any] = [
    policy_page,
    policy_archive,
    policy_changes_page,
    record_page,
    versions,
    policy_changes,
    record,
    standing,
    put_reply,
    data_kept,
]

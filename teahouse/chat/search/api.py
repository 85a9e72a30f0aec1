"""The route of search."""

from __future__ import annotations

from litestar import Response, post

from teahouse.chat.search import queries
from teahouse.chat.search.types import CategoriesFound, SearchAnswer, SearchBody
from teahouse.platform.http import Request, answer


@post("/_matrix/client/v3/search", status_code=200)
async def search(request: Request) -> Response[bytes]:
    """Search what was said."""
    requester = await request.requester()
    criteria = (await request.body_as(SearchBody)).search_categories.room_events
    if criteria is None:
        return answer(SearchAnswer(CategoriesFound()))
    found = await request.services.db.read(
        queries.search_rooms, requester, criteria, next_batch=request.query("next_batch")
    )
    return answer(SearchAnswer(CategoriesFound(found)))


ROUTES = [search]

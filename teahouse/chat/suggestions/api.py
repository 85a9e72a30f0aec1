"""The route of suggestions."""

from __future__ import annotations

from typing import Any

from litestar import get

from teahouse import privacy
from teahouse.chat.suggestions.queries import list_suggestions
from teahouse.chat.suggestions.types import Suggestion
from teahouse.platform.http import Request


@get("/api/v1/chat/suggestions")
async def suggestions(request: Request) -> list[Suggestion]:
    """People one may know, whoever shares most chats first; none unless one said yes to it."""
    requester = await request.requester()
    keys = request.services.get(privacy.PurposeKeys)
    return await request.services.db.read(list_suggestions, requester.user_id, keys)


ROUTES: list[Any] = [suggestions]

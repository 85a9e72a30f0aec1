"""The endpoints of key backups."""

from __future__ import annotations

from typing import Final

from litestar import Response, delete, get, post, put

from teahouse.chat.key_backup import commands, queries
from teahouse.chat.key_backup.types import (
    BackupKeys,
    ChangedVersion,
    NewVersion,
    Place,
    RoomKeys,
    SessionId,
    SessionKey,
)
from teahouse.platform.http import Request, answer
from teahouse.platform.requester import Requester

_VERSION: Final = "/_matrix/client/v3/room_keys/version"
_KEYS: Final = "/_matrix/client/v3/room_keys/keys"
_ROOM: Final = _KEYS + "/{room_id:str}"
_SESSION: Final = _ROOM + "/{session_id:str}"


@post(_VERSION)
async def create_version(request: Request) -> Response[bytes]:
    """Begin a new backup."""
    requester = await request.requester()
    new = await request.body_as(NewVersion)
    version = await request.services.db.write(commands.create_version, requester.user_id, new)
    return answer({"version": version})


@get(_VERSION)
async def get_current_version(request: Request) -> Response[bytes]:
    """Return the current backup."""
    requester = await request.requester()
    return answer(await request.services.db.read(queries.find_version, requester.user_id))


@get(_VERSION + "/{version:str}")
async def get_version(request: Request) -> Response[bytes]:
    """Return a backup."""
    requester = await request.requester()
    return answer(
        await request.services.db.read(
            queries.find_version, requester.user_id, request.path("version")
        )
    )


@put(_VERSION + "/{version:str}")
async def put_version(request: Request) -> Response[bytes]:
    """Change what a backup says of itself."""
    requester = await request.requester()
    await request.services.db.write(
        commands.change_version,
        requester.user_id,
        request.path("version"),
        await request.body_as(ChangedVersion),
    )
    return answer({})


@delete(_VERSION + "/{version:str}", status_code=200)
async def delete_version(request: Request) -> Response[bytes]:
    """Delete a backup."""
    requester = await request.requester()
    await request.services.db.write(
        commands.delete_version, requester.user_id, request.path("version")
    )
    return answer({})


@put(_KEYS)
async def put_all_keys(request: Request) -> Response[bytes]:
    """Add keys of many rooms."""
    requester = await request.requester()
    keys = await request.body_as(BackupKeys)
    return await _store(request, requester, keys.by_id())


@put(_ROOM)
async def put_room_keys(request: Request) -> Response[bytes]:
    """Add keys of one room."""
    requester = await request.requester()
    keys = BackupKeys({request.path("room_id"): await request.body_as(RoomKeys)})
    return await _store(request, requester, keys.by_id())


@put(_SESSION)
async def put_session_key(request: Request) -> Response[bytes]:
    """Add one key."""
    requester = await request.requester()
    key = await request.body_as(SessionKey)
    session_id = request.path("room_id"), request.path("session_id")
    return await _store(request, requester, {session_id: key})


@get(_KEYS)
async def get_all_keys(request: Request) -> Response[bytes]:
    """Return all keys."""
    requester = await request.requester()
    place = Place(request.query_needed("version"))
    db = request.services.db
    return answer(await db.read(queries.find_backup_keys, requester.user_id, place))


@get(_ROOM)
async def get_room_keys(request: Request) -> Response[bytes]:
    """Return the keys of one room."""
    requester = await request.requester()
    place = Place(request.query_needed("version"), request.path("room_id"))
    db = request.services.db
    return answer(await db.read(queries.find_room_keys, requester.user_id, place))


@get(_SESSION)
async def get_session_key(request: Request) -> Response[bytes]:
    """Return one key."""
    requester = await request.requester()
    place = _session_place(request)
    db = request.services.db
    return answer(await db.read(queries.find_session_key, requester.user_id, place))


@delete(_KEYS, status_code=200)
async def delete_all_keys(request: Request) -> Response[bytes]:
    """Delete all keys."""
    requester = await request.requester()
    return await _delete(request, requester, Place(request.query_needed("version")))


@delete(_ROOM, status_code=200)
async def delete_room_keys(request: Request) -> Response[bytes]:
    """Delete the keys of one room."""
    requester = await request.requester()
    place = Place(request.query_needed("version"), request.path("room_id"))
    return await _delete(request, requester, place)


@delete(_SESSION, status_code=200)
async def delete_session_key(request: Request) -> Response[bytes]:
    """Delete one key."""
    requester = await request.requester()
    return await _delete(request, requester, _session_place(request))


ROUTES = [
    create_version,
    get_current_version,
    get_version,
    put_version,
    delete_version,
    put_all_keys,
    put_room_keys,
    put_session_key,
    get_all_keys,
    get_room_keys,
    get_session_key,
    delete_all_keys,
    delete_room_keys,
    delete_session_key,
]


async def _store(
    request: Request, requester: Requester, keys: dict[SessionId, SessionKey]
) -> Response[bytes]:
    version = request.query_needed("version")
    db = request.services.db
    return answer(await db.write(commands.store_keys, requester.user_id, version, keys))


async def _delete(request: Request, requester: Requester, place: Place) -> Response[bytes]:
    db = request.services.db
    return answer(await db.write(commands.delete_keys, requester.user_id, place))


def _session_place(request: Request) -> Place:
    return Place(
        request.query_needed("version"), request.path("room_id"), request.path("session_id")
    )

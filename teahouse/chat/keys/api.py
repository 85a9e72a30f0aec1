"""The endpoints of end-to-end encryption keys, and of dehydrated devices."""

from __future__ import annotations

import re
from typing import Final

import msgspec
from litestar import Response, delete, get, post, put

from teahouse import accounts
from teahouse.chat.events.types import JsonObject
from teahouse.chat.keys import commands, queries
from teahouse.chat.keys.types import (
    ClaimedKey,
    CrossSigningUpload,
    DehydratedUpload,
    KeysUpload,
)
from teahouse.chat.rooms.queries import find_peers
from teahouse.platform.db import Read
from teahouse.platform.errors import InvalidParam
from teahouse.platform.http import Request, answer
from teahouse.platform.requester import Requester

_KEYS: Final = "/_matrix/client/v3/keys"
_DEHYDRATED: Final = "/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device"
_TOKEN: Final = re.compile(r"s?([0-9]{1,18})(?:_[0-9]{1,18})*")


class _Query(msgspec.Struct, frozen=True):
    device_keys: dict[str, list[str]]


class _Claim(msgspec.Struct, frozen=True):
    one_time_keys: dict[str, dict[str, str]]


@post(_KEYS + "/upload")
async def upload_keys(request: Request) -> Response[bytes]:
    """Publish keys of this device."""
    requester = await request.requester()
    upload = await request.body_as(KeysUpload)
    counts = await request.services.db.write(commands.upload_keys, requester, upload)
    return answer({"one_time_key_counts": counts.one_time_key_counts})


@post(_KEYS + "/query")
async def query_keys(request: Request) -> Response[bytes]:
    """Return the public keys of members."""
    requester = await request.requester()
    query = await request.body_as(_Query)
    return answer(await request.services.db.read(queries.find_keys, requester, query.device_keys))


@post(_KEYS + "/claim")
async def claim_keys(request: Request) -> Response[bytes]:
    """Hand out a one-time key of each device asked for."""
    await request.requester()
    claim = await request.body_as(_Claim)
    claimed = await request.services.db.write(commands.claim_keys, claim.one_time_keys)
    return answer({"one_time_keys": _show_claimed(claimed), "failures": {}})


@get(_KEYS + "/changes")
async def list_changes(request: Request) -> Response[bytes]:
    """List members whose devices changed."""
    requester = await request.requester()
    since = parse_position(request.query_needed("from"))
    parse_position(request.query_needed("to"))
    return answer(await request.services.db.read(_find_changes, requester, since))


@post(_KEYS + "/device_signing/upload")
async def upload_cross_signing_keys(request: Request) -> Response[bytes]:
    """Publish the member's cross-signing keys."""
    requester = await request.requester()
    upload = await request.body_as(CrossSigningUpload)
    db = request.services.db
    confirmed = requester.appservice_id is not None
    needs_consent = await db.read(queries.check_cross_signing_upload, requester, upload)
    if needs_consent and not confirmed:
        await accounts.require_reauthentication(
            request, upload.auth, requester, "POST /keys/device_signing/upload"
        )
        confirmed = True
    await db.write(commands.set_cross_signing_keys, requester, upload, confirmed=confirmed)
    return answer({})


@post(_KEYS + "/signatures/upload")
async def upload_signatures(request: Request) -> Response[bytes]:
    """Publish signatures on devices and master keys."""
    requester = await request.requester()
    signed = await request.body_as(dict[str, dict[str, JsonObject]])
    failures = await request.services.db.write(commands.add_signatures, requester, signed)
    return answer({"failures": failures})


@put(_DEHYDRATED)
async def put_dehydrated_device(request: Request) -> Response[bytes]:
    """Store a dehydrated device."""
    requester = await request.requester()
    upload = await request.body_as(DehydratedUpload)
    await request.services.db.write(commands.set_dehydrated_device, requester, upload)
    return answer({"device_id": upload.device_id})


@get(_DEHYDRATED)
async def get_dehydrated_device(request: Request) -> Response[bytes]:
    """Return the dehydrated device, to wake it."""
    requester = await request.requester()
    db = request.services.db
    return answer(await db.read(queries.find_dehydrated_device, requester.user_id))


@delete(_DEHYDRATED, status_code=200)
async def delete_dehydrated_device(request: Request) -> Response[bytes]:
    """Delete the dehydrated device."""
    requester = await request.requester()
    device_id = await request.services.db.write(commands.delete_dehydrated_device, requester)
    return answer({"device_id": device_id})


ROUTES = [
    upload_keys,
    query_keys,
    claim_keys,
    list_changes,
    upload_cross_signing_keys,
    upload_signatures,
    put_dehydrated_device,
    get_dehydrated_device,
    delete_dehydrated_device,
]


def parse_position(token: str) -> int:
    """The position in a token from `/sync`; what else the token holds does not matter here.

    Raises:
        InvalidParam: it is no such token.
    """
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise InvalidParam("`from` and `to` must be tokens from `/sync`.")
    return int(found.group(1))


def _find_changes(read: Read, requester: Requester, since: int) -> dict[str, list[str]]:
    user_id = requester.user_id
    peers = find_peers(read, user_id)
    new, gone = queries.find_new_and_gone_peers(read, user_id, since)
    changed = queries.find_changed_users(read, user_id, since, peers) | new
    return {"changed": sorted(changed), "left": sorted(gone - peers)}


def _show_claimed(claimed: list[ClaimedKey]) -> dict[str, dict[str, dict[str, msgspec.Raw]]]:
    shown: dict[str, dict[str, dict[str, msgspec.Raw]]] = {}
    for key in claimed:
        by_device = shown.setdefault(key.user_id, {})
        by_id = by_device.setdefault(key.device_id, {})
        by_id[f"{key.algorithm}:{key.key_id}"] = msgspec.Raw(key.key)
    return shown

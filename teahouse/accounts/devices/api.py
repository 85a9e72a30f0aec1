"""Routes of devices."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, delete, get, post, put

from teahouse.accounts.devices.commands import (
    ensure_device,
    remove_devices,
    rename_device,
)
from teahouse.accounts.devices.queries import find_device, list_devices
from teahouse.accounts.reauthentication.api import AuthBody, require_reauthentication
from teahouse.accounts.types import Device
from teahouse.platform.errors import InvalidParam, NotFound
from teahouse.platform.http import Request, answer

DELETE_AT_ONCE_MAX = 1000


class RenameBody(msgspec.Struct):
    """Body of PUT /devices/{deviceId}."""

    display_name: str | None = None


class DeleteDevicesBody(msgspec.Struct):
    """Body of POST /delete_devices."""

    devices: list[str]
    auth: dict[str, Any] | None = None


class DeviceView(msgspec.Struct, frozen=True):
    """A device as its member sees it.

    The specification lets all but the id be left out; matrix-nio refuses a list without them.
    """

    device_id: str
    display_name: str
    last_seen_ip: str
    last_seen_ts: int


@get("/_matrix/client/v3/devices")
async def devices(request: Request) -> Response[Any]:
    """The requester's devices."""
    requester = await request.requester()
    found = await request.services.db.read(list_devices, requester.user_id)
    return answer({"devices": [_view(one) for one in found]})


@get("/_matrix/client/v3/devices/{device_id:str}")
async def device(request: Request) -> Response[Any]:
    """One of the requester's devices."""
    requester = await request.requester()
    found = await request.services.db.read(
        find_device, requester.user_id, request.path("device_id")
    )
    if found is None:
        raise NotFound
    return answer(_view(found))


def _view(device: Device) -> DeviceView:
    return DeviceView(
        device.device_id,
        device.display_name or "",
        device.last_seen_ip or "",
        device.last_seen_ts or 0,
    )


@put("/_matrix/client/v3/devices/{device_id:str}")
async def update_device(request: Request) -> Response[Any]:
    """Rename a device; an application service may also create one (Matrix 1.17)."""
    requester = await request.requester()
    body = await request.body_as(RenameBody)
    device_id, db = request.path("device_id"), request.services.db
    if requester.appservice_id is not None:
        is_new = await db.write(ensure_device, requester.user_id, device_id, body.display_name)
        return answer({}, status=201 if is_new else 200)
    await db.write(rename_device, requester.user_id, device_id, body.display_name)
    return answer({})


@delete("/_matrix/client/v3/devices/{device_id:str}", status_code=200)
async def delete_device(request: Request) -> Response[Any]:
    """Sign a device out."""
    requester = await request.requester()
    body = await request.body_as(AuthBody, empty_ok=True)
    device_id = request.path("device_id")
    await require_reauthentication(request, body.auth, requester, f"DELETE /devices/{device_id}")
    await request.services.db.write(remove_devices, requester.user_id, [device_id])
    return answer({})


@post("/_matrix/client/v3/delete_devices")
async def delete_devices(request: Request) -> Response[Any]:
    """Sign several devices out."""
    requester = await request.requester()
    body = await request.body_as(DeleteDevicesBody)
    if len(body.devices) > DELETE_AT_ONCE_MAX:
        raise InvalidParam(f"At most {DELETE_AT_ONCE_MAX} devices at once.")
    await require_reauthentication(request, body.auth, requester, "POST /delete_devices")
    await request.services.db.write(remove_devices, requester.user_id, body.devices)
    return answer({})


routes: list[Any] = [devices, device, update_device, delete_device, delete_devices]

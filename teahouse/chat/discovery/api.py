"""Routes of discovery."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from litestar import Response, get

from teahouse import accounts
from teahouse.chat.events.types import ROOM_VERSIONS
from teahouse.platform.http import Request, answer
from teahouse.platform.json import JsonObject
from teahouse.platform.router import OPEN

# Versions of the Client-Server API whose calls this server answers.
VERSIONS: Final = [
    "r0.6.1", "v1.1", "v1.2", "v1.3", "v1.4", "v1.5", "v1.6", "v1.7", "v1.8", "v1.9",
    "v1.10", "v1.11", "v1.12", "v1.13", "v1.14", "v1.15",
]  # fmt: skip
# What clients look for under its unstable name.
UNSTABLE_FEATURES: Final[JsonObject] = {
    "org.matrix.e2e_cross_signing": True,
    "org.matrix.simplified_msc3575": True,
    "org.matrix.msc3814": True,
    "org.matrix.msc4222": True,
    "org.matrix.msc3440.stable": True,
    "org.matrix.msc3771": True,
    "org.matrix.msc3773": True,
    "org.matrix.msc3916.stable": True,
}


class House(msgspec.Struct, frozen=True):
    """What a client must know before anybody has signed in."""

    server_name: str
    registration: Literal["open", "token", "closed"]
    upload_bytes_limit: int


@get("/api/v1/house", opt=OPEN)
async def house(request: Request) -> House:
    """What this house is called, who may register, and how large a file may be."""
    settings = request.services.settings
    return House(
        server_name=settings.server_name,
        registration=settings.registration,
        upload_bytes_limit=settings.upload_bytes_limit,
    )


@get("/_matrix/client/versions")
async def versions(request: Request) -> Response[bytes]:
    """Versions of the specification, and unstable features."""
    del request
    return answer({"versions": VERSIONS, "unstable_features": UNSTABLE_FEATURES})


@get("/_matrix/client/v3/capabilities")
async def capabilities(request: Request) -> Response[bytes]:
    """What a signed-in member may do."""
    requester = await request.requester()
    default = request.services.settings.default_room_version
    suspends = accounts.is_allowed(requester.roles, "sanctions.decide")
    return answer(
        {
            "capabilities": {
                # To be left out where it would be all false.
                **({"m.account_moderation": {"suspend": True}} if suspends else {}),
                "m.change_password": {"enabled": True},
                "m.room_versions": {
                    "default": default,
                    "available": dict.fromkeys(ROOM_VERSIONS, "stable"),
                },
                "m.set_displayname": {"enabled": True},
                "m.set_avatar_url": {"enabled": True},
                "m.profile_fields": {"enabled": True},
                "m.3pid_changes": {"enabled": False},
                "m.get_login_token": {"enabled": True},
                "m.forget_forced_upon_leave": {"enabled": False},
            }
        }
    )


@get("/.well-known/matrix/client")
async def well_known_client(request: Request) -> Response[bytes]:
    """Where the server of this name is reached."""
    return answer({"m.homeserver": {"base_url": base_url(request)}})


@get("/.well-known/matrix/support")
async def well_known_support(request: Request) -> Response[bytes]:
    """Whom to ask for help."""
    return answer({"support_page": base_url(request)})


def base_url(request: Request) -> str:
    """The URL clients use: as set, or as they asked."""
    told = request.services.settings.public_url
    if told:
        return told.rstrip("/")
    host = request.headers.get("host", request.services.settings.server_name)
    return f"{request.scheme()}://{host}"


ROUTES = [house, versions, capabilities, well_known_client, well_known_support]

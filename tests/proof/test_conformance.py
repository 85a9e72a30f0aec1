"""Every answer has the form that the Matrix specification defines for it.

Skipped where the specification's definitions do not lie beside this repository.
"""

import asyncio
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from PIL import Image

from teahouse import accounts
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from tests.kit import matrix_spec
from tests.kit.chat_house import Guest
from tests.kit.database import Databases, open_database
from tests.kit.house import PASSWORD
from tests.kit.matrix_spec import CheckingTransport
from tests.kit.whole_house import WholeHouse

pytestmark = pytest.mark.skipif(
    not matrix_spec.SPEC.is_dir(), reason="the specification is not beside this repository"
)

# Operations that no session here reaches, and why.
NOT_TRIED = {
    "PUT /_matrix/client/v3/directory/list/appservice/{}/{}": "only for application services",
    "POST /_matrix/client/v1/appservice/{}/ping": "needs an application service that listens",
}
# Operations that this server always refuses, and why.
_NO_ADDRESSES = "this server keeps no e-mail addresses or telephone numbers"
_NO_NETWORKS = "no other network is bridged without an application service"
_SIGNED_IN = "files are given to signed-in members only, by the newer path"
ALWAYS_REFUSED = {
    **{
        f"POST /_matrix/client/v3/{purpose}/{medium}/requestToken": _NO_ADDRESSES
        for purpose in ("register", "account/password", "account/3pid")
        for medium in ("email", "msisdn")
    },
    **{
        f"POST /_matrix/client/v3/account/3pid{action}": _NO_ADDRESSES
        for action in ("", "/add", "/bind")
    },
    **{
        f"GET /_matrix/client/v3/thirdparty/{what}": _NO_NETWORKS
        for what in ("location", "location/{}", "protocol/{}", "user", "user/{}")
    },
    "GET /_matrix/client/v1/media/preview_url": "this server visits no addresses for members",
    "GET /_matrix/media/v3/preview_url": "this server visits no addresses for members",
    "GET /_matrix/media/v3/download/{}/{}": _SIGNED_IN,
    "GET /_matrix/media/v3/download/{}/{}/{}": _SIGNED_IN,
    "GET /_matrix/media/v3/thumbnail/{}/{}": _SIGNED_IN,
}


def _make_png() -> bytes:
    made = BytesIO()
    Image.new("RGB", (64, 48), "olive").save(made, "PNG")
    return made.getvalue()


class Session:
    """Members of one server who try everything.

    Args:
        house: the server.
    """

    def __init__(self, house: WholeHouse) -> None:
        self.house = house
        inner = httpx.ASGITransport(app=house.app)
        self.checked = CheckingTransport(inner)
        house.http = httpx.AsyncClient(transport=self.checked, base_url="http://teahouse.test")

    async def run(self) -> None:
        """Go through all of it, in an order in which each step finds what it needs."""
        self.rose = Guest(self.house, await self.house.register("rose"))
        self.jasmine = Guest(self.house, await self.house.register("jasmine"))
        self.me = quote(self.rose.user_id, safe="")
        await self.discover()
        await self.sign_in()
        await self.manage_rooms()
        await self.talk()
        await self.read()
        await self.keep()
        await self.find()
        await self.exchange_keys()
        await self.back_up_keys()
        await self.set_push_rules()
        await self.share_files()
        await self.judge()
        await self.close()

    async def each(self, guest: Guest, *requests: str, body: Any = None) -> list[httpx.Response]:
        """Send requests, each as `METHOD path`."""
        answers = []
        for request in requests:
            method, _, path = request.partition(" ")
            answers.append(await guest.call(method, path, body))
        return answers

    async def discover(self) -> None:
        for path in ("/_matrix/client/versions", "/login",
                     "/login/sso/redirect?redirectUrl=https%3A%2F%2Fclient.example%2F",
                     "/login/sso/redirect/teahouse?redirectUrl=https%3A%2F%2Fclient.example%2F",
                     "/register/available?username=new",
                     "/register/available?username=rose", "/register/available?username=%25",
                     "/.well-known/matrix/client", "/.well-known/matrix/support",
                     "/_matrix/client/v1/register/m.login.registration_token/validity?token=x",
                     "/account/whoami", "/capabilities", "/sync"):  # fmt: skip
            await self.house.call("GET", path)
        await self.each(
            self.rose, "GET /capabilities", "GET /account/whoami", "GET /voip/turnServer",
            "GET /account/3pid", "GET /thirdparty/protocols", "GET /thirdparty/protocol/irc",
            "GET /thirdparty/location/irc", "GET /thirdparty/user/irc",
            "GET /thirdparty/location?alias=%23a:b", "GET /thirdparty/user?userid=@a:b",
        )  # fmt: skip
        for purpose in ("register", "account/password", "account/3pid"):
            for medium in ("email", "msisdn"):
                path = f"POST /{purpose}/{medium}/requestToken"
                await self.each(self.rose, path, body={"client_secret": "s", "send_attempt": 1})
        for path in ("3pid", "3pid/add", "3pid/bind", "3pid/delete", "3pid/unbind"):
            await self.each(
                self.rose, f"POST /account/{path}", body={"client_secret": "s", "sid": "1"}
            )

    async def sign_in(self) -> None:
        wrong = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "rose"}}
        await self.house.call("POST", "/login", {**wrong, "password": "wrong"})
        await self.house.call("POST", "/login", {"type": "m.login.odd"})
        await self.house.call("POST", "/register", {"username": "rose", "password": PASSWORD})
        await self.house.call("POST", "/register", {"username": "%", "password": PASSWORD})
        await self.house.call("POST", "/register?kind=guest", {})
        login = await self.house.log_in("rose", refresh_token=True)
        phone = Guest(self.house, login)
        refresh = {"refresh_token": login["refresh_token"]}
        phone.token = (await phone.change("POST", "/refresh", refresh))["access_token"]
        await self.house.call("POST", "/refresh", {"refresh_token": "wrong"})
        await self.each(
            phone, "GET /devices", f"GET /devices/{phone.device_id}", "GET /devices/none",
        )  # fmt: skip
        await self.each(
            phone,
            f"PUT /devices/{phone.device_id}",
            "PUT /devices/none",
            body={"display_name": "p"},
        )
        await self.each(phone, f"POST /user/{self.me}/openid/request_token", body={})
        await self.house.confirm(
            "POST", "/_matrix/client/v1/login/get_token", {}, token=phone.token
        )
        tablet = Guest(self.house, await self.house.log_in("rose"))
        laptop = Guest(self.house, await self.house.log_in("rose"))
        await self.house.confirm("DELETE", f"/devices/{tablet.device_id}", {}, token=phone.token)
        devices = {"devices": [laptop.device_id]}
        await self.house.confirm("POST", "/delete_devices", devices, token=phone.token)
        await self.each(phone, "POST /logout")
        await self.each(phone, "GET /account/whoami")

    async def manage_rooms(self) -> None:
        self.room_id = await self.rose.create_room(
            name="Tea", room_alias_name="tea", topic="Leaves"
        )
        self.room = room = quote(self.room_id, safe="")
        who = {"user_id": self.jasmine.user_id}
        await self.each(self.rose, f"POST /rooms/{room}/invite", body=who)
        await self.jasmine.call("GET", "/sync")
        await self.each(
            self.jasmine, f"POST /rooms/{room}/join", "POST /join/%23tea:teahouse.test",
            "POST /join/%23none:teahouse.test", f"POST /rooms/{room}/leave",
            f"POST /rooms/{room}/forget", f"POST /rooms/{room}/join", f"POST /rooms/{room}/forget",
            body={},
        )  # fmt: skip
        for act in ("kick", "ban", "unban"):
            await self.each(
                self.jasmine, f"POST /rooms/{room}/{act}", body={"user_id": self.rose.user_id}
            )
            await self.each(self.rose, f"POST /rooms/{room}/{act}", body=who)
        await self.each(self.jasmine, f"POST /rooms/{room}/join", body={})
        await self.each(self.jasmine, f"POST /rooms/{room}/invite", body={"user_id": "@none:x"})
        for body in ({"preset": "odd"}, {"room_alias_name": "tea"}, {"room_version": "99"},
                     {"preset": "private_chat", "is_direct": True,
                     "invite": [self.jasmine.user_id]}):  # fmt: skip
            await self.each(self.rose, "POST /createRoom", body=body)
        knocked = await self.rose.create_room(
            preset="private_chat",
            initial_state=[{"type": "m.room.join_rules", "content": {"join_rule": "knock"}}],
        )
        await self.each(
            self.jasmine, f"POST /knock/{quote(knocked, safe='')}", "POST /knock/!none:x",
            f"POST /knock/{room}", f"POST /rooms/{quote(knocked, safe='')}/join",
            "POST /join/!none:x", body={"reason": "thirst"},
        )  # fmt: skip
        await self.jasmine.call("GET", "/sync")
        old = quote(await self.rose.create_room(), safe="")
        await self.each(self.jasmine, f"POST /rooms/{old}/upgrade", body={"new_version": "12"})
        await self.each(self.rose, f"POST /rooms/{old}/upgrade", body={"new_version": "99"})
        await self.each(self.rose, f"POST /rooms/{old}/upgrade", body={"new_version": "11"})

    async def talk(self) -> None:
        room = self.room
        self.event_id = event_id = await self.rose.say(self.room_id, "hello")
        self.event = event = quote(event_id, safe="")
        thread = {"rel_type": "m.thread", "event_id": event_id}
        reply = await self.jasmine.say(self.room_id, "hi", **{"m.relates_to": thread})
        edit = {"rel_type": "m.replace", "event_id": event_id}
        await self.rose.say(
            self.room_id, "* hi", **{"m.relates_to": edit, "m.new_content": {"body": "hi"}}
        )
        mark = {"rel_type": "m.annotation", "event_id": event_id, "key": "t"}
        reaction = await self.jasmine.send(self.room_id, {"m.relates_to": mark}, "m.reaction")
        await self.jasmine.redact(self.room_id, reaction)
        await self.rose.set_state(self.room_id, "org.example.tea", {"leaf": 1}, "green")
        await self.each(self.jasmine, f"PUT /rooms/{room}/state/m.room.name", body={"name": "x"})
        await self.each(self.rose, f"PUT /rooms/{room}/state/m.room.name/", body={"name": "x"})
        await self.each(
            self.rose, f"PUT /rooms/{room}/state/m.room.canonical_alias/", body={"alias": "#no:x"}
        )
        await self.each(self.rose, f"PUT /rooms/{room}/send/m.x/{'x' * 300}", body={})
        await self.each(self.rose, f"PUT /rooms/{room}/send/m.x/big", body={"a": "x" * 70_000})
        await self.each(self.rose, "PUT /rooms/!none:x/send/m.x/1", body={})
        await self.each(self.rose, f"PUT /rooms/{room}/redact/$none/r9", body={})
        who = quote(self.jasmine.user_id, safe="")
        await self.each(
            self.jasmine, f"PUT /rooms/{room}/typing/{who}", f"PUT /rooms/{room}/typing/{self.me}",
            body={"typing": True, "timeout": 1000},
        )  # fmt: skip
        await self.each(
            self.jasmine, f"POST /rooms/{room}/receipt/m.read/{event}",
            f"POST /rooms/{room}/receipt/m.read.private/{event}",
            f"POST /rooms/{room}/receipt/odd/{event}", f"POST /rooms/{room}/receipt/m.read/$none",
            body={},
        )  # fmt: skip
        markers = {"m.fully_read": event_id, "m.read": reply}
        await self.each(self.jasmine, f"POST /rooms/{room}/read_markers", body=markers)
        for path in (f"rooms/{room}/report", f"rooms/{room}/report/{event}",
             f"users/{self.me}/report",
                     "rooms/!none:x/report", f"rooms/{room}/report/$none",
                     "users/@none:x/report"):  # fmt: skip
            await self.each(self.jasmine, f"POST /{path}", body={"reason": "cold"})

    async def read(self) -> None:
        v1 = "/_matrix/client/v1"
        for room in (self.room, "!none:x"):
            event = self.event
            await self.each(
                self.rose, f"GET /rooms/{room}/messages?dir=b&limit=5",
                f"GET /rooms/{room}/messages?dir=f",
                f"GET /rooms/{room}/messages", f"GET /rooms/{room}/context/{event}?limit=4",
                f"GET /rooms/{room}/event/{event}", f"GET /rooms/{room}/event/$none",
                f"GET /rooms/{room}/context/$none", f"GET /rooms/{room}/state",
                f"GET /rooms/{room}/state/m.room.name/",
                f"GET /rooms/{room}/state/m.room.member/{self.me}",
                f"GET /rooms/{room}/state/m.none/", f"GET /rooms/{room}/members",
                f"GET /rooms/{room}/joined_members", f"GET /rooms/{room}/aliases",
                f"GET {v1}/rooms/{room}/relations/{event}",
                f"GET {v1}/rooms/{room}/relations/{event}/m.thread",
                f"GET {v1}/rooms/{room}/relations/{event}/m.thread/m.room.message",
                f"GET {v1}/rooms/{room}/threads",
                f"GET {v1}/rooms/{room}/threads?include=participated",
                f"GET {v1}/rooms/{room}/threads?include=odd",
                f"GET {v1}/rooms/{room}/timestamp_to_event?ts=0&dir=f",
                f"GET {v1}/rooms/{room}/timestamp_to_event?ts=0&dir=b",
                f"GET {v1}/rooms/{room}/hierarchy", f"GET {v1}/room_summary/{room}",
            )  # fmt: skip
        await self.each(self.rose, "GET /joined_rooms", "GET /notifications", "GET /sync?since=odd")
        for guest in (self.rose, self.jasmine):
            token = (await guest.get("/sync"))["next_batch"]
            await self.rose.say(self.room_id, f"after {token}")
            await self.each(
                guest, f"GET /sync?since={token}", "GET /sync?full_state=true",
                f"GET /sync?since={token}&full_state=true", "GET /sync?use_state_after=true",
                f"GET /keys/changes?from={token}&to={token}", "GET /notifications?limit=1",
            )  # fmt: skip

    async def keep(self) -> None:
        me, room = self.me, self.room
        kept = (f"/user/{me}/account_data/org.tea", f"/user/{me}/rooms/{room}/account_data/org.tea")
        for path in kept:
            await self.each(self.rose, f"GET {path}", f"GET {path}.none")
            await self.each(self.jasmine, f"PUT {path}", f"GET {path}", body={})
            await self.each(self.rose, f"PUT {path}", f"GET {path}", body={"a": 1})
        await self.each(self.rose, f"PUT /user/{me}/account_data/m.fully_read", body={})
        await self.each(self.rose, f"PUT /user/{me}/account_data/m.push_rules", body={})
        await self.each(self.rose, f"PUT /user/{me}/rooms/odd/account_data/org.tea", body={})
        tags = f"/user/{me}/rooms/{room}/tags"
        await self.each(self.rose, f"PUT {tags}/u.green", body={"order": 0.5})
        await self.each(self.rose, f"GET {tags}", f"DELETE {tags}/u.green")
        made = await self.rose.change(
            "POST", f"/user/{me}/filter", {"room": {"timeline": {"limit": 3}}}
        )
        await self.each(
            self.rose, f"GET /user/{me}/filter/{made['filter_id']}", f"GET /user/{me}/filter/99"
        )
        for field in ("displayname", "avatar_url", "org.example.leaf", "m.tz"):
            value = "mxc://teahouse.test/abc" if field == "avatar_url" else "Europe/London"
            path = f"/profile/{me}/{field}"
            await self.each(self.rose, f"PUT {path}", body={field: value})
            await self.each(self.jasmine, f"PUT {path}", body={field: value})
            await self.each(
                self.rose, f"GET {path}", f"GET /profile/{me}", f"DELETE {path}", f"GET {path}"
            )
        await self.each(
            self.rose, "GET /profile/@none:teahouse.test", f"GET /profile/{me}/{'x' * 300}"
        )
        await self.each(self.rose, f"PUT /presence/{me}/status", body={"presence": "online"})
        await self.each(self.rose, f"PUT /presence/{me}/status", body={"presence": "odd"})
        await self.each(self.rose, f"GET /presence/{me}/status", "GET /presence/@none:x/status")

    async def find(self) -> None:
        room, alias = self.room, "%23green:teahouse.test"
        await self.each(
            self.rose, f"PUT /directory/room/{alias}", f"PUT /directory/room/{alias}",
            "PUT /directory/room/odd", body={"room_id": self.room_id},
        )  # fmt: skip
        await self.each(
            self.rose, "PUT /directory/room/%23x:teahouse.test", body={"room_id": "!none:x"}
        )
        await self.each(
            self.rose, f"GET /directory/room/{alias}", "GET /directory/room/odd",
            "GET /directory/room/%23none:teahouse.test", f"GET /rooms/{room}/aliases",
            f"DELETE /directory/room/{alias}", f"DELETE /directory/room/{alias}",
        )  # fmt: skip
        lists = f"/directory/list/room/{room}"
        await self.each(
            self.rose,
            f"PUT {lists}",
            "PUT /directory/list/room/!none:x",
            body={"visibility": "public"},
        )
        await self.each(
            self.rose, f"GET {lists}", "GET /directory/list/room/!none:x",
            "GET /publicRooms?limit=1",
            "GET /_matrix/client/v1/mutual_rooms?user_id=" + quote(self.jasmine.user_id),
            f"GET /_matrix/client/v1/mutual_rooms?user_id={self.me}",
        )  # fmt: skip
        terms = {"filter": {"generic_search_term": "x"}}
        await self.each(self.rose, "POST /publicRooms", body=terms)
        await self.each(self.rose, "POST /user_directory/search", body={"search_term": "jas"})
        wanted = {
            "search_term": "hello",
            "include_state": True,
            "event_context": {"include_profile": True},
            "groupings": {"group_by": [{"key": "room_id"}, {"key": "sender"}]},
        }
        await self.each(
            self.rose, "POST /search", body={"search_categories": {"room_events": wanted}}
        )
        await self.each(self.rose, "POST /search", body={"search_categories": 1})
        space = await self.rose.create_room(creation_content={"type": "m.space"})
        await self.rose.set_state(space, "m.space.child", {"via": ["teahouse.test"]}, self.room_id)
        path = f"GET /_matrix/client/v1/rooms/{quote(space, safe='')}/hierarchy"
        await self.each(self.rose, path, f"{path}?from=odd", f"{path}?limit=1")

    async def exchange_keys(self) -> None:
        user_id, device_id = self.rose.user_id, self.rose.device_id
        key = {"key": "A" * 43, "signatures": {user_id: {f"ed25519:{device_id}": "A" * 86}}}
        device = {
            "user_id": user_id,
            "device_id": device_id,
            "algorithms": ["m.megolm.v1.aes-sha2"],
            "keys": {f"ed25519:{device_id}": "A" * 43, f"curve25519:{device_id}": "A" * 43},
            "signatures": {user_id: {f"ed25519:{device_id}": "A" * 86}},
        }
        keys = {"device_keys": device, "one_time_keys": {"signed_curve25519:A": key},
                "fallback_keys": {"signed_curve25519:B": {**key, "fallback": True}}}  # fmt: skip
        await self.each(self.rose, "POST /keys/upload", body=keys)
        await self.each(
            self.rose, "POST /keys/upload", body={"device_keys": {**device, "user_id": "@x:y"}}
        )
        await self.each(
            self.jasmine, "POST /keys/query", body={"device_keys": {user_id: [], "@none:x": []}}
        )
        claim = {"one_time_keys": {user_id: {device_id: "signed_curve25519"}}}
        await self.each(self.jasmine, "POST /keys/claim", "POST /keys/claim", body=claim)
        await self.each(self.jasmine, "POST /keys/query", body={"device_keys": 1})
        await self.each(self.rose, "POST /keys/device_signing/upload", body={"master_key": {}})
        master = {
            "user_id": user_id,
            "usage": ["master"],
            "keys": {f"ed25519:{'B' * 43}": "B" * 43},
        }
        await self.each(self.rose, "POST /keys/device_signing/upload", body={"master_key": master})
        await self.each(
            self.rose, "POST /keys/signatures/upload", body={user_id: {device_id: device}}
        )
        await self.each(self.rose, "GET /keys/changes?from=odd&to=odd")
        messages = {"messages": {user_id: {"*": {"a": 1}}}}
        await self.each(self.jasmine, "PUT /sendToDevice/org.tea/1", body=messages)
        await self.rose.call("GET", "/sync")

    async def back_up_keys(self) -> None:
        algorithm = {
            "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2",
            "auth_data": {"public_key": "a"},
        }
        versions, keys = "/room_keys/version", "/room_keys/keys"
        await self.each(self.rose, f"GET {versions}", f"PUT {keys}?version=1", body={"rooms": {}})
        made = await self.rose.change("POST", versions, algorithm)
        version = made["version"]
        session = {
            "first_message_index": 1,
            "forwarded_count": 0,
            "is_verified": True,
            "session_data": {},
        }
        one, room = f"{keys}/{self.room}/s1", f"{keys}/{self.room}"
        sessions = {"sessions": {"s2": session}}
        for query in (f"?version={version}", "?version=99"):
            await self.each(self.rose, f"PUT {one}{query}", body=session)
            await self.each(self.rose, f"PUT {room}{query}", body=sessions)
            await self.each(
                self.rose, f"PUT {keys}{query}", body={"rooms": {self.room_id: sessions}}
            )
            await self.each(
                self.rose, f"GET {one}{query}", f"GET {room}{query}", f"GET {keys}{query}",
                f"GET {keys}/!none:x/none{query}", f"DELETE {one}{query}", f"DELETE {room}{query}",
                f"DELETE {keys}{query}",
            )  # fmt: skip
        for which in (version, "99"):
            await self.each(self.rose, f"GET {versions}", f"GET {versions}/{which}")
            await self.each(
                self.rose, f"PUT {versions}/{which}", body={**algorithm, "version": which}
            )
            await self.each(
                self.rose, f"PUT {versions}/{which}", body={**algorithm, "version": "7"}
            )
            await self.each(self.rose, f"DELETE {versions}/{which}")

    async def set_push_rules(self) -> None:
        rules = "/pushrules/global"
        await self.each(self.rose, "GET /pushrules/", f"GET {rules}/")
        rule = {"actions": ["notify"], "pattern": "oolong"}
        await self.each(self.rose, f"PUT {rules}/content/tea", body=rule)
        await self.each(self.rose, f"PUT {rules}/content/.tea", f"PUT {rules}/odd/tea", body=rule)
        for path in (
            f"{rules}/content/tea",
            f"{rules}/content/none",
            f"{rules}/override/.m.rule.master",
        ):
            await self.each(self.rose, f"PUT {path}/enabled", body={"enabled": False})
            await self.each(self.rose, f"PUT {path}/actions", body={"actions": []})
            await self.each(self.rose, f"GET {path}", f"GET {path}/enabled", f"GET {path}/actions")
        await self.each(self.rose, f"DELETE {rules}/content/tea", f"DELETE {rules}/content/tea")
        pusher = {
            "kind": "http", "app_id": "tea", "pushkey": "k", "app_display_name": "Tea",
            "lang": "en",
            "device_display_name": "Phone",
            "data": {"url": "https://push.example/_matrix/push/v1/notify"},
        }  # fmt: skip
        await self.each(self.rose, "POST /pushers/set", "GET /pushers", body=pusher)
        await self.each(self.rose, "POST /pushers/set", body={**pusher, "kind": "odd"})
        await self.each(self.rose, "POST /pushers/set", body={**pusher, "kind": None})

    async def share_files(self) -> None:
        client, legacy = "/_matrix/client/v1/media", "/_matrix/media/v3"
        sent = await self.rose.call(
            "POST",
            f"{legacy}/upload?filename=a.png",
            content=_make_png(),
            headers={"Content-Type": "image/png"},
        )
        media = sent.json()["content_uri"].removeprefix("mxc://")
        later = (await self.rose.change("POST", "/_matrix/media/v1/create", {}))["content_uri"]
        path = f"{legacy}/upload/{later.removeprefix('mxc://')}"
        for _ in range(2):
            await self.rose.call("PUT", path, content=b"tea")
        await self.jasmine.call("PUT", f"{path}x", content=b"tea")
        for root in (client, legacy):
            for name in (media, "teahouse.test/none"):
                await self.each(
                    self.rose, f"GET {root}/download/{name}", f"GET {root}/download/{name}/b.png",
                    f"GET {root}/thumbnail/{name}?width=32&height=32",
                    f"GET {root}/thumbnail/{name}?width=x&height=32",
                )  # fmt: skip
            await self.each(self.rose, f"GET {root}/config", f"GET {root}/preview_url?url=http://x")

    async def judge(self) -> None:
        """One of the staff suspends a member; others may not ask whether there is one."""
        suspend = "/_matrix/client/v1/admin/suspend"
        jasmine = quote(self.jasmine.user_id, safe="")
        await self.house.services.db.write(
            accounts.grant_role, self.rose.user_id, "moderator", by=None
        )
        targets = (jasmine, self.me, "@none:teahouse.test", "@peter:elsewhere")
        for target in targets:
            await self.each(self.jasmine, f"GET {suspend}/{target}")
            await self.each(self.rose, f"GET {suspend}/{target}")
            for body in ({"suspended": True}, {"suspended": False}, {}):
                await self.each(self.rose, f"PUT {suspend}/{target}", body=body)
        await self.each(self.rose, f"PUT {suspend}/{jasmine}", body={"suspended": True})
        await self.each(
            self.jasmine, "POST /createRoom", f"PUT /rooms/{self.room}/send/m.room.message/shut",
            f"POST /rooms/{self.room}/join", body={},
        )  # fmt: skip
        await self.each(self.rose, f"PUT {suspend}/{jasmine}", "GET /capabilities",
                        body={"suspended": False})  # fmt: skip

    async def close(self) -> None:
        await self.each(self.rose, "POST /account/password", body={"new_password": "x" * 12})
        changed = {"new_password": "another good password", "logout_devices": False}
        await self.house.confirm("POST", "/account/password", changed, token=self.rose.token)
        await self.house.confirm("POST", "/account/deactivate", {}, token=self.jasmine.token)
        await self.house.log_in("rose", "another good password")
        await self.each(self.rose, "POST /logout/all")


@pytest.fixture(scope="module")
def session(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A session that is over."""
    url = databases.create("sqlite")
    with open_database(url, ManualClock()) as db:
        yield asyncio.run(hold_session(db, tmp_path_factory.mktemp("conformance")))
    databases.drop(url)


async def hold_session(db: Database, data: Path) -> Session:
    """Let a session happen."""
    house = WholeHouse(
        db, data, presence=True,
        turn_uris=["turn:turn.example"], turn_shared_secret="s3cret",
    )  # fmt: skip
    session = Session(house)
    await session.run()
    return session


def test_every_answer_has_the_form_that_the_specification_defines(session: Session) -> None:
    for operation, status in sorted(session.checked.seen):
        print(operation, status)  # noqa: T201 - what was covered
    assert sorted(set(session.checked.faults)) == []


def test_every_operation_that_the_server_has_was_tried_with_success(session: Session) -> None:
    had = {
        f"{route.method} {matrix_spec.anonymous(route.template)}" for route in session.house.routes
    }
    known = {one.shape for one in matrix_spec.load_operations()}
    done = {one.shape for one, status in session.checked.seen if status < 400}
    tried = {one.shape for one, _ in session.checked.seen}
    assert sorted((had & known) - tried - set(NOT_TRIED)) == []
    assert sorted((had & known) - done - set(NOT_TRIED) - set(ALWAYS_REFUSED)) == []


@pytest.mark.parametrize(
    ("request_line", "status", "body"),
    [
        ("GET /_matrix/client/v3/sync", 200, {}),
        ("GET /_matrix/client/v3/sync", 200, {"next_batch": 1}),
        ("GET /_matrix/client/v3/sync", 204, {}),
        ("GET /_matrix/client/v3/rooms/!a:b/messages", 200, {"start": "a", "chunk": [{"type": 1}]}),
        ("GET /_matrix/client/v3/rooms/!a:b/messages", 403, {"error": "no"}),
        ("GET /_matrix/client/v3/rooms/!a:b/messages", 404, {"error": "no"}),
        ("POST /_matrix/client/v3/createRoom", 200, {"room_id": None}),
    ],
)
def test_the_judge_sees_faults(request_line: str, status: int, body: Any) -> None:
    operation = matrix_spec.find_operation(*request_line.split(" "))
    assert operation is not None
    assert matrix_spec.find_faults(operation, httpx.Response(status, json=body))

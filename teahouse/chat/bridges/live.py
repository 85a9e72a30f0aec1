"""The application services of a running server, and how they are called."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import httpx

from teahouse import accounts
from teahouse.chat.bridges.commands import ask_to_push
from teahouse.chat.bridges.errors import AliasReserved, BadRegistration
from teahouse.chat.bridges.rules import check_distinct, parse_registration
from teahouse.chat.bridges.types import Namespace, Registration, excludes, matches
from teahouse.chat.event_store.announcements import EventsAppended
from teahouse.chat.keys.announcements import DeviceListChanged, KeyCountsChanged
from teahouse.chat.receipts.announcements import ReceiptChanged
from teahouse.chat.receipts.types import READ
from teahouse.chat.rooms.queries import find_alias
from teahouse.chat.to_device.announcements import ToDeviceSent
from teahouse.platform.data_map import declare_egress
from teahouse.platform.errors import Overloaded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from teahouse.platform.announcements import Announcement
    from teahouse.platform.db import Database, Tx
    from teahouse.platform.requester import Requester
    from teahouse.platform.settings import Settings

# A transaction must end well within the lease of its job; people wait for a query.
SEND_SECONDS_MAX: Final = 20
QUERY_SECONDS_MAX: Final = 10
# Receipts and typing wait in memory while an application service is away; the last ones count.
EPHEMERAL_MAX: Final = 500


declare_egress(
    __name__,
    receiver="a bridge to another network",
    data=("identifier", "relation"),
    purpose="to ask a bridge for its members and rooms",
    chosen_by="operator",
)


class Mailbox:
    """What one application service has not heard and what need not outlive the server.

    Attributes:
        is_down: whether the last try failed: then only its job's own retry sends.
        looked_at: position up to which nothing is of interest beyond what was sent.
        receipts: changed since the last transaction.
        typing_rooms: where somebody began or stopped typing since then.
        present: whose presence changed since then.
        key_devices: devices that handed out or uploaded keys since then.
    """

    def __init__(self) -> None:
        self.is_down = False
        self.looked_at = 0
        self.receipts: list[ReceiptChanged] = []
        self.typing_rooms: dict[str, None] = {}
        self.present: dict[str, None] = {}
        self.key_devices: dict[tuple[str, str], None] = {}


class Bridges:
    """The application services: who they are, what waits for them, and calls to them.

    Args:
        db: for waking the job that sends.
        registrations: of the operator's files.
    """

    def __init__(self, db: Database, registrations: Iterable[Registration]) -> None:
        self.registrations = {r.id: r for r in registrations}
        self.mailboxes = {id_: Mailbox() for id_ in self.registrations}
        self._db = db
        self._client: httpx.AsyncClient | None = None
        self._asking: set[asyncio.Task[None]] = set()

    # Calls

    async def call(
        self,
        registration: Registration,
        method: str,
        path: str,
        **options: Any,  # noqa: ANN401 - as httpx takes them
    ) -> httpx.Response:
        """Call an application service.

        Args:
            registration: which; it has a `url`.
            method: GET, PUT, POST.
            path: below its `url`.
            options: further arguments of `httpx`.

        Raises:
            httpx.HTTPError: it cannot be reached or does not answer in time.
        """
        assert registration.url is not None
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=SEND_SECONDS_MAX)
        headers = {"Authorization": f"Bearer {registration.hs_token}"}
        url = registration.url + path
        return await self._client.request(method, url, headers=headers, **options)

    async def close(self) -> None:
        """Close the connections to application services."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    # Waking the job

    def follow_appended(self, tx: Tx, _appended: EventsAppended) -> None:
        """Ask for the sending of what was appended, in the same transaction.

        What of it is of interest is found out by the job, so that sending a message costs one
        row here. An application service that is away is left to the retries of its job, or it
        would be called for every message.
        """
        for registration in self.registrations.values():
            if registration.url is not None and not self.mailboxes[registration.id].is_down:
                ask_to_push(tx, registration.id)

    def follow_receipt(self, tx: Tx, changed: ReceiptChanged) -> None:
        """Ask for the sending of a receipt that may be told."""
        for registration in self._curious():
            if changed.receipt_type == READ or registration.owns_user(changed.user_id):
                self._wake(tx, registration)

    def follow_to_device(self, tx: Tx, sent: ToDeviceSent) -> None:
        """Ask for the sending of messages for devices of members in a namespace."""
        for registration in self._curious():
            if registration.owns_user(sent.user_id):
                self._wake(tx, registration)

    def follow_device_list(self, tx: Tx, _changed: DeviceListChanged) -> None:
        """Ask for the sending of whose devices changed."""
        for registration in self._encrypting():
            self._wake(tx, registration)

    def follow_key_counts(self, tx: Tx, changed: KeyCountsChanged) -> None:
        """Ask for the sending of how many keys a device has left."""
        for registration in self._encrypting():
            if registration.owns_user(changed.user_id):
                self._wake(tx, registration)

    def _wake(self, tx: Tx, registration: Registration) -> None:
        if not self.mailboxes[registration.id].is_down:
            ask_to_push(tx, registration.id)

    def hear(self, announcements: list[Announcement], _position: int) -> None:
        """Keep receipts and devices whose keys changed for the next transaction."""
        receipts = [a for a in announcements if isinstance(a, ReceiptChanged)]
        counts = [a for a in announcements if isinstance(a, KeyCountsChanged)]
        if receipts:
            for registration in self._curious():
                kept = self.mailboxes[registration.id].receipts
                kept.extend(receipts)
                del kept[:-EPHEMERAL_MAX]
        for changed in counts:
            for registration in self._encrypting():
                devices = self.mailboxes[registration.id].key_devices
                if registration.owns_user(changed.user_id) and len(devices) < EPHEMERAL_MAX:
                    devices[changed.user_id, changed.device_id] = None

    def hear_typing(self, room_id: str) -> None:
        """Keep a room where typing changed for the next transaction, and ask for it."""
        for registration in self._curious():
            mailbox = self.mailboxes[registration.id]
            if mailbox.is_down or len(mailbox.typing_rooms) >= EPHEMERAL_MAX:
                continue
            mailbox.typing_rooms[room_id] = None
            self._ask_soon(registration)

    def hear_presence(self, user_id: str) -> None:
        """Keep a member whose presence changed for the next transaction, and ask for it."""
        for registration in self._curious():
            mailbox = self.mailboxes[registration.id]
            if mailbox.is_down or len(mailbox.present) >= EPHEMERAL_MAX:
                continue
            mailbox.present[user_id] = None
            self._ask_soon(registration)

    def _ask_soon(self, registration: Registration) -> None:
        task = asyncio.get_running_loop().create_task(self._ask(registration.id))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def settle(self) -> None:
        """Wait until all that was asked for is written (in tests)."""
        await asyncio.gather(*self._asking)

    def _curious(self) -> list[Registration]:
        return [r for r in self.registrations.values() if r.receive_ephemeral and r.url is not None]

    def _encrypting(self) -> list[Registration]:
        return [r for r in self.registrations.values() if r.receive_keys and r.url is not None]

    async def _ask(self, appservice_id: str) -> None:
        # A server under such load has better things to tell.
        with suppress(Overloaded):
            await self._db.write(ask_to_push, appservice_id)

    # Names

    def check_alias(self, alias: str, requester: Requester) -> None:
        """Refuse an alias in the exclusive namespace of another.

        Raises:
            AliasReserved: it is.
        """
        for registration in self.registrations.values():
            if registration.id != requester.appservice_id and excludes(registration.aliases, alias):
                raise AliasReserved

    async def ask_for_user(self, user_id: str) -> None:
        """Ask the application service of a user id that is not known, to make the member."""
        keeper = self._keeper_of("users", user_id)
        if keeper is None or await self._db.read(accounts.member_exists, user_id):
            return
        await self._ask_for(keeper, f"/_matrix/app/v1/users/{quote(user_id, safe='')}")

    async def ask_for_alias(self, alias: str) -> None:
        """Ask the application service of an alias that is not known, to make the room."""
        keeper = self._keeper_of("aliases", alias)
        if keeper is None or await self._db.read(find_alias, alias) is not None:
            return
        await self._ask_for(keeper, f"/_matrix/app/v1/rooms/{quote(alias, safe='')}")

    def _keeper_of(self, kind: str, name: str) -> Registration | None:
        for registration in self.registrations.values():
            namespaces: tuple[Namespace, ...] = getattr(registration, kind)
            if registration.url is not None and matches(namespaces, name):
                return registration
        return None

    async def _ask_for(self, registration: Registration, path: str) -> None:
        # It makes the name by calling us before it answers; whether it did is seen in the
        # database, so an answer that says no or none at all is the same here.
        with suppress(httpx.HTTPError):
            await self.call(registration, "GET", path, timeout=QUERY_SECONDS_MAX)


def load_registrations(settings: Settings) -> list[Registration]:
    """Read the registration files that the operator named.

    Raises:
        BadRegistration: one cannot be read or used.
    """
    found = []
    for file in settings.appservice_files:
        try:
            text = Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise BadRegistration(f"{file}: {reason}.") from None
        found.append(parse_registration(text, file=file, server_name=settings.server_name))
    check_distinct(found)
    return found

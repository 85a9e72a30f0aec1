"""Members' devices as matrix-nio drives them: what an app on nio does around its calls.

Each device syncs in the background like an app that is open; a story waits until something
is true of the device, and never for a length of time.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self

import httpx
import nio
from nio.crypto import OlmDevice, Sas
from nio.crypto.attachments import decrypt_attachment

from tests.kit.homeserver import PASSWORD, Homeserver

# A story that needs longer than this for one step is broken, even on a busy machine.
STEP_SECONDS = 20.0
LONG_POLL_MS = 10_000

ENCRYPTED = {
    "type": "m.room.encryption",
    "state_key": "",
    "content": {"algorithm": "m.megolm.v1.aes-sha2"},
}


class NioDevice:
    """One device of a member: nio's client, its background sync, and what it has seen.

    Attributes:
        nio: the client itself, for whatever a story needs beyond this class.
        seen: every timeline event the device got, decrypted where it could, oldest first.
        ephemeral: every typing notice and receipt the device got, with its room.
        account_data: every account data event of a room the device got, with its room.
    """

    def __init__(self, homeserver: Homeserver, user_id: str, store: Path) -> None:
        config = nio.AsyncClientConfig(
            encryption_enabled=True,
            store_sync_tokens=True,
            max_limit_exceeded=0,
            max_timeouts=0,
        )
        store.mkdir(parents=True, exist_ok=True)
        self.nio = nio.AsyncClient(homeserver.url, user_id, store_path=str(store), config=config)
        self.seen: list[tuple[str, nio.Event]] = []
        self.ephemeral: list[tuple[str, nio.EphemeralEvent]] = []
        self.account_data: list[tuple[str, nio.AccountDataEvent]] = []
        self._changed = asyncio.Condition()
        self._syncing: asyncio.Task[None] | None = None
        self.nio.add_event_callback(self._on_event, nio.Event)
        self.nio.add_ephemeral_callback(self._on_ephemeral, nio.EphemeralEvent)
        self.nio.add_room_account_data_callback(self._on_account_data, nio.AccountDataEvent)
        self.nio.add_response_callback(self._on_response)

    @property
    def user_id(self) -> str:
        """The member's full id."""
        return str(self.nio.user_id)

    @property
    def device_id(self) -> str:
        """The id the server knows this device by."""
        return str(self.nio.device_id)

    async def sign_in(self, password: str = PASSWORD, device_name: str = "nio") -> Self:
        """Sign in with a password and begin to sync.

        Args:
            password: the member's password.
            device_name: how the device shall be called in the list of devices.

        Returns:
            The device itself, its keys uploaded.
        """
        answer = await self.nio.login(password, device_name=device_name)
        assert isinstance(answer, nio.LoginResponse), answer
        return await self.go_online()

    async def go_online(self) -> Self:
        """Begin to sync in the background, from where the device left off.

        Returns:
            The device itself, its keys uploaded.
        """
        assert self._syncing is None
        self._syncing = asyncio.create_task(self.nio.sync_forever(timeout=LONG_POLL_MS))
        await self.until(lambda: self.nio.next_batch and self.nio.olm_account_shared)
        return self

    async def go_offline(self) -> None:
        """Stop to sync, as an app that was closed."""
        if self._syncing is None:
            return
        task, self._syncing = self._syncing, None
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def close(self) -> None:
        """Stop to sync and let go of the connections."""
        await self.go_offline()
        await self.nio.close()

    async def until(self, condition: Callable[[], Any]) -> Any:
        """Wait until something is true of the device.

        Args:
            condition: looked at after each answer of the server.

        Returns:
            What the condition gave, once it is not empty.

        Raises:
            TimeoutError: it did not come true within `STEP_SECONDS`.
            Exception: whatever ended the background sync.
        """
        assert self._syncing is not None
        async with asyncio.timeout(STEP_SECONDS):
            while not (found := condition()):
                # The background sync ends only by a failure, which is what the story must show.
                waiting = asyncio.create_task(self._wait_for_change())
                await asyncio.wait({waiting, self._syncing}, return_when=asyncio.FIRST_COMPLETED)
                if self._syncing.done():
                    waiting.cancel()
                    self._syncing.result()
        return found

    async def create_room(self, *, invite: tuple[str, ...] = (), encrypted: bool = True) -> str:
        """Create a room and wait until it is there.

        Args:
            invite: the full ids of those to invite.
            encrypted: private and end-to-end encrypted from the start, or else open to all,
                since a server may encrypt private rooms of its own accord.

        Returns:
            The room's id.
        """
        answer = await self.nio.room_create(
            preset=nio.RoomPreset.private_chat if encrypted else nio.RoomPreset.public_chat,
            invite=list(invite),
            initial_state=[ENCRYPTED] if encrypted else [],
        )
        assert isinstance(answer, nio.RoomCreateResponse), answer
        room_id = str(answer.room_id)
        await self.until(lambda: room_id in self.nio.rooms)
        # A server may show the room before the last event of its creation.
        await self.until(lambda: self.nio.rooms[room_id].encrypted == encrypted)
        return room_id

    async def accept_invite(self, room_id: str) -> None:
        """Wait for an invitation, join, and wait until the room is there.

        Args:
            room_id: the room of the invitation.
        """
        await self.until(lambda: room_id in self.nio.invited_rooms)
        answer = await self.nio.join(room_id)
        assert isinstance(answer, nio.JoinResponse), answer
        await self.until(lambda: room_id in self.nio.rooms)

    async def until_member(self, room_id: str, user_id: str) -> None:
        """Wait until this device knows that somebody has joined.

        Args:
            room_id: the room.
            user_id: who is to be in it; their devices' keys are known afterwards.
        """
        await self.until(lambda: user_id in self.nio.rooms[room_id].users)
        await self.until_devices_known(user_id, at_least=1)

    async def until_devices_known(self, user_id: str, *, at_least: int) -> list[OlmDevice]:
        """Wait until this device knows the keys of a number of somebody's devices.

        Args:
            user_id: whose devices.
            at_least: how many it must know of.

        Returns:
            The devices it knows of.
        """
        await self.until(lambda: len(self.devices_of(user_id)) >= at_least)
        return self.devices_of(user_id)

    def devices_of(self, user_id: str) -> list[OlmDevice]:
        """List somebody's devices as this device knows them.

        Args:
            user_id: whose devices.

        Returns:
            Those that have not been deleted.
        """
        return list(self.nio.device_store.active_user_devices(user_id))

    async def send_text(self, room_id: str, text: str, **relation: Any) -> str:
        """Send a text, encrypted where the room is.

        Args:
            room_id: the room.
            text: what to say.
            relation: further fields of the content, such as `m.relates_to`.

        Returns:
            The id of the event.
        """
        content = {"msgtype": "m.text", "body": text, **relation}
        return await self.send(room_id, "m.room.message", content)

    async def send(self, room_id: str, event_type: str, content: dict[str, Any]) -> str:
        """Send an event, encrypted where the room is; devices not verified get the keys too.

        Args:
            room_id: the room.
            event_type: its type before encryption.
            content: its content before encryption.

        Returns:
            The id of the event.
        """
        answer = await self.nio.room_send(
            room_id, event_type, content, ignore_unverified_devices=True
        )
        assert isinstance(answer, nio.RoomSendResponse), answer
        return str(answer.event_id)

    async def until_event(self, event_id: str) -> nio.Event:
        """Wait for an event in the timeline.

        Args:
            event_id: which one.

        Returns:
            The event, decrypted if this device has the key.
        """
        return await self.until(lambda: self.event(event_id))

    def event(self, event_id: str) -> nio.Event | None:
        """Find an event among those this device has seen.

        Args:
            event_id: which one.

        Returns:
            The event as it came last, or None.
        """
        return next((e for _, e in reversed(self.seen) if e.event_id == event_id), None)

    async def send_file(self, room_id: str, data: bytes, name: str) -> str:
        """Encrypt a file, upload it and tell the room of it.

        Args:
            room_id: an encrypted room.
            data: the file.
            name: how it is called.

        Returns:
            The id of the event.
        """
        answer, keys = await self.nio.upload(
            io.BytesIO(data),
            content_type="application/octet-stream",
            filename=name,
            encrypt=True,
            filesize=len(data),
        )
        assert isinstance(answer, nio.UploadResponse), answer
        content = {
            "msgtype": "m.file",
            "body": name,
            "file": {**keys, "url": answer.content_uri},
            "info": {"size": len(data), "mimetype": "text/plain"},
        }
        return await self.send(room_id, "m.room.message", content)

    async def open_file(self, event: nio.RoomEncryptedFile) -> bytes:
        """Download the file that an event tells of, and decrypt it.

        Args:
            event: the event, decrypted.

        Returns:
            The file as it was before encryption.
        """
        answer = await self.nio.download(mxc=event.url)
        assert isinstance(answer, nio.MemoryDownloadResponse), answer
        plain = decrypt_attachment(answer.body, event.key["k"], event.hashes["sha256"], event.iv)
        assert isinstance(plain, bytes)
        return plain

    async def stored_event(self, room_id: str, event_id: str) -> dict[str, Any]:
        """Fetch an event as the server holds it, past the client that would decrypt it.

        Args:
            room_id: the room.
            event_id: which one.

        Returns:
            The event.
        """
        return await self.get(f"/_matrix/client/v3/rooms/{room_id}/event/{event_id}")

    async def get(self, path: str) -> dict[str, Any]:
        """Ask the server something that nio has no call for.

        Args:
            path: the path and query after the server's address.

        Returns:
            The decoded answer.
        """
        headers = {"Authorization": f"Bearer {self.nio.access_token}"}
        async with httpx.AsyncClient(base_url=self.nio.homeserver, headers=headers) as client:
            answer = await client.get(path)
        assert answer.status_code == httpx.codes.OK, answer.text
        return dict(answer.json())

    def sas_with(self, other: "NioDevice") -> Sas | None:
        """Find the verification under way with another device.

        Args:
            other: the other device.

        Returns:
            The verification, or None where there is none.
        """
        return self.nio.get_active_sas(other.user_id, other.device_id)

    def trusts(self, other: "NioDevice") -> bool:
        """Tell whether this device has verified another.

        Args:
            other: the other device.

        Returns:
            Whether it has.
        """
        device = self.nio.device_store[other.user_id].get(other.device_id)
        return device is not None and bool(device.verified)

    async def _wait_for_change(self) -> None:
        async with self._changed:
            await self._changed.wait()

    async def _on_event(self, room: nio.MatrixRoom, event: nio.Event) -> None:
        if isinstance(event, nio.Event):
            self.seen.append((room.room_id, event))

    async def _on_ephemeral(self, room: nio.MatrixRoom, event: nio.EphemeralEvent) -> None:
        self.ephemeral.append((room.room_id, event))

    async def _on_account_data(self, room: nio.MatrixRoom, event: nio.AccountDataEvent) -> None:
        self.account_data.append((room.room_id, event))

    async def _on_response(self, _response: nio.Response) -> None:
        async with self._changed:
            self._changed.notify_all()


class NioDevices:
    """Opens the devices of a story, and closes them all at its end."""

    def __init__(self, homeserver: Homeserver, stores: Path, stack: AsyncExitStack) -> None:
        self.homeserver = homeserver
        self._stores = stores
        self._stack = stack
        self._opened = 0

    async def member(self, name: str) -> NioDevice:
        """Register a member and sign in on a first device.

        Args:
            name: what the local part of the id shall begin with.

        Returns:
            The device, syncing.
        """
        user_id = self.homeserver.register(self.homeserver.new_name(name))
        return await self.sign_in(user_id)

    async def sign_in(self, user_id: str, device_name: str = "nio") -> NioDevice:
        """Sign in on one more device of a member.

        Args:
            user_id: the member's full id.
            device_name: how the device shall be called in the list of devices.

        Returns:
            The device, syncing.
        """
        return await self.device(user_id).sign_in(device_name=device_name)

    def device(self, user_id: str) -> NioDevice:
        """Take a device out of its box: it is not signed in.

        Args:
            user_id: whose it shall be.

        Returns:
            The device; it is closed at the end of the story.
        """
        self._opened += 1
        device = NioDevice(self.homeserver, user_id, self._stores / str(self._opened))
        self._stack.push_async_callback(device.close)
        return device


@asynccontextmanager
async def nio_devices(homeserver: Homeserver, stores: Path) -> AsyncIterator[NioDevices]:
    """Let a story open devices.

    Args:
        homeserver: where they sign in.
        stores: an empty folder for their keys.

    Yields:
        What opens them.
    """
    async with AsyncExitStack() as stack:
        yield NioDevices(homeserver, stores, stack)


async def two_in_a_room(devices: NioDevices) -> tuple[NioDevice, NioDevice, str]:
    """Bring two new members together in an encrypted room.

    Args:
        devices: what opens their devices.

    Returns:
        The device of the room's creator, that of who was invited, and the room's id; the
        creator knows the other's keys.
    """
    alice, bob = await devices.member("alice"), await devices.member("bob")
    room_id = await alice.create_room(invite=(bob.user_id,))
    await bob.accept_invite(room_id)
    await alice.until_member(room_id, bob.user_id)
    return alice, bob, room_id


async def verify_by_sas(asking: NioDevice, asked: NioDevice) -> list[tuple[str, str]]:
    """Verify two devices by comparing emoji, until each trusts the other.

    Args:
        asking: the device that begins; it knows the other's keys.
        asked: the device that accepts.

    Returns:
        The emoji that both sides saw.
    """
    await start_sas(asking, asked)
    await asking.until(lambda: (sas := asking.sas_with(asked)) and sas.established_sas)
    await asked.until(lambda: (sas := asked.sas_with(asking)) and sas.established_sas)
    emoji = [_sas(asking, asked).get_emoji(), _sas(asked, asking).get_emoji()]
    assert emoji[0] == emoji[1]
    for one, other in ((asking, asked), (asked, asking)):
        answer = await one.nio.confirm_short_auth_string(_sas(one, other).transaction_id)
        assert isinstance(answer, nio.ToDeviceResponse), answer
    await asking.until(lambda: asking.trusts(asked))
    await asked.until(lambda: asked.trusts(asking))
    return list(emoji[0])


async def start_sas(asking: NioDevice, asked: NioDevice) -> str:
    """Begin to verify, up to where the other side has accepted.

    Args:
        asking: the device that begins; it knows the other's keys.
        asked: the device that accepts.

    Returns:
        The id of the verification.
    """
    await asked.until(lambda: asking.device_id in asked.nio.device_store[asking.user_id])
    await asking.until(lambda: asked.device_id in asking.nio.device_store[asked.user_id])
    device = asking.nio.device_store[asked.user_id][asked.device_id]
    answer = await asking.nio.start_key_verification(device)
    assert isinstance(answer, nio.ToDeviceResponse), answer
    sas = await asked.until(lambda: asked.sas_with(asking))
    answer = await asked.nio.accept_key_verification(sas.transaction_id)
    assert isinstance(answer, nio.ToDeviceResponse), answer
    return str(sas.transaction_id)


def _sas(one: NioDevice, other: NioDevice) -> Sas:
    sas = one.sas_with(other)
    assert sas is not None
    return sas

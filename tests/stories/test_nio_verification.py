"""Devices on matrix-nio verify one another by comparing emoji; the server only carries it."""

import nio
import pytest

from tests.kit.clients import NioDevices, start_sas, two_in_a_room, verify_by_sas

pytestmark = pytest.mark.anyio


async def test_two_members_verify_each_other_by_emoji(devices: NioDevices) -> None:
    alice, bob, _ = await two_in_a_room(devices)
    assert not alice.trusts(bob)
    assert not bob.trusts(alice)

    emoji = await verify_by_sas(alice, bob)

    assert len(emoji) == 7
    assert alice.trusts(bob)
    assert bob.trusts(alice)


async def test_two_devices_of_one_member_verify_each_other_by_emoji(
    devices: NioDevices,
) -> None:
    phone = await devices.member("alice")
    tablet = await devices.sign_in(phone.user_id, device_name="tablet")
    # nio follows the devices of those it shares an encrypted room with, itself included.
    await phone.create_room()
    await phone.until_devices_known(phone.user_id, at_least=1)
    await tablet.until_devices_known(phone.user_id, at_least=1)

    emoji = await verify_by_sas(tablet, phone)

    assert len(emoji) == 7
    assert phone.trusts(tablet)
    assert tablet.trusts(phone)


async def test_a_member_who_sees_other_emoji_cancels_and_nobody_is_trusted(
    devices: NioDevices,
) -> None:
    alice, bob, _ = await two_in_a_room(devices)
    transaction_id = await start_sas(alice, bob)
    ours = await alice.until(lambda: (sas := alice.sas_with(bob)) and sas.established_sas and sas)
    await bob.until(lambda: (sas := bob.sas_with(alice)) and sas.established_sas)

    answer = await bob.nio.cancel_key_verification(transaction_id, reject=True)
    assert isinstance(answer, nio.ToDeviceResponse), answer
    await alice.until(lambda: ours.canceled)

    assert alice.sas_with(bob) is None
    assert not alice.trusts(bob)
    assert not bob.trusts(alice)


async def test_a_verified_second_device_gets_an_old_key_by_asking_for_it(
    devices: NioDevices,
) -> None:
    alice, bob, room_id = await two_in_a_room(devices)
    old = await alice.send_text(room_id, "Said before the tablet was bought")
    await bob.until_event(old)
    tablet = await devices.sign_in(bob.user_id, device_name="tablet")
    sealed = await tablet.until_event(old)
    await verify_by_sas(tablet, bob)
    # The key travels in an Olm session; writing to the tablet once makes sure there is one.
    await tablet.until_event(await bob.send_text(room_id, "Welcome, tablet"))

    assert isinstance(sealed, nio.MegolmEvent)
    answer = await tablet.nio.request_room_key(sealed)
    assert isinstance(answer, nio.RoomKeyRequestResponse), answer
    opened = await tablet.until(lambda: _opened(tablet.nio, sealed))

    assert opened.body == "Said before the tablet was bought"


def _opened(client: nio.AsyncClient, sealed: nio.MegolmEvent) -> nio.Event | None:
    try:
        return client.decrypt_event(sealed)
    except nio.EncryptionError:
        return None

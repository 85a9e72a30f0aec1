"""Members on matrix-nio register, sign in, look after their devices and sign out."""

import nio
import pytest

from tests.kit.clients import NioDevices
from tests.kit.homeserver import PASSWORD

pytestmark = pytest.mark.anyio


async def test_a_member_registers_from_the_client_and_is_signed_in(
    devices: NioDevices,
) -> None:
    name = devices.homeserver.new_name("carol")
    device = devices.device(name)

    answer = await device.nio.register(name, PASSWORD, "phone")
    assert isinstance(answer, nio.RegisterResponse), answer
    who = await device.nio.whoami()

    assert answer.user_id == f"@{name}:{devices.homeserver.server_name}"
    assert (who.user_id, who.device_id) == (answer.user_id, answer.device_id)


async def test_a_wrong_password_opens_nothing(devices: NioDevices) -> None:
    user_id = devices.homeserver.register(devices.homeserver.new_name("alice"))
    device = devices.device(user_id)

    answer = await device.nio.login("not the password")

    assert isinstance(answer, nio.LoginError)
    assert answer.status_code == "M_FORBIDDEN"
    assert not device.nio.logged_in


async def test_a_device_is_listed_renamed_and_removed(devices: NioDevices) -> None:
    phone = await devices.member("alice")
    tablet = await devices.sign_in(phone.user_id, device_name="tablet")
    assert await _device_names(phone.nio) == {
        phone.device_id: "nio",
        tablet.device_id: "tablet",
    }

    await phone.nio.update_device(tablet.device_id, {"display_name": "kitchen tablet"})
    assert (await _device_names(phone.nio))[tablet.device_id] == "kitchen tablet"

    await tablet.go_offline()
    asked = await phone.nio.delete_devices([tablet.device_id])
    assert isinstance(asked, nio.DeleteDevicesAuthResponse), asked
    auth = {
        "type": "m.login.password",
        "session": asked.session,
        "identifier": {"type": "m.id.user", "user": phone.user_id},
        "password": PASSWORD,
    }
    answer = await phone.nio.delete_devices([tablet.device_id], auth)
    assert isinstance(answer, nio.DeleteDevicesResponse), answer
    assert set(await _device_names(phone.nio)) == {phone.device_id}
    refused = await tablet.nio.whoami()
    assert isinstance(refused, nio.WhoamiError)
    assert refused.status_code == "M_UNKNOWN_TOKEN"


async def test_a_device_that_signed_out_is_a_stranger(devices: NioDevices) -> None:
    phone = await devices.member("alice")
    tablet = await devices.sign_in(phone.user_id)
    token = tablet.nio.access_token

    await tablet.go_offline()
    assert isinstance(await tablet.nio.logout(), nio.LogoutResponse)
    tablet.nio.access_token = token
    refused = await tablet.nio.whoami()

    assert isinstance(refused, nio.WhoamiError)
    assert refused.status_code == "M_UNKNOWN_TOKEN"
    assert set(await _device_names(phone.nio)) == {phone.device_id}


async def test_a_name_and_a_picture_are_seen_by_others(devices: NioDevices) -> None:
    alice, bob = await devices.member("alice"), await devices.member("bob")
    room_id = await alice.create_room(invite=(bob.user_id,))
    await bob.accept_invite(room_id)

    await alice.nio.set_displayname("Alice of the Teapots")
    await alice.nio.set_avatar("mxc://example.org/teapot")
    await bob.until(
        lambda: bob.nio.rooms[room_id].avatar_url(alice.user_id) == "mxc://example.org/teapot"
    )
    profile = await bob.nio.get_profile(alice.user_id)

    assert bob.nio.rooms[room_id].user_name(alice.user_id) == "Alice of the Teapots"
    assert profile.displayname == "Alice of the Teapots"
    assert profile.avatar_url == "mxc://example.org/teapot"


async def _device_names(client: nio.AsyncClient) -> dict[str, str]:
    answer = await client.devices()
    assert isinstance(answer, nio.DevicesResponse), answer
    return {device.id: device.display_name for device in answer.devices}

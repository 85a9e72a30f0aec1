"""Calls between two browsers, with made-up cameras and microphones."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.kit.server import Server, start_server
from tests.kit.turn import TurnServer, start_turn
from tests.web.browsers import CHROMIUM, PHONE, Person, Town

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("browsers")]

# Keeps the page's connections, so that their own counts of what arrived can be read; and lets a
# story stop them from reaching each other in any way but by the TURN server.
_KEEP_CONNECTIONS = """
  window.connections = [];
  window.iceTransportPolicy = "all";
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(given) {
      super({ ...given, iceTransportPolicy: window.iceTransportPolicy });
      window.connections.push(this);
    }
  };
"""
_COUNT_ARRIVED = """async (kind) => {
  let bytes = 0;
  for (const connection of window.connections) {
    for (const report of (await connection.getStats()).values()) {
      if (report.type === "inbound-rtp" && report.kind === kind) bytes += report.bytesReceived;
    }
  }
  return bytes;
}"""
# The kinds of candidates of all pairs that the newest connection has sent anything by.
_FIND_WAYS = """async () => {
  const reports = await window.connections.at(-1).getStats();
  return [...reports.values()]
    .filter(({ type, bytesSent }) => type === "candidate-pair" && bytesSent > 0)
    .flatMap(({ localCandidateId: own, remoteCandidateId: other }) =>
      [own, other].map((id) => reports.get(id).candidateType));
}"""
# Whether the device shows just these notices.
_NOTICES_ARE = """async (wanted) => {
  const worker = await navigator.serviceWorker.ready;
  const shown = (await worker.getNotifications()).map(({ title }) => title);
  return JSON.stringify(shown) === JSON.stringify(wanted);
}"""


@pytest.fixture(scope="module")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TurnServer]:
    """The TURN server that an operator would run beside the house."""
    with start_turn(tmp_path_factory.mktemp("turn")) as running:
        yield running


@pytest.fixture(scope="module")
def server(
    built: None, turn: TurnServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A house that gives its members credentials of the TURN server."""
    del built
    folder = tmp_path_factory.mktemp("calls") / "data"
    settings = {"turn_uris": turn.uri, "turn_shared_secret": turn.secret}
    with start_server(folder, **settings) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium with a camera that shows a ball and a microphone that beeps."""
    flags = ["no-sandbox", "disable-gpu", "use-fake-device-for-media-stream"]
    flags.append("use-fake-ui-for-media-stream")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[f"--{flag}" for flag in flags]
        )
        yield opened
        await opened.close()


async def hears(person: Person, kind: str) -> int:
    """Wait until sound or pictures arrive at somebody; how many bytes did."""
    for _ in range(100):
        arrived: int = await person.page.evaluate(_COUNT_ARRIVED, kind)
        if arrived > 0:
            return arrived
        await person.page.wait_for_timeout(100)
    raise AssertionError(f"no {kind} arrived at {person.name}")


async def test_two_members_talk_see_each_other_and_hang_up(town: Town, turn: TurnServer) -> None:
    lin, bao = await town.member("lin"), await town.member("bao", viewport=PHONE)
    for person in (lin, bao):
        await person.context.add_init_script(_KEEP_CONNECTIONS)
    await lin.start_chat(bao)
    await bao.accept_chat(lin)
    await bao.page.reload()
    await lin.page.reload()

    await lin.button("Voice call").click()
    await expect(lin.page.get_by_text("Ringing…")).to_be_visible()
    ringing = bao.page.get_by_role("dialog", name=f"{lin.name} is calling")
    await expect(ringing).to_be_visible()
    await bao.has_no_barriers()
    await bao.button("Accept").click()
    for person in (lin, bao):
        await hears(person, "audio")
    await expect(lin.page.get_by_role("dialog").get_by_text("0:0")).to_be_visible()

    await lin.button("Turn the microphone off").click()
    await expect(lin.button("Turn the microphone on")).to_be_visible()
    await lin.button("Turn the camera on").click()
    await hears(bao, "video")
    await expect(bao.page.get_by_label(f"{lin.name}'s camera")).to_be_visible()
    await lin.button("Turn the camera off").click()
    await expect(bao.page.get_by_label(f"{lin.name}'s camera")).to_have_count(0)
    await bao.has_no_barriers()

    await bao.button("Back to the chat").click()
    await bao.write("I hear you, and can write too")
    await bao.button("Hang up").click()
    await expect(lin.page.get_by_role("dialog")).to_have_count(0)
    for person in (lin, bao):
        await expect(person.message("Call, 0:")).to_be_visible()

    # Now as behind the routers of two homes: all goes by the TURN server.
    for person in (lin, bao):
        await person.page.evaluate("window.iceTransportPolicy = 'relay'")
    await bao.button("Video call").click()
    await lin.button("Accept with video").click()
    for person in (lin, bao):
        await hears(person, "video")
        await expect(person.page.get_by_label("Your camera")).to_be_visible()
        assert set(await person.page.evaluate(_FIND_WAYS)) == {"relay"}
        assert f"{person.user_id}>: incoming packet ALLOCATE processed, success" in (
            turn.log.read_text()
        )
    await lin.button("Hang up").click()
    await expect(bao.message("Video call, 0:")).to_be_visible()


async def test_a_call_is_declined_and_another_one_missed(town: Town) -> None:
    lin, bao = await town.member("lin"), await town.member("bao", viewport=PHONE)
    await lin.start_chat(bao)
    await bao.accept_chat(lin)
    # Who is elsewhere is told by the device, once they have allowed it.
    chat = bao.page.url
    await bao.context.grant_permissions(["notifications"])
    await bao.go("/me/appearance")
    switch = bao.page.get_by_role("switch", name="Show me who calls")
    await switch.click()
    await expect(switch).to_be_checked()
    await bao.page.goto(chat)
    await expect(bao.page.get_by_label("Message", exact=True)).to_be_visible()
    await bao.page.evaluate("document.hasFocus = () => false")

    await lin.button("Voice call").click()
    await bao.page.wait_for_function(_NOTICES_ARE, arg=[f"{lin.name} is calling"])
    await bao.button("Decline").click()
    await bao.page.wait_for_function(_NOTICES_ARE, arg=[])
    await expect(lin.page.get_by_text("The call was declined")).to_be_visible()
    for person in (lin, bao):
        await expect(person.message("Call declined")).to_be_visible()

    await lin.button("Video call").click()
    await expect(bao.page.get_by_role("dialog")).to_be_visible()
    await lin.button("Hang up").click()
    await expect(bao.page.get_by_role("dialog")).to_have_count(0)
    await expect(bao.message(f"Missed video call from {lin.name}")).to_be_visible()
    await expect(lin.message("Video call: no answer")).to_be_visible()

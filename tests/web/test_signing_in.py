"""What opens an account, in the browser: passkeys, one-time codes, other clients, new devices."""

import io
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pyotp
import pytest
from PIL import Image
from playwright.async_api import Browser, Page, Route, async_playwright, expect

from teahouse.accounts import CheckKind, NewCheck, record_identity_check
from teahouse.accounts.second_factors.access import load_seal
from teahouse.platform.chance import Chance
from tests.kit.server import Server, start_server
from tests.web.browsers import CHROMIUM, PASSWORD, PHONE, Person, Town

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("browsers")]


async def plug_in_authenticator(page: Page) -> None:
    """Give a page's browser an authenticator that its owner unlocks at once."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.fixture(scope="module")
def near(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A house under the name by which browsers allow passkeys without TLS."""
    del built
    folder = tmp_path_factory.mktemp("near") / "data"
    rules = {"wallet_rule_set": "pboc-2015"}
    with start_server(folder, public_url="http://localhost", **rules) as running:
        yield replace(running, url=running.url.replace("127.0.0.1", "localhost"))


@pytest.fixture
async def village(near: Server, browser: Browser) -> AsyncIterator[Town]:
    """The members of that house; none of their pages may have reported an error."""
    made = Town(near, browser)
    yield made
    assert made.troubles == []


async def prove(person: Person) -> None:
    """Answer the question whether it is them with the password."""
    dialog = person.page.get_by_role("dialog", name="Is it you?")
    await dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    await dialog.get_by_role("button", name="Continue").click()


async def add_passkey(person: Person, name: str) -> None:
    """Add a passkey on Me > Security."""
    await person.go("/me/security")
    await person.page.get_by_text("Add a passkey").click()
    await person.page.get_by_label("Name of the passkey").fill(name)
    await person.button("Continue").click()
    await prove(person)
    await expect(person.page.get_by_role("button", name=re.compile(name))).to_be_visible()


async def sign_out(person: Person) -> None:
    """Leave, as from a shared device."""
    await person.go("/me")
    await person.button("Sign out").click()
    await person.page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    await expect(person.page.get_by_role("heading", name="Welcome back")).to_be_visible()


async def test_a_passkey_is_added_named_signed_in_with_and_removed(village: Town) -> None:
    lin = await village.open(viewport=PHONE)
    await plug_in_authenticator(lin.page)
    await lin.sign_up("passkeylin")
    await add_passkey(lin, "Blue phone")

    await lin.page.get_by_role("button", name=re.compile("Blue phone")).click()
    await lin.page.get_by_label("Name of the passkey").fill("Green phone")
    await lin.button("Save").click()
    await expect(lin.page.get_by_text("Green phone")).to_be_visible()

    await sign_out(lin)
    await lin.button("Sign in with a passkey").click()
    await expect(lin.page.get_by_role("navigation", name="Main")).to_be_visible()

    # It lets the wallet go again, which takes two factors.
    village.give(lin.user_id, 5_000)
    await lin.go("/me/freeze")
    await lin.button("Freeze my wallets").click()
    await lin.button("Freeze now").click()
    await lin.button("Let it go again").click()
    await lin.button("Confirm with passkey").click()
    await expect(lin.page.get_by_test_id("freeze")).to_contain_text("Over")

    # Something grave is confirmed with it too.
    await lin.go("/me/security")
    await lin.page.get_by_role("button", name=re.compile("Green phone")).click()
    await lin.button("Remove passkey").click()
    await lin.button("Remove passkey").click()
    await lin.button("Use a passkey").click()
    await expect(lin.page.get_by_text("Green phone")).to_have_count(0)

    await sign_out(lin)
    await lin.button("Sign in with a passkey").click()
    await expect(lin.page.get_by_text("opens no account here")).to_be_visible()
    await lin.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await lin.page.get_by_label("Name", exact=True).fill("passkeylin")
    await lin.button("Sign in").click()
    await expect(lin.page.get_by_role("navigation", name="Main")).to_be_visible()


async def test_a_payment_to_somebody_new_is_confirmed_by_passkey(village: Town) -> None:
    lin, bao = await village.open(), await village.member("payee")
    await plug_in_authenticator(lin.page)
    await lin.sign_up("payer")
    await add_passkey(lin, "Laptop")
    village.give(lin.user_id, 100_000)
    confirm_identity(village, lin)

    await lin.go(f"/contacts/{quote(bao.user_id)}")
    await lin.button("Pay").click()
    await lin.page.get_by_label("Amount").fill("800")
    await lin.button("Pay ¥800.00").click()
    confirming = lin.page.get_by_role("dialog", name="Confirm payment")
    await expect(confirming).to_contain_text("You have never paid this payee")
    await lin.has_no_barriers()
    await confirming.get_by_role("button", name="Confirm with passkey").click()
    await expect(lin.page.get_by_text("Paid", exact=True)).to_be_visible()
    await bao.go("/me/wallet")
    await expect(bao.page.get_by_test_id("balance-CNY")).to_have_text("¥800.00")


def confirm_identity(town: Town, person: Person) -> None:
    """Let three outside sources say who somebody is, so that they may pay more than little."""
    seal = load_seal(town.server.data_dir / "keys/accounts.key", Chance())
    kinds: list[CheckKind] = ["id_card_registry", "bank_account", "phone_operator"]
    with town.database() as db:
        for kind in kinds:
            new = NewCheck(kind=kind, provider="a register", evidence="file 7")
            db.run(record_identity_check, person.user_id, new, seal=seal, by=None)


async def test_what_may_be_allowed_is_off_at_sign_up_and_allowed_where_it_is_turned_on(
    town: Town,
) -> None:
    lin = await town.open(viewport=PHONE)
    await lin.go("/sign-up")
    switches = lin.page.get_by_role("switch")
    await expect(switches).to_have_count(2)
    for index in range(2):
        await expect(switches.nth(index)).not_to_be_checked()
    await lin.page.get_by_role("switch", name="Send reports when the app fails").check()
    await lin.page.get_by_label("Name", exact=True).fill("choosy")
    await lin.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await lin.button("Create an account").click()
    await expect(lin.page.get_by_role("navigation", name="Main")).to_be_visible()
    states = await lin.page.evaluate(
        """async () => {
          const { accessToken } = JSON.parse(localStorage.getItem("teahouse.session"));
          const headers = { Authorization: `Bearer ${accessToken}` };
          const found = await (await fetch("/api/v1/privacy/consents", { headers })).json();
          return Object.fromEntries(found.map(({ purpose, state }) => [purpose, state]));
        }"""
    )
    assert states == {"diagnostics": "given", "contact_suggestions": "none"}


async def test_one_time_codes_are_set_up_and_asked_for_and_recovery_codes_replace_them(
    town: Town,
) -> None:
    lin = await town.member("codes")
    await lin.go("/me/security")
    await lin.page.get_by_text("Set up one-time codes").click()
    await lin.button("Continue").click()
    await prove(lin)
    secret = (await lin.page.get_by_test_id("totp-secret").inner_text()).replace(" ", "")
    await expect(lin.page.get_by_role("img", name="Code for the authenticator app")).to_be_visible()
    totp = pyotp.TOTP(secret)
    await lin.page.get_by_label("Code that the app shows").fill("000000")
    await lin.button("Turn on one-time codes").click()
    await expect(lin.page.get_by_text("The code is wrong")).to_be_visible()
    used = totp.now()
    await lin.page.get_by_label("Code that the app shows").fill(used)
    await lin.button("Turn on one-time codes").click()
    codes = (await lin.page.get_by_test_id("recovery-codes").inner_text()).split()
    assert len(codes) == 10
    async with lin.page.expect_download() as saving:
        await lin.button("Save as file").click()
    saved = await (await saving.value).path()
    assert saved.read_text().split() == codes
    await lin.button("I have kept them").click()
    await expect(lin.page.get_by_text("10 left")).to_be_visible()

    other = await town.open(viewport=PHONE)
    await other.go("/sign-in")
    await other.page.get_by_label("Name", exact=True).fill(lin.name)
    await other.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await other.button("Sign in").click()
    await other.page.get_by_label("One-time code").fill(used)
    await other.button("Sign in").click()
    await expect(other.page.get_by_text("used before")).to_be_visible()
    # The step after the one used counts already: clocks differ.
    await other.page.get_by_label("One-time code").fill(totp.at(time.time() + 30))
    await other.button("Sign in").click()
    await expect(other.page.get_by_role("navigation", name="Main")).to_be_visible()

    # Both factors are asked for before something grave: here with a code that was kept.
    await lin.page.reload()
    await lin.page.get_by_role("button", name=re.compile("^One-time codes")).click()
    await lin.button("Turn off one-time codes").click()
    await prove(lin)
    await lin.page.get_by_role("textbox", name="One-time code").fill(codes[0])
    await (
        lin.page.get_by_role("dialog", name="Is it you?")
        .get_by_role("button", name="Continue")
        .click()
    )
    await expect(lin.page.get_by_text("Set up one-time codes")).to_be_visible()


async def test_devices_are_removed_and_a_new_password_signs_the_others_out(town: Town) -> None:
    lin = await town.member("devices")
    others = [await town.open(viewport=PHONE) for _ in range(2)]
    for other in others:
        await other.sign_in(lin.name)

    await lin.go("/me/devices")
    await expect(lin.page.get_by_text("Not verified")).to_have_count(2)
    await lin.button("Sign out all other devices").click()
    await (
        lin.page.get_by_role("dialog")
        .get_by_role("button", name="Sign out all other devices")
        .click()
    )
    await prove(lin)
    await expect(lin.page.get_by_text("Not verified")).to_have_count(0)
    for other in others:
        await expect(other.page.get_by_role("heading", name="Welcome back")).to_be_visible()
        await other.sign_in(lin.name)

    await lin.go("/me/security")
    await lin.page.get_by_text("Change password").click()
    change = lin.page.get_by_role("dialog").get_by_role("button", name="Change password")
    await lin.page.get_by_label("New password").fill("iloveyou")
    await change.click()
    await expect(lin.page.get_by_text("Many people use this password")).to_be_visible()
    await lin.page.get_by_label("New password").fill("another kettle altogether")
    await change.click()
    await prove(lin)
    await expect(lin.page.get_by_text("The password is changed")).to_be_visible()
    for other in others:
        await expect(other.page.get_by_role("heading", name="Welcome back")).to_be_visible()
    town.troubles.clear()  # the SDK reports each request of a device that was signed out


async def test_another_client_is_let_in_on_our_page_only_when_the_member_agrees(
    town: Town,
) -> None:
    lin = await town.member("sso")
    address = "http://localhost:9/app?x=1#/home"
    path = f"/_matrix/client/v3/login/sso/redirect?redirectUrl={quote(address, safe='')}"
    led: list[str] = []
    visitor = await town.open(viewport=PHONE)

    async def welcome(route: Route) -> None:
        led.append(route.request.url)
        await route.fulfill(body="in")

    await visitor.page.route("http://localhost:9/**", welcome)
    await visitor.go(path)
    await expect(visitor.page.get_by_test_id("sso-client")).to_have_text("http://localhost:9")
    await visitor.page.get_by_label("Name", exact=True).fill(lin.name)
    await visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await visitor.button("Sign in").click()
    await expect(visitor.page.get_by_text(f"read and write as {lin.user_id}")).to_be_visible()
    await visitor.has_no_barriers()
    assert led == []
    await visitor.button("Yes, go on").click()
    await visitor.page.wait_for_url("http://localhost:9/**")

    place = urlsplit(visitor.page.url)
    query = parse_qs(place.query)
    assert (place.path, query["x"], place.fragment) == ("/app", ["1"], "/home")
    body = {"type": "m.login.token", "token": query["loginToken"][0]}
    async with httpx.AsyncClient(base_url=town.server.url) as client:
        first = await client.post("/_matrix/client/v3/login", json=body)
        assert first.json()["user_id"] == lin.user_id
        assert (await client.post("/_matrix/client/v3/login", json=body)).status_code == 403

    await visitor.go("/sign-in/app?redirectUrl=javascript:alert(1)")
    await expect(visitor.page.get_by_text("gave no address that could be used")).to_be_visible()


async def test_a_client_that_knows_no_way_in_shows_our_page_and_takes_the_answer(
    town: Town,
) -> None:
    lin = await town.member("fallback")
    inside = await town.open(viewport=PHONE)
    await inside.go("/_matrix/static/client/login/?device_id=OLDPHONE")
    await inside.page.evaluate("window.onLogin = (answer) => { window.answer = answer; }")
    await inside.page.get_by_label("Name", exact=True).fill(lin.name)
    await inside.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await inside.button("Sign in").click()
    await expect(inside.page.get_by_text("Go back to your app")).to_be_visible()
    answer = await inside.page.evaluate("window.answer")
    assert (answer["user_id"], answer["device_id"]) == (lin.user_id, "OLDPHONE")
    assert answer["access_token"]


async def test_a_second_device_is_verified_by_a_scanned_code(town: Town, tmp_path: Path) -> None:
    laptop = await town.member("scanned")
    film = tmp_path / "camera.mjpeg"
    async with async_playwright() as playwright:
        flags = ["use-fake-device-for-media-stream", "use-fake-ui-for-media-stream"]
        flags += [f"use-file-for-fake-video-capture={film}", "no-sandbox", "disable-gpu"]
        with_camera = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[f"--{flag}" for flag in flags]
        )
        phone = await Town(town.server, with_camera, town.troubles).open(viewport=PHONE)
        await phone.sign_in(laptop.name)
        await phone.go("/me/security")
        await phone.button("With another device").click()
        await laptop.button("Start").click()
        shown = laptop.page.get_by_role("img", name="Scan this with your other device.")
        await expect(shown).to_be_visible()
        film.write_bytes(_film(await shown.screenshot()))
        await phone.button("Scan the other device's code").click()
        await laptop.button("Yes, it does").click()
        for who in (phone, laptop):
            await expect(who.page.get_by_text("trust one another")).to_be_visible()
        await phone.button("Done").click()
        await phone.go("/me/devices")
        await expect(phone.page.get_by_text("Verified", exact=True)).to_have_count(2)
        await with_camera.close()


def _film(picture: bytes) -> bytes:
    """A film of one picture, as a camera would see it."""
    seen = Image.new("RGB", (640, 480), "white")
    code = Image.open(io.BytesIO(picture)).convert("RGB").resize((420, 420))
    seen.paste(code, (110, 30))
    frame = io.BytesIO()
    seen.save(frame, "JPEG", quality=95)
    return frame.getvalue() * 10

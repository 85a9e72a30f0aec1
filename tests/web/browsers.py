"""Members in browsers of their own: what a story does again and again."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from teahouse.platform.chance import Chance
from teahouse.platform.clock import SystemClock
from teahouse.platform.db import Database, sqlite_url
from teahouse.platform.money import Currency, Money
from tests.kit.server import Server
from tests.kit.wallet_house import fund

CHROMIUM = "/usr/bin/chromium"
PASSWORD = "a kettle that never boils dry"
# Starting WebAssembly crypto takes seconds on a machine shared with other tests.
STEP_MS = 30_000
PHONE = {"width": 390, "height": 780}
LAPTOP = {"width": 1280, "height": 800}

AXE = Path(__file__).parent.parent.parent / "web/node_modules/axe-core/axe.min.js"
# What browsers say of their own and mean no harm; anything else fails a story.
# The SDK closes its crypto while the last answer of the server may still be on its way to it.
# Mini-programs' pages come with a directive of CSP level 3 that Chromium does not know yet.
_HARMLESS = re.compile(r"Failed to load resource|null pointer passed to rust|directive 'webrtc'")

_FIND_BARRIERS = """async () => {
  const values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations } = await axe.run(document, { runOnly: { type: "tag", values } });
  return violations.map(({ id, nodes }) =>
    `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`);
}"""

_names = count(1)
expect.set_options(timeout=STEP_MS)


@dataclass
class Town:
    """The house and everybody who came to it."""

    server: Server
    browser: Browser
    troubles: list[str] = field(default_factory=list)

    async def open(self, *, locale: str = "en", **screen: Any) -> "Person":
        """Somebody with a browser of their own who has not signed in yet."""
        context = await self.browser.new_context(
            locale=locale, **{"viewport": LAPTOP, "reduced_motion": "reduce", **screen}
        )
        context.set_default_timeout(STEP_MS)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(f"{error}"))
        page.on("console", self._listen)
        return Person(self, context, page, locale)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _HARMLESS.search(message.text):
            self.troubles.append(message.text)

    async def member(self, name: str, **screen: Any) -> "Person":
        """A new member, signed up in the browser."""
        person = await self.open(**screen)
        await person.sign_up(f"{name}{next(_names)}")
        return person

    def give(self, user_id: str, minor: int, currency: str = "CNY") -> None:
        """Put money into a member's wallet, as if it had come to the house's bank account."""
        with self.database() as db:
            fund(db, user_id, Money(minor, Currency(currency)))

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The house's database, beside the running server."""
        url = sqlite_url(self.server.data_dir / "teahouse.db")
        db = Database(url, clock=SystemClock(), chance=Chance())
        db.start()
        try:
            yield db
        finally:
            db.stop()

    def places_that_hold(self, text: str) -> list[str]:
        """Files of the server's data folder in which a text stands."""
        sought = text.encode()
        files = [file for file in self.server.data_dir.rglob("*") if file.is_file()]
        return [file.name for file in files if sought in file.read_bytes()]


@dataclass
class Person:
    """A browser and who sits before it."""

    town: Town
    context: BrowserContext
    page: Page
    locale: str
    name: str = ""

    @property
    def user_id(self) -> str:
        """The full Matrix id."""
        return f"@{self.name}:tea.example"

    def says(self, english: str, chinese: str) -> str:
        """What the app says, in this person's language."""
        return chinese if self.locale.startswith("zh") else english

    async def go(self, path: str) -> None:
        """Open a page of the app."""
        await self.page.goto(f"{self.town.server.url}{path}")

    async def sign_up(self, name: str) -> None:
        """Create an account and wait until the chats are there."""
        self.name = name
        await self.go("/sign-up")
        await self.page.get_by_label(self.says("Name", "用户名"), exact=True).fill(name)
        await self.page.get_by_label(self.says("Password", "密码"), exact=True).fill(PASSWORD)
        await self.button("Create an account", "创建账号").click()
        await self._see_navigation()

    async def sign_in(self, name: str) -> None:
        """Sign in to an account that is there."""
        self.name = name
        await self.go("/sign-in")
        await self.page.get_by_label(self.says("Name", "用户名"), exact=True).fill(name)
        await self.page.get_by_label(self.says("Password", "密码"), exact=True).fill(PASSWORD)
        await self.button("Sign in", "登录").click()
        await self._see_navigation()

    async def _see_navigation(self) -> None:
        name = self.says("Main", "主导航")
        await expect(self.page.get_by_role("navigation", name=name)).to_be_visible()

    def button(self, english: str, chinese: str = "") -> Locator:
        """A button by what stands on it."""
        return self.page.get_by_role("button", name=self.says(english, chinese), exact=True)

    async def start_chat(self, other: "Person") -> None:
        """Open an encrypted chat with somebody."""
        await self.go("/chats")
        await self.button("New chat", "发起聊天").first.click()
        await self.page.get_by_label(self.says("Member id", "对方账号")).fill(other.name)
        await self.button("Start chat", "开始聊天").click()
        await expect(self._composer()).to_be_visible()

    async def accept_chat(self, other: "Person") -> None:
        """Join the chat that somebody invites to."""
        await self.go("/chats")
        await self.page.get_by_role(
            "link", name=re.compile(other.name, re.IGNORECASE)
        ).first.click()
        await self.button("Join", "加入").click()
        await expect(self._composer()).to_be_visible()

    async def start_group(self, name: str, others: list["Person"]) -> None:
        """Make an encrypted group and invite some people."""
        await self.go("/chats")
        await self.button("New chat", "发起聊天").first.click()
        await self.page.get_by_role("radio", name=self.says("New group", "新建群聊")).click()
        await self.page.get_by_label(self.says("Name of the group", "群名称")).fill(name)
        members = self.page.get_by_label(self.says("Members", "成员"), exact=True)
        await members.fill(" ".join(other.name for other in others))
        await self.button("Create group", "创建群聊").click()
        await expect(self.page.get_by_role("heading", name=name)).to_be_visible()

    async def create_open_room(self, name: str) -> str:
        """Make an unencrypted room past the client, as other clients can."""
        made: str = await self.page.evaluate(
            """async (name) => {
              const { accessToken } = JSON.parse(localStorage.getItem("teahouse.session"));
              const headers = { Authorization: `Bearer ${accessToken}` };
              const body = JSON.stringify({ name, preset: "public_chat" });
              const path = "/_matrix/client/v3/createRoom";
              return (await (await fetch(path, { method: "POST", headers, body })).json()).room_id;
            }""",
            name,
        )
        return made

    async def send(self, room_id: str, content: dict[str, Any]) -> None:
        """Send a message past the client, unencrypted, with any content."""
        status = await self.page.evaluate(
            """async ([room, content]) => {
              const { accessToken } = JSON.parse(localStorage.getItem("teahouse.session"));
              const path = `/_matrix/client/v3/rooms/${room}/send/m.room.message/past`;
              const headers = { Authorization: `Bearer ${accessToken}` };
              const body = JSON.stringify(content);
              return (await fetch(path, { method: "PUT", headers, body })).status;
            }""",
            [quote(room_id), content],
        )
        assert status == HTTPStatus.OK

    def _composer(self) -> Locator:
        return self.page.get_by_label(self.says("Message", "写消息"), exact=True)

    async def write(self, text: str) -> None:
        """Send a message in the open chat."""
        await self._composer().fill(text)
        await self.button("Send", "发送").click()
        await expect(self.message(text).first).to_be_visible()
        # A page that is left before then takes along what it has not sent.
        await expect(
            self.page.get_by_role("img", name=self.says("Sending", "正在发送"))
        ).to_have_count(0)

    def message(self, text: str) -> Locator:
        """A message of the open chat."""
        return self.page.get_by_role("log").get_by_text(text)

    async def plus(self, english: str, chinese: str) -> None:
        """Choose what to send beside text."""
        await self.button("More", "更多").click()
        await self.button(english, chinese).click()

    async def has_no_barriers(self) -> None:
        """No violation of WCAG 2.2 AA that axe can find on this page."""
        if not await self.page.evaluate("'axe' in window"):
            # Evaluated by the debugger, which the page's policy does not bind.
            await self.page.evaluate(AXE.read_text())
        found = await self.page.evaluate(_FIND_BARRIERS)
        assert found == [], "\n".join(found)

"""A member who has one of everything, for tests of who else can reach it.

Everything is made through the API, as members make it. `Belongings.find` says which of it a
parameter of a route means; a parameter that is not there has no real object yet.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from PIL import Image

from teahouse.app import job_kinds
from teahouse.demo.money.rules import MENU
from teahouse.partner_bank import Account, PartnerBank, Terms
from teahouse.platform.clock import ManualClock
from teahouse.platform.db import Database
from teahouse.platform.jobs import Worker
from teahouse.platform.money import Currency, Money
from teahouse.wallet.mandates.rules import day_of
from teahouse.wallet.shops.rules import SCOPE_POWERS
from tests.accounts.test_passkeys import ORIGIN
from tests.accounts.test_passkeys import add as add_passkey
from tests.chat.keys.devices import Phone
from tests.chat.pushers.test_api import PUSHER
from tests.kit.archives import make_archive
from tests.kit.authenticator import SoftwareAuthenticator
from tests.kit.shop_house import ask, make_key, open_shop, register_staff
from tests.kit.wallet_house import Payer, fund, money, register_payer
from tests.kit.whole_house import WholeHouse
from tests.miniprograms.test_orders import COFFEE, ORDER
from tests.wallet.mandates.test_api import terms
from tests.wallet.outside.kit import CNY, HOUSE_ACCOUNT, HOUSE_IN_CHINA, Town, iban

# Names of what is the same for everybody.
NOBODYS = {
    "server", "server_name", "program_id", "purpose", "event_type", "rel_type", "field", "kind",
    "data_type", "file_name", "receipt_type", "rule_id",
}  # fmt: skip
# In all that Rose writes; nobody else may read it anywhere.
MARKER = "only-rose-may-read-this"
ALIAS = "#hers:teahouse.test"
DEHYDRATED = "/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device"
_numbers = itertools.count(1)
BACKUP = "m.megolm_backup.v1.curve25519-aes-sha2"
SESSION = {
    "first_message_index": 1,
    "forwarded_count": 0,
    "is_verified": True,
    "session_data": {"ephemeral": "e", "ciphertext": MARKER, "mac": "m"},
}


class WholeTown(Town):
    """A server with every route, and its bank."""

    def __init__(self, db: Database, folder: Path) -> None:
        assert isinstance(db.clock, ManualClock)
        self.clock = db.clock
        self.folder = folder / "bank"
        self.bank = PartnerBank(self.folder, Terms(), db.clock)
        for number, currency in ((HOUSE_ACCOUNT, Currency("EUR")), (HOUSE_IN_CHINA, CNY)):
            account = Account(number.number, currency, "Teahouse", 10_000_000, is_customer=True)
            self.bank.open_account(number, account)
        self.whole = WholeHouse(
            db,
            folder / "data",
            admin_api=True,
            encrypt_private_rooms=False,
            webhook_hosts_allowed=["127.0.0.1"],
            partner_bank_url=str(self.folder),
            partner_bank_accounts=[
                f"EUR:{HOUSE_ACCOUNT.number}",
                f"CNY:{HOUSE_IN_CHINA.number}",
            ],
            partner_bank_name="Teahouse Cooperative",
            wallet_currencies=["CNY", "EUR"],
        )
        self.house = self.whole
        self.worker = Worker(db, self.whole.services, job_kinds())

    async def exchange(self, rounds: int = 4) -> None:
        """Let house and bank hear of one another, with time for all the other jobs."""
        await super().exchange(rounds)


class Owner(Payer):
    """A member whose idempotency keys nobody else in the tests makes."""

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        **options: Any,
    ) -> httpx.Response:
        """Send one request, as `Payer` does."""
        key = key or f"hers-{next(_numbers)}"
        return await super().ask(method, path, body, key=key, **options)


async def _register(house: WholeHouse, name: str) -> Owner:
    made = await register_payer(house, name, cny=1_000_000)
    fund(house.db, made.user_id, Money(1_000_000, Currency("EUR")))
    # A device whose name nobody else's has.
    return Owner(house, await house.log_in(name, device_id=f"PHONEOF{name.upper()}"))


@dataclass
class Belongings:
    """What Rose has, and who else is there.

    Attributes:
        house: the server.
        rose: the member; she also has a shop.
        lily: whom she deals with.
        eve: a stranger, who has a shop of her own.
        eve_key: the key of Eve's shop.
        rose_key: the key of Rose's shop.
        ids: what a parameter means, by the beginning of the path and its name.
    """

    house: WholeHouse
    rose: Payer
    lily: Payer
    eve: Payer
    eve_key: str
    rose_key: str
    ids: list[tuple[str, str, str]] = field(default_factory=list)

    def keep(self, scope: str, name: str, value: Any) -> str:
        """Note what a parameter means below a path; later notes go before earlier ones."""
        assert isinstance(value, str)
        assert value
        self.ids.insert(0, (scope, name, value))
        return value

    def find(self, template: str, name: str) -> str | None:
        """What a parameter of a route, or a field of its body, means; None: nothing is known."""
        for scope, known, value in self.ids:
            if known == name and re.match(scope, template):
                return value
        return None

    def marks(self) -> set[str]:
        """What only rows about Rose or her things hold."""
        own = {value for _, name, value in self.ids if name not in NOBODYS and len(value) > 12}
        return {MARKER, self.rose.user_id, self.rose_key, *own}

    def everything(self) -> dict[str, str]:
        """All names with what they mean nearly everywhere."""
        return {name: value for _, name, value in reversed(self.ids)}


async def furnish(db: Database, folder: Path) -> Belongings:
    """Let Rose have one of everything."""
    town = WholeTown(db, folder)
    house = town.whole
    # The first member may have more rights than others.
    await register_payer(house, "keeper")
    officer = await register_staff(house, "officer", "bank_officer")
    rose, lily, eve = [await _register(house, name) for name in ("rose", "lily", "eve")]
    eve_shop = await open_shop(eve, officer)
    eve_key = await make_key(eve, eve_shop, *SCOPE_POWERS)
    rose_shop = await open_shop(rose, officer)
    rose_key = await make_key(rose, rose_shop, *SCOPE_POWERS)
    has = Belongings(house, rose, lily, eve, eve_key, rose_key)
    has.keep("", "shop_id", rose_shop)
    await _chat(has)
    await _keys(has)
    await _between_members(has)
    await _bank(has, town)
    await _shop(has, officer, town)
    await _privacy(has)
    await _account(has)
    return has


# Chat


async def _chat(has: Belongings) -> None:
    rose, lily = has.rose, has.lily
    room_id = await rose.create_room(
        preset="private_chat", name=MARKER, topic=MARKER, room_alias_name="hers",
        invite=[lily.user_id],
    )  # fmt: skip
    await lily.join(room_id)
    event_id = await rose.say(room_id, MARKER)
    thread = {"m.relates_to": {"rel_type": "m.thread", "event_id": event_id}}
    await rose.say(room_id, MARKER, **thread)
    has.keep("", "room_id", room_id)
    has.keep("", "room", room_id)
    has.keep("", "event_id", event_id)
    has.keep("", "alias", ALIAS)
    has.keep("", "rel_type", "m.thread")
    has.keep("", "receipt_type", "m.read")
    has.keep("", "event_type", "m.room.message")
    has.keep(".*/state/", "event_type", "m.room.topic")
    has.keep(r".*/state/.*\{state_key", "event_type", "m.room.member")
    has.keep("", "state_key", rose.user_id)
    await _own_settings(has, room_id)
    await _sanction(has)


async def _own_settings(has: Belongings, room_id: str) -> None:
    rose, room = has.rose, quote(room_id, safe="")
    me = quote(rose.user_id, safe="")
    has.keep("", "user_id", rose.user_id)
    has.keep("", "device_id", rose.device_id)
    await rose.change("PUT", f"/user/{me}/account_data/org.secret", {"is": MARKER})
    await rose.change("PUT", f"/user/{me}/rooms/{room}/account_data/org.secret", {"is": MARKER})
    has.keep("", "data_type", "org.secret")
    await rose.change("PUT", f"/user/{me}/rooms/{room}/tags/u.{MARKER}", {})
    has.keep("", "tag", f"u.{MARKER}")
    made = await rose.change("POST", f"/user/{me}/filter", {"room": {"rooms": [f"!{MARKER}:x"]}})
    has.keep("", "filter_id", made["filter_id"])
    has.keep("", "filter", made["filter_id"])
    await rose.change("PUT", f"/devices/{rose.device_id}", {"display_name": MARKER})
    await rose.change("PUT", f"/profile/{me}/displayname", {"displayname": "Rose"})
    has.keep("", "field", "displayname")
    rule = {"actions": ["notify"], "pattern": MARKER}
    await rose.change("PUT", "/pushrules/global/content/hers", rule)
    has.keep("", "kind", "content")
    has.keep("", "rule_id", "hers")
    uploaded = await rose.house.http.post(
        "/_matrix/media/v3/upload",
        content=_picture(),
        headers={"Authorization": f"Bearer {rose.token}", "Content-Type": "image/png"},
    )
    has.keep("", "server_name", "teahouse.test")
    has.keep("", "server", "teahouse.test")
    has.keep("", "file_name", "hers.png")
    has.keep("", "media_id", uploaded.json()["content_uri"].rpartition("/")[2])
    pending = await rose.change("POST", "/_matrix/media/v1/create", {})
    has.keep("/_matrix/media/v3/upload", "media_id", pending["content_uri"].rpartition("/")[2])


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "green").save(out, "PNG")
    return out.getvalue()


async def _sanction(has: Belongings) -> None:
    place = await has.lily.create_room(name="Lily's")
    await has.rose.join(place)
    await has.rose.leave(place)
    await has.rose.join(place)
    path = f"/api/v1/rooms/{quote(place)}/removals"
    body = {"user_id": has.rose.user_id, "kind": "kick", "rule": "spam", "reason": MARKER}
    made = await has.lily.call("POST", path, body)
    assert made.is_success, made.text
    [told] = (await has.rose.get("/api/v1/sanctions"))["sanctions"]
    has.keep("", "sanction_id", told["sanction_id"])


async def _keys(has: Belongings) -> None:
    rose = has.rose
    phone = Phone(rose.user_id, rose.device_id)
    keys = {"device_keys": phone.identity(), "one_time_keys": phone.one_time_keys(2)}
    await rose.change("POST", "/keys/upload", keys)
    made = await rose.change(
        "POST", "/room_keys/version", {"algorithm": BACKUP, "auth_data": {"is": MARKER}}
    )
    has.keep(".*/room_keys/", "version", made["version"])
    room = quote(str(has.find("", "room_id")), safe="")
    path = f"/room_keys/keys/{room}/hers?version={made['version']}"
    await rose.change("PUT", path, SESSION)
    has.keep(".*/room_keys/", "session_id", "hers")
    sleeper = Phone(rose.user_id, "SLEEPER")
    await rose.change("PUT", DEHYDRATED, {
        "device_id": "SLEEPER", "device_data": {"algorithm": MARKER},
        "device_keys": sleeper.identity(), "one_time_keys": sleeper.one_time_keys(1),
        "fallback_keys": sleeper.fallback_key(),
    })  # fmt: skip
    has.keep(".*/dehydrated_device/", "device_id", "SLEEPER")
    waiting = {"messages": {rose.user_id: {"*": {"is": MARKER}}}}
    await has.lily.change("PUT", "/sendToDevice/org.x/hers", waiting)


# The wallet


async def _between_members(has: Belongings) -> None:
    rose, lily = has.rose, has.lily
    scope = "/api/v1/wallet/"
    cny = (await rose.asked("GET", "/wallets"))["wallets"][0]
    has.keep(scope, "wallet_id", cny["wallet_id"])
    gift = {"payee": lily.user_id, "amount": money(20_00), "message": MARKER}
    sent = await rose.asked("POST", "/transfers", gift)
    has.keep(scope, "transfer_id", sent["transfer_id"])
    has.keep(scope, "payment_id", sent["payment"]["payment_id"])
    has.keep(scope, "confirmation_id", await _confirmation(rose, lily))
    room_id = has.find("", "room_id")
    packet = {"room_id": room_id, "total": money(20_00), "count": 3, "split": "random",
              "greeting": MARKER}  # fmt: skip
    has.keep(scope, "packet_id", (await rose.asked("POST", "/red-packets", packet))["packet_id"])
    wish = {"payer": lily.user_id, "amount": money(20_00), "message": MARKER}
    has.keep(scope, "request_id", (await rose.asked("POST", "/requests", wish))["request_id"])
    shares = [{"user_id": lily.user_id}, {"user_id": rose.user_id}]
    split = {"room_id": room_id, "total": money(100_00), "shares": shares}
    has.keep(scope, "split_id", (await rose.asked("POST", "/splits", split))["split_id"])
    shown = await rose.asked("POST", "/payment-codes")
    has.keep(scope, "payment_code_id", shown["payment_code_id"])
    export = {"wallet_id": cny["wallet_id"], "format": "csv", "first_on": "2026-11-01",
              "last_on": "2026-11-30"}  # fmt: skip
    has.keep(scope, "export_id", (await rose.asked("POST", "/exports", export))["export_id"])


async def _confirmation(rose: Payer, lily: Payer) -> str:
    wish = {"kind": "transfer", "amount": money(1), "payee": {"user_id": lily.user_id}}
    return str((await rose.asked("POST", "/confirmations", wish))["confirmation_id"])


async def _bank(has: Belongings, town: WholeTown) -> None:
    rose = has.rose
    account = await town.link(rose, iban(), holder=f"Rose {MARKER}"[:60])
    scope = "/api/v1/wallet/"
    has.keep(scope, "outside_account_id", account["outside_account_id"])
    topped = await town.top_up(rose, account, 10_00)
    has.keep("/api/v1/wallet/top-ups", "order_id", topped["order_id"])
    drawn = await town.withdraw(rose, account, 10_00)
    has.keep("/api/v1/wallet/withdrawals", "order_id", drawn["order_id"])


async def _shop(has: Belongings, officer: Payer, town: WholeTown) -> None:
    rose, lily = has.rose, has.lily
    shops, shop_id = "/api/v1/(wallet/shops|shop)/", str(has.find("", "shop_id"))
    path = f"/api/v1/wallet/shops/{shop_id}"
    [key, *_] = await rose.asked("GET", f"{path}/keys")
    has.keep(shops, "shop_key_id", key["shop_key_id"])
    hook = {"url": "http://127.0.0.1:9/hook", "event_types": ["*"]}
    made = await rose.asked("POST", f"{path}/webhooks", hook)
    has.keep(
        shops, "endpoint_id", made["endpoint"]["endpoint_id"] if "endpoint" in made else made["id"]
    )
    charge = {"amount": money(50_00), "description": MARKER}
    sold = await rose.asked("POST", f"{path}/charges", charge)
    await lily.asked("POST", f"/pay/{sold['code']}", {})
    has.keep(shops, "charge_id", sold["charge_id"])
    [told, *_] = (await rose.asked("GET", f"{path}/webhooks/deliveries"))["items"]
    has.keep(shops, "message_id", told["message_id"])
    await _payout(has, town, shops, path)
    bought = (await lily.asked("GET", "/payments"))["items"][0]["payment_id"]
    claim = {"payment_id": bought, "cause": "not_received", "text": MARKER, "files": []}
    has.keep(shops, "dispute_id", (await lily.asked("POST", "/disputes", claim))["dispute_id"])
    await _mandate(has, rose, lily, has.rose_key, shops)
    await rose.asked("PUT", f"/api/v1/miniprograms/shops/{shop_id}/menu", MENU)
    order = await lily.asked("POST", f"/api/v1/miniprograms/shops/{shop_id}/orders", ORDER)
    has.keep("/api/v1/miniprograms/shops/", "order_id", order["order_id"])
    has.keep("", "program_id", COFFEE)
    await _as_guest(has, officer)


async def _payout(has: Belongings, town: WholeTown, scope: str, path: str) -> None:
    rose, number = has.rose, "622202123456781111"
    account = {"number": number, "bank": "ICBC", "holder": "Rose", "currency": "CNY"}
    linked = await rose.asked("POST", f"{path}/outside-accounts", account)
    account_id = has.keep(scope, "outside_account_id", linked["outside_account_id"])
    await town.exchange()
    code = {"code": town.code_of(number)}
    await rose.asked("POST", f"{path}/outside-accounts/{account_id}/verify", code)
    plan = {"schedule": "manual", "outside_account_id": account_id}
    await rose.asked("PUT", f"{path}/payout-plans", plan)
    paid = await rose.asked("POST", f"{path}/payouts", {"currency": "CNY"})
    has.keep(scope, "settlement_id", paid["settlement_id"])


async def _mandate(has: Belongings, owner: Payer, payer: Payer, key: str, scope: str) -> None:
    day = day_of(owner.house.services.clock.now_ms()).isoformat()
    body = {"terms": terms(start_on=day, description_en=MARKER), "payer": payer.user_id,
            "key": "hers"}  # fmt: skip
    made = await ask(key, "POST", "/api/v1/shop/mandates", body, house=owner.house)
    assert made.is_success, made.text
    has.keep(scope, "mandate_id", made.json()["mandate_id"])


async def _as_guest(has: Belongings, officer: Payer) -> None:
    """What Rose has with Lily's shop."""
    rose, lily = has.rose, has.lily
    lily_shop = await open_shop(lily, officer)
    path = f"/api/v1/wallet/shops/{lily_shop}"
    key = await make_key(lily, lily_shop, *SCOPE_POWERS)
    await _mandate(has, lily, rose, key, "/api/v1/wallet/mandates/")
    sold = await lily.asked("POST", f"{path}/charges", {"amount": money(50_00)})
    await rose.asked("POST", f"/pay/{sold['code']}", {})
    has.keep("/api/v1/wallet/charges/", "charge_id", sold["charge_id"])
    await lily.asked("PUT", f"/api/v1/miniprograms/shops/{lily_shop}/menu", MENU)
    order = await rose.asked("POST", f"/api/v1/miniprograms/shops/{lily_shop}/orders",
                             {**ORDER, "note": MARKER})  # fmt: skip
    has.keep("/api/v1/miniprograms/orders/", "order_id", order["order_id"])
    bought = (await rose.asked("GET", "/payments"))["items"][0]["payment_id"]
    claim = {"payment_id": bought, "cause": "not_received", "text": MARKER, "files": []}
    dispute = await rose.asked("POST", "/disputes", claim)
    has.keep("/api/v1/wallet/disputes/", "dispute_id", dispute["dispute_id"])
    decisions = (await rose.asked("GET", "/decisions"))["items"]
    has.keep("/api/v1/wallet/decisions/", "decision_id", decisions[0]["decision_id"])


# Privacy and the account


async def _privacy(has: Belongings) -> None:
    rose = has.rose
    made = await make_archive(rose)
    [archive] = await rose.asked("GET", "/api/v1/privacy/archives")
    has.keep("", "archive_id", archive["archive_id"])
    brought = await rose.house.http.post(
        "/api/v1/privacy/imports", content=made, headers={"Authorization": f"Bearer {rose.token}"}
    )
    assert brought.is_success, brought.text
    has.keep("", "import_id", brought.json()["import_id"])
    [purpose, *_] = await rose.asked("GET", "/api/v1/privacy/consents/purposes")
    name = str(purpose["purpose"])
    said = await rose.asked("PUT", f"/api/v1/privacy/consents/{name}", {"answer": "yes"})
    has.keep("", "purpose", name)
    has.keep("", "receipt_id", said["receipt_id"])


async def _account(has: Belongings) -> None:
    """Last, for what would hold the rest up: no gateway is there to be reached."""
    rose = has.rose
    await rose.change("POST", "/pushers/set", {**PUSHER, "device_display_name": MARKER})
    passkey = await add_passkey(has.house, rose.token, SoftwareAuthenticator(ORIGIN))
    has.keep("", "passkey_id", passkey["passkey_id"])
    frozen = await rose.asked("POST", "/freezes", {"reason": MARKER})
    has.keep("/api/v1/wallet/freezes/", "freeze_id", frozen["freeze_id"])

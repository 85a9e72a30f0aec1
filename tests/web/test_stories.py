"""What members do with the client, each in a browser of their own."""

import re
from urllib.parse import unquote

import pytest
from playwright.async_api import FilePayload, expect

from tests.web.browsers import PHONE, Town
from tests.web.shops import open_shop, read_code

# The client keeps its state after five seconds without news.
KEPT_MS = 7_000

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("browsers")]


async def test_two_new_members_talk_and_the_server_does_not_know_what(town: Town) -> None:
    lin, bao = await town.member("lin"), await town.member("bao", viewport=PHONE)
    question, answer = "Shall we burn the letters tonight?", "After the lamps are out, yes"

    await lin.start_chat(bao)
    await lin.write(question)
    await bao.accept_chat(lin)
    await expect(bao.message(question)).to_be_visible()
    await bao.write(answer)

    await expect(lin.message(answer)).to_be_visible()
    await expect(lin.page.get_by_label("Seen").first).to_be_visible()
    await expect(lin.page.get_by_role("img", name="End-to-end encrypted")).to_be_visible()
    # Where no TURN server is named no call would come through: none is offered.
    await expect(lin.button("Voice call")).to_have_count(0)
    for text in (question, answer):
        assert town.places_that_hold(text) == []


async def test_the_lock_says_what_is_encrypted_and_what_is_not(town: Town) -> None:
    lin, bao = await town.member("lin"), await town.member("bao")
    await lin.start_chat(bao)
    await lin.page.get_by_role("img", name="End-to-end encrypted").click()
    await expect(lin.page.get_by_text("Only the people in this chat can read it.")).to_be_visible()

    room_id = await lin.create_open_room("Market")
    await lin.go(f"/chats/{room_id}")
    await lin.page.get_by_role("img", name="Not encrypted").click()
    await expect(lin.page.get_by_text("the server and whoever joins can read it")).to_be_visible()


async def test_a_message_is_answered_edited_reacted_to_and_deleted(town: Town) -> None:
    lin, bao = await town.member("lin"), await town.member("bao")
    await lin.start_chat(bao)
    await lin.write("Which tea for Sunday?")
    await bao.accept_chat(lin)

    await bao.message("Which tea").click(button="right")
    await bao.button("🫖").click()
    await expect(lin.page.get_by_role("button", name="🫖: 1 person")).to_be_visible()

    await bao.message("Which tea").click(button="right")
    await bao.page.get_by_role("dialog").get_by_text("Reply", exact=True).click()
    await bao.write("Keemun")
    await expect(lin.message("Which tea for Sunday?").nth(1)).to_be_visible()

    await lin.message("Which tea").first.click(button="right")
    await lin.page.get_by_role("dialog").get_by_text("Edit", exact=True).click()
    await lin.write("Which tea for Monday?")
    await expect(bao.message("Which tea for Monday?").first).to_be_visible()
    await expect(bao.message("edited")).to_be_visible()

    await bao.message("Keemun").click(button="right")
    await bao.page.get_by_role("dialog").get_by_text("Delete", exact=True).click()
    await bao.button("Delete").click()
    await expect(lin.message("Message deleted")).to_be_visible()


async def test_a_photo_arrives_and_the_server_holds_only_ciphertext(town: Town) -> None:
    lin, bao = await town.member("lin"), await town.member("bao")
    await lin.start_chat(bao)
    await bao.accept_chat(lin)
    recipe = "Two spoons of Lapsang and one of patience. " * 50

    await lin.button("More").click()
    async with lin.page.expect_file_chooser() as choosing:
        await lin.button("Attach a photo or file").click()
    chooser = await choosing.value
    await chooser.set_files(
        FilePayload(name="recipe.txt", mimeType="text/plain", buffer=recipe.encode())
    )

    await expect(bao.message("recipe.txt")).to_be_visible()
    async with bao.page.expect_download() as loading:
        await bao.message("recipe.txt").click()
    saved = await (await loading.value).path()
    assert saved.read_text() == recipe
    assert town.places_that_hold("one of patience") == []


async def test_a_lost_device_is_replaced_and_the_old_messages_are_read_again(town: Town) -> None:
    lin, bao = await town.member("lin"), await town.member("bao")
    await lin.start_chat(bao)
    await lin.write("The key is under the third stone")
    await lin.go("/me/security")
    await lin.page.get_by_text("Set up recovery key").click()
    await lin.page.get_by_role("dialog").get_by_role("button", name="Set up recovery key").click()
    key = await lin.page.get_by_test_id("recovery-key").inner_text()
    await lin.button("I have kept it").click()
    await expect(lin.page.get_by_text("Your messages are safe")).to_be_visible()
    await lin.context.close()

    found = await town.open()
    await found.sign_in(lin.name)
    await found.page.get_by_text("This device is new").click()
    await found.button("With the recovery key").click()
    await found.page.get_by_role("textbox", name="Recovery key").fill(key)
    await found.button("Restore").click()

    await expect(found.page.get_by_text("Your messages are safe")).to_be_visible()
    await found.go("/chats")
    await found.page.get_by_role("link", name=re.compile(bao.name)).first.click()
    await expect(found.message("The key is under the third stone")).to_be_visible()


async def test_a_second_device_is_verified_by_emoji(town: Town) -> None:
    phone = await town.member("lin", viewport=PHONE)
    laptop = await town.open()
    await laptop.sign_in(phone.name)

    await laptop.go("/me/security")
    await laptop.button("With another device").click()
    await phone.button("Start").click()
    await laptop.button("Compare pictures instead").click()
    pictures = [
        await who.page.get_by_test_id("verification-emoji").inner_text() for who in (phone, laptop)
    ]
    assert pictures[0].split() == pictures[1].split()
    for who in (phone, laptop):
        await who.button("They are the same").click()

    for who in (phone, laptop):
        await expect(who.page.get_by_text("Verified", exact=True).first).to_be_visible()


async def test_one_pays_the_other_in_the_chat(town: Town) -> None:
    lin, bao = await town.member("lin"), await town.member("bao", viewport=PHONE)
    town.give(lin.user_id, 10_000)
    await lin.start_chat(bao)
    await bao.accept_chat(lin)

    await lin.plus("Pay", "转账")
    await lin.page.get_by_label("Amount").fill("20.50")
    await lin.page.get_by_label("Message (if you like)").fill("for the tea")
    await lin.button("Pay ¥20.50").click()
    await expect(lin.page.get_by_text("Paid", exact=True)).to_be_visible()
    await lin.button("Done").click()

    for who in (lin, bao):
        await expect(who.message("¥20.50")).to_be_visible()
        await expect(who.message("Verified")).to_be_visible()
    await lin.go("/me/wallet")
    await expect(lin.page.get_by_test_id("balance-CNY")).to_have_text("¥79.50")
    await bao.go("/me/wallet")
    await expect(bao.page.get_by_test_id("balance-CNY")).to_have_text("¥20.50")
    await expect(bao.page.get_by_text("for the tea")).to_be_visible()


async def test_a_made_up_payment_is_shown_as_one(town: Town) -> None:
    lin, eve = await town.member("lin"), await town.member("eve")
    await lin.start_chat(eve)
    await eve.accept_chat(lin)
    room_id = unquote(eve.page.url.rpartition("/")[2])
    block = {
        "payment_id": "pay_made_up",
        "kind": "transfer",
        "payer": eve.user_id,
        "payee": lin.user_id,
        "amount": {"minor": 999_900, "currency": "CNY"},
        "status": "completed",
        "reference": "trf_made_up",
        "receipt": {"signatures": {}},
    }
    await eve.send(room_id, {"msgtype": "m.text", "body": "Paid", "org.teahouse.payment": block})

    await expect(lin.page.get_by_test_id("forged-payment")).to_contain_text("Not a real payment")
    await expect(lin.message("¥9,999")).to_have_count(0)
    await lin.go("/me/wallet")
    await expect(lin.page.get_by_text("Open your wallet")).to_be_visible()


async def test_a_red_packet_is_opened_by_a_group_of_five(town: Town) -> None:
    host, *guests = [await town.member(name) for name in ("lin", "bao", "mei", "tan", "wu")]
    town.give(host.user_id, 10_000)
    await host.start_group("New Year", guests)
    for guest in guests:
        await guest.go("/chats")
        await guest.page.get_by_role("link", name=re.compile("New Year")).first.click()
        await guest.button("Join").click()
    await expect(host.message("joined")).to_have_count(4)

    await host.plus("Red packet", "红包")
    await host.page.get_by_label("Amount").fill("20")
    await host.page.get_by_label("Number of shares").fill("4")
    await host.button("Put ¥20.00 in").click()
    for guest in guests:
        await guest.page.get_by_role("button", name=re.compile("Good fortune")).click()
        await guest.button("Open").click()
        await expect(guest.page.get_by_role("dialog").get_by_text("opened")).to_be_visible()

    await expect(guests[-1].page.get_by_text("4 of 4 opened")).to_be_visible()
    await host.page.get_by_role("button", name=re.compile("Good fortune")).click()
    shares = await host.page.get_by_role("dialog").get_by_text(re.compile(r"^¥")).all_inner_texts()
    assert sum(round(float(share.strip("¥")) * 100) for share in shares) == 2_000


async def test_a_coffee_is_paid_by_a_code_between_two_pages(town: Town) -> None:
    owner, guest = await town.member("owner"), await town.member("guest", viewport=PHONE)
    town.give(guest.user_id, 5_000)
    shop_id = await open_shop(town, owner)

    await owner.go(f"/till/{shop_id}")
    await owner.page.get_by_label("Amount").fill("28")
    await owner.page.get_by_label("What for").fill("Flat white")
    await owner.button("Ask for ¥28.00").click()
    code = read_code(await owner.page.get_by_role("img", name="Scan to pay").screenshot())
    await guest.go("/me/scan")
    await guest.page.get_by_label("Or type the code").fill(code)
    await guest.button("Continue").click()
    await expect(guest.page.get_by_text("Flat white")).to_be_visible()
    await guest.button("Pay ¥28.00").click()

    await expect(guest.page.get_by_text("Paid", exact=True)).to_be_visible()
    await expect(owner.page.get_by_role("status").get_by_text("Paid", exact=True)).to_be_visible()
    await guest.go("/me/wallet")
    await expect(guest.page.get_by_test_id("balance-CNY")).to_have_text("¥22.00")


async def test_the_app_opens_offline_to_the_last_state_and_comes_back(town: Town) -> None:
    lin, bao = await town.member("lin"), await town.member("bao")
    await lin.start_chat(bao)
    await lin.write("See you at the bridge")
    await bao.accept_chat(lin)
    await lin.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await lin.page.wait_for_timeout(KEPT_MS)

    await lin.context.set_offline(offline=True)
    await lin.page.reload()
    await expect(lin.message("See you at the bridge")).to_be_visible()
    await expect(lin.page.get_by_text("You are offline")).to_be_visible()
    await bao.write("Bring the umbrella")
    await lin.context.set_offline(offline=False)

    await expect(lin.message("Bring the umbrella")).to_be_visible()
    await expect(lin.page.get_by_text("You are offline")).to_have_count(0)
    town.troubles.clear()  # browsers report each request that had no network


async def test_the_same_in_chinese_on_a_small_phone(town: Town) -> None:
    small = {"locale": "zh-CN", "viewport": {"width": 360, "height": 700}}
    lin, bao = await town.member("lin", **small), await town.member("bao", **small)
    town.give(lin.user_id, 10_000)
    await lin.start_chat(bao)
    await lin.write("今晚老地方喝茶？")
    await bao.accept_chat(lin)
    await expect(bao.message("今晚老地方喝茶？")).to_be_visible()

    await lin.plus("Pay", "转账")
    await lin.page.get_by_label("金额").fill("8.88")
    await lin.page.get_by_role("button", name=re.compile("付款 ¥8.88")).click()
    await expect(lin.page.get_by_text("付款成功")).to_be_visible()
    await lin.button("Done", "完成").click()

    await expect(bao.message("¥8.88")).to_be_visible()
    await expect(bao.message("已核实")).to_be_visible()
    for path in ("/chats", "/contacts", "/discover", "/me", "/me/wallet", "/me/security"):
        await bao.go(path)
        await expect(bao.page.get_by_role("heading").first).to_be_visible()
        wide = await bao.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, path

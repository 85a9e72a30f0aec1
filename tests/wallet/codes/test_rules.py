"""EMV codes against published ones and another library, and the one-time codes of members."""

from __future__ import annotations

import io
import string

import cemacqr
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from teahouse.platform.money import Currency, Money, list_currencies
from teahouse.wallet.codes.errors import CodeOfOthers, UnreadableCode
from teahouse.wallet.codes.rules import (
    PAYLOAD_LENGTH_MAX,
    OurCode,
    build_payment_code,
    compute_check_digit,
    compute_crc,
    compute_network_id,
    draw_qr,
    encode_code,
    encode_objects,
    find_ours,
    fit_text,
    group_digits,
    is_payment_code,
    our_account,
    parse_code,
    parse_objects,
    to_ans,
)
from teahouse.wallet.codes.types import (
    DataObject,
    LocalNames,
    MerchantAccount,
    MerchantCode,
    Tip,
)

CNY, JPY, SGD, XAF = Currency("CNY"), Currency("JPY"), Currency("SGD"), Currency("XAF")

# EMV QRCPS Merchant-Presented Mode 1.1, the example of annex A.
OFFICIAL = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678"
    "520441115802CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京"
    "540523.7253031565502016233030412340603***0708A60086670902ME91320016A011223344998877"
    "070812345678" + "6304A13A"
)  # fmt: skip
# The same shop in the order of the identifiers, as go-emv-code has it.
ORDERED = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678"
    "520441115303156540523.725502015802CN5914BEST TRANSPORT6007BEIJING"
    "6233030412340603***0708A60086670902ME64200002ZH0104最佳运输0202北京"
    "8036003239401ff0c21a4543a8ed5fbaa30ab02e81360032c2fbf6dd646f4f36b617f10747c0b961"
    "63046F32"
)
# Of emv-qrcode: a card network's account, a currency without decimals.
YEN = (
    "0002010102121516ABCDEF123456789052045311530339254039995802JP5906DONGRI6005TOKYO"
    "62240104hoge0504fuga0704piyo63043FE6"
)
# PayNow, as printed in Singapore.
PAYNOW = (
    "00020101021126380009SG.PAYNOW010100211+6591234567030115204000053037025802SG5902NA"
    "6009Singapore6304B5DB"
)
PAYNOW_BILL = (
    "00020101021126520009SG.PAYNOW010120213200913519CSL50301104082999123152040000530370"
    "25802SG5925SINGAPORE UNIVERSITY OF T6002SG62290125200913519CSL5EIU61613816963"
    "04432B"
)  # fmt: skip


def _seal(body: str) -> str:
    """Make a code of anything: with a right beginning and checksum."""
    payload = f"000201{body}6304"
    return payload + compute_crc(payload)


@pytest.mark.parametrize(
    ("text", "crc"),
    [
        # The check value of CRC-16/IBM-3740, also called CCITT-FALSE, in the catalogue of CRCs.
        ("123456789", "29B1"),
        ("", "FFFF"),
        *((code[:-4], code[-4:]) for code in (OFFICIAL, ORDERED, YEN, PAYNOW, PAYNOW_BILL)),
    ],
)
def test_the_checksum_is_that_of_published_codes(text: str, crc: str) -> None:
    assert compute_crc(text) == crc


def test_the_example_of_the_specification_is_read() -> None:
    code = parse_code(OFFICIAL)
    assert code == MerchantCode(
        initiation="dynamic",
        accounts=(
            MerchantAccount("29", "D15600000000", (DataObject("05", "A93FO3230Q"),)),
            MerchantAccount("31", "D15600000001", (DataObject("03", "12345678"),)),
        ),
        category_code="4111",
        currency=CNY,
        amount=Money(2372, CNY),
        tip=Tip("ask"),
        country="CN",
        name="BEST TRANSPORT",
        city="BEIJING",
        additional=(
            DataObject("03", "1234"),
            DataObject("06", "***"),
            DataObject("07", "A6008667"),
            DataObject("09", "ME"),
        ),
        local=LocalNames("ZH", "最佳运输", "北京"),
        other=(DataObject("91", "0016A011223344998877070812345678"),),
    )


@pytest.mark.parametrize("code", [ORDERED, YEN, PAYNOW, PAYNOW_BILL])
def test_published_codes_are_written_again_as_they_were(code: str) -> None:
    assert encode_code(parse_code(code)) == code


def test_codes_without_decimals_and_of_card_networks_are_read() -> None:
    code = parse_code(YEN)
    assert (code.amount, code.accounts) == (Money(999, JPY), ())
    assert code.cards == (DataObject("15", "ABCDEF1234567890"),)


def test_a_checksum_in_small_letters_is_read() -> None:
    assert parse_code(OFFICIAL[:-4] + "a13a") == parse_code(OFFICIAL)


# Against another library, with codes of any content

_ans = st.text(st.sampled_from(string.printable[:95]), min_size=1)
_words = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x9FFF, categories=["L", "N"]), min_size=1
)


def _sized(values: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    return values.map(lambda text: text[:most])


@st.composite
def _objects(draw: st.DrawFn, first: int, last: int, most: int) -> tuple[DataObject, ...]:
    ids = draw(st.lists(st.integers(first, last), unique=True, max_size=2))
    return tuple(DataObject(f"{i:02d}", draw(_sized(_ans, most))) for i in sorted(ids))


@st.composite
def merchant_codes(draw: st.DrawFn) -> MerchantCode:
    currency = draw(st.sampled_from(list_currencies()))
    amount = draw(st.none() | st.integers(1, 10**7).map(lambda minor: Money(minor, currency)))
    tip = draw(
        st.none()
        | st.just(Tip("ask"))
        | st.integers(1, 10**6).map(lambda minor: Tip("fixed", fixed=minor))
        | st.integers(1, 9999).map(lambda points: Tip("percent", basis_points=points))
    )
    ids = draw(st.lists(st.integers(26, 51), unique=True, min_size=1, max_size=2))
    accounts = tuple(
        MerchantAccount(str(i), draw(_sized(_ans, 20)), draw(_objects(1, 20, 10)))
        for i in sorted(ids)
    )
    local = st.builds(
        LocalNames, st.just("ZH"), _sized(_words, 25), st.just("") | _sized(_words, 15)
    )
    return MerchantCode(
        initiation=draw(st.sampled_from([None, "static", "dynamic"])),
        cards=draw(_objects(2, 25, 15)),
        accounts=accounts,
        category_code=draw(st.integers(0, 9999).map("{:04d}".format)),
        currency=currency,
        amount=amount,
        tip=tip,
        country="CN",
        name=draw(_sized(_ans, 25)),
        city=draw(_sized(_ans, 15)),
        postal_code=draw(st.just("") | _sized(_ans, 10)),
        additional=draw(_objects(1, 8, 20)),
        local=draw(st.none() | local),
        other=draw(_objects(80, 99, 20)),
    )


@given(code=merchant_codes())
def test_what_is_written_reads_back_the_same(code: MerchantCode) -> None:
    assert parse_code(encode_code(code)) == code


@given(code=merchant_codes())
def test_another_library_reads_the_same(code: MerchantCode) -> None:
    read = cemacqr.parse_payload(encode_code(code))
    assert read.crc_ok
    assert (read.merchant_name, read.merchant_city) == (code.name, code.city)
    assert read.is_static is {"static": True, "dynamic": False, None: None}[code.initiation]
    assert read.get("52") == code.category_code
    if code.amount is not None:
        assert read.amount_decimal is not None
        assert f"{read.amount_decimal:f}" == read.get("54")
    for one in (*code.cards, *code.other):
        assert read.get(one.id) == one.value


# Hostile text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "https://shop.example/pay/abc",
        "000201",
        "0002016304",
        OFFICIAL[:-1] + "B",
        OFFICIAL.replace("BEST", "BAST"),
        OFFICIAL + "0",
        OFFICIAL[4:],
        "000202" + OFFICIAL[6:],
        OFFICIAL.encode().decode("latin-1"),
        "\ud800" * 20,
        "00020" + "9" * 600,
        # Digits of other scripts are no digits here.
        OFFICIAL.replace("0102", "٠١٠٢", 1),
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(UnreadableCode):
        parse_code(text)


_SHOP = "26080004test52040000"
_PLACE = "5802CN5904Shop6004City"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("52040000" + "5303156" + _PLACE, "no merchant account"),
        ("26080104test" + "520400005303156" + _PLACE, "names no network"),
        ("26100006test" + "520400005303156" + _PLACE, "cut off"),
        (_SHOP + "5303156" + "5904Shop6004City", "country"),
        (_SHOP + "5303000" + _PLACE, "no currency"),
        (_SHOP + "5303963" + _PLACE, "no currency"),
        (_SHOP + "530315" + _PLACE, "."),
        (_SHOP + "5303156" + "54040.00" + _PLACE, "zero"),
        (_SHOP + "5303156" + "5403-50" + _PLACE, "malformed"),
        (_SHOP + "5303156" + "54031e5" + _PLACE, "malformed"),
        (_SHOP + "5303156" + "54051,234" + _PLACE, "malformed"),
        (_SHOP + "5303156" + "54051.234" + _PLACE, "decimals"),
        (_SHOP + "5303392" + "54041.50" + _PLACE, "decimals"),
        (_SHOP + "5303156" + "541499999999999999" + _PLACE, "malformed"),
        (_SHOP + "5303156" + "550204" + _PLACE, "tip indicator"),
        (_SHOP + "5303156" + "550202" + _PLACE, "fit together"),
        (_SHOP + "5303156" + "56045.00" + _PLACE, "fit together"),
        (_SHOP + "5303156" + "55020357040.00" + _PLACE, "99.99"),
        (_SHOP + "5303156" + "5502035703100" + _PLACE, "99.99"),
        (_SHOP + "5303156" + _PLACE + "5904Twin", "twice"),
        (_SHOP + "5303156" + "010213" + _PLACE, "initiation"),
        (_SHOP + "5303156" + "5802CN5900" + "6004City", "empty"),
        (_SHOP + "5303156" + "5802CN5904商店的门6004City", "name"),
        (_SHOP + "5303156" + _PLACE + "6204abcd", "four digits"),
        (_SHOP + "5303156" + _PLACE + "64060002Z1", "language"),
        (_SHOP + "5303156" + _PLACE + "64060002ZH", "local name"),
    ],
)
def test_codes_that_break_the_specification_are_refused(body: str, why: str) -> None:
    with pytest.raises(UnreadableCode, match=why):
        parse_code(_seal(body))


@given(text=st.text() | st.text(st.sampled_from("0123456789.ABz商"), max_size=80).map(_seal))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        code = parse_code(text)
    except UnreadableCode:
        return
    assert parse_code(encode_code(code)) == code


@given(text=st.text(st.sampled_from("0123456789aA"), max_size=60))
def test_rows_of_elements_are_read_whole_or_refused(text: str) -> None:
    try:
        objects = parse_objects(text)
    except UnreadableCode:
        return
    assert encode_objects(objects) == text


def test_a_mark_without_decimals_is_read() -> None:
    # Section 4.7.7 allows the mark at the end.
    code = parse_code(_seal(_SHOP + "5303950" + "54045000" + _PLACE))
    assert code.amount == Money(5000, XAF)
    assert parse_code(_seal(_SHOP + "5303156" + "540399." + _PLACE)).amount == Money(9900, CNY)


# Our own codes


def test_our_codes_lead_back_to_us_and_others_do_not() -> None:
    network = compute_network_id("tea.example")
    assert network == "example.tea"
    ours = OurCode("shp_" + "a" * 24, "c" * 20)
    code = MerchantCode(
        currency=CNY, country="CN", name="Shop", city="City", accounts=(our_account(network, ours),)
    )
    assert find_ours(parse_code(encode_code(code)), network) == ours
    with pytest.raises(CodeOfOthers):
        find_ours(parse_code(OFFICIAL), network)


@pytest.mark.parametrize("name", ["localhost:8008", "a" * 60 + ".example", "茶.example"])
def test_every_house_has_a_network_of_its_own(name: str) -> None:
    network = compute_network_id(name)
    assert 0 < len(network) <= 32
    assert network.isascii()
    assert network != compute_network_id("tea.example")


def test_the_longest_names_fit_into_a_code() -> None:
    ours = our_account("n" * 32, OurCode("shp_" + "a" * 24, "c" * 20))
    code = MerchantCode(
        initiation="dynamic",
        accounts=(ours,),
        currency=Currency("CLF"),
        amount=Money(9_999_999_99, Currency("CLF")),
        tip=Tip("ask"),
        country="CN",
        name="N" * 25,
        city="C" * 15,
        postal_code="P" * 10,
        additional=(DataObject("05", "r" * 25), DataObject("07", "t" * 25)),
        local=LocalNames("ZH", "名" * 25, "城" * 15),
    )
    assert len(encode_code(code)) <= PAYLOAD_LENGTH_MAX


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Café Bérénice", "Cafe Berenice"),
        ("茶馆", "SHOP"),
        ("茶馆 Tea\n House", "Tea House"),
        ("N" * 30, "N" * 25),
        ("", "SHOP"),
    ],
)
def test_names_are_told_in_plain_letters(text: str, told: str) -> None:
    assert to_ans(text, 25, default="SHOP") == told
    assert len(fit_text(text, 25)) <= 25


# One-time codes


@pytest.mark.parametrize(
    # The example of ISO/IEC 7812-1 that everybody has, and two test numbers of card networks.
    "number",
    ["79927398713", "4242424242424242", "5555555555554444"],
)
def test_the_check_digit_is_that_of_the_standard(number: str) -> None:
    assert compute_check_digit(number[:-1]) == number[-1]


@given(digits=st.text(st.sampled_from(string.digits), min_size=17, max_size=17))
def test_one_wrong_digit_is_found(digits: str) -> None:
    code = build_payment_code(digits)
    assert len(code) == 20
    assert is_payment_code(code)
    for place in range(2, 20):
        wrong = str((int(code[place]) + 1) % 10)
        assert not is_payment_code(code[:place] + wrong + code[place + 1 :])


@pytest.mark.parametrize("text", ["", "66", "6" * 21, "28" + "0" * 18, "٦" * 20, "66" + "a" * 18])
def test_other_text_is_no_one_time_code(text: str) -> None:
    assert not is_payment_code(text)


def test_a_code_is_read_out_in_groups() -> None:
    assert group_digits("66123456789012345678") == "6612 3456 7890 1234 5678"


@pytest.mark.parametrize("text", [OFFICIAL, "66031415926535897932", "https://tea.example/pay/x"])
def test_a_drawn_code_is_read_by_a_scanner(text: str) -> None:
    image = Image.open(io.BytesIO(draw_qr(text, "png"))).convert("L")
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [text]
    assert draw_qr(text, "svg").startswith(b"<?xml")

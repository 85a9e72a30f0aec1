"""Which gateways may be reached."""

import pytest

from teahouse.chat.pushers.errors import InvalidGateway
from teahouse.chat.pushers.rules import check_gateway, is_public_address, read_rejected

PATH = "/_matrix/push/v1/notify"


@pytest.mark.parametrize(
    "url",
    [
        f"https://push.example{PATH}",
        f"https://push.example:8443{PATH}",
        f"https://8.8.8.8{PATH}",
        f"https://[2606:4700::1111]{PATH}",
        f"http://own.lan:5000{PATH}",
        f"https://own.lan{PATH}",
    ],
)
def test_gateways_of_the_open_internet_and_the_operators_own_are_served(url: str) -> None:
    assert check_gateway(url, own_hosts=["own.lan"]).geturl() == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        PATH,
        f"http://push.example{PATH}",
        f"ftp://own.lan{PATH}",
        "https://push.example/",
        f"https://push.example{PATH}/",
        f"https://push.example{PATH}?a=b",
        f"https://push.example{PATH}#a",
        f"https://ada:secret@push.example{PATH}",
        f"https://push.example:port{PATH}",
        f"https://push.example:99999{PATH}",
        f"https://[::1{PATH}",
        f"https://127.0.0.1{PATH}",
        f"https://10.1.2.3{PATH}",
        f"https://169.254.169.254{PATH}",
        f"https://[::1]{PATH}",
        f"https://[fd00::1]{PATH}",
        f"https://[::ffff:10.0.0.1]{PATH}",
        f"https://pu sh.example{PATH}",
        f"https://\n{PATH}",
    ],
)
def test_other_places_are_refused(url: str) -> None:
    with pytest.raises(InvalidGateway):
        check_gateway(url, own_hosts=["own.lan"])


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("8.8.8.8", True),
        ("100.64.0.1", False),
        ("192.168.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:a00:1::", False),
        ("fe80::1", False),
    ],
)
def test_addresses_that_stand_for_private_ones_are_private(
    address: str, *, is_public: bool
) -> None:
    assert is_public_address(address) is is_public


@pytest.mark.parametrize(
    ("answer", "rejected"),
    [({"rejected": ["a", 1]}, {"a"}), ({"rejected": "a"}, set()), ([], set()), ({}, set())],
)
def test_a_gateways_answer_may_be_anything(answer: object, rejected: set[str]) -> None:
    assert read_rejected(answer) == rejected

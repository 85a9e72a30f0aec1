"""Which gateways may be reached."""

import pytest

from teahouse.chat.pushers.errors import InvalidGateway
from teahouse.chat.pushers.rules import check_gateway, read_rejected

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
    ("answer", "rejected"),
    [({"rejected": ["a", 1]}, {"a"}), ({"rejected": "a"}, set()), ([], set()), ({}, set())],
)
def test_a_gateways_answer_may_be_anything(answer: object, rejected: set[str]) -> None:
    assert read_rejected(answer) == rejected

"""The headers of media."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat.media import rules
from teahouse.chat.media.errors import InvalidFileName, RangeNotSatisfiable
from teahouse.chat.media.types import Media

MEDIA = Media(
    media_id="abc",
    user_id="@ada:tea",
    status="stored",
    content_type="text/html",
    file_name="page.html",
    size=10,
    sha256="",
    stored_as="ab/abc",
    created_at=0,
    expires_at=0,
    is_quarantined=False,
    last_used_at=0,
)


@pytest.mark.parametrize(
    ("content_type", "file_name", "expected"),
    [
        ("image/png", None, "inline"),
        ("image/png", "cat.png", 'inline; filename="cat.png"'),
        ("IMAGE/PNG; x=y", "cat.png", 'inline; filename="cat.png"'),
        ("image/svg+xml", "cat.svg", 'attachment; filename="cat.svg"'),
        ("text/html", "a.html", 'attachment; filename="a.html"'),
        ("application/xhtml+xml", None, "attachment"),
        ("application/pdf", "a b.pdf", 'attachment; filename="a b.pdf"'),
        ("image/png", "猫.png", "inline; filename*=utf-8''%E7%8C%AB.png"),
        ("image/png", 'a"; x=".png', "inline; filename*=utf-8''a%22%3B%20x%3D%22.png"),
        ("image/png", "a\r\nSet-Cookie: b", "inline; filename*=utf-8''a%0D%0ASet-Cookie%3A%20b"),
        ("image/png", "../a/b.png", "inline; filename*=utf-8''..%2Fa%2Fb.png"),
    ],
)
def test_only_what_cannot_run_scripts_is_shown(
    content_type: str, file_name: str | None, expected: str
) -> None:
    assert rules.content_disposition(content_type, file_name) == expected


@given(st.text(max_size=40))
def test_no_name_breaks_out_of_its_header(file_name: str) -> None:
    header = rules.content_disposition("image/png", file_name.encode(errors="replace").decode())
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') in {0, 2}


def test_a_download_is_shut_into_a_sandbox() -> None:
    headers = rules.download_headers(MEDIA, file_name="other.html")
    assert headers["content-type"] == "text/html"
    assert headers["content-disposition"] == 'attachment; filename="other.html"'
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none'; script-src")
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["cache-control"].startswith("private")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, rules.OCTET_STREAM),
        ("", rules.OCTET_STREAM),
        ("nonsense", rules.OCTET_STREAM),
        ("image/png\r\nx: y", rules.OCTET_STREAM),
        ("ímage/png", rules.OCTET_STREAM),
        ("image/" + "x" * 300, rules.OCTET_STREAM),
        (" image/png ", "image/png"),
        ("text/plain; charset=utf-8", "text/plain; charset=utf-8"),
        ('audio/ogg;codecs="opus"', 'audio/ogg;codecs="opus"'),
        ("image/svg+xml", "image/svg+xml"),
    ],
)
def test_a_content_type_is_kept_if_it_is_one(header: str | None, expected: str) -> None:
    assert rules.clean_content_type(header) == expected


def test_a_file_name_has_a_limit() -> None:
    assert rules.check_file_name("") is None
    assert rules.check_file_name("é" * 512) == "é" * 512
    with pytest.raises(InvalidFileName):
        rules.check_file_name("é" * 513)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-3", (0, 4)),
        ("bytes=0-", (0, 10)),
        ("bytes=3-100", (3, 10)),
        ("bytes=9-9", (9, 10)),
        ("bytes=-4", (6, 10)),
        ("bytes=-100", (0, 10)),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=0-1,4-5", None),
        ("lines=0-3", None),
        ("bytes=a-b", None),
        ("bytes=" + "9" * 100 + "-", None),
    ],
)
def test_a_range_is_a_part_of_the_file(
    header: str | None, expected: tuple[int, int] | None
) -> None:
    assert rules.parse_range(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable) as refused:
        rules.parse_range(header, 10)
    assert refused.value.size == 10


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, False),
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ("*", True),
        ('"b"', False),
    ],
)
def test_what_a_client_has_is_recognised(header: str | None, *, expected: bool) -> None:
    assert rules.is_known(header, '"a"') is expected


def test_a_media_id_is_plain() -> None:
    assert rules.is_media_id("aZ09_-")
    for media_id in ("", "../x", "a/b", "a.b", "a" * 129, "é"):
        assert not rules.is_media_id(media_id)

"""The benchmark's own HTTP client, which must not lose or invent a response."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.http_client import Response, ResponseParser, request_bytes

_bodies = st.one_of(st.binary(max_size=40), st.sampled_from([b"\r\n\r\n", b"0\r\n\r\n", b""]))
_statuses = st.sampled_from([200, 403, 404, 500])


@st.composite
def _sized(draw: st.DrawFn) -> tuple[Response, bytes]:
    response = Response(draw(_statuses), draw(_bodies))
    name = draw(st.sampled_from([b"Content-Length", b"content-length"]))
    head = b"HTTP/1.1 %d OK\r\nServer: x\r\n%s: %d\r\n\r\n"
    return response, head % (response.status, name, len(response.body)) + response.body


@st.composite
def _chunked(draw: st.DrawFn) -> tuple[Response, bytes]:
    chunks = draw(st.lists(st.binary(min_size=1, max_size=20), max_size=4))
    response = Response(draw(_statuses), b"".join(chunks))
    head = b"HTTP/1.1 %d OK\r\nTransfer-Encoding: chunked\r\n\r\n" % response.status
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    trailer = draw(st.sampled_from([b"", b"X-Sum: 1\r\n"]))
    return response, head + body + b"0\r\n" + trailer + b"\r\n"


@given(
    responses=st.lists(st.one_of(_sized(), _chunked()), min_size=1, max_size=4),
    cuts=st.lists(st.integers(0, 10_000), max_size=12),
)
def test_responses_come_out_whole_wherever_the_stream_is_cut(
    responses: list[tuple[Response, bytes]], cuts: list[int]
) -> None:
    stream = b"".join(written for _, written in responses)
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    parser = ResponseParser()
    read = [
        response for start, end in pairwise(places) for response in parser.feed(stream[start:end])
    ]
    assert read == [response for response, _ in responses]


@given(body=_bodies, cut=st.integers(0, 60))
def test_a_body_without_a_length_ends_with_the_connection(body: bytes, cut: int) -> None:
    stream = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body
    parser = ResponseParser()
    assert parser.feed(stream[:cut]) == []
    assert parser.feed(stream[cut:]) == []
    if body or cut < len(stream):
        assert parser.end() == Response(200, body)
    assert parser.closing


def test_an_answer_that_announces_another_is_no_response() -> None:
    parser = ResponseParser()
    last = b"HTTP/1.1 204 No Content\r\n\r\n"
    assert parser.feed(b"HTTP/1.1 100 Continue\r\n\r\n" + last) == [Response(204, b"")]


def test_a_request_is_written_as_the_protocol_wants_it() -> None:
    assert request_bytes("PUT", "/a", "t", b"{}") == (
        b"PUT /a HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer t\r\n"
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )

"""As much of S3 as the file store uses, in memory, on a free port.

Put whole or in parts, get a range, head, delete one or many, list. Signatures are not checked.
"""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest

_MODIFIED = "2026-01-02T03:04:05.000Z"
_MODIFIED_HTTP = "Fri, 02 Jan 2026 03:04:05 GMT"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "FakeS3"

    def do_PUT(self) -> None:
        key, query = self._target()
        content = self._body()
        if "uploadId" in query:
            self.server.parts[query["uploadId"]][int(query["partNumber"])] = content
        else:
            self.server.objects[key] = content
        self._answer(200, {"ETag": _etag(content)})

    def do_POST(self) -> None:
        key, query = self._target()
        body = self._body()
        if "uploads" in query:
            upload = str(len(self.server.parts))
            self.server.parts[upload] = {}
            self._answer_xml(f"<R><UploadId>{upload}</UploadId></R>")
        elif "uploadId" in query:
            parts = self.server.parts.pop(query["uploadId"])
            self.server.objects[key] = b"".join(parts[number] for number in sorted(parts))
            etag = escape(_etag(self.server.objects[key]))
            self._answer_xml(f"<R><ETag>{etag}</ETag></R>")
        else:
            self._delete_many(body)

    def do_GET(self) -> None:
        key, query = self._target()
        if "list-type" in query:
            self._list(query.get("prefix", ""))
        else:
            self._get(key)

    def do_HEAD(self) -> None:
        self._get(self._target()[0])

    def do_DELETE(self) -> None:
        key, query = self._target()
        if "uploadId" in query:
            self.server.parts.pop(query["uploadId"], None)
        else:
            self.server.objects.pop(key, None)
        self._answer(204)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in its base
        """Say nothing."""

    def _target(self) -> tuple[str, dict[str, str]]:
        """The key behind the bucket, and the query."""
        url = urlsplit(self.path)
        query = parse_qs(url.query, keep_blank_values=True)
        key = unquote(url.path).lstrip("/").partition("/")[2]
        return key, {name: values[0] for name, values in query.items()}

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _get(self, key: str) -> None:
        content = self.server.objects.get(key)
        if content is None:
            self._answer(404, body=b"<Error><Code>NoSuchKey</Code></Error>")
            return
        headers = {"ETag": _etag(content), "Last-Modified": _MODIFIED_HTTP}
        asked = self.headers.get("Range")
        if asked is None:
            self._answer(200, headers, content)
            return
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last or len(content)), len(content) - 1)
        if start >= len(content):
            self._answer(416, body=b"<Error><Code>InvalidRange</Code></Error>")
            return
        headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
        self._answer(206, headers, content[start : end + 1])

    def _list(self, prefix: str) -> None:
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{_MODIFIED}</LastModified>"
            f"<ETag>{escape(_etag(content))}</ETag><Size>{len(content)}</Size></Contents>"
            for key, content in sorted(self.server.objects.items())
            if key.startswith(prefix)
        )
        self._answer_xml(f"<R><IsTruncated>false</IsTruncated>{entries}</R>")

    def _delete_many(self, body: bytes) -> None:
        keys = [one.text or "" for one in ET.fromstring(body).iter() if one.tag.endswith("Key")]
        for key in keys:
            self.server.objects.pop(key, None)
        gone = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
        self._answer_xml(f"<DeleteResult>{gone}</DeleteResult>")

    def _answer_xml(self, text: str) -> None:
        self._answer(200, {"Content-Type": "application/xml"}, text.encode())

    def _answer(
        self, status: int, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class FakeS3(ThreadingHTTPServer):
    """The server and what it holds.

    Attributes:
        objects: contents by key.
        parts: of uploads that are not complete, by upload and number.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}

    @property
    def environment(self) -> dict[str, str]:
        """What an operator would set to use it."""
        return {
            "AWS_ENDPOINT": f"http://127.0.0.1:{self.server_port}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "nowhere",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


@pytest.fixture
def s3() -> Iterator[FakeS3]:
    """A running server."""
    with FakeS3() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()

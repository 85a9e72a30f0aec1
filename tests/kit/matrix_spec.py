"""The Matrix specification's own OpenAPI definitions, as a judge of answers.

They are not part of this repository: they are read where they lie beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import msgspec
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

SPEC = Path(__file__).parents[2] / ".." / "shared" / "matrix-spec"
_CLIENT_API = SPEC / "data" / "api" / "client-server"
_METHODS = {"get", "put", "post", "delete", "patch"}


@dataclass(frozen=True, order=True)
class Operation:
    """One method of one path of the specification.

    Attributes:
        method: GET, POST, ...
        path: the full path, with parameters as `{name}`.
        file: the definition's file.
        pointer: where in the file it stands, as a JSON pointer.
    """

    method: str
    path: str
    file: str
    pointer: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def shape(self) -> str:
        """Method and path, whatever its parameters are called."""
        return f"{self.method} {anonymous(self.path)}"


def anonymous(path: str) -> str:
    """A path with its parameters' names taken out."""
    return re.sub(r"\{[^}]*\}", "{}", path)


@cache
def load_operations() -> tuple[Operation, ...]:
    """All operations of the client-server API."""
    found = []
    for file in sorted(_CLIENT_API.glob("*.yaml")):
        document = _load(file.resolve().as_uri())
        server = document["servers"][0]
        base = server["variables"]["basePath"]["default"]
        for path, item in document["paths"].items():
            escaped = path.replace("~", "~0").replace("/", "~1")
            uri = file.resolve().as_uri()
            # A space at the end only tells two definitions of one path apart.
            full = base + path.rstrip(" /")
            found += [
                Operation(method.upper(), full, uri, f"/paths/{escaped}/{method}")
                for method in item
                if method in _METHODS
            ]
    return tuple(sorted(found))


@cache
def _load(uri: str) -> Any:
    path = Path(uri.removeprefix("file://"))
    return _with_text_keys(yaml.load(path.read_text(), Loader=yaml.CSafeLoader))


def _with_text_keys(value: Any) -> Any:
    # YAML reads a status code as a number; a JSON pointer names it by text.
    if isinstance(value, dict):
        return {str(name): _with_text_keys(held) for name, held in value.items()}
    if isinstance(value, list):
        return [_with_text_keys(held) for held in value]
    return value


def _retrieve(uri: str) -> Resource[Any]:
    return DRAFT202012.create_resource(_load(uri))


_registry: Registry[Any] = Registry(retrieve=_retrieve)  # type: ignore[call-arg]  # attrs alias


def find_operation(method: str, path: str) -> Operation | None:
    """The operation that a request's undecoded path belongs to; literal parts go first."""
    fitting = [
        one for one in _by_pattern() if one[0] == method and one[1].fullmatch(path.rstrip("/"))
    ]
    return min(fitting, key=lambda one: one[2].path.count("{"))[2] if fitting else None


@cache
def _by_pattern() -> list[tuple[str, re.Pattern[str], Operation]]:
    return [
        (one.method, re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]*", re.escape(one.path))), one)
        for one in load_operations()
    ]


@cache
def _validator(operation: Operation, status: str) -> Draft202012Validator | None:
    """What checks the body of one documented answer; None where none has to be there."""
    uri, pointer = operation.file, f"{operation.pointer}/responses/{status}"
    response = _registry.resolver(base_uri=uri).lookup(f"#{pointer}").contents
    if "$ref" in response:
        uri, _, pointer = urljoin(uri, response["$ref"]).partition("#")
        response = _registry.resolver(base_uri=uri).lookup(f"#{pointer}").contents
    if "application/json" not in response.get("content", {}):
        return None
    where = f"{uri}#{pointer}/content/application~1json/schema"
    return Draft202012Validator({"$ref": where}, registry=_registry)


@cache
def documented(operation: Operation) -> frozenset[str]:
    """The status codes that an operation's answers may have."""
    found = _registry.resolver(base_uri=operation.file).lookup(f"#{operation.pointer}/responses")
    return frozenset(found.contents)


def find_faults(operation: Operation, response: httpx.Response) -> list[str]:
    """What the specification has against an answer.

    Args:
        operation: what was asked.
        response: what was answered.

    Returns:
        Sentences; none where all is well.
    """
    status = str(response.status_code)
    if status not in documented(operation):
        return (
            [] if _is_plain_error(response) else [f"answers with {status}: {response.text[:200]}"]
        )
    validator = _validator(operation, status)
    if validator is None:
        is_fine = response.is_success or response.has_redirect_location or _is_plain_error(response)
        return [] if is_fine else [f"answers with {status}: {response.text[:200]}"]
    if not response.headers["content-type"].startswith("application/json"):
        return [f"answers with {response.headers['content-type']}"]
    body = msgspec.json.decode(response.content)
    return [
        f"{status} at {error.json_path}: {error.message[:300]}"
        for error in validator.iter_errors(body)
    ]


def _is_plain_error(response: httpx.Response) -> bool:
    # Section "Standard error response": any request may be refused in this form.
    if response.status_code < httpx.codes.BAD_REQUEST:
        return False
    body = msgspec.json.decode(response.content)
    return isinstance(body.get("errcode"), str) and isinstance(body.get("error"), str)


class CheckingTransport(httpx.AsyncBaseTransport):
    """Passes requests on, and remembers what the specification has against the answers.

    Args:
        inner: what answers.

    Attributes:
        seen: the operations and status codes answered.
        faults: all that was wrong.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.seen: set[tuple[Operation, int]] = set()
        self.faults: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass one request on."""
        response = await self._inner.handle_async_request(request)
        await response.aread()
        path = request.url.raw_path.decode().partition("?")[0]
        operation = find_operation(request.method, path)
        if operation is not None:
            self.seen.add((operation, response.status_code))
            self.faults += [f"{operation}: {fault}" for fault in find_faults(operation, response)]
        return response

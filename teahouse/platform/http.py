"""What routes are written with: the request, the answer, and the one form of errors.

A route is a short function: `request.requester()`, `request.body_as(Shape)`, a command, `answer`.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, Literal, TypeVar
from urllib.parse import unquote_to_bytes

import msgspec
import structlog
from litestar import Request as LitestarRequest
from litestar import Response
from litestar.exceptions import HTTPException

from teahouse.platform.errors import (
    BadJson,
    InvalidParam,
    MethodNotAllowed,
    MissingParam,
    MissingToken,
    NotJson,
    Refusal,
    Suspended,
    TooLarge,
    Unrecognised,
)
from teahouse.platform.json import JsonObject, encode_json
from teahouse.platform.requester import Requester
from teahouse.platform.services import Services

T = TypeVar("T")

JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"
REASON_HEADER = "Teahouse-Reason"
REASON_LENGTH_MAX = 500
NO_REASON = "No reason was given: a program for operators of Matrix servers asked."
# The escape of NUL in JSON, not preceded by a backslash that is itself escaped.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_log = structlog.get_logger("http")


class Request(LitestarRequest[Any, Any, Any]):
    """A request with this project's ways to read it. All of them refuse what is malformed."""

    _requester: Requester | None = None

    @property
    def services(self) -> Services:
        """The parts of the running server."""
        services = self.app.state.services
        assert isinstance(services, Services)
        return services

    async def requester(self) -> Requester:
        """Who asks, by the access token; found out once.

        Raises:
            MissingToken: no token.
            UnknownToken: a token nobody holds.
            LimitExceeded: the member asks too often.
        """
        if self._requester is not None:
            return self._requester
        token = self.bearer_token()
        if token is None:
            self.services.rate_limits.check("address", self.address())
            raise MissingToken
        as_user = as_device = None
        if b"user_id=" in self.scope["query_string"]:
            as_user = self.query("user_id")
        if b"device_id=" in self.scope["query_string"]:
            # As it was called before Matrix 1.17; bridges of then use it.
            as_device = self.query("device_id") or self.query("org.matrix.msc3202.device_id")
        found = await self.services.authenticate(
            token, as_user=as_user, as_device=as_device, caller=self
        )
        if found.is_limited:
            self.services.rate_limits.check("member", found.user_id)
        if found.roles:
            found = msgspec.structs.replace(found, reason=self._reason())
        self._requester = found
        return found

    def _reason(self) -> str:
        """Why one of the staff asks: UTF-8, percent-encoded, as a header has no other letters.

        Tools for operators of any Matrix server know no such header: the member reads that.
        """
        told = _clean(REASON_HEADER, unquote_to_bytes(self.headers.get(REASON_HEADER, ""))).strip()
        if len(told) > REASON_LENGTH_MAX:
            raise InvalidParam(f"`{REASON_HEADER}` has at most {REASON_LENGTH_MAX} letters.")
        if not told and is_matrix_path(self.scope["path"]):
            return NO_REASON
        return told

    async def active_requester(self) -> Requester:
        """Who asks, for what a suspended member may not do.

        Raises:
            Suspended: the house has suspended them.

        Source:
            Client-server API, "Account suspension" (M_USER_SUSPENDED).
        """
        found = await self.requester()
        until = found.suspended_until
        if until is not None and self.services.clock.now_ms() < until:
            raise Suspended(until=until)
        return found

    def bearer_token(self) -> str | None:
        """The access token: from the header, or from the query where the operator allows that."""
        scheme, _, token = self._authorization().partition(" ")
        if scheme.lower() == "bearer" and token.strip():
            return token.strip()
        if self.services.settings.access_token_in_query:
            return self.query("access_token")
        return None

    def _authorization(self) -> str:
        # Every request asks for this one header: a map of all of them would cost ten times that.
        for name, value in self.scope["headers"]:
            if name == b"authorization":
                return value.decode("latin-1")
        return ""

    def address(self) -> str:
        """Where the request comes from; believes `X-Forwarded-For` only of trusted proxies.

        Each proxy writes behind the others whom it saw, so the list is read from its end, up to
        the first that is not one of the operator's own: what stands before it anybody can write.
        """
        found = self._peer()
        if not self._is_proxied():
            return found
        for told in reversed(self.headers.get("x-forwarded-for", "").split(",")):
            if not _is_address(told.strip()):
                break
            found = told.strip()
            if found not in self.services.settings.trusted_proxies:
                break
        return found

    def scheme(self) -> Literal["http", "https"]:
        """How the client came; believes `X-Forwarded-Proto` only of trusted proxies."""
        told = self.headers.get("x-forwarded-proto", "") if self._is_proxied() else ""
        return "https" if told == "https" else "http"

    def _peer(self) -> str:
        return self.client.host if self.client else ""

    def _is_proxied(self) -> bool:
        return self._peer() in self.services.settings.trusted_proxies

    def user_agent(self) -> str:
        """The program that asks, as it says; at most 200 characters."""
        return self.headers.get("user-agent", "").replace("\0", "")[:200]

    def path(self, name: str) -> str:
        """A path parameter, percent-decoded.

        Raises:
            InvalidParam: not UTF-8, or with a NUL.
        """
        return _clean(name, unquote_to_bytes(self.path_params[name]))

    def query(self, name: str) -> str | None:
        """A query parameter, or None."""
        found = self.query_params.get(name)
        return None if found is None else _clean(name, found.encode("utf-8", "surrogateescape"))

    def query_needed(self, name: str) -> str:
        """A query parameter that must be there.

        Raises:
            MissingParam: it is not.
        """
        found = self.query(name)
        if found is None:
            raise MissingParam(f"The query parameter `{name}` is missing.")
        return found

    def query_int(self, name: str, *, default: int, least: int = 0, most: int = 2**53) -> int:
        """A whole number from the query; numbers over `most` become `most`.

        Raises:
            InvalidParam: not a number, or below `least`.
        """
        found = self.query(name)
        if found is None:
            return default
        # int() alone would take spaces, signs, underscores and thousands of digits.
        if not re.fullmatch(r"-?[0-9]{1,18}", found) or int(found) < least:
            raise InvalidParam(f"`{name}` must be a whole number from {least}.")
        return min(int(found), most)

    def query_bool(self, name: str, *, default: bool = False) -> bool:
        """`true` or `false` from the query.

        Raises:
            InvalidParam: anything else.
        """
        found = self.query(name)
        if found is None:
            return default
        if found not in {"true", "false"}:
            raise InvalidParam(f"`{name}` must be `true` or `false`.")
        return found == "true"

    async def body_as(self, shape: type[T], *, empty_ok: bool = False) -> T:
        """The body as a struct.

        Args:
            shape: the struct (unknown members are ignored unless it forbids them).
            empty_ok: whether no body at all reads as `{}`.

        Raises:
            NotJson: not JSON, or not UTF-8.
            BadJson: JSON of another shape, or with a NUL.
            TooLarge: more bytes than `body_bytes_limit`.
        """
        raw = await self.body()
        return decode_body(raw or (b"{}" if empty_ok else b""), shape)

    async def json(self) -> Any:  # noqa: ANN401 - as in its base
        """The body for a handler's parameter `data`, which Litestar asks for.

        Litestar by itself would take `"60"` and `60.0` for the number 60.

        Raises:
            NotJson, BadJson: as of `body_as`.
        """
        field = self.route_handler.parsed_data_field
        return await self.body_as(Any if field is None else field.annotation)

    async def json_object(self) -> JsonObject:
        """The body as a JSON object of any members."""
        found: JsonObject = await self.body_as(dict[str, Any])
        return found


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def decode_body(raw: bytes, shape: type[T]) -> T:
    """Decode untrusted JSON.

    Raises:
        NotJson: not JSON, or not UTF-8.
        BadJson: JSON of another shape, nested too deep, or with a NUL.
    """
    try:
        # msgspec skips members that the shape does not know without looking at their bytes.
        raw.decode()
        decoded = msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError as error:
        raise BadJson(f"The body has the wrong shape: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotJson(f"The body is not JSON: {error}") from None
    except RecursionError:
        raise BadJson("The body is nested too deep.") from None
    if b"\\u0000" in raw and _NUL.search(raw):
        # PostgreSQL's text cannot hold it, and no script uses it.
        raise BadJson("The character U+0000 is not accepted.")
    return decoded


def _clean(name: str, raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise InvalidParam(f"`{name}` is not UTF-8.") from None
    if "\0" in text:
        raise InvalidParam(f"`{name}` contains the character U+0000.")
    return text


def answer(
    body: object, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response[bytes]:
    """A JSON answer; `body` may be bytes that are JSON already."""
    content = body if isinstance(body, bytes) else encode_json(body)
    return Response(content, status_code=status, media_type=JSON_TYPE, headers=headers)


# Errors


def is_matrix_path(path: str) -> bool:
    """Whether a path belongs to the surface whose errors are Matrix `errcode`s."""
    return path.startswith(("/_matrix/", "/_synapse/", "/.well-known/matrix/"))


def answer_refusal(request: LitestarRequest[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    """A refusal in the form of its surface."""
    headers = {}
    if "retry_after_ms" in refusal.data:
        headers["Retry-After"] = str(-(-int(refusal.data["retry_after_ms"]) // 1000))  # type: ignore[call-overload]
    if is_matrix_path(request.scope["path"]):
        body = {"errcode": refusal.errcode, "error": refusal.text} if refusal.errcode else {}
        return answer(body | refusal.body(), status=refusal.status, headers=headers)
    problem = {
        "type": f"urn:teahouse:problem:{refusal.code}",
        "title": refusal.message,
        "status": refusal.status,
        "detail": refusal.text,
        "instance": request.scope.get("state", {}).get("request_id"),
    }
    response = answer(problem | refusal.body(), status=refusal.status, headers=headers)
    response.media_type = PROBLEM_TYPE
    return response


def answer_http_exception(
    request: LitestarRequest[Any, Any, Any], error: HTTPException
) -> Response[bytes]:
    """What the router itself refuses."""
    kinds: dict[int, type[Refusal]] = {404: Unrecognised, 405: MethodNotAllowed, 413: TooLarge}
    kind = kinds.get(error.status_code)
    if kind is not None:
        return answer_refusal(request, kind())
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return answer_defect(request, error)
    return answer_refusal(request, BadJson(error.detail))


def answer_too_deep(
    request: LitestarRequest[Any, Any, Any], _error: RecursionError
) -> Response[bytes]:
    """A body nested deeper than can be decoded, where the router decodes it."""
    return answer_refusal(request, BadJson("The body is nested too deep."))


def answer_not_text(
    request: LitestarRequest[Any, Any, Any], _error: UnicodeDecodeError
) -> Response[bytes]:
    """A body that is not UTF-8, where the router decodes it."""
    return answer_refusal(request, NotJson("The body is not UTF-8."))


class _Defect(Refusal):
    status, code, errcode = 500, "internal-error", "M_UNKNOWN"
    message = "The server made a mistake. It has been logged."


def answer_defect(request: LitestarRequest[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Our own mistake: logged with its trace, told without detail."""
    _log.error("request failed", exc_info=error, route=request.scope.get("path_template"))
    return answer_refusal(request, _Defect())

"""JSON: the shapes, and decoding that refuses what has the wrong one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import msgspec

if TYPE_CHECKING:
    Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
else:
    # msgspec reads the annotations of a struct at run time and follows no recursive alias.
    Json = Any

JsonObject: TypeAlias = dict[str, Json]

T = TypeVar("T")

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


def encode_json(value: object) -> bytes:
    """JSON text of a struct or plain value, as UTF-8."""
    return _encoder.encode(value)


def decode_json(data: bytes) -> Any:  # noqa: ANN401 - the caller gives it a type at once
    """A plain value from JSON that we wrote ourselves."""
    return _decoder.decode(data)

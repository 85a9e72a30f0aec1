"""What to-device messages may look like."""

from typing import Any

import msgspec
import pytest

from teahouse.chat.to_device.rules import (
    CONTENT_BYTES_LIMIT,
    NESTING_LIMIT,
    encode_messages,
    to_event,
)
from teahouse.platform.errors import BadJson, Refusal, TooLarge


def nested(levels: int) -> dict[str, Any]:
    """An object of so many levels, itself included."""
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "content",
    [{}, {"a": [1, 1.5, None, "\u2028\U0001f600"]}, nested(NESTING_LIMIT), {"a": [[]] * 200}],
)
def test_a_message_is_delivered_as_it_was(content: dict[str, Any]) -> None:
    encoded = encode_messages({"@ada:tea": {"PHONE": content}})["@ada:tea"]["PHONE"]
    event = msgspec.json.decode(to_event("m.test", "@ben:tea", encoded))
    assert event == {"type": "m.test", "sender": "@ben:tea", "content": content}


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (nested(NESTING_LIMIT + 1), BadJson),
        ({"a": nested(NESTING_LIMIT + 1), "b": []}, BadJson),
        ({"a": "x" * CONTENT_BYTES_LIMIT}, TooLarge),
    ],
)
def test_what_some_client_could_not_read_is_refused(
    content: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        encode_messages({"@ada:tea": {"PHONE": {}, "TABLET": content}})

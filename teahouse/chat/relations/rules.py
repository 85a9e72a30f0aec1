"""Pure parts of relations."""

from __future__ import annotations

from teahouse.platform.json import decode_json, encode_json


def hide_content(event_json: bytes) -> bytes:
    """An event without what it says: the root of a thread by somebody ignored."""
    decoded = decode_json(event_json)
    return encode_json({**decoded, "content": {}})

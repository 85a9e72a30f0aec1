"""What of the settings may be shown. Pure."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec

from teahouse.accounts.operations.types import SettingInForce
from teahouse.platform.settings import Settings

_SECRET: Final = re.compile(r"secret|password|_key$|_keys$")
# What stands before the @ of a URL signs in somewhere.
_SIGN_IN: Final = re.compile(r"(?<=://)[^/@\s]+@")


def list_settings(settings: Settings) -> list[SettingInForce]:
    """Every setting as it holds, without what is secret."""
    hints = get_type_hints(Settings, include_extras=True)
    return [
        _tell(field, getattr(settings, field.name), hints[field.name])
        for field in msgspec.structs.fields(Settings)
    ]


def _tell(field: msgspec.structs.FieldInfo, value: object, hint: object) -> SettingInForce:
    is_secret = _SECRET.search(field.name) is not None
    shown = ("set" if value else "") if is_secret else _SIGN_IN.sub("…@", _write(value))
    return SettingInForce(
        name=field.name,
        value=shown,
        about=_about(hint),
        is_default=value == _default_of(field),
        is_secret=is_secret,
    )


def _write(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _default_of(field: msgspec.structs.FieldInfo) -> object:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def _about(hint: Any) -> str:  # noqa: ANN401 - whatever a field is annotated with
    if get_origin(hint) is not Annotated:
        return ""
    metas = [one for one in get_args(hint)[1:] if isinstance(one, msgspec.Meta)]
    return next((meta.description for meta in metas if meta.description), "")

"""Whether Teahouse may be given on under Apache-2.0 with all that it is made of."""

from __future__ import annotations

from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Final

from license_expression import get_spdx_licensing

from supply_chain.locks import Package

# The LGPL asks that its libraries can be replaced: they are installed beside, unchanged, as files.
ALLOWED: Final = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "LGPL-2.1-only",
        "LGPL-3.0-only", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Unlicense",
    }
)  # fmt: skip
# Where a package says it in other words, read by us in what it brings along.
_READ_BY_US: Final = {
    "colorama": "BSD-3-Clause",  # only on Windows, so not installed where this runs
    "iso4217": "CC0-1.0",  # "Public Domain"
    "pyasn1-modules": "BSD-2-Clause",
    "reportlab": "BSD-3-Clause",
    "rich-click": "MIT",
    "rstr": "BSD-3-Clause",
    "segno": "BSD-3-Clause",
}
_CLASSIFIERS: Final = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: MIT License": "MIT",
}
_FREE_TEXTS: Final = {"MIT License": "MIT", "Apache License, Version 2.0": "Apache-2.0"}
_SPDX: Final = get_spdx_licensing()


def python_licence(package: Package) -> str:
    """What a package of Python says of its licence, as an SPDX expression; "" where it says none.

    Args:
        package: installed here, unless it is one of those read by us.
    """
    if package.name in _READ_BY_US:
        return _READ_BY_US[package.name]
    try:
        return _told_by(distribution(package.name))
    except PackageNotFoundError:
        return ""


def _told_by(installed: Distribution) -> str:
    for field in ("License-Expression", "License"):
        for text in installed.metadata.get_all(field) or []:
            return _FREE_TEXTS.get(str(text), str(text))
    kinds = installed.metadata.get_all("Classifier") or []
    return " AND ".join(_CLASSIFIERS[one] for one in kinds if one in _CLASSIFIERS)


def is_allowed(expression: str) -> bool:
    """Whether an SPDX expression leaves a way that is allowed; what can't be read does not.

    Args:
        expression: such as `MIT OR Apache-2.0`.
    """
    trouble = _SPDX.validate(expression)
    return bool(expression) and not trouble.errors and _is_met(_SPDX.parse(expression))


def _is_met(parsed: object) -> bool:
    if isinstance(parsed, _SPDX.OR):
        return any(_is_met(one) for one in parsed.args)
    if isinstance(parsed, _SPDX.AND):
        return all(_is_met(one) for one in parsed.args)
    return str(parsed) in ALLOWED

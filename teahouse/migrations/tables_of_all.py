"""Every table of every domain. Loads them; knows none by name."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import sqlalchemy as sa

import teahouse
from teahouse.platform.db import metadata


def load_all_tables() -> sa.MetaData:
    """Import whatever defines tables.

    Returns:
        The metadata that now holds them all.
    """
    root = Path(teahouse.__file__).parent
    # In `platform` a table stands beside the one file that uses it.
    for file in sorted([*root.glob("platform/[a-z]*.py"), *root.rglob("tables.py")]):
        import_module(".".join(("teahouse", *file.relative_to(root).with_suffix("").parts)))
    return metadata

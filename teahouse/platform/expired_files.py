"""Files that are made for somebody, kept for a time, and then deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from teahouse.platform.data_map import FileClass
from teahouse.platform.db import Read, Tx
from teahouse.platform.services import Services

_AT_A_TIME: Final = 100


async def delete_expired_files(
    services: Services,
    file_class: FileClass,
    find: Callable[[Read, int], Sequence[str]],
    forget: Callable[[Tx, str], None],
) -> None:
    """Delete the files whose time is over, some at a time.

    The row goes after the file, so that what is left of a crash is found by its row.

    Args:
        services: of the server.
        file_class: of the files, each named after its row.
        find: the rows whose time is over, at most so many; not those that were forgotten.
        forget: has a row be found no more, once its file is gone.
    """
    while True:
        expired = await services.db.read(find, _AT_A_TIME)
        for name in expired:
            await services.files.delete(file_class, name)
            await services.db.write(forget, name)
        if len(expired) < _AT_A_TIME:
            return

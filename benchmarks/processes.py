"""Memory and processor time of a server's processes, read from Linux's /proc."""

import os
import time
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PROC = Path("/proc")


class Memory(NamedTuple):
    """Memory of a tree of processes, in MB (10^6 bytes).

    Args:
        resident: the sum of what each process holds; shared pages count in each.
        proportional: shared pages divided among those who share them.
    """

    resident: float
    proportional: float


class Instant(NamedTuple):
    """Clocks read at one moment, in seconds.

    Args:
        wall: monotonic time.
        client: processor time of this process.
        server: processor time of the server's processes.
        machine: processor time of everything on the machine.
    """

    wall: float
    client: float
    server: float
    machine: float


def tree(roots: list[int]) -> list[int]:
    """The processes started, directly or not, by `roots`, and these themselves.

    Args:
        roots: process ids; dead ones are left out.
    """
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    waiting = [root for root in roots if (_PROC / str(root)).exists()]
    while waiting:
        process = waiting.pop()
        found.append(process)
        waiting += children.get(process, [])
    return found


def memory(roots: list[int]) -> Memory:
    """What the trees below `roots` hold now.

    Args:
        roots: process ids.
    """
    resident = proportional = 0
    for process in tree(roots):
        pages = _read(process, "statm").split()
        resident += int(pages[1]) * _PAGE if pages else 0
        for line in _read(process, "smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                proportional += int(line.split()[1]) * 1024
    return Memory(resident / 1e6, proportional / 1e6)


def instant(roots: list[int]) -> Instant:
    """Read all clocks.

    Args:
        roots: the server's process ids.
    """
    server = 0
    for process in tree(roots):
        fields = _stat(process)
        # utime, stime and those of children that have ended: fields 14 to 17 of proc(5),
        # counted here from the state, which is field 3.
        server += sum(int(field) for field in fields[11:15]) if fields else 0
    busy = (_PROC / "stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    # user, nice, system, irq and softirq; neither idle, iowait nor steal.
    machine = sum(int(busy[column]) for column in (1, 2, 3, 6, 7))
    return Instant(time.perf_counter(), time.process_time(), server / _TICKS, machine / _TICKS)


def _stat(process: int) -> list[str]:
    """The fields after the command's name, which may itself hold blanks."""
    return _read(process, "stat").rpartition(")")[2].split()


def _read(process: int, name: str) -> str:
    try:
        return (_PROC / str(process) / name).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""

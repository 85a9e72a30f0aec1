"""The partner bank as a process: killed at any moment, it loses nothing and does nothing twice."""

import contextlib
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from tests.partner_bank.kit import HOUSE, Customer, number

TEAHOUSE = str(Path(sys.executable).with_name("teahouse"))
PATIENCE_SECONDS = 60


def bank(folder: Path, verb: str, *options: str) -> str:
    done = subprocess.run(
        [TEAHOUSE, "partner-bank", verb, "--folder", str(folder), *options],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextlib.contextmanager
def running(folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [TEAHOUSE, "partner-bank", "run", "--folder", str(folder), "--poll-ms", "5", *options],
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_for(folder: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    """Until so many answers lie in the folder."""
    deadline = monotonic() + PATIENCE_SECONDS
    while len(list((folder / "outbox").iterdir())) < count:
        assert process.poll() is None
        assert monotonic() < deadline
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.002)


def test_a_bank_that_is_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    bank(tmp_path, "open", "--account", HOUSE.number, "--currency", "EUR", "--balance", "5000")
    customer = Customer(tmp_path)
    files, orders = 30, 10
    for file in range(files):
        customer.order(*((f"O-{file}-{one}", 7, number(f"1{one:03}")) for one in range(orders)))
    for kill in range(5):
        with running(tmp_path, "--delay-ms", "20") as process:
            wait_for(tmp_path, 3 * (kill + 1), process)
            process.send_signal(signal.SIGKILL)
    with running(tmp_path, "--delay-ms", "20") as process:
        wait_for(tmp_path, files + 1, process)
        deadline = monotonic() + PATIENCE_SECONDS
        while len(customer.told()) < files * orders:
            assert monotonic() < deadline
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
    assert Counter(one.end_to_end_id for one in customer.told()).most_common(1)[0][1] == 1
    assert len(customer.statuses()) == files
    accounts = json.loads(bank(tmp_path, "accounts", "--json"))
    assert accounts[0]["minor"] == 500_000 - 7 * files * orders
    assert sum(one["minor"] for one in accounts) == 500_000 + 1_000_000 * orders
    assert list((tmp_path / "inbox").iterdir()) == []


def test_days_can_be_short(tmp_path: Path) -> None:
    bank(tmp_path, "open", "--account", HOUSE.number, "--currency", "EUR", "--balance", "1.00")
    bank(tmp_path, "pay-in", "--account", HOUSE.number, "--currency", "EUR", "--amount", "0.50")
    with running(tmp_path, "--day-ms", "50") as process:
        wait_for(tmp_path, 4, process)
    first = Customer(tmp_path).statements()[0]
    assert (first.opening, first.closing) == (100, 150)


@pytest.mark.parametrize(
    "options", [["--reject", "2"], ["--delay-ms", "-1"], ["--day-ms", "0"], ["--seed", "x"]]
)
def test_terms_that_cannot_be_are_refused(tmp_path: Path, options: list[str]) -> None:
    command = [TEAHOUSE, "partner-bank", "run", "--once", "--folder", str(tmp_path), *options]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["open", "--account", "DE88370400440532013000", "--currency", "EUR"], "neither an IBAN"),
        (["open", "--account", "12345678", "--currency", "EURO"], "is not the code"),
        (["open", "--account", "12345678", "--currency", "JPY", "--balance", "1.5"], "0 decimals"),
        (
            ["pay-in", "--account", "12345678", "--currency", "EUR", "--amount", "1"],
            "No customer has",
        ),
    ],
)
def test_what_cannot_be_is_told_in_a_line(tmp_path: Path, command: list[str], told: str) -> None:
    verb, *options = command
    done = subprocess.run(
        [TEAHOUSE, "partner-bank", verb, "--folder", str(tmp_path), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {1, 2}
    assert told in done.stderr
    assert "Traceback" not in done.stderr

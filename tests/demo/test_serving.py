"""`teahouse demo` as somebody starts it."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx

STOP_SECONDS = 30


def test_says_where_it_is_and_lets_in_whom_it_names(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "teahouse", "demo", "--data", str(tmp_path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("Ctrl-C"):
                break
        try:
            url = re.search(r"Teahouse runs at (\S+)", said)
            lin = re.search(r"@lin:localhost\s+(\S+)", said)
            assert url is not None, said
            assert lin is not None, said
            login = httpx.post(
                f"{url[1]}/_matrix/client/v3/login",
                json={
                    "type": "m.login.password",
                    "identifier": {"type": "m.id.user", "user": "lin"},
                    "password": lin[1],
                },
            )
            assert login.status_code == 200, login.text
            assert httpx.get(url[1]).status_code == 200
        finally:
            process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.wait(STOP_SECONDS) == 0

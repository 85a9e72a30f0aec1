"""What an operator can set: one TOML file and `TEAHOUSE_*` variables, read once at the start.

`docs/reference/settings.md` is generated from this struct.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, get_type_hints

import msgspec

_PREFIX = "TEAHOUSE_"


def _help(text: str, *, least: int | None = None) -> msgspec.Meta:
    return msgspec.Meta(description=text, ge=least)


class SettingsError(Exception):
    """A setting that is unknown or has a value it cannot have. The server does not start."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every setting, its unit and its default."""

    data: Annotated[str, _help("Folder for the database, the files and the keys.")] = "data"
    host: Annotated[str, _help("Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, _help("Port to listen on; 0 takes any free one.", least=0)] = 8008
    server_name: Annotated[
        str, _help("The part of member ids after the colon. It can't be changed later.")
    ] = "localhost"
    public_url: Annotated[
        str, _help("Where clients reach this server, for `.well-known`; empty: as they asked.")
    ] = ""
    database_url: Annotated[
        str, _help("`postgresql://…`; empty: an SQLite file in the data folder.")
    ] = ""
    bus_url: Annotated[
        str, _help("`nats://…` to join several servers; empty: within this process.")
    ] = ""
    files_url: Annotated[
        str, _help("`s3://bucket/prefix` or another store's URL; empty: in the data folder.")
    ] = ""
    web_files: Annotated[
        str, _help("Folder of the built web client; empty: the one within the package.")
    ] = ""
    miniprograms: Annotated[
        list[str],
        _help("Folders or zip files of mini-programs, beside those that come with Teahouse."),
    ] = []
    miniprograms_off: Annotated[
        list[str], _help("Ids of mini-programs that are not offered here.")
    ] = []
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], _help("The least serious line to log.")
    ] = "info"

    registration: Annotated[
        Literal["open", "token", "closed"], _help("Who may create an account.")
    ] = "token"
    registration_shared_secret: Annotated[
        str, _help("Lets tools register members at `/_synapse/admin/v1/register`; empty: off.")
    ] = ""
    admin_api: Annotated[
        bool, _help("Answer the Synapse-compatible calls at `/_synapse/admin` to operators.")
    ] = False
    access_token_in_query: Annotated[
        bool, _help("Accept the deprecated `access_token` query parameter. URLs get logged.")
    ] = False
    access_token_ms: Annotated[
        int, _help("Life of an access token that can be refreshed, milliseconds.", least=1000)
    ] = 3_600_000
    password_hash_mib: Annotated[
        int, _help("Memory that argon2id spends on a password, MiB.", least=8)
    ] = 19
    password_hash_rounds: Annotated[int, _help("Passes that argon2id makes over it.", least=1)] = 2

    rate_limits: Annotated[bool, _help("Limit requests per member and per address.")] = True
    rate_member: Annotated[str, _help("Requests of one member.")] = "600/minute"
    rate_address: Annotated[str, _help("Requests of one address without a token.")] = "300/minute"
    rate_login: Annotated[str, _help("Sign-in tries for one member from one address.")] = (
        "10/minute"
    )
    rate_login_address: Annotated[str, _help("Sign-in tries from one address.")] = "30/minute"
    rate_login_name: Annotated[
        str,
        _help("Failed sign-ins for one member from anywhere, before new addresses must wait."),
    ] = "50/hour"
    rate_login_slow: Annotated[
        str, _help("Sign-in tries from each new address while that lasts.")
    ] = "1/10 minutes"
    rate_register: Annotated[str, _help("Accounts created from one address.")] = "10/hour"
    rate_send: Annotated[str, _help("Events sent by one member.")] = "20/second"
    trusted_proxies: Annotated[
        list[str],
        _help(
            "Addresses of reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are"
            " believed."
        ),
    ] = []

    identity_providers: Annotated[
        list[str],
        _help("Services that confirm who members are; `simulated` confirms nearly everything."),
    ] = []
    wallet_currencies: Annotated[
        list[str], _help("Currencies members can have wallets in (ISO 4217), the default first.")
    ] = msgspec.field(default_factory=lambda: ["CNY", "EUR", "USD", "XAF"])
    payment_user: Annotated[
        str, _help("Local part of the account that tells rooms of payments.")
    ] = "wallet"
    wallet_rule_set: Annotated[
        str,
        _help("Rules for payments: `pboc-2015`, `open` (no limits), or the path of a TOML file."),
    ] = "pboc-2015"
    red_packet_shares_max: Annotated[int, _help("Most shares of a red packet.", least=1)] = 100
    red_packet_share_limits: Annotated[
        list[str],
        _help("The most a red packet may hold for each of its shares, by currency."),
    ] = msgspec.field(default_factory=lambda: ["CNY 200.00", "EUR 25.00", "USD 30.00"])
    house_time_zone: Annotated[
        str, _help("Where days and years of limits begin, as in the IANA time zone database.")
    ] = "Asia/Shanghai"

    partner_bank: Annotated[
        str, _help("How the bank is reached: `folder`, or the name of an installed provider.")
    ] = "folder"
    partner_bank_url: Annotated[
        str,
        _help(
            "Folder or `s3://bucket/prefix` in which files are exchanged with the bank; empty: "
            "no outside banks."
        ),
    ] = ""
    partner_bank_accounts: Annotated[
        list[str], _help("The house's accounts at the bank, one for each currency: `EUR:DE89…`.")
    ] = []
    partner_bank_bic: Annotated[str, _help("The bank's BIC, where it wants to be named.")] = ""
    partner_bank_creditor_id: Annotated[
        str, _help("The house's creditor identifier, where direct debits need one (SEPA).")
    ] = ""
    partner_bank_name: Annotated[
        str, _help("Under which name the house keeps its accounts; empty: the server's name.")
    ] = ""

    erasure_days: Annotated[
        int,
        _help("Days a member may think an erasure over; 0: it is done at once.", least=0),
    ] = 7
    database_copies_days: Annotated[
        int,
        _help(
            "Days for which PostgreSQL's own log, replicas and base backups keep what was deleted;"
            " who is erased is told; 0: not known.",
            least=0,
        ),
    ] = 0
    official_courts: Annotated[
        list[str],
        _help("Courts whose warrants and orders are obeyed; empty: none, but for emergencies."),
    ] = []

    metrics_addresses: Annotated[list[str], _help("Addresses that may read `/metrics`.")] = (
        msgspec.field(default_factory=lambda: ["127.0.0.1", "::1"])
    )
    body_bytes_limit: Annotated[int, _help("Largest JSON body, bytes.", least=65_536)] = 1_048_576
    request_seconds_limit: Annotated[
        int, _help("Longest a request may take, apart from waiting in `/sync`.", least=1)
    ] = 60

    default_room_version: Annotated[Literal["10", "11", "12"], _help("Version of new rooms.")] = (
        "12"
    )
    encrypt_private_rooms: Annotated[
        bool, _help("Create direct and private rooms encrypted unless the client says how.")
    ] = True
    presence: Annotated[bool, _help("Let members who opted in show when they are there.")] = False
    push_gateways_allowed: Annotated[
        list[str],
        _help("Hosts of push gateways in your own network, at private addresses or without TLS."),
    ] = []
    webhook_hosts_allowed: Annotated[
        list[str],
        _help("Hosts of shops' webhooks in your own network, at private addresses or without TLS."),
    ] = []
    message_days: Annotated[
        int,
        _help("Days a message is kept in rooms without a rule of their own; 0: always.", least=0),
    ] = 0
    media_days: Annotated[
        int,
        _help("Days after which an upload that nobody looks at is removed; 0: never.", least=0),
    ] = 0
    upload_bytes_limit: Annotated[int, _help("Largest upload, bytes.", least=1)] = 52_428_800
    upload_member_bytes_limit: Annotated[
        int, _help("All uploads of one member, bytes.", least=1)
    ] = 1_073_741_824
    turn_uris: Annotated[
        list[str], _help("TURN servers for calls, `turn:host?transport=udp`.")
    ] = []
    turn_shared_secret: Annotated[str, _help("Secret shared with the TURN servers.")] = ""
    turn_seconds: Annotated[int, _help("Life of TURN credentials, seconds.", least=60)] = 86_400
    known_clients: Annotated[
        list[str],
        _help(
            "Origins of web clients, `https://app.example`, that get a login token from single"
            " sign-on without asking the member once more."
        ),
    ] = []
    appservice_files: Annotated[
        list[str], _help("Registration files (YAML) of bridges and bots.")
    ] = []

    @property
    def data_dir(self) -> Path:
        """The data folder."""
        return Path(self.data)


def load_settings(
    file: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    **overrides: object,
) -> Settings:
    """Settings from a TOML file, then the environment, then the command line.

    Args:
        file: the TOML file, if any.
        environ: the environment; the process's own by default.
        overrides: what the command line said; None means it said nothing.

    Raises:
        SettingsError: an unknown name or a value out of bounds, with the place it came from.
    """
    values: dict[str, object] = {}
    if file is not None:
        values |= _read_file(file)
    values |= _read_environ(os.environ if environ is None else environ)
    values |= {name: value for name, value in overrides.items() if value is not None}
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"{error}. Settings are listed in docs/reference/settings.md."
        ) from None


def _read_file(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from None


def _read_environ(environ: Mapping[str, str]) -> dict[str, object]:
    kinds = get_type_hints(Settings)
    values: dict[str, object] = {}
    for variable, text in environ.items():
        name = variable.removeprefix(_PREFIX).lower()
        if not variable.startswith(_PREFIX) or name.startswith("test_"):
            continue
        if name not in kinds:
            raise SettingsError(f"{variable} is not a setting.")
        values[name] = _parse(text, kinds[name])
    return values


def _parse(text: str, kind: object) -> object:
    if kind is bool:
        return {"on": True, "off": False}.get(text.lower(), text)
    if kind == list[str]:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text

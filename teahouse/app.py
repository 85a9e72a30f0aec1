"""Joins the domains into one server. The only list of domains."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa
from litestar import Response, get

from teahouse import accounts, chat, ledger, miniprograms, privacy, wallet
from teahouse.migrations import upgrade
from teahouse.migrations.tables_of_all import load_all_tables
from teahouse.platform import idempotency
from teahouse.platform.bus import Bus
from teahouse.platform.chance import Chance
from teahouse.platform.checks import PLATFORM_CHECKS, PROBLEMS_MAX, Check, reference_check
from teahouse.platform.clock import Clock, SystemClock
from teahouse.platform.db import Database, Read, Tx, sqlite_url
from teahouse.platform.edge import Edge
from teahouse.platform.errors import Unrecognised
from teahouse.platform.files import Files
from teahouse.platform.hot_routes import HotRoutes
from teahouse.platform.http import Request, answer
from teahouse.platform.jobs import JobKind, Worker, count_jobs, forget_jobs_naming
from teahouse.platform.json import Json, JsonObject
from teahouse.platform.load import LoadRecorder
from teahouse.platform.logs import configure_logs, log_request
from teahouse.platform.metrics import Metrics
from teahouse.platform.rate_limits import RateLimits
from teahouse.platform.router import make_router
from teahouse.platform.services import Services
from teahouse.platform.web_app import WebApp

if TYPE_CHECKING:
    from types import ModuleType

    from litestar.types import ASGIApp, HTTPScope

    from teahouse.platform.settings import Settings

SWITCH_SECONDS = 0.0005
# They remove files and empty messages: nobody is erased before they are done.
JOBS_THAT_ERASE = (
    "chat.erase_history",
    "chat.remove_media_files",
    "privacy.delete_archives",
    "wallet.delete_exports",
)


class Server:
    """One running server.

    Args:
        settings: read once, here.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.services = make_services(settings)
        self.metrics = Metrics()
        self._logs_requests = settings.log_level in {"debug", "info"}
        self.bus = Bus(
            self.services.db,
            settings.bus_url,
            server_name=settings.server_name,
            meter=self.metrics,
        )
        routes = [*install(self.services), health, metrics_text]
        wallet.enforce_rules(self.services)
        load_all_tables()
        privacy.publish_policy(self.services)
        self.services.put(self.metrics)
        self.load = LoadRecorder(self.services, self.metrics)
        self.services.put(self.load)
        self.services.db.meter = self.metrics
        self.app = make_app(self.services, routes, self._request_done)
        self.worker = Worker(
            self.services.db,
            self.services,
            job_kinds(),
            meter=self.metrics,
        )

    def _request_done(self, scope: HTTPScope, status: int, seconds: float) -> None:
        route = scope.get("path_template") or "none"
        self.metrics.count_request(
            method=scope["method"], route=route, status=status, seconds=seconds
        )
        if not self._logs_requests:
            return
        log_request(
            request_id=scope["state"]["request_id"],
            method=scope["method"],
            route=route,
            status=status,
            duration_ms=seconds * 1000,
        )

    async def run(self, ready: Callable[[str], None]) -> None:
        """Serve until SIGTERM or SIGINT.

        Args:
            ready: called with the server's URL once it listens.
        """
        from granian.constants import HTTPModes, Interfaces
        from granian.server.embed import Server as Granian  # heavy; only where a server runs

        port = _claim_port(self.settings.host, self.settings.port)
        # Only once the port is ours: another server could be writing into the same folder.
        await self.services.files.remove_unfinished()
        http = Granian(
            self.app,
            address=self.settings.host,
            port=port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            websockets=False,
            log_enabled=False,
            backlog=1024,
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop, http)
        await self.bus.start()
        self.worker.start()
        serving = asyncio.create_task(http.serve())
        recording = asyncio.create_task(self.load.run())
        await _listening(self.settings.host, port, serving)
        # What was made up to here lives as long as the server: the collector need not look at it.
        gc.collect()
        gc.freeze()
        ready(f"http://{self.settings.host}:{port}")
        await serving
        recording.cancel()
        await self.worker.stop()
        await self.bus.stop()
        await asyncio.to_thread(self.services.db.stop)

    def _stop(self, http: Any) -> None:  # noqa: ANN401 - Granian's server has no public type
        chat.stop_waiting(self.services)
        http.stop()


def make_services(settings: Settings, clock: Clock | None = None) -> Services:
    """The platform's parts: the database migrated and started, the file store.

    Args:
        settings: read once, here.
        clock: the system's by default.
    """
    configure_logs(settings.log_level)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    clock, chance = clock or SystemClock(), Chance()
    db = Database(
        settings.database_url or sqlite_url(settings.data_dir / "teahouse.db"),
        clock=clock,
        chance=chance,
    )
    upgrade(db.engine)
    db.start()
    services = Services(
        settings=settings,
        clock=clock,
        chance=chance,
        db=db,
        files=Files(settings.files_url, settings.data_dir / "files"),
    )
    services.rate_limits = RateLimits(settings, clock)
    return services


def install(services: Services) -> list[Any]:
    """Join every domain to the services; returns all routes."""
    services.put(
        privacy.DataHolders((accounts.RELEASABLE, chat.data_holder(), wallet.data_holder()))
    )
    services.put(archive_sources())
    services.put(archive_receivers())
    services.put(make_eraser(services))
    # Before the domains react: it counts what they are about to erase.
    services.db.react(accounts.MemberDeactivated, partial(_follow_deactivation, services))
    return [
        *privacy.install(services),
        *accounts.install(services),
        *chat.install(services),
        *wallet.install(services),
        *miniprograms.install(services),
    ]


def archive_sources() -> privacy.ArchiveSources:
    """What each domain puts into a member's archive, in the order in which it is written."""
    from teahouse.accounts.archives.personal_data import AccountsSource  # only archives need them
    from teahouse.chat.archives.personal_data import ChatSource
    from teahouse.wallet.archives.personal_data import WalletSource

    return privacy.ArchiveSources(
        (AccountsSource(), ChatSource(), WalletSource(), privacy.own_archive_source())
    )


def archive_receivers() -> privacy.ArchiveReceivers:
    """What each domain takes out of the archive of another house."""
    from teahouse.accounts.archives.live import ProfileReceiver  # only imports need them
    from teahouse.chat.archives.live import ChatReceiver

    return privacy.ArchiveReceivers((ProfileReceiver(), ChatReceiver()))


def job_kinds() -> list[JobKind]:
    """What every domain does later or on a timetable."""
    return privacy.report_runs(
        [
            *idempotency.JOB_KINDS,
            *privacy.job_kinds(),
            *accounts.job_kinds(),
            *chat.job_kinds(),
            *ledger.job_kinds(),
            *wallet.job_kinds(),
        ]
    )


def _follow_deactivation(services: Services, tx: Tx, gone: accounts.MemberDeactivated) -> None:
    if gone.erase:
        privacy.begin_erasure(services, tx, gone.user_id)


def make_eraser(services: Services) -> privacy.Eraser:
    """What erasing a member takes of every domain."""

    def close(tx: Tx, user_id: str) -> None:
        accounts.deactivate_member(tx, user_id, erase=True, by=None)

    def gather(read: Read, user_id: str) -> privacy.BoxContent | None:
        seal = services.get(accounts.Seal)
        checks: list[Json] = [*accounts.gather_by_law(read, user_id, seal)]
        paid = wallet.gather_by_law(read, user_id, seal)
        if not checks and not paid:
            return None
        content: JsonObject = {"member": user_id, "identity_checks": checks, **paid}
        counts = {
            name: value if isinstance(value, int) else len(value)
            for name, value in content.items()
            if isinstance(value, int | list | dict)
        }
        return privacy.BoxContent({name: n for name, n in counts.items() if n}, content)

    async def erase_rest(parts: Services, user_id: str) -> None:
        await parts.db.write(accounts.erase_member, user_id)
        await parts.db.write(forget_jobs_naming, user_id, but=JOBS_THAT_ERASE)
        await chat.finish_erasure(parts, user_id)

    return privacy.Eraser(
        confirm=accounts.require_reauthentication,
        find_obstacles=_find_obstacles,
        close=close,
        erase_rest=erase_rest,
        open_jobs=JOBS_THAT_ERASE,
        gather=gather,
        keep_years=wallet.find_keep_years,
        owners=owners(),
    )


def _find_obstacles(read: Read, user_id: str) -> list[privacy.Obstacle]:
    left = [
        privacy.Obstacle(code=one.code, amount=msgspec.to_builtins(one.amount))
        for one in wallet.find_obstacles(read, user_id)
    ]
    shops = wallet.find_shops_left(read, user_id)
    return [*left, *(privacy.Obstacle(code="shop-owned", name=n, blocks=False) for n in shops)]


def owners() -> privacy.Owners:
    """Whose every row and file is, as each domain says."""
    from teahouse.accounts.personal_data import OWNERSHIPS as OF_ACCOUNTS  # backups and erasure
    from teahouse.chat.erasure.personal_data import FILE_OWNERS as FILES_OF_CHAT
    from teahouse.chat.erasure.personal_data import OWNERSHIPS as OF_CHAT
    from teahouse.ledger.personal_data import OWNERSHIPS as OF_LEDGER
    from teahouse.miniprograms.orders.personal_data import OWNERSHIPS as OF_MINI_PROGRAMS
    from teahouse.privacy.personal_data import FILE_OWNERS as FILES_OF_PRIVACY
    from teahouse.privacy.personal_data import OWNERSHIPS as OF_PRIVACY
    from teahouse.wallet.leaving.personal_data import FILE_OWNERS as FILES_OF_WALLET
    from teahouse.wallet.leaving.personal_data import OWNERSHIPS as OF_WALLET

    return privacy.Owners(
        {
            **OF_PRIVACY,
            **OF_ACCOUNTS,
            **OF_LEDGER,
            **OF_CHAT,
            **OF_WALLET,
            **OF_MINI_PROGRAMS,
        },
        {**FILES_OF_PRIVACY, **FILES_OF_CHAT, **FILES_OF_WALLET},
    )


def checks(settings: Settings) -> list[Check]:
    """What `teahouse check` verifies, of every domain and of what one holds of another.

    Args:
        settings: where files and keys are, and what rules the operator has set.
    """
    return [
        *soundness_checks(settings),
        *privacy.make_retention_checks(job_kinds(), settings),
    ]


def soundness_checks(settings: Settings) -> list[Check]:
    """What holds at any moment, whether or not a worker has deleted in time what it should."""
    return [
        *PLATFORM_CHECKS,
        *privacy.make_checks(),
        *chat.make_checks(settings),
        *ledger.make_checks(),
        *wallet.make_checks(),
        *miniprograms.make_checks(),
        *_references(),
    ]


def _references() -> list[Check]:
    """No foreign key crosses a domain: here the references are verified."""
    from teahouse.accounts.tables import accounts_device, accounts_member  # only the checks read
    from teahouse.chat.account_data.tables import chat_account_data
    from teahouse.chat.filters.tables import chat_filter
    from teahouse.chat.keys import tables as keys
    from teahouse.chat.media.tables import chat_media
    from teahouse.chat.receipts.tables import chat_receipt

    member = accounts_member.c.user_id
    return [
        reference_check("chat: Account data is of members", chat_account_data.c.user_id, member),
        reference_check("chat: Filters are of members", chat_filter.c.user_id, member),
        reference_check("chat: Receipts are of members", chat_receipt.c.user_id, member),
        reference_check("chat: Media are of members", chat_media.c.user_id, member),
        *(
            Check(f"chat: {what} are of devices", _device_check(table, accounts_device, keys))
            for what, table in (
                ("Device keys", keys.chat_device_key),
                ("One-time keys", keys.chat_one_time_key),
                ("Fallback keys", keys.chat_fallback_key),
            )
        ),
    ]


def _device_check(
    table: sa.Table, device: sa.Table, keys: ModuleType
) -> Callable[[Read], Iterator[str]]:
    sealed = keys.chat_dehydrated_device
    lost = (
        sa.select(table.c.user_id, table.c.device_id)
        .where(
            *(
                ~sa.exists().where(
                    owner.c.user_id == table.c.user_id, owner.c.device_id == table.c.device_id
                )
                for owner in (device, sealed)
            )
        )
        .distinct()
        .order_by(table.c.user_id, table.c.device_id)
        .limit(PROBLEMS_MAX)
    )

    def find_problems(read: Read) -> Iterator[str]:
        for row in read.conn.execute(lost):
            yield f"{table.name} has keys of {row.user_id}'s {row.device_id}, which is not there"

    return find_problems


def make_app(
    services: Services, routes: list[Any], request_done: Callable[[HTTPScope, int, float], None]
) -> ASGIApp:
    """The ASGI application of some routes."""
    router = make_router(services, routes)
    web_app = WebApp(HotRoutes(router, chat.HOT_ROUTES), services.settings.web_files)
    return Edge(web_app, services, request_done)


@get("/health")
async def health(request: Request) -> Response[bytes]:
    """Whether the server and its database answer."""
    await asyncio.to_thread(request.services.db.poll_position)
    return answer({"status": "ok"})


@get("/metrics")
async def metrics_text(request: Request) -> Response[bytes]:
    """Counters for Prometheus, told to the addresses that the operator lists."""
    peer = request.client.host if request.client else ""
    # Behind a proxy everybody seems to come from its address.
    is_forwarded = "x-forwarded-for" in request.headers
    if is_forwarded or peer not in request.services.settings.metrics_addresses:
        raise Unrecognised
    found = request.services.get(Metrics)
    found.set_queue_length(request.services.db.queue_length())
    for status, count in (await request.services.db.read(count_jobs)).items():
        found.set_job_count(status, count)
    return Response(found.text(), media_type="text/plain; version=0.0.4")


def serve(settings: Settings, ready: Callable[[str], None] = print) -> None:
    """Run a server until it is told to stop.

    Args:
        settings: read once, here.
        ready: called with the server's URL once it listens.
    """
    import uvloop  # only where a server runs

    # The writer gives the interpreter away at each statement and must get it back from a busy
    # event loop; at the default 5 ms a commit of eight statements took 40 ms under load.
    sys.setswitchinterval(SWITCH_SECONDS)
    uvloop.run(Server(settings).run(ready))


class PortTaken(Exception):
    """Another program listens on the port."""


def _claim_port(host: str, port: int) -> int:
    """The port to listen on; any free one for 0.

    The HTTP server shares ports between its own processes, so it would not notice that another
    program, perhaps another Teahouse, has the port already, and requests would go to either.

    Raises:
        PortTaken: another program has it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(f"{host}:{port}: {error.strerror}") from None
        claimed: int = probe.getsockname()[1]
        return claimed


async def _listening(host: str, port: int, serving: asyncio.Task[None]) -> None:
    """Wait until the port answers."""
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            return

"""What operators watch, in Prometheus' text format. No label is about a person."""

from __future__ import annotations

from typing import Literal

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST
# From a cached answer to a long poll's end, seconds.
_REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30)
# From an SSD's flush to a disk that fails, seconds.
_COMMIT_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1)
# Up to db.GROUP_SIZE_MAX.
_GROUP_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


_FAILURE = 500
# Answers that take long on purpose.
_LONG_POLLS = ("/sync", "/events")


class Totals(msgspec.Struct):
    """What was counted since the start; `slowest_seconds` since it was last taken."""

    requests: int = 0
    failures: int = 0
    slowest_seconds: float = 0.0
    commands: int = 0
    commits: int = 0
    commit_seconds: float = 0.0


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self._totals = Totals()
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "teahouse_request_seconds",
            "Seconds until the answer, by route template.",
            ["method", "route"],
            buckets=_REQUEST_SECONDS,
            registry=self._registry,
        )
        self._answers = Counter(
            "teahouse_answers",
            "Answers by route template and status.",
            ["route", "status"],
            registry=self._registry,
        )
        self._group_size = Histogram(
            "teahouse_db_group_size",
            "Commands committed together.",
            buckets=_GROUP_SIZES,
            registry=self._registry,
        )
        self._commit_seconds = Histogram(
            "teahouse_db_group_seconds",
            "Seconds from the begin to the commit of a group.",
            buckets=_COMMIT_SECONDS,
            registry=self._registry,
        )
        self._queue_length = Gauge(
            "teahouse_db_queue_length", "Commands waiting for the writer.", registry=self._registry
        )
        self._job_tries = Counter(
            "teahouse_job_tries",
            "Tries of jobs by what became of them.",
            ["kind", "outcome"],
            registry=self._registry,
        )
        self._jobs = Gauge(
            "teahouse_jobs", "Jobs not done yet.", ["status"], registry=self._registry
        )
        self._bus = Gauge(
            "teahouse_bus_connected", "1 while other servers are heard.", registry=self._registry
        )
        # Finding a counter by its labels costs more than counting.
        self._by_request: dict[tuple[str, str, int], tuple[Histogram, Counter]] = {}

    def count_request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            method: GET, PUT, ...
            route: the template; one word for all that matched none, lest strangers fill memory.
            status: of the answer.
            seconds: until it was ready.
        """
        key = (method, route, status)
        found = self._by_request.get(key)
        if found is None:
            # Both are limited: routes are templates, and statuses are few.
            found = self._by_request[key] = (
                self._requests.labels(method, route),
                self._answers.labels(route, str(status)),
            )
        found[0].observe(seconds)
        found[1].inc()
        totals = self._totals
        totals.requests += 1
        totals.failures += status >= _FAILURE
        if seconds > totals.slowest_seconds and not route.endswith(_LONG_POLLS):
            totals.slowest_seconds = seconds

    def count_group(self, size: int, seconds: float) -> None:
        """Count a commit of the writer: how many commands, how long from begin to commit."""
        self._group_size.observe(size)
        self._commit_seconds.observe(seconds)
        self._totals.commits += 1
        self._totals.commands += size
        self._totals.commit_seconds += seconds

    def take_totals(self) -> Totals:
        """What was counted up to now; the slowest answer is sought anew from here on."""
        taken = msgspec.structs.replace(self._totals)
        self._totals.slowest_seconds = 0.0
        return taken

    def count_job(self, kind: str, outcome: Literal["done", "failed", "dead"]) -> None:
        """Count one try of a job."""
        self._job_tries.labels(kind, outcome).inc()

    def set_queue_length(self, length: int) -> None:
        """Note how many commands wait for the writer."""
        self._queue_length.set(length)

    def set_job_count(self, status: Literal["waiting", "dead"], count: int) -> None:
        """Note how many jobs wait or are dead."""
        self._jobs.labels(status).set(count)

    def set_bus_connected(self, *, connected: bool) -> None:
        """Note whether other servers are heard."""
        self._bus.set(int(connected))

    def text(self) -> bytes:
        """All of it, for `/metrics`; its content type is `CONTENT_TYPE`."""
        return generate_latest(self._registry)

"""For those who keep egov running: request ids, metrics, slow requests, health and readiness."""

from __future__ import annotations

import logging
import re
from bisect import bisect_left
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from itertools import accumulate
from secrets import compare_digest
from threading import Lock
from time import perf_counter
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.utils import floatToGoString
from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config
from ZODB.POSException import ConflictError

from egov.base import ids
from egov.base.permissions import Permission
from egov.storage.upkeep import last_works, upkeep_file
from egov.web.damage import Damage

log = logging.getLogger(__name__)

_GIVEN_ID = re.compile(r"[0-9A-Za-z-]{8,64}\Z")
FACES = ("manage", "static", "-")


class Answered:
    """Requests by face, method and status, and how long they took.

    Counted here, because every request is, and the library's own counters cost as much as a decision on a right.
    """

    # Seconds, each with what took no longer; the last is without end.
    _BOUNDS = Histogram.DEFAULT_BUCKETS

    def __init__(self) -> None:
        self._lock = Lock()
        # By face, method, status and place among the bounds.
        self._requests: Tally[tuple[str, str, int, int]] = Tally()
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def add(self, face: str, method: str, status: int, seconds: float) -> None:
        """Count one more."""
        key = face, method, status, bisect_left(self._BOUNDS, seconds)
        with self._lock:
            self._requests[key] += 1
            self._seconds[face] += seconds

    def collect(self) -> Iterator[CounterMetricFamily | HistogramMetricFamily]:
        """What was counted."""
        with self._lock:
            found, seconds = self._requests.copy(), dict(self._seconds)
        requests: Tally[tuple[str, str, int]] = Tally()
        within: Tally[tuple[str, int]] = Tally()
        for (face, method, status, place), number in found.items():
            requests[face, method, status] += number
            within[face, place] += number
        labels = ("face", "method", "status")
        counted = CounterMetricFamily("egov_requests", "Requests answered", labels=labels)
        for (face, method, status), number in requests.items():
            counted.add_metric((face, method, str(status)), number)
        yield counted
        spread = HistogramMetricFamily(
            "egov_request_seconds", "Time of a request", labels=("face",)
        )
        for face, taken in seconds.items():
            each = (within[face, place] for place in range(len(self._BOUNDS)))
            told = zip(map(floatToGoString, self._BOUNDS), accumulate(each), strict=True)
            spread.add_metric((face,), list(told), taken)
        yield spread


class Metrics:
    """What is counted in one process, and what is read from the database when somebody asks."""

    def __init__(self, registry: Any) -> None:
        self.collected = CollectorRegistry()
        self._application = registry
        self.answered = Answered()
        self.collected.register(self.answered)
        self.loads = Counter(
            "egov_objects_loaded", "Objects loaded from the storage", registry=self.collected
        )
        self.retries = Counter(
            "egov_retries", "Requests begun again after a conflict", registry=self.collected
        )
        self.full = Counter(
            "egov_disk_full", "Writes that found the disk full", registry=self.collected
        )
        self.damaged = Counter(
            "egov_damaged_reads", "Reads that met damage", registry=self.collected
        )
        ProcessCollector(registry=self.collected)
        PlatformCollector(registry=self.collected)
        self.collected.register(self)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The database's figures of this moment."""
        database = self._application._zodb_databases[""]
        for name, text, value in (
            ("egov_database_bytes", "Size of the database without blobs", database.getSize()),
            ("egov_database_objects", "Objects in the database", database.objectCount()),
            ("egov_cached_objects", "Objects in this process's caches", database.cacheSize()),
        ):
            yield GaugeMetricFamily(name, text, value=value)
        yield from self._works()

    def _works(self) -> Iterator[GaugeMetricFamily]:
        """How backup, scrub and pack ended, where they were noted."""
        uri, named = self._application.settings["zodbconn.uri"], self._application.egov.upkeep_file
        works = last_works(upkeep_file(uri, named)).values()
        for name, text, value_of in (
            ("ok", "Whether it ended well the last time", lambda work: float(work.is_done)),
            ("at_seconds", "When it was last done, well or not", lambda work: work.at.timestamp()),
            ("done_at_seconds", "When it last ended well", lambda w: w.done_at.timestamp() if w.done_at else 0.0),
            ("seconds", "How long it took", lambda work: work.seconds),
        ):  # fmt: skip
            family = GaugeMetricFamily(f"egov_upkeep_{name}", text, labels=("work",))
            for work in works:
                family.add_metric((work.what,), value_of(work))
            yield family

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing in advance: there is no database yet when the application is put together."""
        return []


def watch_tween(handler: Callable, registry: Any) -> Callable:
    """Give every request an id, count it, and log it when it was slow."""
    metrics = registry.metrics = Metrics(registry)
    registry.damage = Damage(registry)

    def tween(request: Any) -> Any:
        given = request.environ.get("HTTP_X_REQUEST_ID", "")
        request.id = given if given and _GIVEN_ID.match(given) else ids.new_request_id()
        if request.environ.get("retry.attempt"):
            metrics.retries.inc()
        begun = perf_counter()
        try:
            response = handler(request)
        except ConflictError as error:
            _note_conflict(request, error)
            raise
        seconds = perf_counter() - begun
        response.headerlist.append(("X-Request-ID", request.id))
        _count(metrics, request, response.status_int, seconds)
        return response

    return tween


def _count(metrics: Metrics, request: Any, status: int, seconds: float) -> None:
    environ = request.environ
    first = environ["PATH_INFO"][1:].partition("/")[0]
    face = first if first in FACES else "public"
    method = environ["REQUEST_METHOD"]
    method = method if method in ("GET", "HEAD", "POST") else "other"
    metrics.answered.add(face, method, status, seconds)
    registry = request.registry
    if face == "public" and status == 200 and registry.visits is not None:
        registry.visits.see(request.environ)
    # Looked for where reify keeps it: a request that needed no database shall not get one now.
    lease = vars(request).get("lease")
    loads = lease.loads() if lease is not None else 0
    if loads:
        metrics.loads.inc(loads)
    if seconds * 1000 >= request.registry.egov.slow_request_ms:
        log.warning(
            "slow: %s %s took %d ms and loaded %d objects, answer %d, request %s",
            request.method, request.path, seconds * 1000, loads, status, request.id,
        )  # fmt: skip


def _note_conflict(request: Any, error: ConflictError) -> None:
    """Tell which object two requests have met at: where it is often the same, it is to be spread."""
    oid = error.oid
    log.info(
        "conflict: %s %s %s in %s %s, request %s",
        type(error).__name__, error.class_name or "?", oid.hex() if oid else "?",
        request.method, request.path, request.id,
    )  # fmt: skip


@view_config(route_name="metrics", request_method="GET", permission=Permission.PUBLIC)
def metrics(request: Any) -> Any:
    """Prometheus's text, for who brings the token, or for this machine where none is set."""
    token = request.registry.egov.metrics_token
    given = request.headers.get("Authorization", "")
    if token:
        allowed = compare_digest(given.encode(), f"Bearer {token}".encode())
    else:
        allowed = bool(request.remote_addr) and ip_address(request.remote_addr).is_loopback
    if not allowed:
        raise HTTPNotFound
    text = generate_latest(request.registry.metrics.collected)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


@view_config(route_name="health", request_method="GET", permission=Permission.PUBLIC)
def health(request: Any) -> Any:
    """The process answers, and has met no damage."""
    damaged = request.registry.damage.known()
    told = f"degraded: {len(damaged)} damaged\n" if damaged else "ok\n"
    return Response(told, content_type="text/plain")


@view_config(route_name="ready", request_method="GET", permission=Permission.PUBLIC)
def ready(request: Any) -> Any:
    """The database answers, and there is a site group in it."""
    try:
        request.site.catalog.generation()
    except Exception as error:  # noqa: BLE001  whatever it is, the answer is: not ready
        log.warning("not ready: %s", error)
        return Response("not ready\n", status=503, content_type="text/plain")
    return Response("ready\n", content_type="text/plain")

"""What every process counts, on one registry; names are `switchboard_<noun>_<unit>`.

Labels are few and of low cardinality (channel_type, account, outcome …): never a conversation, a person, a
path or an error's text. `service` is added to each sample when the page is written, so nobody repeats it.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, GCCollector, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

PREFIX: Final = "switchboard_"
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
LATENCY_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


def new_registry() -> CollectorRegistry:
    """An empty registry that also tells memory, CPU, descriptors and garbage collection of this process."""
    registry = CollectorRegistry(auto_describe=True)
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


REGISTRY: Final = new_registry()


def counter(name: str, words: str, labels: Sequence[str] = ()) -> Counter:
    """A counter `switchboard_<name>`; the name ends in `_total`."""
    if not name.endswith("_total"):
        raise ValueError(f"counter {name} must end in _total")
    return Counter(PREFIX + name, words, labels, registry=REGISTRY)


def gauge(name: str, words: str, labels: Sequence[str] = ()) -> Gauge:
    """A gauge `switchboard_<name>`."""
    return Gauge(PREFIX + name, words, labels, registry=REGISTRY)


def histogram(name: str, words: str, labels: Sequence[str] = ()) -> Histogram:
    """A histogram `switchboard_<name>` of seconds; the name ends in `_seconds`."""
    if not name.endswith("_seconds"):
        raise ValueError(f"histogram {name} must end in _seconds")
    return Histogram(PREFIX + name, words, labels, registry=REGISTRY, buckets=LATENCY_BUCKETS)


_ACCOUNT: Final = ("channel_type", "account")

BUILD_INFO: Final = gauge("build_info", "1, with the version that runs.", ["version", "instance"])
EVENT_LOOP_LAG: Final = gauge("event_loop_lag_seconds", "By how much the event loop was last late.")

INBOUND_ACCEPTED: Final = counter(
    "inbound_accepted_total", "Messages taken from a provider and made safe.", _ACCOUNT
)
INBOUND_REFUSED: Final = counter(
    "inbound_refused_total", "Messages refused to a provider.", [*_ACCOUNT, "reason"]
)
INBOUND_DUPLICATE: Final = counter("inbound_duplicate_total", "Messages that had come before.", _ACCOUNT)
INBOUND_E2E: Final = histogram(
    "inbound_e2e_seconds", "From the provider's time to the operator's socket.", ["channel_type"]
)
ACCEPT: Final = histogram(
    "accept_seconds", "From a message's arrival to its acknowledgement.", ["channel_type"]
)
SPOOL_MESSAGES: Final = gauge("spool_messages", "Messages waiting in the local spool.", ["channel_type"])
SPOOL_BYTES: Final = gauge("spool_bytes", "Bytes waiting in the local spool.", ["channel_type"])
SPOOL_OLDEST: Final = gauge(
    "spool_oldest_seconds", "Age of the oldest message in the local spool.", ["channel_type"]
)

PUBLISH: Final = histogram("publish_seconds", "From a publish to the broker's confirm.", ["exchange"])
PUBLISH_FAILED: Final = counter(
    "publish_failed_total", "Publishes that were not confirmed.", ["exchange", "reason"]
)
CONSUME: Final = histogram("consume_seconds", "From a delivery's arrival to its acknowledgement.", ["queue"])
REDELIVERED: Final = counter("redelivered_total", "Deliveries that had been delivered before.", ["queue"])
PARKED: Final = counter("parked_total", "Messages given up on and parked.", ["queue", "reason"])
PARKED_MESSAGES: Final = gauge("parked_messages", "Parked messages that nobody has replayed or discarded.")
OUTBOX_PENDING: Final = gauge("outbox_pending", "Outbox rows that are not published yet.")
OUTBOX_OLDEST: Final = gauge(
    "outbox_oldest_seconds", "Age of the oldest outbox row that is not published yet."
)
BROKER_CONNECTED: Final = gauge("broker_connected", "1 while both connections to the broker are up.")
LEASE_HELD: Final = gauge("lease_held", "1 while this process is the active one.", ["lease"])

OUTBOUND: Final = counter(
    "outbound_total", "Messages sent to a provider, by what came of it.", [*_ACCOUNT, "result"]
)
OUTBOUND_SECONDS: Final = histogram(
    "outbound_seconds", "From the journal to the provider's answer.", ["channel_type"]
)
PROVIDER_REQUESTS: Final = counter("provider_requests_total", "Requests to a provider.", [*_ACCOUNT, "code"])
PROVIDER_THROTTLED: Final = counter(
    "provider_throttled_seconds_total", "Seconds paused by a provider.", _ACCOUNT
)
CHANNEL_UP: Final = gauge("channel_up", "1 while an account's probe is well.", _ACCOUNT)

WS_CONNECTIONS: Final = gauge("ws_connections", "Open WebSockets.", ["kind"])
WS_RESUME_GAP: Final = counter(
    "ws_resume_gap_events_total", "Events sent again to sockets that came back.", ["kind"]
)
WS_SLOW_CLOSED: Final = counter(
    "ws_slow_closed_total", "WebSockets closed because they did not read.", ["kind"]
)
WEBHOOK_REJECTED: Final = counter("webhook_rejected_total", "Webhook calls refused.", [*_ACCOUNT, "reason"])
LOGIN_FAILED: Final = counter("login_failed_total", "Sign-ins that failed.", ["reason"])
AUTHZ_DENIED: Final = counter(
    "authz_denied_total", "Requests refused for want of a session or a right.", ["route"]
)
SSRF_BLOCKED: Final = counter("ssrf_blocked_total", "Downloads refused by the guard.", ["reason"])
MEDIA_FAILED: Final = counter(
    "media_failed_total", "Attachments that could not be stored.", ["channel_type", "reason"]
)
DB_POOL_WAIT: Final = histogram("db_pool_wait_seconds", "Waiting for a database connection.")
HTTP: Final = histogram("http_seconds", "HTTP requests by route and status.", ["route", "status"])


class _Labelled(Collector):
    """All metrics of a registry, each sample labelled with the service."""

    def __init__(self, registry: CollectorRegistry, service: str) -> None:
        self._registry = registry
        self._service = service

    def collect(self) -> Iterator[Metric]:
        for family in self._registry.collect():
            family.samples = [
                sample._replace(labels={**sample.labels, "service": self._service})
                for sample in family.samples
            ]
            yield family


def page(service: str, registry: CollectorRegistry = REGISTRY) -> bytes:
    """The registry in Prometheus' text format."""
    return generate_latest(_Labelled(registry, service))


class LoopLag:
    """By how many seconds this event loop is late: the last beat's delay, or that of a beat still missing."""

    def __init__(self, beat_seconds: float = 0.25) -> None:
        self._beat_seconds = beat_seconds
        self._last = 0.0
        self._due: float | None = None

    @property
    def seconds(self) -> float:
        overdue = 0.0 if self._due is None else time.monotonic() - self._due
        return max(self._last, overdue, 0.0)

    async def watch(self) -> None:
        """Beat until cancelled."""
        while True:
            self._due = time.monotonic() + self._beat_seconds
            await asyncio.sleep(self._beat_seconds)
            self._last = max(0.0, time.monotonic() - self._due)
            EVENT_LOOP_LAG.set(self._last)

"""Switch telemetry on for a process, and off again with everything sent.

Spans are recorded where there is a collector to send them to, metrics where there is one or where
somebody may ask for them. With neither, no thread is started and no connection is made; the
functions of this package then cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace import Tracer
from prometheus_client import CollectorRegistry, generate_latest

from libs.common.ids import new_id
from libs.common.telemetry import names
from libs.common.telemetry.instruments import Instruments

_METRICS_EVERY_MILLISECONDS = 10_000
_FLUSH_MILLISECONDS = 5_000


@dataclass(frozen=True)
class Bus:
    """Where the process's events go, as the spans of their creation say it.

    Attributes:
        system: `rabbitmq` or `local`.
        exchange: the destination's first part; the type of the event is the second.
    """

    system: str = "local"
    exchange: str = "peers"


@dataclass(frozen=True)
class Tracing:
    """What makes spans.

    Attributes:
        share: of the events beyond the first 20 of an act, the part whose creation is sampled.
        bus: where events go.
    """

    tracer: Tracer
    share: float
    bus: Bus
    _provider: TracerProvider


@dataclass(frozen=True)
class Telemetry:
    """The recording side of one process.

    Attributes:
        tracing: None where spans have nowhere to go.
    """

    instruments: Instruments
    tracing: Tracing | None
    _metrics: MeterProvider
    _registry: CollectorRegistry | None = None

    def scrape(self) -> bytes:
        """The metrics as Prometheus' text; empty where it was not asked for at the start."""
        return b"" if self._registry is None else generate_latest(self._registry)

    def shutdown(self) -> None:
        """Send what has been recorded and stop; the last act of a process."""
        deactivate(self)
        if self.tracing is not None:
            self.tracing._provider.shutdown()
        self._metrics.shutdown(_FLUSH_MILLISECONDS)


_active: Telemetry | None = None
_untraced: ContextVar[bool] = ContextVar("ansinh.untraced", default=False)


def active() -> Telemetry | None:
    """The process's telemetry, if it is switched on."""
    return _active


def tracing() -> Tracing | None:
    """What makes the process's spans, if they go anywhere."""
    return None if _active is None or _untraced.get() else _active.tracing


@contextmanager
def untraced() -> Iterator[None]:
    """Within, no span is made: for what is tried and undone, so that no trace tells of it."""
    kept = _untraced.set(True)
    try:
        yield
    finally:
        _untraced.reset(kept)


def activate(telemetry: Telemetry) -> None:
    """Make it the process's telemetry."""
    global _active
    _active = telemetry


def deactivate(telemetry: Telemetry) -> None:
    """Take it away again, if it is the process's."""
    global _active
    if _active is telemetry:
        _active = None


def start(
    service: str,
    role: str,
    endpoint: str | None,
    share: float,
    *,
    is_scraped: bool = False,
    bus: Bus = Bus(),
) -> Telemetry | None:
    """Switch telemetry on where it goes anywhere.

    Args:
        service: the service's name, or `ansinh` for all in one process.
        role: `api`, `relay`, `consume` or `tick`; `all` for all in one process.
        endpoint: base URL of an OTLP/HTTP collector, e.g. `http://collector:4318`; None: no spans.
        share: see `Tracing`.
        is_scraped: whether `Telemetry.scrape` will be asked.
        bus: see `Tracing`.
    """
    if endpoint is None and not is_scraped:
        return None
    spans, readers = ([], []) if endpoint is None else _exporters(endpoint.rstrip("/"))
    telemetry = build(f"{service}-{role}", share, spans, readers, is_scraped=is_scraped, bus=bus)
    activate(telemetry)
    return telemetry


def _exporters(base: str) -> tuple[list[SpanProcessor], list[MetricReader]]:
    # A third of what a process imports, and most have no collector.
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    spans = BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{base}/v1/traces", timeout=5))
    metrics = PeriodicExportingMetricReader(
        OTLPMetricExporter(endpoint=f"{base}/v1/metrics", timeout=5),
        export_interval_millis=_METRICS_EVERY_MILLISECONDS,
    )
    return [spans], [metrics]


def build(
    name: str,
    share: float,
    spans: Sequence[SpanProcessor],
    readers: Sequence[MetricReader],
    *,
    is_scraped: bool = False,
    bus: Bus = Bus(),
) -> Telemetry:
    """Telemetry with given exporters, not yet active; without span processors no spans."""
    resource = Resource.create(
        {
            names.SERVICE_NAME: name,
            names.SERVICE_VERSION: _version(),
            names.SERVICE_INSTANCE: str(new_id()),
        }
    )
    registry = CollectorRegistry() if is_scraped else None
    asked = (
        []
        if registry is None
        # Whose metrics they are, Prometheus knows from the address: no label is an id.
        else [PrometheusMetricReader(True, scope_info_enabled=False, registry=registry)]
    )
    metrics = MeterProvider([*readers, *asked], resource, shutdown_on_exit=False)
    return Telemetry(
        instruments=Instruments.of(metrics.get_meter(names.SCOPE)),
        tracing=_tracing(resource, share, spans, bus) if spans else None,
        _metrics=metrics,
        _registry=registry,
    )


def _tracing(resource: Resource, share: float, spans: Sequence[SpanProcessor], bus: Bus) -> Tracing:
    # What is worth a span is decided where it would be made, before it costs anything.
    provider = TracerProvider(
        sampler=ParentBased(ALWAYS_ON), resource=resource, shutdown_on_exit=False
    )
    for processor in spans:
        provider.add_span_processor(processor)
    return Tracing(provider.get_tracer(names.SCOPE), share, bus, provider)


def _version() -> str:
    try:
        return version("ansinh")
    except PackageNotFoundError:
        return "0"

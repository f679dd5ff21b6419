"""Switch telemetry on for a process, and off again with everything sent.

Without an endpoint nothing is recorded, no thread is started and no connection is made; the
functions of this package then cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace import Tracer

from libs.common.ids import new_id
from libs.common.telemetry import names
from libs.common.telemetry.instruments import Instruments

_METRICS_EVERY_MILLISECONDS = 10_000
_FLUSH_MILLISECONDS = 5_000


@dataclass(frozen=True)
class Telemetry:
    """The recording side of one process.

    Attributes:
        share: of the events beyond the first 20 of an act, the part whose creation is sampled.
    """

    tracer: Tracer
    instruments: Instruments
    share: float
    _traces: TracerProvider
    _metrics: MeterProvider

    def flush(self) -> None:
        """Send what has been recorded so far."""
        self._traces.force_flush(_FLUSH_MILLISECONDS)
        self._metrics.force_flush(_FLUSH_MILLISECONDS)

    def shutdown(self) -> None:
        """Send what has been recorded and stop; the last act of a process."""
        deactivate(self)
        self._traces.shutdown()
        self._metrics.shutdown(_FLUSH_MILLISECONDS)


_active: Telemetry | None = None


def active() -> Telemetry | None:
    """The process's telemetry, if it is switched on."""
    return _active


def activate(telemetry: Telemetry) -> None:
    """Make it the process's telemetry."""
    global _active
    _active = telemetry


def deactivate(telemetry: Telemetry) -> None:
    """Take it away again, if it is the process's."""
    global _active
    if _active is telemetry:
        _active = None


def start(service: str, role: str, endpoint: str | None, share: float) -> Telemetry | None:
    """Switch telemetry on when an endpoint is configured.

    Args:
        service: the service's name, or `ansinh` for all in one process.
        role: `api`, `relay`, `consume`, `send` or `tick`.
        endpoint: base URL of an OTLP/HTTP collector, e.g. `http://collector:4318`; None: off.
        share: see `Telemetry`.
    """
    if endpoint is None:
        return None
    base = endpoint.rstrip("/")
    spans = BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{base}/v1/traces", timeout=5))
    reader = PeriodicExportingMetricReader(
        OTLPMetricExporter(endpoint=f"{base}/v1/metrics", timeout=5),
        export_interval_millis=_METRICS_EVERY_MILLISECONDS,
    )
    telemetry = build(f"{service}-{role}", share, [spans], [reader])
    activate(telemetry)
    return telemetry


def build(
    name: str, share: float, spans: Sequence[SpanProcessor], readers: Sequence[MetricReader]
) -> Telemetry:
    """Telemetry with given exporters, not yet active."""
    resource = Resource.create(
        {
            names.SERVICE_NAME: name,
            names.SERVICE_VERSION: _version(),
            names.SERVICE_INSTANCE: str(new_id()),
        }
    )
    # What is worth a span is decided where it would be made, before it costs anything.
    traces = TracerProvider(
        sampler=ParentBased(ALWAYS_ON), resource=resource, shutdown_on_exit=False
    )
    for processor in spans:
        traces.add_span_processor(processor)
    metrics = MeterProvider(readers, resource, shutdown_on_exit=False)
    return Telemetry(
        tracer=traces.get_tracer(names.SCOPE),
        instruments=Instruments.of(metrics.get_meter(names.SCOPE)),
        share=share,
        _traces=traces,
        _metrics=metrics,
    )


def _version() -> str:
    try:
        return version("ansinh")
    except PackageNotFoundError:
        return "0"

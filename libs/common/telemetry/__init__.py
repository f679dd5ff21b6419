"""Traces, metrics and logs of a process; off, and nearly free, until an endpoint is configured."""

from libs.common.telemetry import names
from libs.common.telemetry.logs import configure_logs
from libs.common.telemetry.metrics import count_processed, count_published, count_request, gauge
from libs.common.telemetry.setup import Telemetry, start
from libs.common.telemetry.spans import (
    creation_contexts,
    current_trace_id,
    event_span,
    process_span,
    publish_span,
    request_span,
)

__all__ = [
    "Telemetry",
    "configure_logs",
    "count_processed",
    "count_published",
    "count_request",
    "creation_contexts",
    "current_trace_id",
    "event_span",
    "gauge",
    "names",
    "process_span",
    "publish_span",
    "request_span",
    "start",
]

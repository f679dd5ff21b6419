"""Traces, metrics and logs of a process; off, and nearly free, until somebody asks."""

from libs.common.telemetry import names
from libs.common.telemetry.logs import configure_logs
from libs.common.telemetry.metrics import (
    count_processed,
    count_published,
    count_request,
    count_settled,
    count_webhook,
    gauge,
)
from libs.common.telemetry.setup import Bus, Telemetry, start, untraced
from libs.common.telemetry.spans import (
    ack_span,
    creation_contexts,
    current_trace_id,
    event_span,
    followed_context,
    mark_failed,
    process_span,
    publish_span,
    request_span,
    webhook_span,
)

__all__ = [
    "Bus",
    "Telemetry",
    "ack_span",
    "configure_logs",
    "count_processed",
    "count_published",
    "count_request",
    "count_settled",
    "count_webhook",
    "creation_contexts",
    "current_trace_id",
    "event_span",
    "followed_context",
    "gauge",
    "mark_failed",
    "names",
    "process_span",
    "publish_span",
    "request_span",
    "start",
    "untraced",
    "webhook_span",
]

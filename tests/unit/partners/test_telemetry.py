"""What an operator can ask about webhooks: counted by partner, traced under their event."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from libs.common import telemetry
from libs.common.ids import new_id
from libs.common.partners.standing import Partner, tell
from libs.common.telemetry import names
from libs.common.telemetry.setup import activate, build, deactivate

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CREATED = f"00-{'a' * 32}-{'b' * 16}-01"


@pytest.fixture
def recorded() -> Iterator[tuple[InMemorySpanExporter, InMemoryMetricReader]]:
    spans, metrics = InMemorySpanExporter(), InMemoryMetricReader()
    recording = build("test", 1.0, [SimpleSpanProcessor(spans)], [metrics])
    activate(recording)
    yield spans, metrics
    deactivate(recording)


def points(reader: InMemoryMetricReader) -> dict[str, list[tuple[dict[str, object], object]]]:
    data = reader.get_metrics_data()
    assert data is not None
    found: dict[str, list[tuple[dict[str, object], object]]] = {}
    for metric in data.resource_metrics[0].scope_metrics[0].metrics:
        found[metric.name] = [
            (dict(point.attributes or {}), getattr(point, "value", None))
            for point in metric.data.data_points
        ]
    return found


def test_an_attempt_is_a_span_under_its_event_s_creation_and_counted(
    recorded: tuple[InMemorySpanExporter, InMemoryMetricReader],
) -> None:
    spans, metrics = recorded
    for parent in (CREATED, None):  # an unsampled event has no span
        telemetry.webhook_span(
            "nhcsxh", parent, message_id=new_id(), started_at=NOW, status=500, error="status"
        )
    telemetry.count_webhook("credit", "nhcsxh", 0.1, status=500, error="status")
    [span] = spans.get_finished_spans()
    assert span.name == "send webhook:nhcsxh"
    assert span.parent is not None
    assert span.parent.trace_id == int("a" * 32, 16)
    assert (span.attributes or {})[names.ERROR_TYPE] == "status"
    [(labels, count)] = points(metrics)[names.PARTNER_DELIVERIES]
    assert (labels[names.PARTNER], labels[names.HTTP_STATUS], count) == ("nhcsxh", 500, 1)


def test_prometheus_finds_the_metric_that_the_alert_asks_for() -> None:
    recording = build("test", 1.0, [], [], is_scraped=True)
    activate(recording)
    try:
        tell("credit", [Partner("nhcsxh", "a", "active", pending=1, oldest_at=NOW)], NOW)
        scraped = recording.scrape().decode()
    finally:
        deactivate(recording)
    assert 'partner_oldest_age_seconds{ansinh_partner="nhcsxh",ansinh_service="credit"}' in scraped


def test_a_partner_s_endpoints_are_told_as_one_and_the_feed_is_not(
    recorded: tuple[InMemorySpanExporter, InMemoryMetricReader],
) -> None:
    old = datetime(2025, 12, 31, 23, 59, tzinfo=UTC)
    roads = [
        Partner("nhcsxh", "a", "active", pending=2, unread=3, oldest_at=NOW),
        Partner("nhcsxh", "b", "paused", "failing", pending=1, failed=4, oldest_at=old),
        Partner("nhcsxh", "feed", "reading", unread=99, oldest_at=old),
    ]
    tell("credit", roads, NOW)
    told = points(recorded[1])
    about = {names.SERVICE: "credit", names.PARTNER: "nhcsxh"}
    assert told[names.PARTNER_PENDING] == [(about, 6)]
    assert told[names.PARTNER_OLDEST_AGE] == [(about, 60)]
    assert told[names.PARTNER_FAILED] == [(about, 4)]

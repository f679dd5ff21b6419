"""What is traced: the first events of an act, a share of the rest, and nothing while off."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from libs.common.ids import new_id
from libs.common.telemetry import (
    Bus,
    ack_span,
    count_processed,
    count_published,
    count_settled,
    creation_contexts,
    event_span,
    followed_context,
    gauge,
    mark_failed,
    names,
    process_span,
    publish_span,
    request_span,
    untraced,
)
from libs.common.telemetry.setup import activate, build
from libs.common.telemetry.spans import FIRST_OF_AN_ACT, parse

EVENT = "household.registered.v1"
NOW = datetime(2022, 1, 4, 3, 0, tzinfo=UTC)
BUS = Bus("rabbitmq", "ansinh.events")
ABOUT = {names.SYSTEM: "rabbitmq", names.DESTINATION: f"ansinh.events:{EVENT}"}


class Recorded:
    def __init__(self, share: float) -> None:
        self.exporter = InMemorySpanExporter()
        self.reader = InMemoryMetricReader()
        spans = [SimpleSpanProcessor(self.exporter)]
        self.telemetry = build("test", share, spans, [self.reader], bus=BUS)
        activate(self.telemetry)

    def spans(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())

    def metrics(self) -> dict[str, list[tuple[dict[str, object], float]]]:
        found: dict[str, list[tuple[dict[str, object], float]]] = {}
        data = self.reader.get_metrics_data()
        assert data is not None
        for resource in data.resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    found[metric.name] = [
                        (dict(point.attributes or {}), getattr(point, "value", None) or 0)
                        for point in metric.data.data_points
                    ]
        return found


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    made = Recorded(share=0.0)
    yield made
    made.telemetry.shutdown()


@pytest.fixture
def recorded_all() -> Iterator[Recorded]:
    made = Recorded(share=1.0)
    yield made
    made.telemetry.shutdown()


def span_id(span: ReadableSpan) -> int:
    context = span.get_span_context()
    assert context is not None
    return context.span_id


def some(count: int) -> list[UUID]:
    return [new_id() for _ in range(count)]


def test_nothing_is_made_while_off() -> None:
    assert creation_contexts(EVENT, some(3), correlation_id=new_id()) == [None] * 3
    with process_span([None], ABOUT) as span:
        assert not span.is_recording()
    event_span(
        ABOUT,
        None,
        message_id=new_id(),
        correlation_id=new_id(),
        version=1,
        outcome="applied",
        started_at=NOW,
    )
    count_processed(ABOUT, "credit.referrals", 1, 0.1, {"applied": 1})


def test_one_event_belongs_to_the_trace_of_its_act(recorded: Recorded) -> None:
    with request_span("POST", None, {}) as act:
        [context] = creation_contexts(EVENT, some(1), correlation_id=new_id())
    created = parse(context)
    assert created is not None
    assert created.trace_id == act.get_span_context().trace_id


def test_many_events_are_traces_of_their_own_linked_to_the_act(recorded: Recorded) -> None:
    with request_span("POST", None, {}) as act:
        contexts = creation_contexts(EVENT, some(50), correlation_id=new_id())
    sampled = [found for found in map(parse, contexts) if found is not None]
    assert len(sampled) == FIRST_OF_AN_ACT
    assert len({found.trace_id for found in sampled}) == FIRST_OF_AN_ACT
    made = [span for span in recorded.spans() if span.kind is SpanKind.PRODUCER]
    assert {span.links[0].context.span_id for span in made} == {act.get_span_context().span_id}
    assert {span.name for span in made} == {f"create ansinh.events:{EVENT}"}


def test_what_is_tried_and_undone_leaves_no_trace(recorded: Recorded) -> None:
    with untraced():
        assert creation_contexts(EVENT, [new_id()], correlation_id=new_id()) == [None]
    assert recorded.spans() == []
    assert creation_contexts(EVENT, [new_id()], correlation_id=new_id()) != [None]


def test_a_later_chunk_of_the_act_is_not_the_first_again(recorded: Recorded) -> None:
    assert creation_contexts(EVENT, some(5), correlation_id=new_id(), before=1000) == [None] * 5


def test_the_share_decides_by_subject(recorded_all: Recorded) -> None:
    contexts = creation_contexts(EVENT, some(40), correlation_id=new_id(), before=1000)
    assert None not in contexts


def test_batches_link_and_sampled_events_are_children(recorded: Recorded) -> None:
    [context] = creation_contexts(EVENT, some(1), correlation_id=new_id())
    created = parse(context)
    assert created is not None
    with publish_span([context, None], {**ABOUT, names.BATCH_COUNT: 2}):
        pass
    with process_span([context, None], ABOUT):
        for parent in (context, None):
            event_span(
                ABOUT,
                parent,
                message_id=new_id(),
                correlation_id=new_id(),
                version=3,
                outcome="applied",
                started_at=NOW,
            )
    _, publish, child, process = recorded.spans()
    assert (publish.kind, process.kind) == (SpanKind.CLIENT, SpanKind.CONSUMER)
    for batch in (publish, process):
        assert [link.context.span_id for link in batch.links] == [created.span_id]
        assert batch.parent is None
    assert child.parent is not None
    assert child.parent.span_id == created.span_id
    assert (child.attributes or {})[names.OUTCOME] == "applied"


def test_an_event_that_follows_has_a_creation_under_its_causes(recorded: Recorded) -> None:
    [cause] = creation_contexts(EVENT, some(1), correlation_id=new_id())
    message_id, subject, act = new_id(), new_id(), new_id()
    context = followed_context(
        "entitlement.changed.v1",
        subject,
        cause=cause,
        correlation_id=act,
        message_id=message_id,
        version=2,
    )
    first, second = recorded.spans()
    assert second.parent is not None
    assert second.parent.span_id == span_id(first)
    created = parse(context)
    assert created is not None
    assert created.span_id == span_id(second)
    assert second.kind is SpanKind.PRODUCER
    assert dict(second.attributes or {}) == {
        names.SYSTEM: "rabbitmq",
        names.OPERATION_NAME: "create",
        names.OPERATION_TYPE: "create",
        names.DESTINATION: "ansinh.events:entitlement.changed.v1",
        names.ROUTING_KEY: "entitlement.changed.v1",
        names.CONVERSATION_ID: str(act),
        names.MESSAGE_ID: str(message_id),
        names.VERSION: 2,
        names.SUBJECT: str(subject),
    }


def test_a_process_without_collector_carries_the_cause_on() -> None:
    cause = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
    followed = followed_context(
        EVENT, new_id(), cause=cause, correlation_id=new_id(), message_id=new_id(), version=1
    )
    assert followed == cause


def test_without_a_collector_metrics_are_told_and_no_span_is_made() -> None:
    telemetry = build("test", 1.0, [], [], is_scraped=True)
    activate(telemetry)
    try:
        assert creation_contexts(EVENT, some(1), correlation_id=new_id()) == [None]
        gauge(names.OUTBOX_HELD, 2, service="credit")
        assert 'outbox_held{ansinh_service="credit"} 2.0' in telemetry.scrape().decode()
    finally:
        telemetry.shutdown()


def test_an_acknowledgement_stands_under_its_batch(recorded: Recorded) -> None:
    with process_span([], ABOUT) as batch, ack_span(ABOUT):
        pass
    ack, process = recorded.spans()
    assert span_id(process) == batch.get_span_context().span_id
    assert ack.parent is not None
    assert ack.parent.span_id == span_id(process)
    assert (ack.name, ack.kind) == (f"ack {ABOUT[names.DESTINATION]}", SpanKind.CLIENT)
    assert (ack.attributes or {})[names.OPERATION_TYPE] == "settle"


def test_a_failure_that_no_exception_ends_is_named(recorded: Recorded) -> None:
    with publish_span([], ABOUT) as span:
        mark_failed(span, "NO_ROUTE")
    [publish] = recorded.spans()
    assert (publish.attributes or {})[names.ERROR_TYPE] == "NO_ROUTE"
    assert not publish.status.is_ok


def test_an_error_is_recorded_by_type_only(recorded: Recorded) -> None:
    with pytest.raises(ValueError, match="secret"), process_span([], ABOUT):
        raise ValueError("a secret of a person")
    [span] = recorded.spans()
    assert (span.attributes or {})[names.ERROR_TYPE] == "ValueError"
    assert "secret" not in span.to_json()


def test_counts_and_gauges_carry_names_only(recorded: Recorded) -> None:
    count_processed(ABOUT, "credit.referrals", 2, 0.5, {"applied": 3, "stale": 0})
    gauge(names.OUTBOX_PENDING, 7, service="registry")
    found = recorded.metrics()
    assert found[names.INBOX_OUTCOMES] == [
        ({names.CONSUMER: "credit.referrals", names.OUTCOME: "applied"}, 3)
    ]
    assert found[names.OUTBOX_PENDING] == [({names.SERVICE: "registry"}, 7)]
    assert found[names.CONSUMED_MESSAGES][0][1] == 2


def test_what_the_transport_refuses_is_not_counted_as_sent(recorded: Recorded) -> None:
    count_published(ABOUT, 3, 0.1, refused={"NO_ROUTE": 2})
    sent = {
        labels.get(names.ERROR_TYPE): count
        for labels, count in recorded.metrics()[names.SENT_MESSAGES]
    }
    assert sent == {None: 3, "NO_ROUTE": 2}


def test_an_acknowledgement_is_an_operation(recorded: Recorded) -> None:
    count_settled(ABOUT, 0.01)
    [(labels, _)] = recorded.metrics()[names.OPERATION_DURATION]
    assert (labels[names.OPERATION_NAME], labels[names.OPERATION_TYPE]) == ("ack", "settle")


@pytest.mark.parametrize("text", [None, "", "00-zz", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_a_broken_context_is_no_context(text: str | None) -> None:
    assert parse(text) is None


def test_retired_names_are_never_used() -> None:
    retired = {"messaging.operation", "messaging.destination", "messaging.destination_kind"}
    values = {value for value in vars(names).values() if isinstance(value, str)}
    assert not values & retired
    assert not [value for value in values if value.startswith("net.peer")]

"""What is traced: the first events of an act, a share of the rest, and nothing while off."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from libs.common.ids import new_id
from libs.common.telemetry import (
    count_processed,
    creation_contexts,
    event_span,
    gauge,
    names,
    process_span,
    publish_span,
    request_span,
)
from libs.common.telemetry.setup import activate, build
from libs.common.telemetry.spans import FIRST_OF_AN_ACT, parse

EVENT = "household.registered.v1"
ABOUT = {names.SYSTEM: "rabbitmq", names.DESTINATION: f"ansinh.events:{EVENT}"}


class Recorded:
    def __init__(self, share: float) -> None:
        self.exporter = InMemorySpanExporter()
        self.reader = InMemoryMetricReader()
        self.telemetry = build("test", share, [SimpleSpanProcessor(self.exporter)], [self.reader])
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
    assert {span.name for span in made} == {f"create {EVENT}"}


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
            )
    _, publish, child, process = recorded.spans()
    assert (publish.kind, process.kind) == (SpanKind.CLIENT, SpanKind.CONSUMER)
    for batch in (publish, process):
        assert [link.context.span_id for link in batch.links] == [created.span_id]
        assert batch.parent is None
    assert child.parent is not None
    assert child.parent.span_id == created.span_id
    assert (child.attributes or {})[names.OUTCOME] == "applied"


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


@pytest.mark.parametrize("text", [None, "", "00-zz", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_a_broken_context_is_no_context(text: str | None) -> None:
    assert parse(text) is None


def test_retired_names_are_never_used() -> None:
    retired = {"messaging.operation", "messaging.destination", "messaging.destination_kind"}
    values = {value for value in vars(names).values() if isinstance(value, str)}
    assert not values & retired
    assert not [value for value in values if value.startswith("net.peer")]

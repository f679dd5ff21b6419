"""Spans from the act to its last effect, at a cost that a decision over thousands can bear.

A span costs about 18 µs, so an event gets one only when it is sampled: the first events of an act
always, the rest by a share that its subject's id decides. Exceptions are recorded by type only,
because their text may quote a person's data.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    format_span_id,
    format_trace_id,
)
from opentelemetry.util.types import AttributeValue

from libs.common.telemetry import names
from libs.common.telemetry.setup import Tracing, tracing

FIRST_OF_AN_ACT = 20
_MOST_LINKS = 128
_TAIL = (1 << 32) - 1
Attributes = Mapping[str, AttributeValue]
About = Mapping[str, str | int]


def creation_contexts(
    event_type: str,
    subjects: Sequence[UUID],
    *,
    correlation_id: UUID,
    before: int = 0,
) -> list[str | None]:
    """The traceparents of an act's new events, None for those that are not sampled.

    One event alone belongs to the trace of its act. Each of several is a trace of its own, linked
    to the act's span, so that no trace holds thousands of households.

    Args:
        event_type: e.g. `household.status_changed.v1`.
        subjects: one per event, in order.
        correlation_id: of the act.
        before: how many events earlier chunks of the same act had.
    """
    recording = tracing()
    if recording is None:
        return [None] * len(subjects)
    act = trace.get_current_span().get_span_context()
    alone = len(subjects) == 1 and before == 0 and act.is_valid
    context = None if alone else Context()
    links = [Link(act)] if act.is_valid and not alone else []
    threshold = int(recording.share * (_TAIL + 1))
    first = max(FIRST_OF_AN_ACT - before, 0)
    return [
        _create(recording, event_type, subject, correlation_id, context, links)
        if place < first or (subject.int & _TAIL) < threshold
        else None
        for place, subject in enumerate(subjects)
    ]


def followed_context(
    event_type: str,
    subject: UUID,
    *,
    cause: str | None,
    correlation_id: UUID,
    message_id: UUID,
    version: int,
) -> str | None:
    """The traceparent of an event that follows from another: a creation under its cause's.

    Where this process records no spans, the cause's is carried on.

    Args:
        event_type: e.g. `entitlement.changed.v1`.
        subject: of the new event.
        cause: the traceparent of the event that it follows from; None: not sampled.
        correlation_id: of the act.
        message_id: the new event's id.
        version: of the subject.
    """
    recording, parent = tracing(), parse(cause)
    if recording is None or parent is None:
        return cause
    context = trace.set_span_in_context(NonRecordingSpan(parent), Context())
    known: dict[str, str | int] = {names.MESSAGE_ID: str(message_id), names.VERSION: version}
    return _create(recording, event_type, subject, correlation_id, context, (), known)


def _create(
    recording: Tracing,
    event_type: str,
    subject: UUID,
    correlation_id: UUID,
    context: Context | None,
    links: Sequence[Link],
    known: About | None = None,
) -> str | None:
    destination = f"{recording.bus.exchange}:{event_type}"
    span = recording.tracer.start_span(
        f"{names.CREATE} {destination}",
        context,
        SpanKind.PRODUCER,
        {
            names.SYSTEM: recording.bus.system,
            names.OPERATION_NAME: names.CREATE,
            names.OPERATION_TYPE: names.TYPE_CREATE,
            names.DESTINATION: destination,
            names.CONVERSATION_ID: str(correlation_id),
            names.SUBJECT: str(subject),
            **({names.ROUTING_KEY: event_type} if recording.bus.system == "rabbitmq" else {}),
            **(known or {}),
        },
        links,
    )
    span.end()
    return traceparent(span.get_span_context())


def publish_span(links: Iterable[str | None], attributes: About) -> AbstractContextManager[Span]:
    """The span of one relay batch, linked to the sampled events in it; never passed on.

    Args:
        links: the traceparents of the batch's events.
        attributes: destination (`exchange:routing_key`), system, server, routing key and count.
    """
    own = {names.OPERATION_NAME: names.PUBLISH, names.OPERATION_TYPE: names.TYPE_SEND}
    return _linked(names.PUBLISH, SpanKind.CLIENT, links, {**own, **attributes})


def process_span(links: Iterable[str | None], attributes: About) -> AbstractContextManager[Span]:
    """The span of one micro-batch with its settlement, linked to the sampled events in it.

    Args:
        links: the traceparents of the batch's events.
        attributes: destination (`exchange:routing_key:queue`), system, consumer, server and count.
    """
    own = {names.OPERATION_NAME: names.PROCESS, names.OPERATION_TYPE: names.TYPE_PROCESS}
    return _linked(names.PROCESS, SpanKind.CONSUMER, links, {**own, **attributes})


def ack_span(attributes: About) -> AbstractContextManager[Span]:
    """The span of a micro-batch's settlement, under the batch's own.

    Args:
        attributes: destination (`exchange:routing_key:queue`), system, consumer and server.
    """
    recording = tracing()
    if recording is None:
        return nullcontext(trace.INVALID_SPAN)
    own = {names.OPERATION_NAME: names.ACK, names.OPERATION_TYPE: names.TYPE_SETTLE}
    name = f"{names.ACK} {attributes[names.DESTINATION]}"
    return _recorded(recording, name, SpanKind.CLIENT, None, (), {**own, **attributes})


def event_span(
    attributes: About,
    parent: str | None,
    *,
    message_id: UUID,
    correlation_id: UUID,
    version: int,
    outcome: str,
    started_at: datetime,
    error: str | None = None,
) -> None:
    """Record what one sampled event became, under its creation; nothing for an unsampled one.

    Called when that is certain: after the commit.

    Args:
        attributes: destination (`exchange:routing_key:queue`), system, consumer and server.
        parent: the event's traceparent.
        message_id: the event's id.
        correlation_id: of the act.
        version: of the subject.
        outcome: one of `names.OUTCOMES`.
        started_at: when its batch began.
        error: the kind of failure, where there was one.
    """
    recording = tracing()
    created = None if recording is None else parse(parent)
    if recording is None or created is None:
        return
    span = recording.tracer.start_span(
        f"{names.PROCESS} {attributes[names.DESTINATION]}",
        trace.set_span_in_context(NonRecordingSpan(created), Context()),
        SpanKind.CONSUMER,
        {
            names.OPERATION_NAME: names.PROCESS,
            names.OPERATION_TYPE: names.TYPE_PROCESS,
            **attributes,
            names.MESSAGE_ID: str(message_id),
            names.CONVERSATION_ID: str(correlation_id),
            names.VERSION: version,
            names.OUTCOME: outcome,
        },
        start_time=int(started_at.timestamp() * 1e9),
    )
    if error is not None:
        mark_failed(span, error)
    span.end()


def webhook_span(
    partner: str,
    parent: str | None,
    *,
    message_id: UUID,
    started_at: datetime,
    status: int | None,
    error: str | None,
) -> None:
    """Record an attempt to deliver a sampled event, under its creation; nothing for an unsampled
    one.

    Args:
        partner: the registration's slug.
        parent: the event's traceparent.
        message_id: the event's id.
        status: of the answer, if there was one. error: the kind of failure, if it failed.
    """
    recording = tracing()
    created = None if recording is None else parse(parent)
    if recording is None or created is None:
        return
    span = recording.tracer.start_span(
        f"{names.SEND} webhook:{partner}",
        trace.set_span_in_context(NonRecordingSpan(created), Context()),
        SpanKind.CLIENT,
        {
            names.OPERATION_NAME: names.SEND,
            names.OPERATION_TYPE: names.TYPE_SEND,
            names.DESTINATION: f"webhook:{partner}",
            names.PARTNER: partner,
            names.MESSAGE_ID: str(message_id),
            **({} if status is None else {names.HTTP_STATUS: status}),
        },
        start_time=int(started_at.timestamp() * 1e9),
    )
    if error is not None:
        mark_failed(span, error)
    span.end()


def request_span(
    method: str, parent: str | None, attributes: Attributes
) -> AbstractContextManager[Span]:
    """The span of one request; its route is known, and set, only after routing."""
    recording = tracing()
    if recording is None:
        return nullcontext(trace.INVALID_SPAN)
    sender = parse(parent)
    context = Context()
    if sender is not None:
        context = trace.set_span_in_context(NonRecordingSpan(sender), context)
    return _recorded(recording, method, SpanKind.SERVER, context, (), attributes)


def _linked(
    operation: str,
    kind: SpanKind,
    links: Iterable[str | None],
    attributes: About,
) -> AbstractContextManager[Span]:
    recording = tracing()
    if recording is None:
        return nullcontext(trace.INVALID_SPAN)
    sampled = [Link(found) for found in map(parse, links) if found is not None]
    return _recorded(
        recording,
        f"{operation} {attributes[names.DESTINATION]}",
        kind,
        Context(),
        sampled[:_MOST_LINKS],
        attributes,
    )


@contextmanager
def _recorded(
    recording: Tracing,
    name: str,
    kind: SpanKind,
    context: Context | None,
    links: Sequence[Link],
    attributes: Attributes,
) -> Iterator[Span]:
    with recording.tracer.start_as_current_span(
        name,
        context,
        kind,
        attributes,
        links,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except BaseException as error:
            mark_failed(span, type(error).__name__)
            raise


def mark_failed(span: Span, error: str) -> None:
    """Say on a span what kind of failure there was, where no exception ends it."""
    span.set_attribute(names.ERROR_TYPE, error)
    span.set_status(StatusCode.ERROR)


def current_trace_id() -> str | None:
    """The trace of what is running, for audit and log lines; None where nothing is recorded."""
    context = trace.get_current_span().get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else None


def current_conversation_id() -> str | None:
    """The correlation id of the act that is running, where a recorded span holds it."""
    about = getattr(trace.get_current_span(), "attributes", None) or {}
    found = about.get(names.CONVERSATION_ID)
    return None if found is None else str(found)


def traceparent(context: SpanContext) -> str | None:
    """The W3C form of a sampled context."""
    if not context.is_valid or not context.trace_flags.sampled:
        return None
    return f"00-{format_trace_id(context.trace_id)}-{format_span_id(context.span_id)}-01"


def parse(text: str | None) -> SpanContext | None:
    """The context of a W3C traceparent, if it is one and sampled."""
    if text is None or len(text) != 55 or not text.startswith("00-"):
        return None
    try:
        trace_id, span_id, flags = int(text[3:35], 16), int(text[36:52], 16), int(text[53:], 16)
    except ValueError:
        return None
    context = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
    return context if context.is_valid and context.trace_flags.sampled else None

"""One household's story as a collector sees it: spans, links, metrics, by the agreed names."""

import os
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from ansinh.demo.client import Client
from ansinh.demo.population import PROVINCE
from ansinh.demo.settings import DemoClock
from ansinh.demo.story import REGISTERED_ON, story_household, tell_story
from ansinh.embedded.platform import PlatformSettings, running
from ansinh.watch import wait_for_effects
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.contracts.household import STATUS_CHANGED
from libs.common.telemetry import names
from tests.support.broker import broker_url, delete_prefix
from tests.support.doors import Collector, collecting, free_port, texts
from tests.support.servers import admin_dsn

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
RETIRED = ("messaging.operation", "messaging.destination", "messaging.destination_kind")


async def _tell(folder: Path, amqp_url: str | None, collector: Collector) -> str:
    """The story on an embedded platform that reports to the collector; answers its prefix."""
    prefix = f"ansinh_test_{os.environ['ANSINH_TEST_RUN']}_{secrets.token_hex(3)}_"
    settings = PlatformSettings(
        home=folder,
        port=free_port(),
        postgres_url=admin_dsn(),
        amqp_url=amqp_url,
        prefix=prefix,
        otlp_endpoint=collector.url,
    )
    clock = DemoClock(REGISTERED_ON)
    try:
        async with (
            running(settings, clock) as platform,
            Client(platform.url, platform.issuer, (PROVINCE,)) as client,
        ):
            effects = partial(wait_for_effects, platform.workers)
            await tell_story(client, effects, clock, lambda line: None)
    finally:
        if amqp_url:
            await delete_prefix(prefix)
    return prefix


def _of(collector: Collector, operation: str) -> list[tuple[Span, dict[str, str]]]:
    found = [(span, texts(span.attributes)) for span in collector.spans]
    return [one for one in found if one[1].get(names.OPERATION_NAME) == operation]


@pytest.mark.parametrize(
    "broker",
    [
        pytest.param(None, id="local"),
        pytest.param(broker_url, id="rabbitmq", marks=pytest.mark.rabbitmq),
    ],
)
async def test_a_decision_can_be_followed_by_a_collector(
    tmp_path: Path, broker: Callable[[], str] | None
) -> None:
    async with collecting() as collector:
        prefix = await _tell(tmp_path, broker() if broker else None, collector)
    household = story_household()
    household_id = str(household.household_id)

    created = [
        span
        for span, about in _of(collector, names.CREATE)
        if (about[names.DESTINATION], about[names.SUBJECT]) == (STATUS_CHANGED, household_id)
    ]
    assert len(created) == 3  # poor, escaped, corrected
    for span in created:
        assert (span.name, span.kind) == (f"create {STATUS_CHANGED}", Span.SPAN_KIND_PRODUCER)
        _follow(collector, span, prefix, "rabbitmq" if broker else "local")
    _names_are_ours(collector)
    _nothing_personal(collector, household_id)


def _follow(collector: Collector, created: Span, prefix: str, system: str) -> None:
    """From the creation to the batches that link to it, and to its own children."""
    exchange = f"{prefix}ansinh.events" if system == "rabbitmq" else "peers"
    published = _linked(collector, names.PUBLISH, created)
    assert published
    for span, about in published:
        assert span.kind == Span.SPAN_KIND_CLIENT
        assert not span.parent_span_id
        assert span.name == f"publish {about[names.DESTINATION]}"
        assert about[names.DESTINATION].startswith(exchange)
        assert about[names.SYSTEM] == system
        assert about[names.OPERATION_TYPE] == "send"
        assert int(about[names.BATCH_COUNT]) >= 1
        assert (names.SERVER_ADDRESS in about) == (system == "rabbitmq")

    # What follows from the act carries its creation on: rights, cards, offers, referrals.
    readers = {name for name, one in SUBSCRIPTIONS.items() if one.reads(STATUS_CHANGED)}
    batches = _linked(collector, names.PROCESS, created)
    assert {about[names.CONSUMER_GROUP] for _, about in batches} >= readers
    children = [
        (span, about)
        for span, about in _of(collector, names.PROCESS)
        if span.parent_span_id == created.span_id
    ]
    assert {about[names.CONSUMER_GROUP] for _, about in children} >= readers
    for span, about in children:
        assert (span.kind, span.trace_id) == (Span.SPAN_KIND_CONSUMER, created.trace_id)
        assert about[names.OUTCOME] in names.OUTCOMES
        assert {names.MESSAGE_ID, names.CONVERSATION_ID, names.VERSION} <= set(about)
    for span, about in (*batches, *children):
        assert span.name == f"process {about[names.DESTINATION]}"
        assert about[names.SYSTEM] == system


def _linked(
    collector: Collector, operation: str, created: Span
) -> list[tuple[Span, dict[str, str]]]:
    return [
        (span, about)
        for span, about in _of(collector, operation)
        if created.span_id in {link.span_id for link in span.links}
    ]


def _names_are_ours(collector: Collector) -> None:
    known = {value for value in vars(names).values() if isinstance(value, str)}
    for span in collector.spans:
        keys = set(texts(span.attributes))
        assert keys <= known
        assert not keys & set(RETIRED)
    assert set(collector.measured) <= known
    assert set(names.GAUGES) <= set(collector.measured)
    for metric in (
        names.OPERATION_DURATION,
        names.SENT_MESSAGES,
        names.CONSUMED_MESSAGES,
        names.PROCESS_DURATION,
        names.INBOX_OUTCOMES,
    ):
        assert metric in collector.measured
    for gauge in (names.CONSUMER_ALIVE, names.PARKED_COUNT):
        told = {labels[names.CONSUMER] for labels in collector.measured[gauge]}
        assert told == set(SUBSCRIPTIONS)


def _nothing_personal(collector: Collector, household_id: str) -> None:
    """Ids of subjects are attributes of spans, never a name or a label; names of people nowhere."""
    assert not [span.name for span in collector.spans if household_id in span.name]
    for metric in collector.measured.values():
        assert not [labels for labels in metric if household_id in labels.values()]
    for member in story_household().members:
        for body in collector.bodies:
            assert member.birth_date is None or str(member.birth_date).encode() not in body
            assert str(member.person_id).encode() not in body

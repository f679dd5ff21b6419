"""One household's story as a collector, Prometheus and an operator see it, by the agreed names."""

import asyncio
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from ansinh import services
from ansinh.demo.client import Client
from ansinh.demo.population import PROVINCE
from ansinh.demo.settings import DemoClock
from ansinh.demo.story import REGISTERED_ON, story_household, tell_story
from ansinh.embedded.platform import PlatformSettings, running
from ansinh.watch import wait_for_effects
from libs.common.contracts.catalogue import EVENT_TYPES, SUBSCRIPTIONS
from libs.common.contracts.household import REGISTERED, STATUS_CHANGED
from libs.common.security.roles import Role
from libs.common.telemetry import names
from tests.support.broker import broker_url, delete_prefix
from tests.support.bus import eventually
from tests.support.doors import Collector, collecting, free_port, texts
from tests.support.metrics import Samples, samples
from tests.support.partners import as_body, terms
from tests.support.platforms import POOL_SIZE
from tests.support.promql import asked, templated
from tests.support.readiness import once_ready
from tests.support.seats import a_seat
from tests.support.servers import admin_dsn, repository
from tests.support.settled import copy_settled
from tests.support.small_land import write_small_land

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
About = dict[str, str]

SERVER = {names.SERVER_ADDRESS, names.SERVER_PORT}
OPERATION = {names.SYSTEM, names.OPERATION_NAME, names.OPERATION_TYPE, names.DESTINATION}
EVENT = {names.MESSAGE_ID, names.CONVERSATION_ID, names.VERSION}
# Per operation: kind, operation type, and the attributes besides those that every one has.
SPANS: dict[str, tuple[int, str, set[str]]] = {
    "create": (Span.SPAN_KIND_PRODUCER, "create", {names.CONVERSATION_ID, names.SUBJECT}),
    "publish": (Span.SPAN_KIND_CLIENT, "send", {names.BATCH_COUNT}),
    "process": (Span.SPAN_KIND_CONSUMER, "process", {names.CONSUMER_GROUP, names.BATCH_COUNT}),
    "ack": (Span.SPAN_KIND_CLIENT, "settle", {names.CONSUMER_GROUP}),
}
OF_PARTNER, OF_ANSWER = {names.SERVICE, names.PARTNER}, {names.HTTP_STATUS, names.ERROR_TYPE}
# Per metric: kind, unit, labels, and the labels that only some of its points have.
LAST, TOTAL, SPREAD = "gauge", "sum", "histogram"
METRICS: dict[str, tuple[str, str, set[str], set[str]]] = {
    "messaging.client.operation.duration": (SPREAD, "s", OPERATION, {names.CONSUMER_GROUP}),
    "messaging.client.sent.messages": (TOTAL, "{message}", OPERATION, set()),
    "messaging.client.consumed.messages": (
        *(TOTAL, "{message}", OPERATION | {names.CONSUMER_GROUP}),
        set(),
    ),
    "messaging.process.duration": (SPREAD, "s", OPERATION | {names.CONSUMER_GROUP}, set()),
    "outbox.pending": (LAST, "{event}", {names.SERVICE}, set()),
    "outbox.oldest_age": (LAST, "s", {names.SERVICE}, set()),
    "outbox.held": (LAST, "{event}", {names.SERVICE}, set()),
    "inbox.outcomes": (TOTAL, "{event}", {names.CONSUMER, names.OUTCOME}, set()),
    "consumer.lag": (LAST, "s", {names.CONSUMER}, set()),
    "parked.count": (LAST, "{event}", {names.CONSUMER}, set()),
    "consumer.alive": (LAST, "{consumer}", {names.CONSUMER}, set()),
    "dlq.messages": (LAST, "{message}", {names.CONSUMER}, set()),
    "ledger.horizon_age": (LAST, "s", {names.SERVICE}, set()),
    "partner.pending": (LAST, "{event}", OF_PARTNER, set()),
    "partner.oldest_age": (LAST, "s", OF_PARTNER, set()),
    "partner.failed": (LAST, "{event}", OF_PARTNER, set()),
    "partner.deliveries": (TOTAL, "{delivery}", OF_PARTNER, OF_ANSWER),
    "partner.delivery.duration": (SPREAD, "s", OF_PARTNER, OF_ANSWER),
    "http.server.request.duration": (
        *(SPREAD, "s", {names.SERVICE, names.HTTP_METHOD, names.HTTP_ROUTE, names.HTTP_STATUS}),
        set(),
    ),
}
RETIRED = ("messaging.operation", "messaging.destination", "messaging.destination_kind")
# Prometheus' own series; and labels that it adds, or that only a fault brings.
OF_PROMETHEUS = {"ALERTS", "ALERTS_FOR_STATE"}
NOT_ALWAYS = {"alertname", "process", "instance", "job", "error_type"}


@dataclass(frozen=True)
class Told:
    """The story, told on an embedded platform that reports to a collector."""

    system: str
    prefix: str
    collector: Collector
    metrics: Samples
    live: httpx.Response
    ready: httpx.Response

    @property
    def is_rabbitmq(self) -> bool:
        return self.system == "rabbitmq"

    @property
    def exchange(self) -> str:
        return f"{self.prefix}ansinh.events" if self.is_rabbitmq else "peers"

    def spans(self, operation: str) -> list[tuple[Span, About]]:
        found = [(span, texts(span.attributes)) for span in self.collector.spans]
        return [one for one in found if one[1].get(names.OPERATION_NAME) == operation]

    def linked(self, operation: str, created: Span) -> list[tuple[Span, About]]:
        return [
            (span, about)
            for span, about in self.spans(operation)
            if created.span_id in {link.span_id for link in span.links}
        ]

    def children(self, operation: str, parent: Span) -> list[tuple[Span, About]]:
        return [one for one in self.spans(operation) if one[0].parent_span_id == parent.span_id]

    def acts(self, *event_types: str) -> list[Span]:
        """The creations of the household's own events of these types."""
        wanted = {f"{self.exchange}:{event_type}" for event_type in event_types}
        household = str(story_household().household_id)
        return [
            span
            for span, about in self.spans("create")
            if about[names.DESTINATION] in wanted and about[names.SUBJECT] == household
        ]


async def _tell(folder: Path, system: str) -> Told:
    prefix = f"ansinh_test_{os.environ['ANSINH_TEST_RUN']}_{secrets.token_hex(3)}_"
    amqp_url = broker_url() if system == "rabbitmq" else None
    clock = DemoClock(REGISTERED_ON)
    async with a_seat(), collecting() as collector:
        await copy_settled(prefix)
        settings = PlatformSettings(
            home=folder,
            port=free_port(),
            postgres_url=admin_dsn(),
            amqp_url=amqp_url,
            prefix=prefix,
            otlp_endpoint=collector.url,
            pool_size=POOL_SIZE,
            areas=write_small_land(folder / "areas"),
        )
        try:
            async with (
                running(settings, clock) as platform,
                Client(platform.url, platform.issuer, (PROVINCE,)) as client,
                httpx.AsyncClient(base_url=platform.url) as http,
            ):
                await _register_a_partner(http, platform.issuer.token(Role.OPERATOR))
                effects = partial(wait_for_effects, platform.workers)
                await tell_story(client, effects, clock, lambda line: None)

                async def partners_are_measured() -> bool:
                    return "partner_oldest_age" in (await http.get("/metrics")).text

                await eventually(partners_are_measured)
                ready = await once_ready(http, "/health/ready")
                live, metrics = [await http.get(path) for path in ("/health/live", "/metrics")]
        finally:
            if amqp_url:
                await delete_prefix(prefix)
    return Told(system, prefix, collector, samples(metrics.text), live, ready)


async def _register_a_partner(http: httpx.AsyncClient, token: str) -> None:
    """A bank at whose address nobody listens."""
    headers = {"Authorization": f"Bearer {token}"}
    at = "/credit/internal/v1/partners"
    for path, body in (
        (at, as_body(terms(), partner="nhcsxh")),
        (f"{at}/nhcsxh/endpoints", {"url": "http://127.0.0.1:9/hook"}),
    ):
        answer = await http.post(path, json=body, headers=headers)
        assert answer.status_code == 201, answer.text


@pytest.fixture(
    scope="module", params=["local", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)]
)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    return asyncio.run(_tell(tmp_path_factory.mktemp("platform"), request.param))


def test_an_act_is_followed_from_its_creation_to_every_reader(told: Told) -> None:
    readers = {name for name, one in SUBSCRIPTIONS.items() if one.reads(STATUS_CHANGED)}
    changes = told.acts(STATUS_CHANGED)
    assert len(changes) == 3  # poor, escaped, corrected
    for created in changes:
        published = told.linked("publish", created)
        assert published
        for span, _ in published:  # a trace of its own, which nobody continues
            assert not span.parent_span_id
            assert span.trace_id != created.trace_id
        batches = told.linked("process", created)
        assert {about[names.CONSUMER_GROUP] for _, about in batches} == readers
        for span, _ in batches:
            assert not span.parent_span_id
            assert told.children("ack", span)
        children = told.children("process", created)
        assert {about[names.CONSUMER_GROUP] for _, about in children} == readers
        for span, about in children:
            assert span.trace_id == created.trace_id
            assert about[names.OUTCOME] == "applied"


def test_what_follows_from_an_act_stays_in_its_trace(told: Told) -> None:
    """Rights, cards, offers and referrals: each a creation of its own, under its cause's."""
    reached, seen = told.acts(REGISTERED, STATUS_CHANGED), set()
    while reached:
        cause = reached.pop()
        for span, about in told.children("create", cause):
            assert span.trace_id == cause.trace_id
            assert told.linked("publish", span)
            seen.add(about[names.DESTINATION].rpartition(":")[2])
            reached.append(span)
    by_partners = ("loan", "card")  # they follow from what a partner does
    assert seen == {
        kind.name
        for kind in EVENT_TYPES.values()
        if kind.source in ("eligibility", "credit") and kind.stream not in by_partners
    }


@pytest.mark.parametrize("operation", SPANS)
def test_a_span_has_the_agreed_name_kind_and_attributes(told: Told, operation: str) -> None:
    kind, operation_type, own = SPANS[operation]
    found = told.spans(operation)
    assert found
    for span, about in found:
        destination = about[names.DESTINATION].split(":")
        queue = [about[names.CONSUMER_GROUP]] if names.CONSUMER_GROUP in about else []
        if told.is_rabbitmq:
            queue = [f"{told.prefix}{name}.v1" for name in queue]
        types = destination[1 : len(destination) - len(queue)]
        assert destination == [told.exchange, *types, *queue]
        assert set(types) <= set(EVENT_TYPES)
        wanted = OPERATION | own
        if operation == "process" and span.parent_span_id:  # one event of the batch
            wanted = (wanted - {names.BATCH_COUNT}) | EVENT | {names.OUTCOME}
        if operation == "create" and span.parent_span_id and names.MESSAGE_ID in about:
            wanted = wanted | EVENT  # what follows is created where id and version are known
        if told.is_rabbitmq:
            wanted = wanted | (SERVER if operation != "create" else set())
            wanted = wanted | ({names.ROUTING_KEY} if types else set())
            assert [about[names.ROUTING_KEY]] == types if types else True
        assert set(about) == wanted
        assert span.name == f"{operation} {about[names.DESTINATION]}"
        assert (span.kind, about[names.OPERATION_TYPE]) == (kind, operation_type)
        assert about[names.SYSTEM] == told.system


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_has_the_agreed_kind_unit_and_labels(told: Told, metric: str) -> None:
    kind, unit, labels, sometimes = METRICS[metric]
    assert told.collector.kinds[metric] == (kind, unit)
    if metric.startswith("messaging."):
        sometimes = sometimes | {names.ROUTING_KEY}
        labels = labels | (SERVER if told.is_rabbitmq else set())
    for found in told.collector.measured[metric]:
        assert labels <= set(found) <= labels | sometimes


def test_no_metric_is_said_that_is_not_agreed(told: Told) -> None:
    assert set(told.collector.measured) == set(METRICS)


@pytest.mark.parametrize("gauge", [names.CONSUMER_ALIVE, names.PARKED_COUNT, names.DEAD_LETTERS])
def test_every_consumer_is_measured(told: Told, gauge: str) -> None:
    measured = {labels[names.CONSUMER] for labels in told.collector.measured[gauge]}
    assert measured == set(SUBSCRIPTIONS)


def test_every_operation_is_timed(told: Told) -> None:
    timed = told.collector.measured[names.OPERATION_DURATION]
    assert {labels[names.OPERATION_NAME] for labels in timed} == {"publish", "ack"}


def test_retired_names_and_personal_data_stand_nowhere(told: Told) -> None:
    """Ids of subjects are attributes of spans, never a name or a label; names of people nowhere."""
    household = story_household()
    for span in told.collector.spans:
        assert not set(texts(span.attributes)) & set(RETIRED)
        assert str(household.household_id) not in span.name
    for metric in told.collector.measured.values():
        assert not [one for one in metric if str(household.household_id) in one.values()]
    for member in household.members:
        for body in told.collector.bodies:
            assert member.birth_date is None or str(member.birth_date).encode() not in body
            assert str(member.person_id).encode() not in body


def test_one_address_says_that_the_platform_lives_and_is_ready(told: Told) -> None:
    assert (told.live.status_code, told.live.json()) == (200, {"status": "live"})
    assert told.ready.status_code == 200, told.ready.text
    assert told.ready.json() == {
        "status": "ready",
        "checks": [
            "running",
            *(f"{name} {check}" for name in services.NAMES for check in ("database", "schema")),
            *(["queues"] if told.is_rabbitmq else []),
            *(f"consumer {name}" for name in SUBSCRIPTIONS),
        ],
        "failing": [],
    }


def _alerts() -> Iterator[tuple[str, str, str]]:
    text = (repository() / "deploy/telemetry/alerts.yaml").read_text(encoding="utf-8")
    for rule in yaml.safe_load(text)["groups"][0]["rules"]:
        yield rule["alert"], rule["expr"], " ".join(rule["annotations"].values())


def _panels() -> Iterator[tuple[str, str, str]]:
    text = (repository() / "deploy/telemetry/grafana/ansinh.json").read_text(encoding="utf-8")
    dashboard: dict[str, Any] = json.loads(text)
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"], target["legendFormat"]


@pytest.mark.parametrize(
    ("expression", "labels"),
    [pytest.param(*rest, id=name) for name, *rest in (*_alerts(), *_panels())],
)
def test_what_alerts_and_dashboard_ask_for_is_measured(
    told: Told, expression: str, labels: str
) -> None:
    wanted = asked(expression)
    used = wanted.grouped | set(templated(labels))
    for metric, equal in wanted.selectors:
        if metric in OF_PROMETHEUS:
            continue
        found = told.metrics.labels(metric)
        assert found, f"nobody measures {metric}"
        have = set().union(*found)
        assert used - NOT_ALWAYS <= have
        chosen = {key: value for key, value in equal.items() if key not in NOT_ALWAYS}
        assert any(chosen.items() <= one.items() for one in found)

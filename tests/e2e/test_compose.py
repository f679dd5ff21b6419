"""The distributed way of running: the processes of `docker-compose.yml`, for real.

They run against the test's PostgreSQL and RabbitMQ; see `tests.support.compose` for what stands in
for the container engine.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
import yaml

from ansinh import services
from ansinh.demo.client import Client
from ansinh.demo.population import PROVINCE
from ansinh.demo.settings import DemoClock
from ansinh.demo.story import REGISTERED_ON, tell_story
from ansinh.watch import behind, looks_over_http, wait_until_seen
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.dci.keys import generate
from libs.common.security.issuer import PASSWORD
from libs.common.security.roles import Role
from tests.support.broker import broker_url, delete_prefix
from tests.support.bus import eventually
from tests.support.compose import Composed, Hosts, Process, variables_in_compose
from tests.support.doors import Collector, Door, an_issuer, collecting
from tests.support.metrics import Samples
from tests.support.promql import asked
from tests.support.readiness import once_ready
from tests.support.seats import a_seat
from tests.support.servers import TEST_PASSWORD, admin_dsn, repository, run_prefix

pytestmark = [pytest.mark.rabbitmq, pytest.mark.slow, pytest.mark.timeout(600)]
REFUSED = "0190a8c2-0000-7000-8000-000000000401"  # an act that a broken token asked for


class IssuedTokens:
    """A token for each role, from the issuer's token endpoint; the operator's for every area.

    Who watches must not be who reads: a service remembers the scope of a caller's areas for a
    while, and asked too early it would remember that it knows no area yet.
    """

    def __init__(self, tokens: dict[Role, str]) -> None:
        self._tokens = tokens

    def token(self, role: Role, areas: tuple[str, ...]) -> str:
        return self._tokens[role]


class Place:
    """The machine that the file's processes run on."""

    def __init__(self, composed: Composed, database: Door, broker: Door, collector: Collector):
        self.composed = composed
        self.database = database
        self.broker = broker
        self.collector = collector

    async def tokens(self) -> IssuedTokens:
        url = f"{self.composed.hosts.issuer}/token"
        found = {}
        async with httpx.AsyncClient() as http:
            for role in Role:
                form = {"grant_type": "password", "username": role.value, "password": PASSWORD}
                areas = "*" if role is Role.OPERATOR else PROVINCE
                answer = await http.post(url, data={**form, "areas": areas})
                found[role] = str(answer.raise_for_status().json()["access_token"])
        return IssuedTokens(found)

    async def run_jobs(self) -> None:
        for job in self.composed.jobs:
            job.start()
        await eventually(lambda: _all(job.code is not None for job in self.composed.jobs))
        for job in self.composed.jobs:
            assert job.code == 0, job.log


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Nothing runs yet; everything that is started ends with the test, and its data with it."""
    prefix = f"{run_prefix()}{secrets.token_hex(3)}_"
    variables = dict.fromkeys(variables_in_compose(), TEST_PASSWORD)
    variables |= {"ANSINH_PARTNER_KEY": 2 * TEST_PASSWORD, "ANSINH_DCI_KEYS": generate()}
    for key in ("IDENTIFIER_KEY", "VAULT_KEYS", "SESSION_KEY"):
        variables[f"ANSINH_{key}"] = 2 * TEST_PASSWORD
    variables |= {"ANSINH_DATABASE_PREFIX": prefix, "ANSINH_BUS_PREFIX": prefix}
    database, broker = Door(admin_dsn(), 5432), Door(broker_url(), 5672)
    async with a_seat(), collecting() as collector, an_issuer(tmp_path) as issuer:
        hosts = Hosts(
            database=database.address,
            broker=broker.address,
            collector=urlsplit(collector.url).netloc,
            issuer=issuer,
            owner_dsn=admin_dsn(),
        )
        composed = Composed(tmp_path, hosts, variables)
        try:
            yield Place(composed, database, broker, collector)
        finally:
            composed.kill_all()
    await delete_prefix(prefix)
    admin = await asyncpg.connect(admin_dsn())
    for name in ("registry", "eligibility", "credit", "reporting"):
        await admin.execute(f'DROP DATABASE IF EXISTS "{prefix}{name}" WITH (FORCE)')
    await admin.close()


async def test_the_story_over_every_process_of_the_file(place: Place) -> None:
    roles = place.composed.roles
    async with place.database.open(), place.broker.open():
        await place.run_jobs()
        for role in roles:
            role.start()
        await eventually(lambda: _well(roles))
        await _refuse_a_token(place.composed.addresses["credit"])

        async with Client(place.composed.addresses, await place.tokens(), (PROVINCE,)) as client:
            told, timeline = await _tell(client, place)
        story = "\n".join(told)
        # Told in the past, as of today: the window after the escape has already ended.
        for followed in ("programme 01)", "Referral withdrawn", "programme 19)"):
            assert followed in story
        assert {"household", "entitlement", "insurance", "training", "referral"} == {
            entry["stream"] for entry in timeline
        }

        await _looked_after(roles)
        for role in roles:
            role.tell_to_stop()
            role.tell_to_stop()  # impatience changes nothing
        await eventually(lambda: _all(role.code is not None for role in roles))
    assert {role.name: role.code for role in roles if role.code != 0} == {}
    assert [role.name for role in roles if '"stopped"' not in role.log] == []
    _logs_are_json(roles)
    _the_refusal_is_logged(place)
    # What was recorded left before the end: one trace crosses every service.
    crossing = max(place.collector.traces.values(), key=len)
    assert {name.partition("-")[0] for name in crossing} == {
        *("registry", "eligibility", "credit", "reporting")
    }
    assert place.collector.metrics >= len(roles)


async def _looked_after(roles: Sequence[Process]) -> None:
    """Each role answers at its management address for what it works with; together they measure
    all that alerts ask for.
    """
    everything = Samples()
    async with httpx.AsyncClient() as http:
        for role in roles:
            live = await http.get(f"{role.management}/health/live")
            assert live.json() == {"status": "live"}
            ready = await once_ready(http, f"{role.management}/health/ready")
            assert ready.json() == {
                "status": "ready",
                "checks": ["running", "database", "schema", *_own_checks(role)],
                "failing": [],
            }
            everything.add((await http.get(f"{role.management}/metrics")).text)
            if role.port:
                public = f"http://127.0.0.1:{role.port}"
                assert (await once_ready(http, f"{public}/health/ready")).is_success
                assert (await http.get(f"{public}/metrics")).status_code == 401
    text = (repository() / "deploy/telemetry/alerts.yaml").read_text(encoding="utf-8")
    for rule in yaml.safe_load(text)["groups"][0]["rules"]:
        for metric, equal in asked(rule["expr"]).selectors:
            if metric.startswith("partner_"):  # of partners that have an endpoint: here is none
                continue
            assert [one for one in everything.labels(metric) if equal.items() <= dict(one).items()]
    assert {name: everything.alive(name) for name in SUBSCRIPTIONS} == dict.fromkeys(
        SUBSCRIPTIONS, 1.0
    )


def _own_checks(role: Process) -> list[str]:
    _, service, kind = role.command
    consumers = [f"consumer {one.name}" for one in services.build(service).consumers]
    if kind == "api":  # it does not need the broker to answer
        return ["issuer"]
    if kind == "send":  # nor does this
        return []
    return ["queues", *(consumers if kind == "consume" else [])]


async def _refuse_a_token(address: str) -> None:
    headers = {"Authorization": "Bearer broken", "X-Correlation-Id": REFUSED}
    async with httpx.AsyncClient() as http:
        assert (await http.get(f"{address}/v1/referrals", headers=headers)).status_code == 401


def _logs_are_json(roles: Sequence[Process]) -> None:
    for role in roles:
        for line in map(json.loads, role.log.splitlines()):
            assert (line["service"], line["role"]) == tuple(role.command[1:])
            assert {"time", "level", "logger", "message"} <= set(line)


def _the_refusal_is_logged(place: Place) -> None:
    """A line within a trace names the trace, which the collector has, and the act."""
    lines = map(json.loads, place.composed.processes["credit-api"].log.splitlines())
    [refused] = [line for line in lines if line["message"] == "token refused"]
    assert refused["correlation_id"] == REFUSED
    assert bytes.fromhex(refused["trace_id"]) in place.collector.traces


async def _tell(client: Client, place: Place) -> tuple[list[str], list[dict[str, Any]]]:
    """The story; two processes die as by a power cut, miss a decision, and are started again."""
    looks = looks_over_http(
        lambda path: client.get(Role.OPERATOR, path),
        lambda path, body: client.post(Role.OPERATOR, path, body),
    )
    victims = [place.composed.processes[name] for name in ("registry-relay", "eligibility-consume")]
    told: list[str] = []
    settled = 0

    def say(line: str) -> None:
        if "Đăng ký / registered" in line:
            for victim in victims:
                victim.kill()
        told.append(line)

    async def effects() -> None:
        nonlocal settled
        settled += 1
        if settled == 2:  # the decision has been taken, and nobody was there to pass it on
            assert await behind(looks)
            for victim in victims:
                victim.start()
        async with asyncio.timeout(90):
            await wait_until_seen(looks)

    async with asyncio.timeout(90):
        await wait_until_seen(looks)  # the areas, so that scopes are known everywhere
    household = await tell_story(client, effects, DemoClock(REGISTERED_ON), say)
    path = f"/reporting/v1/households/{household}/timeline"
    return told, (await client.get(Role.PROVINCE, path, limit=200))["items"]


async def test_processes_wait_for_servers_that_do_not_answer_yet(place: Place) -> None:
    """Started first, before PostgreSQL, RabbitMQ, databases and queues: they wait and say so."""
    names = ("registry-api", "registry-relay", "reporting-consume")
    early = [place.composed.processes[name] for name in names]
    for process in early:
        process.start()
    await eventually(lambda: _all("waiting for the database" in one.log for one in early))
    async with httpx.AsyncClient() as http:
        for process in early:  # alive, and not ready yet
            assert (await http.get(f"{process.management}/health/live")).status_code == 200
            ready = await http.get(f"{process.management}/health/ready")
            assert (ready.status_code, ready.json()["failing"]) == (503, ["started"])
    async with place.database.open():
        await eventually(lambda: _all("InvalidCatalogNameError" in one.log for one in early))
        async with place.broker.open():
            await place.run_jobs()
            await eventually(lambda: _well(early))
            for process in early:
                process.tell_to_stop()
            await eventually(lambda: _all(one.code is not None for one in early))
    assert [process.code for process in early] == [0, 0, 0]


async def test_a_process_that_waits_can_be_stopped(place: Place) -> None:
    process = place.composed.processes["credit-consume"]
    process.start()
    await eventually(lambda: _all(["waiting for the database" in process.log]))
    process.tell_to_stop()
    await eventually(lambda: _all([process.code is not None]))
    assert process.code == 0


async def test_a_role_that_dies_ends_its_process_with_a_reason(place: Place) -> None:
    """A database role with too much power is refused: exit code 1 and one line that says why."""
    process = place.composed.processes["credit-relay"]
    owner = place.composed.hosts.here("postgresql://ansinh_owner:x@database:5432/postgres")
    process.environment["ANSINH_WORKER_DSN"] = owner
    async with place.database.open():
        process.start()
        await eventually(lambda: _all([process.code is not None]))
    assert process.code == 1
    assert "the role died" in process.log
    assert "UnsafeRole" in process.log
    assert "Traceback" not in process.log


async def _well(processes: Sequence[Process]) -> bool:
    """Asked apart: what they need to answer runs in this test's loop."""
    return all([await asyncio.to_thread(process.is_well) for process in processes])


async def _all(conditions: Any) -> bool:
    return all(conditions)

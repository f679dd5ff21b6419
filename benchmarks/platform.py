"""A platform for benchmarks: real processes on the machine's PostgreSQL and RabbitMQ, with audit
and telemetry on, under names of its own that are deleted at the end.
"""

import asyncio
import json
import os
import secrets
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from ansinh.demo.client import Client
from ansinh.demo.load import communes_of_province, decision_request, household_request
from ansinh.demo.population import PROVINCE, ReviewedHousehold, generate
from ansinh.embedded.postgres import EmbeddedPostgres
from ansinh.services import NAMES
from ansinh.setup import ServiceDsns, prepare_areas, prepare_databases, prepare_law_day
from ansinh.watch import behind, looks_into
from benchmarks.process import Job, issuer_of
from libs.common.clock import FixedDayClock
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.database import Database
from libs.common.ids import new_id
from libs.common.messaging import topology
from libs.common.security.roles import Role
from tests.support.broker import broker_answers, broker_url, delete_prefix
from tests.support.servers import TEST_PASSWORD, admin_dsn, server_answers, with_database

DAY = date(2022, 1, 4)
SEED = 2021
BATCH = DECISION_ROWS = 1000
REGISTERED_ON = date(2021, 9, 1)
# Two processes, because two cores carry PostgreSQL and the broker too.
PROCESSES: tuple[tuple[str, ...], ...] = (("registry",), ("eligibility", "credit", "reporting"))
SAMPLING_SHARE = 0.01
_WAITING_DECISIONS = "SELECT EXISTS (SELECT FROM decision WHERE state = 'accepted')"


@dataclass
class Report:
    """What a process left behind when it ended."""

    name: str
    peak_mb: float
    cpu_seconds: float
    retried: int
    sent: list[tuple[float, str, int]]


@dataclass
class Platform:
    """A platform whose processes can be stopped and started again."""

    prefix: str
    home: Path
    port: int
    otlp_endpoint: str
    dsns: dict[str, ServiceDsns]
    groups: tuple[tuple[str, ...], ...]
    amqp_url: str
    client: Client
    running: list[tuple[str, asyncio.subprocess.Process]] = field(default_factory=list)

    async def start(self) -> None:
        """Start the processes and wait until they are ready."""
        for names in self.groups:
            await self.start_one("+".join(names))

    async def start_one(self, name: str) -> None:
        """Start one process, named by its services, and wait until it is ready."""
        names = name.split("+")
        workers = {one: self.dsns[one].worker for one in names}
        job = Job(
            name=name,
            workers=workers,
            apis={one: self.dsns[one].api for one in names if one == "registry"},
            port=self.port,
            amqp_url=self.amqp_url,
            peers={} if self.amqp_url else {one: dsns.worker for one, dsns in self.dsns.items()},
            prefix=self.prefix,
            otlp_endpoint=self.otlp_endpoint,
            sampling_share=SAMPLING_SHARE,
            day=DAY.isoformat(),
            home=str(self.home),
        )
        path = self.home / f"{name}.json"
        path.write_text(json.dumps(asdict(job)), encoding="utf-8")
        folder = os.environ.get("BENCH_PROFILE")
        profiled = ["-m", "cProfile", "-o", f"{folder}/{name}.prof"] if folder else []
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *profiled,
            "-m",
            "benchmarks.process",
            str(path),
            stdout=asyncio.subprocess.PIPE,
        )
        self.running.append((name, process))
        assert process.stdout is not None
        assert (await process.stdout.readline()).strip() == b"ready"

    async def stop(self, *names: str) -> list[Report]:
        """Stop these processes, or all; answers what each reports."""
        stopping = [one for one in self.running if not names or one[0] in names]
        self.running = [one for one in self.running if one not in stopping]
        reports = []
        for _, process in stopping:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
        for name, process in stopping:
            await process.wait()
            path = self.home / f"{name}.report"
            if path.exists():
                reports.append(Report(name, **json.loads(path.read_text(encoding="utf-8"))))
                path.unlink()
        return reports

    async def effects(self, *, but: str = "") -> None:
        """Wait until no consumer is behind, but those of a service that is down.

        Raises:
            RuntimeError: a process has ended, so that waiting would never end.
        """
        clock = FixedDayClock(DAY)
        async with AsyncExitStack() as stack:
            workers = {
                name: await stack.enter_async_context(
                    await Database.connect(dsns.worker, clock, application="bench-watch")
                )
                for name, dsns in self.dsns.items()
            }
            looks = looks_into(workers)
            while [one for one in await behind(looks) if not one.consumer.startswith(but or "-")]:
                if any(process.returncode is not None for _, process in self.running):
                    raise RuntimeError("a process of the platform has ended")
                await asyncio.sleep(0.5)

    async def decided(self) -> None:
        """Wait until the job behind large decisions has nothing left to do."""
        registry = await self.owner("registry")
        try:
            while await registry.fetchval(_WAITING_DECISIONS):  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.5)
        finally:
            await registry.close()

    async def owner(self, service: str) -> "asyncpg.Connection[asyncpg.Record]":
        """A superuser's connection to a service's database."""
        return await asyncpg.connect(with_database(admin_dsn(), self.prefix + service))

    async def clone(self, prefix: str) -> None:
        """Copy the databases under another prefix; the processes are stopped."""
        admin = await asyncpg.connect(admin_dsn())
        try:
            for name in NAMES:
                await admin.execute(
                    f'CREATE DATABASE "{prefix}{name}" TEMPLATE "{self.prefix}{name}"'
                )
        finally:
            await admin.close()

    async def population(self, communes: int, households: int) -> list[ReviewedHousehold]:
        """Register so many households in so many communes; answers them when all is in."""
        codes = sorted(await communes_of_province(self.client))[:communes]
        people = list(generate(codes, SEED, households))
        for start in range(0, households, BATCH):
            batch = people[start : start + BATCH]
            body = {"households": [household_request(one, REGISTERED_ON) for one in batch]}
            await self.client.post(Role.OFFICER, "/registry/v1/households/batches", body)
        await self.effects()
        return people

    async def decide(self, households: Sequence[ReviewedHousehold], number: str) -> dict[str, Any]:
        """Post one decision over households of one commune."""
        body = decision_request(
            new_id(),
            households[0].commune,
            number=number,
            signed_on=date(2021, 12, 20),
            effective_on=date(2022, 1, 1),
            rows=[
                {"household_id": str(one.household_id), "status": one.status.value}
                for one in households
            ],
        )
        answer: dict[str, Any] = await self.client.post(
            Role.CHAIRMAN, "/registry/v1/decisions", body
        )
        return answer


def decisions(households: Sequence[ReviewedHousehold]) -> list[list[ReviewedHousehold]]:
    """The households in decisions of one commune and at most 1,000 rows each."""
    batches: list[list[ReviewedHousehold]] = []
    for household in households:
        last = batches[-1] if batches else []
        if last and last[-1].commune == household.commune and len(last) < DECISION_ROWS:
            last.append(household)
        else:
            batches.append([household])
    return batches


@asynccontextmanager
async def platform(
    groups: tuple[tuple[str, ...], ...] = PROCESSES, amqp_url: str | None = None
) -> AsyncIterator[Platform]:
    """A platform with areas and the first day of the law, started.

    Args:
        groups: which services share a process.
        amqp_url: the broker as the processes reach it, where that is not the tests' own; the empty
            text for the local transport.

    Raises:
        SystemExit: no RabbitMQ answers; the benchmark is left out.
    """
    if not await asyncio.to_thread(broker_answers):
        print("left out: no RabbitMQ answers (ANSINH_TEST_AMQP_URL names one)")
        raise SystemExit(0)
    prefix = f"ansinh_bench_{secrets.token_hex(3)}_"
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ansinh-bench-")))
        await _postgres(stack, home)
        stack.push_async_callback(drop_databases, prefix)
        stack.push_async_callback(delete_prefix, prefix)
        dsns = await prepare_databases(admin_dsn(), TEST_PASSWORD, prefix, lambda line: None)
        await _first_facts(dsns)
        await topology.apply(broker_url(), prefix, tuple(SUBSCRIPTIONS.values()))
        port = _free_port()
        client = Client(f"http://localhost:{port}", issuer_of(port, home), (PROVINCE,))
        await stack.enter_async_context(client)
        endpoint = _receiver(stack)
        url = broker_url() if amqp_url is None else amqp_url
        made = Platform(prefix, home, port, endpoint, dsns, groups, url, client)
        stack.push_async_callback(made.stop)
        await made.start()
        await made.effects()
        yield made


async def _first_facts(dsns: dict[str, ServiceDsns]) -> None:
    clock = FixedDayClock(DAY)
    async with await Database.connect(
        dsns["registry"].worker, clock, application="bench-setup"
    ) as registry:
        await prepare_areas(registry, clock, lambda line: None)
    async with await Database.connect(
        dsns["eligibility"].worker, clock, application="bench-setup"
    ) as eligibility:
        await prepare_law_day(eligibility, DAY)


async def _postgres(stack: AsyncExitStack, home: Path) -> None:
    if await server_answers():
        return
    server = EmbeddedPostgres(home / "postgres")
    await server.start()
    stack.push_async_callback(server.destroy)
    os.environ["ANSINH_TEST_POSTGRES"] = server.dsn()


async def drop_databases(prefix: str) -> None:
    """Drop every database whose name begins so."""
    admin = await asyncpg.connect(admin_dsn())
    try:
        for row in await admin.fetch(
            "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", prefix
        ):
            await admin.execute(f'DROP DATABASE IF EXISTS "{row["datname"]}" WITH (FORCE)')
    finally:
        await admin.close()


class _Collector(BaseHTTPRequestHandler):
    """Takes whatever OTLP brings and forgets it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


def _receiver(stack: AsyncExitStack) -> str:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Collector)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stack.callback(server.shutdown)
    return f"http://127.0.0.1:{server.server_port}"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def household_ids(households: Sequence[ReviewedHousehold]) -> list[UUID]:
    return [household.household_id for household in households]


def load() -> str:
    """The machine's load, to stand beside every figure."""
    one, five, _ = os.getloadavg()
    return f"load {one:.2f} (1 min) {five:.2f} (5 min), {os.cpu_count()} cores"

"""One household read over HTTP: reads per second of `GET /v1/households/{id}`, beside a bare read.

    python -m benchmarks.bench_household_read [households=2000] [reads=4000]

One API process answers over HTTP: token, areas, row-level security, the household with members,
decisions and classes, its line in the audit trail, the commit. A few clients, one request each at a
time, ask for households at random. Floors are bare ASGI handlers in the same server, each with one
statement of asyncpg that row-level security hides nothing of, and nothing written: one reads all
that is answered, the other the present residence and the members alone.
"""

import asyncio
import json
import os
import random
import secrets
import socket
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from typing import Any
from uuid import UUID

import asyncpg
from starlette.types import ASGIApp, Receive, Scope, Send

from ansinh.process import stop_on_signals
from libs.common.clock import FixedDayClock
from libs.common.database import Database
from libs.common.roles import run_loop, serve
from libs.common.security.roles import Role
from libs.common.vocabulary import StatusClass
from libs.common.web import Limits, create_app
from services.registry.app import build
from services.registry.households.reading import ONE
from tests.integration.registry.builders import COMMUNE, TODAY, decide, load_communes, register
from tests.support.edge import bearer, verifier
from tests.support.servers import ServiceDatabase, clone_database, drop_database, drop_run

GOAL, CLIENTS, ROUNDS = 0.5, 4, 10
OFFICER = bearer(Role.OFFICER, areas=[COMMUNE])
_BARE = """
SELECT household.registered_on, fact.residence, fact.is_farm_household, fact.village, member.*
FROM household JOIN household_fact AS fact USING (household_id) JOIN member USING (household_id)
WHERE household_id = $1 AND upper_inf(fact.recorded) AND upper_inf(fact.effective)
  AND upper_inf(member.recorded)
"""


OURS, WHOLE, MEMBERS = "/v1/households", "/whole", "/members"
_NAMES = {OURS: "ours", WHOLE: "bare, all that is answered", MEMBERS: "bare, residence and members"}


def bare(database: Database) -> ASGIApp:
    """The floors: paths that end in a household's id."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        way, _, household_id = scope["path"].rpartition("/")
        rows = (
            await database.pool.fetch(ONE, UUID(household_id), None, None)
            if way == WHOLE
            else await database.pool.fetch(_BARE, UUID(household_id))
        )
        body = json.dumps([dict(row) for row in rows], default=_text).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _serve(database: ServiceDatabase, port: int, bare_port: int) -> None:
    async def both() -> None:
        clock, stop = FixedDayClock(TODAY), stop_on_signals()
        async with database.as_api(clock) as api, database.as_worker(clock) as worker:
            limits = Limits(per_second=1_000_000)
            app = create_app(build(), api, clock=clock, auth=verifier(), limits=limits)
            async with asyncio.TaskGroup() as group:
                group.create_task(serve(app, "127.0.0.1", port, stop))
                group.create_task(serve(bare(worker), "127.0.0.1", bare_port, stop))

    run_loop(both())


async def _connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(200):
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
    raise TimeoutError("the API process does not answer")


async def ask(
    port: int, way: str, ids: Sequence[UUID], caller: Mapping[str, str]
) -> tuple[list[float], float]:
    """The seconds of each read, and of all of them. No client library: it would cost more than what
    is measured.
    """
    waiting, seconds = iter(ids), list[float]()
    head = f"Host: bench\r\nAuthorization: {caller['Authorization']}\r\n\r\n"

    async def one_after_the_other() -> None:
        reader, writer = await _connect(port)
        for household_id in waiting:
            begun = time.perf_counter()
            writer.write(f"GET {way}/{household_id} HTTP/1.1\r\n{head}".encode())
            answer = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert b" 200 " in answer.partition(b"\r\n")[0], answer
            length = answer.partition(b"content-length:")[2].partition(b"\r\n")[0]
            body = await reader.readexactly(int(length))
            seconds.append(time.perf_counter() - begun)
            assert str(household_id).encode() in body
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one_after_the_other() for _ in range(CLIENTS)))
    return seconds, time.perf_counter() - begun


async def prepare(households: int) -> tuple[ServiceDatabase, list[UUID]]:
    database = await clone_database("registry")
    await load_communes(database)
    ids = await register(database, households)
    rows: list[tuple[UUID, StatusClass | None]] = [(one, StatusClass.POOR) for one in ids[::2]]
    await decide(database, rows)
    owner = await asyncpg.connect(database.owner_dsn)
    await owner.execute("VACUUM ANALYZE")
    await owner.close()
    return database, ids


async def measure(
    ports: tuple[int, int], ids: list[UUID], reads: int, caller: Mapping[str, str], name: str
) -> None:
    """All in turn, so that what else the machine does meets them alike."""
    chance = random.Random(3)
    asked = [chance.choice(ids) for _ in range(reads // ROUNDS)]
    ways = {OURS: ports[0], WHOLE: ports[1], MEMBERS: ports[1]}
    each: dict[str, list[float]] = {way: [] for way in ways}
    took = dict.fromkeys(ways, 0.0)
    for way, port in ways.items():
        await ask(port, way, asked, caller)  # connections, statements, caches
    for _ in range(ROUNDS):
        for way, port in ways.items():
            seconds, elapsed = await ask(port, way, asked, caller)
            each[way] += seconds
            took[way] += elapsed
    for way, seconds in each.items():
        p99 = statistics.quantiles(seconds, n=100)[-1]
        print(
            f"{_NAMES[way]}: p50 {statistics.median(seconds) * 1000:.2f} ms, "
            f"p99 {p99 * 1000:.2f} ms"
        )
    print(f"{CLIENTS} clients at once; load {os.getloadavg()[0]:.1f}")
    rate, *floors = (len(each[way]) / took[way] for way in ways)
    for what, floor in zip((name, f"{name}.beside_members_alone"), floors, strict=True):
        print(
            f"RESULT {what} {rate:.0f} reads/s floor={floor:.0f} ratio={rate / floor:.2f} "
            f"(goal {GOAL}: {'held' if rate >= GOAL * floor else 'MISSED'})"
        )


async def remove(database: ServiceDatabase) -> None:
    await drop_database(database)
    await drop_run()


def compare(
    database: ServiceDatabase,
    ids: list[UUID],
    reads: int,
    caller: Mapping[str, str] = OFFICER,
    name: str = "household_read",
) -> None:
    """Read these households by every way; no loop runs."""
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        ports = one.getsockname()[1], other.getsockname()[1]
    # Forked while no loop runs: it knows the key that signs our token.
    server = get_context("fork").Process(target=_serve, args=(database, *ports))
    server.start()
    try:
        asyncio.run(measure(ports, ids, reads, caller, name))
    finally:
        server.terminate()
        server.join(20)


def main(households: int = 2_000, reads: int = 4_000) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    database, ids = asyncio.run(prepare(households))
    try:
        compare(database, ids, reads)
    finally:
        asyncio.run(remove(database))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

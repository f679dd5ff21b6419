"""Identifier look-ups per second of the DCI search, in messages of 1,000.

    python -m benchmarks.bench_dci_search [persons=2000000] [messages=60] [processes=2]

A registry of so many persons, four to a household, each with a personal number; generated straight
into the tables. Each message asks for 1,000 persons at random by their numbers: token, signature
over the whole message, replay, the search under row-level security, audit lines, the signed answer,
spans to an exporter. So many API processes answer over HTTP, each one message at a time, all at
once: first one process alone, then all of them, beside the peer's two cores. Server, client and
PostgreSQL share the machine. The floor reads the same rows by plain SQL, one page after the other,
in the same run. Requests are signed before, answers verified after.
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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ansinh.process import stop_on_signals
from libs.common.areas import store as areas
from libs.common.clock import FixedDayClock
from libs.common.database import Database
from libs.common.dci import signatures
from libs.common.dci.keys import read_public
from libs.common.dci.signatures import Profile
from libs.common.roles import run_loop, serve
from libs.common.telemetry.setup import activate, build
from libs.common.web import create_app
from services.registry.app import build as build_registry
from services.registry.vault.domain import digest
from tests.integration.dci.conftest import DAY, ROOT, SETTINGS, TOKEN, register_dci
from tests.support.areas import pac_nam
from tests.support.dci import DCI, OUR_ID, OURS, a_search, an_item, public_keys, signed
from tests.support.edge import verifier
from tests.support.servers import ServiceDatabase, clone_database, drop_database, drop_run
from tests.support.vault import VAULT

PEER_PER_SECOND, PEER_MEDIAN_MS = 9_700, 790
PAGE, MEMBERS = 1_000, 4
HERE = "01882"
RECORDED = datetime(2021, 12, 20, tzinfo=UTC)
FROM = date(2021, 12, 1)
_CHUNK = 20_000  # households
_HOUSEHOLD, _PERSON = 0x0180_0000_0000_7000_8000_0000_0000_0000, 0x0180_1 << 108
_DECISION = UUID(int=_HOUSEHOLD - 1)
# Never read by a look-up, and by far the slowest to build.
_UNUSED = (
    ("household_fact", "household_fact_no_overlap"),
    ("status_period", "status_period_no_overlap"),
    ("identifier", "identifier_no_overlap"),
)
_FLOOR = (
    """SELECT id.hash, m.household_id, m.person_id, m.birth_date, m.birth_year, m.sex, m.relation,
              m.disability, m.schooling, m.employment, m.ethnicity, m.joined_on
       FROM identifier AS id
       JOIN member AS m ON m.person_id = id.person_id
       WHERE id.hash = ANY($1::bytea[]) AND upper_inf(id.recorded) AND upper_inf(id.effective)
         AND upper_inf(m.recorded) AND m.left_on IS NULL""",
    "SELECT household_id, registered_on, recorded_at FROM household WHERE household_id = ANY($1)",
    """SELECT household_id, residence, is_farm_household FROM household_fact
       WHERE household_id = ANY($1) AND upper_inf(recorded) AND upper_inf(effective)""",
)
_MORE = (
    """SELECT household_id, person_id, birth_date, birth_year, sex, relation, disability, schooling,
              employment, ethnicity, joined_on FROM member
       WHERE household_id = ANY($1) AND upper_inf(recorded) AND left_on IS NULL""",
    """SELECT household_id, number, status, effective_on, signed_on, standard FROM decision_row
       WHERE household_id = ANY($1)""",
)


def number(person: int) -> str:
    """A made-up personal number."""
    return f"006{person % 4}{person % 100:02d}{person:06d}"[:12].ljust(12, "0") + f"-{person}"


def household_id(place: int) -> UUID:
    return UUID(int=_HOUSEHOLD + place)


def person_id(place: int) -> UUID:
    return UUID(int=_PERSON + place)


def _rows(first: int, last: int) -> dict[str, list[tuple[Any, ...]]]:
    """Every table's rows of some households."""
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _COLUMNS}
    open_days, open_time = asyncpg.Range(FROM, None), asyncpg.Range(RECORDED, None)
    for place in range(first, last):
        home = household_id(place)
        found["household"].append((home, HERE, FROM, b"", home, RECORDED))
        found["household_fact"].append((home, open_days, open_time, HERE, HERE, True))
        status = ("poor", "near_poor", "none")[place % 3]
        found["decision_row"].append(
            (home, _DECISION, HERE, status, "ND07-2021", "recognise", "1/QĐ-UBND", "UBND xã",
             FROM, FROM, None, home, RECORDED)
        )  # fmt: skip
        found["status_period"].append(
            (home, "ND07-2021", open_days, open_time, HERE, status, _DECISION)
        )
        for seat in range(MEMBERS):
            one = place * MEMBERS + seat
            born = date(1950 + one % 70, one % 12 + 1, one % 28 + 1)
            relation, sex = ("head", "spouse", "child", "child")[seat], ("male", "female")[one % 2]
            found["member"].append(
                (home, person_id(one), open_time, HERE, seat, born, born.year, sex, "tay",
                 relation, "none", "not_attending", "farming", False, FROM, None, False)
            )  # fmt: skip
            found["identifier"].append(
                (person_id(one), "UIN", open_days, open_time,
                 digest(DCI.identifier_key, "UIN", number(one)))
            )  # fmt: skip
    return found


_COLUMNS = {
    "household": "household_id commune registered_on digest correlation_id recorded_at",
    "household_fact": "household_id effective recorded commune residence is_farm_household",
    "decision_row": "household_id decision_id commune status standard kind number authority "
    "signed_on effective_on supersedes correlation_id recorded_at",
    "status_period": "household_id standard effective recorded commune status decision_id",
    "member": "household_id person_id recorded commune place birth_date birth_year sex ethnicity "
    "relation disability schooling employment has_pension joined_on left_on is_low_income_worker",
    "identifier": "person_id type effective recorded hash",
}


async def seed(database: ServiceDatabase, persons: int) -> None:
    async with database.as_worker() as worker, worker.transaction() as tx:
        await areas.keep(tx, ((1, unit) for unit in pac_nam()))
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        for table, constraint in _UNUSED:
            await owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        await owner.execute(
            "INSERT INTO decision VALUES ($1, $2, '1/QĐ-UBND', 'recognise', $3, 2021, $3, "
            "'UBND xã', 'ND07-2021', NULL, '', 'done', 1, '[]', $1, $4, $4)",
            _DECISION, HERE, FROM, RECORDED,
        )  # fmt: skip
        for first in range(0, persons // MEMBERS, _CHUNK):
            rows = _rows(first, min(first + _CHUNK, persons // MEMBERS))
            for table, listed in rows.items():
                columns = _COLUMNS[table].split()
                await owner.copy_records_to_table(
                    table, records=listed, columns=columns, timeout=600
                )
        await owner.execute("VACUUM ANALYZE", timeout=1_800)
    finally:
        await owner.close()


def pages(persons: int, messages: int) -> list[list[int]]:
    chance = random.Random(7)
    return [chance.sample(range(persons), PAGE) for _ in range(messages)]


def requests(asked: Iterable[list[int]], record_type: str) -> Iterator[bytes]:
    for page in asked:
        items = [
            an_item({"type": "UIN", "value": number(one)}, reg_record_type=record_type)
            for one in page
        ]
        yield json.dumps(signed(a_search(*items))).encode()


@dataclass(frozen=True)
class Asked:
    """What came back: each message's seconds, those of all, every tenth answer."""

    seconds: list[float]
    elapsed: float
    kept: list[bytes]


@dataclass(frozen=True)
class Server:
    """One API process."""

    process: ForkProcess
    port: int

    @classmethod
    def start(cls, dsn: str) -> "Server":
        """Fork it; no loop runs here meanwhile, and it knows the key that signs our token."""
        with socket.create_server(("127.0.0.1", 0)) as found:
            port = found.getsockname()[1]
        process = get_context("fork").Process(target=cls._run, args=(dsn, port))
        process.start()
        return cls(process, port)

    @staticmethod
    def _run(dsn: str, port: int) -> None:
        activate(build("registry-api", 0.01, [BatchSpanProcessor(InMemorySpanExporter())], []))
        run_loop(Server._serve(dsn, port))

    @staticmethod
    async def _serve(dsn: str, port: int) -> None:
        clock, stop = FixedDayClock(DAY), stop_on_signals()
        async with await Database.connect(dsn, clock, application="bench-api") as database:
            service, auth = build_registry(), verifier()
            app = create_app(
                service, database, clock=clock, auth=auth, partners=SETTINGS, vault=VAULT
            )
            await serve(app, "127.0.0.1", port, stop)

    def end(self) -> None:
        self.process.terminate()
        self.process.join(20)


async def until_it_listens(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise TimeoutError("an API process does not answer")


async def ask(ports: Sequence[int], bodies: Iterable[bytes]) -> Asked:
    """Send them all, one at a time to each process."""
    waiting, seconds, kept = iter(bodies), list[float](), list[bytes]()
    headers = {**TOKEN, "Content-Type": "application/json"}

    async def one_after_the_other(port: int) -> None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            for body in waiting:
                begun = time.perf_counter()
                answer = await client.post(f"{ROOT}/sync/search", content=body, headers=headers)
                seconds.append(time.perf_counter() - begun)
                assert answer.status_code == 200, answer.text
                if len(seconds) % 10 == 1:
                    kept.append(answer.content)

    for port in ports:
        await until_it_listens(port)
    begun = time.perf_counter()
    await asyncio.gather(*[one_after_the_other(port) for port in ports])
    return Asked(seconds, time.perf_counter() - begun, kept)


def verify(answers: Iterable[bytes]) -> None:
    """Each found everybody, and is signed."""
    now = datetime.now(UTC)
    for body in answers:
        answer = json.loads(body)
        items = answer["message"]["search_response"]
        assert len(items) == PAGE
        assert all(len(item["data"]["reg_records"]) == 1 for item in items)
        covered = signatures.canonical_bytes(Profile.HTTP_UTF8, answer["header"], answer["message"])
        signatures.verify(
            Profile.HTTP_UTF8,
            answer["signature"],
            covered,
            keys=read_public(public_keys(OURS)),
            sender_id=OUR_ID,
            sent_at=now,
            now=int(now.timestamp()),
        )


async def floor(
    database: ServiceDatabase, asked: Iterable[list[int]], *, whole: bool
) -> list[float]:
    """The seconds of each page by plain SQL, as the API's role."""
    seconds = []
    async with database.as_api() as api:
        for page in asked:
            begun = time.perf_counter()
            hashes = [digest(DCI.identifier_key, "UIN", number(one)) for one in page]
            async with api.transaction("*") as tx:
                found = await tx.fetch(_FLOOR[0], hashes)
                homes = list({row["household_id"] for row in found})
                for statement in (*_FLOOR[1:], *(_MORE if whole else ())):
                    await tx.fetch(statement, homes)
            seconds.append(time.perf_counter() - begun)
            assert len(found) == PAGE
    return seconds


async def prepare(persons: int) -> ServiceDatabase:
    database = await clone_database("registry")
    await register_dci(database, areas=("*",), per_second=1_000)
    begun = time.perf_counter()
    await seed(database, persons)
    print(f"{persons} persons in {time.perf_counter() - begun:.0f} s")
    return database


async def measure(
    database: ServiceDatabase, ports: Sequence[int], persons: int, messages: int
) -> None:
    for record_type in ("SRPerson", "Group"):
        asked = pages(persons, messages)
        bare = await floor(database, asked, whole=record_type == "Group")
        for used in sorted({1, len(ports)}):
            answered = await ask(ports[:used], list(requests(asked, record_type)))
            verify(answered.kept)
            report(f"dci.search.{record_type.lower()}.of{used}", used, answered, bare)


async def remove(database: ServiceDatabase) -> None:
    await drop_database(database)
    await drop_run()


def report(name: str, processes: int, answered: Asked, bare: list[float]) -> None:
    seconds = sorted(answered.seconds)
    rate, least = PAGE * len(seconds) / answered.elapsed, PAGE * len(bare) / sum(bare)
    p50, floor_p50 = statistics.median(seconds) * 1000, statistics.median(bare) * 1000
    p99 = seconds[max(0, int(len(seconds) * 0.99) - 1)] * 1000
    print(
        f"API processes, and messages at once: {processes}; load {os.getloadavg()[0]:.1f}; "
        f"peer on 2 CPUs {PEER_PER_SECOND}/s, median {PEER_MEDIAN_MS} ms: "
        f"{rate / PEER_PER_SECOND:.2f} times as many, {PEER_MEDIAN_MS / p50:.1f} times as soon"
    )
    print(f"RESULT {name} {rate:.0f} identifiers/s floor={least:.0f} ratio={rate / least:.2f}")
    print(
        f"RESULT {name}.p50 {p50:.0f} ms floor={floor_p50:.0f} ratio={p50 / floor_p50:.2f} "
        f"(p99 {p99:.0f} ms)"
    )


def main(persons: int = 2_000_000, messages: int = 60, processes: int = 2) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    database = run_loop(prepare(persons))
    servers: list[Server] = []
    try:
        servers += [Server.start(database.api_dsn) for _ in range(processes)]
        run_loop(measure(database, [one.port for one in servers], persons, messages))
    finally:
        for server in servers:
            server.end()
        run_loop(remove(database))


if __name__ == "__main__":
    main(*[int(one) for one in sys.argv[1:]])

"""A bank's list of loans beside ours, end to end: lines per second, and what the processes hold.

    python -m benchmarks.bench_reconciliation [lines]

From opening it to the last difference, over HTTP, by the page of 10,000 lines: one process serves,
one compares. A line in a thousand differs, one in a thousand is missing at either side, one page
holds a line that cannot be read. The floor copies the very same bytes into a typed table and lays
it beside ours by one FULL JOIN, in the same database.
"""

import asyncio
import io
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import asyncpg
import httpx

from benchmarks.platform import load
from benchmarks.process import Job, issuer_of
from libs.common.roles import run_loop
from libs.common.security.roles import Role
from services.credit.reconciling.store import LOANS
from tests.support.doors import free_port
from tests.support.partners import register
from tests.support.servers import ServiceDatabase, clone_database, drop_database, drop_run

LINES, PAGE, LIMIT_MB = 500_000, 10_000, 250
AS_OF = date(2022, 5, 31)
COLUMNS = [one.name for one in LOANS.columns]
_SEED = """
WITH made AS MATERIALIZED (
  SELECT gen_random_uuid() AS loan_id, gen_random_uuid() AS referral_id,
    gen_random_uuid() AS household_id, 'HD-' || md5(place::text) AS contract_number,
    lpad((1 + place % 200)::text, 5, '0') AS commune, 20000000 + place AS principal
  FROM generate_series(1, $1::bigint) AS place
), first AS (
  INSERT INTO loan (loan_id, referral_id, household_id, version, commune, area, contract_number,
    asked, programme, source, state, principal, paid_on, months, first_due_on, due_on,
    balance_in_term, balance_overdue, balance_frozen, interest_in_term, interest_overdue,
    interest_frozen, balance_on, yearly_rate, overdue_rate, rate_on, rate_document, check_due_on,
    changed_on)
  SELECT loan_id, referral_id, household_id, 1, commune, '{}', contract_number, '{}', '01',
    'central', 'in_term', principal, '2022-02-15', 60, '2027-02-15', '2027-02-15', principal, 0, 0,
    220000, 0, 0, '2022-05-31', 6.6, 8.58, '2022-02-15', 'D', '2022-03-17', '2022-05-31'
  FROM made RETURNING *
)
INSERT INTO loan_version (loan_id, version, commune, act, programme, source, state, principal,
  paid_on, months, first_due_on, due_on, balance_in_term, balance_overdue, balance_frozen,
  interest_in_term, interest_overdue, interest_frozen, balance_on, yearly_rate, overdue_rate,
  rate_on, rate_document, check_due_on, changed_on, correlation_id, recorded_at)
SELECT loan_id, version, commune, 'stated', programme, source, state, principal, paid_on, months,
  first_due_on, due_on, balance_in_term, balance_overdue, balance_frozen, interest_in_term,
  interest_overdue, interest_frozen, balance_on, yearly_rate, overdue_rate, rate_on, rate_document,
  check_due_on, changed_on, loan_id, now() FROM first
"""
_TYPED = """
CREATE TABLE floor_line (contract_number text, referral_id uuid, commune text, programme text,
  source text, state text, principal bigint, paid_on date, months integer, due_on date,
  balance_in_term bigint, balance_overdue bigint, balance_frozen bigint, interest_in_term bigint,
  interest_overdue bigint, interest_frozen bigint, balance_on date, yearly_rate_percent numeric)
"""
_VALUES = ("referral_id commune programme source state principal paid_on months due_on "
           "balance_in_term balance_overdue balance_frozen interest_in_term interest_overdue "
           "interest_frozen balance_on").split()  # fmt: skip
_JOIN = f"""
SELECT count(*) FROM floor_line AS line FULL JOIN (
  SELECT loan.contract_number, loan.referral_id, was.*
  FROM (SELECT DISTINCT ON (loan_id) {", ".join(_VALUES[1:])}, loan_id, yearly_rate
        FROM loan_version WHERE changed_on <= $1 ORDER BY loan_id, version DESC) AS was
  JOIN loan USING (loan_id)) AS ours USING (contract_number)
WHERE ({", ".join(f"line.{name}" for name in _VALUES)}, line.yearly_rate_percent)
  IS DISTINCT FROM ({", ".join(f"ours.{name}" for name in _VALUES)}, ours.yearly_rate)
"""


@dataclass(frozen=True)
class Books:
    """The bank's list, as pages of CSV, and how many differences it has."""

    pages: Sequence[bytes]
    lines: int
    differences: int


async def seed(owner: "asyncpg.Connection[asyncpg.Record]", loans: int) -> Books:
    await owner.execute(_SEED, loans, timeout=900)
    await owner.execute("VACUUM ANALYZE loan", timeout=600)
    await owner.execute("VACUUM ANALYZE loan_version", timeout=600)
    layout = LOANS.layout(COLUMNS)
    values = layout.ours.replace(f", {LOANS.household},", " || ',' ||", 1)
    rows = LOANS.rows.replace("$2", f"'{AS_OF}'::date").replace("$3", "now()")
    rows = rows.replace("$4", "NULL").replace("$5", "NULL")
    said = io.BytesIO()
    query = f"SELECT {values} {rows} ORDER BY random()"
    await owner.copy_from_query(query, output=said, format="text", timeout=600)
    lines = said.getvalue().decode().splitlines()
    differences = 0
    for place in range(0, len(lines), 1_000):
        lines[place] = lines[place].replace(",in_term,", ",overdue,", 1)
        differences += 1
        if place + 2 < len(lines):
            lines[place + 1] = f"XX-{place},{lines[place + 1].partition(',')[2]}"
            differences += 2  # theirs is missing here, ours is missing there
    lines[3] = lines[3].replace("2022-02-15", "15/02/2022", 1)
    heading = ",".join(layout.names)
    pages = [
        "\n".join([heading, *lines[begin : begin + PAGE]]).encode()
        for begin in range(0, len(lines), PAGE)
    ]
    return Books(pages, len(lines), differences + 2)


async def floor(owner: "asyncpg.Connection[asyncpg.Record]", books: Books) -> float:
    """Seconds of COPY and FULL JOIN."""
    await owner.execute(_TYPED)
    mended = [page.replace(b"15/02/2022", b"2022-02-15") for page in books.pages]
    started = time.perf_counter()
    for page in mended:
        await owner.copy_to_table(
            "floor_line", source=io.BytesIO(page), format="csv", header=True, timeout=600
        )
    copied = time.perf_counter()
    found = await owner.fetchval(_JOIN, AS_OF, timeout=600)
    ended = time.perf_counter()
    assert found == books.differences - 2, (found, books.differences)
    print(f"  floor: copy {copied - started:.2f} s, join {ended - copied:.2f} s")
    await owner.execute("DROP TABLE floor_line")
    return ended - started


async def reconcile(client: httpx.AsyncClient, books: Books) -> float:
    """Seconds from opening it to its end."""

    async def ask(method: str, path: str, **content: object) -> dict[str, object]:
        answer = await client.request(method, f"/v1/reconciliations{path}", **content)  # type: ignore[arg-type]
        assert answer.is_success, answer.text
        found: dict[str, object] = answer.json()
        return found

    started = time.perf_counter()
    body = {"list": "loans", "as_of": AS_OF.isoformat()}
    one = (await ask("POST", "", json=body))["reconciliation_id"]
    waiting = list(enumerate(books.pages, 1))

    async def send() -> None:
        while waiting:
            number, page = waiting.pop(0)
            headers = {"Content-Type": "text/csv"}
            await ask("PUT", f"/{one}/pages/{number}", content=page, headers=headers)

    await asyncio.gather(send(), send())
    sent = time.perf_counter()
    done = await ask("POST", f"/{one}/close", json={"pages": len(books.pages)})
    while done["state"] != "done":
        await asyncio.sleep(0.05)
        done = await ask("GET", f"/{one}")
    ended = time.perf_counter()
    print(f"  sent {sent - started:.2f} s, compared {ended - sent:.2f} s: {done['differences']}")
    differences = done["differences"]
    assert isinstance(differences, dict)
    assert sum(differences.values()) == books.differences, (done, books.differences)
    return ended - started


@asynccontextmanager
async def processes(database: ServiceDatabase, home: Path) -> AsyncIterator[httpx.AsyncClient]:
    """One that serves and one that compares; their reports are printed at the end."""
    port = free_port()
    running = []
    for name, workers, apis in (
        ("api", {}, {"credit": database.api_dsn}),
        ("tick", {"credit": database.worker_dsn}, {}),
    ):
        job = Job(name, workers, apis, port, "", {"credit": database.worker_dsn}, "", "", 0.01,
                  "2022-06-01", str(home))  # fmt: skip
        path = home / f"{name}.json"
        path.write_text(json.dumps(asdict(job)), encoding="utf-8")
        profile = os.environ.get("BENCH_PROFILE")
        profiled = ["-m", "cProfile", "-o", f"{profile}/{name}.prof"] if profile else []
        process = await asyncio.create_subprocess_exec(
            sys.executable, *profiled, "-m", "benchmarks.process", str(path),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert (await process.stdout.readline()).strip() == b"ready"
        running.append((name, process))
    token = issuer_of(port, home).token(Role.BANK, ("*",), "bank-core")
    async with httpx.AsyncClient(
        base_url=f"http://localhost:{port}/credit",
        headers={"Authorization": f"Bearer {token}"},
        timeout=120.0,
    ) as client:
        yield client
    for name, process in running:
        process.terminate()
        await process.wait()
        report = json.loads((home / f"{name}.report").read_text(encoding="utf-8"))
        peak = report["peak_mb"]
        print(f"RESULT reconciliation.{name} {peak:.0f} MB floor={LIMIT_MB} "
              f"ratio={peak / LIMIT_MB:.2f}  (cpu {report['cpu_seconds']:.1f} s)")  # fmt: skip


async def measure(lines: int) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    database = await clone_database("credit")
    try:
        async with database.as_api() as api, api.transaction() as tx:
            fields = (*(one.path for one in LOANS.columns if one.path), "household_id")
            await register(tx, event_types=("loan.*.v1",), fields=fields)
        owner = await asyncpg.connect(database.owner_dsn)
        books = await seed(owner, lines)
        bare = await floor(owner, books)
        with tempfile.TemporaryDirectory(prefix="ansinh-bench-") as home:
            async with processes(database, Path(home)) as client:
                seconds = await reconcile(client, books)
        print(f"{books.lines:,} lines; {load()}")
        print(f"RESULT reconciliation {books.lines / seconds:.0f} lines/s "
              f"floor={books.lines / bare:.0f} ratio={bare / seconds:.2f}")  # fmt: skip
        await owner.close()
    finally:
        await drop_database(database)
        await drop_run()


if __name__ == "__main__":
    run_loop(measure(int(sys.argv[1]) if sys.argv[1:] else LINES))

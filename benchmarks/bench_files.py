"""The bank's outcome file, each line a receipt, an answer and a payment: lines per second from the
first byte to the last loan, and the most memory that the process holds; list 03/TD out beside it.

    python -m benchmarks.bench_files [lines]

The floor parses the same file with nothing but the library of its format, and has PostgreSQL copy
in, with their indexes, the very rows that ours leaves: three versions of each referral and of its
need, a payment, a loan, four events. Requests are made in the process itself.
"""

import asyncio
import csv
import io
import json
import os
import resource
import secrets
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
from openpyxl import Workbook, load_workbook

from libs.common.clock import FixedDayClock
from libs.common.ids import new_id
from libs.common.roles import run_loop
from services.credit.app import build
from services.credit.files.form import TITLES
from services.credit.files.work import run_files
from tests.integration.credit.builders import START, entitled, hand_over
from tests.integration.credit.files import DONE
from tests.integration.credit.needs import BANK, ON_TIME
from tests.support.edge import open_client
from tests.support.partners import register_tester
from tests.support.servers import ServiceDatabase, clone_database, drop_database, drop_run

LINES, PAGE = 50_000, 1_000
FORMATS = ("csv", "xlsx")
# Needs as the commune has sent them; made by plain SQL, as they are not what is measured.
_SEND = """
WITH made AS (
  INSERT INTO need (need_id, referral_id, household_id, version, commune, purpose, amount, months,
    source, applied_on, stage, changed_on, over_cap, confirmed_on, is_confirmed)
  SELECT gen_random_uuid(), referral_id, household_id, version, commune, 'Mua bò', 40000000, 60,
    'central', '2022-05-04', 'sent', '2022-05-12', false, '2022-05-12', true
  FROM referral RETURNING need_id, referral_id
)
UPDATE referral SET need_id = made.need_id FROM made WHERE made.referral_id = referral.referral_id
"""

# What a file leaves behind, besides what was there before.
_WRITTEN = {
    "referral": "true",
    "referral_version": "act <> 'opened'",
    "need": "true",
    "need_version": "true",
    "disbursement": "true",
    "loan": "true",
    "loan_version": "true",
    "event_log": "stream = 'loan' OR version > 1",
    "outcome_line": "true",
}


async def seed(database: ServiceDatabase, lines: int) -> list[list[Any]]:
    """Needs at the bank; the lines of the file that tells what came of them."""
    async with database.as_worker() as worker:
        for _ in range(0, lines, PAGE):
            await hand_over(
                worker, *(entitled(new_id(), ("credit.01", START, None)) for _ in range(PAGE))
            )
    await register_tester(database, "credit")
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        await owner.execute(_SEND, timeout=600)
        await owner.execute("VACUUM ANALYZE", timeout=600)
        rows = await owner.fetch("SELECT referral_id FROM referral LIMIT $1", lines)
    finally:
        await owner.close()
    return [
        [str(row["referral_id"]), *DONE.values(), f"HD-{place}"] for place, row in enumerate(rows)
    ]


def written(form: str, lines: Iterable[list[Any]]) -> bytes:
    titles = [TITLES[name] for name in ("referral_id", *DONE, "contract_number")]
    if form == "csv":
        text = io.StringIO()
        csv.writer(text).writerows([titles, *lines])
        return text.getvalue().encode("utf-8-sig")
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (titles, *lines):
        sheet.append(row)
    book.save(file := io.BytesIO())
    return file.getvalue()


def parsed(form: str, content: bytes) -> Iterator[tuple[Any, ...]]:
    """With the library alone."""
    if form == "csv":
        yield from map(tuple, csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig")))
    else:
        book = load_workbook(io.BytesIO(content), read_only=True)
        yield from book.worksheets[0].iter_rows(values_only=True)


async def floor(database: ServiceDatabase, form: str, content: bytes) -> float:
    """Lines per second: parsed with the library alone, and every row that ours left copied in."""
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        rows = {}
        for table, those in _WRITTEN.items():
            await owner.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING INDEXES)")
            kept = io.BytesIO()
            query = f"SELECT * FROM {table} WHERE {those}"
            await owner.copy_from_query(query, output=kept, format="binary", timeout=600)
            rows[table] = kept
        started = time.perf_counter()
        count = sum(1 for _ in parsed(form, content)) - 1
        for table, kept in rows.items():
            kept.seek(0)
            given: dict[str, Any] = {"source": kept, "format": "binary", "timeout": 600}
            await owner.copy_to_table(f"bare_{table}", **given)
        return count / (time.perf_counter() - started)
    finally:
        await owner.close()


async def take(database: ServiceDatabase, content: bytes) -> dict[str, float]:
    """In a process of its own: the file in, the list out; seconds of each, and the peak memory."""
    clock, seconds = FixedDayClock(ON_TIME), {}
    async with (
        open_client(build(), database, clock=clock) as client,
        database.as_worker(clock) as worker,
    ):
        started = time.perf_counter()
        answer = await client.post("/v1/files/outcomes", content=content, headers=BANK)
        assert answer.status_code == 202, answer.text
        seconds["answered"] = time.perf_counter() - started
        await run_files(worker, clock)
        seconds["done"] = time.perf_counter() - started
        where = f"/v1/files/outcomes/{answer.json()['file_id']}"
        counts = (await client.get(where, headers=BANK)).json()
        assert counts["recorded"] == counts["lines"], counts
        for form in FORMATS:
            started = time.perf_counter()
            answer = await client.get(f"/v1/files/03-td?format={form}", headers=BANK)
            assert answer.status_code == 200, answer.text
            seconds[form] = time.perf_counter() - started
    return {**seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


async def measure(lines: int) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    for form in FORMATS:
        database = await clone_database("credit")
        try:
            rows = await seed(database, lines)
            with TemporaryDirectory() as folder:
                path = Path(folder) / f"outcomes.{form}"
                path.write_bytes(written(form, rows))
                given = json.dumps([asdict(database), str(path)])
                child = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "benchmarks.bench_files", given, stdout=-1
                )
                out, _ = await child.communicate()
                assert child.returncode == 0
                found = json.loads(out.splitlines()[-1])
                bare = await floor(database, form, path.read_bytes())
            tell(form, lines, bare, found)
        finally:
            await drop_database(database)
    await drop_run()


def tell(form: str, lines: int, bare: float, found: dict[str, float]) -> None:
    rate = lines / found["done"]
    print(
        f"{lines:,} lines of {form}: answered after {found['answered']:.1f} s, done after "
        f"{found['done']:.1f} s; 03/TD out: "
        + ", ".join(f"{out} {found[out]:.1f} s" for out in FORMATS)
        + f"; load {os.getloadavg()[0]:.1f}"
    )
    print(f"RESULT files.in.{form} {rate:.0f} lines/s floor={bare:.0f} ratio={rate / bare:.3f}")
    print(
        f"RESULT files.memory.{form} {found['peak_mb']:.0f} MB floor=250 "
        f"ratio={found['peak_mb'] / 250:.2f}"
    )


def main() -> None:
    given = sys.argv[1:]
    if given and given[0].startswith("["):
        database, path = json.loads(given[0])
        run_loop(_child(ServiceDatabase(**database), Path(path).read_bytes()))
    else:
        run_loop(measure(int(given[0]) if given else LINES))


async def _child(database: ServiceDatabase, content: bytes) -> None:
    print(json.dumps(await take(database, content)))


if __name__ == "__main__":
    main()

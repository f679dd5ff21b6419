"""A province's spreadsheet of households: rows per second from the first byte sent to the last
event, with dry run, validation, matching, vault, audit and events on; and the peak memory.

    python -m benchmarks.bench_import [rows] [csv|xlsx] [jobs]

The floor parses the same file with nothing but the library of its format, and has PostgreSQL copy
in, with their indexes, the very rows that ours leaves. Beside it the file's own lines are copied
into one bare table. Requests are made in the process itself; the person who confirms takes no time.
`jobs` are processes that share the pages, as several `tick` do; memory is that of the first.
"""

import asyncio
import csv
import hashlib
import io
import json
import os
import resource
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
from openpyxl import Workbook

from ansinh.demo.register.households import COLUMNS, HEADER, households
from benchmarks.bench_files import parsed
from libs.common.clock import FixedDayClock
from libs.common.roles import run_loop
from libs.common.security.roles import Role
from services.registry.app import build
from services.registry.imports.work import run_imports
from tests.integration.registry.builders import COMMUNE, NEIGHBOUR, TODAY, load_communes
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase, clone_database, drop_database, drop_run
from tests.support.vault import VAULT

ROWS, PART = 20_000, 8 * 1024 * 1024
_PAUSE = 0.05
MEMORY_MB = 250
OFFICER = bearer(Role.OFFICER, areas=["06"])
# What an import leaves behind; its own pages hold nothing any more.
WRITTEN = (
    "household household_fact member household_code person_name name_token person_address "
    "identifier stream_head event_log outbox audit_line"
).split()


def write(path: Path, rows: int) -> int:
    """The file; answers how many lines it has."""
    made = 0
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            out = csv.writer(file)
            out.writerow(HEADER)
            for household in households(rows, (COMMUNE, NEIGHBOUR)):
                out.writerows(household)
                made += len(household)
        return made
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for household in households(rows, (COMMUNE, NEIGHBOUR)):
        for line in household:
            sheet.append(line)
        made += len(household)
    book.save(path)
    return made


async def help_working(database: ServiceDatabase) -> None:
    """One more job, until it is told to end."""
    print("ready", flush=True)
    clock = FixedDayClock(TODAY)
    async with database.as_worker(clock) as worker:
        while True:
            await run_imports(worker, clock, VAULT)
            await asyncio.sleep(_PAUSE)


async def take(database: ServiceDatabase, path: Path) -> dict[str, Any]:
    """In a process of its own: the file in; seconds of each phase, and the peak memory."""
    clock, seconds = FixedDayClock(TODAY), {}
    async with (
        open_client(build(), database, clock=clock) as client,
        database.as_worker(clock) as worker,
    ):

        async def ask(method: str, url: str, **content: Any) -> Any:
            answer = await client.request(method, f"/v1/imports{url}", headers=OFFICER, **content)
            assert answer.is_success, answer.text
            return answer.json()

        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        started = time.perf_counter()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            one = await ask("POST", "", json={"digest": digest, "effective_on": "2022-05-01"})
            url, parts = f"/{one['import_id']}", 0
            file.seek(0)
            while part := file.read(PART):
                parts += 1
                await ask("PUT", f"{url}/parts/{parts}", content=part)
        await ask("POST", f"{url}/close", json={"parts": parts})
        seconds["sent"] = time.perf_counter() - started
        for phase, state in (("checked", "checked"), ("done", "done")):
            await run_imports(worker, clock, VAULT)
            while (done := await ask("GET", url))["state"] != state:
                await asyncio.sleep(_PAUSE)  # another job has the last page
                await run_imports(worker, clock, VAULT)
            seconds[phase] = time.perf_counter() - started
            if phase == "checked":
                await ask("POST", f"{url}/confirm")
        assert done["counts"]["refused"] == 0, done
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**seconds, "peak_mb": peak, "before_mb": before}


async def floor(database: ServiceDatabase, path: Path) -> tuple[float, float]:
    """Seconds: parsed and every row that ours left copied in; the lines alone into one table."""
    form = path.suffix[1:]
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        rows = {}
        for table in WRITTEN:
            await owner.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING INDEXES)")
            kept = io.BytesIO()
            query = f"SELECT * FROM {table}"
            await owner.copy_from_query(query, output=kept, format="binary", timeout=600)
            rows[table] = kept
        started = time.perf_counter()
        for _ in _parsed(form, path):
            pass
        for table, kept in rows.items():
            kept.seek(0)
            given: dict[str, Any] = {"source": kept, "format": "binary", "timeout": 600}
            await owner.copy_to_table(f"bare_{table}", **given)
        everything = time.perf_counter() - started
        columns = ", ".join(f"{name.lower()} text" for name in COLUMNS)
        await owner.execute(f"CREATE TABLE bare_line ({columns})")
        started = time.perf_counter()
        await owner.copy_records_to_table("bare_line", records=_lines(form, path), timeout=600)
        return everything, time.perf_counter() - started
    finally:
        await owner.close()


def _parsed(form: str, path: Path) -> Iterator[tuple[Any, ...]]:
    return parsed(form, path.read_bytes())


def _lines(form: str, path: Path) -> Iterator[tuple[Any, ...]]:
    lines = _parsed(form, path)
    next(lines)
    yield from lines


async def measure(rows: int, form: str, jobs: int) -> None:
    os.environ.setdefault("ANSINH_TEST_RUN", f"bench{secrets.token_hex(3)}")
    database = await clone_database("registry")
    try:
        await load_communes(database)
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"households.{form}"
            made = write(path, rows)
            helpers = [await _start([asdict(database)]) for _ in range(1, jobs)]
            for helper in helpers:
                assert helper.stdout is not None
                await helper.stdout.readline()
            child = await _start([asdict(database), str(path)])
            out, _ = await child.communicate()
            for helper in helpers:
                helper.kill()
                await helper.wait()
            assert child.returncode == 0
            found = json.loads(out.splitlines()[-1])
            bare, lines = await floor(database, path)
    finally:
        await drop_database(database)
        await drop_run()
    rate, taking = made / found["done"], made / (found["done"] - found["checked"])
    print(
        f"{made:,} rows of {form}, {jobs} job(s): sent after {found['sent']:.1f} s, checked after "
        f"{found['checked']:.1f} s, done after {found['done']:.1f} s (taking alone "
        f"{taking:,.0f} rows/s); floor {bare:.1f} s, the lines into one table {lines:.1f} s; "
        f"memory {found['before_mb']:.0f} MB before; load {os.getloadavg()[0]:.1f}"
    )
    print(
        f"RESULT import.{form} {rate:.0f} rows/s floor={made / bare:.0f} "
        f"ratio={bare / found['done']:.3f}"
    )
    print(
        f"RESULT import.memory.{form} {found['peak_mb']:.0f} MB floor={MEMORY_MB} "
        f"ratio={found['peak_mb'] / MEMORY_MB:.2f}"
    )


async def _start(given: list[Any]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.bench_import", json.dumps(given), stdout=-1
    )


def main() -> None:
    given = sys.argv[1:]
    if given and given[0].startswith("["):
        database, *paths = json.loads(given[0])
        known = ServiceDatabase(**database)
        run_loop(_child(known, Path(paths[0])) if paths else help_working(known))
    else:
        rows, form, jobs = [*given, *(str(ROWS), "csv", "1")[len(given) :]]
        run_loop(measure(int(rows), form, int(jobs)))


async def _child(database: ServiceDatabase, path: Path) -> None:
    print(json.dumps(await take(database, path)))


if __name__ == "__main__":
    main()

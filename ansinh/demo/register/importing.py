"""A spreadsheet with faults: sent, its report mended by what it says, sent again, and once more."""

import asyncio
import hashlib
import resource
import time
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from ansinh.demo.client import DemoProblem
from ansinh.demo.register.desk import COMMUNES, IMPORTER, Desk, Person
from ansinh.demo.register.families import FAMILIES
from ansinh.demo.register.households import households
from ansinh.demo.register.sheet import mended, write_sheet
from ansinh.demo.register.spoiling import Spoiled, spoiled
from ansinh.demo.register.telling import Teller
from ansinh.importing import PART

COUNTS_FROM = date(2025, 1, 1)
_POLL_SECONDS = 0.2
_AT = "/registry/v1/imports"


@dataclass(frozen=True)
class Sent:
    """An import that has ended: what came of its lines, its report, and how long it took."""

    import_id: str
    counts: dict[str, int]
    seconds: float

    @property
    def lines(self) -> int:
        return sum(self.counts.values())


async def import_year(desk: Desk, teller: Teller, folder: Path, rows: int) -> Spoiled:
    """Import the three communes' households; answers what the file held.

    Args:
        folder: for the files.
        rows: at least so many lines, the told families' besides.
    """
    file, told = folder / "ho-gia-dinh.xlsx", Spoiled()
    made = chain((family.lines() for family in FAMILIES.values()), households(rows, [*COMMUNES]))
    await asyncio.to_thread(write_sheet, file, spoiled(made, told))
    teller.step(
        f"Tệp Excel của ba xã: {told.lines:,} dòng, {told.made:,} lỗi",
        f"three communes' spreadsheet: {told.lines:,} lines, {told.made:,} faults",
    )
    for name, count in told.faults.items():
        teller.say(f"    {count:,} {name}")
    first = await send(desk, IMPORTER, file)
    _tell(teller, "lần đầu", "the first time", first)
    taken = told.lines - told.refused
    teller.check("lần đầu / first", first.counts, _counts(registered=taken, refused=told.refused))

    report = folder / "bao-cao.xlsx"
    await download_report(desk, IMPORTER, first.import_id, report)
    again = folder / "ho-gia-dinh.sua.xlsx"
    await asyncio.to_thread(write_sheet, again, mended(report, told.papers))
    second = await send(desk, IMPORTER, again)
    _tell(teller, "dòng bị từ chối, sửa theo báo cáo", "the refused lines, mended", second)
    teller.check("lần hai / mended", second.counts, _counts(registered=told.refused))

    before = await _versions(desk)
    third = await send(desk, IMPORTER, file)
    _tell(teller, "tệp đầu, gửi lại", "the first file once more", third)
    teller.check("lần ba / once more", third.counts, _counts(unchanged=taken, refused=told.refused))
    teller.check("phiên bản / versions", await _versions(desk) == before, True)
    teller.check("số hộ / households", len(before), sum(told.households.values()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    teller.add(
        f"{len(before):,} hộ; bộ nhớ đỉnh của cả tiến trình {peak:,.0f} MB",
        f"households; peak memory of the whole process {peak:,.0f} MB",
    )
    return told


async def send(desk: Desk, who: Person, file: Path, counts_from: date = COUNTS_FROM) -> Sent:
    """Send a file in parts, wait for its dry run, confirm it, wait until it is taken."""
    begun = time.monotonic()
    content = await asyncio.to_thread(file.read_bytes)
    body = {
        "digest": hashlib.sha256(content).hexdigest(),
        "effective_on": counts_from.isoformat(),
    }
    one = await desk.post(who, _AT, body)
    at = f"{_AT}/{one['import_id']}"
    parts = [content[start : start + PART] for start in range(0, len(content), PART)]
    for number, part in enumerate(parts, 1):
        await desk.ask(who, "PUT", f"{at}/parts/{number}", content=part)
    await desk.post(who, f"{at}/close", {"parts": len(parts)})
    await _until(desk, who, at, "checked")
    await desk.post(who, f"{at}/confirm")
    done = await _until(desk, who, at, "done")
    return Sent(one["import_id"], done["counts"], time.monotonic() - begun)


async def download_report(desk: Desk, who: Person, import_id: str, path: Path) -> None:
    answer = await desk.send(who, "GET", f"{_AT}/{import_id}/report", purpose="register")
    answer.raise_for_status()
    await asyncio.to_thread(path.write_bytes, answer.content)


async def _until(desk: Desk, who: Person, at: str, state: str) -> Any:
    one = await desk.get(who, at)
    while one["state"] not in (state, "refused", "cancelled"):
        await asyncio.sleep(_POLL_SECONDS)
        one = await desk.get(who, at)
    if one["state"] != state:
        raise DemoProblem(f"{at}: {one['state']} {one['problems']}")
    return one


async def _versions(desk: Desk) -> dict[str, int]:
    """Every household's version."""
    found = desk.items(IMPORTER, "/registry/v1/households")
    return {one["household_id"]: one["version"] async for one in found}


def _counts(**given: int) -> dict[str, int]:
    return {"registered": 0, "corrected": 0, "unchanged": 0, "refused": 0} | given


def _tell(teller: Teller, vi: str, en: str, sent: Sent) -> None:
    counts = sent.counts
    teller.add(
        f"{vi}: {counts['registered']:,} đăng ký mới, {counts['corrected']:,} cập nhật, "
        f"{counts['unchanged']:,} không đổi, {counts['refused']:,} từ chối",
        f"{en}: {counts['registered']:,} registered, {counts['corrected']:,} corrected, "
        f"{counts['unchanged']:,} unchanged, {counts['refused']:,} refused; "
        f"{sent.lines / sent.seconds:,.0f} rows/s",
    )

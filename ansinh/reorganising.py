"""`ansinh reorganisation enter|preview|follow|worklist FILE`: a dated change of the map.

A file is its reorganisation: it is found again by what it says, so each command may be broken off
and run again, and a file that was entered is not entered twice. `enter` asks for the day and the
document; who approves is another person, on the screens or by the API. `ANSINH_URL` and
`ANSINH_TOKEN` as for `ansinh import`.
"""

import asyncio
import csv
import hashlib
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from ansinh.importing import call, draw
from ansinh.ops.client import Unanswered, refusal
from ansinh.ops.printing import progress_bar
from libs.common.ids import derived_id
from libs.common.problems import Text
from libs.common.web.idempotency import HEADER as IDEMPOTENCY_HEADER

_AT = "reorganisations"
_POLL_SECONDS = 0.5
_STATES = {
    "refused": "tệp bị từ chối / refused",
    "entered": "đã nhập / entered",
    "previewed": "đã xem trước, chờ người thứ hai duyệt / previewed, waits for a second person",
    "approved": "đã duyệt, chờ ngày hiệu lực / approved, waits for its day",
    "applying": "đang thực hiện / being applied",
    "done": "đã thực hiện / done",
    "cancelled": "đã hủy / cancelled",
}


async def enter_file(
    client: httpx.AsyncClient, path: Path, in_force: date, known_from: date, document: str
) -> int:
    """Enter a file, or find what was entered of it; answers 1 where its lines are refused."""
    before = await _entered(client, path)
    one = _standing(before)
    if one is None:
        asked = {
            "in_force": in_force.isoformat(),
            "known_from": known_from.isoformat(),
            "document": document,
        }
        content = await asyncio.to_thread(path.read_bytes)
        # Broken off after it was sent, the same file is answered as it was the first time; entered
        # once more after it was refused or cancelled, it is another one.
        given_up = [one["reorganisation_id"] for one in before]
        key = derived_id("reorganisation", _digest(content), *asked.values(), *given_up)
        headers = {IDEMPOTENCY_HEADER: str(key)}
        one = await call(client, "POST", _AT, params=asked, content=content, headers=headers)
    _tell(one)
    await _keep_report(client, path, one)
    return int(one["state"] == "refused")


async def preview_file(client: httpx.AsyncClient, path: Path) -> int:
    """Count what the file that was entered will do; once approved, say what was counted."""
    one = await _found(client, path)
    if one["state"] in ("entered", "previewed"):
        one = await call(client, "POST", f"{_AT}/{one['reorganisation_id']}/preview")
    _tell(one)
    _tell_preview(one["preview"])
    return int(one["state"] == "refused")


async def follow_file(
    client: httpx.AsyncClient, path: Path, *, poll_seconds: float = _POLL_SECONDS
) -> int:
    """Draw how far it is until it is done; before its day, or not approved, it only says so."""
    one = await _found(client, path)
    at, shown = f"{_AT}/{one['reorganisation_id']}", False
    while one["state"] in ("approved", "applying") and one["is_due"]:
        moved, total = one["households_moved"], one["households_total"]
        draw(progress_bar("Chuyển hộ / moving", moved, max(total, 1)))
        shown = True
        await asyncio.sleep(poll_seconds)
        one = await call(client, "GET", at)
    if shown:
        print()
    _tell(one)
    return int(one["state"] in ("refused", "cancelled"))


async def write_worklist(client: httpx.AsyncClient, path: Path, out: Path) -> int:
    """Who is still to be asked about, village by village, as a CSV; made new each time."""
    one = await _found(client, path)
    at = f"{_AT}/{one['reorganisation_id']}/open"
    rows = [
        [
            group["commune"],
            group["village"] or "",
            group["households"],
            group["persons"],
            " ".join(choice["commune"] for choice in group["choices"]),
        ]
        async for group in _pages(client, at)
    ]
    half_done = out.with_name(f"{out.name}.part")
    await asyncio.to_thread(_write, half_done, rows)
    half_done.replace(out)
    households = sum(row[2] for row in rows)
    print(f"{out}  {len(rows)} thôn / villages, {households:,} hộ / households")
    return 0


async def find(client: httpx.AsyncClient, path: Path) -> Any | None:
    """What was entered of this file and neither refused nor cancelled: the newest, else None."""
    return _standing(await _entered(client, path))


async def _entered(client: httpx.AsyncClient, path: Path) -> list[Any]:
    """All that was ever entered of this file, the newest first."""
    digest = await asyncio.to_thread(lambda: _digest(path.read_bytes()))
    return [one async for one in _pages(client, _AT) if one["digest"] == digest]


def _standing(entered: list[Any]) -> Any | None:
    standing = (one for one in entered if one["state"] not in ("refused", "cancelled"))
    return next(standing, None)


async def _found(client: httpx.AsyncClient, path: Path) -> Any:
    one = await find(client, path)
    if one is None:
        title = Text(
            "Tệp này chưa được nhập: ansinh reorganisation enter.",
            "This file has not been entered yet: ansinh reorganisation enter.",
        )
        raise Unanswered("registry", 404, title)
    return one


async def _pages(client: httpx.AsyncClient, at: str) -> AsyncIterator[Any]:
    after: dict[str, str] = {}
    while True:
        page = await call(client, "GET", at, params={"limit": "100", **after})
        for one in page["items"]:
            yield one
        if page["next"] is None:
            return
        after = {"after": page["next"]}


async def _keep_report(client: httpx.AsyncClient, path: Path, one: Any) -> None:
    """Every line with its reason beside the file, to be mended and entered again."""
    if one["state"] != "refused":
        return
    asked = {"format": path.suffix.removeprefix(".").lower()}
    report = path.with_name(f"{path.stem}.tu-choi{path.suffix}")
    answer = await client.get(f"{_AT}/{one['reorganisation_id']}/report", params=asked)
    if answer.is_error:
        raise refusal("registry", answer)
    await asyncio.to_thread(report.write_bytes, answer.content)
    print(f"Báo cáo từng dòng / report per line: {report}")


def _tell(one: Any) -> None:
    state = _STATES[one["state"]]
    print(f"{one['reorganisation_id']}  {one['in_force']}  {one['document']}: {state}")
    if one["households_total"]:
        print(f"    hộ đã chuyển / moved: {one['households_moved']:,}/{one['households_total']:,}")
    for problem in one["problems"]:
        for language in ("vi", "en"):
            print(f"    {problem['message'][language]} {problem['fix'][language]}")


def _tell_preview(preview: Any) -> None:
    if preview is None:
        return
    units, moved, asked = preview["units"], preview["moved"], preview["asked"]
    print(f"    đơn vị chấm dứt / units that end: {units['ended']:,}, mới / new: {units['new']:,}")
    print(f"    hộ tự chuyển / moved: {moved['households']:,}")
    print(f"    hộ phải hỏi / to be asked about: {asked['households']:,}")
    for one in preview["reclassified"]:
        print(
            f"    mức chuẩn khác / another line: {one['former_commune']} → {one['commune']} "
            f"({one['former_kind']} → {one['kind']}): {one['households']:,}"
        )


def _write(path: Path, rows: list[list[Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Xã cũ", "Thôn", "Số hộ", "Số người", "Các xã mới"])
        writer.writerows(rows)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

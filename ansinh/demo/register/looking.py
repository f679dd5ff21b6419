"""What the register answers when the year is over: a citizen's file, a household's timeline."""

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansinh.citizens.command import keep, told
from ansinh.citizens.printing import as_page
from ansinh.demo.register.desk import NGHIEN_LOAN, Desk, officer
from ansinh.demo.register.houses import House
from ansinh.demo.register.telling import Teller
from libs.common.citizens.asking import PURPOSE

_LONGEST_WAIT_SECONDS = 60.0
_COUNTED = ("event", "read", "write")  # told by their number


async def show_file(desk: Desk, teller: Teller, house: House, name: str, home: Path) -> None:
    """All that every service holds of a person, for the answer to its request."""
    teller.step(f"Hồ sơ dữ liệu của {name}", "a citizen's file")
    begun = time.monotonic()
    while True:
        file = await desk.file(officer(NGHIEN_LOAN), house.persons[name])
        lines = [line for part in file.parts.values() for line in part["accounts"]]
        seen = {one for one, part in file.parts.items() if _has_been_read(part)}
        if seen == file.parts.keys() or time.monotonic() > begun + _LONGEST_WAIT_SECONDS:
            break
        await asyncio.sleep(0.5)  # a read is on it once the trail is sealed
    for line in told(file):
        teller.say(f"    {line}")
    page = home / "ho-so-cong-dan.html"
    await asyncio.to_thread(keep, page, as_page(file, datetime.now(UTC)))
    teller.add(f"{len(lines)} lần đọc, ghi: {page}", "reads and writes, by whom and why")
    teller.check("phần còn thiếu / parts missing", sorted(file.missing), [])
    teller.check("ai đọc, vì sao / who read and why", sorted(seen), sorted(file.parts))


def _has_been_read(part: dict[str, Any]) -> bool:
    """Whether its trail tells of our own question."""
    return any(line["purpose"] == PURPOSE for line in part["accounts"])


async def show_timeline(desk: Desk, teller: Teller, house: House, code: str, requests: int) -> None:
    """One household's history: facts, requests, events and reads.

    Args:
        requests: how many steps of change requests it must tell of.
    """
    teller.step(f"Quá trình của hộ {code}", "a household's timeline")
    path = f"/registry/v1/households/{house.household_id}/timeline"
    kinds: Counter[str] = Counter()
    entries: list[Any] = [entry async for entry in desk.items(officer(NGHIEN_LOAN), path)]
    for entry in reversed(entries):
        kinds[entry["kind"]] += 1
        if entry["kind"] not in _COUNTED:
            title = entry["title"]
            teller.say(f"    {entry['from_day']}  {title['vi']} / {title['en']}")
    teller.add("; ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())), "in all")
    teller.check("đề nghị / requests", kinds["request"], requests)

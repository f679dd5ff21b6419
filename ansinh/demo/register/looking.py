"""What the register answers when the year is over: a citizen's file, a household's timeline."""

import asyncio
import time
from collections import Counter
from typing import Any

from ansinh.demo.register.desk import NGHIEN_LOAN, Desk, officer
from ansinh.demo.register.houses import House
from ansinh.demo.register.telling import Teller

_LONGEST_WAIT_SECONDS = 60.0
_COUNTED = ("event", "read", "write")  # told by their number


async def show_file(desk: Desk, teller: Teller, house: House, name: str) -> None:
    """All that is held of a person, for the answer to its request."""
    teller.step(f"Hồ sơ dữ liệu của {name}", "a citizen's file")
    path = f"/registry/v1/persons/{house.persons[name]}/file"
    begun = time.monotonic()
    while True:
        file = await desk.get(officer(NGHIEN_LOAN), path, purpose="data-subject")
        reasons = {one["purpose"] for one in file["accounts"]}
        if "data-subject" in reasons or time.monotonic() > begun + _LONGEST_WAIT_SECONDS:
            break
        await asyncio.sleep(0.5)  # a read is on it once the trail is sealed
    for value in file["identity"]:
        until = f" – {value['until']}" if value["until"] else ""
        teller.say(f"    {value['kind']}: {value['value']} ({value['from_day']}{until})")
    for stay in file["memberships"]:
        if stay["recorded_until"] is None:
            until = stay["left_on"] or "nay / now"
            teller.say(f"    hộ / household {stay['household_id']}: {stay['joined_on']} – {until}")
    for home in file["residences"]:
        if home["recorded_until"] is None:
            until = home["until"] or "nay / now"
            lives = f"{home['commune']}: {home['from_day']} – {until}"
            teller.say(f"    hộ / household {home['household_id']} ở xã / in {lives}")
    teller.add(f"{len(file['accounts'])} lần đọc, ghi", "reads and writes, by whom and why")
    teller.check("ai đọc, vì sao / who read and why", "data-subject" in reasons, True)


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

"""The command: an officer's token, one file that only its owner can read."""

import asyncio
import os
import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID

from ansinh.citizens.joining import TITLES, CitizenFile, asking, join
from ansinh.citizens.printing import as_json, as_page
from ansinh.ops.client import EMBEDDED, Unanswered
from ansinh.ops.printing import unanswered
from libs.common.problems import Text

_REFUSED = 2
FORMS = {".html": as_page, ".json": as_json}


def run(person_id: UUID, target: Path, case: str | None, now: datetime) -> int:
    """Write the file; answers 0, 1 where a part is missing, 2 where there is none."""
    try:
        return asyncio.run(_write(person_id, target, case, now))
    except Unanswered as error:
        for line in unanswered(error):
            print(line, file=sys.stderr)
        return _REFUSED


async def _write(person_id: UUID, target: Path, case: str | None, now: datetime) -> int:
    token = os.environ.get("ANSINH_TOKEN")
    if not token:
        title = Text("Cần ANSINH_TOKEN: thẻ của cán bộ.", "ANSINH_TOKEN is needed: an officer's.")
        raise Unanswered("ansinh", 401, title)
    base = os.environ.get("ANSINH_URL") or EMBEDDED
    async with asking(base, token) as clients:
        file = await join(clients, person_id, case)
    await asyncio.to_thread(keep, target, FORMS[target.suffix.lower()](file, now))
    for line in told(file):
        print(line)
    print(target)
    return int(not file.is_whole)


def keep(target: Path, text: str) -> None:
    """Write it for its owner alone; it appears when it is whole."""
    half_done = target.with_name(f"{target.name}.part")
    half_done.touch(mode=0o600)
    half_done.chmod(0o600)
    half_done.write_text(text, encoding="utf-8")
    half_done.replace(target)


def told(file: CitizenFile) -> list[str]:
    """What the file holds, service by service."""
    lines = []
    for name, title in TITLES.items():
        if name in file.missing:
            why = file.missing[name].title
            state = f"THIẾU / MISSING: {why.vi} / {why.en}"
        elif name in file.nothing:
            state = "không lưu gì / nothing is held"
        else:
            part = file.parts[name]
            rows = sum(len(one["rows"]) for one in part["sections"])
            state = f"{rows:,} dòng / rows, {len(part['accounts']):,} lần truy cập / accesses"
            cut = name in file.cut or not all(one["is_whole"] for one in part["sections"])
            state += ", CHƯA HẾT / CUT" if cut else ""
        lines.append(f"{title.vi} / {title.en}: {state}")
    return lines

"""`make register`: the three communes of Pác Nặm named in the sources, through the year 2025.

Their households come in by a spreadsheet with faults; families are born, die, marry, move, split
and correct their facts; on 1/7/2025 the communes become one. Everything by the public API, by the
persons who may; everything that comes out is compared with what must.
"""

import asyncio
import time
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from ansinh.audit import embedded_dsns, verify_trails
from ansinh.demo.register.desk import AN_THANG, NGHIEN_LOAN, XUAN_LA, Desk
from ansinh.demo.register.houses import find_houses
from ansinh.demo.register.importing import import_year
from ansinh.demo.register.looking import show_file, show_timeline
from ansinh.demo.register.merger import Merger
from ansinh.demo.register.telling import Teller
from ansinh.demo.register.year import Year
from ansinh.demo.settings import DemoClock, DemoSettings
from ansinh.embedded.platform import Platform, running
from ansinh.embedded.postgres import destroy_all
from ansinh.process import stop_on_signals
from ansinh.watch import wait_for_effects

FIRST_DAY = date(2025, 1, 6)


async def run_register(settings: DemoSettings) -> int:
    """Run the chapter on a register of its own; answers the exit code (1: something differs)."""
    base = settings.home.parent / "register"
    await destroy_all(base)  # a year is told from its beginning
    settings = replace(settings, home=base / "year")
    clock = DemoClock(FIRST_DAY)
    stop = stop_on_signals()
    async with running(settings.platform(), clock, _say) as platform:
        job = asyncio.create_task(tell_year(platform, clock, settings.home, settings.rows))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((job, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not job.done():
            job.cancel()
            await asyncio.wait((job,))
            return 130
        wrong = job.result()
        if settings.stays_up and not wrong:
            _say(f"Màn hình / screens: {platform.url}/registry/screens (địa bàn / areas: 01882)")
            _say(f"Đang chạy tại / running at {platform.url}  (Ctrl+C: dừng / stop)")
            await stopping
        stopping.cancel()
    return 1 if wrong else 0


async def tell_year(platform: Platform, clock: DemoClock, home: Path, rows: int) -> list[str]:
    """Tell it; answers what came out otherwise than it must.

    Args:
        platform: running, without households in the three communes.
        clock: its business day.
        home: its folder; the files are kept in it.
        rows: lines of the spreadsheet.
    """
    begun = time.monotonic()
    teller = Teller(_say, clock)
    teller.come(FIRST_DAY)
    effects = partial(wait_for_effects, platform.workers)
    await effects()  # areas first, so that scopes are known everywhere
    async with Desk(platform.url, platform.issuer) as desk:
        held = await import_year(desk, teller, home, rows)
        houses = await find_houses(desk)
        await Year(desk, teller, houses).tell()
        eve = Counter(held.households)
        eve.update({NGHIEN_LOAN: 1, XUAN_LA: -1, AN_THANG: 1})  # the split, and the move
        await Merger(desk, teller, houses, home, effects, dict(eve)).tell()
        await show_file(desk, teller, houses["AT-01"], "Triệu Thị Mai", home)
        await show_timeline(desk, teller, houses["XL-01"], "XL-01", 7)
    await effects()
    teller.step("Nhật ký truy cập", "ansinh audit verify")
    async with embedded_dsns(home) as dsns:
        teller.check("nhật ký / trail", await verify_trails(dsns), 0)
    _say(
        f"\n{teller.checked} điều đã so, {len(teller.wrong)} khác / things compared, "
        f"{len(teller.wrong)} differ; {time.monotonic() - begun:.0f} s."
    )
    return teller.wrong


def _say(line: str) -> None:
    print(line, flush=True)

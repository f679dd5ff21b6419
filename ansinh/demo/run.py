"""`make demo`: the platform, the main job on published figures, a household's story, the insurer
and the bank.
"""

import asyncio
import sys
import time
from datetime import date
from functools import partial
from uuid import UUID

from ansinh.demo.client import Client
from ansinh.demo.insuring import Insuring
from ansinh.demo.lending import lend
from ansinh.demo.load import communes_of_province, review
from ansinh.demo.population import (
    ALL_HOUSEHOLDS,
    EFFECTIVE_ON,
    PROVINCE,
    ReviewedHousehold,
    classes_of,
    generate,
)
from ansinh.demo.report import differs_from_published, effects_report, province_report
from ansinh.demo.settings import DemoClock, DemoSettings
from ansinh.demo.stage import Stage
from ansinh.demo.story import COMMUNE, tell_story
from ansinh.demo.village import choose
from ansinh.embedded.platform import Platform, running
from ansinh.process import stop_on_signals
from ansinh.watch import latency_since, wait_for_effects, wait_until_told

FIRST_DAY = date(2022, 1, 4)


async def run_demo(settings: DemoSettings) -> int:
    """Run the demo; answers the exit code (1: a published figure was missed, or books differ)."""
    started = time.monotonic()
    clock = DemoClock(FIRST_DAY)
    stop = stop_on_signals()
    async with running(settings.platform(), clock, _say) as platform:
        job = asyncio.create_task(_whole_job(platform, settings, clock))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((job, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not job.done():
            _say("Dừng lại; chạy lại sẽ làm tiếp / stopping; the next run carries on.")
            job.cancel()
            await asyncio.wait((job,))
            return 130
        wrong, household = job.result()
        _say(f"Xong trong / done in {time.monotonic() - started:.0f} s.")
        if settings.stays_up and not wrong:
            _say(f"Dòng thời gian / timeline: {platform.url}/timeline?household={household}")
            _say(f"Cây sự kiện / trace: .venv/bin/ansinh trace {household}")
            _say(f"Đang chạy tại / running at {platform.url}  (Ctrl+C: dừng / stop)")
            await stopping
        stopping.cancel()
    return 1 if wrong else 0


async def _whole_job(
    platform: Platform, settings: DemoSettings, clock: DemoClock
) -> tuple[list[str], UUID]:
    """The main job, the story, cards, loans; answers what came out otherwise than it must, and
    the story's household.
    """
    async with Client(platform.url, platform.issuer, (PROVINCE,)) as client:
        communes = await communes_of_province(client)
        households = list(generate(list(communes), settings.seed, settings.households))
        wrong = await _main_job(client, platform, settings, len(communes), households)
        effects = partial(wait_for_effects, platform.workers)
        told = await tell_story(client, effects, clock, _say)
        owed = partial(wait_until_told, platform.workers)
        stage = Stage(client, platform.url, settings.home, effects, owed, clock, _say)
        villages = choose(households, communes, settings.seed)
        # The story's commune, and the one where a class is going to change.
        insuring = Insuring(stage, [COMMUNE, *(village.commune for village in villages[-1:])])
        await insuring.begin()
        wrong += await lend(stage, villages)  # the insurer is away, and a class changes
        wrong += await insuring.end()
        return wrong, told


async def _main_job(
    client: Client,
    platform: Platform,
    settings: DemoSettings,
    communes: int,
    households: list[ReviewedHousehold],
) -> list[str]:
    poor, near_poor = classes_of(settings.households)
    _say(
        f"Bắc Kạn, {communes} xã / communes: {poor:,} hộ nghèo + {near_poor:,} hộ cận nghèo, "
        f"seed {settings.seed}. Người là giả lập / the people are synthetic."
    )
    _say(
        f"Tổng {ALL_HOUSEHOLDS:,} hộ suy ra từ các cặp số đã công bố / the total of households is "
        "what the published pairs imply."
    )
    await _load(client, platform, households, settings)
    lines, answer = await province_report(client, EFFECTIVE_ON)
    _say("\n".join(["", *lines, *await effects_report(client, EFFECTIVE_ON), ""]))
    wrong = differs_from_published(answer) if settings.households is None else []
    for line in wrong:
        _say(f"KHÁC SỐ CÔNG BỐ / differs from what was published: {line}")
    return wrong


async def _load(
    client: Client,
    platform: Platform,
    households: list[ReviewedHousehold],
    settings: DemoSettings,
) -> None:
    clock = platform.workers["registry"].clock
    await wait_for_effects(platform.workers)  # areas first, so that scopes are known everywhere
    begun, since = time.monotonic(), clock.now()
    await review(client, households, settings.seed, _Bar("hộ đã xét / households decided"))
    await wait_for_effects(platform.workers, _Countdown())
    _say(
        f"  {_rate(len(households), begun)} hộ/s: đăng ký, quyết định, đến hiệu lực cuối / "
        "registered, decided, to the last effect"
    )
    took = await latency_since(platform.workers, since)
    if took.acts:
        _say(
            f"  từ ghi nhận đến hiệu lực cuối / recorded to last effect: p50 {took.p50:.2f} s, "
            f"p99 {took.p99:.2f} s ({took.acts:,} hộ / households)"
        )


def _rate(count: int, begun: float) -> str:
    return f"{count / (time.monotonic() - begun):,.0f}"


def _say(line: str) -> None:
    print(line, flush=True)


class _Bar:
    """Progress of a counted job: rewrites its line on a terminal, a line per tenth elsewhere."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._tenth = -1

    def __call__(self, done: int, total: int) -> None:
        tenth = done * 10 // max(total, 1)
        if sys.stdout.isatty():
            end = "\n" if done >= total else ""
            print(f"\r{self._label}: {done:,}/{total:,}", end=end, flush=True)
        elif tenth > self._tenth:
            print(f"{self._label}: {done:,}/{total:,}", flush=True)
        self._tenth = tenth


class _Countdown:
    """What is still on the road, once a second."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, versions: int) -> None:
        if versions and time.monotonic() - self._last > 2:
            self._last = time.monotonic()
            print(f"  còn trên đường / still on the road: {versions:,}", flush=True)

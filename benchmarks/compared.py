"""Our run and its floor on the same machine, one after the other, writing the same rows."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from ansinh.services import NAMES
from benchmarks.floor import FloorJob
from benchmarks.platform import Platform, Report, drop_databases
from benchmarks.written import TYPES, count_written, first_transaction
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.messaging import topology
from tests.support.broker import broker_url, delete_prefix

_LONGEST_SECONDS = 300


@dataclass(frozen=True)
class Floor:
    """How the floor went, by household: Unix times."""

    begun: dict[str, float]
    committed: dict[str, float]
    finished: dict[str, float]

    @property
    def seconds(self) -> float:
        """From the first act to the last effect."""
        return max(self.finished.values()) - min(self.begun.values())


class Timed:
    """The timed part of our run: `begin` before it, `floor` after it."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._base = f"{platform.prefix}base_"
        self._floor = f"{platform.prefix}floor_"

    async def prepare(self) -> None:
        """Copy the databases as they are before the timed part; restarts the processes."""
        await self._platform.stop()
        await self._platform.clone(self._base)
        await self._platform.clone(self._floor)
        await self._platform.start()

    async def begin(self) -> None:
        """From here on rows and messages count."""
        registry = await self._platform.owner("registry")
        try:
            self.since = await first_transaction(registry)
            self.began_at: float = await registry.fetchval(
                "SELECT extract(epoch FROM clock_timestamp())::float8"
            )
        finally:
            await registry.close()

    async def last_effect(self) -> float:
        """When the last effect was in (Unix time)."""
        latest = 0.0
        for name in NAMES:
            database = await self._platform.owner(name)
            try:
                found = await database.fetchval(
                    "SELECT extract(epoch FROM max(finished_at))::float8 FROM inbox_batch"
                )
            finally:
                await database.close()
            latest = max(latest, found or 0.0)
        return latest

    async def floor(
        self,
        households: Sequence[UUID],
        reports: Sequence[Report],
        *,
        at_once: int = 1000,
        pause_seconds: float = 0.0,
    ) -> Floor:
        """Run the floor; rows per table, and events per message, are asserted to be ours.

        Args:
            households: as they were decided.
            reports: of our processes, which have ended.
            at_once: households per transaction.
            pause_seconds: between them.
        """
        sizes: dict[str, list[int]] = {event_type: [] for event_type in TYPES.values()}
        for at, event_type, events in sorted(m for report in reports for m in report.sent):
            if at >= self.began_at:
                sizes[event_type].append(events)
        job = FloorJob(
            amqp_url=broker_url(),
            prefix=self._floor,
            source=self._platform.prefix,
            base=self._base,
            since=self.since,
            households=[str(one) for one in households],
            at_once=at_once,
            pause_seconds=pause_seconds,
            sizes=sizes,
        )
        await topology.apply(broker_url(), self._floor, tuple(SUBSCRIPTIONS.values()))
        try:
            began_at = await self._now()
            produced, consumed = await _run(job, self._platform.home / "floor.json")
            await self._assert_same(sizes, produced["messages"] | consumed["messages"], began_at)
            return Floor(produced["begun"], produced["committed"], consumed["finished"])
        finally:
            await delete_prefix(self._floor)
            await drop_databases(self._floor)

    async def _now(self) -> int:
        registry = await self._platform.owner("registry")
        try:
            return await first_transaction(registry)
        finally:
            await registry.close()

    async def _assert_same(
        self, sizes: dict[str, list[int]], messages: dict[str, int], since: int
    ) -> None:
        ours = await count_written(self._platform.prefix, self.since)
        floor = await count_written(self._floor, since)
        assert ours == floor, f"rows per table differ: {ours} {floor}"
        sent = {event_type: len(counts) for event_type, counts in sizes.items()}
        assert sent == messages, f"messages differ: {sent} {messages}"
        print(f"  rows, ours = the floor's: {sum(ours.values()):,} {ours}")
        events = {event_type: sum(counts) for event_type, counts in sizes.items()}
        print(f"  events {events} in messages {sent}, ours = the floor's")


async def _run(job: FloorJob, path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both processes: ready, begun together, ended; answers what they left."""
    await asyncio.to_thread(path.write_text, json.dumps(asdict(job)), encoding="utf-8")
    sides = ("produce", "consume")
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.floor",
            side,
            str(path),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for side in sides
    ]
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            for process in processes:
                assert process.stdout is not None
                assert (await process.stdout.readline()).strip() == b"ready"
            for process in processes:
                assert process.stdin is not None
                process.stdin.write(b"go\n")
                await process.stdin.drain()
            for process in processes:
                assert await process.wait() == 0, "the floor has failed"
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()
    produced, consumed = (
        json.loads(path.with_suffix(f".{side}").read_text(encoding="utf-8")) for side in sides
    )
    return produced, consumed

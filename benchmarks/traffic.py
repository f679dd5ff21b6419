"""What goes through a platform: households that are registered and decided on, step by step, and
the events that its consumers take in.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Self

from ansinh.demo.load import communes_of_province, household_request
from ansinh.demo.population import ReviewedHousehold, generate
from ansinh.services import NAMES
from benchmarks.platform import REGISTERED_ON, SEED, Platform
from libs.common.security.roles import Role

# Since a moment: how many events, the first and the last time.
_TAKEN = """
SELECT coalesce(sum(events), 0)::bigint, extract(epoch FROM min(finished_at))::float8,
       extract(epoch FROM max(finished_at))::float8
FROM inbox_batch WHERE finished_at >= to_timestamp($1)
"""


@dataclass
class Writer:
    """Registers the next households of a commune and decides on them.

    Attributes:
        at_once: how many in a step.
        written: how many so far.
    """

    platform: Platform
    people: list[ReviewedHousehold]
    at_once: int
    written: int = 0

    @classmethod
    async def of(cls, platform: Platform, households: int, at_once: int) -> Self:
        """A writer who has so many households to write."""
        commune = min(await communes_of_province(platform.client))
        return cls(platform, list(generate([commune], SEED, households)), at_once)

    async def write(self, households: int) -> None:
        """So many, in steps that follow each other at once."""
        for _ in range(0, households, self.at_once):
            await self._step()

    @asynccontextmanager
    async def steady(self, seconds: float) -> AsyncIterator[None]:
        """Within, a step every so many seconds; a step that fails ends it all."""
        stop = asyncio.Event()

        async def keep_on() -> None:
            started = time.time()
            for due in count(1):
                if stop.is_set():
                    return
                await self._step()
                await asyncio.sleep(max(0.0, started + due * seconds - time.time()))

        async with asyncio.TaskGroup() as group:
            group.create_task(keep_on())
            try:
                yield
            finally:
                stop.set()

    async def _step(self) -> None:
        households = self.people[self.written : self.written + self.at_once]
        self.written += self.at_once
        body = {"households": [household_request(one, REGISTERED_ON) for one in households]}
        await self.platform.client.post(Role.OFFICER, "/registry/v1/households/batches", body)
        await self.platform.decide(households, f"{self.written}/QĐ-UBND")


@dataclass(frozen=True)
class Taken:
    """What consumers took in since a moment.

    Attributes:
        events: one that two consumers have taken in is two.
        first: seconds from the moment to the first effect.
        last: and to the last one.
    """

    events: int
    first: float
    last: float

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.last


async def taken_in(platform: Platform, since: float, *services: str) -> Taken:
    """What the consumers of these services, or of all, took in since then (Unix time)."""
    events, first, last = 0, float("inf"), since
    for name in services or NAMES:
        owner = await platform.owner(name)
        try:
            [(taken, begun, ended)] = await owner.fetch(_TAKEN, since)
        finally:
            await owner.close()
        if taken:
            events, first, last = events + taken, min(first, begun), max(last, ended)
    return Taken(events, first - since, last - since)

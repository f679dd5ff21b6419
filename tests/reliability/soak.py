"""F00, the soak: every fault at random under load, and at the end the same oracle.

    python -m tests.reliability.soak [--seconds 600] [--seed N] [--transport rabbitmq|local]

Four services as processes of their own on real servers behind proxies; officers register
households and sign decisions over HTTP and send again what was not answered. The faults are a
function of the seed; what they meet is the machine's own timing.
"""

import argparse
import asyncio
import os
import secrets
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx

from libs.common import telemetry
from libs.common.areas import store as areas
from libs.common.ids import new_id
from libs.common.messaging.wishes import producers_of
from libs.common.security.roles import Role
from libs.common.vocabulary import StatusClass
from tests.integration.registry.builders import COMMUNE, STANDARD, a_household, a_member
from tests.support import oracle
from tests.support.api import Api
from tests.support.areas import pac_nam
from tests.support.bus import eventually
from tests.support.crew import CONSUMERS, SERVICES, Crew
from tests.support.doors import an_issuer
from tests.support.in_order import same_as_in_order
from tests.support.road import Road, open_road
from tests.support.servers import (
    clone_database,
    drop_database,
    drop_run,
    start_server_if_none,
)
from tests.support.trouble import Trouble

FIRST_DAY = date(2022, 1, 1)
_LET_GO = "UPDATE outbox SET held = false, attempts = 0, next_attempt_at = '-infinity' WHERE held"
Say = Callable[[str], None]


@dataclass
class Soak:
    """One run.

    Attributes:
        done: what happened, counted: acts answered, acts sent again, each fault.
    """

    seed: int
    seconds: float | None
    road: Road
    crew: Crew
    trouble: Trouble
    say: Say
    done: Counter[str]
    is_over: bool = False

    def __post_init__(self) -> None:
        self.whim = Random(self.seed + 1)
        self.households = self.trouble.households

    async def run(self) -> None:
        """Load and faults for so long; then heal, and let the oracle judge."""
        await self.crew.begin()
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.TaskGroup() as group:
            keeper = group.create_task(self.crew.keep_alive())
            officers = [group.create_task(self._officer()) for _ in range(3)]
            told = began
            while not self._is_enough(loop.time() - began):
                await self.trouble.strike()
                if loop.time() - told > 10:
                    told = loop.time()
                    self.say(f"after {told - began:4.0f} s: {self._counts()}")
            await self.trouble.end()
            self.is_over = True
            await asyncio.wait(officers)  # each ends with the answer to its last act
            await eventually(self.crew.all_run)
            keeper.cancel()
        self.say(f"healed: {self._counts()}")
        await self._judge()

    def _is_enough(self, seconds: float) -> bool:
        if self.seconds is None:
            return self.trouble.has_struck_all
        return seconds >= self.seconds

    async def _judge(self) -> None:
        # What an operator does: what failed or killed is mended now and sent on, and what a deleted
        # queue took along is asked for again. What is unreadable stays parked.
        for consumer in self.trouble.emptied:
            for producer in sorted(producers_of(consumer)):
                await self.road.wish(consumer, producer)
        await eventually(self._settled_but_for_parked, 300)
        for consumer in self.trouble.emptied:  # what was unreadable may have gone with the queue
            rows = await self.road.parked(consumer)
            kept = sum(row["reason"] == "UNDECODABLE" for row in rows)
            assert kept <= self.trouble.broken[consumer]
            self.trouble.broken[consumer] = kept
        self.done["redriven"] = await self._redrive()
        await oracle.accounted_for(self.road, self.trouble.broken, seconds=300)
        said = sum([len(await oracle.said_to(self.road, name)) for name in self.road.consumers])
        self.say(f"accounted for: {said:,} deliveries of {self.done['acts']:,} acts")
        await same_as_in_order(self.road)
        self.say(f"state equals the run in order; seed {self.seed}; {self._counts()}")

    def _counts(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in sorted(self.done.items()))

    # The load.

    async def _officer(self) -> None:
        days = 0
        async with httpx.AsyncClient(base_url=self.crew.api.url, timeout=3) as http:
            while not self.is_over:
                if len(self.households) < 20 or self.whim.random() < 0.3:
                    await self._register(http)
                else:
                    days += 1
                    await self._decide(http, FIRST_DAY + timedelta(days=days))
                await asyncio.sleep(0.2)  # so that the judgement does not take longer than the soak

    async def _register(self, http: httpx.AsyncClient) -> None:
        bodies = [a_household(a_member(), commune=COMMUNE) for _ in range(self.whim.randint(1, 8))]
        body = {"households": bodies}
        await self._send(http, Role.OFFICER, "/v1/households/batches", body)
        self.households += [UUID(one["household_id"]) for one in bodies]

    async def _decide(self, http: httpx.AsyncClient, day: date) -> None:
        chosen = self.whim.sample(self.households, min(len(self.households), 12))
        body = {
            "decision_id": str(new_id()),
            "number": f"{secrets.token_hex(5)}/QĐ-UBND",
            "kind": "recognise",
            "signed_on": FIRST_DAY.isoformat(),
            "effective_on": day.isoformat(),
            "authority": "UBND xã Nghiên Loan",
            "commune": COMMUNE,
            "standard": STANDARD,
            "rows": [
                {"household_id": str(one), "status": self.whim.choice(list(StatusClass)).value}
                for one in chosen
            ],
        }
        await self._send(http, Role.CHAIRMAN, "/v1/decisions", body)

    async def _send(self, http: httpx.AsyncClient, role: Role, path: str, body: Any) -> None:
        """Until there is an answer: the key makes sure that it is done once."""
        key = {"Idempotency-Key": str(new_id())}
        while True:
            try:
                headers = self.crew.api.bearer(role) | key
                answer = await http.post(path, json=body, headers=headers)
            except httpx.TransportError:
                self.done["acts without an answer"] += 1
            else:
                if answer.is_success:
                    self.done["acts"] += 1
                    return
                # 409: the first try is still being worked; 503: the database was cut off or full.
                assert answer.status_code in (409, 503), answer.text
                self.done[f"answers {answer.status_code}"] += 1
            await asyncio.sleep(0.1)

    async def _settled_but_for_parked(self) -> bool:
        """Nothing is on its way: the last of what fails may just be on its last rung. What had no
        route is let go, now that it has one again."""
        for database in self.road.workers.values():
            await database.pool.execute(_LET_GO)
        return not await self.road.outbox() and not any((await self.road.waiting()).values())

    async def _redrive(self) -> int:
        """Everything parked is sent on, once."""
        sent = 0
        for name in self.road.consumers:
            pool = self.road.workers[name.partition(".")[0]].pool
            sent += len(
                await pool.fetch(
                    "UPDATE parked_message SET state = 'redrive'"
                    " WHERE consumer = $1 AND state = 'parked' AND reason <> 'UNDECODABLE'"
                    " RETURNING 1",
                    name,
                )
            )
        return sent


async def soak(seconds: float | None, seed: int, transport: str, say: Say) -> Counter[str]:
    """Run it; answers what happened.

    Args:
        seconds: how long there is trouble; None: until there was each fault once.

    Raises:
        AssertionError: a promise was broken.
    """
    length = "each fault once" if seconds is None else f"{seconds:.0f} s"
    say(f"soak: {length} over {transport}, seed {seed}")
    async with AsyncExitStack() as stack:
        databases = {}
        for name in SERVICES:
            databases[name] = await clone_database(name)
            stack.push_async_callback(drop_database, databases[name])
        road = await stack.enter_async_context(open_road(transport, databases, CONSUMERS))
        for one in road.workers.values():
            async with one.transaction() as tx:
                await areas.keep(tx, ((1, unit) for unit in pac_nam()))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        issuer = await stack.enter_async_context(an_issuer(folder))
        database = await stack.enter_async_context(road.database_proxied(*SERVICES))
        broker = None
        if transport == "rabbitmq":
            broker = await stack.enter_async_context(road.proxied())
        api = Api(road.api_dsn("registry"), issuer, folder)
        stack.callback(api.kill)
        done: Counter[str] = Counter()
        crew = Crew(road, api, done)
        trouble = Trouble(Random(seed), road, crew, broker, database, [], done)
        await Soak(seed, seconds, road, crew, trouble, say, done).run()
    return done


def main() -> None:
    reader = argparse.ArgumentParser()
    reader.add_argument("--seconds", type=float, default=60)
    reader.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    reader.add_argument("--transport", choices=("rabbitmq", "local"), default="rabbitmq")
    chosen = reader.parse_args()
    telemetry.configure_logs("soak", "test", "ERROR")
    os.environ.setdefault("ANSINH_TEST_RUN", secrets.token_hex(4))

    def say(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    server = asyncio.run(start_server_if_none())
    try:
        asyncio.run(soak(chosen.seconds, chosen.seed, chosen.transport, say))
    finally:
        asyncio.run(drop_run())
        if server is not None:
            asyncio.run(server.destroy())


if __name__ == "__main__":
    main()

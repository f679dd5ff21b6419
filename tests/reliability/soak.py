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
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx

from libs.common.areas import store as areas
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.ids import new_id
from libs.common.security.roles import Role
from libs.common.vocabulary import StatusClass
from tests.integration.registry.builders import COMMUNE, STANDARD, a_household, a_member
from tests.support import oracle
from tests.support.api import Api
from tests.support.areas import pac_nam
from tests.support.bus import eventually
from tests.support.doors import an_issuer
from tests.support.in_order import same_as_in_order
from tests.support.peer import Peer
from tests.support.proxy import Proxy
from tests.support.road import Road, open_road
from tests.support.servers import (
    clone_database,
    drop_database,
    drop_run,
    start_server_if_none,
)

SERVICES = ("registry", "eligibility", "credit", "reporting")
CONSUMERS = tuple(name for name in SUBSCRIPTIONS if not name.endswith(".areas"))
# Where a process may be made to die, at a random passing.
KILL_POINTS = (
    "after_claim",
    "after_confirm",
    "after_relay_commit",
    "before_commit",
    "after_commit",
    "after_ack",
)
API_KILL_POINTS = ("before_request_commit", "after_request_commit")
FIRST_DAY = date(2022, 1, 1)
Say = Callable[[str], None]


@dataclass
class Soak:
    """One run.

    Attributes:
        done: what happened, counted: acts answered, acts sent again, each fault.
    """

    seed: int
    seconds: float
    road: Road
    api: Api
    broker: Proxy | None
    database: Proxy
    say: Say
    done: Counter[str] = field(default_factory=Counter)
    households: list[UUID] = field(default_factory=list)
    peers: dict[str, Peer] = field(default_factory=dict)
    is_over: bool = False

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)  # of the faults alone, so that they follow from the seed
        self.whim = Random(self.seed + 1)  # of the officers

    async def run(self) -> None:
        """Load and faults for so long; then heal, and let the oracle judge."""
        for service in SERVICES:
            self._start(service)
        self.api.start()
        await eventually(self.api.answers, 60)
        loop = asyncio.get_running_loop()
        until = loop.time() + self.seconds
        async with asyncio.TaskGroup() as group:
            keeper = group.create_task(self._keep_alive())
            officers = [group.create_task(self._officer()) for _ in range(3)]
            told = until - self.seconds
            while loop.time() < until:
                await self._fault()
                if loop.time() - told > 10:
                    told = loop.time()
                    self.say(f"{until - told:4.0f} s left: {self._counts()}")
            await self._heal()
            self.is_over = True
            await asyncio.wait(officers)  # each ends with the answer to its last act
            await eventually(self._all_run, 60)
            keeper.cancel()
        self.say(f"healed: {self._counts()}")
        await self._judge()

    async def _judge(self) -> None:
        # Deaths in the course of the soak may have parked what was innocent: a person sends it on.
        self.done["redriven"] = await self._redrive()
        await oracle.accounted_for(self.road, seconds=120)
        said = sum([len(await oracle.said_to(self.road, name)) for name in self.road.consumers])
        self.say(f"accounted for: {said:,} deliveries of {self.done['acts']:,} acts")
        await same_as_in_order(self.road)
        self.say(f"state equals the run in order; seed {self.seed}; {self._counts()}")

    def _counts(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in sorted(self.done.items()))

    # The load.

    async def _officer(self) -> None:
        days = 0
        async with httpx.AsyncClient(base_url=self.api.url, timeout=3) as http:
            while not self.is_over:
                if len(self.households) < 20 or self.whim.random() < 0.3:
                    await self._register(http)
                else:
                    days += 1
                    await self._decide(http, FIRST_DAY + timedelta(days=days))

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
                headers = self.api.bearer(role) | key
                answer = await http.post(path, json=body, headers=headers)
            except httpx.TransportError:
                self.done["acts without an answer"] += 1
            else:
                if answer.is_success:
                    self.done["acts"] += 1
                    return
                # 409: the first try is still being worked; 5xx: the database was cut off.
                assert answer.status_code in (409, 500, 503), answer.text
                self.done[f"answers {answer.status_code}"] += 1
            await asyncio.sleep(0.1)

    # The faults.

    async def _fault(self) -> None:
        kind = self.chance.choice(self._faults())
        self.done[kind.__name__.strip("_")] += 1
        await kind()
        await asyncio.sleep(self.chance.uniform(0.05, 1.0))

    def _faults(self) -> Sequence[Callable[[], Awaitable[None]]]:
        common = [
            *(self._kill, self._kill, self._arm, self._arm, self._kill_api),
            *(self._repeat, self._repeat, self._end_sessions),
            *(self._cut_database, self._stall_database, self._swallow_database),
        ]
        if self.broker is None:
            return common
        return [
            *common,
            *(self._drop_broker, self._cut_broker, self._stall_broker, self._deafen_broker),
            *(self._swallow_broker, self._block_broker, self._cancel_consumers),
        ]

    async def _kill(self) -> None:
        self.peers[self.chance.choice(SERVICES)].kill()

    async def _arm(self) -> None:
        service = self.chance.choice(SERVICES)
        self.peers[service].kill()
        point = f"{self.chance.choice(KILL_POINTS)}=kill:{self.chance.randint(1, 12)}"
        self._start(service, point)

    async def _kill_api(self) -> None:
        await asyncio.to_thread(self.api.kill)
        if self.chance.random() < 0.5:
            self.api.start(
                f"{self.chance.choice(API_KILL_POINTS)}=kill:{self.chance.randint(1, 9)}"
            )

    async def _repeat(self) -> None:
        """Old events come again, to whoever reads them."""
        consumer = self.chance.choice(self.road.consumers)
        await self.road.repeat(consumer, self.chance.randint(1, 40))

    async def _end_sessions(self) -> None:
        await self.road.end_sessions(self.chance.choice(SERVICES))

    async def _cut_database(self) -> None:
        await self.database.cut()
        await asyncio.sleep(self.chance.uniform(0.1, 1.2))
        await self.database.open()

    async def _stall_database(self) -> None:
        await self._for_a_while(self.database, self.database.stall, 1.5)

    async def _swallow_database(self) -> None:
        await self._for_a_while(self.database, self.database.swallow, 2.5)
        self.database.drop()  # what was swallowed is missing: a real connection would end too

    async def _drop_broker(self) -> None:
        self._broker.drop()

    async def _cut_broker(self) -> None:
        await self._broker.cut()
        await asyncio.sleep(self.chance.uniform(0.1, 1.5))
        await self._broker.open()

    async def _stall_broker(self) -> None:
        await self._for_a_while(self._broker, self._broker.stall, 1.5)

    async def _deafen_broker(self) -> None:
        await self._for_a_while(self._broker, self._broker.deafen, 1.5)
        self._broker.drop()

    async def _swallow_broker(self) -> None:
        await self._for_a_while(self._broker, self._broker.swallow, 2.0)
        self._broker.drop()

    async def _block_broker(self) -> None:
        self._broker.block()
        await asyncio.sleep(self.chance.uniform(0.2, 1.5))
        self._broker.unblock()

    async def _cancel_consumers(self) -> None:
        self._broker.cancel_consumers()

    @property
    def _broker(self) -> Proxy:
        assert self.broker is not None
        return self.broker

    async def _for_a_while(self, proxy: Proxy, begin: Callable[[], None], longest: float) -> None:
        begin()
        await asyncio.sleep(self.chance.uniform(0.1, longest))
        await proxy.open()

    # What a supervisor does.

    def _start(self, service: str, faults: str = "") -> None:
        parts = [f"{service}.replays", *(n for n in CONSUMERS if n.startswith(f"{service}."))]
        if service != "reporting":
            parts.append(f"{service}.relay")
        self.peers[service] = self.road.start(*parts, faults=faults)

    async def _keep_alive(self) -> None:
        """Start again what has died, as a container engine would."""
        while True:
            for service, one in list(self.peers.items()):
                if one.has_ended:
                    self.done["deaths"] += 1
                    self._start(service)
            if self.api.has_ended:
                self.api.start()
            await asyncio.sleep(0.1)

    async def _all_run(self) -> bool:
        return not any(one.has_ended for one in self.peers.values())

    async def _heal(self) -> None:
        """Nothing is armed any more, and every way is open."""
        for proxy in filter(None, (self.broker, self.database)):
            await proxy.open()
        for one in self.peers.values():
            one.kill()
        await asyncio.to_thread(self.api.kill)

    async def _redrive(self) -> int:
        """Everything parked is sent on, once."""
        sent = 0
        for name in self.road.consumers:
            pool = self.road.workers[name.partition(".")[0]].pool
            sent += len(
                await pool.fetch(
                    "UPDATE parked_message SET state = 'redrive'"
                    " WHERE consumer = $1 AND state = 'parked' RETURNING 1",
                    name,
                )
            )
        return sent


async def soak(seconds: float, seed: int, transport: str, say: Say) -> Counter[str]:
    """Run it; answers what happened.

    Raises:
        AssertionError: a promise was broken.
    """
    say(f"soak: {seconds:.0f} s over {transport}, seed {seed}")
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
        run = Soak(seed, seconds, road, api, broker, database, say)
        await run.run()
    return run.done


def main() -> None:
    reader = argparse.ArgumentParser()
    reader.add_argument("--seconds", type=float, default=60)
    reader.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    reader.add_argument("--transport", choices=("rabbitmq", "local"), default="rabbitmq")
    chosen = reader.parse_args()
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

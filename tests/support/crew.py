"""The processes of the four services, and what keeps them alive: a container engine's part."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from libs.common.contracts.catalogue import SUBSCRIPTIONS
from tests.support.api import Api
from tests.support.bus import eventually
from tests.support.peer import Peer
from tests.support.road import Road

SERVICES = ("registry", "eligibility", "credit", "reporting")
CONSUMERS = tuple(name for name in SUBSCRIPTIONS if not name.endswith(".areas"))


def _parts_of(service: str) -> list[str]:
    """Every role of a service but its API."""
    relay = [] if service == "reporting" else [f"{service}.relay"]
    consumers = [name for name in CONSUMERS if name.startswith(f"{service}.")]
    return [f"{service}.replays", f"{service}.gaps", *relay, *consumers]


@dataclass
class Crew:
    """One process per service for all its roles, and one for the registry's API.

    Attributes:
        done: counts what happened; deaths are counted here.
    """

    road: Road
    api: Api
    done: Counter[str]
    peers: dict[str, Peer] = field(default_factory=dict)

    async def begin(self) -> None:
        for service in SERVICES:
            self.start(service)
        self.api.start()
        await eventually(self.api.answers)

    def start(
        self, service: str, faults: str = "", deadly: Sequence[UUID] = (), failures: int = 0
    ) -> None:
        """Start a service anew, having killed its process."""
        if service in self.peers:
            self.peers[service].kill()
        self.peers[service] = self.road.start(
            *_parts_of(service), faults=faults, deadly=deadly, failures=failures
        )

    def second(self, service: str) -> Peer:
        """Another process with the same roles."""
        return self.road.start(*_parts_of(service))

    async def keep_alive(self) -> None:
        """Start again what has ended, unarmed, until cancelled."""
        while True:
            for service, one in list(self.peers.items()):
                if one.has_ended:
                    self.done["deaths"] += 1
                    self.start(service)
            if self.api.has_ended:
                self.api.start()
            await asyncio.sleep(0.1)

    async def all_run(self) -> bool:
        return not any(one.has_ended for one in self.peers.values())

    async def disarm(self) -> None:
        """End every process; they come back without faults."""
        for one in self.peers.values():
            one.kill()
        await asyncio.to_thread(self.api.kill)

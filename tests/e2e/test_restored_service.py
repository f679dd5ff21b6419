"""A service that goes back to an earlier point comes back in step with the others."""

import os
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from ansinh.audit import verify_trails
from ansinh.demo.client import Client
from ansinh.demo.load import communes_of_province, decision_request, review
from ansinh.demo.population import PROVINCE, ReviewedHousehold, generate
from ansinh.demo.settings import DemoClock
from ansinh.demo.story import tell_story
from ansinh.embedded.platform import Platform, PlatformSettings, running
from ansinh.ops.backup import back_up, restore
from ansinh.ops.servers import Server
from ansinh.services import NAMES
from ansinh.setup import with_login
from ansinh.watch import behind, looks_into, wait_for_effects
from libs.common.database.provision import worker_role
from libs.common.ids import new_id
from libs.common.security.roles import Role
from tests.support.broker import broker_url, delete_prefix
from tests.support.bus import eventually
from tests.support.doors import free_port
from tests.support.holding import standing_of, without_versions
from tests.support.platforms import POOL_SIZE
from tests.support.seats import a_seat
from tests.support.servers import TEST_PASSWORD, admin_dsn, share_password
from tests.support.settled import copy_settled
from tests.support.small_land import write_small_land

SEED, HOUSEHOLDS = 41, 60
DAY = date(2022, 1, 4)

CASES = [
    pytest.param(None, ("credit", "reporting", "registry"), id="local"),
    pytest.param(
        broker_url,
        ("eligibility", "credit", "reporting"),
        id="rabbitmq",
        marks=pytest.mark.rabbitmq,
    ),
]


class House:
    """One platform that is stopped and started again, and the server that it lives on."""

    def __init__(self, home: Path, amqp_url: str | None) -> None:
        prefix = f"ansinh_test_{os.environ['ANSINH_TEST_RUN']}_{secrets.token_hex(3)}_"
        self.clock = DemoClock(DAY)
        self.server = Server(admin_dsn(), prefix, amqp_url=amqp_url, bus_prefix=prefix)
        self._home = home
        share_password(home)
        self._areas = write_small_land(home / "areas")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[Platform, Client]]:
        settings = PlatformSettings(
            home=self._home,
            port=free_port(),
            postgres_url=self.server.owner_dsn,
            amqp_url=self.server.amqp_url,
            prefix=self.server.prefix,
            pool_size=POOL_SIZE,
            areas=self._areas,
        )
        async with (
            running(settings, self.clock) as platform,
            Client(platform.url, platform.issuer, (PROVINCE,)) as client,
        ):
            yield platform, client

    def worker_dsns(self) -> dict[str, str]:
        return {
            name: with_login(
                admin_dsn(), self.server.database(name), f"{worker_role(name)}:{TEST_PASSWORD}"
            )
            for name in NAMES
        }


@asynccontextmanager
async def _house(home: Path, broker: Callable[[], str] | None) -> AsyncIterator[House]:
    house = House(home, broker() if broker else None)
    try:
        async with a_seat():
            await copy_settled(house.server.prefix)
            yield house
    finally:
        if broker:
            await delete_prefix(house.server.prefix)


async def _decide(client: Client, household: ReviewedHousehold, status: str, day: date) -> None:
    body = decision_request(
        new_id(),
        household.commune,
        number=f"{secrets.randbelow(10_000)}/QĐ-UBND",
        signed_on=day,
        effective_on=day,
        rows=[{"household_id": str(household.household_id), "status": status}],
    )
    await client.post(Role.CHAIRMAN, "/registry/v1/decisions", body)


async def _go_on(
    house: House, platform: Platform, client: Client, households: Sequence[ReviewedHousehold]
) -> None:
    """What the copies do not know: other households, a story with escape and correction, more."""
    await review(client, households[40:], SEED + 1, lambda done, total: None)
    effects = partial(wait_for_effects, platform.workers)
    await tell_story(client, effects, house.clock, lambda line: None)
    await _decide(client, households[0], "near_poor", house.clock.day)
    await _decide(client, households[1], "none", house.clock.day)
    await effects()


async def _in_step(platform: Platform) -> None:
    """The replays are through, and what was held back for them has been said again."""

    async def is_let_go() -> bool:
        await wait_for_effects(platform.workers)
        waiting = [
            await database.pool.fetchval("SELECT count(*) FROM outbox")
            for database in platform.workers.values()
        ]
        return not any(waiting)

    await eventually(is_let_go)
    await eventually(partial(_has_no_gap, platform))
    await wait_for_effects(platform.workers)


async def _has_no_gap(platform: Platform) -> bool:
    gaps = "SELECT count(*) FROM cursor WHERE gap_since IS NOT NULL"
    counts = [await one.pool.fetchval(gaps) for one in platform.workers.values()]
    return not any(counts)


async def _is_well(house: House, platform: Platform) -> None:
    assert await behind(looks_into(platform.workers)) == []
    for database in platform.workers.values():
        for trouble in (
            "parked_message WHERE state = 'parked'",
            "cursor WHERE gap_since IS NOT NULL",
        ):
            assert await database.pool.fetchval(f"SELECT count(*) FROM {trouble}") == 0
    assert await verify_trails(house.worker_dsns()) == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("broker", "restored"), CASES)
async def test_a_service_that_went_back_is_in_step_again(
    tmp_path: Path, broker: Callable[[], str] | None, restored: Sequence[str]
) -> None:
    said: list[str] = []
    async with _house(tmp_path / "home", broker) as house:
        async with house.running() as (platform, client):
            households = list(generate(list(await communes_of_province(client)), SEED, HOUSEHOLDS))
            await review(client, households[:40], SEED, lambda done, total: None)
            await wait_for_effects(platform.workers)
            for service in restored:
                await back_up(house.server, service, tmp_path / service, said.append)
            await _go_on(house, platform, client, households)
            never_restored = await standing_of(platform.workers)

        for place, service in enumerate(restored):
            renewal = await restore(house.server, service, tmp_path / service, said.append)
            assert bool(renewal.said and renewal.owed) == (service != "reporting")
            async with house.running() as (platform, client):
                if service == "registry":  # its acts are lost: the officers do them again
                    await _go_on(house, platform, client, households)
                    for one in (*households[2 : 2 + place], *households[50 : 50 + place]):
                        await _decide(client, one, "none", house.clock.day)
                await _in_step(platform)
                await _is_well(house, platform)
                if service == "registry":
                    never_restored = without_versions(never_restored)
                    assert without_versions(await standing_of(platform.workers)) == never_restored
                else:
                    assert await standing_of(platform.workers) == never_restored
                # The next decision reaches everybody, also about households that were forgotten.
                for one in (households[2 + place], households[50 + place]):
                    await _decide(client, one, "none", house.clock.day)
                await wait_for_effects(platform.workers)
                await _is_well(house, platform)
                after = await standing_of(platform.workers)
                assert after != never_restored
                never_restored = after

"""The same acts, carried in order and once over fresh databases: what every run must equal."""

from contextlib import AsyncExitStack

from libs.common.areas import store as areas
from services.eligibility.sweeps.store import set_law_day_if_absent
from tests.support.areas import pac_nam
from tests.support.land import CONSUMERS, LISTENERS, Mouth
from tests.support.land import Road as Carried
from tests.support.road import DAY, Road
from tests.support.servers import clone_database, drop_database
from tests.support.standing import standing

_AT_ONCE = 200


async def same_as_in_order(road: Road) -> None:
    """Compare every table of effects with a run in order.

    Raises:
        AssertionError: naming the table, and what stands in one of the two alone.
    """
    async with AsyncExitStack() as stack:
        fresh = {}
        for name in LISTENERS:
            made = await clone_database(name)
            stack.push_async_callback(drop_database, made)
            fresh[name] = await stack.enter_async_context(made.as_worker())
            async with fresh[name].transaction() as tx:
                await areas.keep(tx, ((1, unit) for unit in pac_nam()))
                if name == "eligibility":
                    await set_law_day_if_absent(tx, DAY)
        mouths = {name: Mouth(fresh[name]) for name in ("eligibility", "credit")}
        carried = Carried(fresh, mouths)
        carried.put(await Mouth(road.workers["registry"]).listen())
        while any(carried.bags.values()):
            for consumer in CONSUMERS:
                while carried.bags[consumer]:
                    some = range(min(_AT_ONCE, len(carried.bags[consumer])))
                    await carried.deliver(consumer, carried.take(consumer, some))
        wanted = await standing(fresh)
    found = await standing({name: road.workers[name] for name in LISTENERS})
    for table, rows in wanted.items():
        there, here = set(map(repr, found[table])), set(map(repr, rows))
        assert there == here, (
            f"{table}: only in the run {sorted(there - here)[:3]}, "
            f"only in order {sorted(here - there)[:3]}"
        )

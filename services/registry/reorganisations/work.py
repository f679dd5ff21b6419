"""The job behind reorganisations: from its day on, units first, then households chunk by chunk.

Each chunk is a transaction of its own: killed, the next run goes on where the last one stands, and
until a household's turn has come succession answers for it. The units are one transaction.
"""

from uuid import UUID

from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from services.registry.areas.load import say_changed
from services.registry.reorganisations import concerned, store
from services.registry.reorganisations.acts import CHUNK, move, reasons_of
from services.registry.reorganisations.domain import village_key
from services.registry.reorganisations.planning import draw, routes_of, units_of
from services.registry.reorganisations.previewing import previewed
from services.registry.reorganisations.store import Route, Stored


async def run_reorganisations(database: Database, clock: Clock) -> None:
    """Apply every reorganisation whose day has come; safe to repeat, to interrupt, side by side."""
    while await run_next_chunk(database, clock):
        pass


async def run_next_chunk(database: Database, clock: Clock) -> bool:
    """Take one step of one reorganisation; answers whether there was one to take."""
    found = None
    try:
        async with database.transaction() as tx:
            found = await store.claim(tx, clock.today())
            if found is None:
                return False
            if found.state == "approved":
                await _begin(tx, found, clock)
            else:
                await _go_on(tx, found)
        return True
    except Exception:
        if found is not None:
            async with database.transaction() as tx:
                await store.note_failure(tx, found.reorganisation_id)
        raise


async def _begin(tx: Transaction, found: Stored, clock: Clock) -> None:
    """Write and say the units; all or none, by the map as it is now."""
    key = found.reorganisation_id
    drawn = await draw(tx, await store.read_lines(tx, key), found.in_force)
    if drawn.faults:
        await store.set_reasons(tx, key, reasons_of(drawn.faults))
        await store.set_state(tx, key, "refused", tx.recorded_at)
        return
    routes = await routes_of(tx, drawn.plan, found.in_force, await store.read_routes(tx, key))
    units = await units_of(tx, drawn, found.in_force, found.document)
    await say_changed(tx, units, found.correlation_id, clock.now())
    await store.replace_routes(tx, key, routes)
    counts = await concerned.count_by_village(tx, routes)
    await store.begin(tx, key, previewed(routes, counts)["moved"]["households"])


async def _go_on(tx: Transaction, found: Stored) -> None:
    """Move the next households of the first route that is not walked yet."""
    routes = await store.read_routes(tx, found.reorganisation_id)
    route = next((one for one in routes if not one.is_done), None)
    if route is None:
        await store.set_state(tx, found.reorganisation_id, "done", tx.recorded_at)
        return
    ids = await _next(tx, route, found.after_household)
    moved = await move(tx, found, [route], ids, route.to_code, found.households_moved)
    after: UUID | None = ids[-1] if len(ids) == CHUNK else None
    if after is None:
        await store.finish_route(tx, found.reorganisation_id, route.place)
    await store.advance(tx, found.reorganisation_id, len(moved), after)


async def _next(tx: Transaction, route: Route, after: UUID | None) -> list[UUID]:
    if not route.is_asked:
        return await concerned.next_households(tx, route, None, after, CHUNK)
    named = {village_key(name) for name in route.villages}
    here = await concerned.villages_of(tx, route) if named else []
    villages = [name for name in here if village_key(name) in named]
    return await concerned.next_households(tx, route, villages, after, CHUNK) if villages else []

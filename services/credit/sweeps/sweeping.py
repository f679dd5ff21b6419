"""The sweep: new rates and limits reach open referrals, and new rates running loans, from the day
they come into force; running loans follow their households to another commune.
"""

from datetime import date

from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from services.credit.referrals import store as referrals
from services.credit.referrals.domain import PROGRAMMES, Price, reprice
from services.credit.referrals.pricing import current_price
from services.credit.referrals.recording import hold, record
from services.credit.sweeps import loans, store

SET_SIZE = 1_000


async def sweep_due(database: Database, clock: Clock) -> None:
    """The tick: do the sweeps that were asked for, and one to today where today is new."""
    today = clock.today()
    async with database.transaction() as tx:
        if await store.get_law_day(tx) < today:
            await store.request_sweep(tx, today)
        wanted = await store.list_open_sweeps(tx)
    for sweep in wanted:
        await sweep_to(database, sweep.day, current_price())


async def sweep_to(database: Database, day: date, price: Price) -> int:
    """Bring the terms of open referrals and running loans up to `day`; answers how many changed.

    Safe to repeat, to interrupt and to run late: the day only moves forward, and only those whose
    terms differ from the ones in force are touched, a thousand a transaction.
    """
    async with database.transaction() as tx:
        await store.move_law_day(tx, day)
        law_day = await store.get_law_day(tx)
    changed = 0
    for programme in PROGRAMMES:
        for do in (_reprice_set, loans.reprice_set):
            found = SET_SIZE
            while found == SET_SIZE:
                async with database.transaction() as tx:
                    found, count = await do(tx, programme, law_day, price, SET_SIZE)
                    await store.advance_sweep(tx, day, count)
                changed += count
    found = SET_SIZE
    while found == SET_SIZE:
        async with database.transaction() as tx:
            found = await loans.relocate_set(tx, law_day, SET_SIZE)
    async with database.transaction() as tx:
        await store.finish_sweep(tx, day)
    return changed


async def _reprice_set(
    tx: Transaction, programme: str, day: date, price: Price, limit: int
) -> tuple[int, int]:
    """How many were due, and how many changed: fewer where someone else was faster."""
    terms = price(programme, day)
    ids = await referrals.list_due_for_price(tx, programme, day, terms, limit)
    if not ids:
        return 0, 0
    held = await hold(tx, ids)
    changes = [
        change
        for stored in held.stored.values()
        if (change := reprice(stored.referral, day, price)) is not None
    ]
    # Each change is an act of its own, so that following one household does not find them all.
    await record(tx, held, changes, [new_id() for _ in changes])
    return len(ids), len(changes)

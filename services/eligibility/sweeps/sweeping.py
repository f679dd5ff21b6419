"""The sweep: move the day of the law forward and decide again on just the households due.

Each chunk is one transaction, and a household that was decided on is no longer due, so a sweep that
was killed is taken up where it stopped, and one that runs late, twice or for a past day does no
harm. Batches of events hold the day of the law while they decide: what they decided as of the old
day is committed, and so seen here, before the day moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.common.clock import Clock
from libs.common.contracts.household import HouseholdData
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from libs.common.messaging import ledger
from services.eligibility.catalogue.domain import Catalogue, catalogue
from services.eligibility.entitlements.deciding import STREAM, Case, decide
from services.eligibility.entitlements.facts import digest_of
from services.eligibility.entitlements.store import (
    list_due,
    list_under_other_rules,
    note_determined,
    read_due_facts,
)
from services.eligibility.history import NOBODY
from services.eligibility.sweeps import store

CHUNK = 1000


@dataclass(frozen=True)
class Progress:
    """Households decided again, and those of them that changed."""

    households: int
    changed: int


async def sweep_due(database: Database, clock: Clock) -> None:
    """The tick: do the sweeps that were asked for, and one to today where today is new.

    Also the service's first day of the law, and a sweep when the rules themselves are new.
    """
    today = clock.today()
    law = catalogue()
    async with database.transaction() as tx:
        await store.set_law_day_if_absent(tx, today)
        law_day = await store.find_law_day(tx)
        if law_day is None or law_day.day < today or law_day.rules != digest_of(law):
            await store.request_sweep(tx, max(today, law_day.day) if law_day else today)
        wanted = await store.list_open_sweeps(tx)
    for sweep in wanted:
        await sweep_to(database, sweep.day, law)


async def sweep_to(database: Database, day: date, law: Catalogue) -> Progress:
    """Bring everything to the state of `day`; answers what this run did.

    A past day moves nothing. Raises nothing that a repeat would not mend.
    """
    async with database.transaction() as tx:
        await store.move_law_day(tx, day)
        await store.request_sweep(tx, day)
        await store.start_sweep(tx, day)
    households = changed = 0
    for find in (_due, _under_other_rules):
        after: UUID | None = NOBODY
        while after is not None:
            async with database.transaction() as tx:
                chosen = await find(tx, after, law)
                done = await _decide_chunk(tx, chosen, law)
                await store.advance_sweep(tx, day, done.households, done.changed)
            households, changed = households + done.households, changed + done.changed
            after = chosen[-1] if len(chosen) == CHUNK else None
    async with database.transaction() as tx:
        await store.set_rules(tx, digest_of(law))
        await store.finish_sweep(tx, day)
    return Progress(households, changed)


async def _due(tx: Transaction, _: UUID, law: Catalogue) -> list[UUID]:
    law_day = await store.find_law_day(tx)
    return await list_due(tx, law_day.day, CHUNK) if law_day else []


async def _under_other_rules(tx: Transaction, after: UUID, law: Catalogue) -> list[UUID]:
    return await list_under_other_rules(tx, digest_of(law), after, CHUNK)


async def _decide_chunk(tx: Transaction, households: Sequence[UUID], law: Catalogue) -> Progress:
    """Lock order as everywhere: heads, then the day of the law, then own rows."""
    if not households:
        return Progress(0, 0)
    heads = await ledger.lock_heads(tx, STREAM, households)
    law_day = await store.hold_law_day(tx)
    if law_day is None:
        return Progress(0, 0)
    cases = [
        Case(HouseholdData.model_validate_json(facts), version, correlation_id=new_id())
        for _, version, facts in await read_due_facts(tx, households, law_day.day, digest_of(law))
    ]
    outcome = await decide(tx, heads, cases, law_day.day, law)
    await note_determined(tx, law_day.day, digest_of(law), outcome.next_changes)
    return Progress(len(cases), outcome.changed)

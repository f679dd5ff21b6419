"""What people do to a reorganisation: enter its file, look at what it will do, approve."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record

from libs.common.database import Transaction
from libs.common.files.reading import read_table
from libs.common.files.rows import Limits
from libs.common.ids import new_id
from libs.common.messaging import ledger
from libs.common.problems import not_found
from services.registry.areas.domain import line_changes
from services.registry.areas.store import commune_facts
from services.registry.households.acts import STREAM
from services.registry.households.relocating import relocate
from services.registry.households.store import communes_outside_scope
from services.registry.reorganisations import concerned, refusals, store
from services.registry.reorganisations.designations import Lapsing, Passing, lapsing
from services.registry.reorganisations.domain import Fault
from services.registry.reorganisations.form import FORM
from services.registry.reorganisations.planning import Drawn, communes_of, draw, routes_of
from services.registry.reorganisations.previewing import count_units, previewed
from services.registry.reorganisations.store import Route, Stored
from services.registry.reorganisations.wording import reason_of

_LIMITS = Limits(rows=20_000)
CHUNK = 1_000
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Head:
    """What a file does not say itself.

    Attributes:
        in_force: the first day of the new units.
        document: by which they are made.
        known_from: the day from which that is known.
    """

    in_force: date
    document: str
    known_from: date


async def enter(
    tx: Transaction, head: Head, content: bytes, by: str, correlation_id: UUID, today: date
) -> Stored:
    """Keep a file and check it; a broken line refuses all of it, and every line is reported.

    Raises:
        Problem: 422 where the file cannot be read as a whole or a day is wrong, 403 where it
            touches communes outside the caller's areas.
    """
    if head.known_from > today:
        raise refusals.known_in_future()
    lines = await asyncio.to_thread(lambda: list(read_table(content, FORM, _LIMITS)))
    drawn = await draw(tx, lines, head.in_force)
    communes = communes_of(drawn.plan)
    if await communes_outside_scope(tx, communes):
        raise refusals.outside_scope()
    new = Stored(
        reorganisation_id=new_id(),
        in_force=head.in_force,
        document=head.document,
        known_from=head.known_from,
        state="refused" if drawn.faults else "entered",
        communes=communes,
        lines=len(lines),
        entered_by=by,
        correlation_id=correlation_id,
        recorded_at=tx.recorded_at,
        digest=hashlib.sha256(content).hexdigest(),
    )
    if not communes:
        raise refusals.no_commune(drawn.faults)
    await store.insert(tx, new)
    await store.insert_lines(tx, new.reorganisation_id, lines)
    await store.set_reasons(tx, new.reorganisation_id, reasons_of(drawn.faults))
    if not drawn.faults:
        routes = await routes_of(tx, drawn.plan, head.in_force)
        await store.insert_routes(tx, new.reorganisation_id, routes)
    return new


def reasons_of(faults: Sequence[Fault]) -> dict[int, list[dict[str, Any]]]:
    """What is wrong, by line."""
    reasons: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for fault in faults:
        reasons[fault.line].append(reason_of(fault))
    return dict(reasons)


async def preview(tx: Transaction, reorganisation_id: UUID) -> Stored:
    """Count what it will do, and keep the counts; may be done again until it is approved."""
    found = await _locked(tx, reorganisation_id, "entered", "previewed")
    drawn = await draw(tx, await store.read_lines(tx, reorganisation_id), found.in_force)
    if drawn.faults:
        raise refusals.no_longer_holds(drawn.faults)
    routes = await routes_of(tx, drawn.plan, found.in_force)
    counts = await concerned.count_by_village(tx, routes)
    lapses = await lapses_of(tx, drawn, found.in_force)
    said = {
        "units": count_units(drawn.plan),
        **previewed(routes, counts),
        "designations": [asdict(one) for one in lapses],
    }
    await store.keep_preview(tx, reorganisation_id, said)
    return await get(tx, reorganisation_id)


async def lapses_of(tx: Transaction, drawn: Drawn, day: date) -> list[Lapsing]:
    """What becomes of the designations of communes that end, as the list of units has it now."""
    codes = communes_of(drawn.plan)
    before = await commune_facts(tx, codes, day - timedelta(days=1))
    after = await commune_facts(tx, codes, day)
    return lapsing(
        drawn.plan,
        {code: facts.designations for code, facts in before.items()},
        {code: facts.designations for code, facts in after.items() if facts.valid_from == day},
        day,
    )


async def open_designations(tx: Transaction, reorganisation_id: UUID) -> list[Lapsing]:
    """Of which successors nobody has said yet whether a former commune's designation goes on."""
    found = await get(tx, reorganisation_id)
    if found.state in ("refused", "cancelled"):
        return []
    drawn = await draw(tx, await store.read_lines(tx, reorganisation_id), found.in_force)
    lapses = [] if drawn.faults else await lapses_of(tx, drawn, found.in_force)
    return [one for one in lapses if one.becomes is Passing.OPEN]


async def approve(tx: Transaction, reorganisation_id: UUID, by: str) -> Stored:
    """A second person lets it be done, from its day on."""
    found = await _locked(tx, reorganisation_id, "previewed")
    if found.entered_by == by:
        raise refusals.same_person()
    await store.approve(tx, reorganisation_id, by)
    return await get(tx, reorganisation_id)


async def cancel(tx: Transaction, reorganisation_id: UUID) -> Stored:
    """It is not going to be done."""
    await _locked(tx, reorganisation_id, "entered", "previewed", "approved")
    await store.set_state(tx, reorganisation_id, "cancelled", tx.recorded_at)
    return await get(tx, reorganisation_id)


async def repeat(tx: Transaction, reorganisation_id: UUID) -> Stored:
    """Let the job look once more for who was recorded late under an old code."""
    await _locked(tx, reorganisation_id, "done")
    await store.reopen_routes(tx, reorganisation_id)
    await store.set_state(tx, reorganisation_id, "approved")
    return await get(tx, reorganisation_id)


async def get(tx: Transaction, reorganisation_id: UUID) -> Stored:
    """The reorganisation, or the problem that it is not there or not visible."""
    found = await store.find(tx, reorganisation_id)
    if found is None:
        raise not_found("reorganisation")
    return found


async def asked_routes(tx: Transaction, reorganisation_id: UUID) -> tuple[Stored, list[Route]]:
    """The ways of which a person must choose one; none before it is applied."""
    found = await get(tx, reorganisation_id)
    if found.state not in ("applying", "done"):
        return found, []
    routes = await store.read_routes(tx, reorganisation_id)
    return found, [route for route in routes if route.is_asked]


async def list_reclassified(
    tx: Transaction, reorganisation_id: UUID, after: UUID | None, limit: int
) -> list[Record]:
    """Households that it has led to a commune of another kind, by id."""
    found = await get(tx, reorganisation_id)
    routes = await store.read_routes(tx, reorganisation_id)
    changed = [one for one in routes if line_changes(one.kind, one.to_kind) is not False]
    return await concerned.list_reclassified(tx, changed, found.in_force, after, limit)


async def move(
    tx: Transaction,
    found: Stored,
    routes: Sequence[Route],
    ids: Sequence[UUID],
    to: str,
    place: int = 0,
) -> list[UUID]:
    """Relocate those of the households that still go one of the routes, under their locks."""
    heads = await ledger.lock_heads(tx, STREAM, ids) if ids else {}
    going = await concerned.still_going(tx, routes, ids) if ids else {}
    moved = sorted(going)
    for start in range(0, len(moved), CHUNK):
        chunk = {household_id: to for household_id in moved[start : start + CHUNK]}
        await relocate(tx, heads, chunk, found.in_force, place + start)
    return moved


async def _locked(tx: Transaction, reorganisation_id: UUID, *states: str) -> Stored:
    """Locked, in one of the states, and with all its communes within the caller's areas."""
    found = await store.lock(tx, reorganisation_id)
    if found is None:
        raise not_found("reorganisation")
    if await communes_outside_scope(tx, list(found.communes)):
        raise refusals.outside_scope("")
    if found.state not in states:
        raise refusals.wrong_state(found.state)
    return found

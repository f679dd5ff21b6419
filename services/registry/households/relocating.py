"""What a reorganisation of areas does to households: they stay, and live in another commune.

Sets alone: a province has a hundred thousand households.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from libs.common.clock import start_of_day
from libs.common.contracts.household import CHANGED, FormerArea, HouseholdAct
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging import ledger
from libs.common.messaging.ledger import NewEvent
from services.registry.areas.domain import line_changes
from services.registry.areas.store import CommuneFacts, commune_facts
from services.registry.households import store
from services.registry.households.acts import STREAM
from services.registry.households.earlier import read_earlier
from services.registry.households.events import household_data, read_units, traced
from services.registry.households.store import Residence, StoredHousehold
from services.registry.households.writing import after_what_is_known
from services.registry.reviews.domain import derive_timeline
from services.registry.reviews.store import read_rows

KIND, _CORRECTED = "reorganised", "change"


@dataclass(frozen=True, slots=True)
class _Move:
    """A household that lives somewhere else; `former` None: as if it had never left."""

    before: StoredHousehold
    former: CommuneFacts | None
    new: CommuneFacts
    lives_there_from: date


async def relocate(
    tx: Transaction,
    heads: dict[UUID, int],
    communes: Mapping[UUID, str],
    from_day: date,
    place: int = 0,
) -> None:
    """Let households live in new communes from a day on; each says so once.

    Until that day each lives where it was recorded; of one that was recorded on a later day, before
    anybody knew, all of its stay is in the new commune. Class, members and everything else stay.

    Args:
        tx: the act's transaction.
        heads: of the households, locked; they are moved on.
        communes: the new commune's code for each household that is to move.
        from_day: the first day of the new communes.
        place: how many households the same act moved before.
    """
    tx = await after_what_is_known(tx, list(communes))
    households = await store.read_households(tx, list(communes))
    former = await read_units(
        tx, {(h.commune, _known_on(h, from_day)) for h in households}, or_last=True
    )
    new = await commune_facts(tx, sorted(set(communes.values())), from_day)
    moves = [
        _Move(
            household,
            former[household.commune, _known_on(household, from_day)],
            new[communes[household.household_id]],
            household.lives_there_from if _is_late(household, from_day) else from_day,
        )
        for household in households
    ]
    await store.supersede_residences(tx, communes)
    await store.follow_residences(tx, communes, by_succession=True)
    residences = [residence for move in moves for residence in _residences(move, from_day)]
    await store.insert_residences(tx, residences)
    events = await _events(tx, moves, from_day)
    await ledger.append(tx, "registry", STREAM, heads, traced(events, place))


async def put_back(
    tx: Transaction,
    heads: dict[UUID, int],
    since: Mapping[UUID, date],
    commune: str,
    from_day: date,
    place: int = 0,
) -> None:
    """Let households live on where they had lived, as if `relocate` had not moved them.

    Args:
        tx: the act's transaction.
        heads: of the households, locked; they are moved on.
        since: the day since when each had lived in the commune; all live still where they were
            moved to.
        commune: the code of the commune that they were moved from.
        from_day: the first day of the communes that they were moved to.
        place: how many households the same act put back before.
    """
    tx = await after_what_is_known(tx, list(since))
    households = [
        (one, replace(one, lives_there_from=since[one.household_id]))
        for one in await store.read_households(tx, list(since))
    ]
    units = await read_units(
        tx, {(commune, _known_on(was, from_day)) for _, was in households}, or_last=True
    )
    moves = [
        _Move(one, None, units[commune, _known_on(was, from_day)], was.lives_there_from)
        for one, was in households
    ]
    communes = dict.fromkeys(since, commune)
    await store.supersede_residences(tx, communes)
    divided = [was.household_id for _, was in households if not _is_late(was, from_day)]
    await store.supersede_residences_until(tx, divided, from_day)
    await store.follow_residences(tx, communes, by_succession=True)
    await store.insert_residences(tx, [_residence(move) for move in moves])
    events = await _events(tx, moves, from_day)
    await ledger.append(tx, "registry", STREAM, heads, traced(events, place))


def _residence(move: _Move) -> Residence:
    """The one before, going on."""
    return Residence(
        household_id=move.before.household_id,
        present=move.new.code,
        commune=move.new.code,
        is_farm_household=move.before.is_farm_household,
        from_day=move.lives_there_from,
        until=None,
        village=move.before.village,
    )


def _is_late(household: StoredHousehold, from_day: date) -> bool:
    """Recorded on a day of the new map, under a code of the old one."""
    return household.recorded_day >= from_day


def _known_on(household: StoredHousehold, from_day: date) -> date:
    return min(household.recorded_day, from_day - timedelta(days=1))


def _residences(move: _Move, from_day: date) -> tuple[Residence, ...]:
    if _is_late(move.before, from_day):
        return (_residence(move),)
    was = Residence(
        household_id=move.before.household_id,
        present=move.new.code,
        commune=move.before.commune,
        is_farm_household=move.before.is_farm_household,
        from_day=move.before.lives_there_from,
        until=from_day,
        village=move.before.village,
    )
    return was, replace(was, commune=move.new.code, from_day=from_day, until=None)


def _former(former: CommuneFacts, new: CommuneFacts) -> FormerArea:
    return FormerArea.model_construct(
        commune=former.code,
        kind=former.kind,
        income_line_changes=line_changes(former.kind, new.kind),
    )


async def _events(tx: Transaction, moves: list[_Move], from_day: date) -> list[NewEvent]:
    ids = [move.before.household_id for move in moves]
    rows, earlier = await read_rows(tx, ids), await read_earlier(tx, ids)
    time = start_of_day(from_day)
    events = []
    for move in moves:
        history = rows[move.before.household_id]
        now = replace(
            move.before,
            version=move.before.version + 1,
            commune=move.new.code,
            lives_there_from=move.lives_there_from,
        )
        act = HouseholdAct.model_construct(
            kind=_CORRECTED if move.former is None else KIND,
            effective_on=from_day,
            recorded_at=tx.recorded_at,
            decision_id=None,
            former=None if move.former is None else _former(move.former, move.new),
        )
        events.append(
            NewEvent(
                subject=now.household_id,
                type=CHANGED,
                time=time,
                data=household_data(
                    now,
                    move.new,
                    history,
                    derive_timeline(history),
                    act,
                    earlier.get(now.household_id, ()),
                ),
                correlation_id=new_id(),
            )
        )
    return events

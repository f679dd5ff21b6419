"""What officers do to households: register them, correct what is known of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from libs.common.clock import start_of_day
from libs.common.contracts.household import CHANGED, REGISTERED, HouseholdAct
from libs.common.database import Transaction
from libs.common.messaging import ledger
from libs.common.messaging.generations import number_of
from libs.common.messaging.ledger import NewEvent
from libs.common.problems import FieldError, Problem, Text, not_found
from services.registry.areas.store import CommuneFacts
from services.registry.households import store
from services.registry.households.checking import check_residence, check_stated, refuse_closed
from services.registry.households.domain import HouseholdFacts
from services.registry.households.earlier import read_earlier
from services.registry.households.events import RecordedUnit, household_data, stored, traced
from services.registry.households.store import Registration, StoredHousehold
from services.registry.households.writing import after_what_is_known, replace_facts
from services.registry.lineage.domain import Lineage
from services.registry.reviews.domain import derive_timeline
from services.registry.reviews.store import read_rows

STREAM = "household"


@dataclass(frozen=True, slots=True)
class Stated:
    """A household as an officer states it in a request.

    Attributes:
        facts: what is stated.
        pointer: where it stands in the request.
        digest: of the request's own words, to tell a repeat from another content.
        correlation_id: of the act.
        act_id: of the change request that it carries out, if one was decided.
        is_whole: nothing of it was left out: no village means that none is known.
        moves: it lives in another place of the same commune from the residence's first day on.
    """

    facts: HouseholdFacts
    pointer: str
    digest: bytes
    correlation_id: UUID
    act_id: UUID | None = None
    is_whole: bool = False
    moves: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What a write answers: the household's version and the act's correlation id."""

    household_id: UUID
    version: int
    correlation_id: UUID


async def register(
    tx: Transaction,
    households: Sequence[Stated],
    today: date,
    units: dict[RecordedUnit, CommuneFacts] | None = None,
) -> list[Written]:
    """Register up to 1,000 households, all or none; repeating the same content changes nothing.

    Args:
        tx: the act's transaction.
        households: as stated.
        today: the day in Vietnam.
        units: of their residences, where every rule was checked already (`check_stated`).

    Raises:
        Problem: 422 naming every broken rule, 403 for communes outside the caller's areas, 409
            for an id that stands for another household or a person who is in another one.
    """
    if units is None:
        units = await check_stated(tx, [(h.facts, h.pointer) for h in households], today)
    heads = await ledger.lock_heads(tx, STREAM, [h.facts.household_id for h in households])
    taken = [subject for subject, version in heads.items() if number_of(version)]
    known = await store.read_registrations(tx, taken) if taken else {}
    _refuse_taken(households, heads, known)
    new = [h for h in households if not number_of(heads[h.facts.household_id])]
    if new:
        await store.insert_households(
            tx, [h.facts for h in new], [Registration(h.digest, h.correlation_id) for h in new]
        )
        events = _registered(tx, new, units)
        await ledger.append(tx, "registry", STREAM, heads, events)
    return [
        Written(
            household_id=household_id,
            version=heads[household_id],
            correlation_id=known[household_id].correlation_id
            if household_id in known
            else h.correlation_id,
        )
        for h in households
        for household_id in (h.facts.household_id,)
    ]


async def correct(
    tx: Transaction,
    stated: Stated,
    effective_on: date,
    today: date,
    require_version: Callable[[int], None],
) -> Written:
    """Replace what is known of a household; what stays the same is not written again.

    A residence in another commune from a later day is a move, as is one that says so (`moves`);
    else it corrects where the household has lived. Members that are no longer stated were never in
    the household.

    Args:
        tx: the act's transaction.
        stated: the whole household.
        effective_on: the day from which the change counts.
        today: the day in Vietnam.
        require_version: raises where the caller read another version than the given one.

    Raises:
        Problem: 409 where the household is closed, 422 naming every broken rule, 403.
    """
    household_id = stated.facts.household_id
    if not await store.read_registrations(tx, [household_id]):
        raise not_found("household")
    heads = await ledger.lock_heads(tx, STREAM, [household_id])
    found = await store.read_households(tx, [household_id])
    if not found:
        raise not_found("household")
    before = found[0]
    refuse_closed(before)
    require_version(before.version)
    stated = replace(stated, facts=_with_what_stays(stated, before))
    units = await check_stated(tx, [(stated.facts, stated.pointer)], today)
    await check_residence(tx, stated.facts)
    if not _differs(before, stated.facts):
        return Written(household_id, before.version, stated.correlation_id)
    tx = await after_what_is_known(tx, [household_id])
    moved = frozenset((household_id,)) if stated.moves else frozenset[UUID]()
    await replace_facts(tx, [(before, stated.facts)], moved)
    await _say_changed(tx, heads, stated, units, before.lineage, effective_on)
    return Written(household_id, heads[household_id], stated.correlation_id)


def _refuse_taken(
    households: Sequence[Stated], heads: dict[UUID, int], known: dict[UUID, Registration]
) -> None:
    errors = [
        FieldError(
            f"{household.pointer}/household_id",
            "household.id_taken",
            Text(
                "Mã hộ đã được dùng với nội dung khác.",
                "The id already stands for a household with other content.",
            ),
            Text("Dùng mã khác, hoặc sửa hộ đã có.", "Use another id or correct that household."),
        )
        for household in households
        if number_of(heads[household.facts.household_id])
        and (
            household.facts.household_id not in known
            or known[household.facts.household_id].digest != household.digest
        )
    ]
    if errors:
        title = Text("Mã hộ đã được dùng.", "The household id is taken.")
        raise Problem(409, "household.id_taken", title, errors)


def _registered(
    tx: Transaction, households: Sequence[Stated], units: dict[RecordedUnit, CommuneFacts]
) -> list[NewEvent]:
    events = []
    for household in households:
        facts = household.facts
        act = HouseholdAct.model_construct(
            kind="register",
            effective_on=facts.registered_on,
            recorded_at=tx.recorded_at,
            decision_id=None,
        )
        unit = units[facts.commune, facts.recorded_day]
        events.append(
            NewEvent(
                subject=facts.household_id,
                type=REGISTERED,
                time=start_of_day(facts.registered_on),
                data=household_data(stored(facts, 1), unit, (), derive_timeline(()), act, ()),
                correlation_id=household.correlation_id,
            )
        )
    return traced(events)


async def _say_changed(
    tx: Transaction,
    heads: dict[UUID, int],
    stated: Stated,
    units: dict[RecordedUnit, CommuneFacts],
    lineage: Lineage,
    effective_on: date,
) -> None:
    facts = stated.facts
    rows = (await read_rows(tx, [facts.household_id]))[facts.household_id]
    act = HouseholdAct.model_construct(
        kind="change",
        effective_on=effective_on,
        recorded_at=tx.recorded_at,
        decision_id=None,
        act_id=stated.act_id,
    )
    data = household_data(
        stored(facts, heads[facts.household_id] + 1, lineage),
        units[facts.commune, facts.recorded_day],
        rows,
        derive_timeline(rows),
        act,
        (await read_earlier(tx, [facts.household_id])).get(facts.household_id, ()),
    )
    event = NewEvent(
        subject=facts.household_id,
        type=CHANGED,
        time=start_of_day(effective_on),
        data=data,
        correlation_id=stated.correlation_id,
    )
    await ledger.append(tx, "registry", STREAM, heads, traced([event]))


def _with_what_stays(stated: Stated, before: StoredHousehold) -> HouseholdFacts:
    """A village that is not stated stays, as long as the commune does."""
    facts, village = stated.facts, stated.facts.village
    if village is None and not stated.is_whole and facts.commune == before.commune:
        village = before.village
    return replace(facts, registered_on=before.registered_on, village=village)


def _differs(before: StoredHousehold, after: HouseholdFacts) -> bool:
    return before != stored(after, before.version, before.lineage)

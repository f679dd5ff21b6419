"""One road for all that happens to households between reviews: locked, checked, written, said.

An act is planned by a pure function of the households as they stand under their locks; all of it is
written or nothing. How many persons decide on it is the business of whoever calls: a change request
takes one besides whoever asks, and two where class, identity or another commune is touched.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from libs.common.clock import start_of_day
from libs.common.contracts.household import CHANGED, HouseholdAct
from libs.common.database import Transaction
from libs.common.messaging import ledger
from libs.common.messaging.generations import number_of
from libs.common.messaging.ledger import NewEvent
from libs.common.problems import FieldError, Problem, Text, not_found
from libs.common.vocabulary import CloseReason, HouseholdActKind, LinkRelation
from services.registry.areas.store import CommuneFacts
from services.registry.households import store
from services.registry.households.acts import STREAM, Written
from services.registry.households.checking import check_residences, refuse_closed
from services.registry.households.domain import HouseholdFacts
from services.registry.households.earlier import read_earlier
from services.registry.households.events import (
    RecordedUnit,
    facts_of,
    household_data,
    stored,
    traced,
)
from services.registry.households.members import refuse_overlaps
from services.registry.households.reading import WholeHousehold, read_whole
from services.registry.households.store import Registration
from services.registry.households.writing import after_what_is_known, replace_facts
from services.registry.lineage import store as lineage
from services.registry.lineage.domain import ActRow, derive_lineage
from services.registry.reviews.domain import derive_timeline


@dataclass(frozen=True, slots=True)
class Order:
    """An act between reviews, as it is ordered.

    Attributes:
        act_id: ordering it again under this id changes nothing.
        effective_on: the first day on which it holds.
        versions: what the caller read of each household; one that is not named is not compared.
    """

    act_id: UUID
    effective_on: date
    correlation_id: UUID
    versions: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Touched:
    """One household as the act leaves it.

    Attributes:
        type: of the event that says so.
        other: the other household of the act, and what it is to this one.
        to_review: nobody decided on the class of those who now live together.
    """

    facts: HouseholdFacts
    type: str = CHANGED
    closed_on: date | None = None
    reason: CloseReason | None = None
    other: tuple[LinkRelation, UUID] | None = None
    to_review: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What an act comes to; `notes` are for the officer."""

    touched: Sequence[Touched]
    notes: tuple[Text, ...] = ()
    reverses: UUID | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The households after the act, in id order, and what the officer should know."""

    written: tuple[Written, ...]
    notes: tuple[Text, ...] = ()


Seen = Mapping[UUID, WholeHousehold]


async def carry_out(
    tx: Transaction,
    kind: HouseholdActKind,
    order: Order,
    household_ids: Sequence[UUID],
    plan: Callable[[Seen], Plan],
    today: date,
    *,
    founded: UUID | None = None,
    may_be_closed: bool = False,
) -> Outcome:
    """Do what was ordered to the households.

    Args:
        tx: the act's transaction.
        household_ids: that exist.
        plan: makes the act of the households as they stand; raises where they do not allow it.
        today: the day in Vietnam.
        founded: the id of a household that the act makes.
        may_be_closed: the plan looks itself at whether the households are open.

    Raises:
        Problem: 404 for a household that may not be seen, 409 for one that is closed, an id or a
            person that is taken, 412 for a version that is not the newest, 422 for broken rules.
    """
    ids = list(household_ids)
    if order.effective_on > today:
        raise refused([_future()])
    if len(await store.visible_households(tx, ids)) < len(set(ids)):
        raise not_found("household")
    heads = await ledger.lock_heads(tx, STREAM, [*ids, founded] if founded else ids)
    done = await lineage.find_act(tx, list(heads), order.act_id)
    if done:
        return Outcome(
            tuple(Written(one.household_id, one.row.version, one.correlation_id) for one in done)
        )
    seen = {whole.household.household_id: whole for whole in await read_whole(tx, ids)}
    if len(seen) < len(set(ids)):
        raise not_found("household")
    for household_id in sorted(seen):
        if not may_be_closed:
            refuse_closed(seen[household_id].household, f"/households/{household_id}")
        _require_version(order, household_id, seen[household_id].household.version)
    if founded is not None and number_of(heads[founded]):
        raise _id_taken()
    made = plan(seen)
    await _write(tx, kind, order, seen, heads, made)
    written = (Written(one, heads[one], order.correlation_id) for one in sorted(heads))
    return Outcome(tuple(written), made.notes)


async def _write(
    tx: Transaction,
    kind: HouseholdActKind,
    order: Order,
    seen: Seen,
    heads: dict[UUID, int],
    made: Plan,
) -> None:
    new = [one.facts for one in made.touched if one.facts.household_id not in seen]
    units = await check_residences(tx, [(one, "/new") for one in new]) if new else {}
    tx = await after_what_is_known(tx, list(seen))
    await replace_facts(
        tx,
        [
            (seen[one.facts.household_id].household, one.facts)
            for one in made.touched
            if one.facts.household_id in seen
        ],
    )
    if new:
        # Its registration is the act: nobody registers it again by repeating a request.
        registration = Registration(order.act_id.bytes, order.correlation_id)
        await store.insert_households(tx, new, [registration for _ in new])
        await refuse_overlaps(tx, [one.person_id for facts in new for one in facts.members])
    rows = {one.facts.household_id: _row(tx, kind, order, one, heads, made) for one in made.touched}
    events = await _events(tx, order, seen, heads, made, rows, units)
    await lineage.insert_acts(
        tx,
        [
            lineage.NewRow(
                household_id=one.facts.household_id,
                commune=one.facts.commune,
                correlation_id=order.correlation_id,
                row=rows[one.facts.household_id],
            )
            for one in made.touched
        ],
    )
    await ledger.append(tx, "registry", STREAM, heads, traced(events))


def _row(
    tx: Transaction,
    kind: HouseholdActKind,
    order: Order,
    one: Touched,
    heads: Mapping[UUID, int],
    made: Plan,
) -> ActRow:
    relation, other_id = one.other or (None, None)
    return ActRow(
        act_id=order.act_id,
        kind=kind,
        version=heads[one.facts.household_id] + 1,
        effective_on=order.effective_on,
        closed_on=one.closed_on,
        reason=one.reason,
        relation=relation,
        other_id=other_id,
        to_review=one.to_review,
        reverses=made.reverses,
        recorded_at=tx.recorded_at,
    )


async def _events(
    tx: Transaction,
    order: Order,
    seen: Seen,
    heads: Mapping[UUID, int],
    made: Plan,
    rows: Mapping[UUID, ActRow],
    units: Mapping[RecordedUnit, CommuneFacts],
) -> list[NewEvent]:
    acts = await lineage.read_acts(tx, list(seen))
    earlier = await read_earlier(tx, list(seen))
    events = []
    for one in made.touched:
        household_id = one.facts.household_id
        row, before = rows[household_id], seen.get(household_id)
        history = () if before is None else before.rows
        unit = before.unit if before else units[one.facts.commune, one.facts.recorded_day]
        act = HouseholdAct.model_construct(
            kind=str(row.kind),
            effective_on=row.effective_on,
            recorded_at=tx.recorded_at,
            decision_id=None,
            act_id=row.act_id,
            reason=None if row.reason is None else str(row.reason),
            reverses=row.reverses,
        )
        after = derive_lineage([*acts.get(household_id, ()), row])
        household = stored(one.facts, heads[household_id] + 1, after)
        events.append(
            NewEvent(
                subject=household_id,
                type=one.type,
                time=start_of_day(order.effective_on),
                data=household_data(
                    household,
                    unit,
                    history,
                    derive_timeline(history),
                    act,
                    earlier.get(household_id, ()),
                ),
                correlation_id=order.correlation_id,
            )
        )
    return events


def facts_in(seen: Seen, household_id: UUID) -> HouseholdFacts:
    """A household's facts as they stand."""
    return facts_of(seen[household_id].household)


def refused(errors: Sequence[FieldError]) -> Problem:
    """The act breaks rules; nothing was done."""
    title = Text("Biến động hộ bị từ chối.", "The act on the household is refused.")
    return Problem(422, "act.refused", title, errors)


def require(errors: Sequence[FieldError]) -> None:
    """Refuse an act that breaks any rule.

    Raises:
        Problem: 422.
    """
    if errors:
        raise refused(errors)


def _require_version(order: Order, household_id: UUID, version: int) -> None:
    if order.versions.get(household_id, version) == version:
        return
    title = Text(
        "Hộ đã được người khác thay đổi.", "Someone else has changed the household meanwhile."
    )
    fix = Text("Đọc lại hộ rồi làm lại.", "Read the household again and do it anew.")
    rule = "version.stale"
    raise Problem(412, rule, title, [FieldError(f"/versions/{household_id}", rule, title, fix)])


def _id_taken() -> Problem:
    title = Text("Mã hộ đã được dùng.", "The household id is taken.")
    fix = Text("Dùng mã khác.", "Use another id.")
    rule = "household.id_taken"
    return Problem(409, rule, title, [FieldError("/new/household_id", rule, title, fix)])


def _future() -> FieldError:
    return FieldError(
        "/effective_on",
        "day.future",
        Text("Ngày ở tương lai.", "The day lies in the future."),
        Text("Nhập ngày không sau hôm nay.", "Give a day that is not after today."),
    )

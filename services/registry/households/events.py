"""A household as its events say it: everything known after one version, with what happened."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from libs.common.contracts.household import (
    Closure,
    DecisionReference,
    EscapeWindow,
    HouseholdAct,
    HouseholdArea,
    HouseholdData,
    HouseholdLink,
    Member,
    StatusPeriod,
)
from libs.common.database import Transaction
from libs.common.messaging.ledger import NewEvent
from libs.common.telemetry.spans import creation_contexts
from services.registry.areas.store import CommuneFacts, commune_facts, last_commune_facts
from services.registry.households.domain import HouseholdFacts, MemberFacts
from services.registry.households.store import StoredHousehold
from services.registry.lineage.domain import UNTOUCHED, Lineage
from services.registry.reviews.domain import Row, Timeline

RecordedUnit = tuple[str, date]


async def read_units(
    tx: Transaction, wanted: Iterable[RecordedUnit], *, or_last: bool = False
) -> dict[RecordedUnit, CommuneFacts]:
    """The communes that codes meant on days; absent where a code was no unit's that day.

    One look-up per age of the administrative map, however many different days are asked for.

    Args:
        or_last: for what has been recorded: a code that was no unit's that day means the last one
            before. The record was made before anybody knew that the unit had ended.
    """
    found: dict[RecordedUnit, CommuneFacts] = {}
    asked = set(wanted)
    missing = set(asked)
    while missing:
        day = min(day for _, day in missing)
        units = await commune_facts(tx, sorted({code for code, _ in missing}), day)
        for pair in sorted(missing):
            unit = units.get(pair[0])
            if unit is not None and unit.valid_from <= pair[1] and _reaches(unit, pair[1]):
                found[pair] = unit
                missing.discard(pair)
        missing = {pair for pair in missing if pair[1] > day}
    late = asked - found.keys() if or_last else set()
    for day in sorted({day for _, day in late}):
        units = await last_commune_facts(tx, sorted({one[0] for one in late if one[1] == day}), day)
        found |= {(code, day): unit for code, unit in units.items()}
    return found


def _reaches(unit: CommuneFacts, day: date) -> bool:
    return unit.valid_until is None or day < unit.valid_until


def household_area(unit: CommuneFacts, from_day: date) -> HouseholdArea:
    """The area part of the event."""
    return HouseholdArea.model_construct(
        commune=unit.code,
        district=unit.district,
        province=unit.province,
        kind=unit.kind,
        from_day=from_day,
        designations=unit.designations,
    )


def status_periods(timeline: Timeline) -> tuple[StatusPeriod, ...]:
    """The timeline's periods as the contract says them."""
    return tuple(
        StatusPeriod.model_construct(
            standard=period.standard,
            status=period.status,
            from_day=period.from_day,
            until=period.until,
            decision_id=period.decision_id,
        )
        for period in timeline.periods
    )


def escape_windows(timeline: Timeline) -> tuple[EscapeWindow, ...]:
    """The timeline's newly-escaped windows as the contract says them."""
    return tuple(
        EscapeWindow.model_construct(
            standard=window.standard,
            from_class=window.from_class,
            recognised_on=window.recognised_on,
            from_day=window.from_day,
            until=window.until,
            decision_id=window.decision_id,
        )
        for window in timeline.windows
    )


def decision_references(
    timeline: Timeline, rows: Sequence[Row], act: HouseholdAct | None = None
) -> tuple[DecisionReference, ...]:
    """The documents behind the timeline and behind the act, oldest knowledge first."""
    behind = {period.decision_id for period in timeline.periods}
    if act is not None and act.decision_id is not None:
        behind.add(act.decision_id)
    return tuple(
        DecisionReference.model_construct(
            decision_id=row.decision_id,
            number=row.number,
            kind=row.kind,
            signed_on=row.signed_on,
            effective_on=row.effective_on,
            authority=row.authority,
            supersedes=row.supersedes,
        )
        for row in rows
        if row.decision_id in behind
    )


def household_links(lineage: Lineage) -> tuple[HouseholdLink, ...]:
    """The lineage's links as the contract says them."""
    return tuple(
        HouseholdLink.model_construct(
            household_id=link.household_id,
            relation=link.relation,
            act_id=link.act_id,
            from_day=link.from_day,
        )
        for link in lineage.links
    )


def closures(lineage: Lineage) -> tuple[Closure, ...]:
    """The lineage's closures as the contract says them."""
    return tuple(
        Closure.model_construct(from_day=one.from_day, until=one.until) for one in lineage.closures
    )


def to_review_since(lineage: Lineage, rows: Sequence[Row]) -> date | None:
    """The day from which the household's class should be looked at."""
    return lineage.to_review_since(max((row.recorded_at for row in rows), default=None))


def household_data(
    household: StoredHousehold,
    unit: CommuneFacts,
    rows: Sequence[Row],
    timeline: Timeline,
    act: HouseholdAct,
    earlier: tuple[HouseholdArea, ...],
) -> HouseholdData:
    """The event's data. Everything comes from typed rows, so nothing is validated again.

    `earlier` are the areas of its past residences (`read_earlier`), oldest first.
    """
    return HouseholdData.model_construct(
        household_id=household.household_id,
        registered_on=household.registered_on,
        closed_on=household.lineage.closed_on,
        area=household_area(unit, household.lives_there_from),
        earlier_areas=earlier,
        is_farm_household=household.is_farm_household,
        members=household.members,
        statuses=status_periods(timeline),
        escapes=escape_windows(timeline),
        decisions=decision_references(timeline, rows, act),
        act=act,
        links=household_links(household.lineage),
        to_review_since=to_review_since(household.lineage, rows),
        closures=closures(household.lineage),
    )


def traced(events: Sequence[NewEvent], before: int = 0) -> list[NewEvent]:
    """The events of one act with their trace contexts; `before` counts its earlier chunks."""
    if not events:
        return []
    contexts = creation_contexts(
        events[0].type,
        [event.subject for event in events],
        correlation_id=events[0].correlation_id,
        before=before,
    )
    return [
        event if context is None else replace(event, traceparent=context)
        for event, context in zip(events, contexts, strict=True)
    ]


def stored(facts: HouseholdFacts, version: int, lineage: Lineage = UNTOUCHED) -> StoredHousehold:
    """What a later read will answer of facts that are being written now."""
    return StoredHousehold(
        household_id=facts.household_id,
        version=version,
        registered_on=facts.registered_on,
        commune=facts.commune,
        lives_there_from=facts.lives_there_from,
        is_farm_household=facts.is_farm_household,
        members=tuple(
            Member.model_construct(
                person_id=member.person_id,
                birth_date=member.birth_date,
                birth_year=member.year,
                sex=member.sex,
                ethnicity=member.ethnicity,
                relation=member.relation,
                disability=member.disability,
                schooling=member.schooling,
                employment=member.employment,
                has_pension=member.has_pension,
                joined_on=member.joined_on,
                left_on=member.left_on,
                is_low_income_worker=member.is_low_income_worker,
                left_reason=member.left_reason,
            )
            for member in facts.members
        ),
        village=facts.village,
        lineage=lineage,
    )


def facts_of(household: StoredHousehold) -> HouseholdFacts:
    """What `stored` was made of."""
    return HouseholdFacts(
        household_id=household.household_id,
        registered_on=household.registered_on,
        commune=household.commune,
        lives_there_from=household.lives_there_from,
        is_farm_household=household.is_farm_household,
        members=tuple(map(_member_facts, household.members)),
        village=household.village,
    )


def _member_facts(member: Member) -> MemberFacts:
    return MemberFacts(
        person_id=member.person_id,
        birth_date=member.birth_date,
        birth_year=member.birth_year,
        sex=member.sex,
        ethnicity=member.ethnicity,
        relation=member.relation,
        disability=member.disability,
        schooling=member.schooling,
        employment=member.employment,
        has_pension=member.has_pension,
        joined_on=member.joined_on,
        left_on=member.left_on,
        is_low_income_worker=member.is_low_income_worker,
        left_reason=member.left_reason,
    )

"""What officers do to households: register them, correct what is known of them."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
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
from services.registry.households.domain import (
    HouseholdFacts,
    changed_members,
    check_household,
)
from services.registry.households.events import (
    RecordedUnit,
    facts_of,
    household_data,
    read_units,
    stored,
    traced,
)
from services.registry.households.store import Registration, Residence, StoredHousehold
from services.registry.reviews.domain import derive_timeline
from services.registry.reviews.store import read_rows

STREAM = "household"
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Stated:
    """A household as an officer states it in a request.

    Attributes:
        facts: what is stated.
        pointer: where it stands in the request.
        digest: of the request's own words, to tell a repeat from another content.
        correlation_id: of the act.
    """

    facts: HouseholdFacts
    pointer: str
    digest: bytes
    correlation_id: UUID


@dataclass(frozen=True, slots=True)
class Written:
    """What a write answers: the household's version and the act's correlation id."""

    household_id: UUID
    version: int
    correlation_id: UUID


async def register(tx: Transaction, households: Sequence[Stated], today: date) -> list[Written]:
    """Register up to 1,000 households, all or none; repeating the same content changes nothing.

    Raises:
        Problem: 422 naming every broken rule, 403 for communes outside the caller's areas, 409
            for an id that stands for another household or a person who is in another one.
    """
    units = await _check(tx, households, today)
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

    A residence in another commune from a later day is a move; else it corrects where the
    household has lived. Members that are no longer stated were never in the household.

    Args:
        tx: the act's transaction.
        stated: the whole household.
        effective_on: the day from which the change counts.
        today: the day in Vietnam.
        require_version: raises where the caller read another version than the given one.
    """
    household_id = stated.facts.household_id
    if not await store.read_registrations(tx, [household_id]):
        raise not_found("household")
    heads = await ledger.lock_heads(tx, STREAM, [household_id])
    found = await store.read_households(tx, [household_id])
    if not found:
        raise not_found("household")
    before = found[0]
    require_version(before.version)
    stated = replace(stated, facts=replace(stated.facts, registered_on=before.registered_on))
    units = await _check(tx, [stated], today)
    await _check_residence(tx, stated.facts)
    if not _differs(before, stated.facts):
        return Written(household_id, before.version, stated.correlation_id)
    tx = await _after_what_is_known(tx, household_id)
    await _replace_residence(tx, before, stated.facts)
    await _replace_members(tx, before, stated.facts)
    await _say_changed(tx, heads, stated, units, effective_on)
    return Written(household_id, heads[household_id], stated.correlation_id)


async def _check(
    tx: Transaction, households: Sequence[Stated], today: date
) -> dict[RecordedUnit, CommuneFacts]:
    """Every rule that needs no lock; answers the units of the residences."""
    errors: list[FieldError] = []
    seen = Counter(household.facts.household_id for household in households)
    for household in households:
        if seen[household.facts.household_id] > 1:
            errors.append(_household_twice(f"{household.pointer}/household_id"))
        errors.extend(check_household(household.facts, today, household.pointer))
    communes = sorted({household.facts.commune for household in households})
    known = await store.known_communes(tx, communes)
    units = await read_units(tx, {(h.facts.commune, h.facts.recorded_day) for h in households})
    for household in households:
        facts = household.facts
        if (facts.commune, facts.recorded_day) not in units:
            pointer = f"{household.pointer}/residence/commune"
            errors.append(_no_such_commune(pointer, facts.commune in known))
    if errors:
        raise Problem(
            422,
            "household.malformed",
            Text("Thông tin hộ chưa hợp lệ.", "The household's facts break rules."),
            errors,
        )
    outside = await store.communes_outside_scope(tx, communes)
    if outside:
        raise Problem(
            403,
            "scope.outside",
            Text("Xã ngoài phạm vi được phân công.", "The commune is outside your areas."),
            [
                _outside_scope(f"{household.pointer}/residence/commune")
                for household in households
                if household.facts.commune in outside
            ],
        )
    return units


async def _check_residence(tx: Transaction, facts: HouseholdFacts) -> None:
    until = await store.earlier_residence_until(tx, facts.household_id)
    if until is not None and facts.lives_there_from < until:
        title = Text("Nơi cư trú chồng thời gian.", "The residence overlaps the one before it.")
        fix = Text("Nhập ngày chuyển đến muộn hơn.", "Give a later day of moving in.")
        error = FieldError("/residence/from_day", "residence.overlap", title, fix)
        raise Problem(422, "household.malformed", title, [error])


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
                data=household_data(stored(facts, 1), unit, (), derive_timeline(()), act),
                correlation_id=household.correlation_id,
            )
        )
    return traced(events)


async def _say_changed(
    tx: Transaction,
    heads: dict[UUID, int],
    stated: Stated,
    units: dict[RecordedUnit, CommuneFacts],
    effective_on: date,
) -> None:
    facts = stated.facts
    rows = (await read_rows(tx, [facts.household_id]))[facts.household_id]
    act = HouseholdAct.model_construct(
        kind="change", effective_on=effective_on, recorded_at=tx.recorded_at, decision_id=None
    )
    data = household_data(
        stored(facts, heads[facts.household_id] + 1),
        units[facts.commune, facts.recorded_day],
        rows,
        derive_timeline(rows),
        act,
    )
    event = NewEvent(
        subject=facts.household_id,
        type=CHANGED,
        time=start_of_day(effective_on),
        data=data,
        correlation_id=stated.correlation_id,
    )
    await ledger.append(tx, "registry", STREAM, heads, traced([event]))


async def _after_what_is_known(tx: Transaction, household_id: UUID) -> Transaction:
    """The transaction, recording after everything known: it may have waited for an older one."""
    known = await store.known_since(tx, household_id)
    if known is None or known < tx.recorded_at:
        return tx
    return replace(tx, recorded_at=known + _TICK)


def _differs(before: StoredHousehold, after: HouseholdFacts) -> bool:
    return before != stored(after, before.version)


async def _replace_residence(
    tx: Transaction, before: StoredHousehold, after: HouseholdFacts
) -> None:
    now = store.residence_of(after)
    held = Residence(
        household_id=before.household_id,
        present=after.commune,
        commune=before.commune,
        is_farm_household=before.is_farm_household,
        from_day=before.lives_there_from,
        until=None,
    )
    if held == now:
        return
    if before.commune != after.commune:
        await store.follow_residence(tx, before.household_id, after.commune)
    await store.supersede_residence(tx, before.household_id)
    moved = before.commune != after.commune and before.lives_there_from < after.lives_there_from
    past = [replace(held, until=after.lives_there_from)] if moved else []
    await store.insert_residences(tx, [*past, now])


async def _replace_members(tx: Transaction, before: StoredHousehold, after: HouseholdFacts) -> None:
    gone, written = changed_members([facts_of(member) for member in before.members], after.members)
    await store.supersede_members(tx, before.household_id, gone)
    await store.insert_members(tx, [(after, place, after.members[place]) for place in written])


def _household_twice(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "household.twice",
        Text("Một hộ được ghi hai lần.", "The household stands twice in the request."),
        Text("Bỏ một dòng.", "Remove one of the lines."),
    )


def _no_such_commune(pointer: str, is_known: bool) -> FieldError:
    if not is_known:
        return FieldError(
            pointer,
            "area.unknown",
            Text("Không có xã mang mã này.", "No commune has this code."),
            Text("Dùng mã xã 5 chữ số của danh mục hành chính.", "Use an official 5-digit code."),
        )
    return FieldError(
        pointer,
        "area.not_valid_that_day",
        Text("Mã xã không có hiệu lực vào ngày đó.", "The commune's code was not valid that day."),
        Text(
            "Dùng mã xã có hiệu lực vào ngày đăng ký hoặc ngày chuyển đến.",
            "Use the code valid on the day of registration or of moving in.",
        ),
    )


def _outside_scope(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "scope.outside",
        Text("Xã ngoài phạm vi được phân công.", "The commune is outside your areas."),
        Text("Gửi cho cán bộ phụ trách xã đó.", "Hand it to the officer of that commune."),
    )

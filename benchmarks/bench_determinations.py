"""Determinations per second: the rule tables against the same law written as plain functions.

    python -m benchmarks.bench_determinations [households]

Both sides work out every entitlement of the same households over all time up to 30/6/2022 and must
agree on each one; the plain functions have the law of those days in their code, give no table, row
or document, and do not look ahead. The tables also say when each household next changes.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from uuid import UUID

from libs.common.ids import new_id
from libs.common.vocabulary import AreaKind, Designation, Disability, Schooling, Sex, StatusClass
from services.eligibility.catalogue.domain import (
    AreaFacts,
    DesignationFacts,
    HouseholdFacts,
    MemberFacts,
    StatusFacts,
    catalogue,
    determine_set,
)

AS_OF, STATUS_FROM, JOINED = date(2022, 6, 30), date(2022, 1, 1), date(2021, 11, 1)
HOUSEHOLDS, BATCH, ROUNDS = 29_881, 1_000, 3
PUPILS = (Schooling.PRIMARY, Schooling.LOWER_SECONDARY, Schooling.UPPER_SECONDARY)
STUDENTS = (Schooling.VOCATIONAL, Schooling.HIGHER)
SEVERE = (Disability.SEVERE, Disability.EXTREMELY_SEVERE)
TURNS = (6, 15, 60, 80)
Span = tuple[UUID, str, date, date | None]


def population(count: int, seed: int = 2026) -> list[HouseholdFacts]:
    """Poor and near-poor households of a hundred communes."""
    draw = random.Random(seed)
    places = [
        AreaFacts(
            "06",
            AreaKind.RURAL_COMMUNE if draw.random() < 0.9 else AreaKind.TOWNSHIP,
            JOINED,
            (DesignationFacts(Designation.EXTREMELY_DIFFICULT, date(2021, 7, 1), None),)
            if draw.random() < 0.6
            else (),
        )
        for _ in range(100)
    ]
    return [
        HouseholdFacts(
            household_id=new_id(),
            closed_on=None,
            area=draw.choice(places),
            is_farm_household=True,
            members=tuple(_member(draw) for _ in range(draw.choice((2, 3, 4, 4, 5, 6)))),
            statuses=(
                StatusFacts(
                    "ND07-2021",
                    StatusClass.POOR if draw.random() < 0.73 else StatusClass.NEAR_POOR,
                    STATUS_FROM,
                    None,
                ),
            ),
        )
        for _ in range(count)
    ]


def _member(draw: random.Random) -> MemberFacts:
    born = date(2021, 10, 31) - timedelta(days=int(draw.random() * 85 * 365))
    schooling = Schooling.NOT_ATTENDING
    if 2003 < born.year < 2016:
        schooling = draw.choice(PUPILS)
    return MemberFacts(
        person_id=new_id(),
        birth_date=born,
        birth_year=born.year,
        sex=draw.choice((Sex.FEMALE, Sex.MALE)),
        ethnicity=draw.choice(("kinh", "tay", "nung", "dao")),
        disability=draw.choice((Disability.NONE,) * 19 + (Disability.SEVERE,)),
        schooling=schooling,
        has_pension=draw.random() < 0.05,
        joined_on=JOINED,
    )


def plain_determination(household: HouseholdFacts) -> list[Span]:
    """The floor: the same law as code."""
    spans = _merge(
        household.household_id,
        (JOINED, STATUS_FROM),
        lambda day: _plain_credit(_plain_class(household, day)),
    )
    for member in household.members:
        spans += _merge(
            member.person_id,
            _turning_days(member),
            lambda day, member=member: _plain_person(household, member, day),  # type: ignore[misc]
        )
    return spans


def _turning_days(member: MemberFacts) -> list[date]:
    days = [JOINED, STATUS_FROM]
    born = member.birth_date
    assert born is not None
    for age in TURNS:
        if born.month == 2 and born.day == 29:
            turned = date(born.year + age, 3, 1)
        else:
            turned = born.replace(year=born.year + age)
        if JOINED < turned <= AS_OF:
            days.append(turned)
    return sorted(set(days))


def _plain_class(household: HouseholdFacts, day: date) -> StatusClass | None:
    for period in household.statuses:
        if period.standard == "ND07-2021" and period.from_day <= day:
            return period.status
    return None


def _plain_credit(status: StatusClass | None) -> list[str]:
    if status is StatusClass.POOR:
        return ["credit.01"]
    return ["credit.19"] if status is StatusClass.NEAR_POOR else []


def _plain_person(household: HouseholdFacts, member: MemberFacts, day: date) -> list[str]:
    born = member.birth_date
    assert born is not None
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    status, minority = _plain_class(household, day), member.ethnicity != "kinh"
    difficult = any(
        d.designation is Designation.EXTREMELY_DIFFICULT and d.from_day <= day
        for d in household.area.designations
    )
    rules = (
        ("insurance.TE", age < 6),
        ("insurance.BT", member.disability in SEVERE or (age >= 80 and not member.has_pension)),
        ("insurance.HN", status is StatusClass.POOR),
        ("insurance.CN", status is StatusClass.NEAR_POOR),
        ("insurance.DT", minority and difficult),
        ("insurance.DK", difficult),
        ("insurance.HS", age >= 6 and member.schooling in PUPILS),
        ("insurance.SV", age >= 6 and member.schooling in STUDENTS),
    )
    granted = [programme for programme, held in rules if held]
    if 15 <= age < 60:
        granted += _plain_training(household, member, status, minority and difficult)
    return granted


def _plain_training(
    household: HouseholdFacts,
    member: MemberFacts,
    status: StatusClass | None,
    is_minority_there: bool,
) -> Iterator[str]:
    minority = member.ethnicity != "kinh"
    if member.disability is not Disability.NONE:
        yield "training.46.disabled"
    elif minority and status is StatusClass.POOR:
        yield "training.46.minority_poor"
    elif is_minority_there:
        yield "training.46.minority_difficult"
    elif status is StatusClass.POOR:
        yield "training.46.poor"
    elif minority:
        yield "training.46.minority"
    elif status is StatusClass.NEAR_POOR:
        yield "training.46.near_poor"
    elif household.area.kind is AreaKind.RURAL_COMMUNE:
        yield "training.46.rural"
    elif member.sex is Sex.FEMALE:
        yield "training.46.women"


def _merge(
    subject: UUID, days: list[date] | tuple[date, ...], granted: Callable[[date], list[str]]
) -> list[Span]:
    spans: list[Span] = []
    started: dict[str, date] = {}
    for day in days:
        now = granted(day)
        for programme in [name for name in started if name not in now]:
            spans.append((subject, programme, started.pop(programme), day))  # noqa: PERF401
        for programme in now:
            started.setdefault(programme, day)
    spans += [(subject, programme, day, None) for programme, day in started.items()]
    return spans


def main(count: int) -> None:
    """Run both sides, best of three rounds each, and compare their answers."""
    households, law = population(count), catalogue()
    batches = [households[start : start + BATCH] for start in range(0, count, BATCH)]
    tables = plain = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        determined = [one for batch in batches for one in determine_set(batch, AS_OF, law)]
        tables = min(tables, time.process_time() - begun)
        begun = time.process_time()
        floor = [plain_determination(household) for household in households]
        plain = min(plain, time.process_time() - begun)
    for one, spans in zip(determined, floor, strict=True):
        mine = {(e.subject_id, e.programme, e.from_day, e.until) for e in one.entitlements}
        assert mine == set(spans)
    persons = sum(len(household.members) for household in households)
    entitlements = sum(map(len, floor))
    print(f"{count} households, {persons} persons, {entitlements} entitlements, all equal")
    print(
        f"RESULT determinations {count / tables:.0f} households/s "
        f"floor={count / plain:.0f} ratio={plain / tables:.2f}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else HOUSEHOLDS)

"""The sample household's own facts: its commune, its members, what was decided about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from libs.common.contracts import area, household
from libs.common.contracts.model import Contract
from libs.common.ids import derived_id
from libs.common.vocabulary import (
    AreaKind,
    AreaLevel,
    DecisionKind,
    Designation,
    Disability,
    Employment,
    LeftReason,
    LinkRelation,
    Relation,
    Schooling,
    Sex,
    StatusClass,
)

WRITTEN_AT = datetime(2021, 12, 20, 2, 0, tzinfo=UTC)
POOR_FROM = date(2022, 1, 1)
ESCAPED_ON = date(2023, 1, 1)
NATIONAL = "ND07-2021"


@dataclass(frozen=True)
class Said:
    """An event of the story, before its envelope."""

    type: str
    subject: UUID
    version: int
    on: date
    data: Contract


def sample_id(word: str) -> UUID:
    """A UUIDv7 of a fixed instant that is the same for the same word."""
    random = derived_id("sample", word).int
    instant = int(WRITTEN_AT.timestamp() * 1000)
    low = (random & ((1 << 62) - 1)) | (0b10 << 62)
    return UUID(int=instant << 80 | 7 << 76 | (random >> 64 & 0xFFF) << 64 | low)


HOUSEHOLD, HEAD, CHILD = sample_id("household"), sample_id("head"), sample_id("child")
POOR_BY, ESCAPED_BY = sample_id("decision of 2021"), sample_id("decision of 2022")


def area_events() -> Iterator[Said]:
    """The commune until it was merged into a larger one of the same code."""
    old = derived_id("sample", "area", "01882", "old")
    new = derived_id("sample", "area", "01882", "new")
    commune = area.AreaData(
        area_id=old,
        level=AreaLevel.COMMUNE,
        code="01882",
        name="Xã Nghiên Loan",
        kind=AreaKind.RURAL_COMMUNE,
        parent_id=derived_id("sample", "area", "060"),
        valid_from=date(2004, 1, 1),
        valid_until=date(2025, 7, 1),
        successors=(
            area.AreaSuccession(successor_id=new, successor_code="01882", is_divided=False),
        ),
        counts=(),
        designations=(
            area.AreaDesignation(
                designation=Designation.POOR_DISTRICT,
                from_day=date(2022, 1, 1),
                until=date(2026, 1, 1),
                source="QĐ 353/QĐ-TTg",
                is_confirmed=False,
            ),
        ),
    )
    yield Said(area.CHANGED, old, 1, date(2004, 1, 1), commune)


def home() -> household.HouseholdArea:
    """Where the household lives."""
    return household.HouseholdArea(
        commune="01882",
        district="060",
        province="06",
        kind=AreaKind.RURAL_COMMUNE,
        from_day=date(2015, 3, 1),
        designations=(
            household.DesignationPeriod(
                designation=Designation.POOR_DISTRICT,
                from_day=date(2022, 1, 1),
                until=date(2026, 1, 1),
                is_confirmed=False,
            ),
        ),
    )


def _members(schooling: Schooling) -> tuple[household.Member, ...]:
    head = household.Member(
        person_id=HEAD,
        birth_date=None,
        birth_year=1988,
        sex=Sex.FEMALE,
        ethnicity="mong",
        relation=Relation.HEAD,
        disability=Disability.NONE,
        schooling=Schooling.NOT_ATTENDING,
        employment=Employment.FARMING,
        has_pension=False,
        joined_on=date(2015, 3, 1),
        left_on=None,
    )
    child = head.model_copy(
        update={
            "person_id": CHILD,
            "birth_date": date(2016, 9, 5),
            "birth_year": 2016,
            "sex": Sex.MALE,
            "relation": Relation.CHILD,
            "schooling": schooling,
            "employment": Employment.INACTIVE,
            "joined_on": date(2016, 9, 5),
        }
    )
    return head, child


def _decision(
    decision_id: UUID, number: str, signed_on: date, effective_on: date
) -> household.DecisionReference:
    return household.DecisionReference(
        decision_id=decision_id,
        number=number,
        kind=DecisionKind.RECOGNISE,
        signed_on=signed_on,
        effective_on=effective_on,
        authority="UBND xã Nghiên Loan",
        supersedes=None,
    )


def _status(
    status: StatusClass, from_day: date, until: date | None, decision_id: UUID
) -> household.StatusPeriod:
    return household.StatusPeriod(
        standard=NATIONAL, status=status, from_day=from_day, until=until, decision_id=decision_id
    )


def household_events() -> Iterator[Said]:
    """Registered, recognised as poor, a child at school, escaped."""
    first = household.HouseholdData(
        household_id=HOUSEHOLD,
        registered_on=date(2021, 10, 1),
        closed_on=None,
        area=home(),
        is_farm_household=True,
        members=_members(Schooling.PRESCHOOL),
        statuses=(),
        escapes=(),
        decisions=(),
        act=_act("register", date(2021, 10, 1)),
    )
    yield Said(household.REGISTERED, HOUSEHOLD, 1, date(2021, 10, 1), first)
    poor = first.model_copy(
        update={
            "statuses": (_status(StatusClass.POOR, POOR_FROM, None, POOR_BY),),
            "decisions": (_decision(POOR_BY, "125/QĐ-UBND", date(2021, 12, 20), POOR_FROM),),
            "act": _act("recognise", POOR_FROM, POOR_BY),
        }
    )
    yield Said(household.STATUS_CHANGED, HOUSEHOLD, 2, POOR_FROM, poor)
    at_school = poor.model_copy(
        update={
            "members": _members(Schooling.PRIMARY),
            "act": _act("change", date(2022, 9, 5)),
        }
    )
    yield Said(household.CHANGED, HOUSEHOLD, 3, date(2022, 9, 5), at_school)
    yield Said(household.STATUS_CHANGED, HOUSEHOLD, 4, ESCAPED_ON, _escaped(at_school))


def household_life() -> Iterator[Said]:
    """A grown son leaves with a household of his own, comes back, and all move away."""
    old, new = sample_id("household of the parents"), sample_id("household of the son")
    left, back, away = date(2023, 3, 1), date(2024, 3, 1), date(2024, 9, 1)
    head = _members(Schooling.PRIMARY)[0].model_copy(update={"person_id": sample_id("mother")})
    son = head.model_copy(
        update={"person_id": sample_id("son"), "birth_year": 2000, "relation": Relation.CHILD}
    )
    gone = son.model_copy(update={"left_on": left, "left_reason": LeftReason.SPLIT})
    own = son.model_copy(update={"joined_on": left, "relation": Relation.HEAD})
    after = household.HouseholdData(
        household_id=old,
        registered_on=date(2021, 10, 1),
        closed_on=None,
        area=home(),
        is_farm_household=True,
        members=(head, gone),
        statuses=(),
        escapes=(),
        decisions=(),
        act=_between_reviews("split", left),
        links=(_link(new, LinkRelation.SPLIT_INTO, "split", left),),
    )
    yield Said(household.SPLIT, old, 2, left, after)
    split_off = after.model_copy(
        update={
            "household_id": new,
            "registered_on": left,
            "area": home().model_copy(update={"from_day": left}),
            "members": (own,),
            "links": (_link(old, LinkRelation.SPLIT_FROM, "split", left),),
            "to_review_since": left,
        }
    )
    yield Said(household.SPLIT, new, 1, left, split_off)
    merged = {"left_on": back, "left_reason": LeftReason.MERGED}
    emptied = split_off.model_copy(
        update={
            "closed_on": back,
            "members": (own.model_copy(update=merged),),
            "act": _between_reviews("merge", back),
            "links": (*split_off.links, _link(old, LinkRelation.MERGED_INTO, "merge", back)),
            "to_review_since": None,
        }
    )
    yield Said(household.MERGED, new, 2, back, emptied)
    joined = after.model_copy(
        update={
            "members": (head, gone, son.model_copy(update={"joined_on": back})),
            "act": _between_reviews("merge", back),
            "links": (*after.links, _link(new, LinkRelation.MERGED_FROM, "merge", back)),
        }
    )
    yield Said(household.MERGED, old, 3, back, joined)
    moved = {"left_on": away, "left_reason": LeftReason.MOVED}
    closed = joined.model_copy(
        update={
            "closed_on": away,
            "members": tuple(
                one if one.left_on else one.model_copy(update=moved) for one in joined.members
            ),
            "act": _between_reviews("close", away).model_copy(update={"reason": "moved_away"}),
        }
    )
    yield Said(household.CLOSED, old, 4, away, closed)


def _between_reviews(kind: str, on: date) -> household.HouseholdAct:
    return _act(kind, on).model_copy(update={"act_id": sample_id(f"{kind} of {on}")})


def _link(other: UUID, relation: LinkRelation, kind: str, on: date) -> household.HouseholdLink:
    return household.HouseholdLink(
        household_id=other,
        relation=relation,
        act_id=sample_id(f"{kind} of {on}"),
        from_day=on,
    )


def _escaped(before: household.HouseholdData) -> household.HouseholdData:
    window = household.EscapeWindow(
        standard=NATIONAL,
        from_class=StatusClass.POOR,
        recognised_on=date(2022, 12, 20),
        from_day=ESCAPED_ON,
        until=date(2025, 12, 20),
        decision_id=ESCAPED_BY,
    )
    return before.model_copy(
        update={
            "statuses": (
                _status(StatusClass.POOR, POOR_FROM, ESCAPED_ON, POOR_BY),
                _status(StatusClass.NONE, ESCAPED_ON, None, ESCAPED_BY),
            ),
            "escapes": (window,),
            "decisions": (
                *before.decisions,
                _decision(ESCAPED_BY, "131/QĐ-UBND", date(2022, 12, 20), ESCAPED_ON),
            ),
            "act": _act("recognise", ESCAPED_ON, ESCAPED_BY),
        }
    )


def _act(kind: str, on: date, decision_id: UUID | None = None) -> household.HouseholdAct:
    return household.HouseholdAct(
        kind=kind,
        effective_on=on,
        recorded_at=WRITTEN_AT + timedelta(days=(on - POOR_FROM).days),
        decision_id=decision_id,
    )

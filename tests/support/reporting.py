"""Builders of the events that the reporting service hears."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from libs.common.contracts.envelope import Received
from libs.common.contracts.household import (
    STATUS_CHANGED,
    EscapeWindow,
    HouseholdAct,
    HouseholdArea,
    HouseholdData,
    Member,
    StatusPeriod,
)
from libs.common.contracts.model import Contract
from libs.common.ids import derived_id
from libs.common.vocabulary import (
    AreaKind,
    Disability,
    Employment,
    Relation,
    Schooling,
    Sex,
    StatusClass,
)

STANDARD = "ND07-2021"
START = datetime(2021, 12, 1, tzinfo=UTC)
DECISION = derived_id("decision", 1)

Period = tuple[StatusClass, date, date | None]


def an_area(commune: str = "01882", from_day: date = date(2015, 1, 1)) -> HouseholdArea:
    return HouseholdArea(
        commune=commune,
        district="060",
        province="06",
        kind=AreaKind.RURAL_COMMUNE,
        from_day=from_day,
    )


def a_member(number: object, joined_on: date, left_on: date | None = None) -> Member:
    return Member(
        person_id=derived_id("person", number),
        birth_date=None,
        birth_year=1980,
        sex=Sex.FEMALE,
        ethnicity="tay",
        relation=Relation.OTHER,
        disability=Disability.NONE,
        schooling=Schooling.NOT_ATTENDING,
        employment=Employment.FARMING,
        has_pension=False,
        joined_on=joined_on,
        left_on=left_on,
    )


def a_household(number: object = 1, **facts: Any) -> HouseholdData:
    """A household of two in xã Nghiên Loan since 2015, without class unless `statuses` says so."""
    area = facts.get("area") or an_area()
    statuses: Sequence[Period] = facts.pop("statuses", ())
    windows: Sequence[tuple[date, date]] = facts.pop("escapes", ())
    values: dict[str, Any] = {
        "registered_on": date(2015, 1, 1),
        "closed_on": None,
        "area": area,
        "is_farm_household": False,
        "members": tuple(a_member((number, place), date(2015, 1, 1)) for place in range(2)),
        "decisions": (),
        "act": HouseholdAct(kind="changed", effective_on=date(2022, 1, 1), recorded_at=START),
    }
    return HouseholdData(
        household_id=derived_id("household", number),
        statuses=tuple(
            StatusPeriod(
                standard=STANDARD, status=name, from_day=day, until=until, decision_id=DECISION
            )
            for name, day, until in statuses
        ),
        escapes=tuple(
            EscapeWindow(
                standard=STANDARD,
                from_class=StatusClass.POOR,
                recognised_on=day,
                from_day=day,
                until=until,
                decision_id=DECISION,
            )
            for day, until in windows
        ),
        **(values | facts),
    )


def received(
    data: Contract,
    version: int = 1,
    *,
    event_type: str = STATUS_CHANGED,
    subject: UUID | None = None,
    **envelope: Any,
) -> Received[Any]:
    """The event as a handler gets it; version n is recorded n hours after the beginning."""
    subject = subject or data.household_id  # type: ignore[attr-defined]
    event_id = derived_id("event", event_type, subject, version)
    values: dict[str, Any] = {
        "time": START + timedelta(hours=version),
        "recorded_at": START + timedelta(hours=version),
        "correlation_id": derived_id("correlation", subject, version),
        "causation_id": None,
        "traceparent": None,
    }
    return Received(
        event_id=event_id,
        type=event_type,
        stream=event_type.partition(".")[0],
        subject=subject,
        version=version,
        data=data,
        **(values | envelope),
    )

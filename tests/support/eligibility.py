"""Households and entitlements as events, for tests of the eligibility service.

`Land` stands for the registry: it gives each household its versions and hands the events to a
handler in one transaction, as the consumer would.
"""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

from libs.common.clock import start_of_day
from libs.common.contracts.entitlement import (
    Entitlement,
    EntitlementData,
    SubjectKind,
    SupportArea,
)
from libs.common.contracts.envelope import Received
from libs.common.contracts.household import (
    DesignationPeriod,
    EscapeWindow,
    HouseholdAct,
    HouseholdArea,
    HouseholdData,
    Member,
    StatusPeriod,
)
from libs.common.contracts.model import Contract
from libs.common.database import Database
from libs.common.ids import new_id
from libs.common.messaging.consumer import Handler
from libs.common.vocabulary import (
    AreaKind,
    Designation,
    Disability,
    Employment,
    Relation,
    Schooling,
    Sex,
    StatusClass,
)

STANDARD = "ND07-2021"
NEW_YEAR = date(2022, 1, 1)
NGHIEN_LOAN = "01882"
DataT = TypeVar("DataT", bound=Contract)


def an_area(
    commune: str = NGHIEN_LOAN, province: str = "06", *designations: Designation
) -> HouseholdArea:
    return HouseholdArea(
        commune=commune,
        district="060",
        province=province,
        kind=AreaKind.RURAL_COMMUNE,
        from_day=date(2000, 1, 1),
        designations=tuple(
            DesignationPeriod(designation=one, from_day=NEW_YEAR, until=None, is_confirmed=True)
            for one in designations
        ),
    )


def a_member(birth_date: date, relation: Relation = Relation.CHILD, **other: Any) -> Member:
    facts: dict[str, Any] = {
        "person_id": new_id(),
        "birth_date": birth_date,
        "birth_year": birth_date.year,
        "sex": Sex.FEMALE,
        "ethnicity": "kinh",
        "relation": relation,
        "disability": Disability.NONE,
        "schooling": Schooling.NOT_ATTENDING,
        "employment": Employment.FARMING,
        "has_pension": False,
        "joined_on": birth_date,
        "left_on": None,
    }
    return Member(**{**facts, **other})


def a_status(
    status: StatusClass, from_day: date = NEW_YEAR, until: date | None = None
) -> StatusPeriod:
    return StatusPeriod(
        standard=STANDARD, status=status, from_day=from_day, until=until, decision_id=new_id()
    )


def an_escape(from_class: StatusClass, on: date, until: date) -> EscapeWindow:
    return EscapeWindow(
        standard=STANDARD,
        from_class=from_class,
        recognised_on=on,
        from_day=on,
        until=until,
        decision_id=new_id(),
    )


def a_household(*statuses: StatusPeriod, **other: Any) -> HouseholdData:
    """A mother of 32 and, unless told otherwise, nobody else, in the commune of Nghiên Loan."""
    facts: dict[str, Any] = {
        "household_id": new_id(),
        "registered_on": date(2021, 9, 1),
        "closed_on": None,
        "area": an_area(),
        "is_farm_household": False,
        "members": (a_member(date(1990, 3, 3), Relation.HEAD),),
        "statuses": statuses,
        "escapes": (),
        "decisions": (),
        "act": HouseholdAct(
            kind="registered",
            effective_on=NEW_YEAR,
            recorded_at=datetime(2022, 1, 3, tzinfo=UTC),
        ),
    }
    return HouseholdData(**{**facts, **other})


def with_facts(household: HouseholdData, **changes: Any) -> HouseholdData:
    """The same household with other facts."""
    return household.model_copy(update=changes)


def an_entitlement(
    programme: str,
    subject: UUID,
    from_day: date = NEW_YEAR,
    until: date | None = None,
    **benefit: Any,
) -> Entitlement:
    support = programme.partition(".")[0]
    shares = {"support_percent": 100, "benefit_percent": 100} if support == "insurance" else {}
    return Entitlement(
        programme=programme,
        support=SupportArea(support),
        subject_kind=SubjectKind.HOUSEHOLD if support == "credit" else SubjectKind.PERSON,
        subject_id=subject,
        from_day=from_day,
        until=until,
        table=f"{support}.test",
        row=programme,
        document="test",
        is_confirmed=True,
        benefit={**shares, **benefit},
    )


def entitlements_of(
    household: UUID, *rights: Entitlement, area: HouseholdArea | None = None
) -> EntitlementData:
    return EntitlementData(
        household_id=household,
        household_version=1,
        area=area or an_area(),
        as_of=NEW_YEAR,
        next_change_on=None,
        entitlements=rights,
    )


def received(
    data: DataT, version: int = 1, *, subject: UUID | None = None, kind: str = "test.happened.v1"
) -> Received[DataT]:
    """The data as the consumer hands it to a handler."""
    household: UUID = subject or data.household_id  # type: ignore[attr-defined]
    return Received(
        event_id=new_id(),
        type=kind,
        stream=kind.partition(".")[0],
        subject=household,
        version=version,
        time=start_of_day(NEW_YEAR),
        recorded_at=datetime(2022, 1, 3, tzinfo=UTC),
        correlation_id=new_id(),
        causation_id=None,
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        data=data,
    )


async def deliver(database: Database, handler: Handler, *events: Received[Any]) -> None:
    """Hand a batch to a handler, in one transaction, as the consumer does."""
    async with database.transaction() as tx:
        await handler(events, tx)


async def said(database: Database, stream: str, *subjects: UUID) -> list[dict[str, Any]]:
    """Every event of a stream in this database, whole, in the order in which it was said."""
    async with database.transaction() as tx:
        rows = await tx.fetch(
            "SELECT body FROM event_log WHERE stream = $1 "
            "AND (cardinality($2::uuid[]) = 0 OR subject = ANY ($2)) ORDER BY seq",
            stream,
            list(subjects),
        )
    return [json.loads(row["body"]) for row in rows]


async def live(database: Database, table: str, household: UUID) -> list[tuple[Any, ...]]:
    """Programme or group, and period, of a household's live rows."""
    column = "programme" if table == "entitlement" else "group_code"
    async with database.transaction() as tx:
        rows = await tx.fetch(
            f"SELECT {column}, from_day, until FROM {table} "
            "WHERE household_id = $1 AND superseded_at IS NULL ORDER BY from_day, 1",
            household,
        )
    return [tuple(row) for row in rows]


def programmes(event: dict[str, Any]) -> Sequence[str]:
    """The programmes in the data of an event, sorted."""
    return sorted(right["programme"] for right in event["data"]["entitlements"])

"""Entitlement events as eligibility says them, and what the referrals' tables hold after them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import JsonValue

from libs.common.contracts.entitlement import (
    CHANGED,
    Entitlement,
    EntitlementData,
    SubjectKind,
    SupportArea,
)
from libs.common.contracts.envelope import Received
from libs.common.contracts.household import HouseholdArea
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from libs.common.vocabulary import AreaKind, CapitalSource
from services.credit.groups import store as groups
from services.credit.groups.domain import Group, Member, Union
from services.credit.loans.opening import NewLoan, open_loans
from services.credit.plans.domain import Plan, PlanKey
from services.credit.plans.store import insert_plan
from services.credit.referrals.handlers import follow_entitlements
from services.credit.referrals.pricing import current_price
from tests.support.servers import ServiceDatabase

START = date(2022, 1, 1)
Period = tuple[str, date, date | None]


def an_area(commune: str = "01882") -> HouseholdArea:
    return HouseholdArea(
        commune=commune,
        district="060",
        province="06",
        kind=AreaKind.RURAL_COMMUNE,
        from_day=date(2015, 1, 1),
    )


def entitled(
    household_id: UUID,
    *periods: Period,
    version: int = 1,
    as_of: date = START,
    commune: str = "01882",
) -> Received[EntitlementData]:
    """A household's entitlements: credit programmes over periods, beside one that is no credit."""
    benefit: dict[str, JsonValue] = {"support_percent": 100}
    entries = [
        Entitlement(
            programme=programme,
            support=SupportArea.CREDIT,
            subject_kind=SubjectKind.HOUSEHOLD,
            subject_id=household_id,
            from_day=from_day,
            until=until,
            table="credit",
            row=programme,
            document="NĐ 78/2002/NĐ-CP",
            is_confirmed=False,
            benefit=benefit,
        )
        for programme, from_day, until in [*periods, ("insurance.HN", START, None)]
    ]
    now = datetime.now(UTC)
    return Received(
        event_id=new_id(),
        type=CHANGED,
        stream="entitlement",
        subject=household_id,
        version=version,
        time=now,
        recorded_at=now,
        correlation_id=new_id(),
        causation_id=None,
        traceparent=None,
        data=EntitlementData(
            household_id=household_id,
            household_version=version,
            area=an_area(commune),
            as_of=as_of,
            next_change_on=None,
            entitlements=tuple(entries),
        ),
    )


async def hand_over(database: Database, *events: Received[EntitlementData]) -> None:
    """Give a batch to the handler, as the consumer would after its inbox and cursors."""
    async with database.transaction() as tx:
        await follow_entitlements(events, tx, current_price())


async def refer(database: ServiceDatabase, *programmes: str, commune: str = "01882") -> list[UUID]:
    """Open a referral for a new household per programme; answers their ids in that order."""
    households = [new_id() for _ in programmes]
    async with database.as_worker() as worker:
        await hand_over(
            worker,
            *(
                entitled(household, (f"credit.{programme}", START, None), commune=commune)
                for household, programme in zip(households, programmes, strict=True)
            ),
        )
        async with worker.transaction() as tx:
            known = {row["household_id"]: row["referral_id"] for row in await referrals(tx)}
    return [known[household] for household in households]


async def referrals(tx: Transaction, household_id: UUID | None = None) -> Sequence[Any]:
    return await tx.fetch(
        "SELECT * FROM referral WHERE $1::uuid IS NULL OR household_id = $1 ORDER BY referral_id",
        household_id,
    )


def a_loan(
    household_id: UUID, commune: str = "01882", *, paid_on: date = date(2022, 2, 15), **other: Any
) -> NewLoan:
    """50 million for 60 months under programme 01 at 6.6 %, whatever its referral."""
    values: dict[str, Any] = {
        "loan_id": new_id(),
        "referral_id": new_id(),
        "need_id": None,
        "household_id": household_id,
        "area": an_area(commune),
        "commune": commune,
        "programme": "01",
        "source": CapitalSource.CENTRAL,
        "contract_number": f"HD-{new_id().hex[-8:]}",
        "principal": 50_000_000,
        "paid_on": paid_on,
        "months": 60,
        "yearly_rate": Decimal("6.6"),
        "overdue_rate": Decimal("8.58"),
        "document": "QĐ 750/QĐ-TTg (2015)",
        "correlation_id": new_id(),
    }
    return NewLoan(**values | other)


async def open_two_loans(
    tx: Transaction, household_id: UUID, commune: str = "01882", programme: str = "01"
) -> tuple[UUID, UUID]:
    loans = [a_loan(household_id, commune, programme=programme) for _ in range(2)]
    await open_loans(tx, loans)
    return loans[0].loan_id, loans[1].loan_id


async def a_group(tx: Transaction, household_id: UUID, commune: str = "01882") -> UUID:
    """A group of one household since 1/2/2022; on the API role."""
    group = Group(new_id(), commune, "Thôn 1", Union.WOMEN, START, members=0)
    await groups.insert_group(tx, group, "tester")
    member = Member(household_id, None, date(2022, 2, 1), None)
    assert await groups.insert_member(tx, group, member, "tester")
    return group.group_id


async def a_plan(tx: Transaction, commune: str = "01882", amount: int = 500_000_000) -> None:
    """The commune's plan of 2022 for programme 01 of central capital; on the API role."""
    key = PlanKey(commune, CapitalSource.CENTRAL, "01", 2022)
    assert await insert_plan(tx, Plan(key, 1, amount, "KH-1/2022"), "tester")

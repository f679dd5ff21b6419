"""The officers' edge: what a household is entitled to, and why, and why not."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from libs.common.problems import not_found
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from services.eligibility.entitlements import store
from services.eligibility.entitlements.schemas import EntitlementOut, HouseholdEntitlementsOut
from services.eligibility.scope import KnownQuery, known_at_or_now

router = APIRouter(prefix="/households/{household_id}", tags=["entitlements"])

Reader = Annotated[
    Edge,
    Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.REVIEWER, Role.PROVINCE, Role.AUDITOR)),
]


@router.get("/entitlements", summary="Quyền thụ hưởng của hộ / what a household is entitled to")
async def list_entitlements(
    household_id: UUID,
    edge: Reader,
    as_of: Annotated[date | None, Query(description="Ngày hưởng / on this day")] = None,
    known_at: KnownQuery = None,
) -> HouseholdEntitlementsOut:
    """With `as_of` what is in force on that day, without it every period."""
    facts = await _facts(edge, household_id)
    rights = await store.list_entitlements(
        edge.tx, household_id, as_of, known_at_or_now(edge.tx, known_at)
    )
    return HouseholdEntitlementsOut(
        household_id=facts.household_id,
        household_version=facts.household_version,
        determined_to=facts.determined_to,
        next_change_on=facts.next_change_on,
        entitlements=[EntitlementOut.of(right) for right in rights],
    )


async def _facts(edge: Edge, household_id: UUID) -> store.Facts:
    facts = await store.find_facts(edge.tx, household_id)
    if facts is None:
        raise not_found("household")
    return facts

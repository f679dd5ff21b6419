"""The officers' edge: what a household is entitled to, and why, and why not."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from libs.common.contracts.household import HouseholdData
from libs.common.problems import FieldError, Problem, Text, not_found
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.days import Day
from services.eligibility.catalogue.domain import catalogue, explain
from services.eligibility.entitlements import store
from services.eligibility.entitlements.explanations import ExplanationOut
from services.eligibility.entitlements.facts import facts_of
from services.eligibility.entitlements.schemas import EntitlementOut, HouseholdEntitlementsOut
from services.eligibility.scope import KnownQuery, day_of_law, known_at_or_now

router = APIRouter(prefix="/households/{household_id}", tags=["Quyền thụ hưởng / Entitlements"])

Reader = Annotated[
    Edge,
    Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.REVIEWER, Role.PROVINCE, Role.AUDITOR)),
]


@router.get("/entitlements", summary="Quyền thụ hưởng của hộ / what a household is entitled to")
async def list_entitlements(
    household_id: UUID,
    edge: Reader,
    as_of: Annotated[Day | None, Query(description="Ngày hưởng / on this day")] = None,
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


@router.get("/explanations", summary="Vì sao được, không được hưởng / why entitled, why not")
async def explain_programme(
    household_id: UUID,
    edge: Reader,
    programme: Annotated[str, Query(max_length=64, description="credit.01, insurance.HN, ...")],
    person: Annotated[UUID | None, Query(description="Thành viên / a member")] = None,
    on: Day | None = None,
) -> ExplanationOut:
    """Every condition of every rule row that could give the programme to the household, or to the
    person, on a day (without `on`: the day of the law), under the rules known by now."""
    facts = await _facts(edge, household_id)
    law_day = await day_of_law(edge.tx)
    household = facts_of(HouseholdData.model_validate_json(facts.facts))
    if person and person not in {member.person_id for member in household.members}:
        raise not_found("person")
    if person:
        edge.note("person", [person])
    try:
        found = explain(
            household,
            person or household_id,
            programme,
            on or law_day,
            catalogue(),
            known_on=max(law_day, on or law_day),
        )
    except LookupError:
        raise _unknown_programme() from None
    return ExplanationOut.of(found)


def _unknown_programme() -> Problem:
    return Problem(
        422,
        "programme.unknown",
        Text("Không có chương trình này.", "There is no such programme."),
        [
            FieldError(
                "/query/programme",
                "programme.unknown",
                Text("Mã chương trình không có trong danh mục.", "The code is not in the list."),
                Text(
                    "Dùng mã như credit.01 hoặc insurance.HN.",
                    "Use a code like credit.01 or insurance.HN.",
                ),
            )
        ],
    )


async def _facts(edge: Edge, household_id: UUID) -> store.Facts:
    facts = await store.find_facts(edge.tx, household_id)
    if facts is None:
        raise not_found("household")
    return facts

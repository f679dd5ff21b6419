"""The edge of what followed."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.days import Day
from services.reporting.areas.reading import UnitOn, known_before, read_area
from services.reporting.effects import store
from services.reporting.effects.schemas import EffectsOut, ReferralsOut, RightOut

router = APIRouter(prefix="/areas/{code}/effects", tags=["Chính sách đã thực hiện / Effects"])

Reader = Annotated[
    Edge,
    Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.REVIEWER, Role.PROVINCE, Role.AUDITOR)),
]


@router.get("", summary="Chính sách đã thực hiện / What followed, by programme")
async def get_effects(
    code: Annotated[str, Path(pattern="^([0-9]{2}|[0-9]{3}|[0-9]{5})$")],
    edge: Reader,
    on: Annotated[Day | None, Query(description="The day; today if left out.")] = None,
    known_at: Annotated[Day | None, Query()] = None,
    unit_on: UnitOn = None,
) -> EffectsOut:
    day = on or edge.clock.today()
    area = await read_area(edge.tx, code, unit_on or day)
    codes = sorted({record.code for record in area.territory.records})
    before = known_before(known_at)
    rights: dict[str, list[RightOut]] = {"entitlement": [], "insurance": [], "training": []}
    for held in await store.count_effects(edge.tx, codes, day, before):
        rights[held.stream].append(
            RightOut(code=held.code, households=held.households, subjects=held.subjects)
        )
    return EffectsOut(
        code=code,
        on=day,
        known_at=known_at,
        entitlements=rights["entitlement"],
        insurance_roll=rights["insurance"],
        training_offers=rights["training"],
        referrals=[
            ReferralsOut(**asdict(counted))
            for counted in await store.count_referrals(edge.tx, codes, day, before)
        ],
    )

"""Every SQL statement on areas that only the registry asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.common.contracts.household import DesignationPeriod
from libs.common.database import Transaction
from libs.common.vocabulary import AreaKind, Designation

_COMMUNES = """
SELECT commune.area_id, commune.code, commune.kind, commune.valid_from, commune.valid_until,
       above.area_id AS above_id,
       CASE above.level WHEN 'district' THEN above.code END AS district,
       CASE above.level WHEN 'district' THEN province.code ELSE above.code END AS province
FROM area_unit AS commune
JOIN area_unit AS above ON above.area_id = commune.parent_id
LEFT JOIN area_unit AS province ON province.area_id = above.parent_id
WHERE commune.level = 'commune' AND commune.code = ANY($1::text[])
  AND commune.valid_from <= $2 AND (commune.valid_until IS NULL OR $2 < commune.valid_until)
"""
_DESIGNATIONS = """
SELECT area_id, designation, from_day, until, is_confirmed
FROM area_designation WHERE area_id = ANY($1::uuid[]) ORDER BY designation, from_day, area_id
"""


@dataclass(frozen=True, slots=True)
class CommuneFacts:
    """What a household's events say of the commune whose code was recorded.

    Attributes:
        area_id: the unit that the code meant on the day asked.
        district: its district's code, until 30/6/2025; None after.
        valid_from: a residence recorded under this unit cannot have begun before it.
        valid_until: exclusive; None while the unit exists.
        designations: dated qualities of the commune and of its district, of any day.
    """

    area_id: UUID
    code: str
    district: str | None
    province: str
    kind: AreaKind
    valid_from: date
    valid_until: date | None
    designations: tuple[DesignationPeriod, ...]


async def commune_facts(
    tx: Transaction, codes: Sequence[str], day: date
) -> dict[str, CommuneFacts]:
    """The communes that these codes meant on a day; codes without a unit that day are absent."""
    rows = await tx.fetch(_COMMUNES, list(codes), day)
    periods: dict[UUID, list[DesignationPeriod]] = {}
    units = [area_id for row in rows for area_id in (row["area_id"], row["above_id"])]
    for fact in await tx.fetch(_DESIGNATIONS, units):
        periods.setdefault(fact["area_id"], []).append(
            DesignationPeriod.model_construct(
                designation=Designation(fact["designation"]),
                from_day=fact["from_day"],
                until=fact["until"],
                is_confirmed=fact["is_confirmed"],
            )
        )
    return {
        row["code"]: CommuneFacts(
            area_id=row["area_id"],
            code=row["code"],
            district=row["district"],
            province=row["province"],
            kind=AreaKind(row["kind"]),
            valid_from=row["valid_from"],
            valid_until=row["valid_until"],
            designations=(
                *periods.get(row["area_id"], ()),
                *(periods.get(row["above_id"], ()) if row["district"] else ()),
            ),
        )
        for row in rows
    }


async def find_commune(tx: Transaction, code: str, day: date) -> CommuneFacts | None:
    """The commune that the code meant on a day, or None."""
    return (await commune_facts(tx, [code], day)).get(code)

"""Every SQL statement on acts between reviews."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.common.database import Transaction
from libs.common.database.conditions import BEFORE_ALL, commune_by_commune, communes_in_sight
from libs.common.vocabulary import CloseReason, HouseholdActKind, LinkRelation
from services.registry.lineage.domain import UNTOUCHED, ActRow, Lineage, derive_lineage

_COLUMNS = """
act_id, kind, version, effective_on, closed_on, reason, relation, other_id, to_review, reverses,
recorded_at
"""
_READ = f"""
SELECT household_id, {_COLUMNS} FROM household_act
WHERE household_id = ANY($1::uuid[]) AND recorded_at <= coalesce($2::timestamptz, 'infinity')
ORDER BY household_id, recorded_at
"""
# The same of one row of `household`, within another statement whose $2 is the instant.
ACTS_OF_HOUSEHOLD = f"""
ARRAY(SELECT ROW({_COLUMNS}) FROM household_act
      WHERE household_act.household_id = household.household_id
        AND recorded_at <= coalesce($2::timestamptz, 'infinity')
      ORDER BY recorded_at)
"""
# Part of another statement: on the day the household lived nowhere, between a closing and a
# reopening that stands (`derive_lineage` says the same).
AWAY = """
EXISTS (SELECT FROM household_act AS back
  WHERE back.household_id = {household} AND back.kind = 'reopen' AND {day} < back.effective_on
    AND (SELECT was.closed_on FROM household_act AS was
         WHERE was.household_id = back.household_id AND was.recorded_at < back.recorded_at
         ORDER BY was.recorded_at DESC LIMIT 1) <= {day}
    AND NOT EXISTS (SELECT FROM household_act AS undone
      WHERE undone.household_id = back.household_id AND undone.reverses = back.act_id))
"""
_OF_ACT = f"""
SELECT household_id, correlation_id, {_COLUMNS} FROM household_act
WHERE household_id = ANY($1::uuid[]) AND act_id = $2 ORDER BY household_id
"""
_INSERT = f"""
INSERT INTO household_act (household_id, commune, correlation_id, {_COLUMNS})
SELECT new.*, $1
FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::bigint[], $8::date[],
            $9::date[], $10::text[], $11::text[], $12::uuid[], $13::boolean[], $14::uuid[]) AS new
"""
_CLOSE = """
UPDATE household SET closed_on = new.closed_on
FROM unnest($1::uuid[], $2::date[]) AS new(household_id, closed_on)
WHERE household.household_id = new.household_id
  AND household.closed_on IS DISTINCT FROM new.closed_on
"""
# Nothing was decided on the household since the mark was recorded, and the act stands.
_WAITS = """
SELECT DISTINCT household_id FROM household_act AS act
JOIN household USING (household_id)
WHERE act.to_review AND household.closed_on IS NULL
  AND {where} AND household_id > $1
  AND NOT EXISTS (SELECT FROM household_act AS later
    WHERE later.household_id = act.household_id AND later.reverses = act.act_id)
  AND NOT EXISTS (SELECT FROM decision_row AS row
    WHERE row.household_id = act.household_id AND row.recorded_at > act.recorded_at)
ORDER BY household_id LIMIT $2
"""
_TO_REVIEW = _WAITS.format(where="true")
_TO_REVIEW_IN_COMMUNES = commune_by_commune(
    _WAITS.format(where="act.commune = place.code"), "$3", "$2"
)
_AMONG_TO_REVIEW = _WAITS.format(where="act.household_id = ANY($3::uuid[])")


@dataclass(frozen=True, slots=True)
class Recorded:
    """An act on one household, as it was recorded."""

    household_id: UUID
    correlation_id: UUID
    row: ActRow


@dataclass(frozen=True, slots=True)
class NewRow:
    """An act on one household that is being written."""

    household_id: UUID
    commune: str
    correlation_id: UUID
    row: ActRow


async def read_acts(
    tx: Transaction, household_ids: Sequence[UUID], known_at: datetime | None = None
) -> dict[UUID, list[ActRow]]:
    """The acts on each of the households, oldest first; without an entry where there are none."""
    found: dict[UUID, list[ActRow]] = {}
    for row in await tx.fetch(_READ, household_ids, known_at):
        found.setdefault(row["household_id"], []).append(_row(row))
    return found


def lineage_of(acts: Sequence[tuple[Any, ...]]) -> Lineage:
    """What the acts mean that `ACTS_OF_HOUSEHOLD` answers."""
    if not acts:
        return UNTOUCHED
    names = _COLUMNS.replace(",", "").split()
    return derive_lineage([_row(dict(zip(names, act, strict=True))) for act in acts])


async def find_act(tx: Transaction, household_ids: Sequence[UUID], act_id: UUID) -> list[Recorded]:
    """What an act did to those of the households that it touched and that may be seen."""
    rows = await tx.fetch(_OF_ACT, household_ids, act_id)
    return [Recorded(row["household_id"], row["correlation_id"], _row(row)) for row in rows]


async def insert_acts(tx: Transaction, rows: Sequence[NewRow]) -> None:
    """Write what one act did, and let the households be found as open or closed."""
    await tx.execute(
        _INSERT,
        tx.recorded_at,
        [one.household_id for one in rows],
        [one.commune for one in rows],
        [one.correlation_id for one in rows],
        [one.row.act_id for one in rows],
        [one.row.kind for one in rows],
        [one.row.version for one in rows],
        [one.row.effective_on for one in rows],
        [one.row.closed_on for one in rows],
        [one.row.reason for one in rows],
        [one.row.relation for one in rows],
        [one.row.other_id for one in rows],
        [one.row.to_review for one in rows],
        [one.row.reverses for one in rows],
    )
    await tx.execute(
        _CLOSE, [one.household_id for one in rows], [one.row.closed_on for one in rows]
    )


async def list_to_review_after(
    tx: Transaction,
    commune: str | None,
    after: UUID | None,
    limit: int,
    among: Sequence[UUID] | None = None,
) -> list[UUID]:
    """Ids in order of the households whose class should be looked at; of these alone where `among`
    names some; else, without a commune, of all in sight.
    """
    place = (after or BEFORE_ALL, limit)
    if among is not None:
        rows = await tx.fetch(_AMONG_TO_REVIEW, *place, among)
    elif (communes := await communes_in_sight(tx) if commune is None else [commune]) is None:
        rows = await tx.fetch(_TO_REVIEW, *place)
    else:
        rows = await tx.fetch(_TO_REVIEW_IN_COMMUNES, *place, communes)
    return [row["household_id"] for row in rows]


def _row(row: Any) -> ActRow:
    return ActRow(
        act_id=row["act_id"],
        kind=HouseholdActKind(row["kind"]),
        version=row["version"],
        effective_on=row["effective_on"],
        closed_on=row["closed_on"],
        reason=None if row["reason"] is None else CloseReason(row["reason"]),
        relation=None if row["relation"] is None else LinkRelation(row["relation"]),
        other_id=row["other_id"],
        to_review=row["to_review"],
        reverses=row["reverses"],
        recorded_at=row["recorded_at"],
    )

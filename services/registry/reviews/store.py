"""Every SQL statement on decision rows and on the status periods that follow from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from libs.common.database import Transaction
from libs.common.database.conditions import (
    BEFORE_ALL,
    Conditions,
    commune_by_commune,
    communes_in_sight,
)
from libs.common.vocabulary import DecisionKind, StatusClass
from services.registry.lineage.store import AWAY
from services.registry.reviews.domain import Period, Row, standing_rows

_ROW = """
decision_id, kind, number, authority, standard, status, signed_on, effective_on, supersedes,
recorded_at
"""
_READ_ROWS = f"""
SELECT household_id, {_ROW} FROM decision_row
WHERE household_id = ANY($1::uuid[]) AND recorded_at <= coalesce($2::timestamptz, 'infinity')
ORDER BY household_id, recorded_at
"""
# Part of another statement: what `rows_of` reads, of its `household` as known at its `$2`.
ROWS_OF_HOUSEHOLD = f"""
ARRAY(SELECT ROW({_ROW}) FROM decision_row
      WHERE decision_row.household_id = household.household_id
        AND recorded_at <= coalesce($2::timestamptz, 'infinity')
      ORDER BY recorded_at)
"""
_INSERT_ROWS = """
INSERT INTO decision_row
  (decision_id, kind, number, authority, standard, signed_on, effective_on, supersedes, recorded_at,
   household_id, commune, status, correlation_id)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, new.*
FROM unnest($10::uuid[], $11::text[], $12::text[], $13::uuid[]) AS new
"""
_LIVE_PERIODS = """
SELECT household_id, status, lower(effective) AS from_day, upper(effective) AS until, decision_id
FROM status_period
WHERE household_id = ANY($1::uuid[]) AND standard = $2 AND upper_inf(recorded)
"""
_SUPERSEDE_PERIODS = """
UPDATE status_period AS period SET recorded = tstzrange(lower(recorded), $1)
FROM unnest($3::uuid[], $4::date[]) AS gone(household_id, from_day)
WHERE period.household_id = gone.household_id AND period.standard = $2
  AND lower(period.effective) = gone.from_day AND upper_inf(period.recorded)
"""
_INSERT_PERIODS = """
INSERT INTO status_period
  (household_id, standard, effective, recorded, commune, status, decision_id)
SELECT household_id, $2, daterange(from_day, until), tstzrange($1, NULL), commune, status,
       decision_id
FROM unnest($3::uuid[], $4::text[], $5::date[], $6::date[], $7::text[], $8::uuid[])
  AS new(household_id, commune, from_day, until, status, decision_id)
"""
_STATUS_AS_OF = """
SELECT household_id, status, lower(effective) AS from_day, upper(effective) AS until, decision_id
FROM status_period
WHERE household_id = ANY($1::uuid[]) AND standard = $2
  AND effective @> $3::date AND recorded @> coalesce($4::timestamptz, 'infinity')
"""
# A household may have a class by several standards.
_AWAY = AWAY.format(household="period.household_id", day="$2::date")
_OF_A_CLASS = """
SELECT DISTINCT household_id FROM status_period AS period
WHERE status = $1 AND upper_inf(recorded) AND effective @> $2::date AND household_id > $3
  AND {asked}
  AND NOT EXISTS (SELECT FROM household AS gone
    WHERE gone.household_id = period.household_id AND gone.closed_on <= $2)
  AND NOT {away}
ORDER BY household_id LIMIT $4
"""
_OF_A_CLASS_IN_COMMUNES = commune_by_commune(_OF_A_CLASS, "{communes}", "$4")
_NAMED_BY = """
SELECT household_id FROM decision_row
WHERE household_id = ANY($1::uuid[]) AND decision_id = $2 AND standard = $3
"""
_ROWS_OF = """
SELECT household_id FROM decision_row WHERE decision_id = $1 ORDER BY household_id
"""
_ONCE_SUPERSEDED = """
SELECT DISTINCT household_id FROM decision_row
WHERE household_id = ANY($1::uuid[]) AND supersedes = $2
"""
_LATEST = """
SELECT max(recorded_at) FROM (
  SELECT recorded_at FROM decision_row WHERE household_id = ANY($1::uuid[])
  UNION ALL SELECT recorded_at FROM household_act WHERE household_id = ANY($1::uuid[])
) AS known
"""


@dataclass(frozen=True, slots=True)
class Document:
    """The part of a decision that stands on each of its rows."""

    decision_id: UUID
    commune: str
    kind: DecisionKind
    number: str
    authority: str
    standard: str
    signed_on: date
    effective_on: date
    supersedes: UUID | None


@dataclass(frozen=True, slots=True)
class NewRow:
    """A decision's row that is being written."""

    household_id: UUID
    commune: str
    status: StatusClass | None
    correlation_id: UUID


async def read_rows(
    tx: Transaction, household_ids: Sequence[UUID], known_at: datetime | None = None
) -> dict[UUID, list[Row]]:
    """All rows of the households, oldest knowledge first; every household has an entry."""
    rows: dict[UUID, list[Row]] = {household_id: [] for household_id in household_ids}
    for household_id, *values in await tx.fetch(_READ_ROWS, household_ids, known_at):
        rows[household_id].append(_row(values))
    return rows


def rows_of(values: Sequence[tuple[Any, ...]]) -> list[Row]:
    """The rows that `ROWS_OF_HOUSEHOLD` answers, oldest knowledge first."""
    return [_row(row) for row in values]


def _row(values: Iterable[Any]) -> Row:
    decision_id, kind, number, authority, standard, status, *days, supersedes, recorded_at = values
    signed_on, effective_on = days
    return Row(
        decision_id=decision_id,
        kind=DecisionKind(kind),
        number=number,
        authority=authority,
        standard=standard,
        status=None if status is None else StatusClass(status),
        signed_on=signed_on,
        effective_on=effective_on,
        supersedes=supersedes,
        recorded_at=recorded_at,
    )


async def insert_rows(tx: Transaction, document: Document, rows: Sequence[NewRow]) -> None:
    """Write what a decision says of a set of households."""
    await tx.execute(
        _INSERT_ROWS,
        document.decision_id,
        document.kind,
        document.number,
        document.authority,
        document.standard,
        document.signed_on,
        document.effective_on,
        document.supersedes,
        tx.recorded_at,
        [row.household_id for row in rows],
        [row.commune for row in rows],
        [row.status for row in rows],
        [row.correlation_id for row in rows],
    )


async def named_by(
    tx: Transaction, household_ids: Sequence[UUID], decision_id: UUID, standard: str
) -> set[UUID]:
    """Those of the households of which a decision says something under the standard."""
    rows = await tx.fetch(_NAMED_BY, household_ids, decision_id, standard)
    return {row["household_id"] for row in rows}


async def households_of(tx: Transaction, decision_id: UUID) -> list[UUID]:
    """The households that a decision names, in id order."""
    return [row["household_id"] for row in await tx.fetch(_ROWS_OF, decision_id)]


async def fallen_households(
    tx: Transaction, household_ids: Sequence[UUID], decision_id: UUID
) -> set[UUID]:
    """Those of the households for which the decision's row no longer stands."""
    once = await tx.fetch(_ONCE_SUPERSEDED, household_ids, decision_id)
    rows = await read_rows(tx, [row["household_id"] for row in once])
    return {
        household_id
        for household_id, history in rows.items()
        if all(row.decision_id != decision_id for row in standing_rows(history))
    }


async def latest_knowledge(tx: Transaction, household_ids: Sequence[UUID]) -> datetime | None:
    """When the newest row of any of these households, or act on one, was recorded."""
    return cast(datetime | None, await tx.fetchval(_LATEST, household_ids))


async def replace_periods(
    tx: Transaction,
    standard: str,
    communes: dict[UUID, str],
    wanted: dict[UUID, tuple[Period, ...]],
) -> None:
    """Make the live periods of the households under one standard the wanted ones.

    Only periods that differ are superseded and written; what stays true keeps its row.
    """
    known: dict[UUID, dict[date, Period]] = {household_id: {} for household_id in wanted}
    for row in await tx.fetch(_LIVE_PERIODS, list(wanted), standard):
        known[row["household_id"]][row["from_day"]] = _period(standard, row)
    gone: list[tuple[UUID, date]] = []
    new: list[tuple[UUID, str, date, date | None, str, UUID]] = []
    for household_id, periods in wanted.items():
        before = known[household_id]
        for period in periods:
            if before.get(period.from_day) == period:
                del before[period.from_day]
                continue
            new.append(
                (
                    household_id,
                    communes[household_id],
                    period.from_day,
                    period.until,
                    period.status,
                    period.decision_id,
                )
            )
        gone.extend((household_id, from_day) for from_day in before)
    if gone:
        await tx.execute(_SUPERSEDE_PERIODS, tx.recorded_at, standard, *zip(*gone, strict=True))
    if new:
        await tx.execute(_INSERT_PERIODS, tx.recorded_at, standard, *zip(*new, strict=True))


async def read_statuses(
    tx: Transaction,
    household_ids: Sequence[UUID],
    standard: str,
    day: date,
    known_at: datetime | None = None,
) -> dict[UUID, Period]:
    """The period that holds on a day, as known at an instant (None: now), per household."""
    rows = await tx.fetch(_STATUS_AS_OF, household_ids, standard, day, known_at)
    return {row["household_id"]: _period(standard, row) for row in rows}


async def list_households_by_status(
    tx: Transaction,
    status: StatusClass,
    day: date,
    *,
    commune: str | None,
    standard: str | None,
    after: UUID | None,
    limit: int,
    among: Sequence[UUID] | None = None,
) -> list[UUID]:
    """Ids in order of the households with a class on a day, from the first one after `after`; of
    these alone where `among` names some; else, without a commune, of all in sight.
    """
    asked = Conditions([status, day, after or BEFORE_ALL, limit])
    if standard is not None:
        asked.add("standard = {0}", standard)
    if among is not None:
        asked.add("household_id = ANY({0}::uuid[])", among)
        communes = None
    else:
        communes = await communes_in_sight(tx) if commune is None else [commune]
    if communes is None:
        statement = _OF_A_CLASS.format(asked=asked, away=_AWAY)
    else:
        asked.add("commune = place.code")
        named = asked.place(communes)
        statement = _OF_A_CLASS_IN_COMMUNES.format(communes=named, asked=asked, away=_AWAY)
    return [row["household_id"] for row in await tx.fetch(statement, *asked.values)]


def _period(standard: str, row: Any) -> Period:
    return Period(
        standard=standard,
        status=StatusClass(row["status"]),
        from_day=row["from_day"],
        until=row["until"],
        decision_id=row["decision_id"],
    )

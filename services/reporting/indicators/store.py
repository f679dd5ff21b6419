"""Stocks and flows of communes: set queries over household facts.

An area comes as its records: commune codes, each with the days on which it meant the unit in
question. `known_before` bounds what was recorded; None asks for what is known
now and reads each household's deciding row by index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from libs.common.database import Transaction
from services.reporting.areas.store import Records
from services.reporting.indicators.domain import FlowTable, Movement

_KNOWN_NOW = "(fact.known_until IS NULL AND $1::timestamptz IS NULL)"
_KNOWN_BEFORE = (
    "(fact.recorded_at < $1::timestamptz"
    " AND (fact.known_until IS NULL OR fact.known_until >= $1::timestamptz))"
)
_IN_AREA = """fact.commune = record.code
   AND (record.from_day IS NULL OR fact.lives_from >= record.from_day)
   AND (record.until IS NULL OR fact.lives_from < record.until)"""
_CLASS_ON = "coalesce(classes[width_bucket({day}, class_days)], '')"

# Persons are counted for the classes that reports show, not for everybody.
_STOCKS = """
WITH standing AS (
  SELECT record.unit, {class_on} AS class, escaped @> $6::date AS in_window,
         member_from, member_until
  FROM unnest($2::text[], $3::date[], $4::date[], $7::integer[])
    AS record (code, from_day, until, unit)
  JOIN household_fact AS fact ON {in_area}
  WHERE standard = $5 AND resident @> $6::date AND {known}
), grouped AS (
  SELECT unit, member_from, member_until,
         CASE WHEN class IN ('poor', 'near_poor') THEN class END AS class,
         class = 'average_living' AS is_average,
         in_window AND class NOT IN ('poor', 'near_poor') AS is_newly_escaped
  FROM standing
), counted AS (
  SELECT grouped.*, present.persons
  FROM grouped CROSS JOIN LATERAL (
    SELECT count(*) AS persons FROM unnest(member_from, member_until) AS member (joined, left_on)
    WHERE joined <= $6::date AND (left_on IS NULL OR left_on > $6::date)
  ) AS present
  WHERE class IS NOT NULL OR is_average OR is_newly_escaped
)
SELECT unit,
       count(*) FILTER (WHERE class = 'poor') AS poor_households,
       coalesce(sum(persons) FILTER (WHERE class = 'poor'), 0)::bigint AS poor_persons,
       count(*) FILTER (WHERE class = 'near_poor') AS near_poor_households,
       coalesce(sum(persons) FILTER (WHERE class = 'near_poor'), 0)::bigint AS near_poor_persons,
       count(*) FILTER (WHERE is_average) AS average_living_households,
       coalesce(sum(persons) FILTER (WHERE is_average), 0)::bigint AS average_living_persons,
       count(*) FILTER (WHERE is_newly_escaped) AS newly_escaped_households,
       coalesce(sum(persons) FILTER (WHERE is_newly_escaped), 0)::bigint AS newly_escaped_persons
FROM counted GROUP BY unit
"""
# The rows of one household (one per residence) repeat its classes and members, so that grouping by
# them needs no join. `came_on` is when a household that was elsewhere at the start came; one that
# was away comes when it is back. (Stocks need not ask: nobody has a class while away.)
_FLOWS = """
WITH record AS (
  SELECT * FROM unnest($2::text[], $3::date[], $4::date[], $5::boolean[], $6::boolean[])
    AS record (code, from_day, until, at_start, at_end)
), here AS (
  SELECT class_days, classes, member_from, member_until, away,
         bool_or(at_start AND resident @> $8::date) AND NOT away @> $8::date AS is_here_at_start,
         bool_or(at_end AND resident @> $9::date) AND NOT away @> $9::date AS is_here_at_end,
         greatest($8::date, min(lower(resident)) FILTER (
           WHERE at_end AND NOT isempty(resident)
             AND (upper_inf(resident) OR upper(resident) > $8::date)
         )) AS seen_on
  FROM record JOIN household_fact AS fact ON {in_area}
  WHERE standard = $7 AND {known} AND classes && '{{poor,near_poor}}'
  GROUP BY household_id, class_days, classes, member_from, member_until, away
), course AS (
  SELECT CASE WHEN is_here_at_start THEN {class_on_start} END AS start,
         CASE WHEN is_here_at_end THEN {class_on_end} END AS finish,
         CASE WHEN NOT is_here_at_start THEN {class_on_coming} END AS entry,
         classes[1:width_bucket($9::date, class_days) - 1] AS before,
         member_from, member_until
  FROM here CROSS JOIN LATERAL (
    SELECT coalesce((SELECT upper(gap) FROM unnest(away) AS gap WHERE gap @> seen_on), seen_on)
      AS came_on
  ) AS coming
), touched AS (
  SELECT start, finish, before, target,
         CASE
           WHEN start = target AND finish IS NULL THEN 4
           WHEN start = target AND finish = target THEN 0
           WHEN start = target AND finish = other THEN 2
           WHEN start = target THEN 3
           WHEN start IS NULL AND entry IN (target, other) THEN 8
           WHEN start = other THEN 5
           WHEN target = ANY(before) THEN 6
           ELSE 7
         END AS movement,
         persons.*
  FROM course
  JOIN (VALUES ('poor', 'near_poor'), ('near_poor', 'poor')) AS class (target, other)
    ON start = target OR finish = target
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE at_start) AS persons_start,
           count(*) FILTER (WHERE at_end) AS persons_end,
           count(*) FILTER (WHERE at_start AND at_end) AS persons_both
    FROM (
      SELECT joined <= $8::date AND (left_on IS NULL OR left_on > $8::date) AS at_start,
             joined <= $9::date AND (left_on IS NULL OR left_on > $9::date) AS at_end
      FROM unnest(member_from, member_until) AS member (joined, left_on)
    ) AS presence
  ) AS persons
)
SELECT target, movement, count(*) AS households,
       count(*) FILTER (WHERE start = target) AS start_households,
       count(*) FILTER (WHERE finish = target) AS end_households,
       coalesce(sum(persons_start) FILTER (WHERE start = target), 0)::bigint AS start_persons,
       coalesce(sum(persons_end) FILTER (WHERE finish = target), 0)::bigint AS end_persons,
       sum(CASE WHEN start IS NULL THEN persons_end WHEN finish IS NULL THEN persons_start
           ELSE persons_both END)::bigint AS persons,
       coalesce(sum(persons_start - persons_both)
         FILTER (WHERE start = target AND finish IS NOT NULL), 0)::bigint AS left_persons,
       coalesce(sum(persons_end - persons_both)
         FILTER (WHERE finish = target AND start IS NOT NULL), 0)::bigint AS joined_persons
FROM touched GROUP BY target, movement
"""


def _variants(sql: str) -> tuple[str, str]:
    class_on, class_on_start, class_on_end, class_on_coming = (
        _CLASS_ON.format(day=day) for day in ("$6::date", "$8::date", "$9::date", "came_on")
    )
    now, before = (
        sql.format(
            known=known,
            in_area=_IN_AREA,
            class_on=class_on,
            class_on_start=class_on_start,
            class_on_end=class_on_end,
            class_on_coming=class_on_coming,
        )
        for known in (_KNOWN_NOW, _KNOWN_BEFORE)
    )
    return now, before


_STOCKS_NOW, _STOCKS_BEFORE = _variants(_STOCKS)
_FLOWS_NOW, _FLOWS_BEFORE = _variants(_FLOWS)


@dataclass(frozen=True)
class Stock:
    """Households and their members by class, in one commune or summed over several."""

    poor_households: int = 0
    poor_persons: int = 0
    near_poor_households: int = 0
    near_poor_persons: int = 0
    average_living_households: int = 0
    average_living_persons: int = 0
    newly_escaped_households: int = 0
    newly_escaped_persons: int = 0


async def count_stocks(
    tx: Transaction,
    areas: Sequence[Sequence[Records]],
    standard: str,
    day: date,
    known_before: datetime | None,
) -> list[Stock]:
    """The stock of each area on a day, in one query; the areas' records do not overlap."""
    sql = _STOCKS_NOW if known_before is None else _STOCKS_BEFORE
    held = [(record, place) for place, records in enumerate(areas) for record in records]
    rows = await tx.fetch(
        sql,
        known_before,
        [record.code for record, _ in held],
        [record.from_day for record, _ in held],
        [record.until for record, _ in held],
        standard,
        day,
        [place for _, place in held],
    )
    stocks = [Stock()] * len(areas)
    for row in rows:
        stocks[row["unit"]] = Stock(*row[1:])
    return stocks


async def count_flows(
    tx: Transaction,
    area: tuple[Sequence[Records], Sequence[Records]],
    standard: str,
    days: tuple[date, date],
    known_before: datetime | None,
) -> dict[str, FlowTable]:
    """The flow tables of poor and near-poor between two days.

    Args:
        tx: in the caller's scope.
        area: its records on the first and on the last day; they differ where units changed, and
            what came or went with the territory is an other increase or decrease.
        standard: the poverty standard.
        days: first and last day; the table's start and end are the stocks on these days.
        known_before: bounds what was recorded; None: what is known now.
    """
    sql = _FLOWS_NOW if known_before is None else _FLOWS_BEFORE
    tables = {"poor": FlowTable(), "near_poor": FlowTable()}
    first, last = (frozenset(records) for records in area)
    records = sorted(first | last, key=lambda record: record.code)
    rows = await tx.fetch(
        sql,
        known_before,
        [record.code for record in records],
        [record.from_day for record in records],
        [record.until for record in records],
        [record in first for record in records],
        [record in last for record in records],
        standard,
        *days,
    )
    for row in rows:
        table, kind = tables[row["target"]], Movement(row["movement"])
        table.households.start += row["start_households"]
        table.households.end += row["end_households"]
        table.households.add(kind, row["households"])
        table.persons.start += row["start_persons"]
        table.persons.end += row["end_persons"]
        table.persons.add(kind, row["persons"])
        table.persons.add(Movement.OTHER_DECREASE, row["left_persons"])
        table.persons.add(Movement.OTHER_INCREASE, row["joined_persons"])
    return tables

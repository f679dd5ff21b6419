"""Every SQL statement on the households that a reorganisation concerns. Sets alone.

A household goes a route while the residence that it has now was recorded under the route's code, on
a day of the route's unit, or late: on a later day, while nobody knew yet that the unit had ended.
Once it has moved it does no longer: whoever asks again finds the rest, and whom an undone answer
has put back. One that is closed goes nowhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from libs.common.database import Transaction
from services.registry.reorganisations.store import Route

# `commune` follows the present residence, so that its index finds who lives under a code.
_ON = """
household AS h JOIN household_fact AS f
  ON f.household_id = h.household_id AND upper_inf(f.recorded) AND upper_inf(f.effective)
"""
# Whom the act found recorded after its day, under a code of before, was said anew over the same
# days, at one instant; `OFFSET 0` keeps the planner on the index of the household.
_SAID_ANEW = """
EXISTS (SELECT FROM (
    SELECT residence, effective, recorded FROM household_fact
    WHERE household_id = h.household_id OFFSET 0
  ) AS {name}
  WHERE lower({name}.effective) = lower({of}.effective) AND {which})
"""
_FIRST = _SAID_ANEW.format(
    name="was", of="f", which="was.residence = {code} AND lower(was.recorded) < {recorded_before}"
)
_PUT_BACK = _SAID_ANEW.format(
    name="away",
    of="f",
    which="away.residence <> {code} AND upper(away.recorded) = lower(f.recorded)",
)
_GOES = f"""
f.residence = {{code}} AND greatest(h.registered_on, lower(f.effective)) >= {{valid_from}}
  AND (greatest(h.registered_on, lower(f.effective)) < {{valid_until}}
       OR lower(f.recorded) < {{recorded_before}} OR ({_PUT_BACK} AND {_FIRST}))
"""


def _goes(code: str, valid_from: str, valid_until: str, recorded_before: str) -> str:
    return _GOES.format(
        code=code, valid_from=valid_from, valid_until=valid_until, recorded_before=recorded_before
    )


_WALKS = _goes("$1", "$2::date", "$3::date", "$4::timestamptz")
NEXT = f"""
SELECT h.household_id FROM {_ON}
WHERE h.commune = $1 AND h.closed_on IS NULL AND {_WALKS}
  AND ($5::text[] IS NULL OR f.village = ANY($5))
  AND ($6::uuid IS NULL OR h.household_id > $6)
ORDER BY h.household_id LIMIT $7
"""
_VILLAGES = f"""
SELECT DISTINCT f.village FROM {_ON}
WHERE h.commune = $1 AND h.closed_on IS NULL AND {_WALKS} AND f.village IS NOT NULL
"""
_FACT = """
CROSS JOIN LATERAL (
  SELECT residence, village, effective, recorded FROM household_fact
  WHERE household_id = h.household_id AND upper_inf(recorded) AND upper_inf(effective) OFFSET 0
) AS f
"""
# `OFFSET 0` keeps the planner on the indexes: it cannot guess how many rows a range lets through.
_FROM_ROUTES = f"""
FROM unnest($1::text[], $2::date[], $3::date[], $4::timestamptz[])
  AS route(code, valid_from, valid_until, recorded_before)
CROSS JOIN LATERAL (
  SELECT household_id, registered_on FROM household
  WHERE commune = route.code AND closed_on IS NULL OFFSET 0
) AS h
{_FACT}
"""
_GOING = _goes("route.code", "route.valid_from", "route.valid_until", "route.recorded_before")
_LATE_MOVED = _SAID_ANEW.format(
    name="moved",
    of="was",
    which="moved.residence = {to} AND lower(moved.recorded) = upper(was.recorded)",
)
_STILL = f"""
SELECT h.household_id, f.residence
FROM unnest($5::uuid[]) AS wanted(household_id)
CROSS JOIN LATERAL (
  SELECT household_id, registered_on FROM household
  WHERE household_id = wanted.household_id AND closed_on IS NULL OFFSET 0
) AS h
{_FACT}
WHERE EXISTS (
  SELECT FROM unnest($1::text[], $2::date[], $3::date[], $4::timestamptz[])
    AS route(code, valid_from, valid_until, recorded_before)
  WHERE {_GOING})
"""
# One recorded late lives there over the days that were said before; another, from the day on. Who
# has moved within the commune since, lives where somebody has stated since.
_STILL_MOVED = f"""
SELECT h.household_id, was.since
FROM unnest($1::uuid[]) AS wanted(household_id)
CROSS JOIN LATERAL (
  SELECT household_id FROM household
  WHERE household_id = wanted.household_id AND closed_on IS NULL OFFSET 0
) AS h
{_FACT}
CROSS JOIN LATERAL (
  SELECT lower(was.effective) AS since FROM (
    SELECT residence, effective, recorded FROM household_fact
    WHERE household_id = h.household_id OFFSET 0
  ) AS was
  WHERE was.residence = $2
    AND ((upper_inf(was.recorded) AND upper(was.effective) = $4::date
          AND lower(f.effective) = $4::date)
      OR ($2 <> $3 AND upper_inf(was.effective) AND lower(was.effective) = lower(f.effective)
          AND {_LATE_MOVED.format(to="$3")}))
  ORDER BY upper_inf(was.effective) DESC LIMIT 1
) AS was
WHERE f.residence = $3
ORDER BY h.household_id
"""
# Not in WHERE: it would fit a partial index, of which the planner reads all for each household.
_OPEN_MEMBERS = """
(SELECT count(*) FILTER (WHERE upper_inf(m.recorded) AND m.left_on IS NULL)
 FROM member AS m WHERE m.household_id = h.household_id)
"""
COUNT = f"""
SELECT route.code, route.valid_from, f.village, count(*) AS households,
       sum({_OPEN_MEMBERS})::bigint AS persons
{_FROM_ROUTES}
WHERE {_GOING}
GROUP BY route.code, route.valid_from, f.village
ORDER BY route.code, route.valid_from, f.village
"""
_OPEN = f"""
SELECT route.code AS commune, coalesce(f.village, '') AS village, count(*) AS households,
       sum({_OPEN_MEMBERS})::bigint AS persons
{_FROM_ROUTES}
WHERE {_GOING} AND ($5::text IS NULL OR (route.code, coalesce(f.village, '')) > ($5, $6))
GROUP BY 1, 2 ORDER BY 1, 2 LIMIT $7
"""
_OPEN_HOUSEHOLDS = f"""
SELECT h.household_id, route.code AS commune, f.village
{_FROM_ROUTES}
WHERE {_GOING} AND ($5::text IS NULL OR coalesce(f.village, '') = $5)
  AND ($6::uuid IS NULL OR h.household_id > $6)
ORDER BY h.household_id LIMIT $7
"""
_MOVED_ON = """
EXISTS (SELECT FROM (
    SELECT residence, effective, recorded FROM household_fact
    WHERE household_id = h.household_id OFFSET 0
  ) AS moved
  WHERE moved.residence = route.to_code AND upper_inf(moved.recorded)
    AND lower(moved.effective) = $8::date)
"""
# Whom the act moved lived there until its day, and from it on in the new commune; wherever in it
# they have moved since. The planner is kept on the indexes, as above.
_RECLASSIFIED = f"""
SELECT h.household_id, h.commune AS commune, route.code AS former_commune,
       route.kind AS former_kind, route.to_kind AS kind
FROM unnest($1::text[], $2::date[], $3::date[], $4::text[], $5::text[], $6::text[],
            $7::timestamptz[])
  AS route(code, valid_from, valid_until, kind, to_code, to_kind, recorded_before)
CROSS JOIN LATERAL (
  SELECT household_id, registered_on, commune FROM household
  WHERE commune = route.to_code AND ($9::uuid IS NULL OR household_id > $9) OFFSET 0
) AS h
WHERE EXISTS (
  SELECT FROM (
    SELECT residence, effective, recorded FROM household_fact
    WHERE household_id = h.household_id OFFSET 0
  ) AS was
  WHERE was.residence = route.code
    AND greatest(h.registered_on, lower(was.effective)) >= route.valid_from
    AND ((upper_inf(was.recorded) AND upper(was.effective) = $8::date
          AND greatest(h.registered_on, lower(was.effective)) < route.valid_until
          AND {_MOVED_ON})
      OR (upper_inf(was.effective)
          AND greatest(h.registered_on, lower(was.effective)) >= route.valid_until
          AND lower(was.recorded) < route.recorded_before
          AND {_LATE_MOVED.format(to="route.to_code")})))
ORDER BY h.household_id LIMIT $10
"""


@dataclass(frozen=True, slots=True)
class Count:
    """Households and persons recorded under a code, since a day, in a village (None: none)."""

    code: str
    valid_from: date
    village: str | None
    households: int
    persons: int


async def next_households(
    tx: Transaction,
    route: Route,
    villages: Sequence[str] | None,
    after: UUID | None,
    limit: int,
) -> list[UUID]:
    """Who goes the route, by id; of these villages only where any are given."""
    found = await tx.fetch(NEXT, *_source(route), villages, after, limit)
    return [row["household_id"] for row in found]


async def still_going(
    tx: Transaction, routes: Iterable[Route], household_ids: Sequence[UUID]
) -> dict[UUID, str]:
    """Those of the households, by now locked, that go one of the routes; with their code."""
    rows = await tx.fetch(_STILL, *_sources(routes), household_ids)
    return {row["household_id"]: row["residence"] for row in rows}


async def still_moved(
    tx: Transaction, household_ids: Sequence[UUID], code: str, to_code: str, day: date
) -> dict[UUID, date]:
    """Those of the households, by now locked, that live since where they were moved to; by id, each
    with the day since when it had lived under the code. One that moved since, be it within the
    commune, or is closed, is none of them.
    """
    rows = await tx.fetch(_STILL_MOVED, household_ids, code, to_code, day)
    return {row["household_id"]: row["since"] for row in rows}


async def villages_of(tx: Transaction, route: Route) -> list[str]:
    """The villages, as written, of those who go the route."""
    rows = await tx.fetch(_VILLAGES, *_source(route))
    return [row["village"] for row in rows]


async def count_by_village(tx: Transaction, routes: Iterable[Route]) -> list[Count]:
    """How many go the routes, by code, unit and village."""
    return [Count(**row) for row in await tx.fetch(COUNT, *_sources(routes))]


async def list_open(
    tx: Transaction, routes: Iterable[Route], after: tuple[str, str] | None, limit: int
) -> list[Record]:
    """Who must still be asked about, by commune and village (empty: none recorded)."""
    return await tx.fetch(_OPEN, *_sources(routes), *(after or (None, None)), limit)


async def list_open_households(
    tx: Transaction,
    routes: Iterable[Route],
    village: str | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """The households among them; `village` None: of any, empty: of none recorded."""
    return await tx.fetch(_OPEN_HOUSEHOLDS, *_sources(routes), village, after, limit)


async def list_reclassified(
    tx: Transaction, routes: Sequence[Route], day: date, after: UUID | None, limit: int
) -> list[Record]:
    """Households that these routes have led to a commune of another kind on the day."""
    columns = [
        [route.code for route in routes],
        [route.valid_from for route in routes],
        [route.valid_until for route in routes],
        [route.kind for route in routes],
        [route.to_code for route in routes],
        [route.to_kind for route in routes],
        [route.recorded_before for route in routes],
    ]
    return await tx.fetch(_RECLASSIFIED, *columns, day, after, limit)


def _source(route: Route) -> tuple[str, date, date, datetime | None]:
    return route.code, route.valid_from, route.valid_until, route.recorded_before


def _sources(routes: Iterable[Route]) -> list[list[Any]]:
    """Each code and unit once, however many ways lead from it, column by column."""
    sources = list(dict.fromkeys(map(_source, routes)))
    return [[one[place] for one in sources] for place in range(4)]

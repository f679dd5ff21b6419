"""Keep household facts. Every statement gives the same rows whatever the order of arrival."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from libs.common.database import Transaction
from services.reporting.facts.domain import Residence, Said

# Arrays of different lengths cannot be unnested, so they travel as literals and are cast here.
_INSERT = """
INSERT INTO household_fact
  (household_id, version, standard, place, commune, resident, lives_from, first_day, closed_on,
   recorded_at, class_days, classes, escaped, member_from, member_until, away)
SELECT household_id, version, standard, 0, commune,
       daterange(first_day, CASE WHEN closed_on < first_day THEN first_day ELSE closed_on END),
       lives_from, first_day, closed_on,
       recorded_at, class_days::date[], classes::text[], escaped::datemultirange,
       member_from::date[], member_until::date[], away::datemultirange
FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::date[], $7::date[],
            $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
            $14::text[])
  AS new (household_id, version, standard, commune, lives_from, first_day, closed_on,
          recorded_at, class_days, classes, escaped, member_from, member_until, away)
ON CONFLICT DO NOTHING
"""
# The cursor's row lock, taken by the consumer before, keeps two writers of a household apart.
_SUPERSEDE = """
UPDATE household_fact AS fact SET known_until = next.recorded_at
FROM (
  SELECT DISTINCT household_id, version,
         min(recorded_at) OVER (
           PARTITION BY household_id ORDER BY version DESC
           GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
         ) AS recorded_at
  FROM household_fact WHERE household_id = ANY($1::uuid[])
) AS next
WHERE fact.household_id = next.household_id AND fact.version = next.version
  AND fact.known_until IS DISTINCT FROM next.recorded_at
"""
_READ_MOVED = """
WITH moved AS (
  SELECT household_id FROM household_fact
  WHERE household_id = ANY($1::uuid[]) AND place = 0
  GROUP BY household_id HAVING min(commune) <> max(commune) OR min(lives_from) <> max(lives_from)
)
SELECT DISTINCT household_id, version, commune, lives_from, first_day, closed_on
FROM household_fact JOIN moved USING (household_id)
WHERE place = 0
"""
_FORGET_EARLIER = "DELETE FROM household_fact WHERE household_id = ANY($1::uuid[]) AND place > 0"
_SET_PRESENT = """
UPDATE household_fact AS fact
SET resident = daterange(from_day, CASE WHEN until < from_day THEN from_day ELSE until END)
FROM unnest($1::uuid[], $2::bigint[], $3::date[], $4::date[]) AS new (household_id, version,
                                                                      from_day, until)
WHERE fact.household_id = new.household_id AND fact.version = new.version AND fact.place = 0
"""
_INSERT_EARLIER = """
INSERT INTO household_fact
SELECT fact.household_id, fact.version, fact.standard, new.place, new.commune,
       daterange(from_day, CASE WHEN until < from_day THEN from_day ELSE until END),
       new.lives_from, fact.first_day, fact.closed_on, fact.recorded_at, fact.known_until,
       fact.class_days, fact.classes, fact.escaped, fact.member_from, fact.member_until,
       fact.away
FROM unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::text[], $5::date[], $6::date[],
            $7::date[])
  AS new (household_id, version, place, commune, lives_from, from_day, until)
JOIN household_fact AS fact
  ON fact.household_id = new.household_id AND fact.version = new.version AND fact.place = 0
"""


@dataclass(frozen=True, slots=True)
class FactRow:
    """One version of a household under one standard; arrays and ranges as PostgreSQL literals."""

    household_id: UUID
    version: int
    standard: str
    commune: str
    lives_from: date
    first_day: date
    closed_on: date | None
    recorded_at: datetime
    class_days: str
    classes: str
    escaped: str
    member_from: str
    member_until: str
    away: str

    def values(self) -> tuple[object, ...]:
        return (
            self.household_id,
            self.version,
            self.standard,
            self.commune,
            self.lives_from,
            self.first_day,
            self.closed_on,
            self.recorded_at,
            self.class_days,
            self.classes,
            self.escaped,
            self.member_from,
            self.member_until,
            self.away,
        )


async def insert_facts(tx: Transaction, rows: Sequence[FactRow]) -> None:
    """Keep rows once, and set from when to when each version decides what was known."""
    if not rows:
        return
    await tx.execute(_INSERT, *zip(*(row.values() for row in rows), strict=True))
    await tx.execute(_SUPERSEDE, list({row.household_id for row in rows}))


async def find_moved(tx: Transaction, households: Sequence[UUID]) -> dict[UUID, list[Said]]:
    """Those of the households that have several residences, with all that was said of it."""
    moved: dict[UUID, list[Said]] = {}
    for row in await tx.fetch(_READ_MOVED, households):
        moved.setdefault(row["household_id"], []).append(Said(*row[1:]))
    return moved


async def replace_residences(
    tx: Transaction, places: dict[UUID, dict[int, list[Residence]]]
) -> None:
    """Set where moved households lived, by version; replaces what was derived before."""
    await tx.execute(_FORGET_EARLIER, list(places))
    present, earlier = [], []
    for household_id, versions in places.items():
        for version, lived in versions.items():
            present.append((household_id, version, lived[-1].from_day, lived[-1].until))
            earlier += [
                (
                    household_id,
                    version,
                    number,
                    place.commune,
                    place.lives_from,
                    place.from_day,
                    place.until,
                )
                for number, place in enumerate(lived[:-1], start=1)
            ]
    await tx.execute(_SET_PRESENT, *zip(*present, strict=True))
    if earlier:
        await tx.execute(_INSERT_EARLIER, *zip(*earlier, strict=True))

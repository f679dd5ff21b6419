"""Every SQL statement on who is filed under which keys, and who may therefore be the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from libs.common.database import Transaction
from services.registry.duplicates.keys import MOST_BEARERS

Pair = tuple[UUID, UUID]

# One searcher at a time: of two who file and look at once, neither would see the other's records.
_BEGIN = "SELECT after FROM duplicate_sweep FOR UPDATE SKIP LOCKED"
_SWEEP = """
SELECT DISTINCT person_id FROM person_name
WHERE person_id > $1 AND upper_inf(recorded) AND upper_inf(effective) ORDER BY person_id LIMIT $2
"""
_SWEPT = "UPDATE duplicate_sweep SET after = $1"
_UNFILE = """
DELETE FROM duplicate_key AS held WHERE person_id = ANY($1::uuid[]) AND NOT EXISTS (
  SELECT FROM unnest($2::uuid[], $3::bigint[]) AS new(person_id, key)
  WHERE new.person_id = held.person_id AND new.key = held.key)
"""
_FILE = """
INSERT INTO duplicate_key (person_id, key) SELECT * FROM unnest($1::uuid[], $2::bigint[])
ON CONFLICT DO NOTHING
"""
_FORGET = "DELETE FROM duplicate_key WHERE person_id = ANY($1::uuid[])"
# A range of the key for each, and no more of it than is worth a look.
_SAME_KEY = """
SELECT sought.person_id AS one, found.person_id AS other
FROM unnest($1::uuid[], $2::bigint[]) AS sought(person_id, key)
CROSS JOIN LATERAL (
  SELECT held.person_id FROM duplicate_key AS held
  WHERE held.key = sought.key AND held.person_id <> sought.person_id
  ORDER BY held.person_id LIMIT $3
) AS found
"""
_COUNT = """
SELECT asked.key, (SELECT count(*) FROM (
  SELECT FROM duplicate_key AS held WHERE held.key = asked.key LIMIT $2) AS few) AS bearers
FROM unnest($1::bigint[]) AS asked(key)
"""
# In one commune also by part of the words: who was born on that day, or about then and nearly so.
# A commune has some thousands of persons, so this costs the same however many there are in all.
_SAME_PLACE = """
SELECT near.one, near.other FROM (
  SELECT mine.person_id AS one, mark.person_id AS other, count(*) AS words,
         cardinality(mine.tokens) AS of_words
  FROM person_name AS mine CROSS JOIN LATERAL unnest(mine.tokens) AS word(token)
  JOIN name_token AS mark ON mark.token = word.token AND mark.commune = mine.commune
    AND mark.birth_year BETWEEN mine.birth_year - 1 AND mine.birth_year + 1
    AND mark.person_id <> mine.person_id
  WHERE mine.person_id = ANY($1::uuid[])
    AND upper_inf(mine.recorded) AND upper_inf(mine.effective)
  GROUP BY 1, 2, 4
) AS near
JOIN member AS me ON me.person_id = near.one
JOIN member AS you ON you.person_id = near.other
WHERE upper_inf(me.recorded) AND me.left_on IS NULL
  AND upper_inf(you.recorded) AND you.left_on IS NULL
  AND (me.birth_date = you.birth_date OR 3 * near.words >= 2 * near.of_words)
"""


@dataclass(frozen=True, slots=True)
class Sweep:
    """How far those were compared who were recorded before there were keys; None: all were."""

    after: UUID | None


def ordered(one: UUID, other: UUID) -> Pair:
    """The pair in its one writing."""
    return (one, other) if one < other else (other, one)


async def begin(tx: Transaction) -> Sweep | None:
    """Search, alone until the transaction ends; None: somebody else does."""
    row = await tx.fetchrow(_BEGIN)
    return None if row is None else Sweep(row["after"])


async def sweep_next(tx: Transaction, after: UUID, most: int) -> list[UUID]:
    """The next of those who were recorded before there were keys; they are swept if the transaction
    stands.
    """
    people = [row["person_id"] for row in await tx.fetch(_SWEEP, after, most)]
    await tx.execute(_SWEPT, people[-1] if len(people) == most else None)
    return people


async def file(tx: Transaction, person_ids: Sequence[UUID], keys: Mapping[UUID, list[int]]) -> None:
    """File these persons under their keys and no others; who has none is not found by any."""
    people, held = _flat(keys)
    await tx.execute(_UNFILE, person_ids, people, held)
    await tx.execute(_FILE, people, held)


async def forget(tx: Transaction, person_ids: Sequence[UUID]) -> None:
    """Nobody finds these persons by a key any more: the end of retention."""
    await tx.execute(_FORGET, person_ids)


async def count_bearers(tx: Transaction, keys: Sequence[int]) -> dict[int, int]:
    """How many are filed under each of the keys; not counted further than matters."""
    rows = await tx.fetch(_COUNT, keys, MOST_BEARERS)
    return {row["key"]: row["bearers"] for row in rows}


async def candidates(
    tx: Transaction, person_ids: Sequence[UUID], sought: Mapping[UUID, list[int]]
) -> set[Pair]:
    """Pairs of one of these persons and somebody who may be the same.

    Args:
        sought: of each, the keys under which whoever may be the same is filed.
    """
    rows = await tx.fetch(_SAME_KEY, *_flat(sought), MOST_BEARERS)
    rows += await tx.fetch(_SAME_PLACE, person_ids)
    return {ordered(row["one"], row["other"]) for row in rows}


def _flat(keys: Mapping[UUID, list[int]]) -> tuple[list[UUID], list[int]]:
    return (
        [person_id for person_id, some in keys.items() for _ in some],
        [key for some in keys.values() for key in some],
    )

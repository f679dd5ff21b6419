"""Every SQL statement on records of persons that look alike."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.vocabulary import Relation, Sex
from services.registry.duplicates.domain import Clue, Likeness, PairState, Profile, Step
from services.registry.vault.domain import Identity

Pair = tuple[UUID, UUID]

_TAKE = """
DELETE FROM duplicate_check WHERE check_id IN (
  SELECT check_id FROM duplicate_check ORDER BY check_id LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING person_id, hash, claimed_by, evidence
"""
_BEARERS = """
SELECT hash, person_id FROM identifier
WHERE hash = ANY($1::bytea[]) AND upper_inf(recorded) AND upper_inf(effective)
"""
# The same words, and a birth that may be the same one.
_SAME_WORDS = """
SELECT mine.person_id AS one, name.person_id AS other
FROM person_name AS mine
JOIN person_name AS name ON name.tokens = mine.tokens AND name.person_id <> mine.person_id
  AND name.birth_year BETWEEN mine.birth_year - 1 AND mine.birth_year + 1
JOIN member AS me ON me.person_id = mine.person_id
JOIN member AS you ON you.person_id = name.person_id
WHERE mine.person_id = ANY($1::uuid[])
  AND upper_inf(mine.recorded) AND upper_inf(mine.effective)
  AND upper_inf(name.recorded) AND upper_inf(name.effective)
  AND upper_inf(me.recorded) AND me.left_on IS NULL
  AND upper_inf(you.recorded) AND you.left_on IS NULL
  AND (me.birth_date = you.birth_date OR me.commune = you.commune
       OR me.birth_date IS NULL OR you.birth_date IS NULL
       OR extract(month FROM me.birth_date) = extract(day FROM you.birth_date)
          AND extract(day FROM me.birth_date) = extract(month FROM you.birth_date))
"""
# In one commune also by part of the words: who was born on that day, or about then and nearly so.
# OFFSET: members are looked up one by one; how many there are is guessed so badly that the planner
# would rather read all there are.
_SAME_PLACE = """
SELECT near.one, near.other FROM (
  SELECT mine.person_id AS one, mark.person_id AS other, count(*) AS words,
         cardinality(mine.tokens) AS of_words, me.birth_date
  FROM person_name AS mine
  CROSS JOIN LATERAL (
    SELECT birth_date FROM member
    WHERE person_id = mine.person_id AND upper_inf(recorded) AND left_on IS NULL OFFSET 0
  ) AS me
  CROSS JOIN LATERAL unnest(mine.tokens) AS word(token)
  JOIN name_token AS mark ON mark.token = word.token AND mark.commune = mine.commune
    AND mark.birth_year BETWEEN mine.birth_year - 1 AND mine.birth_year + 1
    AND mark.person_id <> mine.person_id
  WHERE mine.person_id = ANY($1::uuid[])
    AND upper_inf(mine.recorded) AND upper_inf(mine.effective)
  GROUP BY 1, 2, 4, 5
) AS near
CROSS JOIN LATERAL (
  SELECT birth_date FROM member
  WHERE person_id = near.other AND upper_inf(recorded) AND left_on IS NULL OFFSET 0
) AS you
WHERE near.birth_date = you.birth_date OR 3 * near.words >= 2 * near.of_words
"""
_KNOWN = """
SELECT pair_id, one, other, state, by_number, claimed_by, evidence FROM duplicate_pair
WHERE one = ANY($1::uuid[]) OR other = ANY($1::uuid[])
"""
_PROFILES = """
SELECT person_id, household_id, commune, birth_date, birth_year, sex, ethnicity FROM member
WHERE person_id = ANY($1::uuid[]) AND upper_inf(recorded) AND left_on IS NULL
"""
_SIDES = """
SELECT person_id, household_id, commune, birth_date, birth_year, sex, ethnicity, relation, joined_on
FROM member WHERE person_id = ANY($1::uuid[]) AND upper_inf(recorded) AND left_on IS NULL
ORDER BY person_id
"""
_KEEP = """
INSERT INTO duplicate_pair (pair_id, found_at, compared_at, one, other, one_household,
                            other_household, score, clues, by_number, claimed_by, evidence, state)
SELECT pair_id, $1, $1, one, other, one_household, other_household, score,
       string_to_array(clues, ' '), by_number, claimed_by, evidence, state
FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::smallint[], $8::text[],
            $9::boolean[], $10::text[], $11::text[], $12::text[])
  AS new(pair_id, one, other, one_household, other_household, score, clues, by_number, claimed_by,
         evidence, state)
ORDER BY one, other
ON CONFLICT (one, other) DO UPDATE SET
  one_household = EXCLUDED.one_household, other_household = EXCLUDED.other_household,
  score = EXCLUDED.score, clues = EXCLUDED.clues, by_number = EXCLUDED.by_number,
  claimed_by = EXCLUDED.claimed_by, evidence = EXCLUDED.evidence, state = EXCLUDED.state,
  compared_at = EXCLUDED.compared_at
WHERE duplicate_pair.state IN ('open', 'void')
"""
# Of whom one record is no member any more.
_VOID = (
    "UPDATE duplicate_pair SET state = 'void' WHERE pair_id = ANY($1::uuid[]) AND state = 'open'"
)
_COLUMNS = """
pair_id, one, other, one_household, other_household, score, clues, claimed_by, evidence, state,
found_at, compared_at
"""
_FIND = f"SELECT {_COLUMNS} FROM duplicate_pair WHERE pair_id = $1"
_LIST = f"""
SELECT {_COLUMNS} FROM duplicate_pair
WHERE state = $1 AND ($2::uuid IS NULL OR pair_id > $2) ORDER BY pair_id LIMIT $3
"""
_LOCK = f"{_FIND} FOR UPDATE"
_SETTLE = "UPDATE duplicate_pair SET state = $2 WHERE pair_id = $1"
_INSERT_STEP = """
INSERT INTO duplicate_step (pair_id, place, step, kept, relations, act_id, laid_down_at,
                            handed_over_at, reason, recorded_by, recorded_at)
SELECT $1, count(*), $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM duplicate_step WHERE pair_id = $1
"""
_STEPS = """
SELECT step, kept, relations, act_id, laid_down_at, handed_over_at, reason, recorded_by, recorded_at
FROM duplicate_step WHERE pair_id = $1 ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class KeptPair:
    """Two records that look alike, as last compared."""

    pair_id: UUID
    one: UUID
    other: UUID
    one_household: UUID
    other_household: UUID
    score: int
    clues: tuple[Clue, ...]
    claimed_by: str | None
    evidence: str | None
    state: PairState
    found_at: datetime
    compared_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """That somebody brought a number for a person which another one bears, and on which papers."""

    by: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A person to be compared, perhaps with whoever bears a claimed number."""

    person_id: UUID
    number: bytes | None
    claim: Claim | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of a pair, for comparing it again."""

    pair_id: UUID
    state: PairState
    claim: Claim | None


@dataclass(frozen=True, slots=True)
class Compared:
    """A pair as it was just compared."""

    one: Profile
    other: Profile
    likeness: Likeness
    claim: Claim | None
    state: PairState


@dataclass(frozen=True, slots=True)
class StepRow:
    """What was proposed, confirmed or undone; see the table."""

    step: Step
    reason: str
    recorded_by: str
    recorded_at: datetime
    kept: UUID | None = None
    relations: Mapping[UUID, Relation] = field(default_factory=dict)
    act_id: UUID | None = None
    laid_down_at: datetime | None = None
    handed_over_at: datetime | None = None


def ordered(one: UUID, other: UUID) -> Pair:
    """The pair in its one writing."""
    return (one, other) if one < other else (other, one)


async def take_marks(tx: Transaction, most: int) -> list[Mark]:
    """The next persons to be compared; they are marked no longer if the transaction stands."""
    return [Mark(row["person_id"], row["hash"], _claim(row)) for row in await tx.fetch(_TAKE, most)]


async def candidates(tx: Transaction, person_ids: Sequence[UUID]) -> set[Pair]:
    """Pairs of one of these persons and somebody who may be the same."""
    found: set[Pair] = set()
    for statement in (_SAME_WORDS, _SAME_PLACE):
        found |= {
            ordered(row["one"], row["other"]) for row in await tx.fetch(statement, person_ids)
        }
    return found


async def pairs_by_number(tx: Transaction, marks: Sequence[Mark]) -> dict[Pair, Claim]:
    """Pairs of a person and whoever bears the number that was claimed for it."""
    claimed = [(mark.person_id, mark.number, mark.claim) for mark in marks if mark.number]
    if not claimed:
        return {}
    rows = await tx.fetch(_BEARERS, [number for _, number, _ in claimed])
    bearers = {row["hash"]: row["person_id"] for row in rows}
    return {
        ordered(person_id, bearers[number]): claim
        for person_id, number, claim in claimed
        if claim is not None and bearers.get(number, person_id) != person_id
    }


async def known_pairs(tx: Transaction, person_ids: Sequence[UUID]) -> dict[Pair, Known]:
    """The pairs of these persons that were found before."""
    return {
        (row["one"], row["other"]): Known(row["pair_id"], PairState(row["state"]), _claim(row))
        for row in await tx.fetch(_KNOWN, person_ids)
    }


async def void(tx: Transaction, pair_ids: Sequence[UUID]) -> None:
    """Nothing is to be decided any more: one of the two records is no member."""
    if pair_ids:
        await tx.execute(_VOID, pair_ids)


async def profiles(
    tx: Transaction, person_ids: Collection[UUID], identities: Mapping[UUID, Identity]
) -> dict[UUID, Profile]:
    """What is compared, of those of the persons who are members at present and have a name."""
    return {
        row["person_id"]: Profile(
            person_id=row["person_id"],
            household_id=row["household_id"],
            commune=row["commune"],
            name=identity.name,
            birth_date=row["birth_date"],
            birth_year=row["birth_year"],
            sex=Sex(row["sex"]),
            ethnicity=row["ethnicity"],
            numbers=identity.numbers,
        )
        for row in await tx.fetch(_PROFILES, list(person_ids))
        if (identity := identities.get(row["person_id"])) is not None and identity.name is not None
    }


async def keep(tx: Transaction, compared: Sequence[Compared]) -> None:
    """Keep what was found; what people have decided stays as it is."""
    rows = [
        (
            new_id(),
            pair.one.person_id,
            pair.other.person_id,
            pair.one.household_id,
            pair.other.household_id,
            pair.likeness.score,
            " ".join(pair.likeness.clues),
            pair.claim is not None,
            pair.claim.by if pair.claim else None,
            pair.claim.evidence if pair.claim else None,
            pair.state,
        )
        for pair in compared
    ]
    if rows:
        await tx.execute(_KEEP, tx.recorded_at, *zip(*rows, strict=True))


async def read_sides(tx: Transaction, person_ids: Sequence[UUID]) -> list[Record]:
    """What is known of the persons as members at present, of those who may be seen."""
    return await tx.fetch(_SIDES, person_ids)


async def find_pair(tx: Transaction, pair_id: UUID, *, lock: bool = False) -> KeptPair | None:
    """The pair, if one of its households may be seen; locked against another decision."""
    row = await tx.fetchrow(_LOCK if lock else _FIND, pair_id)
    return None if row is None else _kept(row)


async def list_pairs_after(
    tx: Transaction, state: PairState, after: UUID | None, limit: int
) -> list[KeptPair]:
    """Pairs of a state, the longest known first."""
    return [_kept(row) for row in await tx.fetch(_LIST, state, after, limit)]


async def take_step(tx: Transaction, pair_id: UUID, row: StepRow, state: PairState) -> None:
    """Note what was proposed, confirmed or undone, and where the locked pair stands by it."""
    await tx.execute(_SETTLE, pair_id, state)
    await tx.execute(
        _INSERT_STEP,
        pair_id,
        row.step,
        row.kept,
        {str(one): str(relation) for one, relation in row.relations.items()},
        row.act_id,
        row.laid_down_at,
        row.handed_over_at,
        row.reason,
        row.recorded_by,
        row.recorded_at,
    )


async def read_steps(tx: Transaction, pair_id: UUID) -> list[StepRow]:
    """What was done with a pair, in order."""
    return [_step(row) for row in await tx.fetch(_STEPS, pair_id)]


def _step(row: Record) -> StepRow:
    relations = row["relations"]
    values = dict(row) | {
        "step": Step(row["step"]),
        "relations": {UUID(one): Relation(relation) for one, relation in relations.items()},
    }
    return StepRow(**values)


def _claim(row: Record) -> Claim | None:
    if row["claimed_by"] is None:
        return None
    return Claim(row["claimed_by"], row["evidence"])


def _kept(row: Record) -> KeptPair:
    values = dict(row)
    return KeptPair(
        **values
        | {
            "clues": tuple(Clue(clue) for clue in values["clues"]),
            "state": PairState(values["state"]),
        }
    )

"""Keep what followed and count it. Statements give the same rows whatever the order of arrival."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from libs.common.database import Transaction

_INSERT_EFFECTS = """
INSERT INTO effect_fact
  (stream, household_id, version, commune, recorded_at, codes, from_days, until_days)
SELECT stream, household_id, version, commune, recorded_at, codes::text[], from_days::date[],
       until_days::date[]
FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::timestamptz[], $6::text[],
            $7::text[], $8::text[])
  AS new (stream, household_id, version, commune, recorded_at, codes, from_days, until_days)
ON CONFLICT DO NOTHING
"""
# The cursor's row lock, taken by the consumer before, keeps two writers of a subject apart.
_SUPERSEDE_EFFECTS = """
UPDATE effect_fact AS fact SET known_until = next.recorded_at
FROM (
  SELECT stream, household_id, version,
         min(recorded_at) OVER (
           PARTITION BY stream, household_id ORDER BY version DESC
           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
         ) AS recorded_at
  FROM effect_fact
  WHERE (stream, household_id) IN (SELECT * FROM unnest($1::text[], $2::uuid[]))
) AS next
WHERE fact.stream = next.stream AND fact.household_id = next.household_id
  AND fact.version = next.version AND fact.known_until IS DISTINCT FROM next.recorded_at
"""
_INSERT_REFERRALS = """
INSERT INTO referral_fact
  (referral_id, version, household_id, commune, programme, state, is_flagged, changed_on,
   recorded_at)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[],
                     $7::boolean[], $8::date[], $9::timestamptz[])
ON CONFLICT DO NOTHING
"""
_SUPERSEDE_REFERRALS = """
UPDATE referral_fact AS fact
SET known_until = next.recorded_at, replaced_on = next.changed_on
FROM (
  SELECT referral_id, version, min(recorded_at) OVER later AS recorded_at,
         min(changed_on) OVER later AS changed_on
  FROM referral_fact WHERE referral_id = ANY($1::uuid[])
  WINDOW later AS (
    PARTITION BY referral_id ORDER BY version DESC
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  )
) AS next
WHERE fact.referral_id = next.referral_id AND fact.version = next.version
  AND (fact.known_until IS DISTINCT FROM next.recorded_at
       OR fact.replaced_on IS DISTINCT FROM next.changed_on)
"""
_COUNT_EFFECTS = """
SELECT fact.stream, held.code, count(DISTINCT fact.household_id) AS households,
       count(*) AS subjects
FROM effect_fact AS fact
CROSS JOIN LATERAL unnest(fact.codes, fact.from_days, fact.until_days)
  AS held (code, from_day, until)
WHERE fact.commune = ANY($1::text[]) AND {known}
  AND held.from_day <= $2::date AND (held.until IS NULL OR held.until > $2::date)
GROUP BY fact.stream, held.code
ORDER BY fact.stream, held.code
"""
_COUNT_EFFECTS_NOW = _COUNT_EFFECTS.format(known="fact.known_until IS NULL")
_COUNT_EFFECTS_AT = _COUNT_EFFECTS.format(
    known="fact.recorded_at < $3 AND (fact.known_until IS NULL OR fact.known_until >= $3)"
)
_COUNT_REFERRALS = """
SELECT programme, state, count(*) AS referrals, count(DISTINCT household_id) AS households,
       count(*) FILTER (WHERE is_flagged) AS flagged
FROM referral_fact
WHERE commune = ANY($1::text[]) AND changed_on <= $2::date
  AND ($3::timestamptz IS NULL OR recorded_at < $3)
  AND (known_until IS NULL OR replaced_on > $2
       OR ($3::timestamptz IS NOT NULL AND known_until >= $3))
GROUP BY programme, state
ORDER BY programme, state
"""


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One version of a stream for a household; arrays as PostgreSQL literals."""

    stream: str
    household_id: UUID
    version: int
    commune: str
    recorded_at: datetime
    codes: str
    from_days: str
    until_days: str


@dataclass(frozen=True, slots=True)
class ReferralRow:
    referral_id: UUID
    version: int
    household_id: UUID
    commune: str
    programme: str
    state: str
    is_flagged: bool
    changed_on: date
    recorded_at: datetime


@dataclass(frozen=True)
class EffectCount:
    """How many households and subjects hold a right; a subject is a household or a person."""

    stream: str
    code: str
    households: int
    subjects: int


@dataclass(frozen=True)
class ReferralCount:
    programme: str
    state: str
    referrals: int
    households: int
    flagged: int


async def insert_effects(tx: Transaction, rows: Sequence[EffectRow]) -> None:
    """Keep rows once, and set from when to when each version decides what was known."""
    if not rows:
        return
    await tx.execute(
        _INSERT_EFFECTS,
        [row.stream for row in rows],
        [row.household_id for row in rows],
        [row.version for row in rows],
        [row.commune for row in rows],
        [row.recorded_at for row in rows],
        [row.codes for row in rows],
        [row.from_days for row in rows],
        [row.until_days for row in rows],
    )
    subjects = {(row.stream, row.household_id) for row in rows}
    await tx.execute(_SUPERSEDE_EFFECTS, *zip(*subjects, strict=True))


async def insert_referrals(tx: Transaction, rows: Sequence[ReferralRow]) -> None:
    """Keep rows once, and set when each version gives way."""
    if not rows:
        return
    await tx.execute(
        _INSERT_REFERRALS,
        [row.referral_id for row in rows],
        [row.version for row in rows],
        [row.household_id for row in rows],
        [row.commune for row in rows],
        [row.programme for row in rows],
        [row.state for row in rows],
        [row.is_flagged for row in rows],
        [row.changed_on for row in rows],
        [row.recorded_at for row in rows],
    )
    await tx.execute(_SUPERSEDE_REFERRALS, list({row.referral_id for row in rows}))


async def count_effects(
    tx: Transaction, communes: Sequence[str], day: date, known_before: datetime | None
) -> list[EffectCount]:
    """Rights held on a day in communes, as known before an instant (None: as known now)."""
    if known_before is None:
        rows = await tx.fetch(_COUNT_EFFECTS_NOW, communes, day)
    else:
        rows = await tx.fetch(_COUNT_EFFECTS_AT, communes, day, known_before)
    return [EffectCount(**row) for row in rows]


async def count_referrals(
    tx: Transaction, communes: Sequence[str], day: date, known_before: datetime | None
) -> list[ReferralCount]:
    """Referrals by programme and state on a day in communes, as known before an instant."""
    rows = await tx.fetch(_COUNT_REFERRALS, communes, day, known_before)
    return [ReferralCount(**row) for row in rows]

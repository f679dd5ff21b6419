"""Every SQL statement on a household's history. Each source is cut to a page by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.database import Transaction
from services.registry.changes.domain import spoken
from services.registry.timeline.domain import (
    DataRequestStep,
    DecisionVersion,
    MemberVersion,
    RequestStep,
    ResidenceVersion,
)
from services.registry.timeline.lifecycle import Recording

_RESIDENCES = """
SELECT lower(recorded) AS at, residence AS commune, is_farm_household, village,
       lower(effective) AS from_day, upper(effective) AS until
FROM household_fact WHERE household_id = $1
"""
_MEMBERS = """
SELECT lower(recorded) AS at, upper(recorded) AS ended_at, person_id, joined_on, left_on,
       birth_date, birth_year, sex, ethnicity, relation, disability, schooling, employment,
       has_pension, is_low_income_worker
FROM member WHERE household_id = $1
"""
_DECISIONS = """
SELECT recorded_at AS at, decision_id, number, kind, authority, standard, status, signed_on,
       effective_on, correlation_id
FROM decision_row WHERE household_id = $1
"""
_REQUESTS = """
SELECT step.recorded_at AS at, change_id, coalesce(request.asked_in, request.commune) AS commune,
       request.year, request.number, request.kind, step.state, step.by, request.effective_on,
       request.correlation_id
FROM change_household AS about
JOIN change_request AS request USING (change_id)
JOIN change_step AS step USING (change_id)
WHERE about.household_id = $1
"""
# Found by the members, in whose index they are.
_DATA_REQUESTS = """
SELECT step.recorded_at AS at, request_id, person_id, place, request.kind, step.step, step.on_day,
       step.recorded_by AS by
FROM (SELECT DISTINCT person_id FROM member WHERE household_id = $1) AS person
JOIN data_request AS request USING (person_id)
JOIN data_request_step AS step USING (request_id)
WHERE request.household_id = $1
"""
# What held before is written anew, until that day, beside the new value: one recording of the two.
_RECORDINGS = """
SELECT lower(recorded) AS at, person_id, kind, max(lower(effective)) AS from_day
FROM (SELECT DISTINCT person_id FROM member WHERE household_id = $1) AS person
JOIN LATERAL (
  SELECT recorded, effective, 'name' AS kind FROM person_name AS held
  WHERE held.person_id = person.person_id
  UNION ALL
  SELECT recorded, effective, 'address' FROM person_address AS held
  WHERE held.person_id = person.person_id
  UNION ALL
  SELECT recorded, effective, type FROM identifier AS held
  WHERE held.person_id = person.person_id
) AS held ON true
GROUP BY lower(recorded), person_id, kind
"""
_EVENTS = """
SELECT event_id, version, type, occurred_at, recorded_at, correlation_id FROM event_log
WHERE subject = $1 AND stream = 'household' AND ($2::timestamptz IS NULL OR recorded_at <= $2)
ORDER BY version DESC LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class Said:
    """An event about the household."""

    event_id: UUID
    version: int
    type: str
    occurred_at: datetime
    recorded_at: datetime
    correlation_id: UUID


async def read_residences(tx: Transaction, household_id: UUID) -> list[ResidenceVersion]:
    """Every residence that was ever held true."""
    return [ResidenceVersion(**dict(row)) for row in await tx.fetch(_RESIDENCES, household_id)]


async def read_members(tx: Transaction, household_id: UUID) -> list[MemberVersion]:
    """Every membership that was ever held true, with the person's facts at that time."""
    own = ("at", "ended_at", "person_id", "joined_on", "left_on")
    return [
        MemberVersion(
            **{name: row[name] for name in own},
            facts={name: value for name, value in row.items() if name not in own},
        )
        for row in await tx.fetch(_MEMBERS, household_id)
    ]


async def read_decisions(tx: Transaction, household_id: UUID) -> list[DecisionVersion]:
    """Every decision's row."""
    return [DecisionVersion(**dict(row)) for row in await tx.fetch(_DECISIONS, household_id)]


async def read_requests(tx: Transaction, household_id: UUID) -> list[RequestStep]:
    """Every step of the change requests about the household, of those in sight."""
    return [
        RequestStep(
            at=row["at"],
            change_id=row["change_id"],
            number=spoken(row["commune"], row["year"], row["number"]),
            kind=row["kind"],
            state=row["state"],
            by=row["by"],
            effective_on=row["effective_on"],
            correlation_id=row["correlation_id"],
        )
        for row in await tx.fetch(_REQUESTS, household_id)
    ]


async def read_data_requests(tx: Transaction, household_id: UUID) -> list[DataRequestStep]:
    """Every step of what its members asked about their own data."""
    return [DataRequestStep(**dict(row)) for row in await tx.fetch(_DATA_REQUESTS, household_id)]


async def read_recordings(tx: Transaction, household_id: UUID) -> list[Recording]:
    """What was ever recorded of who its members are, of those in sight; no value."""
    return [Recording(**dict(row)) for row in await tx.fetch(_RECORDINGS, household_id)]


async def events_before(
    tx: Transaction, household_id: UUID, until: datetime | None, limit: int
) -> Sequence[Said]:
    """The household's events recorded up to an instant, newest first. Whether the caller may see
    the household is to be known before: the ledger has no area."""
    return [Said(**dict(row)) for row in await tx.fetch(_EVENTS, household_id, until, limit)]

"""Every SQL statement on change requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from libs.common.database import Transaction
from libs.common.database.conditions import Conditions, communes_in_sight
from services.registry.changes.domain import OPEN, Kind, Request, State, spoken
from services.registry.changes.facts import Claim, Fact, FactChange

_NEXT_NUMBER = """
INSERT INTO change_number AS counter (commune, year, last) VALUES ($1, $2, 1)
ON CONFLICT (commune, year) DO UPDATE SET last = counter.last + 1
RETURNING last
"""
_INSERT = """
INSERT INTO change_request
  (change_id, commune, asked_in, to_commune, year, number, kind, state, effective_on, proposal,
   evidence, sealed, changes, persons, persons_row, reverses, correlation_id)
VALUES ($1, $2, $2, $3, $4, $5, $6, 'asked', $7, $8, $9, $10, $11, $12, $13, $14,
        $15)
"""
_INSERT_HOUSEHOLDS = """
INSERT INTO change_household (change_id, household_id, version_read)
SELECT $1, new.* FROM unnest($2::uuid[], $3::bigint[]) AS new
"""
# In one order for all, so that two requests with several facts in common never wait in a circle.
_CLAIM = """
INSERT INTO change_claim (change_id, subject, fact)
SELECT $1, new.* FROM unnest($2::uuid[], $3::text[]) AS new
ON CONFLICT (subject, fact) DO NOTHING
"""
_HOLDERS = """
SELECT DISTINCT coalesce(request.asked_in, request.commune) AS asked_in, request.year,
                request.number
FROM unnest($1::uuid[], $2::text[]) AS wanted(subject, fact)
JOIN change_claim AS claim USING (subject, fact)
JOIN change_request AS request USING (change_id)
WHERE claim.change_id <> $3
ORDER BY asked_in, year, number
"""
_RELEASE = "DELETE FROM change_claim WHERE change_id = $1"
_STEP = """
INSERT INTO change_step (change_id, state, by, reason, recorded_at) VALUES ($1, $2, $3, $4, $5)
"""
_SET_STATE = "UPDATE change_request SET state = $2 WHERE change_id = $1"
_RESEAL = "UPDATE change_request SET sealed = $2 WHERE change_id = $1"
_WRITTEN = """
INSERT INTO change_household (change_id, household_id, version_written)
SELECT $1, new.* FROM unnest($2::uuid[], $3::bigint[]) AS new
ON CONFLICT (change_id, household_id) DO UPDATE SET version_written = excluded.version_written
"""
_COLUMNS = """
SELECT change_id, commune, coalesce(asked_in, commune) AS asked_in, to_commune, year, number, kind,
       state, effective_on, proposal, evidence, sealed, changes, persons, persons_row, reverses,
       correlation_id
FROM change_request
"""
_READ = f"{_COLUMNS} WHERE change_id = ANY($1::uuid[]) ORDER BY change_id"
# The row is locked after the heads of its households: heads, then own rows, everywhere.
_LOCK = "SELECT FROM change_request WHERE change_id = $1 FOR NO KEY UPDATE"
# By each index, commune by commune, and no more than a page of each; asked for with OR, every
# request there is may be read in the order of ids.
_IN_COMMUNES = """{asked} AND change_id = ANY(ARRAY(
  SELECT one.change_id FROM unnest({communes}::text[]) AS place(code) CROSS JOIN LATERAL (
    (SELECT change_id FROM change_request WHERE commune = place.code AND {asked}
     ORDER BY change_id LIMIT {limit})
    UNION ALL
    (SELECT change_id FROM change_request WHERE to_commune = place.code AND {asked}
     ORDER BY change_id LIMIT {limit})
  ) AS one
  UNION ALL SELECT change_id FROM change_household WHERE household_id = ANY({also}::uuid[])))"""
# Written out, so that every plan knows the index of the open ones: the rest grows for ever.
_OPEN = "state IN ('asked', 'endorsed')"
_ABOUT = "change_id IN (SELECT change_id FROM change_household WHERE household_id = {0})"
_NUMBERED = """((asked_in, year, number) = ({0}, {1}::integer, {2}::integer)
  OR (asked_in IS NULL AND (commune, year, number) = ({0}, {1}::integer, {2}::integer)))"""
_LIST = _COLUMNS + " WHERE {asked} ORDER BY change_id LIMIT {limit}"
_STEPS = """
SELECT change_id, state, by, reason, recorded_at FROM change_step
WHERE change_id = ANY($1::uuid[]) ORDER BY recorded_at
"""
_HOUSEHOLDS = """
SELECT change_id, household_id, version_read, version_written FROM change_household
WHERE change_id = ANY($1::uuid[]) ORDER BY household_id
"""
_REVERSED_BY = """
SELECT reverses, coalesce(asked_in, commune) AS asked_in, year, number FROM change_request
WHERE reverses = ANY($1::uuid[]) AND state = 'applied'
"""


@dataclass(frozen=True, slots=True)
class Step:
    """Who brought a request into a state, when, and why where it was refused."""

    state: State
    by: str
    reason: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Touched:
    """A household of a request: the version it was written against, and the one that it made.

    `version_read` is None for a household that the request makes.
    """

    household_id: UUID
    version_read: int | None
    version_written: int | None


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as it is written: everything that never changes, and its first state."""

    change_id: UUID
    commune: str
    to_commune: str | None
    kind: Kind
    effective_on: date
    proposal: dict[str, Any]
    evidence: dict[str, Any]
    sealed: bytes
    changes: tuple[FactChange, ...]
    persons: int
    persons_row: str
    reverses: UUID | None
    correlation_id: UUID


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A request with everything that became of it."""

    ask: Ask
    number: str
    state: State
    steps: tuple[Step, ...]
    households: tuple[Touched, ...]
    reversed_by: str | None

    @property
    def persons_needed(self) -> int:
        """How many decide; two as soon as it has become a matter between two communes."""
        return max(self.ask.persons, 1 if self.ask.to_commune is None else 2)

    @property
    def request(self) -> Request:
        """What of it decides who may act on it."""
        endorsed = [step.by for step in self.steps if step.state is State.ENDORSED]
        return Request(
            commune=self.ask.commune,
            to_commune=self.ask.to_commune,
            persons=self.persons_needed,
            state=self.state,
            # Asked anew, by nobody, it is still theirs who asked first.
            asked_by=next(step.by for step in self.steps if step.state is State.ASKED),
            endorsed_by=endorsed[-1] if endorsed else None,
        )


async def insert(
    tx: Transaction, ask: Ask, year: int, by: str, versions: dict[UUID, int | None]
) -> str:
    """Write a request under the next number of its commune; answers the number as it is said."""
    number = await tx.fetchval(_NEXT_NUMBER, ask.commune, year)
    await tx.execute(
        _INSERT,
        ask.change_id,
        ask.commune,
        ask.to_commune,
        year,
        number,
        ask.kind,
        ask.effective_on,
        ask.proposal,
        ask.evidence,
        ask.sealed,
        [_said(change) for change in ask.changes],
        ask.persons,
        ask.persons_row,
        ask.reverses,
        ask.correlation_id,
    )
    ids = sorted(versions)
    await tx.execute(_INSERT_HOUSEHOLDS, ask.change_id, ids, [versions[one] for one in ids])
    await tx.execute(_STEP, ask.change_id, State.ASKED, by, None, tx.recorded_at)
    return spoken(ask.commune, year, number)


async def claim(tx: Transaction, change_id: UUID, claims: Sequence[Claim]) -> bool:
    """Whether all of these facts were free; they are the request's now."""
    subjects, facts = [one.subject for one in claims], [one.fact for one in claims]
    return await tx.execute(_CLAIM, change_id, subjects, facts) == len(claims)


async def holders(tx: Transaction, change_id: UUID, claims: Sequence[Claim]) -> list[str]:
    """The numbers of the other open requests that hold any of these facts, of those in sight."""
    subjects, facts = [one.subject for one in claims], [one.fact for one in claims]
    rows = await tx.fetch(_HOLDERS, subjects, facts, change_id)
    return [spoken(row["asked_in"], row["year"], row["number"]) for row in rows]


async def advance(
    tx: Transaction, change_id: UUID, state: State, by: str, reason: str | None = None
) -> None:
    """A request comes into another state; one that is decided claims nothing any more."""
    await tx.execute(_SET_STATE, change_id, state)
    await tx.execute(_STEP, change_id, state, by, reason, tx.recorded_at)
    if state not in OPEN:
        await tx.execute(_RELEASE, change_id)


async def reseal(tx: Transaction, change_id: UUID, sealed: bytes) -> None:
    """What is sealed with a request becomes another thing."""
    await tx.execute(_RESEAL, change_id, sealed)


async def keep_versions(tx: Transaction, change_id: UUID, versions: dict[UUID, int]) -> None:
    """Which versions of which households the request made."""
    ids = sorted(versions)
    await tx.execute(_WRITTEN, change_id, ids, [versions[one] for one in ids])


async def lock(tx: Transaction, change_id: UUID) -> None:
    """Nobody else decides on the request meanwhile; its households' heads are locked before."""
    await tx.execute(_LOCK, change_id)


async def read(tx: Transaction, change_ids: Sequence[UUID]) -> list[StoredChange]:
    """The visible ones of these requests, in id order."""
    return await _whole(tx, await tx.fetch(_READ, list(change_ids)))


async def list_after(
    tx: Transaction,
    *,
    communes: Sequence[str] | None,
    states: Sequence[State] | None,
    kind: Kind | None,
    household_id: UUID | None,
    number: tuple[str, int, int] | None,
    after: UUID | None,
    limit: int,
    also: Sequence[UUID] = (),
) -> list[StoredChange]:
    """Requests in the order in which they were asked, from the first one after `after`.

    Args:
        communes: under whose code they were asked, or which have to agree; None: all in sight.
        also: besides those of the communes, those on these households.
    """
    asked = Conditions()
    if communes is None and household_id is None and number is None:
        communes = await communes_in_sight(tx)
    if states is not None:
        asked.add("state = ANY({0}::text[])", states)
        if OPEN.issuperset(states):
            asked.add(_OPEN)
    if kind is not None:
        asked.add("kind = {0}", kind)
    if household_id is not None:
        asked.add(_ABOUT, household_id)
    if number is not None:
        asked.add(_NUMBERED, *number)
    if after is not None:
        asked.add("change_id > {0}", after)
    most, which = asked.place(limit), str(asked)
    if communes is not None:
        codes, homes = asked.place(list(communes)), asked.place(list(also))
        which = _IN_COMMUNES.format(asked=which, communes=codes, also=homes, limit=most)
    statement = _LIST.format(limit=most, asked=which)
    return await _whole(tx, await tx.fetch(statement, *asked.values))


async def _whole(tx: Transaction, rows: Sequence[Record]) -> list[StoredChange]:
    ids = [row["change_id"] for row in rows]
    steps: dict[UUID, list[Step]] = {one: [] for one in ids}
    households: dict[UUID, list[Touched]] = {one: [] for one in ids}
    for row in await tx.fetch(_STEPS, ids):
        step = Step(State(row["state"]), row["by"], row["reason"], row["recorded_at"])
        steps[row["change_id"]].append(step)
    for row in await tx.fetch(_HOUSEHOLDS, ids):
        touched = Touched(row["household_id"], row["version_read"], row["version_written"])
        households[row["change_id"]].append(touched)
    reversals = {
        row["reverses"]: spoken(row["asked_in"], row["year"], row["number"])
        for row in await tx.fetch(_REVERSED_BY, ids)
    }
    return [
        StoredChange(
            ask=_ask(row),
            number=spoken(row["asked_in"], row["year"], row["number"]),
            state=State(row["state"]),
            steps=tuple(steps[row["change_id"]]),
            households=tuple(households[row["change_id"]]),
            reversed_by=reversals.get(row["change_id"]),
        )
        for row in rows
    ]


def _ask(row: Record) -> Ask:
    return Ask(
        change_id=row["change_id"],
        commune=row["commune"],
        to_commune=row["to_commune"],
        kind=Kind(row["kind"]),
        effective_on=row["effective_on"],
        proposal=row["proposal"],
        evidence=row["evidence"],
        sealed=row["sealed"],
        changes=tuple(_change(change) for change in row["changes"]),
        persons=row["persons"],
        persons_row=row["persons_row"],
        reverses=row["reverses"],
        correlation_id=row["correlation_id"],
    )


def _said(change: FactChange) -> dict[str, Any]:
    return {
        "household_id": str(change.household_id),
        "person_id": None if change.person_id is None else str(change.person_id),
        "fact": str(change.fact),
        "before": change.before,
        "after": change.after,
    }


def _change(said: dict[str, Any]) -> FactChange:
    return FactChange(
        household_id=UUID(said["household_id"]),
        person_id=None if said["person_id"] is None else UUID(said["person_id"]),
        fact=Fact(said["fact"]),
        before=said["before"],
        after=said["after"],
    )

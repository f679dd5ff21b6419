"""Every statement on the insurer's answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import from_json

from libs.common.database import Transaction
from libs.common.security.rls import every_programme
from libs.common.vocabulary import CardReason, CardState
from services.eligibility.cards.domain import Answer, Basis, Line
from services.eligibility.cards.tables import CardAnswerRow
from services.eligibility.history import NOBODY

_ROLL = "insurance"  # the stream of what is answered
_COLUMNS = (
    "household_id, person_id, group_code, from_day, until, number, roll_version, state, reason, "
    "reference, benefit_level, valid_from, valid_until, answered_on"
)
_VISIBLE = "SELECT household_id FROM household_facts WHERE household_id = ANY ($1::uuid[])"
_HOMES = """
SELECT household_id, commune, facts FROM household_facts WHERE household_id = ANY ($1::uuid[])
"""
# Each line through the keys of the roll and of the ledger. A line counts with the end that it had
# in any version: the roll keeps them all.
_BASES = """
SELECT log.event_id, log.recorded_at, log.correlation_id, log.traceparent,
  EXISTS (SELECT FROM roll_period AS roll
          WHERE roll.household_id = asked.household_id AND roll.person_id = asked.person_id
            AND roll.from_day = asked.from_day AND roll.group_code = asked.group_code
            AND roll.until IS NOT DISTINCT FROM asked.until) AS was_on_roll
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::date[], $6::bigint[])
  WITH ORDINALITY
  AS asked(household_id, person_id, group_code, from_day, until, roll_version, place)
LEFT JOIN household_facts AS home ON home.household_id = asked.household_id
LEFT JOIN event_log AS log
  ON log.subject = home.household_id AND log.stream = $7 AND log.version = asked.roll_version
ORDER BY place
"""
# Household by household through the key, whatever the statistics say (see `history.py`).
_KEPT = f"""
SELECT kept.*
FROM unnest($1::uuid[]) AS asked(household) CROSS JOIN LATERAL (
  SELECT {_COLUMNS} FROM card_answer WHERE household_id = asked.household OFFSET 0) AS kept
"""
_SUPERSEDE = """
UPDATE card_answer AS kept SET superseded_at = $1
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::date[], $6::bigint[])
  AS gone(household_id, person_id, group_code, from_day, number)
WHERE kept.household_id = gone.household_id AND kept.person_id = gone.person_id
  AND kept.group_code = gone.group_code AND kept.from_day = gone.from_day
  AND kept.number = gone.number
"""
_MOVE = """
UPDATE card_answer AS kept SET commune = moved.commune
FROM unnest($1::uuid[], $2::text[]) AS moved(household_id, commune)
WHERE kept.household_id = moved.household_id AND kept.commune <> moved.commune
"""
# A card, or its refusal, holds while the line is on the roll as it was answered. A withdrawal
# holds until the roll has the line anew.
_IS_CURRENT = """
CASE WHEN card.state = 'withdrawn'
  THEN roll.recorded_at IS NULL OR roll.recorded_at <= card.told_at
  ELSE roll.recorded_at IS NOT NULL AND roll.until IS NOT DISTINCT FROM card.until
END
"""
_SHOWN = f"""
SELECT card.commune, {", ".join(f"card.{name}" for name in _COLUMNS.split(", "))},
  card.recorded_at, card.superseded_at, {_IS_CURRENT} AS is_current
FROM card_answer AS card LEFT JOIN LATERAL (
  SELECT recorded_at, until FROM roll_period AS period
  WHERE period.household_id = card.household_id AND period.person_id = card.person_id
    AND period.from_day = card.from_day AND period.group_code = card.group_code
    AND period.superseded_at IS NULL OFFSET 0) AS roll ON true
"""
# $1 communes (NULL: all), $2-$6 after, $7 standing (NULL: either), $8 limit. The two forms walk an
# index of their own each: who works through refusals does not read past every issued card.
_LIST = f"""
{_SHOWN}
WHERE card.superseded_at IS NULL AND ($1::text[] IS NULL OR card.commune = ANY ($1))
  AND (card.commune, card.person_id, card.household_id, card.group_code, card.from_day)
    > ($2, $3::uuid, $4::uuid, $5, $6::date)
  AND ($7::boolean IS NULL OR $7 = ({_IS_CURRENT})) %s
ORDER BY card.commune, card.person_id, card.household_id, card.group_code, card.from_day LIMIT $8
"""
LIST = _LIST % ""
LIST_ISSUED = _LIST % "AND card.state = $9"
LIST_NOT_ISSUED = _LIST % "AND card.state <> 'issued' AND card.state = $9"
_OF_HOUSEHOLD = f"""
{_SHOWN}
WHERE card.household_id = $1
ORDER BY card.person_id, card.from_day, card.group_code, card.number
"""
# Live lines of the roll to which the newest answer is not one, or none is.
_AWAITED = f"""
SELECT live.person_id, live.group_code, live.from_day, live.until
FROM roll_period AS live
WHERE live.household_id = $1 AND live.superseded_at IS NULL AND NOT EXISTS (
  SELECT FROM ({_SHOWN} WHERE card.household_id = $1 AND card.superseded_at IS NULL) AS answered
  WHERE answered.person_id = live.person_id AND answered.group_code = live.group_code
    AND answered.from_day = live.from_day AND answered.is_current)
ORDER BY live.person_id, live.from_day
"""
_ROLL_VERSION = "SELECT version FROM stream_head WHERE stream = $1 AND subject = $2"


@dataclass(frozen=True, slots=True)
class Told:
    """The saying of a version of the roll: what an answer to it follows from."""

    event_id: UUID
    recorded_at: datetime
    correlation_id: UUID
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Home:
    """Where a household lives: its commune, and its area as the registry says it."""

    commune: str
    area: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as a list shows it; `is_current` is false where the roll has moved on since."""

    commune: str
    answer: Answer
    recorded_at: datetime
    superseded_at: datetime | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before; the default stands before every row."""

    commune: str = ""
    person_id: UUID = NOBODY
    household_id: UUID = NOBODY
    group: str = ""
    from_day: date = date.min


@dataclass(frozen=True, slots=True)
class Awaited:
    """A line of the roll that waits for the insurer."""

    person_id: UUID
    group: str
    from_day: date
    until: date | None


async def read_visible(tx: Transaction, households: Iterable[UUID]) -> list[UUID]:
    """Those among the households that are known and lie in the caller's areas."""
    return [row["household_id"] for row in await tx.fetch(_VISIBLE, list(set(households)))]


async def read_homes(tx: Transaction, households: Iterable[UUID]) -> dict[UUID, Home]:
    return {
        row["household_id"]: Home(row["commune"], from_json(row["facts"])["area"])
        for row in await tx.fetch(_HOMES, list(households))
    }


async def read_bases(
    tx: Transaction, answers: Sequence[Answer]
) -> tuple[list[Basis], list[Told | None]]:
    """What the roll knows of each answer, and the event that it answers, where it was said."""
    asked = [(*one.line, one.until, one.roll_version) for one in answers]
    rows = await tx.fetch(_BASES, *zip(*asked, strict=True), _ROLL)
    told = [
        None
        if row["event_id"] is None
        else Told(row["event_id"], row["recorded_at"], row["correlation_id"], row["traceparent"])
        for row in rows
    ]
    bases = [
        Basis(was_said=row["event_id"] is not None, was_on_roll=row["was_on_roll"]) for row in rows
    ]
    return bases, told


async def read_kept(tx: Transaction, households: Sequence[UUID]) -> dict[Line, dict[int, Answer]]:
    """Every answer to the lines of these households, by line and number, whoever asks: of what
    is kept the whole is said.
    """
    kept: dict[Line, dict[int, Answer]] = {}
    async with every_programme(tx):
        rows = await tx.fetch(_KEPT, households)
    for row in rows:
        answer = _answer(row)
        kept.setdefault(answer.line, {})[answer.number] = answer
    return kept


async def insert_answers(
    tx: Transaction,
    answers: Sequence[tuple[Answer, Told, str, bool]],
    superseded: Sequence[Answer],
    recorded_by: str,
) -> None:
    """Keep new answers: each with the roll it answers, its commune, and whether it counts; those
    that counted before do so no longer."""
    if superseded:
        gone = [(*answer.line, answer.number) for answer in superseded]
        await tx.execute(_SUPERSEDE, tx.recorded_at, *zip(*gone, strict=True))
    own = tuple(_COLUMNS.split(", "))
    kept = ("commune", "told_at", "superseded_at", "recorded_by", "recorded_at")
    rows = [
        (
            *_values(answer),
            commune,
            told.recorded_at,
            None if counts else tx.recorded_at,
            recorded_by,
            tx.recorded_at,
        )
        for answer, told, commune, counts in answers
    ]
    await tx.insert(CardAnswerRow, own + kept, rows)


async def move(tx: Transaction, communes: Mapping[UUID, str]) -> None:
    """Answers go with their household to another commune."""
    await tx.execute(_MOVE, list(communes), list(communes.values()))


async def list_after(
    tx: Transaction,
    communes: Sequence[str] | None,
    state: CardState | None,
    is_current: bool | None,
    after: After,
    limit: int,
) -> list[Shown]:
    """The newest answers, one per line, in the order of commune and person."""
    place = (after.commune, after.person_id, after.household_id, after.group, after.from_day)
    if state is None:
        rows = await tx.fetch(LIST, communes, *place, is_current, limit)
    else:
        statement = LIST_ISSUED if state is CardState.ISSUED else LIST_NOT_ISSUED
        rows = await tx.fetch(statement, communes, *place, is_current, limit, state)
    return [_shown(row) for row in rows]


async def list_of_household(tx: Transaction, household: UUID) -> list[Shown]:
    """Every answer to a household's lines, line by line, oldest number first."""
    return [_shown(row) for row in await tx.fetch(_OF_HOUSEHOLD, household)]


async def list_awaited(tx: Transaction, household: UUID) -> list[Awaited]:
    return [Awaited(*row) for row in await tx.fetch(_AWAITED, household)]


async def read_roll_version(tx: Transaction, household: UUID) -> int:
    """The newest version of the household's roll; 0: none was said."""
    return int(await tx.fetchval(_ROLL_VERSION, _ROLL, household) or 0)


def _values(answer: Answer) -> tuple[Any, ...]:
    return (
        *answer.line,
        answer.until,
        answer.number,
        answer.roll_version,
        answer.state,
        answer.reason,
        answer.reference,
        answer.benefit_level,
        answer.valid_from,
        answer.valid_until,
        answer.answered_on,
    )


def _answer(row: asyncpg.Record) -> Answer:
    return Answer(
        line=Line(row["household_id"], row["person_id"], row["group_code"], row["from_day"]),
        until=row["until"],
        number=row["number"],
        roll_version=row["roll_version"],
        state=CardState(row["state"]),
        answered_on=row["answered_on"],
        reason=row["reason"] and CardReason(row["reason"]),
        reference=row["reference"],
        benefit_level=row["benefit_level"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
    )


def _shown(row: asyncpg.Record) -> Shown:
    return Shown(
        row["commune"],
        _answer(row),
        row["recorded_at"],
        row["superseded_at"],
        row["is_current"],
    )

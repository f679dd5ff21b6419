"""Every SQL statement on answers. Lock: the reorganisation's row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from asyncpg import Record

from libs.common.database import Transaction

_READ = """
SELECT answer.answer_id, answer.commune, answer.village, answer.to_commune, answer.communes,
       answer.households, last.place, last.state, last.by, last.households AS moved,
       last.recorded_at
FROM reorganisation_answer AS answer
CROSS JOIN LATERAL (
  SELECT place, state, by, households, recorded_at FROM reorganisation_answer_step AS step
  WHERE step.answer_id = answer.answer_id ORDER BY place DESC LIMIT 1
) AS last
WHERE answer.reorganisation_id = $1
"""
_FIND = f"{_READ} AND answer.answer_id = $2"
_LIST = f"""
{_READ} AND ($2::uuid IS NULL OR answer.answer_id < $2)
ORDER BY answer.answer_id DESC LIMIT $3
"""
_INSERT = """
INSERT INTO reorganisation_answer
  (answer_id, reorganisation_id, commune, village, to_commune, communes, households)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_STEP = """
INSERT INTO reorganisation_answer_step (answer_id, place, state, by, households, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""


class AnswerState(StrEnum):
    """How far an answer is."""

    ASKED = "asked"  # chờ xác nhận
    APPLIED = "applied"  # đã chuyển
    REFUSED = "refused"  # đã từ chối
    UNDO_ASKED = "undo_asked"  # chờ xác nhận hủy
    UNDONE = "undone"  # đã hủy


@dataclass(frozen=True, slots=True)
class New:
    """An answer as somebody gives it; see `Answer`."""

    answer_id: UUID
    commune: str
    village: str | None
    to_commune: str
    communes: tuple[str, ...]
    households: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Answer(New):
    """An answer and how far it is.

    Attributes:
        commune: the divided one; `communes` are it and its successors.
        households: of which it was given.
        place: of its last step, by whom and when it was taken.
        moved: whom it has moved, or put back.
    """

    place: int
    state: AnswerState
    by: str
    moved: Sequence[UUID]
    recorded_at: datetime

    @property
    def others(self) -> list[str]:
        """One of these has to agree: the successors that do not get the households."""
        asked = {self.commune, self.to_commune}
        return [code for code in self.communes if code not in asked] or [self.to_commune]


async def find(tx: Transaction, reorganisation_id: UUID, answer_id: UUID) -> Answer | None:
    """None where it does not exist or is of none of the caller's communes."""
    row = await tx.fetchrow(_FIND, reorganisation_id, answer_id)
    return None if row is None else _answer(row)


async def list_after(
    tx: Transaction, reorganisation_id: UUID, after: UUID | None, limit: int
) -> list[Answer]:
    """The newest first, from the first one older than `after`."""
    return [_answer(row) for row in await tx.fetch(_LIST, reorganisation_id, after, limit)]


async def insert(tx: Transaction, reorganisation_id: UUID, new: New, by: str) -> None:
    """Keep an answer with its first step."""
    await tx.execute(
        _INSERT,
        new.answer_id,
        reorganisation_id,
        new.commune,
        new.village,
        new.to_commune,
        list(new.communes),
        new.households,
    )
    await tx.execute(_STEP, new.answer_id, 0, AnswerState.ASKED, by, [], tx.recorded_at)


async def step(
    tx: Transaction, answer: Answer, state: AnswerState, by: str, moved: Sequence[UUID]
) -> None:
    """What becomes of it now."""
    place = answer.place + 1
    await tx.execute(_STEP, answer.answer_id, place, state, by, moved, tx.recorded_at)


def _answer(row: Record) -> Answer:
    typed = {"state": AnswerState(row["state"]), "communes": tuple(row["communes"])}
    return Answer(**dict(row) | typed)

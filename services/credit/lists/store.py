"""Every statement on lists 03/TD."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from libs.common.vocabulary import NeedStage
from services.credit.lists.domain import Ballot, ListState, NeedList
from services.credit.lists.tables import EntryRow, ListRow

_LIST_COLUMNS = (
    "list_id",
    "commune",
    "group_id",
    "voted_on",
    "minutes_number",
    "recorded_by",
    "recorded_at",
)
_ENTRY_COLUMNS = ("list_id", "place", "commune", "need_id", "votes_for", "votes_against")

# A list waits while some of its needs are still to be confirmed; asked of the needs themselves, so
# that a class change that asks for another confirmation opens the list again.
_HEADS = """
SELECT list.list_id, list.commune, list.group_id, list.voted_on, list.minutes_number,
       list.recorded_at, waiting.needs AS waiting, waiting.due_on,
       (SELECT count(*) FROM need_list_entry WHERE list_id = list.list_id) AS entries
FROM need_list AS list CROSS JOIN LATERAL (
  SELECT count(*) AS needs, min(due_on) AS due_on
  FROM need WHERE list_id = list.list_id AND stage = 'listed'
) AS waiting
"""
_FIND = f"{_HEADS} WHERE list.list_id = $1"
_LIST = f"""
{_HEADS}
WHERE ($1::text = '*' OR list.commune = ANY (string_to_array($1, ',')))
  AND ($2::boolean IS NULL OR (waiting.needs > 0) = $2)
  AND ($3::uuid IS NULL OR list.list_id > $3)
ORDER BY list.list_id LIMIT $4
"""
_ENTRIES = """
SELECT entry.need_id, entry.votes_for, entry.votes_against, need.household_id, need.stage
FROM need_list_entry AS entry LEFT JOIN need USING (need_id)
WHERE entry.list_id = $1 ORDER BY entry.place
"""


@dataclass(frozen=True, slots=True)
class Head:
    """A list without its entries; `due_on` is the earliest of those that wait."""

    list_id: UUID
    commune: str
    group_id: UUID | None
    voted_on: date
    minutes_number: str
    recorded_at: datetime
    waiting: int
    due_on: date | None
    entries: int

    @property
    def state(self) -> ListState:
        return ListState.WAITING if self.waiting else ListState.SETTLED


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list and how far its need is; None where that is out of sight by now."""

    ballot: Ballot
    household_id: UUID | None
    stage: NeedStage | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A list with its entries in their order."""

    head: Head
    entries: tuple[Entry, ...]

    @property
    def sheet(self) -> NeedList:
        """As its group sent it in."""
        head = self.head
        return NeedList(
            head.list_id,
            head.commune,
            head.group_id,
            head.voted_on,
            head.minutes_number,
            tuple(entry.ballot for entry in self.entries),
        )


async def find_list(tx: Transaction, list_id: UUID) -> Kept | None:
    row = await tx.fetchrow(_FIND, list_id)
    if row is None:
        return None
    entries = await tx.fetch(_ENTRIES, list_id)
    return Kept(Head(**row), tuple(_entry(entry) for entry in entries))


async def list_after(
    tx: Transaction, *, communes: str, state: ListState | None, after: UUID | None, limit: int
) -> Sequence[Head]:
    """A page in id order. `communes` is a scope: codes joined by commas, or `*`."""
    is_waiting = None if state is None else state is ListState.WAITING
    rows = await tx.fetch(_LIST, communes, is_waiting, after, limit)
    return [Head(**row) for row in rows]


async def insert_list(tx: Transaction, sheet: NeedList, recorded_by: str) -> bool:
    """Whether it was inserted: false where the id is used, be it in areas out of sight."""
    row = (
        sheet.list_id,
        sheet.commune,
        sheet.group_id,
        sheet.voted_on,
        sheet.minutes_number,
        recorded_by,
        tx.recorded_at,
    )
    if not await tx.insert(ListRow, _LIST_COLUMNS, [row], on_conflict="ON CONFLICT DO NOTHING"):
        return False
    await tx.insert(
        EntryRow,
        _ENTRY_COLUMNS,
        [
            (
                sheet.list_id,
                place,
                sheet.commune,
                ballot.need_id,
                ballot.votes_for,
                ballot.votes_against,
            )
            for place, ballot in enumerate(sheet.ballots)
        ],
    )
    return True


def _entry(row: asyncpg.Record) -> Entry:
    stage = row["stage"] and NeedStage(row["stage"])
    ballot = Ballot(row["need_id"], row["votes_for"], row["votes_against"])
    return Entry(ballot, row["household_id"], stage)

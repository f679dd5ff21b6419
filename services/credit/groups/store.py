"""Every statement on groups. Lock: the group's row, before its members change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from services.credit.groups.domain import Grade, Group, Member, Union
from services.credit.groups.tables import GroupGrade, GroupReview, GroupRow

_GROUP = (
    "group_id",
    "commune",
    "village",
    "union_kind",
    "founded_on",
    "recorded_by",
    "recorded_at",
)
# A group on the day $1, with the grade that it had then.
_FIND = """
SELECT savings_group.group_id, savings_group.commune, village, union_kind, founded_on,
  (SELECT count(*) FROM group_member AS member
   WHERE member.group_id = savings_group.group_id AND period @> $1::date) AS members,
  grade.grade, grade.graded_on
FROM savings_group LEFT JOIN LATERAL (
  SELECT grade, graded_on FROM group_grade
  WHERE group_grade.group_id = savings_group.group_id AND graded_on <= $1
  ORDER BY graded_on DESC LIMIT 1
) AS grade ON true
"""
_READ = f"{_FIND} WHERE savings_group.group_id = ANY($2::uuid[])"
_LIST = f"""
{_FIND}
WHERE ($2::text = '*' OR savings_group.commune = ANY (string_to_array($2, ',')))
  AND ($3::uuid IS NULL OR savings_group.group_id > $3)
  AND ($4::integer IS NULL OR NOT EXISTS (
    SELECT FROM group_review AS review
    WHERE review.group_id = savings_group.group_id AND review.year = $4))
  AND founded_on <= $1
ORDER BY savings_group.group_id LIMIT $5
"""
# Who changes members meets here, so that the last place is given once.
_LOCK = "SELECT group_id FROM savings_group WHERE group_id = $1 FOR UPDATE"
_MEMBERS = """
SELECT household_id, person_id, joined_on, upper(period) FROM group_member
WHERE group_id = $1 ORDER BY joined_on, household_id
"""
# The largest number of members on a day from $2 on: it is reached on $2 or when someone joins.
_MOST_AT_ONCE = """
SELECT coalesce(max(present), 0) FROM (
  SELECT (SELECT count(*) FROM group_member AS other
          WHERE other.group_id = $1 AND other.period @> step.day) AS present
  FROM (SELECT $2::date AS day UNION
        SELECT joined_on FROM group_member WHERE group_id = $1 AND joined_on > $2) AS step
) AS counted
"""
_JOIN = """
INSERT INTO group_member
  (group_id, household_id, joined_on, commune, person_id, period, recorded_by, recorded_at)
VALUES ($1, $2, $3, $4, $5, daterange($3, NULL), $6, $7) ON CONFLICT DO NOTHING
"""
_LEAVE = """
UPDATE group_member SET period = daterange(joined_on, $4)
WHERE group_id = $1 AND household_id = $2 AND joined_on = $3
"""
_GROUP_OF = """
SELECT group_id FROM group_member WHERE household_id = $1 AND period @> $2::date
"""
_GRADE = "SELECT grade FROM group_grade WHERE group_id = $1 AND graded_on = $2"
_REVIEWS = "SELECT year, done_on FROM group_review WHERE group_id = $1 ORDER BY year"


@dataclass(frozen=True, slots=True)
class Review:
    """The review of a year (form 16/TD)."""

    year: int
    done_on: date


async def insert_group(tx: Transaction, group: Group, recorded_by: str) -> bool:
    """Whether it was inserted: false where the id is taken."""
    row = (
        group.group_id,
        group.commune,
        group.village,
        group.union,
        group.founded_on,
        recorded_by,
        tx.recorded_at,
    )
    return bool(await tx.insert(GroupRow, _GROUP, [row], on_conflict="ON CONFLICT DO NOTHING"))


async def read_groups(tx: Transaction, ids: Sequence[UUID], day: date) -> dict[UUID, Group]:
    """The groups as they are on a day; those unknown or out of scope are left out."""
    return {row["group_id"]: _group(row) for row in await tx.fetch(_READ, day, ids)}


async def list_after(
    tx: Transaction,
    *,
    communes: str,
    day: date,
    without_review_of: int | None,
    after: UUID | None,
    limit: int,
) -> list[Group]:
    """A page in id order of the groups that exist on a day.

    Args:
        communes: a scope: codes joined by commas, or `*`.
        without_review_of: only those that were not reviewed in this year.
    """
    rows = await tx.fetch(_LIST, day, communes, after, without_review_of, limit)
    return [_group(row) for row in rows]


async def lock_group(tx: Transaction, group_id: UUID) -> bool:
    """Hold the group's members; false where it is unknown or out of scope."""
    return await tx.fetchval(_LOCK, group_id) is not None


async def list_members(tx: Transaction, group_id: UUID) -> list[Member]:
    """Everyone who is or was a member, by the day of joining."""
    return [Member(*row) for row in await tx.fetch(_MEMBERS, group_id)]


async def most_at_once(tx: Transaction, group_id: UUID, from_day: date) -> int:
    """The largest number of members on any day from `from_day` on."""
    return int(await tx.fetchval(_MOST_AT_ONCE, group_id, from_day))


async def insert_member(tx: Transaction, group: Group, member: Member, recorded_by: str) -> bool:
    """Whether it was inserted: false where the household is in a group at some day since then."""
    return bool(
        await tx.execute(
            _JOIN,
            group.group_id,
            member.household_id,
            member.joined_on,
            group.commune,
            member.person_id,
            recorded_by,
            tx.recorded_at,
        )
    )


async def end_member(tx: Transaction, group_id: UUID, member: Member, left_on: date) -> None:
    """The member's last day is the one before `left_on`."""
    await tx.execute(_LEAVE, group_id, member.household_id, member.joined_on, left_on)


async def group_of_household(tx: Transaction, household_id: UUID, day: date) -> UUID | None:
    """The group in which a household is on a day."""
    found: UUID | None = await tx.fetchval(_GROUP_OF, household_id, day)
    return found


async def keep_grade(
    tx: Transaction, group: Group, grade: Grade, graded_on: date, recorded_by: str
) -> Grade:
    """Keep the grade of a day, once; answers what is recorded for that day."""
    columns = ("group_id", "graded_on", "commune", "grade", "recorded_by", "recorded_at")
    row = (group.group_id, graded_on, group.commune, grade, recorded_by, tx.recorded_at)
    await tx.insert(GroupGrade, columns, [row], on_conflict="ON CONFLICT DO NOTHING")
    return Grade(await tx.fetchval(_GRADE, group.group_id, graded_on))


async def keep_review(
    tx: Transaction, group: Group, review: Review, recorded_by: str
) -> Sequence[Review]:
    """Keep the review of a year, once; answers all that are recorded."""
    columns = ("group_id", "year", "commune", "done_on", "recorded_by", "recorded_at")
    row: tuple[Any, ...] = (
        group.group_id,
        review.year,
        group.commune,
        review.done_on,
        recorded_by,
        tx.recorded_at,
    )
    await tx.insert(GroupReview, columns, [row], on_conflict="ON CONFLICT DO NOTHING")
    return await list_reviews(tx, group.group_id)


async def list_reviews(tx: Transaction, group_id: UUID) -> list[Review]:
    """All reviews, oldest first."""
    return [Review(*row) for row in await tx.fetch(_REVIEWS, group_id)]


def _group(row: asyncpg.Record) -> Group:
    return Group(
        group_id=row["group_id"],
        commune=row["commune"],
        village=row["village"],
        union=Union(row["union_kind"]),
        founded_on=row["founded_on"],
        members=row["members"],
        grade=None if row["grade"] is None else Grade(row["grade"]),
        graded_on=row["graded_on"],
    )

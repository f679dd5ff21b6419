"""Every statement on the health-insurance roll."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from libs.common.database import Transaction
from services.eligibility.history import NOBODY, Difference, History, Row, replace
from services.eligibility.insurance.domain import Period
from services.eligibility.insurance.tables import RollPeriodRow

ROLL = History(
    RollPeriodRow,
    key=("person_id", "from_day"),
    values=(
        "until",
        "group_code",
        "support_percent",
        "benefit_percent",
        "document",
        "is_confirmed",
        "order_is_confirmed",
    ),
)

# $1 communes (NULL: all), $2/$3 after (commune, person), $4 day, $5 known at, $6 limit. Walks the
# index (commune, person_id) in order, so a page costs what it shows.
LIST_ROLL = """
SELECT commune, person_id, household_id, group_code, support_percent, benefit_percent, from_day,
       until, document, is_confirmed, order_is_confirmed
FROM roll_period
WHERE ($1::text[] IS NULL OR commune = ANY ($1)) AND (commune, person_id) > ($2, $3::uuid)
  AND from_day <= $4 AND (until IS NULL OR $4 < until)
  AND recorded_at <= $5 AND (superseded_at IS NULL OR $5 < superseded_at)
ORDER BY commune, person_id LIMIT $6
"""

# $4 the day before and $5 the instant as of which the roll was known then; $6 the later day and $7
# as of when that roll is known (NULL: as it stands); $8 limit. Whoever stood on the roll then and
# stands on it now in the same group is left out. A person who moved to another commune leaves the
# one and joins the other.
LIST_CHANGES = """
WITH placed AS (
  SELECT commune, person_id, household_id, group_code, from_day, until,
    recorded_at <= $5 AND (superseded_at IS NULL OR $5 < superseded_at)
      AND from_day <= $4 AND (until IS NULL OR $4 < until) AS stood,
    is_live AND from_day <= $6 AND (until IS NULL OR $6 < until) AS stands, is_live
  FROM roll_period CROSS JOIN LATERAL (
    SELECT CASE WHEN $7::timestamptz IS NULL THEN superseded_at IS NULL
      ELSE recorded_at <= $7 AND (superseded_at IS NULL OR $7 < superseded_at) END AS is_live
  ) AS known
  WHERE ($1::text[] IS NULL OR commune = ANY ($1)) AND (commune, person_id) > ($2, $3::uuid)
)
SELECT commune, person_id,
  (array_agg(household_id ORDER BY stands DESC, stood DESC, from_day DESC))[1] AS household_id,
  max(group_code) FILTER (WHERE stood) AS group_before,
  max(group_code) FILTER (WHERE stands) AS group_now,
  coalesce(max(from_day) FILTER (WHERE stands), max(until) FILTER (WHERE is_live)) AS changed_on
FROM placed
GROUP BY commune, person_id
HAVING max(group_code) FILTER (WHERE stood)
  IS DISTINCT FROM max(group_code) FILTER (WHERE stands)
ORDER BY commune, person_id LIMIT $8
"""


@dataclass(frozen=True)
class RollEntry:
    """A person on the roll on a day."""

    commune: str
    person_id: UUID
    household_id: UUID
    group: str
    support_percent: int
    benefit_percent: int
    from_day: date
    until: date | None
    document: str
    is_confirmed: bool
    order_is_confirmed: bool


@dataclass(frozen=True)
class RollChange:
    """A person whose place on the roll differs between then and now.

    `changed_on` is None where the earlier period was struck out by a correction.
    """

    commune: str
    person_id: UUID
    household_id: UUID
    group_before: str | None
    group_now: str | None
    changed_on: date | None


@dataclass(frozen=True)
class Moment:
    """A day of the roll, as known at an instant; None: as it stands."""

    day: date
    known_at: datetime | None = None


@dataclass(frozen=True)
class After:
    """The last row of the page before; the default stands before every row."""

    commune: str = ""
    person_id: UUID = NOBODY


async def replace_rolls(
    tx: Transaction, rolls: Mapping[UUID, tuple[str, Sequence[Period]]]
) -> dict[UUID, Difference]:
    """Make each household's live roll these periods in this commune; answers what changed."""
    return await replace(
        tx,
        ROLL,
        {
            household: [_row(commune, period) for period in periods]
            for household, (commune, periods) in rolls.items()
        },
    )


def _row(commune: str, period: Period) -> Row:
    person, group, from_day, until, support, benefit, document, is_confirmed = period.cover
    return (
        commune,
        person,
        from_day,
        until,
        group,
        support,
        benefit,
        document,
        is_confirmed,
        period.order_is_confirmed,
    )


async def list_roll_after(
    tx: Transaction,
    communes: Sequence[str] | None,
    on: date,
    known_at: datetime,
    after: After,
    limit: int,
) -> list[RollEntry]:
    """Who is on the roll of these communes (None: every one) on a day, as known at an instant."""
    rows = await tx.fetch(LIST_ROLL, communes, after.commune, after.person_id, on, known_at, limit)
    return [RollEntry(*row) for row in rows]


async def list_changes_after(
    tx: Transaction,
    communes: Sequence[str] | None,
    then: Moment,
    now: Moment,
    after: After,
    limit: int,
) -> list[RollChange]:
    """Increases and decreases (tăng, giảm) between the roll of one day and that of a later one."""
    key = after.commune, after.person_id
    days = then.day, then.known_at, now.day, now.known_at
    return [RollChange(*row) for row in await tx.fetch(LIST_CHANGES, communes, *key, *days, limit)]

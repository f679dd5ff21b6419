"""What partners owe every month: a whole reconciliation of the month before, by the tenth."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase

from libs.common.clock import VIETNAM
from libs.common.database import Transaction

LAST_DAY = 10  # of the month after: agreed with the partners, no rule of law

_LISTS = "SELECT list, event_type FROM reconciliation_list WHERE is_monthly ORDER BY list"
_PARTNERS = """
SELECT DISTINCT ON (partner) partner, event_types, valid_from, valid_until,
  min(recorded_at) OVER (PARTITION BY partner)
FROM partner_registration ORDER BY partner, version DESC
"""
_RECONCILED = """
SELECT DISTINCT partner, list FROM reconciliation
WHERE state = 'done' AND is_whole AND as_of BETWEEN $1 AND $2
  AND (differences = '{}' OR answered_on IS NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Registered:
    """A partner under its newest terms; `recorded_at`: when it was first registered."""

    partner: str
    event_types: tuple[str, ...]
    valid_from: date
    valid_until: date | None
    recorded_at: datetime

    def owes(self, event_type: str, month_end: date) -> bool:
        """Whether it was told of these events when the month ended, and knew that it would be."""
        since = max(self.valid_from, self.recorded_at.astimezone(VIETNAM).date())
        is_valid = since <= month_end and (self.valid_until is None or month_end < self.valid_until)
        return is_valid and any(fnmatchcase(event_type, one) for one in self.event_types)


@dataclass(frozen=True, slots=True)
class Overdue:
    """A reconciliation that should have been; `month_end` is the month's last day."""

    partner: str
    list: str
    month_end: date
    since: date


def last_owed(day: date) -> date:
    """The last day of the newest month whose reconciliation should be there on a day."""
    this_month = day.replace(day=1)
    end = this_month - timedelta(days=1)
    return end if day.day > LAST_DAY else end.replace(day=1) - timedelta(days=1)


def overdue(
    day: date,
    lists: Iterable[tuple[str, str]],
    partners: Iterable[Registered],
    reconciled: Collection[tuple[str, str]],
) -> list[Overdue]:
    """Who owes which list on a day.

    Args:
        lists: name and event type.
        reconciled: partner and list, of that month, where nothing differed or it was answered.
    """
    end = last_owed(day)
    since = end + timedelta(days=LAST_DAY + 1)
    known = list(lists)
    return [
        Overdue(one.partner, name, end, since)
        for one in partners
        for name, event_type in known
        if one.owes(event_type, end) and (one.partner, name) not in reconciled
    ]


async def read_overdue(tx: Transaction, day: date) -> list[Overdue]:
    """Who owes which list on a day; in a service that has partners."""
    end = last_owed(day)
    lists = [(row[0], row[1]) for row in await tx.fetch(_LISTS)]
    partners = [Registered(row[0], tuple(row[1]), *row[2:]) for row in await tx.fetch(_PARTNERS)]
    rows = await tx.fetch(_RECONCILED, end.replace(day=1), end)
    return overdue(day, lists, partners, {(row[0], row[1]) for row in rows})

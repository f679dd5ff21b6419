"""The only place that reads the clock. The law never does: days and instants are arguments."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """What a service may ask about time."""

    def now(self) -> datetime:
        """The instant, aware, in UTC: when something is recorded."""
        ...

    def today(self) -> date:
        """The day in Vietnam: the law's unit."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return datetime.now(VIETNAM).date()


@dataclass(frozen=True)
class FixedDayClock:
    """Real instants, but a set business day: for the demo and for tests."""

    day: date

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return self.day


def start_of_day(day: date) -> datetime:
    """The instant at which `day` begins in Vietnam, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM).astimezone(UTC)

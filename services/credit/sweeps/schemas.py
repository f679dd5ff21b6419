"""What an operator sends and reads about sweeps."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from libs.common.web.days import Day
from services.credit.sweeps.store import Sweep


class SweepIn(BaseModel):
    """The day to bring the terms of open referrals and running loans up to."""

    model_config = ConfigDict(extra="forbid")

    day: Day


class SweepOut(BaseModel):
    """A sweep; `changed` referrals and loans took new terms so far."""

    day: date
    requested_at: datetime
    finished_at: datetime | None
    changed: int

    @classmethod
    def of(cls, sweep: Sweep) -> "SweepOut":
        return cls(
            day=sweep.day,
            requested_at=sweep.requested_at,
            finished_at=sweep.finished_at,
            changed=sweep.changed,
        )


class LawDayOut(BaseModel):
    """The day up to which time has been applied; null before the first sweep."""

    day: date | None

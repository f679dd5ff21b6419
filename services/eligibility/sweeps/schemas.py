"""What an operator sends and reads about sweeps."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from libs.common.web.days import Day
from services.eligibility.sweeps.store import Sweep


class SweepIn(BaseModel):
    """The day to bring everything up to."""

    model_config = ConfigDict(extra="forbid")

    day: Day


class SweepOut(BaseModel):
    """A sweep and how far it came: `households` were decided again, `changed` of them changed."""

    day: date
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    households: int
    changed: int

    @classmethod
    def of(cls, sweep: Sweep) -> "SweepOut":
        return cls.model_construct(**vars(sweep))


class LawDayOut(BaseModel):
    """The day up to which time has been applied."""

    day: date

"""What the effects resource answers."""

from datetime import date

from pydantic import BaseModel


class RightOut(BaseModel):
    """How many hold a right on the day; a subject is the household or one of its members."""

    code: str
    households: int
    subjects: int


class ReferralsOut(BaseModel):
    """Referrals to the bank in one state; `flagged`: paid out before the class changed."""

    programme: str
    state: str
    referrals: int
    households: int
    flagged: int


class EffectsOut(BaseModel):
    """What followed in an area, as of a day, as known at the end of `known_at` (null: now)."""

    code: str
    on: date
    known_at: date | None
    entitlements: list[RightOut]
    insurance_roll: list[RightOut]
    training_offers: list[RightOut]
    referrals: list[ReferralsOut]

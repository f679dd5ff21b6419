"""What a training centre reads: the offers that stand."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, JsonValue

from services.eligibility.training.store import OfferEntry


class OfferOut(BaseModel):
    """One person may take up training support of one group over `[from_day, until)`.

    `benefit` holds the amounts in VND; `is_confirmed` is false while the source is still to be
    confirmed.
    """

    person_id: UUID
    household_id: UUID
    commune: str
    group: str
    from_day: date
    until: date | None
    benefit: dict[str, JsonValue]
    document: str
    is_confirmed: bool

    @classmethod
    def of(cls, entry: OfferEntry) -> "OfferOut":
        return cls.model_construct(**vars(entry))

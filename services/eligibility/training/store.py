"""Every statement on the training offers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from libs.common.database import Transaction
from services.eligibility.history import NOBODY, Difference, History, Row, replace
from services.eligibility.training.domain import Offer
from services.eligibility.training.tables import TrainingOfferRow

OFFERS = History(
    TrainingOfferRow,
    key=("person_id", "group_code", "from_day"),
    values=("until", "benefit", "document", "is_confirmed"),
)

# $1 communes (NULL: all), $2-$5 after (commune, person, group, day), $6 day, $7 known at, $8 limit.
LIST_OFFERS = """
SELECT commune, person_id, group_code, from_day, household_id, until, benefit, document,
       is_confirmed
FROM training_offer
WHERE ($1::text[] IS NULL OR commune = ANY ($1))
  AND (commune, person_id) >= ($2, $3::uuid)
  AND (commune, person_id, group_code, from_day) > ($2, $3::uuid, $4, $5::date)
  AND from_day <= $6 AND (until IS NULL OR $6 < until)
  AND recorded_at <= $7 AND (superseded_at IS NULL OR $7 < superseded_at)
ORDER BY commune, person_id, group_code, from_day LIMIT $8
"""


@dataclass(frozen=True)
class OfferEntry:
    """An offer that stands on a day."""

    commune: str
    person_id: UUID
    group: str
    from_day: date
    household_id: UUID
    until: date | None
    benefit: dict[str, Any]
    document: str
    is_confirmed: bool


@dataclass(frozen=True)
class After:
    """The last row of the page before; the default stands before every row."""

    commune: str = ""
    person_id: UUID = NOBODY
    group: str = ""
    from_day: date = date.min


async def replace_offers(
    tx: Transaction, offers: Mapping[UUID, tuple[str, Sequence[Offer]]]
) -> dict[UUID, Difference]:
    """Make each household's live offers these, in this commune; answers what changed."""
    return await replace(
        tx,
        OFFERS,
        {
            household: [_row(commune, offer) for offer in own]
            for household, (commune, own) in offers.items()
        },
    )


def _row(commune: str, offer: Offer) -> Row:
    return (
        commune,
        offer.person_id,
        offer.group,
        offer.from_day,
        offer.until,
        json.dumps(offer.benefit, ensure_ascii=False, sort_keys=True),
        offer.document,
        offer.is_confirmed,
    )


async def list_offers_after(
    tx: Transaction,
    communes: Sequence[str] | None,
    on: date,
    known_at: datetime,
    after: After,
    limit: int,
) -> list[OfferEntry]:
    """The offers that stand in these communes (None: every one) on a day, as known then."""
    rows = await tx.fetch(
        LIST_OFFERS,
        communes,
        after.commune,
        after.person_id,
        after.group,
        after.from_day,
        on,
        known_at,
        limit,
    )
    return [OfferEntry(*row) for row in rows]

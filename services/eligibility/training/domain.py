"""What a person may take up in vocational training, by period. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID


class Offer(NamedTuple):
    """One person may take up training support of one group over `[from_day, until)`.

    `benefit` holds the amounts in VND.
    """

    person_id: UUID
    group: str
    from_day: date
    until: date | None
    benefit: Mapping[str, Any]
    document: str
    is_confirmed: bool


def draw_up(rights: Iterable[Offer]) -> list[Offer]:
    """The offers by person, group and day; the order of the input is irrelevant.

    Rights that touch and differ in nothing else are one offer: a status confirmed anew by another
    decision is no news to the training centre.
    """
    offers: list[Offer] = []
    for right in sorted(rights, key=lambda right: right[:3]):
        last = offers[-1] if offers else None
        if (
            last
            and right == last._replace(from_day=right.from_day, until=right.until)
            and (last.until == right.from_day)
        ):
            offers[-1] = last._replace(until=right.until)
        else:
            offers.append(right)
    return offers

"""Who lives today in the land of a commune of any day.

A commune that goes on: whoever lives under its code. One that has ended, or the earlier bearer of a
code that lives on: who lived there when it ended, or is recorded there still, and has lived in its
successors alone since then. Who has come into a successor from elsewhere is none of them: nobody
knows on whose former land they live.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.common.areas.narrowing import GEOGRAPHY_HEADER, Narrowed, narrow
from libs.common.areas.succession import reached
from libs.common.database import Transaction
from libs.common.vocabulary import StatusClass
from libs.common.web import Edge
from services.registry.households.store import list_households_after
from services.registry.lineage.store import list_to_review_after
from services.registry.reviews.store import list_households_by_status

# Who was recorded under the code after the unit had ended, because its end was entered late, was
# said anew over the same days at one instant, under the successor's code.
CAME_FROM = """
SELECT DISTINCT h.household_id
FROM unnest($1::text[], $2::date[], $3::date[]) AS unit(code, valid_from, valid_until)
CROSS JOIN LATERAL (
  SELECT household_id, effective, recorded FROM household_fact
  WHERE residence = unit.code OFFSET 0
) AS was
CROSS JOIN LATERAL (
  SELECT household_id, registered_on, commune FROM household
  WHERE household_id = was.household_id OFFSET 0
) AS h
WHERE h.commune = ANY($4::text[])
  AND greatest(h.registered_on, lower(was.effective)) >= unit.valid_from
  AND (upper_inf(was.recorded)
         AND greatest(h.registered_on, lower(was.effective)) < unit.valid_until
         AND (upper_inf(was.effective) OR upper(was.effective) >= $5::date)
       OR upper_inf(was.effective)
         AND greatest(h.registered_on, lower(was.effective)) >= unit.valid_until
         AND EXISTS (
           SELECT FROM household_fact AS anew
           WHERE anew.household_id = h.household_id AND lower(anew.recorded) = upper(was.recorded)
             AND lower(anew.effective) = lower(was.effective) AND anew.residence = ANY($4)))
  AND NOT EXISTS (
    SELECT FROM household_fact AS later
    WHERE later.household_id = h.household_id AND upper_inf(later.recorded)
      AND lower(later.effective) >= upper(was.effective) AND later.residence <> ALL($4))
ORDER BY h.household_id
"""


@dataclass(frozen=True, slots=True)
class Territory:
    """A commune's land as a list looks for who lives there now.

    Attributes:
        meant: the unit that was asked for.
        came: the households that came from it, in the order of ids; None where it goes on, and
            whoever lives under its code is meant.
    """

    meant: Narrowed
    came: dict[UUID, None] | None

    @property
    def code(self) -> str | None:
        """The code under which everybody of it lives, where it goes on."""
        return self.meant.code if self.came is None else None

    @property
    def communes(self) -> list[str]:
        """Under which codes they live now."""
        return [self.meant.code] if self.came is None else list(self.meant.communes)

    @property
    def own_codes(self) -> list[str]:
        """Under which codes records are its alone: its own, and those of what it was made of."""
        return sorted({self.meant.code, *self.meant.earlier})

    def holds(self, household_id: UUID) -> bool:
        """Whether a household that lives under one of these codes lives there."""
        return self.came is None or household_id in self.came

    @property
    def header(self) -> str:
        return self.meant.header("present" if self.came is None else "came-from")


async def territory_of(
    edge: Edge, code: str | None, unit_on: date | None = None
) -> Territory | None:
    """The commune that bears the code on a day (today), said in the answer's headers; None where
    none is asked for.

    A code that is no unit's is looked for as it is: records may have come before their areas.
    """
    if code is None:
        return None
    today = edge.clock.today()
    found = await read_territory(edge.tx, code, unit_on or today, today)
    edge.headers[GEOGRAPHY_HEADER] = found.header
    return found


async def read_territory(tx: Transaction, code: str, unit_on: date, today: date) -> Territory:
    """The same without an answer."""
    meant = await narrow(tx, code, unit_on, today)
    if meant is None:
        return Territory(Narrowed(code, unit_on, None, (code,), ()), None)
    until = meant.valid_until
    if until is None or until > today:
        return Territory(meant, None)
    return Territory(meant, await _came(tx, meant, unit_on, until))


async def _came(tx: Transaction, meant: Narrowed, unit_on: date, until: date) -> dict[UUID, None]:
    units = [one for one in await reached(tx, [meant.code], unit_on) if one.is_commune]
    whole = [one for one in units if one.is_earlier and one.is_whole]
    rows = await tx.fetch(
        CAME_FROM,
        [one.code for one in whole],
        [one.valid_from for one in whole],
        [one.valid_until for one in whole],
        list(meant.communes),
        until,
    )
    return dict.fromkeys(row["household_id"] for row in rows)


async def list_living_now(
    tx: Transaction,
    where: Territory | None,
    *,
    after: UUID | None,
    limit: int,
    status: StatusClass | None = None,
    standard: str | None = None,
    on: date,
    to_review: bool = False,
) -> list[UUID]:
    """Ids in order of who lives there now (None: anywhere); of those with a class on a day, or of
    those whose class should be looked at, where that is asked for.
    """
    commune = None if where is None else where.code
    among = None if where is None or where.came is None else list(where.came)
    if to_review:
        return await list_to_review_after(tx, commune, after, limit, among)
    if status is not None:
        return await list_households_by_status(
            tx,
            status,
            on,
            commune=commune,
            standard=standard,
            after=after,
            limit=limit,
            among=among,
        )
    if among is None:
        return await list_households_after(tx, commune, after, limit)
    return _after(among, after, limit)


def _after(ids: Sequence[UUID], after: UUID | None, limit: int) -> list[UUID]:
    return [one for one in ids if after is None or one > after][:limit]

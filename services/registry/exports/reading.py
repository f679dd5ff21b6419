"""Pages of households as lines of the form: what is known today."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from libs.common.contracts.household import Member
from libs.common.database import Transaction
from libs.common.files.writing import Value
from services.registry.households.store import StoredHousehold, read_households
from services.registry.households.territory import Territory, list_living_now
from services.registry.imports.form import cells_of
from services.registry.imports.matching import codes_of
from services.registry.imports.words import ETHNICITY_NAMES, written, yes_or_no
from services.registry.vault.domain import Identity

PAGE = 500
_NOBODY = Identity()


async def read_pages(
    tx: Transaction,
    open_names: Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, Identity]]],
    where: Territory | None,
    after: UUID | None,
    today: date,
) -> AsyncIterator[tuple[list[UUID], list[Sequence[Value]]]]:
    """Households and their lines, page by page.

    Args:
        tx: in the caller's areas.
        open_names: who persons are, of those of whom it may be said; of the others it stands empty.
        where: they live; None: everywhere.
        after: the last household of what was read before.
        today: who is a member is asked of this day.
    """
    while ids := await list_living_now(tx, where, on=today, after=after, limit=PAGE):
        after = ids[-1]
        households = await read_households(tx, ids, as_of=today)
        people = [member.person_id for one in households for member in one.members]
        names = await open_names(people)
        codes = await codes_of(tx, ids)
        lines = [
            _line(one, member, codes.get(one.household_id), names.get(member.person_id, _NOBODY))
            for one in households
            for member in one.members
        ]
        yield ids, lines


def _line(
    household: StoredHousehold, member: Member, code: str | None, known: Identity
) -> Sequence[Value]:
    values: dict[str, Value] = {
        "household_id": household.household_id,
        "person_id": member.person_id,
        "code": code,
        "commune": household.commune,
        "registered_on": household.registered_on,
        "from_day": household.lives_there_from,
        "village": household.village,
        "is_farm_household": yes_or_no(household.is_farm_household),
        "name": known.name,
        "relation": written(member.relation),
        "birth": member.birth_date or member.birth_year,
        "sex": written(member.sex),
        "ethnicity": ETHNICITY_NAMES[member.ethnicity],
        "address": known.address,
        "disability": written(member.disability),
        "schooling": written(member.schooling),
        "employment": written(member.employment),
        "has_pension": yes_or_no(member.has_pension),
        "is_low_income_worker": yes_or_no(member.is_low_income_worker),
        "joined_on": member.joined_on,
    }
    return cells_of(values | {kind.value: number for kind, number in known.numbers.items()})

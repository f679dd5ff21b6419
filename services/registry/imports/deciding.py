"""Which lines of a file change what two persons decide on: by the law of change requests. Pure."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from libs.common.problems import FieldError, Text
from services.registry.changes.domain import Kind, Persons, persons_for
from services.registry.changes.facts import Fact, FactChange, Standing, changes_between
from services.registry.households.domain import HouseholdFacts
from services.registry.imports.domain import Refusals
from services.registry.imports.reasons import TAKES_TWO, error_of

_COLUMNS = {
    Fact.RESIDENCE: "from_day",
    Fact.FARM: "is_farm_household",
    Fact.MEMBERSHIP: "joined_on",
    Fact.PENSION: "has_pension",
    Fact.LOW_INCOME_WORKER: "is_low_income_worker",
}


def taking_two(
    before: HouseholdFacts,
    after: HouseholdFacts,
    persons: Mapping[int, UUID],
    replaced: Mapping[int, Collection[str]],
    today: date,
) -> Refusals:
    """By line, the cells whose change one person may not decide alone.

    Args:
        before: the household as it is known; a new one is one person's to register.
        after: as the file states it, in the same commune.
        persons: who is meant by each line.
        replaced: by line, the columns of names and numbers that are known otherwise.
        today: whose law holds.
    """
    found: Refusals = {}
    line_of = {person_id: line for line, person_id in persons.items()}
    home = after.household_id
    changes = changes_between({home: Standing(before)}, {home: Standing(after)})
    for change, law in _deciding(changes, today) if changes else ():
        line = min(persons) if change.person_id is None else line_of[change.person_id]
        column = _COLUMNS.get(change.fact, str(change.fact))
        found.setdefault(line, []).append(_error(column, law))
    for line, columns in replaced.items():
        law = persons_for(Kind.IDENTITY, (), today, between_communes=False)
        if law.count > 1:
            found.setdefault(line, []).extend(_error(column, law) for column in columns)
    return found


def _deciding(changes: Collection[FactChange], today: date) -> list[tuple[FactChange, Persons]]:
    """Of changes that take two together, those that take two by themselves; else all of them."""
    together = persons_for(Kind.CORRECTION, tuple(changes), today, between_communes=False)
    if together.count < 2:
        return []
    alone = [
        (change, persons_for(Kind.CORRECTION, (change,), today, between_communes=False))
        for change in changes
    ]
    return [pair for pair in alone if pair[1].count > 1] or [
        (change, together) for change in changes
    ]


def _error(column: str, law: Persons) -> FieldError:
    rule, message, fix = TAKES_TWO
    said = Text(f"{message.vi}: {law.reason.vi}.", f"{message.en}: {law.reason.en}.")
    return error_of(column, (rule, said, fix))

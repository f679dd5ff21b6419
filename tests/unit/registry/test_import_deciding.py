"""Which cells one person may not decide alone, as change requests have it; and since when a
household lives where it does, as a sheet may say it.
"""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from libs.common.vocabulary import Disability, Employment, Relation, Schooling, Sex
from services.registry.households.domain import HouseholdFacts, MemberFacts
from services.registry.households.events import stored
from services.registry.imports.deciding import taking_two
from services.registry.imports.stating import Past, lives_from, village_after

TODAY = date(2022, 6, 1)
HEAD = MemberFacts(
    person_id=UUID(int=1),
    birth_date=date(1980, 5, 20),
    birth_year=1980,
    sex=Sex.MALE,
    ethnicity="tay",
    relation=Relation.HEAD,
    disability=Disability.NONE,
    schooling=Schooling.NOT_ATTENDING,
    employment=Employment.FARMING,
    has_pension=False,
    joined_on=date(2005, 1, 1),
    left_on=None,
)
CHILD = replace(HEAD, person_id=UUID(int=2), relation=Relation.CHILD, birth_date=date(2015, 3, 2))
BEFORE = HouseholdFacts(UUID(int=9), TODAY, "01882", date(2005, 1, 1), False, (HEAD,))
LINES = {7: HEAD.person_id, 8: CHILD.person_id}


def found(after: HouseholdFacts, **replaced: list[str]) -> dict[int, list[str]]:
    of_line = {int(line.removeprefix("line_")): columns for line, columns in replaced.items()}
    refused = taking_two(BEFORE, after, LINES, of_line, TODAY)
    return {line: [error.pointer for error in errors] for line, errors in refused.items()}


@pytest.mark.parametrize(
    ("facts", "cells"),
    [
        ({"birth_date": date(1970, 5, 20), "birth_year": 1970}, ["/birth"]),
        ({"sex": Sex.FEMALE, "schooling": Schooling.HIGHER}, ["/sex"]),
        ({"employment": Employment.EMPLOYED, "ethnicity": "dao"}, []),
    ],
)
def test_birth_and_sex_of_a_known_person_take_two(facts: Any, cells: list[str]) -> None:
    after = replace(BEFORE, members=(replace(HEAD, **facts), CHILD))
    assert found(after) == ({7: cells} if cells else {})


def test_whether_it_lives_off_the_land_takes_two_and_stands_on_its_first_line() -> None:
    assert found(replace(BEFORE, is_farm_household=True)) == {7: ["/is_farm_household"]}


def test_another_name_or_number_takes_two_and_a_new_member_one() -> None:
    after = replace(BEFORE, members=(HEAD, CHILD))
    assert found(after, line_7=["name", "UIN"]) == {7: ["/name", "/UIN"]}


OLD, LEFT, NOW = date(2005, 1, 1), date(2015, 1, 1), date(2022, 3, 1)


@pytest.mark.parametrize(
    ("stated", "past", "since"),
    [
        (None, [], NOW),
        (OLD, [], OLD),  # it is corrected, as by request
        (OLD, [Past(OLD, LEFT, is_here=False)], None),
        (LEFT, [Past(OLD, LEFT, is_here=False)], LEFT),
        (OLD, [Past(OLD, NOW, is_here=True)], NOW),  # the place has got another code since
        (OLD, [Past(OLD, LEFT, is_here=True), Past(LEFT, NOW, is_here=False)], NOW),  # came back
        (date(2006, 1, 1), [Past(OLD, NOW, is_here=True)], None),
        (date(2022, 4, 1), [Past(OLD, NOW, is_here=False)], date(2022, 4, 1)),
    ],
)
def test_an_earlier_day_corrects_repeats_what_is_known_or_overlaps(
    stated: date | None, past: list[Past], since: date | None
) -> None:
    assert lives_from(stated, NOW, past) == since


@pytest.mark.parametrize(
    ("stated", "since", "known", "village"),
    [
        ("Nà Phầy", None, "Khuổi Muồng", "Nà Phầy"),  # corrected
        (None, None, "Khuổi Muồng", "Khuổi Muồng"),
        ("Nà Phầy", OLD, "Khuổi Muồng", "Khuổi Muồng"),  # from before it moved within its commune
        ("Nà Phầy", OLD, None, "Nà Phầy"),
    ],
)
def test_a_sheet_from_before_a_move_does_not_bring_the_old_village_back(
    stated: str | None, since: date | None, known: str | None, village: str
) -> None:
    before = stored(replace(BEFORE, village=known), 1)
    assert village_after(stated, since, before, NOW) == village

"""Which purposes may be stated, by whom, on which day."""

from datetime import date
from pathlib import Path

import pytest

from libs.common.policy import LawError
from libs.common.problems import Problem
from libs.common.security.roles import Role
from services.registry.duplicates.api import DECIDERS
from services.registry.purposes.domain import in_force, purposes, read_purposes, require

DAY = date(2026, 6, 1)
ENTRY = """
- code: review
  title: {vi: Rà soát, en: Review}
  source: {document: QĐ 24, confirmed: false}
  effective: 2021-09-01
  duty: true
  roles: [officer]
"""


def test_every_purpose_names_roles_of_the_product() -> None:
    assert {role for one in purposes() for role in one.roles} <= {role.value for role in Role}


def test_a_purpose_holds_from_its_first_day() -> None:
    [register] = [one for one in purposes() if one.code == "register"]
    assert not register.holds_on(date(2021, 8, 31))
    assert register in in_force(register.effective)


def test_whoever_has_a_route_to_duplicates_may_state_why_and_nobody_else() -> None:
    [one] = [one for one in purposes() if one.code == "duplicates"]
    assert one.roles == {Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE} >= DECIDERS


def test_no_purpose_is_told_from_one_that_is_not_registered() -> None:
    with pytest.raises(Problem) as refused:
        require(None, [Role.OPERATOR], DAY)
    assert (refused.value.status, refused.value.code) == (403, "purpose.needed")


@pytest.mark.parametrize("stated", ["complaint", "complaint.kn-12"])
def test_a_registered_purpose_may_be_stated_with_a_case(stated: str) -> None:
    require(stated, [Role.OFFICER], DAY)


@pytest.mark.parametrize(
    ("stated", "role"), [("curiosity", Role.OFFICER), ("inspection", Role.OFFICER)]
)
def test_another_purpose_or_role_is_refused_and_told_what_is_allowed(
    stated: str, role: Role
) -> None:
    with pytest.raises(Problem) as refused:
        require(stated, [role], DAY)
    assert (refused.value.status, refused.value.code) == (403, "purpose.not_registered")
    assert "review" in refused.value.errors[0].fix.en


def test_a_list_that_contradicts_itself_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "purposes.yaml"
    file.write_text(ENTRY + ENTRY, encoding="utf-8")
    with pytest.raises(LawError, match="overlaps itself"):
        read_purposes(file)

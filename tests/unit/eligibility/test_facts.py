"""What the law is told of a household: every fact of the event that a rule may ask for."""

from datetime import date

from libs.common.vocabulary import Disability, Schooling, Sex
from services.eligibility.catalogue.domain import catalogue, determine
from services.eligibility.entitlements.facts import facts_of
from tests.support.eligibility import a_household, a_member, with_facts


def test_every_fact_of_a_member_reaches_the_law() -> None:
    member = a_member(
        date(1980, 3, 1),
        sex=Sex.MALE,
        ethnicity="tay",
        disability=Disability.MILD,
        schooling=Schooling.VOCATIONAL,
        has_pension=True,
        joined_on=date(2001, 1, 1),
        left_on=date(2030, 1, 1),
        is_low_income_worker=True,
    )
    (known,) = facts_of(with_facts(a_household(), members=(member,))).members
    assert known._asdict() == member.model_dump(include=set(known._fields))


def test_a_low_income_worker_confirmed_by_the_commune_is_offered_training() -> None:
    worker = a_member(date(1980, 3, 1), is_low_income_worker=True)
    household = facts_of(with_facts(a_household(), members=(worker,)))
    found = determine(household, date(2025, 6, 1), catalogue()).entitlements
    assert "training.ntp.low_income" in {entry.programme for entry in found}

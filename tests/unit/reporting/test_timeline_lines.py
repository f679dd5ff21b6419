"""The timeline's lines: every act in Vietnamese and English, and what an escape opens."""

from collections import Counter
from datetime import date

import pytest

from libs.common.contracts.household import CHANGED, STATUS_CHANGED
from libs.common.vocabulary import CardReason, CardState, StatusClass
from services.credit.loans.domain import Act as LoanAct
from services.credit.referrals.domain import Act
from services.reporting.timeline.domain import summarise
from services.reporting.timeline.handlers import facts_of_household
from tests.support.reporting import a_household


@pytest.mark.parametrize("act", Act)
def test_every_act_on_a_referral_has_words_of_its_own(act: Act) -> None:
    said = summarise("referral", "referral.changed.v1", act, {"programme": "01"})
    assert not said.vi.startswith("Giới thiệu vay vốn:")
    assert "(Cho vay hộ nghèo, chương trình 01)" in said.vi
    assert "programme 01" in said.en


@pytest.mark.parametrize("act", LoanAct)
def test_every_act_on_a_loan_has_words_of_its_own(act: LoanAct) -> None:
    said = summarise("loan", "loan.changed.v1", act, {"programme": "01", "owed": 45_000_000})
    assert not said.vi.startswith("Khoản vay:")
    assert "chương trình 01), dư nợ gốc 45.000.000 đồng" in said.vi
    assert "programme 01), 45,000,000 VND owed" in said.en


@pytest.mark.parametrize("reason", CardReason)
def test_the_insurers_answers_are_counted_with_why_there_is_no_card(reason: CardReason) -> None:
    counted = {"states": Counter(CardState), "reasons": {reason: 1}}
    said = summarise("card", "card.changed.v1", "answered", counted)
    assert said.vi.startswith("Thẻ BHYT: đã cấp 1, trả lại 1, thu hồi 1 (")
    assert said.en.startswith("Health-insurance cards: 1 issued, 1 rejected, 1 withdrawn (1 ")
    assert f"({reason} 1)" not in said.vi


def test_an_escape_says_until_when_the_household_is_newly_escaped() -> None:
    day, until = date(2022, 1, 1), date(2024, 12, 20)
    escaped = a_household(statuses=[(StatusClass.NONE, day, None)], escapes=[(day, until)])
    said = summarise("household", STATUS_CHANGED, "recognise", facts_of_household(escaped))
    assert "hộ mới thoát nghèo đến trước ngày 20/12/2024" in said.vi
    assert "newly escaped until before 2024-12-20" in said.en


def test_without_a_window_nothing_is_said_of_one() -> None:
    poor = a_household(statuses=[(StatusClass.POOR, date(2022, 1, 1), None)])
    said = summarise("household", STATUS_CHANGED, "recognise", facts_of_household(poor))
    assert "mới thoát nghèo" not in said.vi


@pytest.mark.parametrize("act", ["move_members", "birth", "death", "change_head", "reverse"])
def test_what_happens_between_reviews_has_words_of_its_own(act: str) -> None:
    facts = facts_of_household(a_household())
    said = summarise("household", CHANGED, act, facts)
    assert not said.vi.startswith("Thay đổi thông tin hộ")

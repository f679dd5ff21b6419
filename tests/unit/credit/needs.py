"""Loan needs for tests: one at any stage, on a referral of a poor household."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from libs.common.ids import new_id
from libs.common.vocabulary import CapitalSource, NeedStage, ReferralState
from services.credit.lists.domain import Candidate
from services.credit.needs.domain import Answer, Application, Limits, Need
from services.credit.referrals.domain import Referral
from tests.unit.credit.books import price

OPENED_ON, APPLIED_ON, VOTED_ON = date(2022, 1, 1), date(2022, 5, 4), date(2022, 5, 10)
CONFIRMED_ON, RECEIVED_ON, ANSWERED_ON = date(2022, 5, 12), date(2022, 5, 13), date(2022, 5, 19)
TODAY = date(2022, 6, 1)
LIST_ID = UUID("00000000-0000-7000-8000-000000000001")
LIMITS = Limits(100_000_000, 120, "NĐ 78/2002/NĐ-CP")
ASKED = Application("Mua bò sinh sản", 40_000_000, 60, CapitalSource.CENTRAL, None, APPLIED_ON)
YES = Answer(True, None, None, None, ANSWERED_ON)
NO = Answer(False, None, None, "Đã vay ngân hàng khác", ANSWERED_ON)

_LISTED = {"changed_on": VOTED_ON, "list_id": LIST_ID}
_SENT = _LISTED | {
    "changed_on": CONFIRMED_ON,
    "confirmed_on": CONFIRMED_ON,
    "is_confirmed": True,
}
_RECEIVED = _SENT | {"changed_on": RECEIVED_ON, "received_on": RECEIVED_ON}
_ANSWERED = _RECEIVED | {"changed_on": ANSWERED_ON, "answered_on": ANSWERED_ON}
_APPROVED = _ANSWERED | {"approved_amount": 40_000_000, "approved_months": 60}
_FACTS = {
    NeedStage.APPLIED: {"changed_on": APPLIED_ON},
    NeedStage.LISTED: _LISTED | {"due_on": date(2022, 5, 12)},
    NeedStage.DECLINED: _LISTED,
    NeedStage.SENT: _SENT,
    NeedStage.NOT_CONFIRMED: _SENT | {"is_confirmed": False, "reason": "Đã chuyển đi"},
    NeedStage.RECEIVED: _RECEIVED | {"due_on": date(2022, 5, 20)},
    NeedStage.APPROVED: _APPROVED,
    NeedStage.REFUSED: _ANSWERED | {"reason": NO.reason},
    NeedStage.DISBURSED: _APPROVED | {"changed_on": date(2022, 5, 25)},
    NeedStage.WITHDRAWN: {"changed_on": date(2022, 5, 5), "reason": "Hộ không còn nhu cầu"},
}


def a_need(stage: NeedStage = NeedStage.APPLIED, application: Application = ASKED) -> Need:
    """A need as its road leaves it at this stage."""
    return Need(new_id(), 1, application, stage, **_FACTS[stage])  # type: ignore[arg-type]


def a_referral(need: Need | None = None, programme: str = "01") -> Referral:
    """An open referral whose newest need this is."""
    terms = replace(price(programme, OPENED_ON), on=OPENED_ON)
    return Referral(
        referral_id=new_id(),
        household_id=new_id(),
        version=1,
        commune="01882",
        programme=programme,
        state=ReferralState.OPEN,
        is_flagged=False,
        opened_on=OPENED_ON,
        entitled_from=OPENED_ON,
        changed_on=OPENED_ON,
        until=None,
        terms=terms,
        need=need,
    )


def a_candidate(need: Need) -> Candidate:
    return Candidate(need, a_referral(need))

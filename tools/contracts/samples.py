"""Golden samples: one household of xã Nghiên Loan from its registration to the bank's payment.

Nobody's data: ids are made from words, dates are chosen. Each file is a batch as it stands on the
wire, and every later version of the readers must still read it.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from libs.common.clock import start_of_day
from libs.common.contracts import area, entitlement, household, insurance, referral, training
from libs.common.contracts.catalogue import EVENT_TYPES
from libs.common.contracts.envelope import encode
from libs.common.contracts.model import Contract
from libs.common.ids import derived_id
from libs.common.vocabulary import (
    AreaKind,
    AreaLevel,
    DecisionKind,
    Designation,
    Disability,
    Employment,
    ReferralState,
    Relation,
    Schooling,
    Sex,
    StatusClass,
)

_WRITTEN_AT = datetime(2021, 12, 20, 2, 0, tzinfo=UTC)
_POOR_FROM = date(2022, 1, 1)
_ESCAPED_ON = date(2023, 1, 1)
_NATIONAL = "nd-07-2021"
_HEALTH = "NĐ 146/2018/NĐ-CP"
_TRAINING = "QĐ 46/2015/QĐ-TTg"


@dataclass(frozen=True)
class _Said:
    type: str
    subject: UUID
    version: int
    on: date
    data: Contract


def sample_id(word: str) -> UUID:
    """A UUIDv7 of a fixed instant that is the same for the same word."""
    random = derived_id("sample", word).int
    instant = int(_WRITTEN_AT.timestamp() * 1000)
    low = (random & ((1 << 62) - 1)) | (0b10 << 62)
    return UUID(int=instant << 80 | 7 << 76 | (random >> 64 & 0xFFF) << 64 | low)


HOUSEHOLD = sample_id("household")
_HEAD, _CHILD = sample_id("head"), sample_id("child")
_POOR_BY, _ESCAPED_BY = sample_id("decision of 2021"), sample_id("decision of 2022")
_LOAN, _NEXT_LOAN = sample_id("referral of 2022"), sample_id("referral of 2023")


def sample_batches() -> dict[str, list[dict[str, Any]]]:
    """Event type to the events of its sample, as JSON values."""
    batches: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for said in _story():
        batches[said.type].append(json.loads(_encoded(said)))
    return dict(sorted(batches.items()))


def _encoded(said: _Said) -> bytes:
    moment = f"{said.type} {said.subject} {said.version}"
    return encode(
        event_id=sample_id(moment),
        source=f"/services/{EVENT_TYPES[said.type].source}",
        event_type=said.type,
        subject=said.subject,
        version=said.version,
        time=start_of_day(said.on),
        recorded_at=_WRITTEN_AT + timedelta(days=(said.on - _POOR_FROM).days),
        correlation_id=sample_id(f"act of {said.on}"),
        causation_id=None if said.type.startswith(("household", "area")) else sample_id("cause"),
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        data=said.data,
    )


def _story() -> Iterator[_Said]:
    yield from _areas()
    yield from _households()
    yield from _entitlements()
    yield from _rolls()
    yield from _offers()
    yield from _referrals()


def _areas() -> Iterator[_Said]:
    old = derived_id("sample", "area", "01882", "old")
    new = derived_id("sample", "area", "01882", "new")
    commune = area.AreaData(
        area_id=old,
        level=AreaLevel.COMMUNE,
        code="01882",
        name="Xã Nghiên Loan",
        kind=AreaKind.RURAL_COMMUNE,
        parent_id=derived_id("sample", "area", "060"),
        valid_from=date(2004, 1, 1),
        valid_until=date(2025, 7, 1),
        successors=(
            area.AreaSuccession(successor_id=new, successor_code="01882", is_divided=False),
        ),
        counts=(),
        designations=(
            area.AreaDesignation(
                designation=Designation.POOR_DISTRICT,
                from_day=date(2022, 1, 1),
                until=date(2026, 1, 1),
                source="QĐ 353/QĐ-TTg",
                is_confirmed=False,
            ),
        ),
    )
    yield _Said(area.CHANGED, old, 1, date(2004, 1, 1), commune)


def _home() -> household.HouseholdArea:
    return household.HouseholdArea(
        commune="01882",
        district="060",
        province="06",
        kind=AreaKind.RURAL_COMMUNE,
        from_day=date(2015, 3, 1),
        designations=(
            household.DesignationPeriod(
                designation=Designation.POOR_DISTRICT,
                from_day=date(2022, 1, 1),
                until=date(2026, 1, 1),
                is_confirmed=False,
            ),
        ),
    )


def _members(schooling: Schooling) -> tuple[household.Member, ...]:
    head = household.Member(
        person_id=_HEAD,
        birth_date=None,
        birth_year=1988,
        sex=Sex.FEMALE,
        ethnicity="mong",
        relation=Relation.HEAD,
        disability=Disability.NONE,
        schooling=Schooling.NOT_ATTENDING,
        employment=Employment.FARMING,
        has_pension=False,
        joined_on=date(2015, 3, 1),
        left_on=None,
    )
    child = head.model_copy(
        update={
            "person_id": _CHILD,
            "birth_date": date(2016, 9, 5),
            "birth_year": 2016,
            "sex": Sex.MALE,
            "relation": Relation.CHILD,
            "schooling": schooling,
            "employment": Employment.INACTIVE,
            "joined_on": date(2016, 9, 5),
        }
    )
    return head, child


def _decision(
    decision_id: UUID, number: str, signed_on: date, effective_on: date
) -> household.DecisionReference:
    return household.DecisionReference(
        decision_id=decision_id,
        number=number,
        kind=DecisionKind.RECOGNISE,
        signed_on=signed_on,
        effective_on=effective_on,
        authority="UBND xã Nghiên Loan",
        supersedes=None,
    )


def _status(
    status: StatusClass, from_day: date, until: date | None, decision_id: UUID
) -> household.StatusPeriod:
    return household.StatusPeriod(
        standard=_NATIONAL, status=status, from_day=from_day, until=until, decision_id=decision_id
    )


def _households() -> Iterator[_Said]:
    first = household.HouseholdData(
        household_id=HOUSEHOLD,
        registered_on=date(2021, 10, 1),
        closed_on=None,
        area=_home(),
        is_farm_household=True,
        members=_members(Schooling.PRESCHOOL),
        statuses=(),
        escapes=(),
        decisions=(),
        act=_act("registered", date(2021, 10, 1)),
    )
    yield _Said(household.REGISTERED, HOUSEHOLD, 1, date(2021, 10, 1), first)
    poor = first.model_copy(
        update={
            "statuses": (_status(StatusClass.POOR, _POOR_FROM, None, _POOR_BY),),
            "decisions": (_decision(_POOR_BY, "125/QĐ-UBND", date(2021, 12, 20), _POOR_FROM),),
            "act": _act("status_changed", _POOR_FROM, _POOR_BY),
        }
    )
    yield _Said(household.STATUS_CHANGED, HOUSEHOLD, 2, _POOR_FROM, poor)
    at_school = poor.model_copy(
        update={
            "members": _members(Schooling.PRIMARY),
            "act": _act("changed", date(2022, 9, 5)),
        }
    )
    yield _Said(household.CHANGED, HOUSEHOLD, 3, date(2022, 9, 5), at_school)
    yield _Said(household.STATUS_CHANGED, HOUSEHOLD, 4, _ESCAPED_ON, _escaped(at_school))


def _escaped(before: household.HouseholdData) -> household.HouseholdData:
    window = household.EscapeWindow(
        standard=_NATIONAL,
        from_class=StatusClass.POOR,
        recognised_on=date(2022, 12, 20),
        from_day=_ESCAPED_ON,
        until=date(2025, 12, 20),
        decision_id=_ESCAPED_BY,
    )
    return before.model_copy(
        update={
            "statuses": (
                _status(StatusClass.POOR, _POOR_FROM, _ESCAPED_ON, _POOR_BY),
                _status(StatusClass.NONE, _ESCAPED_ON, None, _ESCAPED_BY),
            ),
            "escapes": (window,),
            "decisions": (
                *before.decisions,
                _decision(_ESCAPED_BY, "131/QĐ-UBND", date(2022, 12, 20), _ESCAPED_ON),
            ),
            "act": _act("status_changed", _ESCAPED_ON, _ESCAPED_BY),
        }
    )


def _act(kind: str, on: date, decision_id: UUID | None = None) -> household.HouseholdAct:
    return household.HouseholdAct(
        kind=kind,
        effective_on=on,
        recorded_at=_WRITTEN_AT + timedelta(days=(on - _POOR_FROM).days),
        decision_id=decision_id,
    )


def _right(
    programme: str, subject: UUID, from_day: date, until: date | None, **benefit: Any
) -> entitlement.Entitlement:
    support = entitlement.SupportArea(programme.partition(".")[0])
    is_credit = support is entitlement.SupportArea.CREDIT
    documents = {
        "credit.01": "NĐ 78/2002/NĐ-CP",
        "credit.09": "QĐ 28/2015/QĐ-TTg",
        "insurance.HN": _HEALTH,
        "training.46.poor": _TRAINING,
    }
    return entitlement.Entitlement(
        programme=programme,
        support=support,
        subject_kind=entitlement.SubjectKind("household" if is_credit else "person"),
        subject_id=subject,
        from_day=from_day,
        until=until,
        table=programme.rpartition(".")[0],
        row=programme.rpartition(".")[2],
        document=documents[programme],
        is_confirmed=False,
        benefit=benefit,
    )


def _entitlements() -> Iterator[_Said]:
    def rights(until: date | None) -> tuple[entitlement.Entitlement, ...]:
        return (
            _right("credit.01", HOUSEHOLD, _POOR_FROM, until),
            _right(
                "insurance.HN", _HEAD, _POOR_FROM, until, support_percent=100, benefit_percent=100
            ),
            _right("training.46.poor", _HEAD, _POOR_FROM, until, course_vnd=4_000_000),
        )

    poor = entitlement.EntitlementData(
        household_id=HOUSEHOLD,
        household_version=2,
        area=_home(),
        as_of=_POOR_FROM,
        next_change_on=date(2022, 9, 5),
        entitlements=rights(None),
    )
    yield _Said(entitlement.CHANGED, HOUSEHOLD, 1, _POOR_FROM, poor)
    escaped = poor.model_copy(
        update={
            "household_version": 4,
            "as_of": _ESCAPED_ON,
            "next_change_on": date(2025, 12, 20),
            "entitlements": (
                *rights(_ESCAPED_ON),
                _right("credit.09", HOUSEHOLD, _ESCAPED_ON, None),
            ),
        }
    )
    yield _Said(entitlement.CHANGED, HOUSEHOLD, 2, _ESCAPED_ON, escaped)


def _rolls() -> Iterator[_Said]:
    def roll(until: date | None) -> tuple[insurance.RollPeriod, ...]:
        return (
            insurance.RollPeriod(
                person_id=_HEAD,
                group="HN",
                support_percent=100,
                benefit_percent=100,
                from_day=_POOR_FROM,
                until=until,
                document=_HEALTH,
                is_confirmed=False,
                order_is_confirmed=False,
            ),
        )

    for version, on, until in ((1, _POOR_FROM, None), (2, _ESCAPED_ON, _ESCAPED_ON)):
        data = insurance.RollData(
            household_id=HOUSEHOLD,
            entitlement_version=version,
            area=_home(),
            as_of=on,
            periods=roll(until),
        )
        yield _Said(insurance.ROLL_CHANGED, HOUSEHOLD, version, on, data)


def _offers() -> Iterator[_Said]:
    data = training.OfferData(
        household_id=HOUSEHOLD,
        entitlement_version=1,
        area=_home(),
        as_of=_POOR_FROM,
        offers=(
            training.Offer(
                person_id=_HEAD,
                group="46.poor",
                from_day=_POOR_FROM,
                until=None,
                benefit={"course_vnd": 4_000_000},
                document=_TRAINING,
                is_confirmed=False,
            ),
        ),
    )
    yield _Said(training.OFFER_CHANGED, HOUSEHOLD, 1, _POOR_FROM, data)


def _referrals() -> Iterator[_Said]:
    terms = referral.LoanTerms(
        on=_POOR_FROM,
        max_amount=100_000_000,
        max_months=120,
        yearly_rate_percent="6.6",
        overdue_rate_percent="8.58",
        document="NĐ 78/2002/NĐ-CP",
        is_confirmed=False,
    )
    opened = referral.ReferralData(
        referral_id=_LOAN,
        household_id=HOUSEHOLD,
        area=_home(),
        programme="01",
        state=ReferralState.OPEN,
        is_flagged=False,
        opened_on=_POOR_FROM,
        changed_on=_POOR_FROM,
        until=None,
        terms=terms,
        act="opened",
    )
    yield _Said(referral.CHANGED, _LOAN, 1, _POOR_FROM, opened)
    paid_on = date(2022, 3, 15)
    paid = opened.model_copy(
        update={"state": ReferralState.DISBURSED, "changed_on": paid_on, "act": "disbursed"}
    )
    yield _Said(referral.CHANGED, _LOAN, 2, paid_on, paid)
    flagged = paid.model_copy(
        update={"is_flagged": True, "changed_on": _ESCAPED_ON, "act": "flagged"}
    )
    yield _Said(referral.CHANGED, _LOAN, 3, _ESCAPED_ON, flagged)
    better = terms.model_copy(
        update={
            "on": _ESCAPED_ON,
            "max_months": 60,
            "yearly_rate_percent": "8.25",
            "overdue_rate_percent": "10.725",
            "document": "QĐ 28/2015/QĐ-TTg",
        }
    )
    beside = opened.model_copy(
        update={
            "referral_id": _NEXT_LOAN,
            "programme": "09",
            "opened_on": _ESCAPED_ON,
            "changed_on": _ESCAPED_ON,
            "terms": better,
        }
    )
    yield _Said(referral.CHANGED, _NEXT_LOAN, 1, _ESCAPED_ON, beside)

"""Every road shows a partner the same subjects, and of none a field that is not registered."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from libs.common.contracts import insurance, loan, referral
from libs.common.contracts.envelope import encode
from libs.common.contracts.model import Contract
from libs.common.floor import on_common_floor
from libs.common.ids import new_id
from libs.common.partners.checking import paths_of, shareable
from libs.common.partners.documents import Mask, Told, mask_of, models_in, told, unseen
from libs.common.partners.domain import LedgerEvent, Scope, view
from libs.common.partners.scoping import patterns_of
from libs.common.service import Service
from libs.common.vocabulary import CapitalSource, LoanState, NeedStage
from libs.common.web import Page
from libs.common.web.app import roles_of
from services.credit.app import build as build_credit
from services.credit.loans.schemas import LoanDetailOut, LoanOut
from services.credit.referrals.schemas import ReferralDetailOut, ReferralOut
from services.eligibility.app import build as build_eligibility
from services.eligibility.insurance.schemas import RollEntryOut
from tests.support.partners import HERE, THERE, a_referral

NOW, DAY = datetime(2022, 6, 1, tzinfo=UTC), date(2022, 6, 1)
SERVICES = {"credit": build_credit, "eligibility": build_eligibility}
# Answers of which a partner sees the whole: what is nobody's, what it recorded itself and no event
# tells of, what went through the view already (a file's lines do).
WHOLE = {
    "GET /terms",
    "POST /loans/statements",
    "POST /groups",
    "GET /groups",
    "GET /groups/reviews-due",
    "GET /groups/{group_id}",
    "PUT /groups/{group_id}/members/{household_id}",
    "DELETE /groups/{group_id}/members/{household_id}",
    "PUT /groups/{group_id}/grade",
    "PUT /groups/{group_id}/reviews/{year}",
    "GET /plans",
    "PUT /plans/{commune}/{source}/{programme}/{year}",
    "GET /changes",
    "GET /files/03-td",
    "POST /files/outcomes",
    "GET /files/outcomes/{file_id}",
    "GET /files/outcomes/{file_id}/report",
    "GET /files/d03-ts",
    "POST /insurance/cards",
    # Compared are the columns that the registration covers, and no others.
    "POST /reconciliations",
    "GET /reconciliations",
    "GET /reconciliations/{reconciliation_id}",
    "PUT /reconciliations/{reconciliation_id}/pages/{page}",
    "POST /reconciliations/{reconciliation_id}/close",
    "POST /reconciliations/{reconciliation_id}/cancel",
    "POST /reconciliations/{reconciliation_id}/answer",
    "GET /reconciliations/{reconciliation_id}/differences",
}
# Why a version was written stays inside, as an event's cause does.
NEVER = {"entitlement_version"}


def paths(service: str) -> list[str]:
    return sorted({path for kind in shareable(service) for path in paths_of(kind.data)})


def scopes(service: str, *programmes: str) -> st.SearchStrategy[Scope]:
    """Any registration of a service: types, programmes, communes, fields."""
    types = [kind.name for kind in shareable(service)]
    patterns = [f"{kind.partition('.')[0]}.*.v1" for kind in types]
    return st.builds(
        Scope,
        types=st.lists(st.sampled_from([*types, *patterns]), max_size=2).map(tuple),
        programmes=st.lists(st.sampled_from(programmes), max_size=3).map(tuple),
        communes=st.none() | st.frozensets(st.sampled_from([HERE, THERE])),
        fields=st.lists(st.sampled_from(paths(service)), max_size=6).map(tuple),
    )


CREDIT = scopes("credit", "credit.*", "credit.01", "credit.0*", "credit_01", "*", "insurance.*")
ELIGIBILITY = scopes("eligibility", "insurance.*", "insurance.HN", "insurance.H*", "*.DTTS", "c.*")


def seen(scope: Scope, kind: str, data: Contract) -> Any:
    """What the feed and a webhook show."""
    body = encode(
        event_id=new_id(),
        source="/services/any",
        event_type=kind,
        subject=new_id(),
        version=1,
        time=NOW,
        recorded_at=NOW,
        correlation_id=new_id(),
        causation_id=None,
        traceparent=None,
        data=data,
    )
    shown = view(scope, LedgerEvent(kind, body))
    return None if shown is None else json.loads(shown)["data"]


def is_row_shown(scope: Scope, stream: str, programme: str, commune: str) -> bool:
    """What row-level security decides: the commune, and LIKE over `ansinh.programmes`."""
    likes = [
        re.escape(pattern.replace(r"\_", "_")).replace("%", ".*") for pattern in patterns_of(scope)
    ]
    is_programme = any(re.fullmatch(like, f"{stream}/{programme}") for like in likes)
    return is_programme and (scope.communes is None or commune in scope.communes)


def told_of(model: type[BaseModel], scope: Scope, document: dict[str, Any]) -> dict[str, Any]:
    mask = mask_of(model)
    assert mask is not None
    found: dict[str, Any] = told(mask, scope.fields, document)
    return found


def leaves(document: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(document, dict) and document:
        for name, value in document.items():
            yield from leaves(value, f"{path}.{name}" if path else name)
    elif not isinstance(document, dict):
        yield path, document


def check_same(model: type[Told], scope: Scope, resource: dict[str, Any], event: Any) -> None:
    """Ids apart, the resource shows what the event does of its fields, and nothing else."""
    shown, ids = told_of(model, scope, resource), set(model.told_by.ids)
    assert ids & resource.keys() <= shown.keys()
    own = [model.told_by.path(name) for name in resource.keys() - ids]
    found = {
        path: value
        for name in shown.keys() - ids
        for path, value in leaves(shown[name], model.told_by.path(name))
    }
    assert found == {
        path: value
        for path, value in leaves(event)
        if any(path == one or path.startswith(f"{one}.") for one in own)
    }


def a_need() -> referral.LoanNeed:
    return referral.LoanNeed(
        need_id=new_id(),
        amount=40_000_000,
        months=60,
        source=CapitalSource.CENTRAL,
        stage=NeedStage.SENT,
        over_cap=False,
        changed_on=DAY,
        due_on=None,
    )


@given(CREDIT, st.sampled_from(["01", "09", "19"]), st.sampled_from([HERE, THERE]), st.booleans())
def test_a_referral_is_the_same_on_every_road(
    scope: Scope, programme: str, commune: str, has_need: bool
) -> None:
    said = a_referral(programme=programme, commune=commune)
    said = said.model_copy(update={"need": a_need() if has_need else None})
    event = seen(scope, referral.CHANGED, said)
    assert (event is not None) == is_row_shown(scope, "referral", f"credit.{programme}", commune)
    if event is not None:
        row = said.model_dump(mode="json", exclude={"area", "act"})
        check_same(ReferralOut, scope, {**row, "commune": commune, "version": 1}, event)


@given(CREDIT, st.sampled_from(["01", "09", "19"]), st.sampled_from([HERE, THERE]))
def test_a_loan_is_the_same_on_every_road(scope: Scope, programme: str, commune: str) -> None:
    buckets = loan.LoanBuckets(in_term=1, overdue=2, frozen=3)
    said = loan.LoanData(
        loan_id=new_id(),
        referral_id=new_id(),
        household_id=new_id(),
        area=a_referral(commune=commune).area,
        programme=programme,
        source=CapitalSource.CENTRAL,
        state=LoanState.IN_TERM,
        principal=6,
        paid_on=DAY,
        due_on=DAY,
        balances=buckets,
        interest=buckets,
        balance_on=DAY,
        yearly_rate_percent="6.6",
        overdue_rate_percent="8.58",
        changed_on=DAY,
        act="opened",
    )
    event = seen(scope, loan.CHANGED, said)
    assert (event is not None) == is_row_shown(scope, "loan", f"credit.{programme}", commune)
    if event is not None:
        row = said.model_dump(mode="json", exclude={"area", "act"})
        check_same(LoanOut, scope, {**row, "commune": commune, "version": 1}, event)


@given(
    ELIGIBILITY, st.lists(st.sampled_from(["HN", "HCN", "DTTS"])), st.sampled_from([HERE, THERE])
)
def test_a_roll_has_the_same_lines_on_every_road(
    scope: Scope, groups: list[str], commune: str
) -> None:
    periods = tuple(
        insurance.RollPeriod(
            person_id=new_id(),
            group=group,
            support_percent=100,
            benefit_percent=95,
            from_day=DAY,
            until=None,
            document="NĐ 146/2018/NĐ-CP",
            is_confirmed=False,
            order_is_confirmed=False,
        )
        for group in groups
    )
    said = insurance.RollData(
        household_id=new_id(),
        entitlement_version=1,
        area=a_referral(commune=commune).area,
        as_of=DAY,
        periods=periods,
    )
    event = seen(scope, insurance.ROLL_CHANGED, said)
    lines = [
        period
        for period in periods
        if is_row_shown(scope, "insurance", f"insurance.{period.group}", commune)
    ]
    assert (event is not None) == bool(lines)
    if event is None:
        return
    items = event.get("periods", [{}] * len(lines))
    for line, item in zip(lines, items, strict=True):
        row = {**line.model_dump(mode="json"), "commune": commune, "household_id": "h"}
        own = {name: event[name] for name in ("area",) if name in event}
        own |= {"periods": item} if item else {}
        check_same(RollEntryOut, scope, row, own)


def answers(service: Service) -> Iterator[tuple[str, Any]]:
    """Every public route that lets partners in, and what it answers."""
    for prefix, route, roles in roles_of(service):
        if service.partners in roles and not prefix.startswith("/internal"):
            for method in route.methods or ():
                yield f"{method} {route.path}", route.response_model


@pytest.mark.parametrize("name", SERVICES)
def test_every_answer_to_a_partner_says_what_its_fields_are_told_by(name: str) -> None:
    found = dict(answers(on_common_floor(SERVICES[name]())))
    assert found
    bare = {route for route, answer in found.items() if mask_of(answer) is None}
    assert bare <= WHOLE, "make the answer's models `Told`, or say here why it is whole"


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_field_is_told_by_can_be_registered(name: str) -> None:
    known = {path.partition(".")[0] for path in paths(name)}

    def by(mask: Mask) -> Iterator[str]:
        yield from mask.asked.values()
        for field in mask.fields.values():
            if isinstance(field, Mask):
                yield from by(field)
            elif field is not None:
                yield field

    masks = filter(None, (mask_of(answer) for _, answer in answers(SERVICES[name]())))
    assert {path for mask in masks for path in by(mask) if path.partition(".")[0] not in known} <= (
        NEVER
    )


def test_a_page_and_a_detail_are_masked_item_by_item() -> None:
    item = {"referral_id": "r", "household_id": "h", "version": 3, "state": "open", "until": None}
    page = {"items": [{**item, "need": {"stage": "sent", "amount": 1}}], "next": "n"}
    shown = told_of(Page[ReferralOut], Scope((), (), None, ("state", "need.stage")), page)
    ids = {"referral_id": "r", "household_id": "h", "version": 3}
    assert shown == {"items": [{**ids, "state": "open", "need": {"stage": "sent"}}], "next": "n"}

    paid = {"paid_on": "2022-05-25", "amount": 1, "contract_number": "HD-1"}
    version = {"version": 1, "act": "opened", "recorded_at": "t", "entitlement_version": 4}
    detail = {**item, "disbursement": paid, "history": [version], "later": "unknown to the model"}
    shown = told_of(ReferralDetailOut, Scope((), (), None, ("act",)), detail)
    history = [{"version": 1, "act": "opened", "recorded_at": "t"}]
    assert shown == {**ids, "history": history}
    shown = told_of(ReferralDetailOut, Scope((), (), None, ("principal",)), detail)
    assert shown["disbursement"] == {"amount": 1, "contract_number": "HD-1"}
    unpaid = {"disbursement": None}
    assert told_of(ReferralDetailOut, Scope((), (), None, ()), unpaid) == {}
    assert told_of(ReferralDetailOut, Scope((), (), None, ("principal",)), unpaid) == unpaid


def test_a_filter_asks_about_what_is_registered_only() -> None:
    mask = mask_of(Page[ReferralOut])
    assert mask is not None
    asked = ["stage", "programme", "state", "area", "limit"]
    assert unseen(mask, ("programme", "need.amount"), asked) == ["stage", "state"]
    assert unseen(mask, ("state", "programme", "need"), asked) == []


def test_only_ids_and_lists_are_promised() -> None:
    required = LoanDetailOut.model_json_schema(mode="serialization")["required"]
    assert {*LoanOut.told_by.ids, "history"} == set(required)


def test_models_are_found_in_lists_unions_and_pages() -> None:
    assert [*models_in(list[LoanOut] | None)] == [LoanOut]
    [inner] = get_args(Page[LoanOut].model_fields["items"].annotation)
    assert inner is LoanOut

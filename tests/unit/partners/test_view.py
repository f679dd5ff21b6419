"""What of an event leaves: the scope's types, areas, programmes and fields, and nothing else."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.contracts import entitlement, insurance
from libs.common.contracts.envelope import encode
from libs.common.contracts.model import Contract
from libs.common.contracts.referral import CHANGED
from libs.common.ids import new_id
from libs.common.partners.domain import EVERYTHING, LEFT, LedgerEvent, Scope, view
from tests.support.partners import HERE, THERE, a_referral

NOW = datetime(2022, 6, 1, tzinfo=UTC)
IDS = {
    "specversion", "id", "source", "type", "subject", "partitionkey", "time", "recordedtime",
    "datacontenttype", "sequence", "correlationid",
}  # fmt: skip


def bytes_of(data: Contract, event_type: str = CHANGED, version: int = 1) -> bytes:
    return encode(
        event_id=new_id(),
        source="/services/credit",
        event_type=event_type,
        subject=new_id(),
        version=version,
        time=NOW,
        recorded_at=NOW,
        correlation_id=new_id(),
        causation_id=new_id(),
        traceparent=f"00-{'1' * 32}-{'2' * 16}-01",
        data=data,
    )


def a_scope(**changed: Any) -> Scope:
    given: dict[str, Any] = {
        "types": ("referral.*.v1", "insurance.*.v1", "entitlement.*.v1"),
        "programmes": (EVERYTHING,),
        "communes": None,
        "fields": ("household_id", "area.commune", "programme", "periods"),
    }
    return Scope(**{**given, **changed})


def seen(scope: Scope, body: bytes, event_type: str = CHANGED, before: bytes | None = None) -> Any:
    earlier = None if before is None else (event_type, before)
    shown = view(scope, LedgerEvent(event_type, body, earlier))
    return None if shown is None else json.loads(shown)


def roll(*groups: str, commune: str = HERE) -> insurance.RollData:
    return insurance.RollData(
        household_id=new_id(),
        entitlement_version=1,
        area=a_referral(commune=commune).area,
        as_of=date(2022, 6, 1),
        periods=tuple(
            insurance.RollPeriod(
                person_id=new_id(),
                group=group,
                support_percent=100,
                benefit_percent=95,
                from_day=date(2022, 1, 1),
                until=None,
                document="NĐ 146/2018/NĐ-CP",
                is_confirmed=False,
                order_is_confirmed=False,
            )
            for group in groups
        ),
    )


def test_the_ids_and_the_named_fields_leave_and_nothing_else() -> None:
    shown = seen(a_scope(), bytes_of(a_referral()))
    assert set(shown) == IDS | {"data"}  # neither cause nor trace
    assert set(shown["data"]) == {"household_id", "area", "programme"}
    assert shown["data"]["area"] == {"commune": HERE}


def test_a_name_stands_for_all_below_it_whatever_else_is_named() -> None:
    for fields in (("terms", "terms.on"), ("terms.on", "terms")):
        assert len(seen(a_scope(fields=fields), bytes_of(a_referral()))["data"]["terms"]) == 7


def test_without_a_field_only_the_ids_leave() -> None:
    assert seen(a_scope(fields=()), bytes_of(a_referral()))["data"] == {}


@pytest.mark.parametrize(
    "narrowed",
    [
        {"types": ("loan.*.v1",)},
        {"types": ()},
        {"communes": frozenset({THERE})},
        {"communes": frozenset()},
        {"programmes": ("credit.19",)},
        {"programmes": ()},
    ],
    ids=str,
)
def test_what_is_outside_type_area_or_programme_is_not_shown(narrowed: dict[str, Any]) -> None:
    assert seen(a_scope(**narrowed), bytes_of(a_referral(programme="01"))) is None


def test_a_stream_that_no_rule_describes_is_shown_to_nobody() -> None:
    scope = a_scope(types=("*",))
    assert (
        seen(scope, bytes_of(a_referral(), "household.changed.v1"), "household.changed.v1") is None
    )


def test_of_a_roll_only_the_periods_of_the_programmes_leave() -> None:
    scope = a_scope(programmes=("insurance.HN",))
    body = bytes_of(roll("HN", "TE", "HN"), insurance.ROLL_CHANGED)
    groups = [one["group"] for one in seen(scope, body, insurance.ROLL_CHANGED)["data"]["periods"]]
    assert groups == ["HN", "HN"]
    assert seen(scope, bytes_of(roll("TE"), insurance.ROLL_CHANGED), insurance.ROLL_CHANGED) is None


def test_who_was_told_of_a_subject_is_told_once_that_it_has_left() -> None:
    scope = a_scope(communes=frozenset({HERE}))
    inside, outside = bytes_of(a_referral()), bytes_of(a_referral(commune=THERE), version=2)
    told = seen(scope, outside, before=inside)
    assert set(told) == IDS | {LEFT}
    assert told[LEFT] is True
    assert seen(scope, outside, before=outside) is None


def test_a_scope_narrowed_by_a_token_holds_what_both_hold() -> None:
    here, both = frozenset({HERE}), frozenset({HERE, THERE})
    assert a_scope(communes=None).within(here).communes == here
    assert a_scope(communes=here).within(None).communes == here
    assert a_scope(communes=both).within(here).communes == here
    assert a_scope(communes=None).within(None).communes is None


# --- the property

COMMUNES = ["01882", "01864", "01849"]
PROGRAMMES = ["01", "09", "19"]
GROUPS = ["HN", "CN", "TE"]
PATHS = ["household_id", "area", "area.commune", "programme", "terms", "terms.on", "periods",
         "periods.group", "periods.person_id", "act"]  # fmt: skip
events = st.one_of(
    st.builds(
        lambda c, p: (CHANGED, bytes_of(a_referral(commune=c, programme=p))),
        st.sampled_from(COMMUNES),
        st.sampled_from(PROGRAMMES),
    ),
    st.builds(
        lambda c, g: (
            insurance.ROLL_CHANGED,
            bytes_of(roll(*g, commune=c), insurance.ROLL_CHANGED),
        ),
        st.sampled_from(COMMUNES),
        st.lists(st.sampled_from(GROUPS), max_size=4),
    ),
)
scopes = st.builds(
    Scope,
    st.lists(st.sampled_from([CHANGED, "insurance.*.v1", "*"]), max_size=2).map(tuple),
    st.lists(
        st.sampled_from(["credit.01", "credit.*", "insurance.HN", "insurance.TE", "*"]), max_size=3
    ).map(tuple),
    st.none() | st.frozensets(st.sampled_from(COMMUNES)),
    st.lists(st.sampled_from(PATHS), max_size=5).map(tuple),
)


def leaves(value: Any, path: str = "") -> set[str]:
    if isinstance(value, dict) and value:
        return {leaf for k, v in value.items() for leaf in leaves(v, f"{path}.{k}".strip("."))}
    if isinstance(value, list):
        return {leaf for item in value for leaf in leaves(item, path)}
    return {path}


@given(scopes, events, st.none() | events)
def test_nothing_outside_the_scope_ever_leaves(
    scope: Scope, event: tuple[str, bytes], before: tuple[str, bytes] | None
) -> None:
    event_type, body = event
    shown = view(scope, LedgerEvent(event_type, body, before))
    if shown is None:
        return
    told, whole = json.loads(shown), json.loads(body)
    assert set(told) <= IDS | {"data", LEFT}
    assert all(told[name] == whole[name] for name in IDS)
    if told.get(LEFT):  # ids alone, to somebody who was told before
        assert "data" not in told
        assert before is not None
        whole, event_type = json.loads(before[1]), before[0]
    assert any(pattern in (event_type, "*") or pattern.startswith(event_type.split(".")[0])
               for pattern in scope.types)  # fmt: skip
    assert scope.communes is None or whole["data"]["area"]["commune"] in scope.communes
    periods = told.get("data", {}).get("periods", [])
    allowed = {f"insurance.{group}" for group in GROUPS} & set(scope.programmes)
    if not {"*"} & set(scope.programmes):
        assert all(f"insurance.{p['group']}" in allowed for p in periods if "group" in p)
        if "programme" in whole["data"]:
            assert {f"credit.{whole['data']['programme']}", "credit.*"} & set(scope.programmes)
        else:
            kept = [p for p in whole["data"]["periods"] if f"insurance.{p['group']}" in allowed]
            assert kept
            if "periods" in told.get("data", {}):
                assert len(periods) == len(kept)
    for leaf in leaves(told.get("data", {})) - {""}:
        assert any(leaf == path or leaf.startswith(path + ".") for path in scope.fields) or (
            any(path.startswith(leaf + ".") for path in scope.fields)  # an empty branch
        )


def test_an_entitlement_is_cut_to_the_programmes_too() -> None:
    rights = entitlement.EntitlementData(
        household_id=new_id(),
        household_version=1,
        area=a_referral().area,
        as_of=date(2022, 6, 1),
        next_change_on=None,
        entitlements=tuple(
            entitlement.Entitlement(
                programme=programme,
                support=entitlement.SupportArea(programme.partition(".")[0]),
                subject_kind=entitlement.SubjectKind.HOUSEHOLD,
                subject_id=new_id(),
                from_day=date(2022, 1, 1),
                until=None,
                table="t",
                row="r",
                document="NĐ 146/2018/NĐ-CP",
                is_confirmed=False,
                benefit={},
            )
            for programme in ("credit.01", "insurance.HN")
        ),
    )
    scope = a_scope(programmes=("insurance.*",), fields=("entitlements.programme",))
    shown = seen(scope, bytes_of(rights, entitlement.CHANGED), entitlement.CHANGED)
    assert shown["data"] == {"entitlements": [{"programme": "insurance.HN"}]}

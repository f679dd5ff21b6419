"""Synchronous search: what is found, what is said, what is not; SR-CORE-RG-SYNC-SEARCH-*."""

from datetime import UTC, datetime
from typing import Any

import httpx

from libs.common.dci import signatures
from libs.common.dci.keys import read_public
from libs.common.dci.signatures import Profile
from libs.common.ids import new_id
from services.registry.rights import store as rights
from services.registry.rights.domain import AskedBy, Request, RequestKind
from services.registry.rights.store import Kept
from tests.integration.dci.conftest import DAY, HERE, NAMED, Registry, register_dci
from tests.support.dci import OUR_ID, OURS, THEIR_ID, a_search, an_item, public_keys

UIN = {"type": "UIN", "value": "TEST-001"}


def message(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["header"]["status"] == "succ"
    return body["message"]


def records(answer: httpx.Response, place: int = 0) -> Any:
    response = message(answer)["search_response"][place]
    assert response["status"] == "succ", response
    return response["data"]["reg_records"]


def reasons(answer: httpx.Response) -> list[str]:
    return [one.get("status_reason_code", "") for one in message(answer)["search_response"]]


async def test_a_person_is_found_by_an_identifier(registry: Registry) -> None:
    """SR-CORE-RG-SYNC-SEARCH-01, SR-EXTRA-RG-SYNC-SEARCH-REGRECORDS-01."""
    envelope = a_search(an_item(UIN), an_item(UIN, reg_record_type="SRPerson"))
    envelope["message"]["search_request"].append(an_item(UIN, response_entity="Member"))
    envelope["header"]["total_count"] = 3
    answer = await registry.post(envelope)
    body = answer.json()
    assert body["header"]["action"] == "on-search"
    assert (body["header"]["sender_id"], body["header"]["receiver_id"]) == (OUR_ID, THEIR_ID)
    assert body["message"]["transaction_id"] == envelope["message"]["transaction_id"]
    assert body["message"]["correlation_id"] == answer.headers["X-Correlation-Id"]
    asked = [item["reference_id"] for item in envelope["message"]["search_request"]]
    assert [one["reference_id"] for one in body["message"]["search_response"]] == asked
    [group], [person], [member] = (records(answer, place) for place in range(3))
    assert group["@type"] == "spdci:Group"
    assert group["group_identifier"][0]["identifier_value"] == str(registry.near)
    assert group["group_size"] == len(group["member_list"]) == 2
    assert {"poverty_status": "poor"} in group["additional_attributes"]
    assert {"area_code": HERE} in group["additional_attributes"]
    assert group["address"][0]["region_code"] == "06"
    assert group["group_head_info"]["demographic_info"]["sex"] == "female"
    assert person["@type"] == "spdci:SRPerson"
    assert person["birth_date"] == "1980-05-01T00:00:00+07:00"
    assert person["identifier"] == [
        {"identifier_type": "UIN", "identifier_value": "TEST-001"},
        {"identifier_type": "PERSON_ID", "identifier_value": str(registry.bearer)},
    ]
    assert person["name"] == NAMED  # composed letters, as they were recorded
    assert member["@type"] == "spdci:Member"
    assert member["demographic_info"]["name"] == NAMED
    assert group["group_head_info"]["demographic_info"]["name"] == NAMED
    assert "name" not in group["member_list"][1]["demographic_info"]  # nobody has recorded it
    assert member["demographic_info"]["sex"] == "female"
    # Every answer is signed over what was received, in the partner's profile.
    covered = signatures.canonical_bytes(Profile.HTTP_UTF8, body["header"], body["message"])
    signatures.verify(
        Profile.HTTP_UTF8,
        body["signature"],
        covered,
        keys=read_public(public_keys(OURS)),
        sender_id=OUR_ID,
        sent_at=registry_time(),
        now=int(registry_time().timestamp()),
    )


def registry_time() -> datetime:
    return datetime.now(UTC)


async def test_what_lies_outside_the_registration_looks_like_nothing(registry: Registry) -> None:
    """Another commune's person, an unknown number, a type that nobody has: one answer for all."""
    queries = [
        {"type": "UIN", "value": "TEST-002"},
        {"type": "UIN", "value": "NOBODY"},
        {"type": "MOBILE", "value": "+84900000000"},
        {"type": "PERSON_ID", "value": str(registry.stranger)},
        {"type": "HOUSEHOLD_ID", "value": str(registry.far)},
        {"type": "HOUSEHOLD_ID", "value": "HH-1"},
    ]
    answer = await registry.post(a_search(*map(an_item, queries)))
    found = message(answer)["search_response"]
    assert {str(one["data"]) for one in found} == {str(found[0]["data"])}
    assert found[0]["data"]["reg_records"] == []
    assert {one["pagination"]["total_count"] for one in found} == {0}
    everyone = an_item([_predicate("group_size", "ge", "1")], "predicate")
    mine = await registry.post(a_search(everyone))
    assert [one["group_identifier"][0]["identifier_value"] for one in records(mine)] == [
        str(registry.near)
    ]


async def test_only_registered_fields_leave_and_only_they_can_be_asked_for(
    registry: Registry,
) -> None:
    await register_dci(registry.database, fields=("group.poverty_status", "person.sex"))
    answer = await registry.post(
        a_search(
            an_item(UIN),
            an_item(UIN, reg_record_type="SRPerson"),
            an_item([_predicate("age", "lt", "25")], "predicate"),
            an_item([_predicate("poverty_status", "eq", "poor")], "predicate"),
        )
    )
    [group], [person] = records(answer, 0), records(answer, 1)
    assert group.keys() == {"@context", "@type", "group_identifier", "additional_attributes"}
    assert group["additional_attributes"] == [{"poverty_status": "poor"}]
    assert person.keys() == {"@context", "@type", "identifier", "sex"}
    assert reasons(answer) == ["", "", "rjct.search_criteria.invalid", ""]


async def test_every_read_is_on_the_trail_with_the_purpose_that_was_stated(
    registry: Registry,
) -> None:
    purpose = {"@type": "Authorize", "purpose": {"code": "LOAN-REFERRAL"}}
    answer = await registry.post(a_search(an_item(UIN, authorize=purpose)))
    lines = await registry.audit(message(answer)["correlation_id"])
    assert {line["kind"] for line in lines} == {"read"}
    assert {line["purpose"] for line in lines} == {"LOAN-REFERRAL"}
    subjects = {line["subject_kind"]: set(line["subjects"]) for line in lines}
    assert subjects["household"] == {registry.near}
    assert registry.bearer in subjects["person"]
    assert len(subjects["person"]) == 2


async def test_who_has_limited_the_use_of_the_data_is_not_named(registry: Registry) -> None:
    """For whichever purpose: the partner's are words of its own. Nothing else stays out."""
    asked = Request(
        new_id(),
        registry.near,
        registry.bearer,
        RequestKind.OBJECTION,
        AskedBy.SELF,
        DAY,
        "credit",
        "12/2022",
        with_others=True,
    )
    async with registry.database.as_api() as api, api.transaction(HERE) as tx:
        await rights.insert_request(tx, asked, "test")
        kept = Kept(asked, (), "test", tx.recorded_at)
        await rights.begin_limit(tx, kept, DAY)
    item = an_item(UIN, reg_record_type="SRPerson")
    [person] = records(await registry.post(a_search(item)))
    async with registry.database.as_api() as api, api.transaction(HERE) as tx:
        await rights.end_limit(tx, kept, DAY)
    assert "name" not in person
    assert person["birth_date"]
    item = an_item(UIN, reg_record_type="SRPerson")
    assert records(await registry.post(a_search(item)))[0]["name"] == NAMED


def _predicate(name: str, operator: str, value: Any, **more: Any) -> dict[str, Any]:
    return {
        "seq_num": 1,
        "expression1": {
            "attribute_name": name,
            "operator": operator,
            "attribute_value": value,
        },
    } | more

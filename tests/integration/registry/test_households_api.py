"""Households over HTTP: who may do what, what is refused and how, what is read as of which day."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from libs.common.clock import FixedDayClock
from libs.common.contracts.household import HouseholdData
from libs.common.ids import new_id
from libs.common.problems import Problem
from libs.common.security.roles import Role
from services.registry.app import build
from services.registry.households import acts as households
from tests.integration.registry.builders import (
    COMMUNE,
    NEIGHBOUR,
    STANDARD,
    TODAY,
    a_household,
    a_member,
    count,
    events,
    stated,
)
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase

OFFICER = bearer(Role.OFFICER, areas=[COMMUNE])
CHAIRMAN = bearer(Role.CHAIRMAN, areas=[COMMUNE])
NEIGHBOURS_OFFICER = bearer(Role.OFFICER, areas=[NEIGHBOUR])


@pytest_asyncio.fixture
async def client(registry: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(build(), registry, clock=FixedDayClock(TODAY)) as client:
        yield client


async def register(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post("/v1/households", json=body, headers=OFFICER)
    assert answer.status_code == 201, answer.text
    written: dict[str, Any] = answer.json()
    return written


def broken(answer: httpx.Response) -> set[tuple[str, str]]:
    assert answer.headers["content-type"].startswith("application/problem+json")
    return {(error["pointer"], error["rule"]) for error in answer.json()["errors"]}


async def test_registering_answers_version_and_correlation_and_says_it(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    body = a_household()
    written = await register(client, body)
    assert written["version"] == 1
    (said,) = await events(registry, body["household_id"])
    assert said["type"] == "household.registered.v1"
    assert said["correlationid"] == written["correlation_id"]
    assert HouseholdData.model_validate(said["data"]).act.kind == "register"
    read = await client.get(f"/v1/households/{body['household_id']}", headers=OFFICER)
    assert read.headers["etag"] == '"1"'
    assert read.json()["residence"]["commune"] == COMMUNE
    assert len(read.json()["members"]) == 2


async def test_a_confirmed_low_income_worker_is_kept_read_and_said(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    body = a_household(a_member(is_low_income_worker=True), a_member(relation="spouse"))
    await register(client, body)
    read = await client.get(f"/v1/households/{body['household_id']}", headers=OFFICER)
    (said,) = await events(registry, body["household_id"])
    for members in (read.json()["members"], said["data"]["members"]):
        assert [member["is_low_income_worker"] for member in members] == [True, False]


async def test_the_same_household_again_is_done_and_another_under_its_id_refused(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    body = a_household()
    first = await register(client, body)
    assert await register(client, body) == first
    other = await client.post(
        "/v1/households", json=body | {"is_farm_household": False}, headers=OFFICER
    )
    assert other.status_code == 409
    assert broken(other) == {("/household_id", "household.id_taken")}
    assert await count(registry, "event_log WHERE stream = 'household'") == 1


async def test_a_batch_is_all_or_nothing_and_names_every_broken_rule(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    future = a_household(a_member(birth_date="2030-01-01"))
    headless = a_household(a_member(relation="spouse", ethnicity="atlantean"))
    unknown_area = a_household(commune="77777")
    bad = {"households": [a_household(), future, headless, unknown_area]}
    answer = await client.post("/v1/households/batches", json=bad, headers=OFFICER)
    assert answer.status_code == 422
    assert broken(answer) == {
        ("/households/1/members/0/birth_date", "birth.future"),
        ("/households/1/members/0/joined_on", "membership.before_birth"),
        ("/households/2/members", "head.missing"),
        ("/households/2/members/0/ethnicity", "ethnicity.unknown"),
        ("/households/3/residence/commune", "area.unknown"),
    }
    assert "atlantean" not in answer.text
    assert "2030" not in answer.text
    assert await count(registry, "household") == 0

    good = {"households": [a_household() for _ in range(50)]}
    for _ in range(2):
        answer = await client.post("/v1/households/batches", json=good, headers=OFFICER)
        assert answer.status_code == 201
        assert {item["version"] for item in answer.json()["items"]} == {1}
    assert await count(registry, "household") == 50


async def test_a_code_must_be_valid_on_the_day(client: httpx.AsyncClient) -> None:
    before_its_time = a_household(
        commune="01873",
        registered_on="2004-01-01",
        residence={"commune": "01873", "from_day": "2003-01-01"},
    )
    answer = await client.post(
        "/v1/households", json=before_its_time, headers=bearer(Role.OFFICER, areas=["*"])
    )
    assert ("/residence/commune", "area.not_valid_that_day") in broken(answer)


@pytest.mark.parametrize("field", ["name", "identity_number"])
async def test_names_and_identity_numbers_have_no_place_here(
    client: httpx.AsyncClient, field: str
) -> None:
    body = a_household(a_member(**{field: "Nguyễn Thị Bí Mật"}))
    answer = await client.post("/v1/households", json=body, headers=OFFICER)
    assert answer.status_code == 422
    assert "Bí Mật" not in answer.text


async def test_another_commune_is_neither_written_nor_seen(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    answer = await client.post(
        "/v1/households", json=a_household(commune=NEIGHBOUR), headers=OFFICER
    )
    assert answer.status_code == 403
    assert broken(answer) == {("/residence/commune", "scope.outside")}
    assert await count(registry, "household") == 0

    body = a_household()
    await register(client, body)
    path = f"/v1/households/{body['household_id']}"
    assert (await client.get(path, headers=NEIGHBOURS_OFFICER)).status_code == 404
    listed = await client.get("/v1/households", headers=NEIGHBOURS_OFFICER)
    assert listed.json()["items"] == []
    taken = await client.post(
        "/v1/households",
        json=body | {"residence": {"commune": NEIGHBOUR, "from_day": "2005-01-01"}},
        headers=NEIGHBOURS_OFFICER,
    )
    assert broken(taken) == {("/household_id", "household.id_taken")}


async def test_a_person_is_in_one_household_at_a_time(client: httpx.AsyncClient) -> None:
    person = a_member()
    await register(client, a_household(person))
    answer = await client.post("/v1/households", json=a_household(person), headers=OFFICER)
    assert answer.status_code == 409
    assert broken(answer) == {("/members", "person.in_another_household")}


async def test_a_correction_needs_the_version_that_was_read(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    body = a_household()
    await register(client, body)
    path = f"/v1/households/{body['household_id']}"
    head, child = body["members"]
    change = {key: body[key] for key in ("residence", "is_farm_household")}
    change |= {"members": [head | {"has_pension": True}, child]}
    assert (await client.put(path, json=change, headers=OFFICER)).status_code == 428
    stale = await client.put(path, json=change, headers=OFFICER | {"If-Match": '"7"'})
    assert (stale.status_code, broken(stale)) == (412, {("/header/if-match", "version.stale")})
    # Two officers save what they have read at once: the second is told to read again.
    both = await asyncio.gather(
        *(client.put(path, json=change, headers=OFFICER | {"If-Match": '"1"'}) for _ in range(2))
    )
    done, late = sorted(both, key=lambda answer: answer.status_code)
    assert (done.status_code, done.json()["version"]) == (200, 2)
    assert (late.status_code, broken(late)) == (412, {("/header/if-match", "version.stale")})
    same = await client.put(path, json=change, headers=OFFICER | {"If-Match": '"2"'})
    assert same.json()["version"] == 2
    said = await events(registry, body["household_id"])
    assert [event["type"] for event in said] == [
        "household.registered.v1",
        "household.changed.v1",
    ]
    assert HouseholdData.model_validate(said[1]["data"]).members[0].has_pension


async def test_what_takes_two_persons_is_not_corrected_by_one(client: httpx.AsyncClient) -> None:
    body = a_household()
    await register(client, body)
    path = f"/v1/households/{body['household_id']}"
    head, child = body["members"]
    facts = {key: body[key] for key in ("residence", "is_farm_household", "members")}
    for wrong in (
        {"is_farm_household": False},
        {"members": [head | {"birth_date": "1981-01-01"}, child]},
        {"members": [head]},  # nobody takes a person out as if it had never been a member,
        {"members": [head, child | {"person_id": str(new_id()), "sex": "male"}]},  # or puts another
    ):
        answer = await client.put(path, json=facts | wrong, headers=OFFICER | {"If-Match": '"1"'})
        assert broken(answer) == {("", "change.takes_two")}
    assert (await client.get(path, headers=OFFICER)).headers["etag"] == '"1"'


async def test_what_was_known_before_a_correction_can_still_be_read(
    client: httpx.AsyncClient,
) -> None:
    head, child = a_member(), a_member(relation="child", joined_on="2010-01-01")
    body = a_household(head, child)
    await register(client, body)
    before = datetime.now(UTC)
    path = f"/v1/households/{body['household_id']}"
    newborn = a_member(relation="child", birth_date="2022-05-01", joined_on="2022-05-01")
    change = {
        "residence": body["residence"],
        "is_farm_household": True,
        "members": [head, child | {"left_on": "2022-03-01"}, newborn],
    }
    answer = await client.put(path, json=change, headers=OFFICER | {"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text

    async def members(**asked: str) -> int:
        read = await client.get(path, params=asked, headers=OFFICER)
        return len(read.json()["members"])

    assert await members() == 3
    assert await members(as_of="2022-02-28") == 2
    assert await members(as_of="2022-04-01") == 1
    assert await members(as_of="2022-06-01") == 2
    assert await members(known_at=before.isoformat()) == 2
    long_ago = await client.get(path, params={"known_at": "2020-01-01"}, headers=OFFICER)
    assert long_ago.status_code == 404


async def test_a_move_closes_the_old_residence_and_takes_the_household_along(
    client: httpx.AsyncClient, registry: ServiceDatabase
) -> None:
    body = a_household()
    await register(client, body)
    path = f"/v1/households/{body['household_id']}"

    async def move(from_day: str) -> None:
        moved = stated(body | {"residence": {"commune": NEIGHBOUR, "from_day": from_day}})
        async with (
            registry.as_api() as connections,
            connections.transaction(f"{COMMUNE},{NEIGHBOUR}") as tx,
        ):
            await households.correct(tx, moved, TODAY, TODAY, lambda _: None)

    await move("2022-04-01")
    assert (await client.get(path, headers=OFFICER)).status_code == 404
    now = await client.get(path, headers=NEIGHBOURS_OFFICER)
    assert now.json()["residence"]["commune"] == NEIGHBOUR
    then = await client.get(path, params={"as_of": "2022-03-31"}, headers=NEIGHBOURS_OFFICER)
    assert then.json()["residence"]["commune"] == COMMUNE
    with pytest.raises(Problem) as overlap:
        await move("2004-12-31")
    assert [error.rule for error in overlap.value.errors] == ["residence.overlap"]


async def test_lists_page_by_key_and_filter_by_present_class(client: httpx.AsyncClient) -> None:
    bodies = [a_household() for _ in range(5)]
    answer = await client.post(
        "/v1/households/batches", json={"households": bodies}, headers=OFFICER
    )
    ids = sorted(item["household_id"] for item in answer.json()["items"])
    decided = await client.post(
        "/v1/decisions", json=a_decision_body({ids[1]: "poor", ids[3]: "poor"}), headers=CHAIRMAN
    )
    assert decided.status_code == 201, decided.text
    assert {row["version"] for row in decided.json()["rows"]} == {2}

    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = await client.get(
            "/v1/households", params={"commune": COMMUNE, "limit": "2"} | after, headers=OFFICER
        )
        seen.extend(item["household_id"] for item in page.json()["items"])
        if page.json()["next"] is None:
            break
        after = {"after": page.json()["next"]}
    assert seen == ids
    poor = await client.get(
        "/v1/households", params={"commune": COMMUNE, "status": "poor"}, headers=OFFICER
    )
    assert [item["household_id"] for item in poor.json()["items"]] == [ids[1], ids[3]]


async def test_officers_register_and_chairmen_sign(client: httpx.AsyncClient) -> None:
    body = a_household()
    assert (await client.post("/v1/households", json=body, headers=CHAIRMAN)).status_code == 403
    await register(client, body)
    decision = a_decision_body({body["household_id"]: "poor"})
    assert (await client.post("/v1/decisions", json=decision, headers=OFFICER)).status_code == 403
    assert (await client.post("/v1/decisions", json=decision)).status_code == 401
    done = await client.post("/v1/decisions", json=decision, headers=CHAIRMAN)
    again = await client.get(f"/v1/decisions/{decision['decision_id']}", headers=OFFICER)
    assert (done.json()["state"], again.json()["state"]) == ("done", "done")


async def test_a_large_decision_answers_202_with_its_progress(client: httpx.AsyncClient) -> None:
    rows: dict[str, str] = {}
    for _ in range(11):
        bodies = [a_household(a_member()) for _ in range(100)]
        await client.post("/v1/households/batches", json={"households": bodies}, headers=OFFICER)
        rows |= {body["household_id"]: "poor" for body in bodies}
    decision = a_decision_body(rows)
    answer = await client.post("/v1/decisions", json=decision, headers=CHAIRMAN)
    assert answer.status_code == 202
    assert answer.headers["location"].endswith(f"decisions/{decision['decision_id']}")
    progress = (
        await client.get(f"/v1/decisions/{decision['decision_id']}", headers=OFFICER)
    ).json()
    assert (progress["state"], progress["rows_total"], progress["rows_done"]) == (
        "accepted",
        1100,
        0,
    )


async def test_a_snapshot_gives_each_household_whole_at_its_version(
    client: httpx.AsyncClient,
) -> None:
    body = a_household()
    await register(client, body)
    operator = bearer(Role.OPERATOR)
    page = (await client.get("/internal/v1/households", headers=operator)).json()
    (item,) = page["items"]
    assert (item["household_id"], item["version"]) == (body["household_id"], 1)
    assert HouseholdData.model_validate(item["data"]).area.from_day == date(2005, 1, 1)


def a_decision_body(rows: dict[str, str]) -> dict[str, Any]:
    decision_id = str(new_id())
    return {
        "decision_id": decision_id,
        "number": f"{decision_id[-6:]}/QĐ-UBND",
        "kind": "recognise",
        "signed_on": "2021-12-20",
        "effective_on": "2022-01-01",
        "authority": "UBND xã Nghiên Loan",
        "commune": COMMUNE,
        "standard": STANDARD,
        "rows": [
            {"household_id": household_id, "status": status}
            for household_id, status in rows.items()
        ],
    }

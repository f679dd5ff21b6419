"""Change requests: asked, decided by as many persons as the law wants, done once or not at all."""

import asyncio

from tests.integration.changes.people import (
    ASKER,
    CHAIRMAN,
    DEPUTY,
    SECOND,
    Office,
    a_birth,
    a_correction,
    a_family,
    ref,
    rules,
)
from tests.integration.registry.builders import COMMUNE, a_member, count, events
from tests.support.servers import ServiceDatabase


async def test_one_person_decides_on_a_birth_and_the_event_carries_the_request(
    office: Office, registry: ServiceDatabase
) -> None:
    household = await office.household()
    change = await office.ask(a_birth(household))
    assert (change["number"], change["state"]) == (f"{COMMUNE}-2022-000001", "asked")
    assert change["persons"]["count"] == 1
    assert {"membership", "birth", "sex"} <= {one["fact"] for one in change["changes"]}

    own = await office.act(change, "approve", ASKER, 403)
    assert own["code"] == "duties.same_person"
    done = await office.act(change, "approve", SECOND)
    assert [step["state"] for step in done["steps"]] == ["asked", "applied"]
    assert [step["by"] for step in done["steps"]] == ["asker", "second"]
    assert done["households"][0]["version_written"] == 2

    _, said = await events(registry, household["household_id"])
    assert (said["data"]["act"]["kind"], said["data"]["act"]["act_id"]) == (
        "birth",
        change["change_id"],
    )
    assert said["correlationid"] == change["correlation_id"]
    assert said["data"]["members"][-1]["birth_date"] == "2022-05-20"
    again = await office.act(change, "approve", CHAIRMAN, 409)
    assert again["code"] == "change.closed"
    history = await office.client.get(
        f"/v1/households/{household['household_id']}/timeline?kind=request", headers=CHAIRMAN
    )
    assert [(e["details"]["state"], e["by"]) for e in history.json()["items"]] == [
        ("applied", "second"),
        ("asked", "asker"),
    ]


async def test_two_persons_decide_where_identity_is_touched(office: Office) -> None:
    household = await office.household()
    change = await office.ask(a_correction(household, birth_date="2015-03-05"))
    assert change["persons"]["count"] == 2
    joined, birth = change["changes"]  # a member from birth on: joining follows the birth
    assert (joined["fact"], joined["after"]["joined_on"]) == ("membership", "2015-03-05")
    assert birth == {
        "household_id": household["household_id"],
        "person_id": household["members"][1]["person_id"],
        "fact": "birth",
        "before": {"birth_date": "2015-03-02", "birth_year": 2015},
        "after": {"birth_date": "2015-03-05", "birth_year": 2015},
    }
    assert (await office.act(change, "approve", CHAIRMAN, 409))["code"] == "change.not_endorsed"
    assert (await office.act(change, "endorse", ASKER, 403))["code"] == "duties.same_person"
    await office.act(change, "endorse", CHAIRMAN)
    assert (await office.act(change, "approve", SECOND, 403))["code"] == "change.chairman"
    assert (await office.act(change, "approve", CHAIRMAN, 403))["code"] == "duties.same_person"
    assert (await office.read(household["household_id"]))["version"] == 1
    done = await office.act(change, "approve", DEPUTY)
    assert [step["by"] for step in done["steps"]] == ["asker", "chairman", "deputy"]
    read = await office.read(household["household_id"])
    assert read["members"][1]["birth_date"] == "2015-03-05"


async def test_two_open_requests_on_one_fact_are_refused_with_the_others_number(
    office: Office, registry: ServiceDatabase
) -> None:
    household = await office.household()
    first = await office.ask(a_birth(household))
    refusal = await office.ask(a_birth(household), by=SECOND, status=409)
    assert (refusal["code"], rules(refusal)) == (
        "change.claimed",
        {("/proposal", "change.claimed")},
    )
    assert first["number"] in refusal["errors"][0]["message"]["vi"]
    assert (await office.preview(a_birth(household)))["claimed_by"] == [first["number"]]

    other = await office.ask(a_correction(household, schooling="primary"))  # another fact
    await office.act(first, "withdraw", SECOND, 403)
    await office.act(first, "withdraw", ASKER)
    assert (await office.act(other, "refuse", SECOND, reason="Chưa đủ giấy tờ"))["steps"][-1][
        "reason"
    ] == "Chưa đủ giấy tờ"
    await office.ask(a_birth(household), by=SECOND)
    assert await count(registry, "change_request WHERE state = 'asked'") == 1


async def test_two_who_ask_at_once_get_one_request(office: Office) -> None:
    household = await office.household()
    answers = await asyncio.gather(
        *(
            office.client.post(
                "/v1/change-requests",
                json={
                    "proposal": a_correction(household, schooling="primary"),
                    "evidence": {
                        "kind": "application",
                        "number": "1",
                        "issued_on": "2022-05-01",
                        "issued_by": "UBND",
                    },
                    "effective_on": "2022-05-01",
                },
                headers=who,
            )
            for who in (ASKER, SECOND)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_two_approvals_at_once_do_it_once(office: Office, registry: ServiceDatabase) -> None:
    household = await office.household()
    change = await office.ask(a_birth(household))
    path = f"/v1/change-requests/{change['change_id']}/approve"
    answers = await asyncio.gather(
        *(office.client.post(path, headers=who) for who in (SECOND, CHAIRMAN, DEPUTY))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert len(await events(registry, household["household_id"])) == 2


async def test_what_changed_since_is_told_and_the_request_stays_open(
    office: Office, registry: ServiceDatabase
) -> None:
    household = await office.household()
    stale = await office.ask(a_birth(household, version=7), status=412)
    assert rules(stale) == {("/proposal/household/version", "version.stale")}
    change = await office.ask(a_correction(household, schooling="primary"))
    birth = await office.ask(a_birth(household))
    await office.act(birth, "approve", SECOND)  # touches other facts: no reason to refuse

    facts = ("residence", "is_farm_household", "members")
    read = await office.read(household["household_id"])
    body = {name: household[name] for name in facts}
    members = [dict(member) for member in read["members"]]
    members[1]["schooling"] = "lower_secondary"
    answer = await office.client.put(
        f"/v1/households/{household['household_id']}",
        json=body | {"members": members},
        headers=ASKER | {"If-Match": '"2"'},
    )
    assert answer.status_code == 200, answer.text
    refusal = await office.act(change, "approve", SECOND, 409)
    assert (refusal["code"], rules(refusal)) == (
        "change.outdated",
        {("/changes/0", "change.outdated")},
    )
    assert "secondary" not in str(refusal)
    listed = await office.client.get(
        "/v1/change-requests", params={"number": change["number"]}, headers=CHAIRMAN
    )
    assert [one["state"] for one in listed.json()["items"]] == ["asked"]
    assert len(await events(registry, household["household_id"])) == 3


async def test_what_breaks_rules_is_refused_at_its_place(office: Office) -> None:
    household = await office.household()
    late = a_correction(household, birth_date="2015-03-05")
    refusal = await office.ask(late, effective_on="2022-06-02", status=422)
    assert rules(refusal) == {("/effective_on", "day.future")}
    refusal = await office.ask(a_correction(household, ethnicity="atlantean"), status=422)
    assert rules(refusal) == {("/proposal/members/0/ethnicity", "ethnicity.unknown")}
    refusal = await office.ask(a_correction(household, sex="female"), status=422)
    assert rules(refusal) == {("/proposal", "change.nothing")}
    refusal = await office.ask(a_birth(household) | {"kind": "adoption"}, status=422)
    assert rules(refusal) == {("/proposal", "enum")}
    refusal = await office.ask(a_birth(household) | {"children": [{}]}, status=422)
    assert ("/proposal/children/0/sex", "missing") in rules(refusal)


async def test_a_head_dies_and_did_not(office: Office) -> None:
    head, spouse, child = a_family()
    household = await office.household(head, spouse, child)
    relations = [
        {"person_id": spouse["person_id"], "relation": "head"},
        {"person_id": child["person_id"], "relation": "child"},
    ]
    death = {"kind": "death", "household": ref(household), "person_id": head["person_id"]}
    missing = await office.ask(death, status=422)
    assert ("/proposal/relations", "head.missing") in rules(missing)
    change = await office.ask(death | {"relations": relations})
    await office.decide(change)
    read = await office.read(household["household_id"])
    left = {m["person_id"]: (m["relation"], m["left_on"]) for m in read["members"]}
    assert left == {
        head["person_id"]: ("head", "2022-05-20"),
        spouse["person_id"]: ("head", None),
        child["person_id"]: ("child", None),
    }
    mistake = await office.ask({"kind": "reversal", "change_id": change["change_id"]})
    await office.decide(mistake)
    read = await office.read(household["household_id"])
    assert [m["relation"] for m in read["members"]] == ["head", "spouse", "child"]
    assert [m["left_on"] for m in read["members"]] == [None] * 3


async def test_a_closed_household_takes_nothing_until_it_is_back(office: Office) -> None:
    head = a_member()
    household = await office.household(head)
    away = {"kind": "closing", "household": ref(household), "reason": "moved_away"}
    change = await office.ask(away)
    assert (change["persons"]["count"], change["changes"][0]["fact"]) == (2, "existence")
    await office.decide(change)
    closed = await office.ask(a_birth(household, 2), status=409)
    assert rules(closed) == {("/proposal/household/household_id", "household.closed")}
    relations = [{"person_id": head["person_id"], "relation": "head"}]
    back = {"kind": "reopening", "household": ref(household, 2), "relations": relations}
    await office.decide(await office.ask(back))

    death = {"kind": "death", "household": ref(household, 3), "person_id": head["person_id"]}
    last = await office.ask(death, effective_on="2022-05-25")
    assert "existence" in {one["fact"] for one in last["changes"]}
    done = await office.decide(last)
    assert done["households"][0]["version_written"] == 4

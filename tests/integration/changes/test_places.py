"""Where people live: households that come from elsewhere, move within their commune, or take their
open requests along to another one.
"""

from tests.integration.changes.people import (
    ASKER,
    CHAIRMAN,
    DEPUTY,
    NEIGHBOUR_CHAIRMAN,
    NEIGHBOUR_OFFICER,
    SECOND,
    Body,
    Office,
    a_correction,
    a_family,
    ref,
    rules,
    said,
)
from tests.integration.registry.builders import COMMUNE, NEIGHBOUR, events
from tests.support.servers import ServiceDatabase

PURPOSE = {"X-Purpose": "register"}
STREET, LANE = "Số 7, đường Trường Chinh", "Ngõ 3, xóm Giữa"


def an_arrival(**new: object) -> Body:
    """A woman and her son, from another province."""
    head = {"birth_date": "1985-02-01", "sex": "female", "ethnicity": "tay", "relation": "head"}
    child = {"birth_year": 2012, "sex": "male", "ethnicity": "tay", "relation": "child"}
    return {
        "kind": "arrival",
        "new": {
            "commune": COMMUNE,
            "village": "Nà  Phầy",
            "is_farm_household": False,
            "members": [head | {"who": {"name": "Lý Thị Mai"}}, child],
            "address": STREET,
        }
        | new,
    }


async def address(office: Office, household_id: str, person_id: str, by: Body = ASKER) -> str:
    path = f"/v1/households/{household_id}/members/{person_id}/identity"
    answer = said(await office.client.get(path, headers=by | PURPOSE), 200)
    return str(answer["address"])


async def test_a_household_from_elsewhere_is_registered_by_two_persons(
    office: Office, registry: ServiceDatabase
) -> None:
    seen = await office.preview(an_arrival())
    assert (seen["persons"]["count"], len(seen["notes"])) == (2, 1)
    change = await office.ask(an_arrival())
    assert (change["commune"], change["to_commune"]) == (COMMUNE, None)
    assert STREET not in str(change)
    assert change["proposal"]["new"]["address"] is None
    (touched,) = change["households"]
    path = f"/v1/households/{touched['household_id']}"
    assert (await office.client.get(path, headers=ASKER)).status_code == 404
    await office.act(change, "endorse", SECOND)
    done = await office.act(change, "approve", DEPUTY)
    assert done["households"][0]["version_written"] == 1

    (event,) = await events(registry, touched["household_id"])
    act = event["data"]["act"]
    assert (event["type"], act["kind"]) == ("household.registered.v1", "arrive")
    assert (act["act_id"], event["correlationid"]) == (
        change["change_id"],
        change["correlation_id"],
    )
    read = await office.read(touched["household_id"])
    assert (read["registered_on"], read["residence"]["from_day"]) == ("2022-05-20", "2022-05-20")
    assert (read["residence"]["village"], read["to_review_since"]) == ("Nà Phầy", "2022-05-20")
    for member in read["members"]:
        assert await address(office, touched["household_id"], member["person_id"]) == STREET

    await office.decide(await office.ask({"kind": "reversal", "change_id": change["change_id"]}))
    assert (await office.read(touched["household_id"]))["closed_on"] == "2022-05-20"


async def test_what_is_wrong_with_a_household_from_elsewhere_is_told_at_its_place(
    office: Office,
) -> None:
    head, child = an_arrival()["new"]["members"]
    outside = await office.ask(an_arrival(commune=NEIGHBOUR), status=403)
    assert rules(outside) == {("/proposal/new/commune", "scope.outside")}
    unknown = await office.ask(an_arrival(commune="99998"), status=422)
    assert rules(unknown) == {("/proposal/new/commune", "area.unknown")}
    headless = an_arrival(members=[child, head | {"relation": "other", "birth_date": None}])
    assert rules(await office.ask(headless, status=422)) == {
        ("/proposal/new/members", "head.missing"),
        ("/proposal/new/members/1/birth_year", "birth.missing"),
    }
    nameless = an_arrival(address="x" * 501)
    assert rules(await office.ask(nameless, status=422)) == {
        ("/proposal/new/address", "string_too_long")
    }
    known = await office.household()
    taken = head | {"person_id": known["members"][0]["person_id"]}
    assert rules(await office.ask(an_arrival(members=[taken]), status=409)) == {
        ("/proposal/new/members", "person.in_another_household")
    }


async def test_one_person_decides_on_a_move_within_the_commune_and_where_they_lived_stays(
    office: Office, registry: ServiceDatabase
) -> None:
    household = await office.household()
    home = household["household_id"]
    person = household["members"][0]["person_id"]
    rehousing: Body = {"kind": "rehousing", "household": ref(household)}
    assert rules(await office.ask(rehousing, status=422)) == {
        ("/proposal/village", "residence.nowhere")
    }
    rehousing |= {"village": "Khuổi Muồng", "address": LANE}
    early = await office.ask(rehousing, effective_on="2004-05-20", status=422)
    assert rules(early) == {("/effective_on", "residence.overlap")}
    change = await office.ask(rehousing)
    assert change["persons"]["count"] == 1
    assert {one["fact"] for one in change["changes"]} == {"residence", "village", "address"}
    await office.decide(change)

    said_last = (await events(registry, home))[-1]
    area = said_last["data"]["area"]
    assert (said_last["type"], area["from_day"]) == ("household.changed.v1", "2022-05-20")
    (earlier,) = said_last["data"]["earlier_areas"]
    assert (earlier["commune"], earlier["from_day"]) == (COMMUNE, "2005-01-01")
    assert (await office.read(home))["residence"]["village"] == "Khuổi Muồng"
    then = await office.client.get(f"/v1/households/{home}?as_of=2022-05-19", headers=ASKER)
    assert said(then, 200)["residence"]["village"] is None
    assert await address(office, home, person) == LANE

    again = await office.ask(
        {"kind": "rehousing", "household": ref(household, 2)} | {"address": STREET},
        effective_on="2022-05-25",
    )
    await office.decide(again)
    await office.decide(await office.ask({"kind": "reversal", "change_id": again["change_id"]}))
    assert await address(office, home, person) == LANE
    await office.decide(await office.ask({"kind": "reversal", "change_id": change["change_id"]}))
    read = await office.read(home)
    assert (read["residence"]["commune"], read["residence"]["village"]) == (COMMUNE, None)


async def test_who_marries_lives_at_another_address_from_that_day_on(office: Office) -> None:
    head, spouse, child = a_family()
    household = await office.household(head, spouse, child)
    there = await office.household(commune=NEIGHBOUR)
    home, person = household["household_id"], child["person_id"]
    before = {"kind": "identity", "household": ref(household), "person_id": person}
    await office.decide(await office.ask(before | {"who": {"address": LANE}}))
    marriage = {
        "kind": "marriage",
        "household": ref(household),
        "into": {"household_id": there["household_id"], "commune": NEIGHBOUR},
        "members": [{"person_id": person, "relation": "other"}],
        "address": STREET,
    }
    change = await office.ask(marriage)
    assert ("address", person) in {(one["fact"], one["person_id"]) for one in change["changes"]}
    assert STREET not in str(change)
    await office.act(change, "endorse", NEIGHBOUR_OFFICER)
    await office.act(change, "approve", CHAIRMAN)
    into = there["household_id"]
    assert await address(office, into, person, NEIGHBOUR_OFFICER) == STREET

    back = await office.ask({"kind": "reversal", "change_id": change["change_id"]})
    await office.act(back, "endorse", NEIGHBOUR_OFFICER)
    await office.act(back, "approve", CHAIRMAN)
    assert await address(office, home, person) == LANE


async def test_open_requests_go_with_the_household_and_become_two_communes_matter(
    office: Office,
) -> None:
    head, spouse, child = a_family()
    household = await office.household(head, spouse, child)
    stays = await office.household()
    waiting = await office.ask(a_correction(household, schooling="primary"))
    marriage = await office.ask(
        {
            "kind": "marriage",
            "household": ref(household),
            "into": ref(stays),
            "members": [{"person_id": child["person_id"], "relation": "other"}],
        }
    )
    assert marriage["persons"]["count"] == 1
    move = await office.ask(
        {"kind": "move", "household": ref(household), "to_commune": NEIGHBOUR, "village": "Nà Lẩy"}
    )
    await office.act(move, "endorse", NEIGHBOUR_OFFICER)
    await office.act(move, "approve", CHAIRMAN)
    read = await office.read(household["household_id"], by=NEIGHBOUR_OFFICER)
    assert read["residence"]["village"] == "Nà Lẩy"

    gone = await office.act(waiting, "approve", SECOND, 404)
    assert gone["code"] == "change.not_found"
    listed = await office.client.get(
        "/v1/change-requests", params={"number": waiting["number"]}, headers=NEIGHBOUR_OFFICER
    )
    (found,) = listed.json()["items"]
    assert (found["commune"], found["number"]) == (NEIGHBOUR, waiting["number"])
    done = await office.act(waiting, "approve", NEIGHBOUR_OFFICER)
    assert (done["state"], done["commune"]) == ("applied", NEIGHBOUR)

    # The bride's household has moved away, the groom's has not.
    alone = await office.act(marriage, "approve", NEIGHBOUR_CHAIRMAN, 409)
    assert alone["code"] == "change.not_endorsed"
    endorsed = await office.act(marriage, "endorse", SECOND)
    assert (endorsed["commune"], endorsed["to_commune"]) == (NEIGHBOUR, COMMUNE)
    assert endorsed["persons"]["count"] == 2
    await office.act(marriage, "approve", NEIGHBOUR_CHAIRMAN)
    read = await office.read(stays["household_id"])
    assert read["members"][-1]["person_id"] == child["person_id"]


async def test_what_another_commune_endorsed_waits_for_the_one_where_the_household_lives_now(
    office: Office,
) -> None:
    head, child = a_family()[::2]
    household, into = await office.household(head, child), await office.household()
    merge = await office.ask(
        {
            "kind": "merge",
            "household": ref(household),
            "into": ref(into),
            "relations": [
                {"person_id": one["person_id"], "relation": "other"} for one in (head, child)
            ],
        }
    )
    await office.act(merge, "endorse", SECOND)
    move = await office.ask({"kind": "move", "household": ref(into), "to_commune": NEIGHBOUR})
    await office.decide(move, endorser=NEIGHBOUR_OFFICER)

    alone = await office.act(merge, "approve", CHAIRMAN, 409)
    assert alone["code"] == "change.not_endorsed"
    again = await office.act(merge, "endorse", SECOND, 403)
    assert again["code"] == "change.other_commune"
    endorsed = await office.act(merge, "endorse", NEIGHBOUR_OFFICER)
    assert (endorsed["commune"], endorsed["to_commune"]) == (COMMUNE, NEIGHBOUR)
    assert [(one["state"], one["by"]) for one in endorsed["steps"]] == [
        ("asked", "asker"),
        ("endorsed", "second"),
        ("asked", "registry.changes"),
        ("endorsed", "neighbour"),
    ]
    done = await office.act(merge, "approve", CHAIRMAN)
    assert done["state"] == "applied"

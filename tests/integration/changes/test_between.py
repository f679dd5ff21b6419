"""Changes that two households or two communes have to do with, and changes that are taken back."""

from tests.integration.changes.people import (
    ASKER,
    CHAIRMAN,
    DEPUTY,
    NEIGHBOUR_CHAIRMAN,
    NEIGHBOUR_OFFICER,
    SECOND,
    Body,
    Office,
    a_birth,
    a_correction,
    a_family,
    ref,
    rules,
)
from tests.integration.registry.builders import COMMUNE, NEIGHBOUR, events
from tests.support.servers import ServiceDatabase


def a_move(household: Body, version: int = 1) -> Body:
    return {"kind": "move", "household": ref(household, version), "to_commune": NEIGHBOUR}


def a_reversal(change: Body) -> Body:
    return {"kind": "reversal", "change_id": change["change_id"]}


def relations(*persons: tuple[Body, str]) -> list[Body]:
    return [{"person_id": body["person_id"], "relation": name} for body, name in persons]


async def test_a_household_moves_once_the_other_commune_has_confirmed(
    office: Office, registry: ServiceDatabase
) -> None:
    household = await office.household()
    nowhere = await office.ask(a_move(household) | {"to_commune": "99998"}, status=422)
    assert rules(nowhere) == {("/proposal/to_commune", "area.unknown")}
    change = await office.ask(a_move(household))
    assert (change["to_commune"], change["persons"]["count"]) == (NEIGHBOUR, 2)
    assert (await office.act(change, "endorse", SECOND, 403))["code"] == "change.other_commune"
    seen = await office.client.get("/v1/change-requests", headers=NEIGHBOUR_OFFICER)
    assert [one["number"] for one in seen.json()["items"]] == [change["number"]]
    await office.act(change, "endorse", NEIGHBOUR_OFFICER)
    refusal = await office.act(change, "approve", NEIGHBOUR_CHAIRMAN, 403)
    assert refusal["code"] == "change.other_commune"
    await office.act(change, "approve", CHAIRMAN)

    read = await office.read(household["household_id"], by=NEIGHBOUR_OFFICER)
    assert read["residence"]["commune"] == NEIGHBOUR
    gone = await office.client.get(f"/v1/households/{household['household_id']}", headers=ASKER)
    assert gone.status_code == 404
    said = (await events(registry, household["household_id"]))[-1]["data"]
    assert (said["act"]["kind"], said["act"]["act_id"]) == ("change", change["change_id"])


async def test_a_move_is_taken_back_by_both_communes(office: Office) -> None:
    household = await office.household()
    move = await office.ask(a_move(household))
    await office.decide(move, endorser=NEIGHBOUR_OFFICER)
    back = await office.ask(a_reversal(move), by=NEIGHBOUR_OFFICER, effective_on="2022-05-30")
    assert (back["commune"], back["to_commune"]) == (NEIGHBOUR, COMMUNE)
    await office.act(back, "endorse", SECOND)
    await office.act(back, "approve", NEIGHBOUR_CHAIRMAN)
    read = await office.read(household["household_id"])
    assert (read["residence"]["commune"], read["version"]) == (COMMUNE, 3)


async def test_a_correction_is_taken_back_by_two_persons_and_once(office: Office) -> None:
    household = await office.household()
    first = await office.ask(a_correction(household, schooling="primary"))
    assert (await office.ask(a_reversal(first), status=409))["code"] == "change.not_applied"
    await office.decide(first)
    undo = await office.ask(a_reversal(first))
    assert undo["persons"]["count"] == 2
    await office.decide(undo)
    read = await office.read(household["household_id"])
    assert (read["members"][1]["schooling"], read["version"]) == ("not_attending", 3)
    again = await office.ask(a_reversal(first), status=409)
    assert again["code"] == "change.reversed_before"
    assert undo["number"] in again["title"]

    redo = await office.ask(a_reversal(undo))
    await office.decide(redo)
    assert (await office.read(household["household_id"]))["members"][1]["schooling"] == "primary"


async def test_what_has_changed_once_more_is_not_taken_back(office: Office) -> None:
    household = await office.household()
    first = await office.ask(a_correction(household, schooling="primary"))
    await office.decide(first)
    await office.decide(await office.ask(a_correction(household, 2, schooling="lower_secondary")))
    refusal = await office.ask(a_reversal(first), status=409)
    assert refusal["code"] == "change.changed_since"


async def test_a_birth_never_was_and_a_merged_household_takes_nothing(office: Office) -> None:
    head, spouse, child = a_family()
    household = await office.household(head, spouse, child)
    other = await office.household()
    birth = await office.ask(a_birth(household))
    await office.decide(birth)
    await office.decide(await office.ask(a_reversal(birth)))
    assert len((await office.read(household["household_id"]))["members"]) == 3

    waiting = await office.ask(a_correction(household, 3, schooling="higher"))
    merge = await office.ask(
        {
            "kind": "merge",
            "household": ref(household, 3),
            "into": ref(other),
            "relations": relations((head, "sibling"), (spouse, "other"), (child, "other")),
        }
    )
    assert merge["persons"]["count"] == 2
    await office.decide(merge)
    # Whatever stands against the merged household says so at the field that names it.
    late = await office.ask(a_birth(household, 4), status=409)
    assert rules(late) == {("/proposal/household/household_id", "household.merged")}
    assert other["household_id"] in late["errors"][0]["fix"]["en"]
    third = await office.household()
    joins = {"kind": "merge", "household": ref(third), "into": ref(household, 4)}
    sibling = relations((third["members"][0], "other"), (third["members"][1], "other"))
    refusal = await office.ask(joins | {"relations": sibling}, status=409)
    assert rules(refusal) == {("/proposal/into/household_id", "household.merged")}
    stale = await office.act(waiting, "approve", SECOND, 409)
    assert rules(stale) == {("/proposal/household/household_id", "household.merged")}
    assert len((await office.read(other["household_id"]))["members"]) == 5

    await office.decide(await office.ask(a_reversal(merge)))
    read = await office.read(household["household_id"])
    assert [m["left_on"] for m in read["members"]] == [None] * 3


async def test_a_split_and_a_marriage_into_the_next_commune(office: Office) -> None:
    head, spouse, child = a_family()
    household = await office.household(head, spouse, child)
    away = await office.household(commune=NEIGHBOUR)
    marriage = {
        "kind": "marriage",
        "household": ref(household),
        "into": {"household_id": away["household_id"], "commune": NEIGHBOUR},
        "members": relations((child, "other")),
    }
    pulled = await office.ask(
        marriage
        | {
            "household": ref(away),
            "into": {"household_id": household["household_id"], "commune": NEIGHBOUR},
        },
        status=409,
    )
    assert rules(pulled) == {("/proposal/household/household_id", "household.gone")}
    change = await office.ask(marriage)
    assert (change["to_commune"], change["persons"]["count"]) == (NEIGHBOUR, 2)
    split: Body = {
        "kind": "split",
        "household": ref(household),
        "new": {"members": relations((child, "head")), "is_farm_household": True},
    }
    claimed = await office.ask(split, status=409)
    assert change["number"] in claimed["errors"][0]["message"]["en"]
    await office.act(change, "endorse", NEIGHBOUR_OFFICER)
    await office.act(change, "approve", CHAIRMAN)
    read = await office.read(away["household_id"], by=NEIGHBOUR_OFFICER)
    assert read["members"][-1]["person_id"] == child["person_id"]

    split["household"], split["new"]["members"] = ref(household, 2), relations((spouse, "head"))
    seen = await office.preview(split)
    assert [note["en"] for note in seen["notes"]]
    split_off = await office.ask(split)
    await office.act(split_off, "endorse", SECOND)
    done = await office.act(split_off, "approve", DEPUTY)
    made = next(one for one in done["households"] if one["version_read"] is None)
    assert made["version_written"] == 1
    assert (await office.read(made["household_id"]))["members"][0]["relation"] == "head"


async def test_a_request_of_another_commune_is_not_there(office: Office) -> None:
    household = await office.household()
    change = await office.ask(a_birth(household))
    for act in ("endorse", "approve", "withdraw"):
        refusal = await office.act(change, act, bearing(act), 404)
        assert refusal["code"] == "change.not_found"
    stranger = await office.ask(a_birth(household), by=NEIGHBOUR_OFFICER, status=409)
    assert rules(stranger) == {("/proposal/household/household_id", "household.gone")}


def bearing(act: str) -> Body:
    return NEIGHBOUR_OFFICER if act == "withdraw" else NEIGHBOUR_CHAIRMAN


async def test_people_come_and_go_and_another_is_the_head(office: Office) -> None:
    head, spouse, child = a_family()
    household = await office.household(head, spouse, child)
    newcomer = {"birth_year": 1950, "sex": "female", "ethnicity": "tay", "relation": "parent"}
    comes = {"kind": "moving_in", "household": ref(household), "newcomers": [newcomer]}
    await office.decide(await office.ask(comes))
    goes = {"kind": "moving_out", "household": ref(household, 2)}
    refusal = await office.ask(goes | {"persons": [head["person_id"]]}, status=422)
    assert rules(refusal) == {("/proposal", "head.missing")}
    await office.decide(await office.ask(goes | {"persons": [child["person_id"]]}))
    another: Body = {
        "kind": "change_of_head",
        "household": ref(household, 3),
        "relations": relations((spouse, "head"), (head, "spouse")),
    }
    missing = await office.ask(another, status=422)
    assert {rule for _, rule in rules(missing)} == {"relation.missing"}
    grandmother = (await office.read(household["household_id"]))["members"][-1]
    another["relations"] += relations((grandmother, "other"))
    await office.decide(await office.ask(another))
    members = (await office.read(household["household_id"]))["members"]
    assert [(m["relation"], m["left_reason"]) for m in members] == [
        ("spouse", None),
        ("head", None),
        ("child", "moved"),
        ("other", None),
    ]

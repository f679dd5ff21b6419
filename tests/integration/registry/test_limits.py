"""What a person has limited is honoured by every door through which the registry names people.

What other systems ask by DCI: `tests/integration/dci/test_sync_search.py`.
"""

from datetime import date
from typing import Any
from uuid import UUID

import httpx

from libs.common.ids import new_id
from libs.common.security.roles import Role
from services.registry.vault import acts as vault
from services.registry.vault.acts import PersonIdentity
from tests.conftest import MakeDatabase
from tests.integration.registry.builders import a_household, a_member
from tests.support.edge import bearer
from tests.support.vault import VAULT
from tests.support.worlds import HERE, THERE, Place, a_world

NAME, NEW_NAME = "Nông Thị Sương", "Nông Thị Sượng"  # nobody else is called so
NEIGHBOUR = bearer(Role.OFFICER, Role.CHAIRMAN, areas=[THERE], subject="neighbour")
TOKEN = bearer(Role.OFFICER, Role.CHAIRMAN, areas=[HERE], subject="chairman")
DAY = date(2022, 5, 1)


def doors(place: Place, change: str) -> dict[str, tuple[str, str, Any]]:
    """Every one, asked so that it would show the person's name."""
    home, person = place.household, place.person
    named = {"name": "suong nong", "commune": HERE}
    return {
        "a member's identity": (
            "GET",
            f"/v1/households/{home}/members/{person}/identity",
            None,
        ),
        "persons by name": ("POST", "/v1/persons/search", named),
        "a person by number": (
            "POST",
            "/v1/persons/lookup",
            {"type": "NIN", "value": f"0951{HERE}"},
        ),
        "an official file": ("POST", "/v1/persons/print", {"person_ids": [str(person)]}),
        "an export": ("GET", "/v1/exports/households?format=csv", None),
        "a pair of duplicates": ("GET", f"/v1/duplicates/{place.pair}", None),
        "a change request": ("GET", f"/v1/change-requests/{change}", None),
        "the screen of a household": ("POST", f"/screens/households/{home}", {}),
        "the screen of a search": ("POST", "/screens/households", {"name": "suong nong"}),
        "the screen of a change request": ("POST", f"/screens/changes/{change}/clear", {}),
        "the screen of a pair": ("POST", f"/screens/duplicates/{place.pair}/clear", {}),
    }


async def names(
    client: httpx.AsyncClient, asked: dict[str, tuple[str, str, Any]], purpose: str
) -> set[str]:
    """The doors that say the name for a purpose."""
    found = set()
    for door, (method, path, body) in asked.items():
        headers = TOKEN | {"X-Purpose": purpose}
        answer = await client.request(method, path, json=body, headers=headers)
        assert answer.is_success, (door, answer.text)
        if NAME in answer.text or NEW_NAME in answer.text:
            found.add(door)
    return found


async def a_request_to_rename(client: httpx.AsyncClient, place: Place) -> str:
    proposal = {
        "kind": "identity",
        "household": {"household_id": str(place.household), "version": 2},
        "person_id": str(place.person),
        "who": {"name": NEW_NAME},
    }
    evidence = {"kind": "application", "number": "1/2022", "issued_on": str(DAY)}
    body = {
        "proposal": proposal,
        "evidence": evidence | {"issued_by": "UBND"},
        "effective_on": str(DAY),
    }
    headers = bearer(Role.OFFICER, areas=[HERE])
    answer = await client.post("/v1/change-requests", json=body, headers=headers)
    assert answer.is_success, answer.text
    return str(answer.json()["change_id"])


async def test_a_limit_closes_every_door_for_its_purpose_and_no_other(
    make_database: MakeDatabase,
) -> None:
    world = await a_world("registry", await make_database("registry"))
    place = world.here
    async with world.database.as_worker() as connections, connections.transaction() as tx:
        named = PersonIdentity(place.person, place.household, DAY, NAME)
        await vault.record(tx, VAULT, [named])
    async with world.client() as client:
        asked = doors(place, await a_request_to_rename(client, place))
        shown = await names(client, asked, "credit")
        assert shown == asked.keys()
        granted = {"on": "2022-05-02", "granted": True, "reason": "13/2022"}
        at = f"/v1/data-requests/{place.data_request}"
        answer = await client.post(f"{at}/answer", json=granted, headers=TOKEN)
        assert answer.is_success, answer.text
        assert await names(client, asked, "credit") == set()
        assert await names(client, asked, "review") == shown
        lifted = {"on": "2022-05-03", "reason": "14/2022"}
        assert (await client.post(f"{at}/lifting", json=lifted, headers=TOKEN)).is_success
        assert await names(client, asked, "credit") == shown

        # Who has left is called by name where it was; what it limits where it is holds there too.
        home = await move(client, place, THERE)
        old: dict[str, tuple[str, str, Any]] = {
            "the household that it left": ("POST", f"/screens/households/{place.household}", {})
        }
        assert await names(client, old, "credit") == old.keys()
        await limit(client, home, place.person)
        assert await names(client, old, "credit") == set()
        assert await names(client, old, "review") == old.keys()


async def move(client: httpx.AsyncClient, place: Place, commune: str) -> str:
    """The person leaves for a new household, whose id is answered."""
    at = f"/v1/households/{place.household}"
    whole = (await client.get(at, headers=TOKEN)).json()
    body = {
        "residence": {key: whole["residence"][key] for key in ("commune", "from_day")},
        "is_farm_household": whole["is_farm_household"],
        "members": [
            one | ({"left_on": str(DAY)} if one["person_id"] == str(place.person) else {})
            for one in whole["members"]
        ],
    }
    answer = await client.put(at, json=body, headers=TOKEN | {"If-Match": "*"})
    assert answer.is_success, answer.text
    person = a_member(person_id=str(place.person), joined_on=str(DAY))
    there = a_household(person, commune=commune)
    answer = await client.post("/v1/households", json=there, headers=NEIGHBOUR)
    assert answer.is_success, answer.text
    return str(there["household_id"])


async def limit(client: httpx.AsyncClient, home: str, person: UUID) -> None:
    """An objection to every use that is no duty of the state, granted."""
    asked = {"request_id": str(new_id()), "household_id": home, "person_id": str(person)}
    asked |= {"kind": "objection", "asked_by": "representative", "evidence": "15/2022"}
    asked["received_on"] = str(DAY)
    answer = await client.post("/v1/data-requests", json=asked, headers=NEIGHBOUR)
    assert answer.is_success, answer.text
    granted = {"on": str(DAY), "granted": True, "reason": "16/2022"}
    at = f"/v1/data-requests/{asked['request_id']}"
    answer = await client.post(f"{at}/answer", json=granted, headers=NEIGHBOUR)
    assert answer.is_success, answer.text

"""What a person has limited is honoured by every door through which the registry names people.

What other systems ask by DCI: `tests/integration/dci/test_sync_search.py`.
"""

from datetime import date
from typing import Any

import httpx

from libs.common.security.roles import Role
from services.registry.vault import acts as vault
from services.registry.vault.acts import PersonIdentity
from tests.conftest import MakeDatabase
from tests.support.edge import bearer
from tests.support.vault import VAULT
from tests.support.worlds import HERE, Place, a_world

NAME, NEW_NAME = "Nông Thị Sương", "Nông Thị Sượng"  # nobody else is called so
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

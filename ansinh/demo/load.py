"""The demo's main job over HTTP: register the reviewed households, post the communes' decisions.

Every request can be sent again: households and decisions carry ids made from the seed, so a run
that was interrupted carries on where it stopped.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from ansinh.demo.client import Client
from ansinh.demo.population import (
    EFFECTIVE_ON,
    PROVINCE,
    REVIEWED_ON,
    STANDARD,
    Person,
    ReviewedHousehold,
)
from libs.common.ids import derived_id
from libs.common.security.roles import Role

BATCH = 1000
Progress = Callable[[int, int], None]


async def communes_of_province(client: Client) -> dict[str, str]:
    """Code and name of the province's communes on the day of the review."""
    query: dict[str, Any] = {
        "level": "commune",
        "parent": PROVINCE,
        "valid_on": REVIEWED_ON.isoformat(),
    }
    units = client.items(Role.OFFICER, "/registry/v1/areas", **query)
    return {unit["code"]: unit["name"] async for unit in units}


async def review(
    client: Client, households: Sequence[ReviewedHousehold], seed: int, progress: Progress
) -> None:
    """Commune by commune: register the reviewed households, then post the commune's decision.

    Args:
        client: speaks to the platform.
        households: in the order of their communes.
        seed: what the decisions' ids are made from.
        progress: told how many households are decided, of how many.
    """
    done = 0
    # A household's registration and its decision follow each other closely, so that whoever is
    # behind meets both in one batch and works the household once.
    by_commune = groupby(households, key=lambda household: household.commune)
    for place, (commune, group) in enumerate(by_commune):
        reviewed = list(group)
        await _register(client, reviewed)
        decision_id = derived_id("demo-decision", seed, len(households), commune)
        body = _decision_of(decision_id, place, commune, reviewed)
        await client.post(Role.CHAIRMAN, "/registry/v1/decisions", body)
        done += len(reviewed)
        progress(done, len(households))


def _decision_of(
    decision_id: UUID, place: int, commune: str, reviewed: Sequence[ReviewedHousehold]
) -> dict[str, Any]:
    return decision_request(
        decision_id,
        commune,
        number=f"{100 + place}/QĐ-UBND",
        signed_on=date(2021, 12, 13) + timedelta(days=place % 12),
        effective_on=EFFECTIVE_ON,
        rows=[
            {"household_id": str(household.household_id), "status": household.status.value}
            for household in reviewed
        ],
    )


async def _register(client: Client, households: Sequence[ReviewedHousehold]) -> None:
    for batch in _batches(households, BATCH):
        body = {"households": [household_request(household) for household in batch]}
        await client.post(Role.OFFICER, "/registry/v1/households/batches", body)


def household_request(household: ReviewedHousehold, since: date = EFFECTIVE_ON) -> dict[str, Any]:
    """The body that registers a household."""
    return {
        "household_id": str(household.household_id),
        "registered_on": since.isoformat(),
        "residence": {"commune": household.commune, "from_day": since.isoformat()},
        "is_farm_household": household.is_farm_household,
        "members": [_member(person, since) for person in household.members],
    }


def decision_request(
    decision_id: object,
    commune: str,
    *,
    number: str,
    signed_on: date,
    effective_on: date,
    rows: Sequence[dict[str, Any]],
    kind: str = "recognise",
    supersedes: object = None,
) -> dict[str, Any]:
    """The body that issues a decision of a commune's People's Committee."""
    return {
        "decision_id": str(decision_id),
        "number": number,
        "kind": kind,
        "signed_on": signed_on.isoformat(),
        "effective_on": effective_on.isoformat(),
        "authority": f"UBND xã {commune}",
        "commune": commune,
        "standard": STANDARD,
        "supersedes": str(supersedes) if supersedes else None,
        "rows": list(rows),
    }


def _member(person: Person, since: date) -> dict[str, Any]:
    return {
        "person_id": str(person.person_id),
        "birth_date": person.birth_date.isoformat(),
        "sex": person.sex.value,
        "ethnicity": person.ethnicity,
        "relation": person.relation.value,
        "disability": person.disability.value,
        "schooling": person.schooling.value,
        "employment": person.employment.value,
        "has_pension": person.has_pension,
        "joined_on": max(since, person.birth_date).isoformat(),
    }


def _batches(
    households: Iterable[ReviewedHousehold], size: int
) -> Iterator[list[ReviewedHousehold]]:
    remaining = iter(households)
    while batch := list(islice(remaining, size)):
        yield batch

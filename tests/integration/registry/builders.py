"""Households and decisions as requests, and a registry that knows the communes of Pác Nặm."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from libs.common.areas import store as areas
from libs.common.ids import new_id
from libs.common.vocabulary import DecisionKind, StatusClass
from services.registry.households import acts as households
from services.registry.households.schemas import HouseholdIn
from services.registry.reviews import acts as reviews
from services.registry.reviews.store import Document
from tests.support.areas import pac_nam
from tests.support.servers import ServiceDatabase

STANDARD = "ND07-2021"
COMMUNE = "01882"
NEIGHBOUR = "01864"
TODAY = date(2022, 6, 1)
EFFECTIVE = date(2022, 1, 1)


async def load_communes(database: ServiceDatabase) -> None:
    async with database.as_worker() as connections, connections.transaction() as tx:
        await areas.keep(tx, ((1, unit) for unit in pac_nam()))


def a_member(**facts: Any) -> dict[str, Any]:
    return {
        "person_id": str(new_id()),
        "birth_date": "1980-05-01",
        "sex": "female",
        "ethnicity": "tay",
        "relation": "head",
        "joined_on": "2005-01-01",
    } | facts


def a_household(*members: dict[str, Any], commune: str = COMMUNE, **facts: Any) -> dict[str, Any]:
    child = a_member(relation="child", birth_date="2015-03-02", joined_on="2015-03-02")
    return {
        "household_id": str(new_id()),
        "registered_on": "2021-12-01",
        "residence": {"commune": commune, "from_day": "2005-01-01"},
        "is_farm_household": True,
        "members": list(members) or [a_member(), child],
    } | facts


def stated(body: dict[str, Any], place: int = 0) -> households.Stated:
    household = HouseholdIn.model_validate(body)
    assert household.household_id
    return households.Stated(
        household.facts_of(household.household_id, household.registered_on),
        f"/households/{place}",
        household.digest(),
        new_id(),
    )


async def register(
    database: ServiceDatabase, count: int, *, commune: str = COMMUNE, chunk: int = 1000
) -> list[UUID]:
    """Register households of a commune; answers their ids in order."""
    ids: list[UUID] = []
    async with database.as_api() as connections:
        for start in range(0, count, chunk):
            bodies = [
                stated(a_household(commune=commune), place)
                for place in range(min(chunk, count - start))
            ]
            async with connections.transaction(commune) as tx:
                written = await households.register(tx, bodies, TODAY)
            ids.extend(one.household_id for one in written)
    return ids


def a_decision(
    rows: Sequence[tuple[UUID, StatusClass | None]], digest: bytes = b"same", **facts: Any
) -> reviews.Stated:
    decision_id = facts.pop("decision_id", None) or new_id()
    values: dict[str, Any] = {
        "commune": COMMUNE,
        "kind": DecisionKind.RECOGNISE,
        "number": f"{decision_id.hex[-8:]}/QĐ-UBND",
        "authority": "UBND xã Nghiên Loan",
        "standard": STANDARD,
        "signed_on": date(2021, 12, 20),
        "effective_on": EFFECTIVE,
        "supersedes": None,
    }
    document = Document(decision_id=decision_id, **(values | facts))
    return reviews.Stated(document, rows, digest, new_id())


async def decide(
    database: ServiceDatabase,
    rows: Sequence[tuple[UUID, StatusClass | None]],
    *,
    scope: str = COMMUNE,
    **facts: Any,
) -> reviews.Outcome:
    """Take a decision in a transaction of its own."""
    async with database.as_api() as connections, connections.transaction(scope) as tx:
        return await reviews.decide(tx, a_decision(rows, **facts), TODAY)


async def events(database: ServiceDatabase, household_id: UUID) -> list[dict[str, Any]]:
    async with database.as_worker() as connections, connections.transaction() as tx:
        rows = await tx.fetch(
            "SELECT body FROM event_log WHERE subject = $1 ORDER BY version", household_id
        )
    return [json.loads(row["body"]) for row in rows]


async def count(database: ServiceDatabase, table: str) -> int:
    async with database.as_worker() as connections, connections.transaction() as tx:
        found: int = await tx.fetchval(f"SELECT count(*) FROM {table}")
    return found

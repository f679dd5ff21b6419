"""Every entitlement answers why, and why not, with row and document, in both languages."""

from typing import Any

import pytest

from libs.common.clock import FixedDayClock
from libs.common.database import Database
from libs.common.ids import new_id
from libs.common.security.roles import Role
from libs.common.vocabulary import StatusClass
from services.eligibility.app import build
from services.eligibility.entitlements.handlers import on_household
from tests.integration.eligibility.conftest import LAW_DAY
from tests.support.edge import bearer, open_client
from tests.support.eligibility import a_household, a_status, deliver, received
from tests.support.servers import ServiceDatabase

HOUSEHOLD = a_household(a_status(StatusClass.POOR))
MOTHER = str(HOUSEHOLD.members[0].person_id)


async def ask(
    service: ServiceDatabase, role: Role = Role.OFFICER, areas: str = "*", **params: str
) -> tuple[int, Any]:
    async with open_client(build(), service, clock=FixedDayClock(LAW_DAY)) as client:
        answer = await client.get(
            f"/v1/households/{HOUSEHOLD.household_id}/explanations",
            params=params,
            headers=bearer(role, areas=[areas]),
        )
    return answer.status_code, answer.json()


@pytest.fixture(autouse=True)
async def known(database: Database) -> None:
    await deliver(database, on_household, received(HOUSEHOLD))


async def test_why_a_poor_household_may_borrow(service: ServiceDatabase) -> None:
    status, answer = await ask(service, programme="credit.01")
    assert status == 200, answer
    assert answer["is_entitled"]
    assert (answer["table"], answer["row"]) == ("credit.01", "poor")
    assert answer["document"]
    assert answer["summary"]["vi"].startswith("Được hưởng")
    assert answer["summary"]["en"].startswith("Entitled")


async def test_why_a_poor_household_may_not_borrow_as_near_poor(service: ServiceDatabase) -> None:
    status, answer = await ask(service, programme="credit.19")
    assert status == 200, answer
    assert not answer["is_entitled"]
    failed = [
        condition
        for table in answer["tables"]
        for row in table["rows"]
        for condition in row["conditions"]
        if not condition["held"]
    ]
    assert [condition["fact"] for condition in failed] == ["national_class"]


async def test_why_a_person_is_insured(service: ServiceDatabase) -> None:
    status, answer = await ask(service, programme="insurance.HN", person=MOTHER, on="2022-01-01")
    assert status == 200, answer
    assert answer["is_entitled"]
    assert answer["subject_kind"] == "person"
    assert answer["benefit"]["support_percent"] == 100


async def test_what_cannot_be_explained(service: ServiceDatabase) -> None:
    assert (await ask(service, programme="credit.99"))[0] == 422
    assert (await ask(service, programme="insurance.HN", person=str(new_id())))[0] == 404
    assert (await ask(service, areas="01873", programme="credit.01"))[0] == 404
    assert (await ask(service, role=Role.BANK, programme="credit.01"))[0] == 403

"""What only others know since a restore is said at the next decision, even if nothing changed."""

from typing import Any

import pytest

from libs.common.database import Database
from libs.common.ids import new_id
from libs.common.messaging.consumer import Handler
from libs.common.messaging.generations import GENERATION
from services.eligibility.entitlements.handlers import on_household
from services.eligibility.insurance.handlers import on_entitlements as draw_up_roll
from services.eligibility.training.handlers import on_entitlements as draw_up_offers
from tests.support.eligibility import a_household, deliver, entitlements_of, received, said

CASES = [
    pytest.param("entitlement", on_household, a_household(members=()), id="entitlements"),
    pytest.param("insurance", draw_up_roll, entitlements_of(new_id()), id="roll"),
    pytest.param("training", draw_up_offers, entitlements_of(new_id()), id="offers"),
]


@pytest.mark.parametrize(("stream", "handler", "data"), CASES)
async def test_an_owed_household_without_rights_is_said_once(
    database: Database, stream: str, handler: Handler, data: Any
) -> None:
    async with database.transaction() as tx:
        await tx.execute(
            "INSERT INTO stream_head (stream, subject, version) VALUES ($1, $2, $3)",
            stream, data.household_id, GENERATION,
        )  # fmt: skip
    for version in (1, 2):
        await deliver(database, handler, received(data, version))
    [event] = await said(database, stream)
    assert int(event["sequence"]) == GENERATION + 1
    rights = {"entitlement": "entitlements", "insurance": "periods", "training": "offers"}
    assert event["data"][rights[stream]] == []

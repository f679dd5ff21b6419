"""A household moves while somebody asks for it, or while another one of the same request moves."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from libs.common.ids import new_id
from services.registry.changes import acts, store
from services.registry.changes.acts import Caller
from services.registry.changes.following import follow_households
from services.registry.changes.schemas import ChangeIn
from tests.integration.changes.people import (
    NEIGHBOUR_OFFICER,
    Body,
    Office,
    a_correction,
    a_family,
    ref,
    wish,
)
from tests.integration.registry.builders import COMMUNE, NEIGHBOUR, TODAY
from tests.support.bus import eventually
from tests.support.servers import ServiceDatabase
from tests.support.vault import VAULT

_LOCK = "SELECT FROM stream_head WHERE subject = $1 FOR NO KEY UPDATE NOWAIT"
_BLOCKED = "SELECT cardinality(pg_blocking_pids($1)) > 0"


async def test_a_household_stays_where_it_is_until_what_is_asked_for_it_stands(
    office: Office, registry: ServiceDatabase
) -> None:
    household = await office.household()
    done = await office.ask(a_correction(household, schooling="primary"))
    await office.decide(done)
    proposals: list[Body] = [
        a_correction(household, 2, schooling="higher"),
        {"kind": "reversal", "change_id": done["change_id"]},
    ]
    async with registry.as_api() as api:
        for proposal in proposals:
            asked = ChangeIn.model_validate(wish(proposal)).wish("asker", new_id())
            async with api.transaction(COMMUNE) as tx, api.transaction(COMMUNE) as mover:
                change = await acts.ask(tx, VAULT, asked, TODAY)
                with pytest.raises(asyncpg.LockNotAvailableError):
                    await mover.execute(_LOCK, UUID(household["household_id"]))
                await acts.withdraw(tx, VAULT, change.ask.change_id, Caller("asker", False))


def a_transfer(household: Body, into: Body) -> Body:
    child = household["members"][-1]["person_id"]
    return {
        "kind": "transfer",
        "household": ref(household),
        "into": ref(into),
        "members": [{"person_id": child, "relation": "other"}],
    }


@pytest.mark.parametrize("by_succession", [False, True])
async def test_a_commune_s_successor_alone_keeps_what_it_endorsed(
    office: Office, registry: ServiceDatabase, by_succession: bool
) -> None:
    household = await office.household(*a_family())
    into = await office.household(commune=NEIGHBOUR)
    transfer = a_transfer(household, into)
    transfer["into"] = {"household_id": into["household_id"], "commune": NEIGHBOUR}
    change = await office.ask(transfer)
    there = {UUID(into["household_id"]): "01876"}
    async with registry.as_api() as api, api.transaction("*") as begun_before:
        await office.act(change, "endorse", NEIGHBOUR_OFFICER)
        await follow_households(begun_before, there, by_succession=by_succession)
        (moved,) = await store.read(begun_before, [UUID(change["change_id"])])
    assert moved.ask.to_commune == "01876"
    anew = [] if by_succession else ["asked"]
    assert [step.state for step in moved.steps] == ["asked", "endorsed", *anew]
    assert (moved.state, moved.request.asked_by) == (moved.steps[-1].state, "asker")


async def test_two_households_of_a_request_move_at_once_and_both_are_followed(
    office: Office, registry: ServiceDatabase
) -> None:
    household, into = await office.household(*a_family()), await office.household()
    change = await office.ask(a_transfer(household, into))
    first, second = UUID(household["household_id"]), UUID(into["household_id"])
    async with registry.as_api() as api, api.transaction("*") as late:
        pid = await late.fetchval("SELECT pg_backend_pid()")
        async with api.transaction("*") as early:
            await follow_households(early, {first: NEIGHBOUR})
            waits = asyncio.create_task(follow_households(late, {second: "01876"}))
            await eventually(lambda: early.fetchval(_BLOCKED, pid))
        await waits
        (moved,) = await store.read(late, [UUID(change["change_id"])])
    assert (moved.ask.commune, moved.ask.to_commune) == (NEIGHBOUR, "01876")

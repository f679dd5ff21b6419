"""A decision: one document, all of its rows or none, and what is then known as of which day."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from libs.common.contracts.household import HouseholdData
from libs.common.ids import new_id
from libs.common.problems import Problem
from libs.common.vocabulary import DecisionKind, StatusClass
from services.registry.reviews import documents
from services.registry.reviews.acts import decide as take
from services.registry.reviews.store import read_statuses
from tests.integration.registry.builders import (
    COMMUNE,
    EFFECTIVE,
    NEIGHBOUR,
    STANDARD,
    TODAY,
    a_decision,
    count,
    decide,
    events,
    register,
)
from tests.support.servers import ServiceDatabase

POOR, NEAR, AVERAGE, NONE = StatusClass
CORRECT, REVOKE = DecisionKind.CORRECT, DecisionKind.REVOKE


async def status(
    database: ServiceDatabase,
    household_id: UUID,
    day: date = TODAY,
    known_at: datetime | None = None,
) -> StatusClass | None:
    async with database.as_api() as connections, connections.transaction(COMMUNE) as tx:
        found = await read_statuses(tx, [household_id], STANDARD, day, known_at)
    return found[household_id].status if household_id in found else None


async def refused(
    database: ServiceDatabase, rows: list[tuple[UUID, StatusClass | None]], **facts: Any
) -> set[tuple[str, str]]:
    before = await count(database, "event_log")
    with pytest.raises(Problem) as refusal:
        await decide(database, rows, **facts)
    assert await count(database, "event_log") == before
    assert await count(database, "staged_row") == 0
    return {(error.pointer, error.rule) for error in refusal.value.errors}


async def test_a_decision_gives_each_household_its_class_and_says_it_whole(
    registry: ServiceDatabase,
) -> None:
    poor, near = await register(registry, 2)
    outcome = await decide(registry, [(poor, POOR), (near, NEAR)])

    assert outcome.decision.state == "done"
    assert outcome.decision.rows_done == 2
    assert await status(registry, poor) is POOR
    assert await status(registry, near, EFFECTIVE) is NEAR
    assert await status(registry, near, date(2021, 12, 31)) is None
    registered, changed = await events(registry, poor)
    assert (registered["type"], changed["type"]) == (
        "household.registered.v1",
        "household.status_changed.v1",
    )
    assert changed["time"] == "2021-12-31T17:00:00Z"
    data = HouseholdData.model_validate(changed["data"])
    assert [(period.status, period.from_day) for period in data.statuses] == [(POOR, EFFECTIVE)]
    assert data.decisions[0].decision_id == outcome.decision.document.decision_id
    assert len(data.members) == 2
    assert data.area.province == "06"
    assert data.area.designations[0].designation == "poor_district"
    correlations = {row.correlation_id for row in outcome.written}
    assert len(correlations) == 2
    assert UUID(changed["correlationid"]) in correlations


async def test_repeating_a_decision_changes_nothing(registry: ServiceDatabase) -> None:
    (household,) = await register(registry, 1)
    again = a_decision([(household, POOR)])
    for _ in range(2):
        async with registry.as_api() as connections, connections.transaction(COMMUNE) as tx:
            outcome = await take(tx, again, TODAY)
        assert outcome.decision.state == "done"
    assert len(await events(registry, household)) == 2

    other = a_decision([(household, NEAR)], b"other", decision_id=again.document.decision_id)
    async with registry.as_api() as connections, connections.transaction(COMMUNE) as tx:
        with pytest.raises(Problem) as refusal:
            await take(tx, other, TODAY)
    assert refusal.value.code == "decision.id_taken"


async def test_a_bad_decision_is_refused_whole_and_every_line_is_named(
    registry: ServiceDatabase,
) -> None:
    good, twice = await register(registry, 2)
    (elsewhere,) = await register(registry, 1, commune=NEIGHBOUR)
    found = await refused(
        registry,
        [
            (good, POOR),
            (new_id(), POOR),
            (twice, POOR),
            (elsewhere, POOR),
            (twice, NEAR),
            (good, None),
        ],
        scope=f"{COMMUNE},{NEIGHBOUR}",
    )
    assert found == {
        ("/rows/0/household_id", "household.twice"),
        ("/rows/1/household_id", "household.unknown"),
        ("/rows/2/household_id", "household.twice"),
        ("/rows/3/household_id", "household.other_commune"),
        ("/rows/4/household_id", "household.twice"),
        ("/rows/5/household_id", "household.twice"),
        ("/rows/5/status", "status.missing"),
    }


async def test_who_cannot_see_a_household_cannot_decide_on_it(registry: ServiceDatabase) -> None:
    (elsewhere,) = await register(registry, 1, commune=NEIGHBOUR)
    found = await refused(registry, [(elsewhere, POOR)])
    assert found == {("/rows/0/household_id", "household.unknown")}


async def test_a_commune_outside_the_callers_areas_is_forbidden(registry: ServiceDatabase) -> None:
    (household,) = await register(registry, 1, commune=NEIGHBOUR)
    found = await refused(registry, [(household, POOR)], commune=NEIGHBOUR)
    assert found == {("/commune", "scope.outside")}


@pytest.mark.parametrize(
    ("facts", "pointer", "rule"),
    [
        ({"effective_on": date(2021, 12, 31)}, "/effective_on", "standard.not_applied"),
        ({"standard": "ND99-1999"}, "/standard", "standard.unknown"),
        (
            {"standard": "BN-2025", "effective_on": date(2025, 1, 1)},
            "/standard",
            "standard.other_province",
        ),
        ({"signed_on": date(2030, 1, 1)}, "/signed_on", "day.future"),
        ({"commune": "77777", "scope": "*"}, "/commune", "area.unknown"),
        ({"kind": CORRECT}, "/supersedes", "decision.supersedes_missing"),
        ({"kind": CORRECT, "supersedes": new_id()}, "/supersedes", "decision.superseded_unknown"),
        ({"supersedes": new_id()}, "/supersedes", "decision.supersedes_not_allowed"),
    ],
)
async def test_a_broken_document_is_refused(
    registry: ServiceDatabase, facts: dict[str, Any], pointer: str, rule: str
) -> None:
    (household,) = await register(registry, 1)
    assert (pointer, rule) in await refused(registry, [(household, POOR)], **facts)


async def test_a_number_is_used_once_a_year_by_one_authority(registry: ServiceDatabase) -> None:
    first, second = await register(registry, 2)
    await decide(registry, [(first, POOR)], number="12/QĐ-UBND")
    found = await refused(registry, [(second, POOR)], number="12/QĐ-UBND")
    assert found == {("/number", "decision.number_used")}
    outcome = await decide(
        registry, [(second, POOR)], number="12/QĐ-UBND", signed_on=date(2022, 1, 5)
    )
    assert outcome.decision.state == "done"


async def test_correct_and_revoke_supersede_without_overwriting(registry: ServiceDatabase) -> None:
    first, second = await register(registry, 2)
    original = await decide(registry, [(first, POOR), (second, POOR)])
    prior = original.decision.document.decision_id
    before_correction = datetime.now(UTC)
    correction = await decide(registry, [(first, NEAR)], kind=CORRECT, supersedes=prior)
    corrected = correction.decision.document.decision_id

    assert await status(registry, first) is NEAR
    assert await status(registry, second) is POOR
    assert await status(registry, first, known_at=before_correction) is POOR

    await decide(registry, [], kind=REVOKE, supersedes=corrected)
    assert await status(registry, first) is POOR

    await decide(registry, [(second, None)], kind=REVOKE, supersedes=prior)
    assert await status(registry, second) is None
    assert await status(registry, second, known_at=before_correction) is POOR
    assert await status(registry, first) is POOR


async def test_only_rows_that_stand_can_be_superseded(registry: ServiceDatabase) -> None:
    first, second = await register(registry, 2)
    original = await decide(registry, [(first, POOR)])
    prior = original.decision.document.decision_id
    facts: dict[str, Any] = {"kind": CORRECT, "supersedes": prior}
    assert await refused(registry, [(second, NEAR)], **facts) == {
        ("/rows/0/household_id", "row.not_in_superseded")
    }
    await decide(registry, [(first, NEAR)], **facts)
    assert await refused(registry, [(first, NONE)], **facts) == {
        ("/rows/0/household_id", "row.already_superseded")
    }


@pytest.mark.parametrize("kind", [CORRECT, REVOKE])
async def test_a_commune_does_not_undo_what_another_has_decided(
    registry: ServiceDatabase, kind: DecisionKind
) -> None:
    (elsewhere,) = await register(registry, 1, commune=NEIGHBOUR)
    original = await decide(registry, [(elsewhere, POOR)], scope=NEIGHBOUR, commune=NEIGHBOUR)
    found = await refused(
        registry,
        [(elsewhere, None if kind is REVOKE else NEAR)],
        scope=f"{COMMUNE},{NEIGHBOUR}",
        kind=kind,
        supersedes=original.decision.document.decision_id,
    )
    assert ("/supersedes", "decision.superseded_elsewhere") in found


async def test_only_periods_that_change_are_written(registry: ServiceDatabase) -> None:
    (household,) = await register(registry, 1)
    await decide(registry, [(household, POOR)])
    await decide(
        registry,
        [(household, NONE)],
        effective_on=date(2023, 1, 1),
        signed_on=date(2022, 5, 30),
    )
    # The open first period was superseded by one with an end; the second was added.
    assert await count(registry, "status_period") == 3
    (*_, last) = await events(registry, household)
    window = HouseholdData.model_validate(last["data"]).escapes[0]
    assert (window.from_class, window.from_day, window.until) == (
        POOR,
        date(2023, 1, 1),
        date(2025, 5, 30),
    )


async def test_two_chairmen_at_once_both_count(registry: ServiceDatabase) -> None:
    (household,) = await register(registry, 1)
    days = [date(2022, 1, 1), date(2022, 3, 1), date(2022, 5, 1)]
    await asyncio.gather(*(decide(registry, [(household, POOR)], effective_on=day) for day in days))
    said = await events(registry, household)
    assert [event["sequence"] for event in said] == [f"{n:020d}" for n in (1, 2, 3, 4)]
    assert len(HouseholdData.model_validate(said[-1]["data"]).statuses) == 3


async def test_the_decision_is_seen_in_its_commune_only(registry: ServiceDatabase) -> None:
    (household,) = await register(registry, 1)
    outcome = await decide(registry, [(household, POOR)])
    decision_id = outcome.decision.document.decision_id
    async with registry.as_api() as connections:
        async with connections.transaction(COMMUNE) as tx:
            assert await documents.find_decision(tx, decision_id) is not None
        async with connections.transaction(NEIGHBOUR) as tx:
            assert await documents.find_decision(tx, decision_id) is None
            for table in ("household", "member", "decision_row", "status_period"):
                assert await tx.fetchval(f"SELECT count(*) FROM {table}") == 0

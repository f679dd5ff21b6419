"""The register's part of a citizen's file, put together from what the rooms hold."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from asyncpg import Record
from fastapi import Request

from libs.common.citizens.reading import read_part
from libs.common.citizens.schemas import PartOut, Stay
from libs.common.problems import not_found
from libs.common.web import Edge
from services.registry.citizens import store
from services.registry.citizens.sections import (
    IDENTITY,
    MEMBERSHIPS,
    RECORDS,
    REQUESTS,
    sections,
)
from services.registry.rights.schemas import DataRequestOut
from services.registry.rights.store import list_requests_after, records_of
from services.registry.vault.acts import Version, read_history
from services.registry.vault.former import history_when_settled

_MOST_REQUESTS = 500


async def read_file(
    request: Request, edge: Edge, person_id: UUID, before: datetime | None, today: date
) -> PartOut:
    """Everything, in clear; the caller has the purpose and is on the trail. What was held, asked
    and limited under another record that was settled to be the person's is in it, as far as it may
    be seen; that record is named in any case.

    Args:
        before: only lines of the trail up to this instant.

    Raises:
        Problem: 404, nothing of the person may be seen.
    """
    members = await store.memberships(edge.tx, person_id)
    if not members:
        raise not_found("person")
    records = await records_of(edge.tx, person_id)
    others = records[1:]
    edge.note("person", others)
    known = await read_history(edge.tx, edge.vault, person_id)
    settled = await history_when_settled(edge.tx, edge.vault, records) if others else {}
    asked = await list_requests_after(edge.tx, person_id, None, _MOST_REQUESTS, only_open=False)
    requests = [DataRequestOut.of(kept, today).model_dump() for kept in asked]
    own = [
        IDENTITY.out([one._asdict() for one in _once(known, *settled.values())]),
        RECORDS.out([{"person_id": one} for one in others]),
        MEMBERSHIPS.out([dict(row) for row in members]),
        REQUESTS.out(requests, is_whole=len(asked) < _MOST_REQUESTS),
    ]
    stays = _stays(members)
    return await read_part(request, edge, sections(), person_id, stays, before, own, others)


def _once(*known: Sequence[Version]) -> list[Version]:
    """What several records held, oldest knowledge first, each value once."""
    every = dict.fromkeys(version for versions in known for version in versions)
    return sorted(every, key=lambda one: (one.recorded_from, one.from_day))


def _stays(members: Sequence[Record]) -> list[Stay]:
    return [
        Stay(household_id=row["household_id"], from_day=row["joined_on"], until=row["left_on"])
        for row in members
        if row["recorded_until"] is None
    ]

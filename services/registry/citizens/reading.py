"""A citizen's file, put together from what the rooms hold."""

from datetime import date, datetime
from uuid import UUID

from libs.common.database import Transaction
from libs.common.problems import not_found
from libs.common.security.encryption import Vault
from libs.common.security.subjects import lines_about
from services.registry.citizens import store
from services.registry.citizens.schemas import (
    AccountOut,
    CitizenFileOut,
    DecisionOut,
    LimitOut,
    MembershipOut,
    ResidenceOut,
    ValueOut,
)
from services.registry.rights.schemas import DataRequestOut
from services.registry.rights.store import list_requests_after
from services.registry.vault.acts import read_history

MOST_ACCOUNTS = 500
_MOST_REQUESTS = 500


async def read_file(
    tx: Transaction, vault: Vault, person_id: UUID, before: datetime | None, today: date
) -> CitizenFileOut:
    """Everything, in clear; the caller has the purpose and is on the trail.

    Args:
        before: only lines of the trail up to this instant.

    Raises:
        Problem: 404, nothing of the person may be seen.
    """
    memberships = await store.memberships(tx, person_id)
    if not memberships:
        raise not_found("person")
    homes = list(dict.fromkeys(row["household_id"] for row in memberships))
    requests = await list_requests_after(tx, person_id, None, _MOST_REQUESTS, only_open=False)
    lines = await lines_about(tx, [person_id, *homes], before, MOST_ACCOUNTS)
    return CitizenFileOut(
        person_id=person_id,
        identity=[
            ValueOut.model_validate(one._asdict())
            for one in await read_history(tx, vault, person_id)
        ],
        memberships=[MembershipOut.model_validate(dict(row)) for row in memberships],
        residences=[
            ResidenceOut.model_validate(dict(row)) for row in await store.residences(tx, homes)
        ],
        decisions=[
            DecisionOut.model_validate(dict(row)) for row in await store.decisions(tx, homes)
        ],
        requests=[DataRequestOut.of(kept, today) for kept in requests],
        limits=[LimitOut.model_validate(dict(row)) for row in await store.limits(tx, person_id)],
        accounts=[
            AccountOut(
                at=line.recorded_at,
                caller=line.caller,
                roles=line.roles,
                kind=line.kind,
                act=line.act,
                purpose=line.purpose,
            )
            for line in lines
        ],
        accounts_until=lines[-1].recorded_at if len(lines) == MOST_ACCOUNTS else None,
    )

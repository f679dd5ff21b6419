"""A citizen's file, put together from what the rooms hold."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from asyncpg import Record

from libs.common.clock import VIETNAM
from libs.common.database import Transaction
from libs.common.problems import not_found
from libs.common.security.encryption import Vault
from libs.common.security.subjects import LineAbout, lines_about
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
    requests = await list_requests_after(tx, person_id, None, _MOST_REQUESTS, only_open=False)
    lines, until = await _accounts(tx, person_id, memberships, before)
    return CitizenFileOut(
        person_id=person_id,
        identity=[
            ValueOut.model_validate(one._asdict())
            for one in await read_history(tx, vault, person_id)
        ],
        memberships=[MembershipOut.model_validate(dict(row)) for row in memberships],
        residences=[
            ResidenceOut.model_validate(dict(row)) for row in await store.residences(tx, person_id)
        ],
        decisions=[
            DecisionOut.model_validate(dict(row)) for row in await store.decisions(tx, person_id)
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
        accounts_until=until,
    )


async def _accounts(
    tx: Transaction, person_id: UUID, memberships: Sequence[Record], before: datetime | None
) -> tuple[list[LineAbout], datetime | None]:
    """Who read of the person, and of its households while it was a member; and up to when older
    lines were left out.
    """
    stays = [row for row in memberships if row["recorded_until"] is None]
    homes = list({row["household_id"] for row in stays})
    own = await lines_about(tx, [person_id], before, MOST_ACCOUNTS)
    of_homes = await lines_about(tx, homes, before, MOST_ACCOUNTS)
    full = [lines[-1].recorded_at for lines in (own, of_homes) if len(lines) == MOST_ACCOUNTS]
    until = max(full, default=None)
    wanted = {line.line_id: line for line in of_homes if _is_theirs(line, stays)}
    wanted |= {line.line_id: line for line in own}
    shown = [line for line in wanted.values() if until is None or line.recorded_at >= until]
    return sorted(shown, key=lambda line: (line.recorded_at, line.line_id), reverse=True), until


def _is_theirs(line: LineAbout, stays: Sequence[Record]) -> bool:
    day = line.recorded_at.astimezone(VIETNAM).date()
    return any(
        row["household_id"] in line.about
        and row["joined_on"] <= day
        and (row["left_on"] is None or day < row["left_on"])
        for row in stays
    )

"""One page of a household's history, put together from its sources."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from libs.common.areas.names import commune_labels
from libs.common.clock import VIETNAM
from libs.common.database import Transaction
from libs.common.problems import Text, not_found
from libs.common.security.subjects import LineAbout, lines_about, roles_of
from services.registry.households.store import visible_households
from services.registry.lineage.store import read_acts
from services.registry.timeline import store
from services.registry.timeline.domain import (
    Entry,
    Kind,
    MemberVersion,
    data_requests,
    decisions,
    members,
    page,
    requests,
    residences,
)
from services.registry.timeline.lifecycle import acts, recordings

_SAID = {
    "household.registered.v1": Text("Đăng ký hộ", "Household registered"),
    "household.changed.v1": Text("Thay đổi thông tin hộ", "Household facts changed"),
    "household.status_changed.v1": Text("Thay đổi phân loại hộ", "Class changed"),
    "household.split.v1": Text("Tách hộ", "Household split"),
    "household.merged.v1": Text("Nhập hộ", "Households merged"),
    "household.closed.v1": Text("Kết thúc theo dõi hộ", "Household closed"),
}
_ON_THE_TRAIL = {
    Kind.READ: Text("Xem dữ liệu", "Data read"),
    Kind.WRITE: Text("Ghi dữ liệu", "Data written"),
}
_TRAIL = frozenset(_ON_THE_TRAIL)


async def read_history(
    tx: Transaction,
    household_id: UUID,
    before: tuple[datetime, str] | None,
    limit: int,
    *,
    kinds: frozenset[Kind],
    as_of: date | None,
    known_at: datetime | None,
) -> list[Entry]:
    """Up to `limit` entries, newest knowledge first.

    Raises:
        Problem: 404, there is no such household or the caller may not see it.
    """
    if not await visible_households(tx, [household_id]):
        raise not_found("household")
    versions = await store.read_members(tx, household_id)
    lived = await store.read_residences(tx, household_id)
    communes = await commune_labels(tx, ((one.commune, one.from_day) for one in lived))
    entries = [
        *residences(lived, communes),
        *members(versions),
        *decisions(await store.read_decisions(tx, household_id)),
        *requests(await store.read_requests(tx, household_id)),
        *data_requests(await store.read_data_requests(tx, household_id)),
        *acts((await read_acts(tx, [household_id])).get(household_id, ())),
        *recordings(await store.read_recordings(tx, household_id), versions),
    ]
    until = min((moment for moment in (before and before[0], known_at) if moment), default=None)
    if not kinds or Kind.EVENT in kinds:
        entries += await _events(tx, household_id, until, limit)
    if on_trail := _TRAIL & (kinds or _TRAIL):
        entries += await _trail(tx, household_id, versions, until, limit, on_trail)
    shown = page(entries, before, limit, kinds=kinds, as_of=as_of, known_at=known_at)
    return await _with_roles(tx, household_id, shown)


async def _with_roles(tx: Transaction, household_id: UUID, entries: Sequence[Entry]) -> list[Entry]:
    """The entries, each by somebody in a role as far as the trail tells."""
    callers = {one.by for one in entries if one.by is not None and "roles" not in one.details}
    roles = await roles_of(tx, [household_id], callers)
    return [
        replace(one, details={**one.details, "roles": roles[one.by]})
        if one.by in callers and one.by in roles
        else one
        for one in entries
    ]


async def _events(
    tx: Transaction, household_id: UUID, until: datetime | None, limit: int
) -> list[Entry]:
    return [
        Entry(
            at=said.recorded_at,
            kind=Kind.EVENT,
            key=f"{Kind.EVENT}:{said.event_id}",
            title=_SAID.get(said.type, Text(said.type, said.type)),
            from_day=_day(said.occurred_at),
            correlation_id=said.correlation_id,
            details={"event_id": said.event_id, "type": said.type, "version": said.version},
        )
        for said in await store.events_before(tx, household_id, until, limit)
    ]


async def _trail(
    tx: Transaction,
    household_id: UUID,
    versions: Iterable[MemberVersion],
    until: datetime | None,
    limit: int,
    kinds: frozenset[Kind],
) -> list[Entry]:
    subjects = [household_id, *sorted({version.person_id for version in versions})]
    return [_of_line(line) for line in await lines_about(tx, subjects, until, limit, kinds)]


def _of_line(line: LineAbout) -> Entry:
    kind = Kind(line.kind)
    return Entry(
        at=line.recorded_at,
        kind=kind,
        # Lines of one instant in their own order.
        key=f"{kind}:{line.line_id:020d}",
        title=_ON_THE_TRAIL[kind],
        from_day=_day(line.recorded_at),
        by=line.caller,
        purpose=line.purpose,
        correlation_id=line.correlation_id,
        details={"act": line.act, "roles": line.roles, "about": list(line.about)},
    )


def _day(moment: datetime) -> date:
    return moment.astimezone(VIETNAM).date()

"""A service's part, put together from what its store declares as sections."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import Request

from libs.common.areas.names import commune_names
from libs.common.citizens.schemas import AccountOut, ColumnOut, PartOut, SectionOut, Stay, WordsOut
from libs.common.citizens.sections import COMMUNE, COMMUNE_NAME, MOST_ROWS, Section
from libs.common.clock import VIETNAM
from libs.common.database import Transaction
from libs.common.problems import Text, not_found
from libs.common.security.subjects import LineAbout, lines_about
from libs.common.service import Service
from libs.common.web import Edge
from libs.common.web.app import roles_of
from libs.common.web.screens.door import PREFIX as SCREENS

MOST_ACCOUNTS = 500


async def read_sections(
    tx: Transaction, sections: Sequence[Section], person_id: UUID, stays: Sequence[Stay]
) -> list[SectionOut]:
    """What the caller may see, a statement for each section."""
    asked = (
        [stay.household_id for stay in stays],
        [stay.from_day for stay in stays],
        [stay.until for stay in stays],
    )
    found = [(one, await tx.fetch(one.statement, person_id, *asked)) for one in sections]
    return [
        one.out([dict(row) for row in rows[:MOST_ROWS]], is_whole=len(rows) <= MOST_ROWS)
        for one, rows in found
    ]


async def read_part(
    request: Request,
    edge: Edge,
    sections: Sequence[Section],
    person_id: UUID,
    stays: Sequence[Stay],
    before: datetime | None,
    more: Sequence[SectionOut] = (),
    records: Sequence[UUID] = (),
) -> PartOut:
    """A service's part; `more` are sections that are made otherwise and stand first, `records`
    other ids of the same person, of whose readers is told too.

    The households that are told of are on the trail beside the person.

    Raises:
        Problem: 404, nothing of the person may be seen here.
    """
    found = [*more, *await read_sections(edge.tx, sections, person_id, stays)]
    if not any(section.rows for section in found):
        raise not_found("person")
    edge.note("household", _households(found))
    dated_by = {section.name: section.dated_by for section in sections}
    await _name_communes(edge.tx, found, dated_by, edge.clock.today())
    lines, until = await _accounts(edge.tx, [person_id, *records], stays, before)
    titles = _titles(request)
    return PartOut(
        service=request.app.state.service.name,
        title=WordsOut.of(request.app.state.service.title),
        person_id=person_id,
        stays=list(stays),
        sections=found,
        accounts=[_account(line, titles) for line in lines],
        accounts_until=until,
    )


def _households(sections: Sequence[SectionOut]) -> set[UUID]:
    rows = (row for section in sections for row in section.rows)
    return {row["household_id"] for row in rows if "household_id" in row}


async def _name_communes(
    tx: Transaction, sections: Sequence[SectionOut], dated_by: Mapping[str, str], today: date
) -> None:
    """Put the name beside every commune's code, of all sections at once."""
    coded = [
        (row, (row[COMMUNE.name], _day_of(row, dated_by.get(one.name, ""), today)))
        for one in sections
        for row in one.rows
        if COMMUNE.name in row
    ]
    names = await commune_names(tx, (of for _, of in coded))
    for row, of in coded:
        row[COMMUNE_NAME.name] = names.get(of)
    for one in sections:
        one.columns = [column for own in one.columns for column in _with_name(own)]


def _with_name(column: ColumnOut) -> list[ColumnOut]:
    return [COMMUNE_NAME.out(), column] if column.name == COMMUNE.name else [column]


def _day_of(row: Mapping[str, Any], dated_by: str, today: date) -> date:
    value = row.get(dated_by)
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM).date()
    return value if isinstance(value, date) else today


async def _accounts(
    tx: Transaction, records: Sequence[UUID], stays: Sequence[Stay], before: datetime | None
) -> tuple[list[LineAbout], datetime | None]:
    """Who read of the person, and of its households while it was a member; and up to when older
    lines were left out.
    """
    homes = list({stay.household_id for stay in stays})
    own = await lines_about(tx, records, before, MOST_ACCOUNTS)
    of_homes = await lines_about(tx, homes, before, MOST_ACCOUNTS)
    full = [lines[-1].recorded_at for lines in (own, of_homes) if len(lines) == MOST_ACCOUNTS]
    until = max(full, default=None)
    # One act may have a line for the person and another for its household.
    theirs = [*(line for line in of_homes if _is_theirs(line, stays)), *own]
    wanted = {(line.correlation_id, line.recorded_at, line.act): line for line in theirs}
    shown = [line for line in wanted.values() if until is None or line.recorded_at >= until]
    return sorted(shown, key=lambda line: (line.recorded_at, line.line_id), reverse=True), until


def _is_theirs(line: LineAbout, stays: Sequence[Stay]) -> bool:
    day = line.recorded_at.astimezone(VIETNAM).date()
    return any(stay.household_id in line.about and stay.covers(day) for stay in stays)


def _account(line: LineAbout, titles: Mapping[str, Text]) -> AccountOut:
    what = titles.get(line.act)
    return AccountOut(
        at=line.recorded_at,
        caller=line.caller,
        roles=line.roles,
        kind=line.kind,
        act=line.act,
        what=None if what is None else WordsOut.of(what),
        purpose=line.purpose,
    )


def _titles(request: Request) -> dict[str, Text]:
    """What the service's routes are called: by their summary (Vietnamese, a stroke, English), pages
    else by the entry of the menu that they belong to.
    """
    service: Service = request.app.state.service
    menu = () if service.screens is None else service.screens.menu
    titles: dict[str, Text] = {}
    for prefix, route, _ in roles_of(service):
        entries = [entry.title for entry in menu if route.path.startswith(entry.path)]
        vi, _, en = (route.summary or "").rpartition("/")
        title = Text(vi.strip(), en.strip()) if vi else None
        if prefix == SCREENS and title is None and entries:
            title = Text(f"Màn hình “{entries[0].vi}”", f"Screen “{entries[0].en}”")
        if title is not None:
            titles |= {f"{method} {prefix}{route.path}": title for method in route.methods or ()}
    return titles

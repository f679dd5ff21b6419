"""Official files for offices without a system: increases and decreases of the roll (D03-TS)."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from libs.common.clock import start_of_day
from libs.common.files.writing import DOWNLOAD, Format, Value, as_download, table_file
from libs.common.partners.domain import Scope
from libs.common.problems import FieldError, Problem, Text
from libs.common.web import Edge
from libs.common.web.days import Day
from services.eligibility.files.form import FORM, line_of
from services.eligibility.insurance import store
from services.eligibility.insurance.api import Reader
from services.eligibility.insurance.store import After, Moment
from services.eligibility.scope import AreaQuery, communes_of, day_of_law

router = APIRouter(prefix="/files", tags=["Tệp / Files"])

PAGE = 1_000


@router.get(
    "/d03-ts",
    response_class=Response,
    responses=DOWNLOAD,
    summary="Danh sách tăng, giảm BHYT (như D03-TS) / Increases and decreases of the roll",
)
async def get_roll_changes_file(
    edge: Reader,
    since: Annotated[Day, Query(alias="from")],
    until: Day | None = None,
    form: Annotated[Format, Query(alias="format")] = Format.XLSX,
    area: AreaQuery = None,
) -> Response:
    """The roll of the day before `until`, as known when `until` began, against that of the day
    before `from`, as known when `from` began: files whose days follow each other leave nothing out
    and say nothing twice. Without `until`: as it stands. A partner's own groups, areas and
    fields only.
    """
    if until is not None and until <= since:
        raise _wrong_order()
    today = await day_of_law(edge.tx)
    communes = await communes_of(edge, area, today)
    then = Moment(since - timedelta(days=1), start_of_day(since))
    now = Moment(today)
    if until is not None and until <= today:
        now = Moment(until - timedelta(days=1), start_of_day(until))
    persons: list[UUID] = []
    scope = None if edge.partner is None else edge.partner.scope
    lines = _lines(edge, communes, (then, now), scope, persons)
    titles = [column.title for column in FORM.columns]
    content = await table_file(form, FORM.name, titles, lines)
    edge.note("person", persons)
    return as_download(form, f"d03-ts-{since}", content)


async def _lines(
    edge: Edge,
    communes: Sequence[str] | None,
    moments: tuple[Moment, Moment],
    scope: Scope | None,
    persons: list[UUID],
) -> AsyncIterator[list[list[Value]]]:
    after = After()
    while True:
        changes = await store.list_changes_after(edge.tx, communes, *moments, after, PAGE)
        page = []
        for change in changes:
            line = line_of(change, scope)
            if line is not None:
                persons.append(change.person_id)
                page.append([len(persons), *line[1:]])
        yield page
        if len(changes) < PAGE:
            return
        after = After(changes[-1].commune, changes[-1].person_id)


def _wrong_order() -> Problem:
    title = Text("Ngày kết thúc không sau ngày bắt đầu.", "The end is not after the beginning.")
    fix = Text("Sửa một trong hai ngày.", "Mend one of the two days.")
    return Problem(422, "file.days", title, [FieldError("/query/until", "file.days", title, fix)])

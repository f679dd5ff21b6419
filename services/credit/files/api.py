"""Official files for offices without a system: list 03/TD out, the bank's outcomes in, a report."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from libs.common.files.writing import (
    BINARY,
    DOWNLOAD,
    Format,
    Value,
    as_download,
    table_file,
)
from libs.common.ids import new_id
from libs.common.problems import not_found
from libs.common.vocabulary import Result
from libs.common.web import Edge
from libs.common.web.days import Day
from services.credit.files import store
from services.credit.files.form import FORM, READ
from services.credit.files.lists import COLUMNS, Shown, Wanted, rows_of_list
from services.credit.files.schemas import FileState, OutcomeFileOut
from services.credit.files.store import StoredFile
from services.credit.files.wording import explained
from services.credit.files.work import AT_ONCE, digest_of, take_in, work_page
from services.credit.narrowing import AreaCode, Bank, Reader, communes_of

router = APIRouter(prefix="/files", tags=["Tệp / Files"])

_UPLOAD = {"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}}
FormatQuery = Annotated[Format, Query(alias="format")]


@router.get(
    "/03-td",
    response_class=Response,
    responses=DOWNLOAD,
    summary="Danh sách 03/TD đã được xã xác nhận / The confirmed list 03/TD as a file",
)
async def get_list_file(
    edge: Reader,
    form: FormatQuery = Format.XLSX,
    commune: AreaCode | None = None,
    list_id: UUID | None = None,
    since: Annotated[Day | None, Query(alias="from")] = None,
    until: Day | None = None,
) -> Response:
    """Needs confirmed from `from` on and before `until`; a partner's own fields only. The last
    columns are the outcome's: fill them and send the file to `/v1/files/outcomes`.
    """
    area = await communes_of(edge, commune)
    wanted, shown = Wanted(area, list_id, since, until), Shown(0, [])
    titles = [column.title for column in COLUMNS]
    scope = None if edge.partner is None else edge.partner.scope
    pages = rows_of_list(edge.tx, wanted, scope, shown)
    content = await table_file(form, FORM.name, titles, pages)
    edge.note("household", shown.households)
    return as_download(form, f"03-td-{commune or 'all'}", content)


@router.post(
    "/outcomes",
    response_model=OutcomeFileOut,
    responses={202: {"model": OutcomeFileOut, "description": "Đã nhận, đang xử lý / Accepted"}},
    openapi_extra=_UPLOAD,
    summary="Tệp kết quả của ngân hàng / The bank's outcome file",
)
async def post_outcomes(request: Request, edge: Bank, response: Response) -> OutcomeFileOut:
    """A CSV (UTF-8) or an XLSX in the form of `/v1/files/03-td`: each line is recorded, unchanged
    or refused by itself; the same file again changes nothing. Above 1,000 lines it is a 202: read
    its state again until it is `done`, then its report.
    """
    content = await request.body()
    today, caller = edge.clock.today(), edge.caller
    partner = edge.as_partner()
    sent = StoredFile(
        file_id=new_id(),
        partner=partner.registration.partner,
        caller=caller.subject,
        roles=" ".join(sorted(caller.roles)),
        areas=caller.areas,
        purpose=caller.purpose,
        correlation_id=edge.correlation_id,
        digest=digest_of(content),
        recorded_at=edge.tx.recorded_at,
    )
    file = await take_in(edge.tx, sent, content)
    if file.file_id == sent.file_id and file.lines <= AT_ONCE:
        edge.note("household", await work_page(edge.tx, file, today, partner.scope))
    file = await _get(edge, file.file_id)
    edge.note("outcome_file", [file.file_id])
    response.headers["Location"] = f"files/outcomes/{file.file_id}"
    if file.state != FileState.DONE:
        response.status_code = 202
    return OutcomeFileOut.of(file)


@router.get("/outcomes/{file_id}", summary="Tiến độ xử lý tệp / An outcome file and how far it is")
async def get_outcome_file(file_id: UUID, edge: Bank) -> OutcomeFileOut:
    """Of the caller's own partner only."""
    return OutcomeFileOut.of(await _get(edge, file_id))


@router.get(
    "/outcomes/{file_id}/report",
    response_class=Response,
    responses=DOWNLOAD,
    summary="Báo cáo theo từng dòng / What came of each line",
)
async def get_outcome_report(
    file_id: UUID,
    edge: Bank,
    form: FormatQuery = Format.XLSX,
    result: Result | None = None,
) -> Response:
    """The same form with result, reason and remedy beside each line: mend it and send it again.
    `result=refused` gives just those lines.
    """
    file = await _get(edge, file_id)
    content = await table_file(form, FORM.name, FORM.titles, _report(edge, file, result))
    edge.note("outcome_file", [file_id])
    return as_download(form, f"outcomes-{file_id}", content)


async def _report(
    edge: Edge, file: StoredFile, result: Result | None
) -> AsyncIterator[list[list[Value]]]:
    async for page in store.read_report(edge.tx, file.file_id, result):
        lines = []
        for row in page:
            sent = dict(zip(READ, row["cells"], strict=True))
            values: dict[str, Value] = {"number": row["line"], **sent}
            values |= explained(row["result"], row["reasons"])
            lines.append([values.get(column.name) for column in FORM.columns])
        yield lines


async def _get(edge: Edge, file_id: UUID) -> StoredFile:
    partner = edge.as_partner().registration.partner
    found = await store.find_file(edge.tx, file_id, partner)
    if found is None:
        raise not_found("outcome_file")
    return found

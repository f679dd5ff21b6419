"""Imports over HTTP: a file in parts, a dry run, a person's yes, a report; and exports."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from libs.common.files.streaming import stream_download
from libs.common.files.writing import BINARY, DOWNLOAD, Format, Value
from libs.common.problems import not_found
from libs.common.security.roles import Role
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from libs.common.web.act import SCOPE_KEY, Act
from libs.common.web.paging import after_id
from services.registry.imports import acts, page_store, store
from services.registry.imports.form import FORM
from services.registry.imports.page_store import Progress
from services.registry.imports.report import report_pages
from services.registry.imports.schemas import (
    MOST_PARTS,
    ImportCloseIn,
    ImportIn,
    ImportOut,
    PartOut,
)
from services.registry.imports.store import StoredImport
from services.registry.rights.showing import clear_for, shows_clear

router = APIRouter(prefix="/imports", tags=["Nhập tệp / Imports"])
Officer = Annotated[Edge, Depends(allow(Role.OFFICER))]
Decider = Annotated[Edge, Depends(allow(Role.OFFICER, Role.CHAIRMAN))]
Reader = Annotated[Edge, Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE))]
PartNumber = Annotated[int, Path(ge=1, le=MOST_PARTS)]
_UPLOAD = {"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}}


@router.post("", status_code=201, summary="Mở một lần nhập / Open an import")
async def open_import(body: ImportIn, edge: Officer, response: Response) -> ImportOut:
    """The same file that is still on its way is answered instead of opened again."""
    sent = await acts.open_import(edge.tx, body, edge.caller, edge.correlation_id)
    response.headers["Location"] = f"imports/{sent.import_id}"
    return await _out(edge, sent)


@router.put(
    "/{import_id}/parts/{part}",
    openapi_extra=_UPLOAD,
    summary="Gửi một phần của tệp / Send a part of the file",
)
async def put_part(import_id: UUID, part: PartNumber, request: Request, edge: Officer) -> PartOut:
    """The bytes of a CSV (UTF-8) or an XLSX, cut anywhere; parts of 8 MB are a good size. They may
    come in any order, and again: what is there is not sent twice after a broken line.
    """
    content = b"".join([piece async for piece in request.stream()])
    await acts.keep_part(edge.tx, edge.vault, import_id, part, content)
    return PartOut(part=part, parts=await store.parts_of(edge.tx, import_id))


@router.post("/{import_id}/close", summary="Tệp đã gửi đủ / All parts are sent")
async def close_import(import_id: UUID, body: ImportCloseIn, edge: Officer) -> ImportOut:
    """Its rows are read and checked, and nothing is written: read its state again until it is
    `checked`, then its report.
    """
    return await _out(edge, await acts.close(edge.tx, import_id, body.parts))


@router.post("/{import_id}/confirm", summary="Xác nhận ghi / Confirm: take what is right")
async def confirm_import(import_id: UUID, edge: Decider) -> ImportOut:
    """What the dry run refuses stays out; every line is judged again as it is taken. Where lines
    change what takes two persons (`takes_two`), a chairman who did not send the file confirms it.
    """
    return await _out(edge, await acts.confirm(edge.tx, import_id, edge.caller))


@router.post("/{import_id}/cancel", summary="Hủy / Cancel")
async def cancel_import(import_id: UUID, edge: Decider) -> ImportOut:
    """Nothing more is taken; what was taken stays."""
    return await _out(edge, await acts.cancel(edge.tx, import_id))


@router.get("", summary="Các lần nhập, mới nhất trước / Imports, newest first")
async def list_imports(edge: Reader, page: PageQuery) -> Page[ImportOut]:
    found = await store.list_imports_before(edge.tx, after_id(page), page.limit + 1)
    progress = await page_store.progress_of(edge.tx, [one.import_id for one in found])
    edge.note("import", [one.import_id for one in found[: page.limit]])
    return page_of(
        found,
        page,
        lambda one: ImportOut.of(one, progress.get(one.import_id, Progress())),
        lambda one: one.import_id,
    )


@router.get("/{import_id}", summary="Tiến độ / How far an import is")
async def get_import(import_id: UUID, edge: Reader) -> ImportOut:
    return (await read_import(import_id, edge))[1]


@router.get(
    "/{import_id}/report",
    response_class=Response,
    responses=DOWNLOAD,
    summary="Báo cáo theo từng dòng / What came of each line",
)
async def get_report(
    import_id: UUID,
    edge: Reader,
    request: Request,
    form: Annotated[Format, Query(alias="format")] = Format.XLSX,
    refused_only: bool = True,
) -> Response:
    """The file's own columns with result, reason and remedy beside each line: mend it and send it
    again. Names, numbers and addresses stand in it where a registered purpose is stated
    (`X-Purpose`), else those cells are empty. Once the import is taken only the refused lines are
    kept, for 30 days. For who sent the file, a chairman or the province.
    """
    acts.require_reader(await _get(edge, import_id), edge.caller)
    is_clear = shows_clear(edge)
    edge.note("import", [import_id])
    act: Act = request.scope[SCOPE_KEY]

    async def pages() -> AsyncIterator[Sequence[Sequence[Value]]]:
        found = report_pages(edge.tx, edge.vault, import_id, refused_only=refused_only)
        async for lines in found:
            people = {one.person_id for one in lines if one.person_id}
            homes = {one.household_id for one in lines if one.household_id}
            clear = await clear_for(edge, people)
            for kind, subjects in (("household", homes), ("person", people)):
                if subjects:
                    await act.account_part(kind, sorted(subjects))
            yield [
                one.cells(is_clear=is_clear and (one.person_id is None or one.person_id in clear))
                for one in lines
            ]

    return stream_download(form, f"import-{import_id}", FORM.titles, pages())


async def read_import(import_id: UUID, edge: Edge) -> tuple[StoredImport, ImportOut]:
    """The import, and what is told of it."""
    sent = await _get(edge, import_id)
    return sent, await _out(edge, sent)


async def _get(edge: Edge, import_id: UUID) -> StoredImport:
    found = await store.find_import(edge.tx, import_id)
    if found is None:
        raise not_found("import")
    return found


async def _out(edge: Edge, sent: StoredImport) -> ImportOut:
    progress = await page_store.progress_of(edge.tx, [sent.import_id])
    edge.note("import", [sent.import_id])
    return ImportOut.of(sent, progress.get(sent.import_id, Progress()))

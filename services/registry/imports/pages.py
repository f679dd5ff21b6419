"""Officers' screens on imports: send a file, see the dry run and its report, confirm or cancel."""

import hashlib
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from libs.common.files.writing import Format
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.days import Day
from libs.common.web.paging import PageRequest, after_id, page_of
from libs.common.web.screens import render, see_other
from services.registry.imports import acts, api, page_store, store
from services.registry.imports.domain import ENDED, ImportState
from services.registry.imports.form import FORM
from services.registry.imports.page_store import Progress
from services.registry.imports.schemas import ImportIn, ImportOut
from services.registry.purposes.domain import in_force

READERS = frozenset({Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE})
router = APIRouter(prefix="/imports")
Officer = Annotated[Edge, Depends(allow(Role.OFFICER))]
Decider = Annotated[Edge, Depends(allow(Role.OFFICER, Role.CHAIRMAN))]
Reader = Annotated[Edge, Depends(allow(*READERS))]
Asker = Annotated[Edge, Depends(allow(*READERS, reads=True))]
_SHOWN = 25
_PART = 8 * 1024 * 1024
_AGAIN_SECONDS = 3
_WORKING = frozenset({ImportState.READING, ImportState.CHECKING, ImportState.TAKING})


class ImportAct(StrEnum):
    """What an officer does with an import that was checked."""

    CONFIRM = "confirm"
    CANCEL = "cancel"


class ImportActIn(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    act: ImportAct


@router.get("")
async def list_imports(
    request: Request,
    edge: Reader,
    after: Annotated[str | None, Query(max_length=512)] = None,
) -> Response:
    """The form for a file, and the imports, the newest first."""
    wanted = PageRequest(after, _SHOWN)
    found = await store.list_imports_before(edge.tx, after_id(wanted), _SHOWN + 1)
    progress = await page_store.progress_of(edge.tx, [one.import_id for one in found])
    edge.note("import", [one.import_id for one in found[:_SHOWN]])
    page = page_of(
        found,
        wanted,
        lambda one: ImportOut.of(one, progress.get(one.import_id, Progress())),
        lambda one: one.import_id,
    )
    return render(
        request,
        "imports/list.html",
        Text("Nhập tệp", "Imports"),
        imports=page.items,
        next=page.next,
        titles=FORM.titles,
        may_send=Role.OFFICER in edge.caller.roles,
        today=edge.clock.today(),
    )


@router.post("")
async def send(request: Request, edge: Officer, effective_on: Day) -> Response:
    """A whole file at once; it is read and checked, and nothing is written before the yes."""
    content = await request.body()
    if not content:
        raise _no_file()
    body = ImportIn(digest=hashlib.sha256(content).hexdigest(), effective_on=effective_on)
    sent = await acts.open_import(edge.tx, body, edge.caller, edge.correlation_id)
    if sent.state is ImportState.SENDING:
        parts = [content[at : at + _PART] for at in range(0, len(content), _PART)]
        for number, part in enumerate(parts, 1):
            await acts.keep_part(edge.tx, edge.vault, sent.import_id, number, part)
        await acts.close(edge.tx, sent.import_id, len(parts))
    edge.note("import", [sent.import_id])
    return see_other(request, f"/imports/{sent.import_id}")


@router.get("/{import_id}")
async def show(request: Request, import_id: UUID, edge: Reader) -> Response:
    """How far it is; the page comes again by itself while it is at work."""
    sent, shown = await api.read_import(import_id, edge)
    return render(
        request,
        "imports/import.html",
        Text("Một lần nhập tệp", "An import"),
        one=shown,
        share=_share(shown),
        may_decide=bool({Role.OFFICER, Role.CHAIRMAN} & edge.caller.roles)
        and shown.state not in ENDED,
        purposes=[one for one in in_force(edge.clock.today()) if one.roles & edge.caller.roles],
        waits_for_second=shown.takes_two > 0 and not acts.is_second(sent, edge.caller),
        is_working=shown.state in _WORKING,
        reload_after=_AGAIN_SECONDS if shown.state in _WORKING else None,
    )


@router.post("/{import_id}")
async def decide(request: Request, import_id: UUID, body: ImportActIn, edge: Decider) -> Response:
    """Confirm or cancel."""
    match body.act:
        case ImportAct.CONFIRM:
            await acts.confirm(edge.tx, import_id, edge.caller)
        case ImportAct.CANCEL:
            await acts.cancel(edge.tx, import_id)
    edge.note("import", [import_id])
    return see_other(request, f"/imports/{import_id}")


@router.get("/{import_id}/report")
async def report(
    request: Request,
    import_id: UUID,
    edge: Reader,
    form: Annotated[Format, Query(alias="format")] = Format.XLSX,
    refused_only: bool = True,
) -> Response:
    """The file again, with what came of each line; who is named in it is left out."""
    return await api.get_report(import_id, edge, request, form, refused_only)


@router.post("/{import_id}/report")
async def clear_report(
    request: Request,
    import_id: UUID,
    edge: Asker,
    form: Annotated[Format, Query(alias="format")] = Format.XLSX,
    refused_only: bool = True,
) -> Response:
    """The same with names, numbers and addresses, for a registered purpose."""
    if edge.caller.purpose is None:
        message = Text("Chưa chọn mục đích.", "No purpose was chosen.")
        fix = Text("Chọn một mục đích.", "Choose one.")
        error = FieldError("/header/x-purpose", "purpose.missing", message, fix)
        raise Problem(422, "purpose.missing", message, [error])
    return await api.get_report(import_id, edge, request, form, refused_only)


def _share(one: ImportOut) -> dict[str, Any]:
    """How far the present phase is; `of` is None while nobody knows how many lines there are."""
    done = {
        ImportState.READING: one.progress.read,
        ImportState.CHECKING: one.progress.checked,
        ImportState.TAKING: one.progress.taken,
    }.get(one.state, 0)
    return {"done": done, "of": one.lines}


def _no_file() -> Problem:
    message = Text("Chưa chọn tệp, hoặc tệp không có gì.", "No file was chosen, or it is empty.")
    fix = Text("Chọn tệp XLSX hoặc CSV rồi gửi lại.", "Choose an XLSX or CSV file and send again.")
    return Problem(422, "import.no_file", message, [FieldError("/file", "missing", message, fix)])

"""Reorganisations over HTTP: the province enters and approves, officers answer what is open."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Depends, Query, Request, Response

from libs.common.files.writing import BINARY, DOWNLOAD, Format, Value, as_download, table_file
from libs.common.security.roles import Role
from libs.common.vocabulary import AreaKind
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from libs.common.web.days import Day
from libs.common.web.paging import after_id, bad_cursor
from services.registry.areas.domain import line_changes, tidy
from services.registry.households.schemas import CommuneCode
from services.registry.reorganisations import acts, answering, answers, concerned, maps, store
from services.registry.reorganisations.acts import Head
from services.registry.reorganisations.answering import AnswerAct
from services.registry.reorganisations.designations import RULE
from services.registry.reorganisations.form import FORM, filled, named
from services.registry.reorganisations.schemas import (
    AnswerIn,
    AnswerOut,
    ChoiceOut,
    OpenDesignationOut,
    OpenDesignationsOut,
    OpenHouseholdOut,
    OpenOut,
    ReclassifiedOut,
    ReorganisationOut,
)
from services.registry.reorganisations.store import Route, Stored

router = APIRouter(prefix="/reorganisations", tags=["Sắp xếp đơn vị hành chính / Reorganisations"])

Province = Annotated[Edge, Depends(allow(Role.PROVINCE))]
Officer = Annotated[Edge, Depends(allow(Role.OFFICER, Role.PROVINCE))]
Decider = Annotated[Edge, Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE))]
Reader = Annotated[
    Edge,
    Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.REVIEWER, Role.PROVINCE, Role.AUDITOR)),
]
Document = Annotated[str, Query(min_length=1, max_length=200, pattern=r"\S")]
FormatQuery = Annotated[Format, Query(alias="format")]
_UPLOAD = {"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}}


@router.post(
    "",
    status_code=201,
    openapi_extra=_UPLOAD,
    summary="Nhập một đợt sắp xếp từ tệp / Enter a reorganisation from a file",
)
async def enter_reorganisation(
    request: Request,
    edge: Province,
    response: Response,
    in_force: Day,
    known_from: Day,
    document: Document,
) -> ReorganisationOut:
    """A CSV (UTF-8) or an XLSX in the form of `/v1/reorganisations/form`. One broken line refuses
    the file, and every line is reported; nothing happens before it is approved and in force.
    """
    head = Head(in_force, tidy(document), known_from)
    content = await request.body()
    found = await acts.enter(
        edge.tx, head, content, edge.caller.subject, edge.correlation_id, edge.clock.today()
    )
    response.headers["Location"] = f"reorganisations/{found.reorganisation_id}"
    return await _out(edge, found)


@router.get(
    "/form",
    response_class=Response,
    responses=DOWNLOAD,
    summary="Mẫu tệp, điền sẵn những gì đã biết / The form, filled with what is known",
)
async def get_form(
    edge: Reader,
    area: Annotated[str, Query(pattern=r"^([0-9]{2}|[0-9]{3}|[0-9]{5})$")],
    in_force: Day,
    form: FormatQuery = Format.XLSX,
) -> Response:
    """The units of an area on the day before, each with what the list of units says it becomes."""
    rows = await maps.read_form(edge.tx, area, in_force)
    content = await table_file(form, FORM.name, FORM.titles, _pages(filled(map(dict, rows))))
    return as_download(form, f"{FORM.name}-{area}", content)


@router.get("", summary="Các đợt sắp xếp, mới nhất trước / Reorganisations, the newest first")
async def list_reorganisations(edge: Reader, page: PageQuery) -> Page[ReorganisationOut]:
    found = await store.list_after(edge.tx, after_id(page), page.limit + 1)
    edge.note("reorganisation", [one.reorganisation_id for one in found[: page.limit]])
    out = partial(ReorganisationOut.of, today=edge.clock.today())
    return page_of(found, page, out, lambda one: one.reorganisation_id)


@router.get("/{reorganisation_id}", summary="Một đợt sắp xếp và tiến độ / One, and how far it is")
async def get_reorganisation(reorganisation_id: UUID, edge: Reader) -> ReorganisationOut:
    return await _out(edge, await acts.get(edge.tx, reorganisation_id))


@router.get(
    "/{reorganisation_id}/report",
    response_class=Response,
    responses=DOWNLOAD,
    summary="Báo cáo theo từng dòng / What is wrong with each line",
)
async def get_reorganisation_report(
    reorganisation_id: UUID, edge: Reader, form: FormatQuery = Format.XLSX
) -> Response:
    """The file with reason and remedy beside each line: mend it and send it again."""
    await acts.get(edge.tx, reorganisation_id)
    edge.note("reorganisation", [reorganisation_id])
    pages = _report(store.read_report(edge.tx, reorganisation_id))
    content = await table_file(form, FORM.name, FORM.titles, pages)
    return as_download(form, f"{FORM.name}-{reorganisation_id}", content)


@router.post("/{reorganisation_id}/preview", summary="Xem trước / Count what it will do")
async def preview_reorganisation(reorganisation_id: UUID, edge: Province) -> ReorganisationOut:
    return await _out(edge, await acts.preview(edge.tx, reorganisation_id))


@router.post("/{reorganisation_id}/approve", summary="Duyệt, người thứ hai / Approve, as a second")
async def approve_reorganisation(reorganisation_id: UUID, edge: Province) -> ReorganisationOut:
    """From its day in force on it is applied by itself."""
    found = await acts.approve(edge.tx, reorganisation_id, edge.caller.subject)
    return await _out(edge, found)


@router.post("/{reorganisation_id}/cancel", summary="Hủy trước khi thực hiện / Cancel")
async def cancel_reorganisation(reorganisation_id: UUID, edge: Province) -> ReorganisationOut:
    return await _out(edge, await acts.cancel(edge.tx, reorganisation_id))


@router.post("/{reorganisation_id}/repeat", summary="Rà lại hộ ghi muộn / Look for late records")
async def repeat_reorganisation(reorganisation_id: UUID, edge: Province) -> ReorganisationOut:
    """Moves who was recorded late under an old code, with a day before the reorganisation."""
    return await _out(edge, await acts.repeat(edge.tx, reorganisation_id))


@router.get(
    "/{reorganisation_id}/open", summary="Việc phải hỏi, theo xã cũ và thôn / The work list"
)
async def list_open(reorganisation_id: UUID, edge: Reader, page: PageQuery) -> Page[OpenOut]:
    if page.after is not None and len(page.after) != 2:
        raise bad_cursor()
    _, routes = await acts.asked_routes(edge.tx, reorganisation_id)
    edge.note("reorganisation", [reorganisation_id])
    after = None if page.after is None else (page.after[0], page.after[1])
    rows = await concerned.list_open(edge.tx, routes, after, page.limit + 1)
    return page_of(
        rows, page, lambda row: _open(row, routes), lambda row: (row["commune"], row["village"])
    )


@router.get(
    "/{reorganisation_id}/open/households", summary="Các hộ phải hỏi / Households of the work list"
)
async def list_open_households(
    reorganisation_id: UUID,
    edge: Reader,
    page: PageQuery,
    commune: CommuneCode | None = None,
    village: Annotated[str | None, Query(max_length=100)] = None,
) -> Page[OpenHouseholdOut]:
    """Of one old commune and village where they are given; an empty village: none recorded."""
    _, routes = await acts.asked_routes(edge.tx, reorganisation_id)
    wanted = [route for route in routes if commune in (None, route.code)]
    rows = await concerned.list_open_households(
        edge.tx, wanted, None if village is None else tidy(village), after_id(page), page.limit + 1
    )
    edge.note("household", [row["household_id"] for row in rows[: page.limit]])
    return page_of(
        rows,
        page,
        lambda row: OpenHouseholdOut.model_validate(dict(row)),
        lambda row: row["household_id"],
    )


@router.post(
    "/{reorganisation_id}/answers",
    status_code=201,
    summary="Trả lời: thôn hoặc hộ về xã nào / Answer the work list",
)
async def answer(reorganisation_id: UUID, body: AnswerIn, edge: Officer) -> AnswerOut:
    """At most 5,000 households at once. They move once another successor's person confirms."""
    given = await answering.ask(
        edge.tx,
        reorganisation_id,
        body.commune,
        body.tidy_village,
        body.households,
        body.to,
        edge.caller.subject,
    )
    edge.note("household", given.households)
    return AnswerOut.of(given)


@router.get("/{reorganisation_id}/answers", summary="Các câu trả lời, mới nhất trước / Answers")
async def list_answers(reorganisation_id: UUID, edge: Reader, page: PageQuery) -> Page[AnswerOut]:
    """Of the caller's communes: the old ones, and all that took over parts of them."""
    await acts.get(edge.tx, reorganisation_id)
    edge.note("reorganisation", [reorganisation_id])
    found = await answers.list_after(edge.tx, reorganisation_id, after_id(page), page.limit + 1)
    return page_of(found, page, AnswerOut.of, lambda one: one.answer_id)


@router.post(
    "/{reorganisation_id}/answers/{answer_id}/confirm",
    summary="Xác nhận, người của xã kế thừa khác / Confirm, for another successor",
)
async def confirm_answer(reorganisation_id: UUID, answer_id: UUID, edge: Decider) -> AnswerOut:
    """Moves the households that are still asked about; of an undoing, puts them back."""
    return await decide(reorganisation_id, answer_id, AnswerAct.CONFIRM, edge)


@router.post(
    "/{reorganisation_id}/answers/{answer_id}/refuse", summary="Từ chối hoặc rút / Refuse, withdraw"
)
async def refuse_answer(reorganisation_id: UUID, answer_id: UUID, edge: Decider) -> AnswerOut:
    return await decide(reorganisation_id, answer_id, AnswerAct.REFUSE, edge)


@router.post(
    "/{reorganisation_id}/answers/{answer_id}/undo", summary="Đề nghị hủy / Ask to undo an answer"
)
async def undo_answer(reorganisation_id: UUID, answer_id: UUID, edge: Officer) -> AnswerOut:
    """Once another successor's person confirms, its households are asked about again."""
    return await decide(reorganisation_id, answer_id, AnswerAct.UNDO, edge)


async def decide(reorganisation_id: UUID, answer_id: UUID, act: AnswerAct, edge: Edge) -> AnswerOut:
    """What the acts on an answer have in common."""
    by = edge.caller.subject
    decided = await answering.decide(edge.tx, reorganisation_id, answer_id, act, by)
    edge.note("household", decided.households)
    return AnswerOut.of(decided)


@router.get(
    "/{reorganisation_id}/designations",
    summary="Diện chưa rõ ở xã mới / Designations not said of new communes",
)
async def list_open_designations(reorganisation_id: UUID, edge: Reader) -> OpenDesignationsOut:
    """Xã nghèo, xã đặc biệt khó khăn and the like pass to no successor by themselves: here until
    the file or the list of units says what the new commune is.
    """
    found = await acts.open_designations(edge.tx, reorganisation_id)
    edge.note("reorganisation", [reorganisation_id])
    return OpenDesignationsOut(
        items=[
            OpenDesignationOut(
                former_commune=one.former_commune,
                designation=one.designation,
                commune=one.commune,
            )
            for one in found
        ],
        rule=RULE.source.vi,
        rule_en=RULE.source.en,
        is_confirmed=RULE.is_confirmed,
    )


@router.get(
    "/{reorganisation_id}/reclassified",
    summary="Hộ có mức chuẩn thu nhập thay đổi / Households under another income line",
)
async def list_reclassified(
    reorganisation_id: UUID, edge: Reader, page: PageQuery
) -> Page[ReclassifiedOut]:
    """Those whose commune became one of another kind, e.g. a rural commune a ward."""
    rows = await acts.list_reclassified(edge.tx, reorganisation_id, after_id(page), page.limit + 1)
    edge.note("household", [row["household_id"] for row in rows[: page.limit]])
    return page_of(rows, page, _reclassified, lambda row: row["household_id"])


async def _out(edge: Edge, found: Stored) -> ReorganisationOut:
    edge.note("reorganisation", [found.reorganisation_id])
    problems = []
    if found.state == "refused":
        async for page in store.read_report(edge.tx, found.reorganisation_id):
            problems += [reason for row in page for reason in row["reasons"]]
    return ReorganisationOut.of(found, edge.clock.today(), problems[:1_000])


def _open(row: Record, routes: list[Route]) -> OpenOut:
    choices = {one.to_code: one.to_kind for one in routes if one.code == row["commune"]}
    return OpenOut(
        commune=row["commune"],
        village=row["village"] or None,
        households=row["households"],
        persons=row["persons"],
        choices=[ChoiceOut(commune=code, kind=kind) for code, kind in sorted(choices.items())],
    )


def _reclassified(row: Record) -> ReclassifiedOut:
    former, kind = AreaKind(row["former_kind"]), AreaKind(row["kind"])
    changes = line_changes(former, kind)
    return ReclassifiedOut(
        **dict(row) | {"former_kind": former, "kind": kind}, income_line_changes=changes
    )


async def _pages(lines: list[list[Value]]) -> AsyncIterator[list[list[Value]]]:
    yield lines


async def _report(pages: AsyncIterator[list[Record]]) -> AsyncIterator[list[list[Value]]]:
    async for page in pages:
        lines = []
        for row in page:
            values: dict[str, Value] = dict(named(row["cells"]))
            values["why"] = " ".join(reason["message"]["vi"] for reason in row["reasons"])
            values["fix"] = " ".join(reason["fix"]["vi"] for reason in row["reasons"])
            lines.append([values.get(column.name) for column in FORM.columns])
        yield lines

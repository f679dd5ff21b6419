"""Screens on reorganisations: the province enters, previews and approves; officers work the list
of who has to be asked, village by village.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from libs.common.files.writing import Format
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.roles import Role
from libs.common.web import Edge, Page, allow
from libs.common.web.days import Day
from libs.common.web.paging import PageRequest
from libs.common.web.screens import render, see_other
from services.registry.areas.domain import tidy
from services.registry.households.pages import READERS
from services.registry.households.schemas import CommuneCode
from services.registry.reorganisations import acts, answers, api, concerned
from services.registry.reorganisations.acts import Head
from services.registry.reorganisations.answering import offered
from services.registry.reorganisations.answers import AnswerState
from services.registry.reorganisations.designations import RULE
from services.registry.reorganisations.schemas import (
    AnswerActIn,
    AnswerIn,
    OpenOut,
    ReorganisationAct,
    ReorganisationActIn,
)

router = APIRouter(prefix="/reorganisations")
Province = Annotated[Edge, Depends(allow(Role.PROVINCE))]
Officer = Annotated[Edge, Depends(allow(Role.OFFICER, Role.PROVINCE))]
Decider = Annotated[Edge, Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE))]
Reader = Annotated[Edge, Depends(allow(*READERS))]
After = Annotated[str | None, Query(max_length=512)]
_SHOWN = 50


_STATES = {
    "refused": Text("Tệp bị từ chối", "Refused"),
    "entered": Text("Đã nhập", "Entered"),
    "previewed": Text("Đã xem trước", "Previewed"),
    "approved": Text("Đã duyệt, chờ ngày hiệu lực", "Approved"),
    "applying": Text("Đang thực hiện", "Being applied"),
    "done": Text("Đã thực hiện", "Done"),
    "cancelled": Text("Đã hủy", "Cancelled"),
}
_ANSWERS = {
    AnswerState.ASKED: Text("Chờ xã khác xác nhận", "Waits for another commune"),
    AnswerState.APPLIED: Text("Đã chuyển", "Households moved"),
    AnswerState.REFUSED: Text("Không đồng ý", "Refused"),
    AnswerState.UNDO_ASKED: Text("Chờ xã khác xác nhận hủy", "Undoing waits for another commune"),
    AnswerState.UNDONE: Text("Đã hủy", "Undone"),
}
_OFFERED = {
    "entered": (ReorganisationAct.PREVIEW, ReorganisationAct.CANCEL),
    "previewed": (ReorganisationAct.APPROVE, ReorganisationAct.PREVIEW, ReorganisationAct.CANCEL),
    "approved": (ReorganisationAct.CANCEL,),
    "done": (ReorganisationAct.REPEAT,),
}


@router.get("")
async def list_reorganisations(request: Request, edge: Reader, after: After = None) -> Response:
    """Those that there are, and for the province the form for a file."""
    page = await api.list_reorganisations(edge, PageRequest(after, _SHOWN))
    return render(
        request,
        "reorganisations/list.html",
        Text("Sắp xếp đơn vị hành chính", "Reorganisations"),
        page=page,
        states=_STATES,
        enters=Role.PROVINCE in edge.caller.roles,
        today=edge.clock.today(),
    )


@router.post("")
async def enter(
    request: Request,
    edge: Province,
    in_force: Day,
    known_from: Day,
    document: Annotated[str, Query(min_length=1, max_length=200, pattern=r"\S")],
) -> Response:
    """A file; with one broken line it is kept as refused, with a report."""
    content = await request.body()
    if not content:
        raise _no_file()
    head = Head(in_force, tidy(document), known_from)
    found = await acts.enter(
        edge.tx, head, content, edge.caller.subject, edge.correlation_id, edge.clock.today()
    )
    edge.note("reorganisation", [found.reorganisation_id])
    return see_other(request, f"/reorganisations/{found.reorganisation_id}")


@router.get("/{reorganisation_id}")
async def show(request: Request, reorganisation_id: UUID, edge: Reader) -> Response:
    """How far it is, what it will do or has done, and what is to be done next."""
    one = await api.get_reorganisation(reorganisation_id, edge)
    is_province = Role.PROVINCE in edge.caller.roles
    is_begun = one.state in ("applying", "done")
    asked = (await acts.asked_routes(edge.tx, reorganisation_id))[1]
    changed = await acts.list_reclassified(edge.tx, reorganisation_id, None, 1) if is_begun else []
    return render(
        request,
        "reorganisations/reorganisation.html",
        Text(f"Sắp xếp theo {one.document}", f"Reorganisation by {one.document}"),
        one=one,
        states=_STATES,
        offered=_OFFERED.get(one.state, ()) if is_province else (),
        reload_after=3 if one.state == "applying" else None,
        lapses=await acts.open_designations(edge.tx, reorganisation_id),
        rule=RULE,
        has_open=bool(asked and await concerned.list_open(edge.tx, asked, None, 1)),
        has_answers=bool(await answers.list_after(edge.tx, reorganisation_id, None, 1)),
        has_reclassified=bool(changed),
    )


@router.post("/{reorganisation_id}")
async def decide(
    request: Request, reorganisation_id: UUID, body: ReorganisationActIn, edge: Province
) -> Response:
    """Preview, approve (a second person), cancel, or look for late records."""
    match body.act:
        case ReorganisationAct.PREVIEW:
            await acts.preview(edge.tx, reorganisation_id)
        case ReorganisationAct.APPROVE:
            await acts.approve(edge.tx, reorganisation_id, edge.caller.subject)
        case ReorganisationAct.CANCEL:
            await acts.cancel(edge.tx, reorganisation_id)
        case ReorganisationAct.REPEAT:
            await acts.repeat(edge.tx, reorganisation_id)
    edge.note("reorganisation", [reorganisation_id])
    return see_other(request, f"/reorganisations/{reorganisation_id}")


@router.get("/{reorganisation_id}/report")
async def report(
    reorganisation_id: UUID,
    edge: Reader,
    form: Annotated[Format, Query(alias="format")] = Format.XLSX,
) -> Response:
    """The file again, with what is wrong beside each line."""
    return await api.get_reorganisation_report(reorganisation_id, edge, form)


@router.get("/{reorganisation_id}/open")
async def list_open(
    request: Request, reorganisation_id: UUID, edge: Reader, after: After = None
) -> Response:
    """The work list: of each village, where its households live now."""
    page = await api.list_open(reorganisation_id, edge, PageRequest(after, _SHOWN))
    return _work_list(request, edge, reorganisation_id, page)


@router.post("/{reorganisation_id}/open")
async def answer(
    request: Request, reorganisation_id: UUID, body: AnswerIn, edge: Officer
) -> Response:
    """One village; it waits for another successor's person."""
    await api.answer(reorganisation_id, body, edge)
    return see_other(request, f"/reorganisations/{reorganisation_id}/answers")


@router.get("/{reorganisation_id}/open/households")
async def list_households(
    request: Request,
    reorganisation_id: UUID,
    edge: Reader,
    commune: CommuneCode,
    village: Annotated[str | None, Query(max_length=100)] = None,
    after: After = None,
) -> Response:
    """Single households of a village, where it was itself divided."""
    wanted = PageRequest(after, _SHOWN)
    page = await api.list_open_households(reorganisation_id, edge, wanted, commune, village or "")
    routes = (await acts.asked_routes(edge.tx, reorganisation_id))[1]
    return render(
        request,
        "reorganisations/households.html",
        Text("Hộ phải hỏi", "Households to be asked about"),
        reorganisation_id=reorganisation_id,
        page=page,
        place={"commune": commune, "village": village or ""},
        choices=sorted({route.to_code for route in routes if route.code == commune}),
    )


@router.post("/{reorganisation_id}/open/households")
async def answer_households(
    request: Request, reorganisation_id: UUID, body: AnswerIn, edge: Officer
) -> Response:
    """The households that were chosen; they wait for another successor's person."""
    if not body.households:
        raise _none_chosen()
    await api.answer(reorganisation_id, body, edge)
    return see_other(request, f"/reorganisations/{reorganisation_id}/answers")


@router.get("/{reorganisation_id}/answers")
async def list_answers(
    request: Request, reorganisation_id: UUID, edge: Reader, after: After = None
) -> Response:
    """What was answered, by whom, and what waits for whom."""
    page = await api.list_answers(reorganisation_id, edge, PageRequest(after, _SHOWN))
    decides = bool(edge.caller.roles & {Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE})
    return render(
        request,
        "reorganisations/answers.html",
        Text("Các câu trả lời", "Answers"),
        reorganisation_id=reorganisation_id,
        page=page,
        states=_ANSWERS,
        offered={state: offered(state) if decides else [] for state in AnswerState},
    )


@router.post("/{reorganisation_id}/answers")
async def decide_answer(
    request: Request, reorganisation_id: UUID, body: AnswerActIn, edge: Decider
) -> Response:
    """Confirm, refuse, or ask to undo."""
    await api.decide(reorganisation_id, body.answer, body.act, edge)
    return see_other(request, f"/reorganisations/{reorganisation_id}/answers")


@router.get("/{reorganisation_id}/reclassified")
async def list_reclassified(
    request: Request, reorganisation_id: UUID, edge: Reader, after: After = None
) -> Response:
    """Households under another income line."""
    page = await api.list_reclassified(reorganisation_id, edge, PageRequest(after, _SHOWN))
    return render(
        request,
        "reorganisations/reclassified.html",
        Text("Hộ có mức chuẩn thu nhập thay đổi", "Households under another income line"),
        reorganisation_id=reorganisation_id,
        page=page,
    )


def _work_list(
    request: Request, edge: Edge, reorganisation_id: UUID, page: Page[OpenOut]
) -> Response:
    return render(
        request,
        "reorganisations/open.html",
        Text("Việc phải hỏi, theo thôn", "Who is to be asked about, by village"),
        reorganisation_id=reorganisation_id,
        page=page,
        answers=bool(edge.caller.roles & {Role.OFFICER, Role.PROVINCE}),
    )


def _no_file() -> Problem:
    message = Text("Chưa chọn tệp, hoặc tệp không có gì.", "No file was chosen, or it is empty.")
    fix = Text("Chọn tệp theo mẫu rồi gửi lại.", "Choose a file of the form and send it again.")
    return Problem(422, "file.none", message, [FieldError("/file", "missing", message, fix)])


def _none_chosen() -> Problem:
    message = Text("Chưa chọn hộ nào.", "No household was chosen.")
    fix = Text("Đánh dấu các hộ rồi gửi lại.", "Tick households and send again.")
    return Problem(
        422, "answer.none", message, [FieldError("/households", "missing", message, fix)]
    )

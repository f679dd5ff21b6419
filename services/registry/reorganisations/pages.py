"""Screens on reorganisations: the province enters, previews and approves; officers work the list
of who has to be asked, village by village.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from libs.common.areas.names import CodeOfDay, commune_labels
from libs.common.files.writing import Format
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
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
    lapses = await acts.open_designations(edge.tx, reorganisation_id)
    lapsing = (code for each in lapses for code in (each.former_commune, each.commune))
    called = await _called(edge, one.in_force, [*one.communes, *lapsing])
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
        lapses=lapses,
        called=called,
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
    codes = (
        code for one in page.items for code in (one.commune, *(to.commune for to in one.choices))
    )
    return render(
        request,
        "reorganisations/open.html",
        Text("Việc phải hỏi, theo thôn", "Who is to be asked about, by village"),
        reorganisation_id=reorganisation_id,
        page=page,
        called=await _called_in(edge, reorganisation_id, codes),
        answers=bool(edge.caller.roles & {Role.OFFICER, Role.PROVINCE}),
    )


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
    found, routes = await acts.asked_routes(edge.tx, reorganisation_id)
    choices = sorted({route.to_code for route in routes if route.code == commune})
    return render(
        request,
        "reorganisations/households.html",
        Text("Hộ phải hỏi", "Households to be asked about"),
        reorganisation_id=reorganisation_id,
        page=page,
        place={"commune": commune, "village": village or ""},
        choices=choices,
        called=await _called(edge, found.in_force, [commune, *choices]),
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
    codes = (code for one in page.items for code in (one.commune, one.to, *one.others))
    decides = bool(edge.caller.roles & {Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE})
    return render(
        request,
        "reorganisations/answers.html",
        Text("Các câu trả lời", "Answers"),
        reorganisation_id=reorganisation_id,
        page=page,
        states=_ANSWERS,
        called=await _called_in(edge, reorganisation_id, codes),
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
    codes = (code for one in page.items for code in (one.former_commune, one.commune))
    return render(
        request,
        "reorganisations/reclassified.html",
        Text("Hộ có mức chuẩn thu nhập thay đổi", "Households under another income line"),
        reorganisation_id=reorganisation_id,
        page=page,
        called=await _called_in(edge, reorganisation_id, codes),
    )


class Called:
    """What communes are called on both sides of the day in force; the code where nobody knows.

    Args:
        labels: by code and day. in_force: from which day on the new map counts.
    """

    def __init__(self, labels: Mapping[CodeOfDay, str], in_force: date) -> None:
        self._labels = labels
        self._days = (in_force - timedelta(days=1), in_force)

    def before(self, code: str) -> str:
        """As the commune that it was; of a new code, that it becomes."""
        return self._on(code, *self._days)

    def now(self, code: str) -> str:
        """As the commune of the new map."""
        return self._on(code, *reversed(self._days))

    def _on(self, code: str, *days: date) -> str:
        return next((self._labels[code, day] for day in days if (code, day) in self._labels), code)


async def _called_in(edge: Edge, reorganisation_id: UUID, codes: Iterable[str]) -> Called:
    found = await acts.get(edge.tx, reorganisation_id)
    return await _called(edge, found.in_force, codes)


async def _called(edge: Edge, in_force: date, codes: Iterable[str]) -> Called:
    """Of all codes of a page at once."""
    days = (in_force - timedelta(days=1), in_force)
    labels = await commune_labels(edge.tx, ((code, day) for code in codes for day in days))
    return Called(labels, in_force)


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

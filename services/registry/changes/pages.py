"""Officers' screens on change requests: ask with evidence and a preview, decide, follow."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from libs.common.areas.names import commune_labels
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.roles import Role
from libs.common.vocabulary import (
    CloseReason,
    Disability,
    Employment,
    Relation,
    Schooling,
    Sex,
)
from libs.common.web import Edge, allow
from libs.common.web.paging import PageRequest, after_id, page_of
from libs.common.web.screens import render, see_other
from libs.common.wording import ETHNICITY_WORDS
from libs.common.wording import WORDS as COMMON
from services.registry.areas.store import unit_names
from services.registry.changes import acts, store
from services.registry.changes.acts import Caller
from services.registry.changes.api import wish_of
from services.registry.changes.domain import OPEN, Kind, State
from services.registry.changes.schemas import (
    ActIn,
    ChangeIn,
    DecisionAct,
    DocumentKind,
    FactChangeOut,
    PreviewOut,
    preview_out,
)
from services.registry.changes.showing import show_change
from services.registry.households.pages import READERS
from services.registry.households.reading import get_whole
from services.registry.purposes.domain import may_state, require
from services.registry.screens.words import WORDS, said_of
from services.registry.vault import acts as vault
from services.registry.vault.domain import Identity, masked, masked_name

router = APIRouter(prefix="/changes")
Reader = Annotated[Edge, Depends(allow(*READERS))]
Asker = Annotated[Edge, Depends(allow(*READERS, reads=True))]
Officer = Annotated[Edge, Depends(allow(Role.OFFICER))]
Decider = Annotated[Edge, Depends(allow(Role.OFFICER, Role.CHAIRMAN))]
Number = Annotated[str, Query(pattern=r"^\d{5}-\d{4}-\d{6}$")]
_SHOWN = 25
# What is asked for most stands first.
_KINDS = (
    (Text("Người trong hộ", "People"), (Kind.BIRTH, Kind.DEATH, Kind.MOVING_IN, Kind.MOVING_OUT)),
    (
        Text("Giữa các hộ", "Between households"),
        (Kind.MARRIAGE, Kind.TRANSFER, Kind.SPLIT, Kind.MERGE),
    ),
    (
        Text("Cả hộ", "The household"),
        (Kind.CHANGE_OF_HEAD, Kind.REHOUSING, Kind.MOVE, Kind.CLOSING, Kind.REOPENING),
    ),
    (Text("Sửa sai", "Mending"), (Kind.CORRECTION, Kind.IDENTITY)),
)
_LISTS: dict[str, type[StrEnum]] = {
    "relation": Relation,
    "sex": Sex,
    "disability": Disability,
    "schooling": Schooling,
    "employment": Employment,
}
_ROWS = 6
People = Annotated[int, Query(ge=1, le=60, description="Số chỗ ghi người / rows for persons")]
_CLOSE_REASONS = (CloseReason.MOVED_AWAY, CloseReason.REGISTERED_TWICE, CloseReason.OTHER)


@router.get("")
async def list_changes(
    request: Request,
    edge: Reader,
    state: State | None = None,
    number: Number | None = None,
    household_id: UUID | None = None,
    closed: bool = False,
    after: Annotated[str | None, Query(max_length=512)] = None,
) -> Response:
    """Open ones, unless others are asked for."""
    wanted = PageRequest(after, _SHOWN)
    states = [state] if state else None if closed or number or household_id else sorted(OPEN)
    found = await store.list_after(
        edge.tx,
        communes=None,
        states=states,
        kind=None,
        household_id=household_id,
        number=None if number is None else _parts(number),
        after=after_id(wanted),
        limit=_SHOWN + 1,
    )
    edge.note("household", {one.household_id for c in found[:_SHOWN] for one in c.households})
    page = page_of(found, wanted, lambda one: one.number, lambda one: one.ask.change_id)
    return render(
        request,
        "changes/list.html",
        Text("Đề nghị thay đổi", "Change requests"),
        changes=found[:_SHOWN],
        next=page.next,
        asked={"state": state or "", "number": number or "", "household_id": household_id or ""},
        states=list(State),
    )


@router.get("/new")
async def choose(request: Request, edge: Officer, household_id: UUID) -> Response:
    """Which kind of change."""
    await get_whole(edge.tx, household_id, None, None)
    edge.note("household", [household_id])
    title = Text("Đề nghị thay đổi gì?", "What is to change?")
    return render(request, "changes/choose.html", title, household_id=household_id, groups=_KINDS)


@router.get("/new/{kind}")
@router.get("/ask/{kind}")
async def form(
    request: Request,
    edge: Officer,
    kind: Kind,
    household_id: UUID | None = None,
    change_id: UUID | None = None,
    people: People = _ROWS,
) -> Response:
    """The form of a kind: for a household, to undo a request, or for a household that comes."""
    return await _form(request, edge, kind, About(household_id, change_id, people))


@router.post("/new/{kind}")
async def preview(
    request: Request,
    edge: Officer,
    kind: Kind,
    body: ChangeIn,
    household_id: UUID | None = None,
    change_id: UUID | None = None,
    people: People = _ROWS,
) -> Response:
    """The form again, with what would happen."""
    wish = wish_of(body, edge)
    seen = await acts.preview(edge.tx, edge.vault, wish, edge.clock.today())
    edge.note("household", seen.effect.read)
    about = About(household_id, change_id, people)
    shown = preview_out(seen)
    communes = await _communes(edge, shown.changes, body.effective_on)
    return await _form(request, edge, kind, about, shown, communes)


@router.post("/ask/{kind}")
async def ask(
    request: Request,
    edge: Officer,
    kind: Kind,
    body: ChangeIn,
    household_id: UUID | None = None,
    change_id: UUID | None = None,
) -> Response:
    """Ask for it."""
    wish = wish_of(body, edge)
    change = await acts.ask(edge.tx, edge.vault, wish, edge.clock.today())
    edge.note("household", [one.household_id for one in change.households])
    edge.note("change", [change.ask.change_id])
    return see_other(request, f"/changes/{change.ask.change_id}")


@router.get("/{change_id}")
@router.get("/{change_id}/clear")
async def show(request: Request, change_id: UUID, edge: Reader) -> Response:
    """One request: what it changes, who has decided, and what the reader may do."""
    return await _show(request, change_id, edge, is_masked=True)


@router.post("/{change_id}/clear")
async def show_clear(request: Request, change_id: UUID, edge: Asker) -> Response:
    """The same with the evidence's number and what it proposes to call persons, for a purpose."""
    require(edge.caller.purpose, edge.caller.roles, edge.clock.today())
    return await _show(request, change_id, edge, is_masked=False)


async def _show(request: Request, change_id: UUID, edge: Edge, *, is_masked: bool) -> Response:
    change = await acts.get(edge.tx, change_id)
    shown = await show_change(edge, change, is_masked=is_masked)
    asker = change.request.asked_by
    other = [] if shown.to_commune is None else [shown.to_commune]
    communes = await _communes(edge, shown.changes, shown.effective_on, other)
    return render(
        request,
        "changes/change.html",
        Text(f"Đề nghị số {change.number}", f"Request {change.number}"),
        change=shown,
        own=f"/changes/{change_id}",
        people=await _people(edge, shown.changes),
        communes=communes,
        said=partial(said_of, communes=communes),
        purposes=may_state(edge.caller.roles, edge.clock.today()),
        may=_may(edge, shown.state, shown.persons.count, is_asker=edge.caller.subject == asker),
    )


@router.post("/{change_id}")
async def decide(request: Request, change_id: UUID, body: ActIn, edge: Decider) -> Response:
    """Endorse, approve, refuse or withdraw."""
    caller = Caller(edge.caller.subject, Role.CHAIRMAN in edge.caller.roles)
    match body.act:
        case DecisionAct.ENDORSE:
            change = await acts.endorse(edge.tx, edge.vault, change_id, caller)
        case DecisionAct.APPROVE:
            today = edge.clock.today()
            change = await acts.approve(edge.tx, edge.vault, change_id, caller, today)
        case DecisionAct.REFUSE:
            if body.reason is None:
                raise _no_reason()
            change = await acts.refuse(edge.tx, edge.vault, change_id, caller, body.reason)
        case DecisionAct.WITHDRAW:
            change = await acts.withdraw(edge.tx, edge.vault, change_id, caller)
    edge.note("household", [one.household_id for one in change.households])
    edge.note("change", [change_id])
    return see_other(request, f"/changes/{change_id}")


class About(NamedTuple):
    """What a form is about, and how many persons it has room for."""

    household_id: UUID | None
    change_id: UUID | None
    people: int

    @property
    def stated(self) -> dict[str, UUID | int]:
        """As it stands in the form's address."""
        ids = {"household_id": self.household_id, "change_id": self.change_id}
        stated: dict[str, UUID | int] = {name: one for name, one in ids.items() if one is not None}
        return stated or {"people": self.people}


def own_commune(areas: Sequence[str]) -> str | None:
    """The commune that somebody works in, where it is one alone."""
    return areas[0] if len(areas) == 1 and len(areas[0]) == 5 else None


async def _form(
    request: Request,
    edge: Edge,
    kind: Kind,
    about: "About",
    seen: PreviewOut | None = None,
    communes: Mapping[str, str] | None = None,
) -> Response:
    values: dict[str, Any] = {"members": [], "household": None, "commune": "", "known": {}}
    if (household_id := about.household_id) is not None:
        whole = await get_whole(edge.tx, household_id, None, None)
        edge.note("household", [household_id])
        # Of a closed household nobody is a member: those who were the last can come back.
        is_back = kind is Kind.REOPENING
        members = [m for m in whole.household.members if is_back or m.left_on is None]
        known = await vault.read(edge.tx, edge.vault, [m.person_id for m in members])
        names = await unit_names(edge.tx, [whole.unit.area_id])
        values = {
            "members": members,
            "household": whole.household,
            "commune": names[whole.unit.area_id],
            "known": {m.person_id: masked(known.get(m.person_id, Identity())) for m in members},
        }
    return render(
        request,
        "changes/form.html",
        WORDS[Kind][kind.value],
        kind=kind,
        household_id=about.household_id,
        change_id=about.change_id,
        about=about.stated,
        rows=about.people,
        own_commune=own_commune(edge.caller.areas),
        preview=seen,
        people={} if seen is None else await _people(edge, seen.changes),
        said=partial(said_of, communes=communes),
        today=edge.clock.today(),
        documents=list(DocumentKind),
        reasons=_CLOSE_REASONS,
        lists={name: list(COMMON[of].items()) for name, of in _LISTS.items()},
        ethnicities=list(ETHNICITY_WORDS.items()),
        **values,
    )


async def _communes(
    edge: Edge, changes: Sequence[FactChangeOut], day: date, others: Sequence[str] = ()
) -> dict[str, str]:
    """What the communes that a change is about are called, on the day from which it holds."""
    values = (said for one in changes for said in (one.before, one.after) if said)
    codes = {said["commune"] for said in values if said.get("commune")} | set(others)
    labels = await commune_labels(edge.tx, ((code, day) for code in codes))
    return {code: label for (code, _), label in labels.items()}


async def _people(edge: Edge, changes: Sequence[FactChangeOut]) -> dict[UUID, str]:
    """Masked names of the persons whose facts change, of those that are known."""
    ids = {one.person_id for one in changes if one.person_id is not None}
    known = await vault.read_names(edge.tx, edge.vault, list(ids))
    return {person_id: masked_name(name) for person_id, name in known.items()}


def _may(edge: Edge, state: State, persons: int, *, is_asker: bool) -> frozenset[DecisionAct]:
    """What is offered; the act itself decides."""
    if state not in OPEN or not edge.caller.roles & {Role.OFFICER, Role.CHAIRMAN}:
        return frozenset()
    if is_asker:
        return frozenset({DecisionAct.WITHDRAW})
    if persons > 1 and state is State.ASKED:
        return frozenset({DecisionAct.ENDORSE, DecisionAct.REFUSE})
    if persons > 1 and Role.CHAIRMAN not in edge.caller.roles:
        return frozenset()
    return frozenset({DecisionAct.APPROVE, DecisionAct.REFUSE})


def _no_reason() -> Problem:
    message = Text("Chưa nêu lý do.", "No reason is given.")
    fix = Text("Nêu lý do để người đề nghị biết.", "Say why, so that whoever asked knows.")
    rule = "change.reason"
    return Problem(422, rule, message, [FieldError("/reason", rule, message, fix)])


def _parts(number: str) -> tuple[str, int, int]:
    commune, year, place = number.split("-")
    return commune, int(year), int(place)

"""Where in a request a rule of the households' acts is broken, in the request's own words."""

from dataclasses import replace
from uuid import UUID

from libs.common.problems import Problem
from services.registry.changes.asking import OfFacts, Relating
from services.registry.changes.proposals import (
    ArrivalIn,
    BirthIn,
    DeathIn,
    MergeIn,
    Proposal,
    ReversalIn,
    SplitIn,
    TransferIn,
)


def placed(problem: Problem, proposal: Proposal) -> Problem:
    """The same refusal, with its places in the request."""
    errors = [replace(one, pointer=_place(one.pointer, proposal)) for one in problem.errors]
    return Problem(problem.status, problem.code, problem.title, errors)


def _place(pointer: str, proposal: Proposal) -> str:
    if pointer.startswith(("/proposal", "/effective_on")):
        return pointer
    if isinstance(proposal, ReversalIn):
        return "/proposal/relations" if pointer.startswith("/relations") else "/proposal/change_id"
    if pointer == "/value":  # a number that somebody else bears
        return next(iter(proposal.named), "/proposal")
    _, part, *rest = [*pointer.split("/"), ""]
    match part:
        case "new" if isinstance(proposal, ArrivalIn):
            return _of_arrival(rest[:-1])
        case "members" if isinstance(proposal, ArrivalIn):
            return "/proposal/new/members"
        case "members" | "relations":
            return _person(part, rest[0], proposal)
        case "new":
            return "/proposal/new" if rest[0] == "" else f"/proposal/new/{rest[-2]}"
        case "into_id":
            return "/proposal/into/household_id"
        case "households" if isinstance(proposal, TransferIn | MergeIn):
            is_into = rest[0] == str(proposal.into.household_id)
            return f"/proposal/{'into' if is_into else 'household'}/household_id"
        case "households" | "household_id":
            return "/proposal/household/household_id"
        case "newborns" if isinstance(proposal, BirthIn):
            return f"/proposal/children/{'/'.join(rest[:-1])}"
    return "/proposal"


_NAMED_ELSE = {"registered_on": "/effective_on", "joined_on": "/effective_on"}


def _of_arrival(rest: list[str]) -> str:
    """Of a household that comes: where it lives stands beside its members, its day above all."""
    if not rest or rest[-1] in _NAMED_ELSE:
        return _NAMED_ELSE.get(rest[-1], "/proposal/new") if rest else "/proposal/new"
    if rest[0] == "residence":
        return "/effective_on" if rest[-1] == "from_day" else f"/proposal/new/{rest[-1]}"
    return f"/proposal/new/{'/'.join(rest)}"


def _person(part: str, person: str, proposal: Proposal) -> str:
    """Persons stand in lists in a request; an act names them by their ids."""
    lists: dict[str, list[UUID]] = {}
    match proposal:
        case TransferIn():
            lists["members"] = [one.person_id for one in proposal.members]
        case SplitIn():
            lists["new/members"] = [one.person_id for one in proposal.new.members]
        case BirthIn():
            lists["children"] = [child.person_id for child in proposal.children]
        case DeathIn() if person == str(proposal.person_id):
            return "/proposal/person_id"
        case ReversalIn() | OfFacts():
            return "/proposal"
    if isinstance(proposal, Relating):
        lists["relations"] = [one.person_id for one in proposal.relations]
    for name, persons in lists.items():
        for place, one in enumerate(persons):
            if str(one) == person:
                return f"/proposal/{name}/{place}"
    if part == "relations" and "relations" in lists:
        return "/proposal/relations"
    return "/proposal" if not lists else f"/proposal/{next(iter(lists))}"

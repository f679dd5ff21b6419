"""What is done with a person's request about its own data, each in the caller's transaction."""

from datetime import date
from uuid import UUID

from libs.common.database import Transaction
from libs.common.problems import FieldError, Problem, Text, not_found
from services.registry.purposes.domain import in_force
from services.registry.rights import store
from services.registry.rights.domain import (
    Request,
    Step,
    Taken,
    check_request,
    check_step,
    limits_processing,
)
from services.registry.rights.store import Kept


async def receive(tx: Transaction, request: Request, by: str, today: date) -> Kept:
    """Keep a new request; the same one again changes nothing.

    Raises:
        Problem: 404 where the person is not a member in the caller's areas, 409 for an id that
            stands for another request, 422 naming every broken rule.
    """
    member = await store.find_member(tx, request.household_id, request.person_id)
    if member is None:
        raise not_found("person")
    check_request(request, member.born_on, member.born_in, today)
    _check_purpose(request.purpose, today)
    if await store.insert_request(tx, request, by):
        taken = Taken(Step.RECEIVE, request.received_on)
        await store.insert_step(tx, request.request_id, 0, taken, by)
    kept = await _get(tx, request.request_id)
    if kept.request != request:
        title = Text("Mã đã được dùng cho yêu cầu khác.", "The id stands for another request.")
        fix = Text("Dùng mã khác.", "Use another id.")
        rule = "data_request.id_taken"
        raise Problem(409, rule, title, [FieldError("/request_id", rule, title, fix)])
    return kept


async def take_step(tx: Transaction, request_id: UUID, taken: Taken, by: str, today: date) -> Kept:
    """Take the next step; the same step again changes nothing.

    Raises:
        Problem: 404, or 409 where the request is at another step.
    """
    kept = await _get(tx, request_id, lock=True)
    if kept.steps[-1] == taken:
        return kept
    check_step(kept.request, kept.steps, taken, today)
    await store.insert_step(tx, request_id, len(kept.steps), taken, by)
    if taken.step is Step.GRANT and limits_processing(kept.request.kind):
        await store.begin_limit(tx, kept, taken.on)
    if taken.step is Step.LIFT:
        await store.end_limit(tx, kept, taken.on)
    return await _get(tx, request_id)


async def _get(tx: Transaction, request_id: UUID, *, lock: bool = False) -> Kept:
    kept = await store.find_request(tx, request_id, lock=lock)
    if kept is None:
        raise not_found("data_request")
    return kept


def _check_purpose(purpose: str | None, today: date) -> None:
    codes = [one.code for one in in_force(today)]
    if purpose is None or purpose in codes:
        return
    title = Text("Mục đích không có trong danh mục.", "The purpose is not in the list.")
    known = ", ".join(codes)
    fix = Text(f"Dùng một trong: {known}.", f"Use one of: {known}.")
    rule = "purpose.unknown"
    raise Problem(422, "data_request.refused", title, [FieldError("/purpose", rule, title, fix)])

"""The life of a loan need: which step may follow which, and what a class change does to it.

Pure: days, limits and deadlines are arguments. The promise kept here: a need moves along its stages
one act at a time and in the order of days; what is over (declined, refused, withdrawn, paid out)
never moves again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from libs.common.problems import FieldError
from libs.common.vocabulary import CapitalSource, NeedStage
from services.credit.needs.wording import (
    day_errors,
    field_error,
    refusal,
    wrong_stage,
)

OPEN_STAGES = frozenset(
    (
        NeedStage.APPLIED,
        NeedStage.LISTED,
        NeedStage.SENT,
        NeedStage.RECEIVED,
        NeedStage.APPROVED,
    )
)
_CONFIRMED_STAGES = frozenset((NeedStage.SENT, NeedStage.RECEIVED, NeedStage.APPROVED))

# Why a need was withdrawn, where nobody asked for it.
CLASS_LOST = "class_lost"

# The last day for what must follow a stage that began on a day, under a programme of the bank; None
# where no time is set.
Due = Callable[[NeedStage, str, date], date | None]


@dataclass(frozen=True, slots=True)
class Application:
    """What a household asks for on form 01/TD: VND and months.

    `group_id` is the savings-and-credit group it applies through.
    """

    purpose: str
    amount: int
    months: int
    source: CapitalSource
    group_id: UUID | None
    applied_on: date


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be asked for: VND (None: the law sets none) and months, under `document`.

    `owed` is what the household still owes under the programme; it counts against the limit.
    """

    max_amount: int | None
    max_months: int | None
    document: str
    owed: int = 0

    @property
    def amount_left(self) -> int | None:
        return None if self.max_amount is None else max(self.max_amount - self.owed, 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """The bank's answer: approved with an amount (VND) and months, or refused with a reason."""

    approved: bool
    amount: int | None
    months: int | None
    reason: str | None
    answered_on: date


@dataclass(frozen=True, slots=True)
class Need:
    """A need as it stands after `version` of its referral, the last that changed it.

    Attributes:
        changed_on: the day on which the stage became true; it never goes back.
        due_on: the last day for the next act, where there is one.
        over_cap: the amount is over the limit that now applies to the referral.
        list_id: the list 03/TD that it was voted on.
        confirmed_on: the commune's last confirmation; kept when a class change asks for another.
        reason: why the commune did not confirm, the bank refused or it was withdrawn.
    """

    need_id: UUID
    version: int
    application: Application
    stage: NeedStage
    changed_on: date
    due_on: date | None = None
    over_cap: bool = False
    list_id: UUID | None = None
    confirmed_on: date | None = None
    is_confirmed: bool | None = None
    received_on: date | None = None
    answered_on: date | None = None
    approved_amount: int | None = None
    approved_months: int | None = None
    reason: str | None = None

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN_STAGES

    @property
    def amount(self) -> int:
        """VND: as approved, before that as asked for."""
        approved = self.approved_amount
        return self.application.amount if approved is None else approved

    @property
    def months(self) -> int:
        """As approved, before that as asked for."""
        approved = self.approved_months
        return self.application.months if approved is None else approved

    def is_over(self, max_amount: int | None) -> bool:
        return max_amount is not None and self.amount > max_amount


def apply(
    need_id: UUID,
    application: Application,
    limits: Limits,
    opened_on: date,
    today: date,
    *,
    is_member: bool = True,
) -> Need:
    """A household's form 01/TD has come in.

    Args:
        need_id: used once for ever.
        application: what it asks for.
        limits: of the day on which it applied.
        opened_on: the referral's first day.
        today: no application lies after it.
        is_member: whether the household was in the group it names on that day.

    Raises:
        Problem: 422 naming every fault: amount, months, a day before the referral opened or after
            today, another household's group.
    """
    errors = [
        *day_errors("/applied_on", application.applied_on, opened_on, today),
        *limit_errors(application.amount, application.months, limits),
    ]
    if not is_member:
        errors.append(field_error("/group_id", "group.not_member"))
    if errors:
        raise refusal(422, "need.refused", errors)
    return Need(need_id, 0, application, NeedStage.APPLIED, application.applied_on)


def limit_errors(amount: int, months: int, limits: Limits) -> list[FieldError]:
    """What of an amount and a term is over the limits."""
    errors = []
    left = limits.amount_left
    if left is not None and amount > left:
        errors.append(
            field_error("/amount", "need.over_limit", amount=left, document=limits.document)
        )
    if limits.max_months is not None and months > limits.max_months:
        errors.append(
            field_error(
                "/months", "need.too_long", months=limits.max_months, document=limits.document
            )
        )
    return errors


def put_on_list(
    need: Need, list_id: UUID, voted_on: date, is_carried: bool, due_on: date | None
) -> Need:
    """The group voted: listed where carried, else declined. The caller has checked the stage."""
    return replace(
        need,
        stage=NeedStage.LISTED if is_carried else NeedStage.DECLINED,
        changed_on=voted_on,
        due_on=due_on if is_carried else None,
        list_id=list_id,
        confirmed_on=None,
        is_confirmed=None,
    )


def confirm(need: Need, confirmed_on: date, is_confirmed: bool, reason: str | None) -> Need:
    """The commune confirmed residence and class, or not. The caller has checked the stage."""
    return replace(
        need,
        stage=NeedStage.SENT if is_confirmed else NeedStage.NOT_CONFIRMED,
        changed_on=confirmed_on,
        due_on=None,
        confirmed_on=confirmed_on,
        is_confirmed=is_confirmed,
        reason=reason,
    )


def was_confirmed_so(need: Need, confirmed_on: date, is_confirmed: bool) -> bool:
    """Whether this very confirmation was given before: then it does not count again."""
    return (need.confirmed_on, need.is_confirmed) == (confirmed_on, is_confirmed)


def receive(need: Need, received_on: date, due_on: date | None, today: date) -> Need:
    """The bank has the need that the commune sent.

    Raises:
        Problem: 409 in another stage, 422 for a day before it was sent or after today.
    """
    _require_stage(need, NeedStage.SENT)
    _refuse_if(day_errors("/received_on", received_on, need.changed_on, today))
    return replace(
        need,
        stage=NeedStage.RECEIVED,
        changed_on=received_on,
        received_on=received_on,
        due_on=due_on,
    )


def answer(need: Need, given: Answer, limits: Limits, today: date) -> Need:
    """The bank approves or refuses; approved is at most what was asked for.

    Raises:
        Problem: 409 in another stage, 422 naming every fault.
    """
    _require_stage(need, NeedStage.RECEIVED)
    errors = day_errors("/answered_on", given.answered_on, need.changed_on, today)
    if given.approved:
        amount, months = _approved(need, given)
        errors += limit_errors(amount, months, limits)
        if amount > need.application.amount:
            errors.append(field_error("/amount", "need.over_asked", amount=need.application.amount))
        _refuse_if(errors)
        return replace(
            need,
            stage=NeedStage.APPROVED,
            changed_on=given.answered_on,
            due_on=None,
            answered_on=given.answered_on,
            approved_amount=amount,
            approved_months=months,
        )
    if not given.reason:
        errors.append(field_error("/reason", "reason.required"))
    _refuse_if(errors)
    return replace(
        need,
        stage=NeedStage.REFUSED,
        changed_on=given.answered_on,
        due_on=None,
        answered_on=given.answered_on,
        reason=given.reason,
    )


def answer_differences(need: Need, given: Answer) -> list[str] | None:
    """What of an answer is other than the one the bank has given; None: it has given none."""
    if need.answered_on is None:
        return None
    is_approved = need.approved_amount is not None
    known = Answer(
        approved=is_approved,
        amount=need.approved_amount,
        months=need.approved_months,
        reason=None if is_approved else need.reason,
        answered_on=need.answered_on,
    )
    amount, months = _approved(need, given) if given.approved else (None, None)
    reason = None if given.approved else given.reason
    asked = replace(given, amount=amount, months=months, reason=reason)
    return [name for name in Answer.__slots__ if getattr(known, name) != getattr(asked, name)]


def withdraw(need: Need, on: date, reason: str, today: date) -> Need:
    """The household does not want it any more; possible until the bank has paid out.

    Raises:
        Problem: 409 for a need that is over, 422 for a day before its stage began or after today.
    """
    if not need.is_open:
        raise wrong_stage(need.stage)
    _refuse_if(day_errors("/on", on, need.changed_on, today))
    return replace(need, stage=NeedStage.WITHDRAWN, changed_on=on, due_on=None, reason=reason)


def payment_errors(
    need: Need, paid_on: date, amount: int, months: int | None, source: CapitalSource | None
) -> list[FieldError]:
    """What stands against paying out an approved need; the bank may leave months and source open.

    Raises:
        Problem: 409, the bank has not approved it.
    """
    _require_stage(need, NeedStage.APPROVED)
    errors = []
    if paid_on < need.changed_on:
        errors.append(field_error("/paid_on", "disbursement.before_approval"))
    if amount > need.amount:
        errors.append(field_error("/amount", "disbursement.over_approved", amount=need.amount))
    if months is not None and months > need.months:
        errors.append(
            field_error("/months", "disbursement.longer_than_approved", months=need.months)
        )
    if source not in (None, need.application.source):
        errors.append(field_error("/source", "disbursement.other_source"))
    return errors


def pay(need: Need, paid_on: date) -> Need:
    """The bank paid out. The caller has asked `payment_errors`."""
    return replace(need, stage=NeedStage.DISBURSED, changed_on=paid_on, due_on=None)


def lose_class(need: Need, since: date) -> Need:
    """Nothing is left to borrow under: what is open is withdrawn."""
    if not need.is_open:
        return need
    return replace(
        need,
        stage=NeedStage.WITHDRAWN,
        changed_on=max(since, need.changed_on),
        due_on=None,
        reason=CLASS_LOST,
    )


def follow_class(need: Need, since: date, due_on: date | None) -> Need:
    """Another programme: what the commune had confirmed is to be confirmed again under it."""
    if need.stage not in _CONFIRMED_STAGES:
        return need
    return replace(
        need,
        stage=NeedStage.LISTED,
        changed_on=max(since, need.changed_on),
        due_on=due_on,
        received_on=None,
        answered_on=None,
        approved_amount=None,
        approved_months=None,
    )


def follow_household(need: Need) -> Need:
    """Another commune: a list that it has not confirmed yet is not its own; the vote is taken anew.

    What was confirmed stays: the household was a resident on that day.
    """
    if need.stage is not NeedStage.LISTED:
        return need
    return replace(need, stage=NeedStage.APPLIED, due_on=None, list_id=None)


def _approved(need: Need, given: Answer) -> tuple[int, int]:
    asked = need.application
    return (
        asked.amount if given.amount is None else given.amount,
        asked.months if given.months is None else given.months,
    )


def _require_stage(need: Need, stage: NeedStage) -> None:
    if need.stage is not stage:
        raise wrong_stage(need.stage)


def _refuse_if(errors: list[FieldError]) -> None:
    if errors:
        raise refusal(422, "need.refused", errors)

"""What a group's vote and the commune's confirmation do to the needs on a list 03/TD.

Pure. A list and a confirmation are taken whole or not at all, and every bad entry is named.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from libs.common.problems import FieldError
from libs.common.vocabulary import NeedStage
from services.credit.needs.domain import (
    Due,
    Need,
    confirm,
    put_on_list,
    was_confirmed_so,
)
from services.credit.needs.wording import field_error, refusal, stage_error
from services.credit.referrals.domain import Act, Change, Referral, with_need


class ListState(StrEnum):
    """Whether a list waits for somebody."""

    WAITING = "waiting"  # the commune has yet to confirm some of its needs
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Ballot:
    """How the group voted on one need (minutes 10C/TD)."""

    need_id: UUID
    votes_for: int
    votes_against: int

    @property
    def is_carried(self) -> bool:
        """More than half of the votes are for it."""
        return self.votes_for > self.votes_against


@dataclass(frozen=True, slots=True)
class NeedList:
    """A list 03/TD as its group sent it in; never changed."""

    list_id: UUID
    commune: str
    group_id: UUID | None
    voted_on: date
    minutes_number: str
    ballots: tuple[Ballot, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the commune says of one need: that residence and class are right, or why not."""

    need_id: UUID
    is_confirmed: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class Voters:
    """The group of a list on the day of its vote."""

    commune: str
    households: frozenset[UUID]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A need and the referral it belongs to, both as they stand."""

    need: Need
    referral: Referral


def vote(
    sheet: NeedList,
    candidates: Mapping[UUID, Candidate],
    communes: Collection[str],
    voters: Voters | None,
    due: Due,
    today: date,
) -> list[Change]:
    """The changes that a new list makes, one per entry.

    Args:
        sheet: the list.
        candidates: the needs that it names, those that can be seen.
        communes: the codes under which households of the list's commune may be recorded.
        voters: the group that the list names; None where it names none, or one out of sight.
        due: by when the commune must confirm.
        today: no vote lies after it.

    Raises:
        Problem: 422 naming every bad entry.
    """
    errors = _head_errors(sheet, communes, voters, today)
    changes: list[Change] = []
    seen: set[UUID] = set()
    for place, ballot in enumerate(sheet.ballots):
        candidate = candidates.get(ballot.need_id)
        wrong = _ballot_errors(place, ballot, candidate, sheet, communes, voters, seen)
        seen.add(ballot.need_id)
        errors += wrong
        if candidate is not None and not wrong:
            changes.append(_voted(candidate, ballot, sheet, due))
    if errors:
        raise refusal(422, "list.refused", errors)
    return changes


def confirm_needs(
    sheet: NeedList,
    verdicts: Sequence[Verdict],
    candidates: Mapping[UUID, Candidate],
    confirmed_on: date,
    today: date,
) -> list[Change]:
    """The changes that the commune's confirmation makes; none for what it had confirmed just so.

    Raises:
        Problem: 422 naming every bad entry; 409 where all that stands against it is that needs are
            at another step.
    """
    errors = [] if confirmed_on <= today else [field_error("/confirmed_on", "day.in_future")]
    changes: list[Change] = []
    listed = {ballot.need_id for ballot in sheet.ballots}
    seen: set[UUID] = set()
    for place, verdict in enumerate(verdicts):
        candidate = candidates.get(verdict.need_id)
        pointer = f"/entries/{place}/need_id"
        if verdict.need_id in seen:
            errors.append(field_error(pointer, "need.twice"))
        elif candidate is None or verdict.need_id not in listed:
            errors.append(field_error(pointer, "need.not_on_list"))
        elif not _was_given(candidate.need, sheet, verdict, confirmed_on):
            wrong = _verdict_errors(place, candidate.need, sheet, verdict, confirmed_on)
            errors += wrong
            if not wrong:
                changes.append(_confirmed(candidate, verdict, confirmed_on))
        seen.add(verdict.need_id)
    if errors:
        is_conflict = all(error.rule.startswith("need.is_") for error in errors)
        raise refusal(409 if is_conflict else 422, "confirmation.refused", errors)
    return changes


def differences(known: NeedList, asked: NeedList) -> list[FieldError]:
    """What of a list is other than what is recorded under its id."""
    errors = [
        field_error(f"/{name}", "list.differs")
        for name in ("commune", "group_id", "voted_on", "minutes_number")
        if getattr(known, name) != getattr(asked, name)
    ]
    stands = {ballot.need_id: ballot for ballot in known.ballots}
    errors += [
        field_error(f"/entries/{place}", "list.differs")
        for place, ballot in enumerate(asked.ballots)
        if stands.get(ballot.need_id) != ballot
    ]
    if len(asked.ballots) != len(known.ballots):
        errors.append(field_error("/entries", "list.differs"))
    return errors


def _head_errors(
    sheet: NeedList, communes: Collection[str], voters: Voters | None, today: date
) -> list[FieldError]:
    errors = [] if sheet.voted_on <= today else [field_error("/voted_on", "day.in_future")]
    if sheet.group_id is None:
        return errors
    if voters is None:
        errors.append(field_error("/group_id", "group.unknown"))
    elif voters.commune not in communes:
        errors.append(field_error("/group_id", "group.other_commune"))
    elif not voters.is_complete:
        errors.append(field_error("/group_id", "group.incomplete"))
    return errors


def _ballot_errors(
    place: int,
    ballot: Ballot,
    candidate: Candidate | None,
    sheet: NeedList,
    communes: Collection[str],
    voters: Voters | None,
    seen: Collection[UUID],
) -> list[FieldError]:
    pointer = f"/entries/{place}/need_id"
    if ballot.need_id in seen:
        return [field_error(pointer, "need.twice")]
    if candidate is None:
        return [field_error(pointer, "need.unknown")]
    need = candidate.need
    if need.stage is not NeedStage.APPLIED:
        return [stage_error(pointer, need.stage)]
    errors = []
    if candidate.referral.commune not in communes:
        errors.append(field_error(pointer, "need.other_commune"))
    if need.application.group_id != sheet.group_id:
        errors.append(field_error(pointer, "need.other_group"))
    elif voters is not None and candidate.referral.household_id not in voters.households:
        errors.append(field_error(pointer, "group.not_member"))
    if sheet.voted_on < need.changed_on:
        errors.append(field_error(pointer, "day.too_early", day=need.changed_on))
    if ballot.votes_for + ballot.votes_against == 0:
        errors.append(field_error(f"/entries/{place}/votes_for", "votes.none"))
    return errors


def _voted(candidate: Candidate, ballot: Ballot, sheet: NeedList, due: Due) -> Change:
    referral = candidate.referral
    due_on = due(NeedStage.LISTED, referral.programme, sheet.voted_on)
    need = put_on_list(candidate.need, sheet.list_id, sheet.voted_on, ballot.is_carried, due_on)
    act = Act.NEED_LISTED if ballot.is_carried else Act.NEED_DECLINED
    return with_need(act, referral, need)


def _was_given(need: Need, sheet: NeedList, verdict: Verdict, confirmed_on: date) -> bool:
    if need.list_id != sheet.list_id:
        return False
    if not was_confirmed_so(need, confirmed_on, verdict.is_confirmed):
        return False
    return verdict.is_confirmed or need.reason == verdict.reason


def _verdict_errors(
    place: int, need: Need, sheet: NeedList, verdict: Verdict, confirmed_on: date
) -> list[FieldError]:
    pointer = f"/entries/{place}/need_id"
    if need.stage is not NeedStage.LISTED or need.list_id != sheet.list_id:
        return [stage_error(pointer, need.stage)]
    errors = []
    if need.confirmed_on is not None and confirmed_on <= need.confirmed_on:
        errors.append(field_error(pointer, "day.confirmed_before", day=need.confirmed_on))
    if confirmed_on < need.changed_on:
        errors.append(field_error(pointer, "day.too_early", day=need.changed_on))
    if not verdict.is_confirmed and not verdict.reason:
        errors.append(field_error(f"/entries/{place}/reason", "reason.required"))
    return errors


def _confirmed(candidate: Candidate, verdict: Verdict, confirmed_on: date) -> Change:
    reason = None if verdict.is_confirmed else verdict.reason
    need = confirm(candidate.need, confirmed_on, verdict.is_confirmed, reason)
    act = Act.NEED_SENT if verdict.is_confirmed else Act.NEED_NOT_CONFIRMED
    return with_need(act, candidate.referral, need)

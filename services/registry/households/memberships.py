"""Who is a member after an act: one function for all that can happen to a household's members.

Pure. Every broken rule is told with the field of the order that breaks it: `/members/{person}` for
who comes or goes, `/relations/{person}` for who stays, `/effective_on`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from libs.common.problems import FieldError, Text
from libs.common.vocabulary import LeftReason, Relation
from services.registry.households.domain import MemberFacts, Stay, check_head

Members = tuple[MemberFacts, ...]
Relations = Mapping[UUID, Relation]


@dataclass(frozen=True, slots=True)
class Change:
    """What an act does to the members of one household.

    Attributes:
        day: the first on which it holds.
        leaving: persons who are members no longer, `why`.
        joining: new members, as `joined` or `newborn` make them.
        relations: to the head, of those who stay. All of them where the head is another one: a
            relation is to the head.
    """

    day: date
    leaving: Collection[UUID] = ()
    why: LeftReason = LeftReason.OTHER
    joining: Members = ()
    relations: Relations = field(default_factory=dict)


def present(members: Members) -> Members:
    """Those who have not left."""
    return tuple(member for member in members if member.left_on is None)


def head_of(members: Members) -> UUID | None:
    """The present head."""
    heads = (one.person_id for one in present(members) if one.relation is Relation.HEAD)
    return next(heads, None)


def joined(members: Members, relations: Relations, day: date) -> Members:
    """Present members of one household as they join another one, each in its new relation."""
    return tuple(
        replace(member, relation=relations[member.person_id], joined_on=day)
        for member in present(members)
        if member.person_id in relations
    )


def returned(members: Members, relations: Relations, day: date) -> Members:
    """Former members as they come back, each in its new relation."""
    newest = {member.person_id: member for member in sorted(members, key=lambda one: one.stay)}
    return tuple(
        replace(newest[person_id], relation=relation, joined_on=day, left_on=None, left_reason=None)
        for person_id, relation in relations.items()
        if person_id in newest
    )


def after(members: Members, change: Change) -> Members:
    """The members after the change; who joins stands last."""
    stay = []
    for member in members:
        if member.left_on is None and member.person_id in change.leaving:
            member = replace(member, left_on=change.day, left_reason=change.why)
        elif member.left_on is None and member.person_id in change.relations:
            member = replace(member, relation=change.relations[member.person_id])
        stay.append(member)
    return (*stay, *change.joining)


def check(members: Members, change: Change) -> list[FieldError]:
    """Every rule that a change of a household which goes on would break."""
    errors = list(check_leaving(members, change.leaving, change.day))
    for one in change.joining:
        before = [member for member in members if member.person_id == one.person_id]
        if any(m.left_on is None or one.joined_on < m.left_on for m in before):
            errors.append(member_already(f"/members/{one.person_id}"))
    then = present(after(members, change))
    stays = {member.person_id for member in present(members)} - set(change.leaving)
    errors.extend(
        no_member(f"/relations/{person_id}")
        for person_id in change.relations
        if person_id not in stays
    )
    if not then:
        return [*errors, _empty()]
    if error := check_head(then, "/relations"):
        return [*errors, error]
    if head_of(then) != head_of(members):
        errors.extend(
            relation_missing(f"/relations/{person_id}")
            for person_id in sorted(stays - set(change.relations))
        )
    return errors


def check_leaving(members: Members, leaving: Collection[UUID], day: date) -> Iterator[FieldError]:
    """Who leaves is a member, and has been one before."""
    there = {member.person_id: member for member in present(members)}
    for person_id in sorted(leaving):
        pointer = f"/members/{person_id}"
        if person_id not in there:
            yield no_member(pointer)
        elif day <= there[person_id].joined_on:
            yield FieldError(
                pointer,
                "membership.left_before_joined",
                Text("Ngày rời hộ phải sau ngày vào hộ.", "Leaving must come after joining."),
                Text("Chọn ngày muộn hơn.", "Give a later day."),
            )


def check_returning(
    members: Members, coming: Collection[UUID], closed_on: date
) -> list[FieldError]:
    """Who comes back with a household left with it when it was closed, not before, not alone."""
    with_it = (LeftReason.MOVED, LeftReason.OTHER)
    left_then = {
        member.person_id
        for member in members
        if member.left_on == closed_on and member.left_reason in with_it
    }
    return [no_member(f"/relations/{one}") for one in sorted(set(coming) - left_then)]


def check_exists(registered_on: date, day: date) -> list[FieldError]:
    """Nobody joins a household before it is there."""
    if registered_on <= day:
        return []
    message = Text("Hộ nhận chưa có vào ngày đó.", "The receiving household was not there yet.")
    fix = Text("Chọn ngày từ ngày hộ đó được lập.", "Give a day from its registration on.")
    return [FieldError("/effective_on", "day.before_household", message, fix)]


def check_two(household_id: UUID, other_id: UUID, pointer: str) -> list[FieldError]:
    """An act between two households names two."""
    if household_id != other_id:
        return []
    message = Text("Hai hộ phải khác nhau.", "The two households must differ.")
    fix = Text("Chọn hộ khác.", "Choose another household.")
    return [FieldError(pointer, "household.same", message, fix)]


@dataclass(frozen=True, slots=True)
class Undone:
    """The members as if an act never was.

    Attributes:
        blocked: whose membership is no longer as the act left it; then `members` means nothing.
    """

    members: Members
    blocked: frozenset[UUID]


def undone(
    before: Members, done: Members, now: Members, facts: Mapping[UUID, MemberFacts]
) -> Undone:
    """Take back what an act did to memberships, and nothing else.

    Facts that were corrected since, and who came since, stay as they are.

    Args:
        before: the members right before the act, as known then.
        done: right after it.
        now: as they are held to be true now.
        facts: the newest of each person, from whichever household of the act it is in.
    """
    then, made = _by_stay(before), _by_stay(done)
    held = _by_stay(now)
    touched = {
        stay for stay in then | made if _membership(then.get(stay)) != _membership(made.get(stay))
    }
    blocked = {
        person_id
        for person_id, day in touched
        if _membership(made.get((person_id, day))) != _membership(held.get((person_id, day)))
    }
    back = [
        _with_membership(facts.get(one.person_id, one), one) if one.stay in touched else held[stay]
        for stay, one in then.items()
        if stay in touched or stay in held
    ]
    since = [one for stay, one in held.items() if stay not in then and stay not in touched]
    return Undone((*back, *since), frozenset(blocked))


def restated(members: Members, relations: Relations) -> Members:
    """Present members in the relations that are stated."""
    return tuple(
        replace(one, relation=relations[one.person_id])
        if one.left_on is None and one.person_id in relations
        else one
        for one in members
    )


def check_restored(
    before: Members, now: Members, result: Members, relations: Relations
) -> list[FieldError]:
    """One head, and who came since the act has a relation to it, where it is another one again."""
    if error := check_head(result, "/relations"):
        return [error]
    if head_of(result) == head_of(now):
        return []
    known = _by_stay(before)
    return [
        relation_missing(f"/relations/{one.person_id}")
        for one in present(result)
        if one.stay not in known and one.person_id not in relations
    ]


def _by_stay(members: Members) -> dict[Stay, MemberFacts]:
    return {member.stay: member for member in members}


def _membership(member: MemberFacts | None) -> tuple[object, ...] | None:
    return None if member is None else (member.left_on, member.left_reason, member.relation)


def _with_membership(facts: MemberFacts, of: MemberFacts) -> MemberFacts:
    return replace(
        facts,
        relation=of.relation,
        joined_on=of.joined_on,
        left_on=of.left_on,
        left_reason=of.left_reason,
    )


def no_member(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "person.no_member",
        Text(
            "Người này không phải thành viên hiện tại của hộ.",
            "No present member of the household.",
        ),
        Text("Đọc lại hộ rồi chọn lại.", "Read the household again and choose again."),
    )


def member_already(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "person.member_already",
        Text(
            "Người này đã là thành viên của hộ.", "The person is a member of the household already."
        ),
        Text("Bỏ người này.", "Leave the person out."),
    )


def relation_missing(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "relation.missing",
        Text("Thiếu quan hệ với chủ hộ mới.", "The relation to the new head is missing."),
        Text("Nhập quan hệ với chủ hộ mới.", "Give the relation to the new head."),
    )


def _empty() -> FieldError:
    return FieldError(
        "/members",
        "household.empty",
        Text("Hộ không còn thành viên nào.", "Nobody would be left in the household."),
        Text("Kết thúc theo dõi hộ, hoặc nhập cả hộ.", "Close the household or merge it whole."),
    )

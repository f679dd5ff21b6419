"""What happens to a group; each act again changes nothing."""

from datetime import date
from uuid import UUID

from libs.common.database import Transaction
from libs.common.problems import Text, not_found
from services.credit.groups import domain, store
from services.credit.groups.domain import Grade, Group, Member


async def get_group(tx: Transaction, group_id: UUID, day: date) -> Group:
    """The group on a day.

    Raises:
        Problem: 404.
    """
    found = (await store.read_groups(tx, [group_id], day)).get(group_id)
    if found is None:
        raise not_found("group")
    return found


async def found_group(tx: Transaction, group: Group, today: date, recorded_by: str) -> Group:
    """Record a group.

    Raises:
        Problem: its day is in the future; the id is taken by another group.
    """
    domain.check_day("/founded_on", group.founded_on, date.min, today)
    if await store.insert_group(tx, group, recorded_by):
        return group
    known = (await store.read_groups(tx, [group.group_id], today)).get(group.group_id)
    asked = (group.commune, group.village, group.union, group.founded_on)
    if known and (known.commune, known.village, known.union, known.founded_on) == asked:
        return known
    message = Text("Mã Tổ đã dùng cho Tổ khác.", "The id belongs to another group.")
    raise domain.conflict("/group_id", "group.id_used", message)


async def join(
    tx: Transaction, group_id: UUID, member: Member, today: date, recorded_by: str
) -> Group:
    """A household joins; the last place is given once, whoever asks at the same time.

    Raises:
        Problem: unknown group, it is full, the household is in a group already, wrong day.
    """
    if not await store.lock_group(tx, group_id):
        raise not_found("group")
    group = await get_group(tx, group_id, today)
    for known in await store.list_members(tx, group_id):
        if (known.household_id, known.joined_on) == (member.household_id, member.joined_on):
            if known.person_id == member.person_id:
                return group
            message = Text("Đã ghi nhận người đại diện khác.", "Another person is recorded.")
            raise domain.conflict("/person_id", "group.member_differs", message)
    present = await store.most_at_once(tx, group_id, member.joined_on)
    size = domain.size_on(member.joined_on, domain.groups_book())
    domain.check_join(present, member.joined_on, group.founded_on, today, size)
    if not await store.insert_member(tx, group, member, recorded_by):
        message = Text(
            "Hộ đã ở trong một Tổ từ ngày này.", "The household is in a group from this day on."
        )
        raise domain.conflict("/household_id", "group.household_in_group", message)
    return await get_group(tx, group_id, today)


async def leave(
    tx: Transaction, group_id: UUID, household_id: UUID, left_on: date, today: date
) -> Group:
    """A household leaves from a day on.

    Raises:
        Problem: unknown group or member, it left on another day, wrong day.
    """
    if not await store.lock_group(tx, group_id):
        raise not_found("group")
    stays = [m for m in await store.list_members(tx, group_id) if m.household_id == household_id]
    if not stays:
        raise not_found("member")
    last = stays[-1]
    if last.left_on is None:
        domain.check_leave(last, left_on, today)
        await store.end_member(tx, group_id, last, left_on)
    elif last.left_on != left_on:
        message = Text("Hộ đã rời Tổ vào ngày khác.", "The household left on another day.")
        raise domain.conflict("/query/left_on", "group.member_left", message)
    return await get_group(tx, group_id, today)


async def grade(
    tx: Transaction, group_id: UUID, given: Grade, graded_on: date, today: date, recorded_by: str
) -> Group:
    """The union's grade from a day on.

    Raises:
        Problem: unknown group, another grade is recorded for the day, wrong day.
    """
    group = await get_group(tx, group_id, today)
    domain.check_day("/graded_on", graded_on, group.founded_on, today)
    if await store.keep_grade(tx, group, given, graded_on, recorded_by) is not given:
        message = Text("Ngày này đã có xếp loại khác.", "Another grade is recorded for this day.")
        raise domain.conflict("/grade", "group.graded", message)
    return await get_group(tx, group_id, today)


async def review(
    tx: Transaction, group_id: UUID, done: store.Review, today: date, recorded_by: str
) -> Group:
    """The review of a year (form 16/TD).

    Raises:
        Problem: unknown group, another day is recorded for the year, wrong day or year.
    """
    group = await get_group(tx, group_id, today)
    domain.check_day("/done_on", done.done_on, group.founded_on, today)
    domain.check_review_year(done.year, done.done_on)
    if done not in await store.keep_review(tx, group, done, recorded_by):
        message = Text("Năm này đã ghi nhận ngày khác.", "Another day is recorded for this year.")
        raise domain.conflict("/done_on", "group.reviewed", message)
    return group

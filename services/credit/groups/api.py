"""The edge of the savings-and-credit groups: founding, members, grade, yearly review."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from libs.common.web import Edge, Page, PageQuery, page_of
from libs.common.web.days import Day
from libs.common.web.paging import PageRequest, after_id
from services.credit.groups import recording, store
from services.credit.groups.domain import Group, Member, groups_book, size_on
from services.credit.groups.schemas import (
    GradeIn,
    GroupDetailOut,
    GroupIn,
    GroupOut,
    MemberIn,
    MemberOut,
    ReviewIn,
    ReviewOut,
)
from services.credit.narrowing import AreaCode, Bank, Reader, communes_of

router = APIRouter(prefix="/groups", tags=["Tổ tiết kiệm và vay vốn / Groups"])


@router.post("", summary="Ghi nhận Tổ mới / Record a group")
async def post_group(body: GroupIn, edge: Bank) -> GroupDetailOut:
    """The id is the sender's: the same again changes nothing."""
    today, by = edge.clock.today(), edge.caller.subject
    return await _detail(edge, await recording.found_group(edge.tx, body.group(), today, by))


@router.get("", summary="Danh sách Tổ / Groups")
async def list_groups(
    page: PageQuery, edge: Reader, area: AreaCode | None = None
) -> Page[GroupOut]:
    """Groups as they are today, in id order."""
    return await _page(edge, page, area, edge.clock.today(), None)


@router.get("/reviews-due", summary="Tổ chưa kiểm tra trong năm / Groups to be reviewed")
async def list_reviews_due(
    page: PageQuery, edge: Reader, on: Day | None = None, area: AreaCode | None = None
) -> Page[GroupOut]:
    """Groups without a review in the year of the day (form 16/TD); today where none is named."""
    day = on or edge.clock.today()
    return await _page(edge, page, area, day, day.year)


@router.get("/{group_id}", summary="Tổ và tổ viên / One group with its members")
async def get_group(group_id: UUID, edge: Reader) -> GroupDetailOut:
    """One group as it is today, and who was ever in it."""
    return await _detail(edge, await recording.get_group(edge.tx, group_id, edge.clock.today()))


@router.put("/{group_id}/members/{household_id}", summary="Hộ vào Tổ / A household joins")
async def put_member(
    group_id: UUID, household_id: UUID, body: MemberIn, edge: Bank
) -> GroupDetailOut:
    """In one group at a time."""
    member = Member(household_id, body.person_id, body.joined_on, None)
    today, by = edge.clock.today(), edge.caller.subject
    return await _detail(edge, await recording.join(edge.tx, group_id, member, today, by))


@router.delete("/{group_id}/members/{household_id}", summary="Hộ rời Tổ / A household leaves")
async def delete_member(
    group_id: UUID, household_id: UUID, edge: Bank, left_on: Day
) -> GroupDetailOut:
    """From `left_on` on it is no member; it stays in the history."""
    today = edge.clock.today()
    group = await recording.leave(edge.tx, group_id, household_id, left_on, today)
    return await _detail(edge, group)


@router.put("/{group_id}/grade", summary="Xếp loại Tổ / Grade a group")
async def put_grade(group_id: UUID, body: GradeIn, edge: Bank) -> GroupDetailOut:
    """Good, fair, average or weak from a day on."""
    today, by = edge.clock.today(), edge.caller.subject
    group = await recording.grade(edge.tx, group_id, body.grade, body.graded_on, today, by)
    return await _detail(edge, group)


@router.put("/{group_id}/reviews/{year}", summary="Kiểm tra Tổ trong năm (16/TD) / Review a group")
async def put_review(
    group_id: UUID,
    year: Annotated[int, Path(ge=1900, le=2199)],
    body: ReviewIn,
    edge: Bank,
) -> GroupDetailOut:
    """Once per year."""
    done = store.Review(year, body.done_on)
    today, by = edge.clock.today(), edge.caller.subject
    return await _detail(edge, await recording.review(edge.tx, group_id, done, today, by))


async def _page(
    edge: Edge, page: PageRequest, area: str | None, day: Day, year: int | None
) -> Page[GroupOut]:
    rows = await store.list_after(
        edge.tx,
        communes=await communes_of(edge, area),
        day=day,
        without_review_of=year,
        after=after_id(page),
        limit=page.limit + 1,
    )
    size = size_on(day, groups_book())
    return page_of(rows, page, partial(GroupOut.of, size=size), lambda group: group.group_id)


async def _detail(edge: Edge, group: Group) -> GroupDetailOut:
    members = await store.list_members(edge.tx, group.group_id)
    reviews = await store.list_reviews(edge.tx, group.group_id)
    edge.note("subject", [group.group_id])
    edge.note("household", {member.household_id for member in members})
    size = size_on(edge.clock.today(), groups_book())
    return GroupDetailOut(
        **GroupOut.of(group, size).model_dump(),
        roll=[MemberOut.of(member) for member in members],
        reviews=[ReviewOut.of(review) for review in reviews],
    )

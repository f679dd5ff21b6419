"""Acts between reviews and records of who members are, as entries of a history. Pure.

Of who somebody is only that it was recorded is told, never a value.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from libs.common.problems import Text
from libs.common.vocabulary import HouseholdActKind
from services.registry.lineage.domain import ActRow
from services.registry.timeline.domain import Entry, Kind, MemberVersion

_ACTS = {
    HouseholdActKind.ARRIVE: Text("Hộ từ nơi khác chuyển đến", "Moved in from elsewhere"),
    HouseholdActKind.SPLIT: Text("Tách hộ", "Split"),
    HouseholdActKind.MERGE: Text("Nhập hộ", "Merged"),
    HouseholdActKind.CLOSE: Text("Kết thúc theo dõi hộ", "Closed"),
    HouseholdActKind.REOPEN: Text("Theo dõi lại hộ", "Reopened"),
    HouseholdActKind.MOVE_MEMBERS: Text("Chuyển thành viên giữa hai hộ", "Members moved"),
    HouseholdActKind.DEATH: Text("Khai tử", "Death recorded"),
    HouseholdActKind.BIRTH: Text("Khai sinh", "Birth recorded"),
    HouseholdActKind.CHANGE_HEAD: Text("Thay đổi chủ hộ", "Another head"),
    HouseholdActKind.MERGE_PERSONS: Text("Bỏ bản ghi trùng", "A person recorded twice settled"),
    HouseholdActKind.REVERSE: Text("Hủy biến động ghi nhầm", "An act reversed"),
}
_RECORDED = {
    "name": Text("Ghi họ tên", "Name recorded"),
    "address": Text("Ghi địa chỉ", "Address recorded"),
}


@dataclass(frozen=True, slots=True)
class Recording:
    """That a name, an address or a number of a type (`kind`) was recorded from a day on."""

    at: datetime
    person_id: UUID
    kind: str
    from_day: date


def acts(rows: Iterable[ActRow]) -> Iterator[Entry]:
    """What was done to the household, and with which other one."""
    for row in rows:
        yield Entry(
            at=row.recorded_at,
            kind=Kind.ACT,
            key=f"{Kind.ACT}:{row.act_id}",
            title=_ACTS[row.kind],
            from_day=row.effective_on,
            details={
                "act_id": row.act_id,
                "kind": row.kind,
                "relation": row.relation,
                "household_id": row.other_id,
                "reason": row.reason,
                "closed_on": row.closed_on,
                "reverses": row.reverses,
            },
        )


def recordings(recorded: Iterable[Recording], versions: Sequence[MemberVersion]) -> Iterator[Entry]:
    """What of its members was recorded while they were known as members here.

    Args:
        versions: of the household's members, also of those who left.
    """
    for one in recorded:
        if not any(_is_member(version, one) for version in versions):
            continue
        number = Text(f"Ghi số định danh {one.kind}", f"Number {one.kind} recorded")
        yield Entry(
            at=one.at,
            kind=Kind.IDENTITY,
            key=f"{Kind.IDENTITY}:{one.person_id}:{one.kind}",
            title=_RECORDED.get(one.kind, number),
            from_day=one.from_day,
            person_id=one.person_id,
            details={"what": one.kind},
        )


def _is_member(version: MemberVersion, one: Recording) -> bool:
    is_known = version.at <= one.at and (version.ended_at is None or one.at < version.ended_at)
    return version.person_id == one.person_id and version.left_on is None and is_known

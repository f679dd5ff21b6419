"""What the insurer reads: the roll and its increases and decreases."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from libs.common.partners.documents import Fields, Told
from services.eligibility.insurance.store import RollChange, RollEntry


class RollEntryOut(Told):
    """A person on the roll on a day, in one group over `[from_day, until)`, with a share paid by
    the budget. Whoever pays alone is not on it: a right to buy is an entitlement, not a card.

    `order_is_confirmed` is false where the order that chose this group among several still has to
    be confirmed against its source; `is_confirmed` says the same of the group's own source.
    """

    told_by = Fields(
        ids=("person_id", "household_id"), paths={"commune": "area.commune"}, under="periods"
    )

    person_id: UUID
    household_id: UUID
    commune: str
    group: str
    support_percent: int
    benefit_percent: int
    from_day: date
    until: date | None
    document: str
    is_confirmed: bool
    order_is_confirmed: bool

    @classmethod
    def of(cls, entry: RollEntry) -> "RollEntryOut":
        return cls.model_construct(**vars(entry))


class ChangeKind(StrEnum):
    JOINED = "joined"  # tăng
    LEFT = "left"  # giảm
    MOVED = "moved"  # chuyển nhóm


def kind_of(before: str | None, now: str | None) -> ChangeKind:
    """What two groups that differ come to."""
    if before is None:
        return ChangeKind.JOINED
    return ChangeKind.LEFT if now is None else ChangeKind.MOVED


class RollChangeOut(Told):
    """A person who joined, left, or moved to another group.

    `changed_on` is the first day of what is so now; null where a correction struck out the earlier
    period.
    """

    told_by = Fields(
        ids=("person_id", "household_id"),
        paths={
            "commune": "area.commune",
            **dict.fromkeys(("change", "group_before", "group_now"), "periods.group"),
            "changed_on": "periods.from_day",
        },
    )

    change: ChangeKind
    person_id: UUID
    household_id: UUID
    commune: str
    group_before: str | None
    group_now: str | None
    changed_on: date | None

    @classmethod
    def of(cls, change: RollChange) -> "RollChangeOut":
        kind = kind_of(change.group_before, change.group_now)
        return cls.model_construct(change=kind, **vars(change))

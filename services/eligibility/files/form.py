"""Increases and decreases of the roll as lines like those of form D03-TS. Pure.

A partner's lines are cut to its registration by the function that cuts the events: a group that it
may not see is none, so that who leaves its groups is a decrease to it, wherever he goes. Names and
identity numbers are not here: the columns stand empty until the office that hands the file over
fills them (`ansinh files fill`). The columns are not confirmed against the printed form.
"""

from collections.abc import Sequence
from typing import Any

from libs.common.contracts.insurance import ROLL_CHANGED
from libs.common.files.layout import Column, Kind, Layout
from libs.common.files.writing import Value
from libs.common.partners.domain import Scope, cut
from services.eligibility.insurance.schemas import ChangeKind, kind_of
from services.eligibility.insurance.store import RollChange

FORM = Layout(
    "D03-TS",
    (
        Column("number", "STT", Kind.WHOLE),
        Column("change", "Loại"),
        Column("person_id", "Mã người tham gia", Kind.ID),
        Column("household_id", "Mã hộ", Kind.ID),
        Column("full_name", "Họ và tên"),
        Column("personal_number", "Số định danh cá nhân"),
        Column("insurance_number", "Mã số BHXH"),
        Column("commune", "Mã xã"),
        Column("group_before", "Nhóm đối tượng trước"),
        Column("group_now", "Nhóm đối tượng nay"),
        Column("changed_on", "Từ ngày", Kind.DAY),
    ),
)
_KINDS = {
    ChangeKind.JOINED: "tăng",
    ChangeKind.LEFT: "giảm",
    ChangeKind.MOVED: "chuyển nhóm",
}


def line_of(change: RollChange, scope: Scope | None) -> list[Value] | None:
    """A line without its number; None where the asker may see nothing of it.

    Args:
        scope: of a partner; None: whoever may see the person sees all of the line.
    """
    before = _visible(change, change.group_before, scope)
    now = _visible(change, change.group_now, scope)
    shown = now or before
    if shown is None:
        return None
    kind = kind_of(
        None if before is None else change.group_before, None if now is None else change.group_now
    )
    person, area = _person(shown), shown.get("area") or {}
    values: dict[str, Value] = {
        "change": _KINDS[kind],
        "person_id": person.get("person_id"),
        "household_id": shown.get("household_id"),
        "commune": area.get("commune"),
        "group_before": _person(before).get("group"),
        "group_now": _person(now).get("group"),
        "changed_on": person.get("from_day"),
    }
    return [values.get(column.name) for column in FORM.columns]


def _visible(change: RollChange, group: str | None, scope: Scope | None) -> dict[str, Any] | None:
    """The line on one of its two sides, as the event of the roll would say it."""
    if group is None:
        return None
    period = {"person_id": change.person_id, "group": group, "from_day": change.changed_on}
    data = {
        "household_id": change.household_id,
        "area": {"commune": change.commune},
        "periods": [period],
    }
    if scope is None:
        return data
    shown = cut(scope, ROLL_CHANGED, {"data": data})
    return None if shown is None else dict(shown)


def _person(shown: dict[str, Any] | None) -> dict[str, Any]:
    periods: Sequence[dict[str, Any]] = (shown or {}).get("periods") or ()
    return dict(periods[0]) if periods else {}

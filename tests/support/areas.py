"""Builders of area units for tests, and the few real units around xã Nghiên Loan."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from libs.common.contracts.area import CHANGED, AreaData, AreaDesignation, AreaSuccession
from libs.common.contracts.envelope import Received
from libs.common.ids import derived_id, new_id
from libs.common.vocabulary import AreaKind, AreaLevel, Designation

BEGINNING = date(2004, 7, 8)
REFORM = date(2025, 7, 1)

_KINDS = {
    AreaLevel.PROVINCE: AreaKind.PROVINCE,
    AreaLevel.DISTRICT: AreaKind.DISTRICT,
    AreaLevel.COMMUNE: AreaKind.RURAL_COMMUNE,
}


def area_id(level: AreaLevel, code: str, valid_from: date = BEGINNING) -> UUID:
    return derived_id("area", level, code, valid_from)


def a_unit(level: AreaLevel, code: str, parent: UUID | None = None, **facts: Any) -> AreaData:
    """One unit; by default an old one that ended with the reform of 1/7/2025."""
    valid_from = facts.pop("valid_from", BEGINNING)
    values: dict[str, Any] = {
        "name": f"Đơn vị {code}",
        "kind": _KINDS[level],
        "valid_until": None if valid_from >= REFORM else REFORM,
        "successors": (),
        "counts": (),
        "designations": (),
    }
    return AreaData(
        area_id=area_id(level, code, valid_from),
        level=level,
        code=code,
        parent_id=parent,
        valid_from=valid_from,
        **(values | facts),
    )


def to(code: str, *, is_divided: bool = False, level: AreaLevel = AreaLevel.COMMUNE) -> Any:
    """Succession to the unit that bears `code` since the reform."""
    return AreaSuccession(
        successor_id=area_id(level, code, REFORM), successor_code=code, is_divided=is_divided
    )


def pac_nam() -> list[AreaData]:
    """Old Bắc Kạn (06) with Pác Nặm (060), and what they became in Thái Nguyên (19).

    Three communes became the new Nghiên Loan, which keeps 01882; the invented 09999 was divided
    between it and the new Bằng Thành (01864), which also took 01864 whole.
    """
    province, district, commune = AreaLevel.PROVINCE, AreaLevel.DISTRICT, AreaLevel.COMMUNE
    bac_kan, pac_nam = area_id(province, "06"), area_id(district, "060")
    thai_nguyen = area_id(province, "19", REFORM)
    poor = AreaDesignation(
        designation=Designation.POOR_DISTRICT,
        from_day=date(2022, 1, 1),
        until=date(2026, 1, 1),
        source="test",
        is_confirmed=False,
    )
    return [
        a_unit(province, "06", successors=(to("19", level=province),)),
        a_unit(province, "19", successors=(to("19", level=province),)),
        a_unit(province, "19", valid_from=REFORM),
        a_unit(district, "060", bac_kan, designations=(poor,)),
        a_unit(commune, "01882", pac_nam, successors=(to("01882"),)),
        a_unit(commune, "01873", pac_nam, successors=(to("01882"),)),
        a_unit(commune, "01876", pac_nam, successors=(to("01882"),)),
        a_unit(commune, "01864", pac_nam, successors=(to("01864"),)),
        a_unit(
            commune,
            "09999",
            pac_nam,
            successors=(to("01864", is_divided=True), to("01882", is_divided=True)),
        ),
        a_unit(commune, "01882", thai_nguyen, valid_from=REFORM),
        a_unit(commune, "01864", thai_nguyen, valid_from=REFORM),
    ]


def received(unit: AreaData, version: int = 1) -> Received[AreaData]:
    """The unit's event as a consumer gets it."""
    now = datetime(2025, 7, 1, tzinfo=UTC)
    return Received(
        event_id=new_id(),
        type=CHANGED,
        stream="area",
        subject=unit.area_id,
        version=version,
        time=now,
        recorded_at=now,
        correlation_id=new_id(),
        causation_id=None,
        traceparent=None,
        data=unit,
    )

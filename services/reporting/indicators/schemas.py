"""What the indicator and flow resources answer."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, Field

from services.reporting.indicators.domain import Flow, FlowTable, Movement, rate_percent
from services.reporting.indicators.store import Stock


class ChildLevel(StrEnum):
    """Which units under the area get a line of their own."""

    DISTRICT = "district"
    COMMUNE = "commune"


class AreaOut(BaseModel):
    """The unit that the code was read as, over `[valid_from, valid_until)`."""

    code: str
    name: str
    level: str
    kind: str
    valid_from: date
    valid_until: date | None


class DenominatorOut(BaseModel):
    """All households and persons of the unit at the end of `year`.

    `is_own` is false where the counts of the units it was made of were summed.
    """

    year: int
    households: int
    persons: int | None
    source: str
    is_confirmed: bool
    is_own: bool


class ClassOut(BaseModel):
    """Households and their members in one class; rates in percent of all, null when unknown."""

    households: int
    persons: int
    household_rate_percent: Decimal | None = Field(examples=["26.93"])
    person_rate_percent: Decimal | None


class StandingOut(BaseModel):
    """The classes of one unit on one day."""

    area: AreaOut
    denominator: DenominatorOut | None = Field(
        description="Null: no yearly count is known, so there are no rates."
    )
    poor: ClassOut
    near_poor: ClassOut
    average_living: ClassOut
    newly_escaped: ClassOut
    poor_households_not_attributed: int = Field(
        description="Poor households recorded under communes that were divided between this unit "
        "and others; counted in none of them."
    )
    near_poor_households_not_attributed: int


class IndicatorsOut(StandingOut):
    """An area on a day under one standard, as known at the end of `known_at` (null: now)."""

    on: date
    known_at: date | None
    standard: str
    units: list[StandingOut]


class FlowOut(BaseModel):
    """One row of a flow table: `end` = 1-2-3-4+5+6+7+8."""

    start: int = Field(description="1")
    to_other_class: int = Field(description="2: near-poor (table 2) or poor (table 3)")
    rose_above_near_poor: int = Field(description="3")
    other_decrease: int = Field(description="4")
    from_other_class: int = Field(description="5")
    again: int = Field(description="6: tái nghèo, tái cận nghèo")
    new: int = Field(description="7: phát sinh mới")
    other_increase: int = Field(description="8")
    end: int = Field(description="9")


class FlowTableOut(BaseModel):
    households: FlowOut
    persons: FlowOut


class FlowsOut(BaseModel):
    """Tables 1 to 3 of the review report: the result on the last day, and how it came about.

    The day `from` gives the start, the day `until` the end; the next period starts with `until`.
    """

    result: IndicatorsOut
    from_day: date
    until: date
    poor: FlowTableOut
    near_poor: FlowTableOut


def class_out(households: int, persons: int, whole: DenominatorOut | None) -> ClassOut:
    return ClassOut(
        households=households,
        persons=persons,
        household_rate_percent=rate_percent(households, whole.households if whole else None),
        person_rate_percent=rate_percent(persons, whole.persons if whole else None),
    )


def standing_out(
    area: AreaOut, whole: DenominatorOut | None, stock: Stock, divided: Stock
) -> StandingOut:
    """A unit's line, with rates where its yearly count is known."""
    return StandingOut(
        area=area,
        denominator=whole,
        poor=class_out(stock.poor_households, stock.poor_persons, whole),
        near_poor=class_out(stock.near_poor_households, stock.near_poor_persons, whole),
        average_living=class_out(
            stock.average_living_households, stock.average_living_persons, whole
        ),
        newly_escaped=class_out(stock.newly_escaped_households, stock.newly_escaped_persons, whole),
        poor_households_not_attributed=divided.poor_households,
        near_poor_households_not_attributed=divided.near_poor_households,
    )


def flow_table_out(table: FlowTable) -> FlowTableOut:
    return FlowTableOut(households=_flow_out(table.households), persons=_flow_out(table.persons))


def _flow_out(flow: Flow) -> FlowOut:
    return FlowOut(
        start=flow.start,
        to_other_class=flow.columns[Movement.TO_OTHER],
        rose_above_near_poor=flow.columns[Movement.ROSE],
        other_decrease=flow.columns[Movement.OTHER_DECREASE],
        from_other_class=flow.columns[Movement.FROM_OTHER],
        again=flow.columns[Movement.AGAIN],
        new=flow.columns[Movement.NEW],
        other_increase=flow.columns[Movement.OTHER_INCREASE],
        end=flow.end,
    )

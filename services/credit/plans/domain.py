"""What a capital plan is about. Pure."""

from dataclasses import dataclass

from libs.common.problems import FieldError, Problem, Text
from libs.common.vocabulary import CapitalSource


@dataclass(frozen=True, slots=True, order=True)
class PlanKey:
    """Plans are per commune, source, programme and year."""

    commune: str
    source: CapitalSource
    programme: str
    year: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How much may be lent and how much was paid out; VND. `left` is below zero where a plan was
    cut under what had been paid.
    """

    key: PlanKey
    version: int
    amount: int
    document: str
    disbursed: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.disbursed


def over_plan(left: int) -> Problem:
    """A payment is larger than what the plan has left."""
    title = Text("Vượt kế hoạch vốn của năm.", "The year's capital plan is exceeded.")
    message = Text(
        f"Kế hoạch vốn của xã, nguồn vốn và chương trình này còn {left} đồng.",
        f"The plan of this commune, source and programme has {left} VND left.",
    )
    fix = Text(
        "Điều chỉnh kế hoạch vốn trước khi ghi nhận, hoặc kiểm tra lại số tiền.",
        "Have the plan changed first, or check the amount.",
    )
    error = FieldError("/amount", "plan.exceeded", message, fix)
    return Problem(422, "plan.exceeded", title, [error])

"""The bank's view of a referral, and what a new view does to the case that it has on it. Pure.

A case is one need as the commune sent it once. A household whose class changes before it is paid
loses its case: what the commune confirms anew is a new one, with a contract of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

OUT_OF_SIGHT = "out_of_sight"
_WITH_THE_BANK = ("sent", "received", "approved", "refused", "disbursed")


@dataclass(frozen=True, slots=True)
class SeenNeed:
    """A referral's newest need; `changed_on` is the day on which its stage began."""

    need_id: UUID
    stage: str
    changed_on: date
    amount: int
    months: int
    source: str


@dataclass(frozen=True, slots=True)
class View:
    """A referral as An Sinh last showed it; `version` is An Sinh's."""

    referral_id: UUID
    version: int
    programme: str
    state: str
    limit_amount: int | None
    limit_months: int | None
    need: SeenNeed | None

    @classmethod
    def of_event(cls, event: Mapping[str, Any]) -> Self:
        """From the change feed; without data, where it is no longer shown to this bank."""
        version = int(event["sequence"])
        if event.get("data") is None:
            return cls(UUID(event["subject"]), version, "", OUT_OF_SIGHT, None, None, None)
        return cls.of(event["data"], version)

    @classmethod
    def of(cls, data: Mapping[str, Any], version: int) -> Self:
        need = data["need"]
        return cls(
            referral_id=UUID(data["referral_id"]),
            version=version,
            programme=data["programme"],
            state=data["state"],
            limit_amount=data["terms"]["max_amount"],
            limit_months=data["terms"]["max_months"],
            need=need
            and SeenNeed(
                UUID(need["need_id"]),
                need["stage"],
                date.fromisoformat(need["changed_on"]),
                need["amount"],
                need["months"],
                need["source"],
            ),
        )

    @property
    def is_sent(self) -> bool:
        """The commune sent a need that the bank has yet to take."""
        return self.state == "open" and self.need is not None and self.need.stage == "sent"


@dataclass(frozen=True, slots=True)
class Case:
    """A case that is not over: neither refused, paid nor void.

    Attributes:
        told_version: of the referral, when An Sinh took the receipt; 0 before that.
        is_paid: the money has left, and An Sinh, restored to an earlier day, is to be told again.
    """

    case_id: str
    need_id: UUID
    told_version: int
    is_paid: bool = False


class Step(StrEnum):
    """What a new view asks for."""

    KEEP = "keep"
    OPEN = "open"
    VOID = "void"
    REOPEN = "reopen"  # void and open


def follow(view: View, case: Case | None) -> Step:
    """What becomes of the referral's open case.

    Args:
        view: newer than any before it.
        case: the one that is not over, if there is one.
    """
    if case is None:
        return Step.OPEN if view.is_sent else Step.KEEP
    need = view.need
    if case.is_paid:
        return Step.KEEP
    if need is None or need.need_id != case.need_id:
        return Step.REOPEN if view.is_sent else Step.VOID
    if need.stage not in _WITH_THE_BANK:
        return Step.VOID
    if view.is_sent and 0 < case.told_version < view.version:
        return Step.REOPEN
    return Step.KEEP

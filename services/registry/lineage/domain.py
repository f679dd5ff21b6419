"""What follows from the acts on a household: whether it is closed, which others it is linked with,
and whether its class should be looked at. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from libs.common.problems import Text
from libs.common.vocabulary import CloseReason, HouseholdActKind, LinkRelation, StatusClass


@dataclass(frozen=True, slots=True)
class ActRow:
    """What one act between reviews did to the household.

    Attributes:
        act_id: the same on every household that the act touched.
        version: of the household after it.
        closed_on: of the household after it; None: it stands.
        relation, other_id: the other household of the act, if it had two.
        to_review: nobody decided on the class of those who now live together.
        reverses: the act that by this one never was.
    """

    act_id: UUID
    kind: HouseholdActKind
    version: int
    effective_on: date
    closed_on: date | None
    reason: CloseReason | None
    relation: LinkRelation | None
    other_id: UUID | None
    to_review: bool
    reverses: UUID | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """Another household that an act touched together with this one."""

    household_id: UUID
    relation: LinkRelation
    act_id: UUID
    from_day: date


class Closed(NamedTuple):
    """The household was closed over `[from_day, until)` and came back."""

    from_day: date
    until: date


@dataclass(frozen=True, slots=True)
class Lineage:
    """Everything that a household's acts mean. `marked_at`, `marked_from`: the newest mark."""

    closed_on: date | None = None
    merged_into: UUID | None = None
    links: tuple[Link, ...] = ()
    marked_at: datetime | None = None
    marked_from: date | None = None
    closures: tuple[Closed, ...] = ()

    def to_review_since(self, decided_at: datetime | None) -> date | None:
        """The day from which its class should be looked at; None: nothing is open.

        Args:
            decided_at: when the newest decision on the household was recorded.
        """
        if self.marked_at is None or self.closed_on is not None:
            return None
        is_settled = decided_at is not None and decided_at > self.marked_at
        return None if is_settled else self.marked_from


UNTOUCHED = Lineage()


def standing_acts(rows: Iterable[ActRow]) -> list[ActRow]:
    """The acts that hold, in their order: neither reversed nor reversals."""
    ordered = sorted(rows, key=lambda row: row.recorded_at)
    reversed_ids = {row.reverses for row in ordered}
    return [row for row in ordered if row.reverses is None and row.act_id not in reversed_ids]


def derive_lineage(rows: Sequence[ActRow]) -> Lineage:
    """What the acts on one household mean, in whatever order they are read."""
    if not rows:
        return UNTOUCHED
    latest = max(rows, key=lambda row: row.recorded_at)
    standing = standing_acts(rows)
    links = tuple(
        Link(row.other_id, row.relation, row.act_id, row.effective_on)
        for row in standing
        if row.relation is not None and row.other_id is not None
    )
    into = [link for link in links if link.relation is LinkRelation.MERGED_INTO]
    marks = [row for row in standing if row.to_review]
    return Lineage(
        closed_on=latest.closed_on,
        merged_into=into[-1].household_id if latest.closed_on and into else None,
        links=links,
        marked_at=marks[-1].recorded_at if marks else None,
        marked_from=marks[-1].effective_on if marks else None,
        closures=_closures(standing),
    )


def _closures(standing: Sequence[ActRow]) -> tuple[Closed, ...]:
    """The days between a closing and a reopening that both stand; closed in the morning and back
    the same day is no day.
    """
    closures: list[Closed] = []
    closed_on: date | None = None
    for row in standing:
        back = row.kind is HouseholdActKind.REOPEN
        if back and closed_on is not None and closed_on < row.effective_on:
            closures.append(Closed(closed_on, row.effective_on))
        closed_on = row.closed_on
    return tuple(closures)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a household's class by an act, and what the officer is told of it."""

    to_review: bool
    notes: tuple[Text, ...] = ()


Classes = dict[str, StatusClass]  # by standard, on the day of the act


def class_when_split_off() -> Verdict:
    """A household split off has no class until somebody decides.

    A class is recognised for the household that was reviewed, with its members, income and assets;
    those who leave were not reviewed as they live now. The household that keeps the id keeps its
    class: the decision names it, and stands until another one does.
    """
    note = Text(
        "Hộ mới tách chưa được phân loại, cần rà soát thường xuyên.",
        "The household split off has no class yet: it is to be reviewed.",
    )
    return Verdict(to_review=True, notes=(note,))


def class_when_arrived() -> Verdict:
    """A household from elsewhere has no class here until somebody decides, whatever it had there:
    a decision names the household that was reviewed, and recognises it in its own commune.
    """
    note = Text(
        "Hộ chuyển đến chưa được phân loại ở đây, cần rà soát thường xuyên.",
        "The household that moved in has no class here yet: it is to be reviewed.",
    )
    return Verdict(to_review=True, notes=(note,))


def class_when_merged(own: Classes, joined: Classes) -> Verdict:
    """The receiving household keeps its class, by the decision that names it.

    Where the one that joined had another class, the question is open whose describes those who now
    live together: that is said, and the household marked.
    """
    differs = any(own.get(standard) != status for standard, status in joined.items())
    if not differs:
        return Verdict(to_review=False)
    note = Text(
        "Hộ được nhập có phân loại khác, hộ nhận giữ phân loại của mình và cần rà soát.",
        "The household that joined had another class; the receiving one keeps its own and is to "
        "be reviewed.",
    )
    return Verdict(to_review=True, notes=(note,))


def class_when_reopened() -> Verdict:
    """A household that came back keeps the class that was decided; it was away, so it is marked."""
    note = Text(
        "Hộ theo dõi lại giữ phân loại cũ và cần rà soát.",
        "The household that came back keeps its class and is to be reviewed.",
    )
    return Verdict(to_review=True, notes=(note,))

"""What happened to a household, as entries in the order in which it became known.

Pure: entries are made of the recorded versions of facts. Nothing is overwritten in the registry, so
the history needs no table of its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from libs.common.problems import Text
from services.registry.changes.domain import kind_in_words


class Kind(StrEnum):
    """What an entry is about."""

    RESIDENCE = "residence"
    MEMBER = "member"
    DECISION = "decision"
    REQUEST = "request"
    ACT = "act"
    IDENTITY = "identity"
    EVENT = "event"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that is known otherwise than before; None: not known, or not in the household."""

    fact: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    Attributes:
        at: when it was recorded.
        key: tells entries of one instant apart.
        from_day: from which day it holds; with `until`, exclusive, for how long.
        person_id: whom it is about, where it is one member.
        by: who did it, as the audit trail names callers.
        purpose: why somebody read.
    """

    at: datetime
    kind: Kind
    key: str
    title: Text
    from_day: date
    until: date | None = None
    person_id: UUID | None = None
    changes: tuple[Change, ...] = ()
    by: str | None = None
    purpose: str | None = None
    correlation_id: UUID | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def position(self) -> tuple[datetime, str]:
        """Where it stands: newest first is the reverse of this order."""
        return self.at, self.key

    def holds_on(self, day: date) -> bool:
        """Whether its effect covers the day; what has no end goes on."""
        return self.from_day <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class ResidenceVersion:
    """Where the household lived over `[from_day, until)`, as recorded at `at`."""

    at: datetime
    commune: str
    is_farm_household: bool
    village: str | None
    from_day: date
    until: date | None


@dataclass(frozen=True, slots=True)
class MemberVersion:
    """A member as recorded at `at`; `ended_at`: until when that was held true."""

    at: datetime
    ended_at: datetime | None
    person_id: UUID
    joined_on: date
    left_on: date | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionVersion:
    """A decision's row about the household. `status` None withdraws."""

    at: datetime
    decision_id: UUID
    number: str
    kind: str
    authority: str
    standard: str
    status: str | None
    signed_on: date
    effective_on: date
    correlation_id: UUID


@dataclass(frozen=True, slots=True)
class DataRequestStep:
    """A step of a member's request about its own data."""

    at: datetime
    request_id: UUID
    person_id: UUID
    place: int
    kind: str
    step: str
    on_day: date
    by: str


@dataclass(frozen=True, slots=True)
class RequestStep:
    """What somebody did on a change request about the household; `number` is as people say it."""

    at: datetime
    change_id: UUID
    number: str
    kind: str
    state: str
    by: str
    effective_on: date
    correlation_id: UUID


_STEPS = {
    "asked": Text("đã đề nghị", "asked"),
    "endorsed": Text("người thứ nhất đồng ý", "endorsed"),
    "applied": Text("đã thực hiện", "carried out"),
    "refused": Text("đã từ chối", "refused"),
    "withdrawn": Text("đã rút", "withdrawn"),
}
_CLASSES = {
    "poor": Text("hộ nghèo", "poor"),
    "near_poor": Text("hộ cận nghèo", "near-poor"),
    "average_living": Text("hộ có mức sống trung bình", "average living standard"),
    "none": Text("không thuộc diện nghèo, cận nghèo", "neither poor nor near-poor"),
}


_RIGHTS = {
    "receive": Text("đã nhận", "received"),
    "acknowledge": Text("đã phản hồi", "acknowledged"),
    "extend": Text("gia hạn", "extended"),
    "grant": Text("chấp thuận", "granted"),
    "refuse": Text("từ chối", "refused"),
    "withdraw": Text("đã rút", "withdrawn"),
    "lift": Text("chấm dứt hạn chế", "limit lifted"),
}


def residences(
    versions: Iterable[ResidenceVersion], communes: Mapping[tuple[str, date], str]
) -> Iterator[Entry]:
    """Every residence as it was recorded, with what it says otherwise than the one before.

    Args:
        communes: what is said of a commune by code and day; of others the code alone.
    """
    before: ResidenceVersion | None = None
    for version in sorted(versions, key=lambda one: (one.at, one.from_day)):
        changes = _changes(_residence_facts(before), _residence_facts(version))
        yield Entry(
            at=version.at,
            kind=Kind.RESIDENCE,
            key=f"{Kind.RESIDENCE}:{version.from_day}",
            title=_lived_in(version, communes.get((version.commune, version.from_day))),
            from_day=version.from_day,
            until=version.until,
            changes=changes,
        )
        before = version


def members(versions: Iterable[MemberVersion]) -> Iterator[Entry]:
    """Every member's joining, leaving and corrections; also who is said never to have been one."""
    by_person = sorted(versions, key=lambda one: (one.person_id, one.at))
    for person_id, theirs in groupby(by_person, key=attrgetter("person_id")):
        before: MemberVersion | None = None
        for version in theirs:
            yield _member(before, version)
            before = version
        if before is not None and before.ended_at is not None:
            yield Entry(
                at=before.ended_at,
                kind=Kind.MEMBER,
                key=f"{Kind.MEMBER}:{person_id}",
                title=Text("Bỏ khỏi hộ (ghi nhầm)", "Taken out: was never a member"),
                from_day=before.joined_on,
                person_id=person_id,
                changes=_changes(before.facts, {}),
            )


def decisions(versions: Iterable[DecisionVersion]) -> Iterator[Entry]:
    """What each decision said of the household."""
    for version in versions:
        yield Entry(
            at=version.at,
            kind=Kind.DECISION,
            key=f"{Kind.DECISION}:{version.decision_id}",
            title=_decided(version),
            from_day=version.effective_on,
            correlation_id=version.correlation_id,
            details={
                "decision_id": version.decision_id,
                "number": version.number,
                "kind": version.kind,
                "authority": version.authority,
                "standard": version.standard,
                "status": version.status,
                "signed_on": version.signed_on,
            },
        )


def requests(steps: Iterable[RequestStep]) -> Iterator[Entry]:
    """What was asked for about the household, and what became of it."""
    for step in steps:
        kind, state = kind_in_words(step.kind), _STEPS[step.state]
        yield Entry(
            at=step.at,
            kind=Kind.REQUEST,
            key=f"{Kind.REQUEST}:{step.change_id}:{step.state}",
            title=Text(
                f"Đề nghị {step.number} ({kind.vi}): {state.vi}",
                f"Request {step.number} ({kind.en}): {state.en}",
            ),
            from_day=step.effective_on,
            by=step.by,
            correlation_id=step.correlation_id,
            details={
                "change_id": step.change_id,
                "number": step.number,
                "kind": step.kind,
                "state": step.state,
            },
        )


def data_requests(steps: Iterable[DataRequestStep]) -> Iterator[Entry]:
    """What members asked about their own data, and what became of it; not why, and not of what."""
    for step in steps:
        said = _RIGHTS[step.step]
        yield Entry(
            at=step.at,
            kind=Kind.REQUEST,
            key=f"{Kind.REQUEST}:{step.request_id}:{step.place}",
            title=Text(
                f"Yêu cầu về dữ liệu cá nhân: {said.vi}", f"Request about personal data: {said.en}"
            ),
            from_day=step.on_day,
            person_id=step.person_id,
            by=step.by,
            details={"request_id": step.request_id, "kind": step.kind, "step": step.step},
        )


def page(
    entries: Iterable[Entry],
    before: tuple[datetime, str] | None,
    limit: int,
    *,
    kinds: frozenset[Kind] = frozenset(),
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[Entry]:
    """Up to `limit` entries, newest knowledge first.

    Args:
        entries: of all kinds, any order.
        before: the position after which the page begins.
        limit: how many at most.
        kinds: only these; empty is all.
        as_of: only what holds on this day.
        known_at: only what was recorded by then.
    """
    wanted = (
        entry
        for entry in entries
        if (not kinds or entry.kind in kinds)
        and (before is None or entry.position < before)
        and (as_of is None or entry.holds_on(as_of))
        and (known_at is None or entry.at <= known_at)
    )
    return sorted(wanted, key=attrgetter("position"), reverse=True)[:limit]


def _member(before: MemberVersion | None, version: MemberVersion) -> Entry:
    changes: tuple[Change, ...] = ()
    from_day, until = version.joined_on, version.left_on
    if before is None or before.ended_at != version.at:
        title = Text("Vào hộ", "Joined the household")
    else:
        changes = _changes(_member_facts(before), _member_facts(version))
        title = Text("Sửa thông tin thành viên", "A member's facts corrected")
        if before.left_on is None and version.left_on is not None:
            title = Text("Rời hộ", "Left the household")
            from_day, until = version.left_on, None
    return Entry(
        at=version.at,
        kind=Kind.MEMBER,
        key=f"{Kind.MEMBER}:{version.person_id}",
        title=title,
        from_day=from_day,
        until=until,
        person_id=version.person_id,
        changes=changes,
    )


def _decided(version: DecisionVersion) -> Text:
    number = version.number
    if version.status is None:
        return Text(f"Quyết định {number}: thu hồi", f"Decision {number}: withdraws")
    said = _CLASSES.get(version.status, Text(version.status, version.status))
    return Text(f"Quyết định {number}: {said.vi}", f"Decision {number}: {said.en}")


def _lived_in(version: ResidenceVersion, commune: str | None) -> Text:
    if commune is None:
        return Text(f"Nơi cư trú: xã {version.commune}", f"Residence: commune {version.commune}")
    return Text(f"Nơi cư trú: {commune[0].lower()}{commune[1:]}", f"Residence: {commune}")


def _residence_facts(version: ResidenceVersion | None) -> Mapping[str, Any]:
    if version is None:
        return {}
    facts = {"commune": version.commune, "is_farm_household": version.is_farm_household}
    return facts if version.village is None else {**facts, "village": version.village}


def _member_facts(version: MemberVersion) -> Mapping[str, Any]:
    return {**version.facts, "joined_on": version.joined_on, "left_on": version.left_on}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    names: Sequence[str] = list(dict.fromkeys((*before, *after)))
    return tuple(
        Change(name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    )

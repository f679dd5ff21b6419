"""Who may decide what on a change request, and how far it has come. Pure.

    asked -> applied | refused                  where one person decides
    asked -> endorsed -> applied | refused      where class or identity is touched: two persons
    asked, endorsed -> withdrawn                by whoever asked
    endorsed -> asked                           where another commune has to agree by now

Nobody decides on what they asked for themselves, and where two are needed they are two. Between two
communes the first of the two stands for the commune that takes over. Time alone ends no request: it
waits, and is seen to wait, until somebody decides or withdraws it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

from libs.common.policy import Book, load_book
from libs.common.problems import Problem, Text
from services.registry.changes import wording
from services.registry.changes.facts import Fact, FactChange


class Kind(StrEnum):
    """What is asked for."""

    BIRTH = "birth"  # sinh
    DEATH = "death"  # chết
    MARRIAGE = "marriage"  # kết hôn, về hộ khác
    TRANSFER = "transfer"  # thành viên sang hộ khác
    MOVING_IN = "moving_in"  # người từ nơi khác đến
    MOVING_OUT = "moving_out"  # người đi nơi khác
    ARRIVAL = "arrival"  # cả hộ từ nơi khác đến
    MOVE = "move"  # cả hộ chuyển sang xã khác
    REHOUSING = "rehousing"  # cả hộ chuyển chỗ ở trong xã
    SPLIT = "split"  # tách hộ
    MERGE = "merge"  # nhập hộ
    CLOSING = "closing"  # kết thúc theo dõi hộ
    REOPENING = "reopening"  # theo dõi lại hộ
    CHANGE_OF_HEAD = "change_of_head"  # đổi chủ hộ
    CORRECTION = "correction"  # cải chính thông tin
    IDENTITY = "identity"  # cải chính nhân thân
    REVERSAL = "reversal"  # hủy kết quả


class State(StrEnum):
    ASKED = "asked"  # đã đề nghị
    ENDORSED = "endorsed"  # người thứ nhất đã đồng ý
    APPLIED = "applied"  # đã thực hiện
    REFUSED = "refused"  # đã từ chối
    WITHDRAWN = "withdrawn"  # đã rút


# The row of the law for what two communes have to agree on.
OTHER_COMMUNE = "other_commune"
OPEN = frozenset((State.ASKED, State.ENDORSED))


@dataclass(frozen=True, slots=True)
class Persons:
    """How many persons decide, and by which row of the law.

    Attributes:
        row: its id; `reason` says it in words.
        is_confirmed: whether the legal basis has been read.
    """

    count: int
    row: str
    reason: Text
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever acts on a request.

    Attributes:
        subject: of the token, stable per issuer.
        acts_for: those of the request's communes that are within the person's areas.
    """

    subject: str
    is_chairman: bool
    acts_for: frozenset[str]


@dataclass(frozen=True, slots=True)
class Request:
    """What of a request decides who may act on it.

    Attributes:
        commune: whose household it is; `to_commune` takes it over, where it is another.
        persons: how many decide.
    """

    commune: str
    to_commune: str | None
    persons: int
    state: State
    asked_by: str
    endorsed_by: str | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


@cache
def changes_book() -> Book:
    """The rule table on deciding, read once."""
    return load_book(Path(__file__).parent / "law")


def kind_in_words(kind: str) -> Text:
    """What is asked for, as people call it."""
    return changes_book().vocabulary.facts["change"].values[kind]


def persons_for(
    kind: Kind, changes: Sequence[FactChange], day: date, *, between_communes: bool
) -> Persons:
    """How many persons decide, by the law of a day; before the first known rule, the first.

    Whoever is taken out as if he had never been a member loses birth and sex with it: that is known
    of a person and corrected, whoever is put in the place.
    """
    book = changes_book()
    table = book.find("change.persons", day) or book.versions("change.persons")[0]
    row = table.deciding_row(
        {
            "change": str(kind),
            "touched": frozenset(str(change.fact) for change in changes),
            "between_communes": between_communes,
            "corrects_known": any(
                change.fact in (Fact.BIRTH, Fact.SEX) and change.before is not None
                for change in changes
            ),
        }
    )
    if row is None:
        raise ValueError("the last row of change.persons holds always")
    count = int(str(row.benefit["persons"]))
    return Persons(count, row.id, row.title, row.source.is_confirmed)


def persons_row(row_id: str, count: int) -> Persons:
    """The same of a request that was asked before, by the newest row of that id."""
    rows = [row for table in changes_book().versions("change.persons") for row in table.rows]
    row = [row for row in rows if row.id == row_id][-1]
    return Persons(count, row.id, row.title, row.source.is_confirmed)


def endorse(request: Request, person: Person) -> Request:
    """The first of two persons agrees; for a move, the commune that takes over confirms.

    Raises:
        Problem: 403 where this person may not, 409 where nothing is to be endorsed.
    """
    _must_be_open(request)
    if request.persons < 2 or request.state is not State.ASKED:
        raise wording.not_to_be_endorsed()
    _must_be_another(request, person)
    _must_act_for(request.to_commune or request.commune, person)
    return replace(request, state=State.ENDORSED, endorsed_by=person.subject)


def approve(request: Request, person: Person) -> Request:
    """The last person agrees, so that it is carried out.

    Raises:
        Problem: 403 where this person may not, 409 where it is too early or too late.
    """
    _must_be_open(request)
    _must_be_another(request, person)
    _must_act_for(request.commune, person)
    if request.persons > 1:
        if request.state is not State.ENDORSED:
            raise wording.not_endorsed()
        if not person.is_chairman:
            raise wording.chairman_decides()
        if person.subject == request.endorsed_by:
            raise wording.same_person()
    return replace(request, state=State.APPLIED)


def refuse(request: Request, person: Person) -> Request:
    """Whoever could say yes says no; what was endorsed is for a chairman.

    Raises:
        Problem: 403 where this person may not, 409 where it is decided already.
    """
    _must_be_open(request)
    _must_be_another(request, person)
    if request.state is State.ENDORSED:
        _must_act_for(request.commune, person)
        if not person.is_chairman:
            raise wording.chairman_decides()
    return replace(request, state=State.REFUSED)


def withdraw(request: Request, person: Person) -> Request:
    """Whoever asked takes it back.

    Raises:
        Problem: 403 for anybody else, 409 where it is decided already.
    """
    _must_be_open(request)
    if person.subject != request.asked_by:
        raise wording.asker_withdraws()
    return replace(request, state=State.WITHDRAWN)


def spoken(commune: str, year: int, number: int) -> str:
    """The number that people read and say: 01882-2026-000123."""
    return f"{commune}-{year}-{number:06d}"


def _must_be_open(request: Request) -> None:
    if not request.is_open:
        raise Problem(409, *wording.closed(str(request.state)))


def _must_be_another(request: Request, person: Person) -> None:
    if person.subject == request.asked_by:
        raise wording.own_request()


def _must_act_for(commune: str, person: Person) -> None:
    if commune not in person.acts_for:
        raise wording.other_commune()

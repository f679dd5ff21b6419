"""For which purposes values of persons may be looked at: a dated list with its legal grounds.

The list is `law/purposes.yaml`; it is part of the program and read once. A purpose may carry a case
after a dot (`complaint.kn-12`): who may state it is asked of the code before the dot.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from libs.common.policy.reading import Entry, read_documents
from libs.common.problems import FieldError, Problem, Text

_REQUIRED, _OPTIONAL = ("code", "title", "source", "effective", "duty", "roles"), ("until",)


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose over `[effective, until)`.

    Attributes:
        document: the legal ground; `is_confirmed` once it was checked with a lawyer.
        is_duty: a duty of the state, which goes on where a person objects in general.
        roles: who may state it to see values.
    """

    code: str
    title: Text
    document: str
    is_confirmed: bool
    effective: date
    until: date | None
    is_duty: bool
    roles: frozenset[str]

    def holds_on(self, day: date) -> bool:
        return self.effective <= day and (self.until is None or day < self.until)


@cache
def purposes() -> tuple[Purpose, ...]:
    """Every purpose there ever was, in the list's order.

    Raises:
        LawError: the list cannot be trusted.
    """
    return read_purposes(Path(__file__).parent / "law" / "purposes.yaml")


def read_purposes(file: Path) -> tuple[Purpose, ...]:
    """The purposes of a file."""
    [document] = read_documents(file)
    found = [(entry, _purpose(entry)) for entry in document.items()]
    for place, (entry, one) in enumerate(found):
        for _, other in found[:place]:
            if one.code == other.code and _overlap(one, other):
                raise entry.wrong("a purpose overlaps itself in time")
    return tuple(one for _, one in found)


def in_force(day: date) -> list[Purpose]:
    """The purposes of a day."""
    return [one for one in purposes() if one.holds_on(day)]


def require(stated: str, roles: Collection[str], day: date) -> Purpose:
    """The purpose that a caller states.

    Raises:
        Problem: 403, it is not registered or not for this caller; names the codes that are.
    """
    allowed = {one.code: one for one in in_force(day) if one.roles & set(roles)}
    found = allowed.get(stated.partition(".")[0])
    if found is None:
        raise _refused(list(allowed))
    return found


def require_stated(stated: str | None, roles: Collection[str], day: date) -> Purpose:
    """The same where nothing is shown without a purpose, not even masked.

    Raises:
        Problem: 403, also where none is stated.
    """
    if stated is not None:
        return require(stated, roles, day)
    title = Text("Cần nêu mục đích.", "A purpose is needed.")
    fix = Text("Gửi `X-Purpose`, xem /v1/purposes.", "Send `X-Purpose`, see /v1/purposes.")
    rule = "purpose.needed"
    raise Problem(403, rule, title, [FieldError("/header/x-purpose", rule, title, fix)])


def _purpose(entry: Entry) -> Purpose:
    parts = entry.mapping(required=_REQUIRED, optional=_OPTIONAL)
    source = parts["source"].mapping(required=("document", "confirmed"))
    until = parts.get("until")
    return Purpose(
        code=parts["code"].text(),
        title=parts["title"].bilingual(),
        document=source["document"].text(),
        is_confirmed=source["confirmed"].boolean(),
        effective=parts["effective"].day(),
        until=None if until is None else until.day(),
        is_duty=parts["duty"].boolean(),
        roles=frozenset(one.text() for one in parts["roles"].items()),
    )


def _overlap(one: Purpose, other: Purpose) -> bool:
    return one.holds_on(other.effective) or other.holds_on(one.effective)


def _refused(allowed: list[str]) -> Problem:
    rule = "purpose.not_registered"
    title = Text(
        "Mục đích không có trong danh mục, hoặc không dành cho vai trò này.",
        "The purpose is not registered, or not for this role.",
    )
    codes = ", ".join(allowed) or "–"
    fix = Text(f"Chọn một trong: {codes}.", f"Choose one of: {codes}.")
    return Problem(403, rule, title, [FieldError("/header/x-purpose", rule, title, fix)])

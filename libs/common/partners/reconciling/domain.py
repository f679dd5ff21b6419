"""What a list is, what of it is compared, and what a difference means. Pure.

A line is compared as text in one canonical form: the values in the list's order, joined by commas
(no value can hold one). So both sides are equal exactly where two texts are, and intake, staging
and comparison know nothing of what a list is about. A service says what its lists are (`Listing`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cached_property

from libs.common.partners.registrations import Terms
from libs.common.problems import FieldError, Problem, Text

UUID_TEXT = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
WHOLE = r"(?:0|[1-9][0-9]{0,14})"
DAY = r"(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
COMMUNE = r"[0-9]{5}"
WORD = r"[A-Za-z0-9_]{1,30}"


class Acts(StrEnum):
    """Who should act on a difference."""

    PARTNER = "partner"
    COMMUNE = "commune"
    US = "us"


class DifferenceKind(StrEnum):
    """What a difference is."""

    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    DIFFERS = "differs"
    DUPLICATE = "duplicate"
    UNREADABLE = "unreadable"
    OUTSIDE_SCOPE = "outside_scope"


class ReconciliationState(StrEnum):
    """Where a reconciliation is: it takes pages, waits for the job, is compared, has ended."""

    OPEN = "open"
    CLOSED = "closed"
    COMPARING = "comparing"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a line.

    Attributes:
        pattern: what its canonical text looks like; of an empty one see `is_optional`.
        path: the field of the events that a registration has to name for it; None: the partner's
            own word.
        acts: who should act where both sides say it differently.
        sql: our side's canonical text, from the list's rows; never NULL.
    """

    name: str
    pattern: str
    path: str | None
    acts: Acts
    sql: str
    is_optional: bool = False

    @property
    def matched(self) -> str:
        return f"(?:{self.pattern})?" if self.is_optional else f"(?:{self.pattern})"


@dataclass(frozen=True)
class Listing:
    """A kind of list that a partner can lay beside ours.

    Attributes:
        name: in addresses. title: for people.
        event_type: which registrations may: those that are told of these events.
        prefix: of a programme's name in a registration.
        key: what tells one line from another.
        commune, programme: the columns by which a line's scope is judged.
        rows: our side's rows, `FROM … WHERE …`, with $2 the day, $3 the instant as of which it is
            known, $4 communes (NULL: every one), $5 the pattern of programmes (NULL: every one).
        household: whose a row is, in SQL.
        here, there: who acts where a line is missing here, or at the partner.
        is_monthly: whether partners owe it every month.
    """

    name: str
    title: Text
    event_type: str
    prefix: str
    key: Column
    columns: tuple[Column, ...]
    commune: str
    programme: str
    rows: str
    household: str
    here: Acts
    there: Acts
    is_monthly: bool = True

    def layout(self, names: Sequence[str]) -> "Layout":
        """The line of these columns, in the list's order."""
        return Layout(self, tuple(one for one in self.columns if one.name in set(names)))

    def allowed(self, terms: Terms) -> list[str]:
        """The columns that a registration covers."""
        return [
            one.name for one in self.columns if one.path is None or _names(terms.fields, one.path)
        ]


@dataclass(frozen=True)
class Layout:
    """What the lines of one reconciliation hold."""

    listing: Listing
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [self.listing.key.name, *(one.name for one in self.columns)]

    @cached_property
    def all_columns(self) -> tuple[Column, ...]:
        return (self.listing.key, *self.columns)

    @cached_property
    def pattern(self) -> str:
        """Of a whole canonical line; the first group is the key, the second all else."""
        fields = ",".join(one.matched for one in self.columns)
        return f"({self.listing.key.matched}),({fields})"

    def place(self, name: str) -> int | None:
        """Where a column stands among the values after the key, from 1; None: it is not sent."""
        return next((at for at, one in enumerate(self.columns, 1) if one.name == name), None)

    @cached_property
    def ours(self) -> str:
        """The statement's list of values: key, household, the values as one text."""
        values = " || ',' || ".join(one.sql for one in self.columns) or "''"
        return f"{self.listing.key.sql}, {self.listing.household}, {values}"


def programme_pattern(listing: Listing, patterns: Iterable[str]) -> str | None:
    """A regular expression for the programmes of a registration, as the list's rows name them;
    None where it takes every one.
    """
    given = list(patterns)
    if any(fnmatchcase(f"{listing.prefix}any", one) and one.endswith("*") for one in given):
        return None
    inner = [one.removeprefix(listing.prefix) for one in given if one.startswith(listing.prefix)]
    texts = [one.replace(".", r"\.").replace("*", ".*") for one in inner]
    return f"^({'|'.join(texts)})$" if texts else "^$"


def reaches(listing: Listing, terms: Terms, programmes: str | None) -> bool:
    """Whether a registration still reaches a reconciliation of these programmes, as
    `programme_pattern` wrote them when it was opened, in whatever patterns both say them.
    """
    if not _reads(listing, terms):
        return False
    today = programme_pattern(listing, terms.programmes)
    if today is None or programmes is None:
        return today is None
    return all(
        any(_within(one, other) for other in _programmes(today)) for one in _programmes(programmes)
    )


def columns_of(listing: Listing, terms: Terms, wanted: Sequence[str] | None) -> list[str]:
    """The columns of a reconciliation, in the list's order: those asked for, else all allowed.

    Raises:
        Problem: 422, the registration does not reach the list, or a column of it.
    """
    if not _reads(listing, terms):
        raise _refused(
            "/list",
            "reconciliation.not_registered",
            Text("Đăng ký không gồm danh sách này.", "The registration does not reach this list."),
            Text("Đề nghị người vận hành sửa đăng ký.", "Ask the operator to change it."),
        )
    allowed = listing.allowed(terms)
    if wanted is None:
        wanted = allowed
    for at, name in enumerate(wanted):
        if name not in allowed:
            raise _refused(
                f"/columns/{at}",
                "reconciliation.column",
                Text("Không đối chiếu được cột này.", "This column cannot be compared."),
                Text(f"Chọn trong: {', '.join(allowed)}.", f"Choose among: {', '.join(allowed)}."),
            )
    return [one.name for one in listing.columns if one.name in set(wanted)]


_REASONS: Mapping[DifferenceKind, Text] = {
    DifferenceKind.MISSING_HERE: Text(
        "Có ở danh sách của đối tác, không có ở An Sinh trong phạm vi đăng ký.",
        "On the partner's list, not on ours within the registration.",
    ),
    DifferenceKind.MISSING_THERE: Text(
        "Có ở An Sinh, không có ở danh sách của đối tác.",
        "On our list, not on the partner's.",
    ),
    DifferenceKind.DIFFERS: Text(
        "Hai bên ghi khác nhau: {field}.", "The two say it differently: {field}."
    ),
    DifferenceKind.DUPLICATE: Text(
        "Một mã đứng ở nhiều dòng; các dòng ấy chưa được so sánh.",
        "One key on several lines; they are not compared.",
    ),
    DifferenceKind.UNREADABLE: Text(
        "Không đọc được dòng: {field}.", "The line cannot be read: {field}."
    ),
    DifferenceKind.OUTSIDE_SCOPE: Text(
        "Dòng nằm ngoài phạm vi đăng ký; không so sánh.",
        "The line lies outside the registration; it is not compared.",
    ),
}
_DOES: Mapping[Acts, Text] = {
    Acts.PARTNER: Text("Đối tác kiểm tra sổ và sửa.", "The partner checks its books and mends it."),
    Acts.COMMUNE: Text(
        "Xã kiểm tra hồ sơ hộ và ra quyết định nếu sai.",
        "The commune checks the household's record, and decides anew where it is wrong.",
    ),
    Acts.US: Text(
        "Người vận hành An Sinh kiểm tra và sửa.", "An Sinh's operator checks and mends it."
    ),
}


def reason(kind: DifferenceKind, field: str | None) -> Text:
    """Why it is a difference, in both languages."""
    text = _REASONS[kind]
    return Text(text.vi.format(field=field or "–"), text.en.format(field=field or "–"))


def advice(acts: Acts) -> Text:
    """What whoever acts does."""
    return _DOES[acts]


def _programmes(pattern: str) -> set[str]:
    """What a `programme_pattern` takes, piece by piece."""
    return set(pattern[2:-2].split("|")) - {""}


def _within(piece: str, other: str) -> bool:
    """Whether every programme of one piece is of the other: then the piece itself is, its `*` taken
    for a letter, since only a `.*` matches that.
    """
    return re.fullmatch(other, piece.replace(r"\.", ".").replace(".*", "*")) is not None


def _reads(listing: Listing, terms: Terms) -> bool:
    """Whether a registration is told of the list's events."""
    return any(fnmatchcase(listing.event_type, one) for one in terms.event_types)


def _names(fields: Iterable[str], path: str) -> bool:
    """Whether a registration's fields let this one out; a name stands for all below."""
    return any(path == one or path.startswith(f"{one}.") for one in fields)


def _refused(pointer: str, rule: str, message: Text, fix: Text) -> Problem:
    title = Text("Không mở được lần đối chiếu.", "The reconciliation cannot be opened.")
    return Problem(422, "reconciliation.refused", title, [FieldError(pointer, rule, message, fix)])

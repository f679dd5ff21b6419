"""How much is lent, for how long and at what rate, on a day.

Every rate is a factor of one base, the rate for poor households. A rate is asked for by day and
not by loan: a new rate also applies to what is outstanding.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from libs.common.policy import Book, Table, load_book
from libs.common.problems import FieldError, Problem, Text


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a bank programme on a day.

    Attributes:
        max_amount: VND. max_months: the longest term.
        yearly_rate_percent: the base times the programme's factor, exact.
        overdue_rate_percent: for what is overdue, a factor of the loan's own rate.
        document: of the terms and of the base rate. is_confirmed: of both.
    """

    programme: str
    on: date
    max_amount: int
    max_months: int
    yearly_rate_percent: Decimal
    overdue_rate_percent: Decimal
    document: str
    is_confirmed: bool
    table: str
    row: str


@cache
def terms_book() -> Book:
    """The tables of terms that are part of the program, read once."""
    return load_book(Path(__file__).parent / "law")


def terms_on(programme: str, day: date, book: Book) -> Terms:
    """The terms of a programme of the bank (`01`, `19`, `09`) on a day.

    Raises:
        Problem: 422 `terms.unknown`, the law has none for this programme on this day.
    """
    table = book.find(f"terms.{programme}", day, known_on=day)
    base = book.find("base_rate", day, known_on=day)
    if table is None or base is None:
        raise _unknown()
    rate = _number(base, "yearly_rate") * _number(table, "rate_factor")
    return Terms(
        programme=programme,
        on=day,
        max_amount=int(_number(table, "max_amount")),
        max_months=int(_number(table, "max_months")),
        yearly_rate_percent=_plain(rate),
        overdue_rate_percent=_plain(rate * _number(table, "overdue_factor")),
        document=f"{table.source.document}; {base.source.document}",
        is_confirmed=table.source.is_confirmed and base.source.is_confirmed,
        table=table.id,
        row=table.rows[0].id,
    )


def _unknown() -> Problem:
    title = Text(
        "Chưa có quy định về điều kiện vay của chương trình này vào ngày này.",
        "There are no known terms of this programme on this day.",
    )
    fix = Text(
        "Dùng mã 01, 19 hoặc 09 và ngày mà quy định đã có hiệu lực.",
        "Use 01, 19 or 09, and a day on which its rules are in force.",
    )
    error = FieldError("/query/programme", "terms.unknown", title, fix)
    return Problem(422, "terms.unknown", title, [error])


def _number(table: Table, name: str) -> Decimal:
    return Decimal(str(table.rows[0].benefit[name]))


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros, and never in powers of ten."""
    return Decimal(format(value.normalize(), "f"))

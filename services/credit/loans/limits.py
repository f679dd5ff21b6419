"""What the law says about running loans: extensions, freezes, the check of their use."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from libs.common.policy import Book, Table, load_book
from libs.common.policy.conditions import Facts
from libs.common.policy.facts import ParameterValue
from libs.common.problems import FieldError, Problem, Text


@dataclass(frozen=True, slots=True)
class Limit:
    """What is allowed, in months, and by which document."""

    least: int
    most: int
    document: str
    is_confirmed: bool


@cache
def loans_book() -> Book:
    """The rule tables on running loans, read once."""
    return load_book(Path(__file__).parent / "law")


def extension_limit(programme: str, term_months: int, day: date, book: Book) -> Limit:
    """How many months all extensions of a loan may give together, by the rule of a day."""
    facts: Facts = {"programme": programme, "term_months": term_months}
    table, benefit = _decide("loan.extension", "/until", day, facts, book)
    if "extension_share" in benefit:
        most = int(term_months * Decimal(str(benefit["extension_share"])))
    else:
        most = _whole(benefit["max_extension_months"])
    return Limit(0, most, table.source.document, table.source.is_confirmed)


def freeze_limit(day: date, book: Book) -> Limit:
    """How many months a debt may be frozen that is frozen from a day."""
    table, benefit = _decide("loan.freeze", "/from", day, {}, book)
    return Limit(
        _whole(benefit["min_freeze_months"]),
        _whole(benefit["max_freeze_months"]),
        table.source.document,
        table.source.is_confirmed,
    )


def check_days(paid_on: date, book: Book) -> int:
    """Within how many days of payment the use of a loan is checked (form 06/TD)."""
    _, benefit = _decide("loan.use_check", "/paid_on", paid_on, {}, book)
    return _whole(benefit["check_days"])


def _decide(
    name: str, pointer: str, day: date, facts: Facts, book: Book
) -> tuple[Table, dict[str, ParameterValue]]:
    table = book.find(name, day)
    row = None if table is None else table.deciding_row(facts)
    if table is None or row is None:
        title = Text("Chưa có quy định cho ngày này.", "There is no known rule for this day.")
        fix = Text("Kiểm tra lại ngày.", "Check the day.")
        error = FieldError(pointer, "loan.no_rule", title, fix)
        raise Problem(422, "loan.no_rule", title, [error])
    return table, row.benefit


def _whole(value: ParameterValue) -> int:
    return int(str(value))

"""The law as data: dated rule tables in YAML, loaded with checks, evaluated with reasons.

This package knows what a rule is, and nothing about poverty: facts, tables and parameters are
declared by the services in their `law/` directories. `docs/law.md` says how to add a table.
"""

from libs.common.policy.book import Book
from libs.common.policy.days import add_months, age_on, birthday, working_days_after
from libs.common.policy.evaluation import (
    ConditionReason,
    RowReason,
    TableReason,
    evaluate,
    evaluate_set,
)
from libs.common.policy.loading import load_book
from libs.common.policy.model import Row, Source, Table
from libs.common.policy.reading import LawError

__all__ = [
    "Book",
    "ConditionReason",
    "LawError",
    "Row",
    "RowReason",
    "Source",
    "Table",
    "TableReason",
    "add_months",
    "age_on",
    "birthday",
    "evaluate",
    "evaluate_set",
    "load_book",
    "working_days_after",
]

"""Which poverty standard a decision may use, and which class a household has under it.

The standards are the tables in `law/`; they are part of the program and read once.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from libs.common.policy import Book, TableReason, evaluate, load_book
from libs.common.problems import FieldError, Text
from libs.common.vocabulary import AreaKind, StatusClass


@dataclass(frozen=True)
class Standard:
    """One standard and the days `[applies_from, applies_until)` on which a decision under it may
    take effect. `classes` are those it defines; `none` always counts. `provinces` is empty for the
    national ones.
    """

    code: str
    title: Text
    documents: tuple[str, ...]
    applies_from: date
    applies_until: date | None
    classes: frozenset[StatusClass]
    provinces: frozenset[str]
    is_confirmed: bool


@cache
def standards_book() -> Book:
    """The tables of all standards."""
    return load_book(Path(__file__).parent / "law")


@cache
def standards() -> dict[str, Standard]:
    """Every known standard by its code."""
    book = standards_book()
    return {code: _standard(book, code) for code in sorted({table.id for table in book.tables})}


def _standard(book: Book, code: str) -> Standard:
    versions = book.versions(code)
    untils = [table.until for table in versions]
    classes = {
        StatusClass(str(row.benefit["status_class"])) for table in versions for row in table.rows
    }
    return Standard(
        code=code,
        title=versions[0].title,
        documents=tuple(dict.fromkeys(table.source.document for table in versions)),
        applies_from=min(table.effective for table in versions),
        applies_until=None if None in untils else max(day for day in untils if day is not None),
        classes=frozenset(classes | {StatusClass.NONE}),
        provinces=versions[0].provinces,
        is_confirmed=all(table.source.is_confirmed for table in versions),
    )


def standard_on(day: date, province: str | None = None) -> Standard | None:
    """The national standard that applies on `day`, or with `province` that province's own."""
    for table in standards_book().in_force(day):
        is_local = province is not None and province in table.provinces
        if is_local or (province is None and not table.provinces):
            return standards()[table.id]
    return None


def check_standard(
    standard: str, status: StatusClass, effective_on: date, pointer: str = ""
) -> FieldError | None:
    """What is wrong with a decision giving `status` under `standard` from `effective_on`.

    Args:
        pointer: JSON pointer to the row, set before the field's own name.

    Returns:
        None if the law knows it; else the rule that is broken: `standard.unknown`,
        `standard.not_applied` (too early or too late) or `standard.class_unknown`.
    """
    known = standards().get(standard)
    if known is None:
        return FieldError(
            f"{pointer}/standard",
            "standard.unknown",
            Text("Không có chuẩn nghèo với mã này.", "There is no poverty standard of this code."),
            Text(
                f"Dùng một trong các mã: {', '.join(standards())}.",
                f"Use one of: {', '.join(standards())}.",
            ),
        )
    if not _is_applied(known, effective_on):
        return FieldError(
            f"{pointer}/effective_on",
            "standard.not_applied",
            Text(
                f"Chuẩn {known.code} chỉ áp dụng {_days(known).vi}.",
                f"The standard {known.code} applies only {_days(known).en}.",
            ),
            Text(
                "Sửa ngày có hiệu lực hoặc chọn chuẩn đang áp dụng vào ngày đó.",
                "Mend the effective day, or choose the standard that applies on it.",
            ),
        )
    if status not in known.classes:
        return FieldError(
            f"{pointer}/status",
            "standard.class_unknown",
            Text(
                f"Chuẩn {known.code} không có phân loại này.",
                f"The standard {known.code} has no such class.",
            ),
            Text(
                f"Dùng một trong các phân loại: {', '.join(sorted(known.classes))}.",
                f"Use one of: {', '.join(sorted(known.classes))}.",
            ),
        )
    return None


def _is_applied(standard: Standard, day: date) -> bool:
    until = standard.applies_until
    return standard.applies_from <= day and (until is None or day < until)


def _days(standard: Standard) -> Text:
    start, until = standard.applies_from, standard.applies_until
    if until is None:
        return Text(f"từ {start:%d/%m/%Y}", f"from {start.isoformat()}")
    return Text(
        f"từ {start:%d/%m/%Y} đến trước {until:%d/%m/%Y}",
        f"from {start.isoformat()} until before {until.isoformat()}",
    )


def classify(
    standard: str, day: date, kind: AreaKind, monthly_income: int, deprivations: int
) -> tuple[StatusClass, TableReason]:
    """The class of a surveyed household under a standard, with the reasons.

    Args:
        monthly_income: per person, VND.
        deprivations: number of deprived indicators of the standard's own list.

    Raises:
        LookupError: the standard does not apply on `day`.
    """
    for table in standards_book().in_force(day):
        if table.id == standard:
            reason = evaluate(
                table,
                {
                    "area_kind": kind.value,
                    "monthly_income": monthly_income,
                    "deprivations": deprivations,
                },
            )
            return StatusClass(str(reason.benefit.get("status_class", "none"))), reason
    raise LookupError(standard)

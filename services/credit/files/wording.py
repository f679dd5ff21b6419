"""What came of a line, said beside it in the report: result, reason, remedy, in Vietnamese."""

from collections.abc import Mapping, Sequence
from typing import Any

from libs.common.vocabulary import Result
from services.credit.files.form import TITLES

RESULTS = {
    None: "chưa xử lý",
    Result.RECORDED: "đã ghi nhận",
    Result.UNCHANGED: "không đổi",
    Result.REFUSED: "từ chối",
}


def explained(result: str | None, reasons: Sequence[Mapping[str, Any]] | None) -> dict[str, str]:
    """The report's own cells; several reasons stand one after the other."""
    why, fixes = [], []
    for reason in reasons or ():
        column, said = reason["column"], reason["message"]["vi"]
        why.append(f"{TITLES[column]}: {said}" if column in TITLES else said)
        fixes.append(reason["fix"]["vi"])
    return {
        "result": RESULTS[None if result is None else Result(result)],
        "why": " ".join(why),
        "fix": " ".join(dict.fromkeys(fixes)),
    }

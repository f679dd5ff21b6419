"""The report: the form again, with what came of each line beside it. Mend it and send it again."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asyncpg import Record

from libs.common.database import Transaction
from libs.common.files.reading import Line
from libs.common.files.writing import Value
from libs.common.security.encryption import KeyMissing, Unreadable, Vault
from services.registry.imports import page_store
from services.registry.imports.domain import Settled
from services.registry.imports.form import NUMBERS, READ, TITLES, cells_of
from services.registry.imports.reasons import PAGE_FAILED, error_of, reason_of
from services.registry.imports.staging import unpacked
from services.registry.vault.acts import key_missing

_PAGES = 5
# Of a page that was given up: nothing came of its lines.
_GIVEN_UP = (Settled.REFUSED, [reason_of(error_of("", PAGE_FAILED))], None, None)
_PERSONAL = frozenset(("name", "address", *NUMBERS))
RESULTS = {
    Settled.REGISTERED: "đăng ký mới / registered",
    Settled.CORRECTED: "cập nhật / corrected",
    Settled.UNCHANGED: "không đổi / unchanged",
    Settled.REFUSED: "từ chối / refused",
}


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A line of the file and what came of it; `household_id` and `person_id` where it is about
    somebody of the register.
    """

    line: Line
    told: Mapping[str, Value]
    household_id: UUID | None
    person_id: UUID | None

    def cells(self, *, is_clear: bool) -> Sequence[Value]:
        """The line in the form's columns. What may not be shown stands empty, as in exports: sent
        again, an empty cell states nothing, where a masked one would state a mask.
        """
        values: dict[str, Value] = {"number": self.line.number}
        values |= {
            name: cell
            for name, cell in zip(READ, self.line.cells, strict=True)
            if is_clear or name not in _PERSONAL
        }
        return cells_of(values | dict(self.told))


async def report_pages(
    tx: Transaction, vault: Vault, import_id: UUID, *, refused_only: bool
) -> AsyncIterator[list[ReportLine]]:
    """The lines whose cells are still kept: all of them until the import is taken, the refused ones
    after that.
    """
    after = 0
    while found := await page_store.report_pages(
        tx, import_id, after, refused_only=refused_only, most=_PAGES
    ):
        for row in found:
            after = row["page"]
            if row["sealed"] is None:
                continue
            told = {line: came for line, *came in row["outcome"]}
            lines = []
            for line in _opened(vault, row, f"{import_id}/page/{after}"):
                result, reasons, *ids = told.get(line.number, _GIVEN_UP)
                if refused_only and result != Settled.REFUSED:
                    continue
                household_id, person_id = (None if one is None else UUID(one) for one in ids)
                explanation = explained(Settled(result), reasons)
                lines.append(ReportLine(line, explanation, household_id, person_id))
            yield lines


def _opened(vault: Vault, row: Record, about: str) -> list[Line]:
    try:
        return unpacked(vault.keys.open_bytes(row["sealed"], about))
    except Unreadable as error:
        if not row["outcome"]:
            return []  # it was given up for that: its lines are counted and cannot be told
        if isinstance(error, KeyMissing):
            raise key_missing() from None
        raise


def explained(result: Settled, reasons: Sequence[Mapping[str, Any]]) -> dict[str, Value]:
    """The report's own cells, in both languages; several reasons stand one after the other."""
    why = [
        f"{TITLES[reason['column']]}: {_both(reason['message'])}"
        if reason["column"] in TITLES
        else _both(reason["message"])
        for reason in reasons
    ]
    fixes = dict.fromkeys(_both(reason["fix"]) for reason in reasons)
    return {
        "result": RESULTS[result],
        "why": " ".join(why),
        "fix": " ".join(fixes),
        "rule": " ".join(dict.fromkeys(reason["rule"] for reason in reasons)),
    }


def _both(said: Mapping[str, str]) -> str:
    return f"{said['vi']} / {said['en']}"

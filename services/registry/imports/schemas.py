"""What officers send to open, close and confirm an import, and how far it is."""

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.web.days import Day
from services.registry.imports.domain import ENDED, ImportState
from services.registry.imports.page_store import Progress
from services.registry.imports.store import StoredImport

MOST_PARTS = 64


class _Input(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ImportIn(_Input):
    """A file that will be sent in parts."""

    digest: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 của cả tệp / of the file")
    effective_on: Day = Field(
        description="Ngày danh sách có giá trị / the day from which the list counts"
    )


class ImportCloseIn(_Input):
    parts: int = Field(ge=1, le=MOST_PARTS, description="Số phần đã gửi / how many parts there are")


class PhaseOut(BaseModel):
    """Lines that have come through each phase."""

    read: int
    checked: int
    taken: int


class CountsOut(BaseModel):
    """What came of the lines; before they are taken, what would come of them."""

    registered: int
    corrected: int
    unchanged: int
    refused: int


class ImportOut(BaseModel):
    """An import and how far it is. `lines` is known once all are read.

    `takes_two`: how many of its lines change what takes two persons. `problems`: why the file as a
    whole, or a part that could not be worked, was refused. `notices`: columns of the file from
    which nothing is taken.
    """

    import_id: UUID
    state: ImportState
    effective_on: date
    parts: int
    lines: int | None
    progress: PhaseOut
    counts: CountsOut
    takes_two: int
    problems: list[dict[str, Any]]
    notices: list[dict[str, Any]]
    correlation_id: UUID
    opened_at: datetime
    confirmed_at: datetime | None
    finished_at: datetime | None

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @classmethod
    def of(cls, sent: StoredImport, progress: Progress) -> Self:
        is_read = sent.state not in (ImportState.SENDING, ImportState.READING)
        return cls(
            import_id=sent.import_id,
            state=sent.state,
            effective_on=sent.effective_on,
            parts=sent.parts,
            lines=sent.lines if is_read else None,
            progress=PhaseOut(read=progress.read, checked=progress.checked, taken=progress.taken),
            counts=CountsOut(
                registered=progress.registered,
                corrected=progress.corrected,
                unchanged=progress.unchanged,
                refused=progress.refused,
            ),
            takes_two=progress.takes_two,
            problems=sent.problem or [],
            notices=list(sent.notices),
            correlation_id=sent.correlation_id,
            opened_at=sent.opened_at,
            confirmed_at=sent.confirmed_at,
            finished_at=sent.finished_at,
        )


class PartOut(BaseModel):
    part: int
    parts: list[int] = Field(description="Các phần đã có / the parts that are there")

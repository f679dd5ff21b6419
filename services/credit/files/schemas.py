"""What is answered of an outcome file."""

from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.credit.files.store import StoredFile


class FileState(StrEnum):
    """How far a file is."""

    WAITING = "waiting"  # its lines are worked one page after the other
    DONE = "done"


class OutcomeFileOut(BaseModel):
    """An outcome file and how far it is.

    Of its `lines`, `recorded` changed something, `unchanged` were known already or say nothing yet,
    `refused` stand in the report with the reason; once it is done the three make up the lines.
    """

    file_id: UUID
    state: FileState
    lines: int
    recorded: int
    unchanged: int
    refused: int
    recorded_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, file: StoredFile) -> Self:
        values = {name: getattr(file, name) for name in cls.model_fields}
        return cls(**values | {"state": FileState(file.state)})
